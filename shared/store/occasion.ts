import type { Actor } from '../events/event.ts';
import type { Origin } from './record.ts';

/** On whose behalf a command runs, and what it promised. One per request, message or task. */
export interface Occasion {
  readonly now: Date;
  readonly actor: Actor;
  readonly correlationId: string;
  readonly causationId?: string | undefined;
  /** The import that it is part of: told by every event, and kept by every record. */
  readonly origin?: Origin | undefined;
  /** The command happens once under this key, for seven days or so many seconds; repeated, its first answer comes back. */
  readonly once?: { key: string; fingerprint: string; seconds?: number } | undefined;
  /** The version that the caller saw (If-Match). */
  readonly seen?: { id: string; version: number } | undefined;
  readonly validateOnly?: boolean | undefined;
  /** Nobody waits for the answer: overtaken, it tries as long as one that waits its turn. */
  readonly patient?: boolean | undefined;
}
