import { createHash } from 'node:crypto';
import { accountOf, newId } from '../core/ids.ts';
import type { Envelope, Fact } from '../events/event.ts';
import type { Occasion } from './occasion.ts';
import type { Stamped } from './record.ts';

/** So many bytes of a field's change go into an event; of a longer one its hash and length do. */
const mostOfAChange = 2_048;

/** The event of a fact: envelope, what changed, and the data that its type promises. */
export function tell(fact: Fact, record: Stamped, on: Occasion): Envelope {
  const named = (record as { accountId?: string }).accountId;
  const accountId = named ?? accountOf(record.id);
  return {
    id: newId('evt', on.now, accountId ?? record.id),
    type: fact.type,
    schemaVersion: fact.schemaVersion,
    occurredAt: record.updatedAt,
    ...(accountId && { accountId }),
    recordId: record.id,
    recordVersion: record.version,
    ...('status' in record && { status: String(record.status) }),
    actor: on.actor,
    correlationId: on.correlationId,
    ...(on.causationId && { causationId: on.causationId }),
    ...(on.origin && { origin: on.origin }),
    changes: changesOf(fact),
    ...fact.why,
    data: fact.data.parse(record),
  };
}

const stampedFields = new Set(['version', 'createdAt', 'updatedAt', 'createdBy', 'origin', 'id']);

/** Old and new value of every field that changed; of a long value its hash and length. */
function changesOf({ before, after }: Fact): Envelope['changes'] {
  const old = new Map<string, unknown>(Object.entries(before ?? {}));
  const now = new Map<string, unknown>(Object.entries(after));
  const fields = [...new Set([...old.keys(), ...now.keys()])].filter((field) => !stampedFields.has(field));
  return Object.fromEntries(
    fields
      .filter((field) => JSON.stringify(old.get(field)) !== JSON.stringify(now.get(field)))
      .map((field) => [field, { old: shortened(old.get(field)), new: shortened(now.get(field)) }]),
  );
}

function shortened(value: unknown): unknown {
  const text = JSON.stringify(value);
  if (text === undefined || text.length <= mostOfAChange) return value;
  return { sha256: createHash('sha256').update(text).digest('hex'), length: text.length };
}
