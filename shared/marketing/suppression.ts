import * as z from 'zod';
import { Email, plainEmail } from '../core/contact-points.ts';
import { idOfName, keyOf } from '../core/ids.ts';
import { eventsOf, type Fact } from '../events/event.ts';
import type { Crm } from '../store/command.ts';
import { mover } from '../store/moves.ts';
import { inState } from '../store/places.ts';
import { type Kind, record } from '../store/record.ts';
import type { Store } from '../store/store.ts';

export const SuppressionReason = z.enum(['bounce', 'complaint', 'manual']);
export const SuppressionStatus = z.enum(['watched', 'active', 'lifted']);

const SuppressionRecord = z
  .object({
    ...record('sup'),
    email: Email,
    status: SuppressionStatus.meta({
      description: 'watched: some mails came back for a while; active: nothing is sent there; lifted: by a person.',
    }),
    reason: SuppressionReason,
    detail: z.string().max(500).optional().meta({ description: 'What the other side said.' }),
    softBounces: z.array(z.iso.datetime()).max(20).default([]),
  })
  .meta({ id: 'Suppression' });
export type Suppression = z.infer<typeof SuppressionRecord>;

/** An address that gets no mail of ours, whoever wants to send one: its id follows from the address. */
export const Suppression: Kind<Suppression> = {
  name: 'suppression',
  prefix: 'sup',
  schema: SuppressionRecord,
  places: ({ id, status, createdAt }) => ({ gsi2: inState('suppression', status, createdAt, id) }),
};
export const suppressionId = (email: string): string => idOfName('sup', plainEmail(email));

const event = eventsOf(Suppression, SuppressionRecord.pick({ status: true, reason: true }));
const suppressionMoves = {
  suppress: { from: ['watched', 'lifted'], to: 'active', event: event('updated') },
  lift: { from: ['active', 'watched'], to: 'lifted', event: event('updated') },
} as const;
export const moveSuppression = mover<Suppression, Suppression['status'], typeof suppressionMoves>(
  'suppression',
  suppressionMoves,
);
export const SuppressionCreated = event('created');
export const SuppressionUpdated = event('updated');

/** Which of these addresses get no mail: one BatchGet a hundred. */
export async function suppressedAmong(store: Store, emails: readonly string[]): Promise<Set<string>> {
  const items = await store.getMany(
    [...new Set(emails)].map((email) => keyOf(suppressionId(email))),
    true,
  );
  return new Set(items.filter(({ status }) => status === 'active').map(({ email }) => String(email)));
}

/** So many mails that came back for a while, within so many days, and nothing more is sent there. Source: domain.md 11. */
const patience = { bounces: 5, days: 30 };

/** That a mail came back for a while, as a fact: the fifth within 30 days suppresses the address. None where it is suppressed already. */
export async function softBounced(
  crm: Pick<Crm, 'store' | 'now'>,
  { email, detail }: Pick<Suppression, 'email' | 'detail'>,
): Promise<Fact<Suppression>[]> {
  const known = await crm.store.find(Suppression, suppressionId(email));
  if (known?.status === 'active') return [];
  const since = new Date(crm.now.getTime() - patience.days * 86_400_000).toISOString();
  const softBounces = [...(known?.softBounces ?? []).filter((at) => at > since), crm.now.toISOString()];
  const why = { reason: 'bounce' as const, detail, softBounces };
  if (!known) return [SuppressionCreated(undefined, { id: suppressionId(email), email, ...why, status: 'watched' })];
  if (softBounces.length >= patience.bounces) return [moveSuppression(known, 'suppress', why)];
  return [SuppressionUpdated(known, { ...known, ...why, status: 'watched' })];
}

/** That nothing is sent to an address from now on, as a fact; none where that is known already. */
export async function suppressing(
  crm: Pick<Crm, 'store'>,
  { email, ...why }: Pick<Suppression, 'email' | 'reason' | 'detail'>,
): Promise<Fact<Suppression>[]> {
  const known = await crm.store.find(Suppression, suppressionId(email));
  if (known?.status === 'active') return [];
  if (known) return [moveSuppression(known, 'suppress', why)];
  return [
    SuppressionCreated(undefined, { id: suppressionId(email), email, ...why, status: 'active', softBounces: [] }),
  ];
}
