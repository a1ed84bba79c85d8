import { createHash } from 'node:crypto';
import * as z from 'zod';
import { accountOf, id, keyOf, partitionOf } from '../core/ids.ts';
import { eventsOf, type Fact } from '../events/event.ts';
import type { Command } from '../store/command.ts';
import { inState } from '../store/places.ts';
import { type Kind, record } from '../store/record.ts';

const MembershipRecord = z
  .object({
    ...record('mbr'),
    accountId: id('acc'),
    contactId: id('con'),
    segmentId: id('seg'),
    status: z.enum(['in', 'out']),
  })
  .meta({ id: 'Membership' });
export type Membership = z.infer<typeof MembershipRecord>;

/** That a contact is in a segment, or was, as of its last refresh. Its events are the segment's words: `segment.entered`, `segment.left`. */
export const Membership: Kind<Membership> = {
  name: 'segment',
  prefix: 'mbr',
  schema: MembershipRecord,
  places: ({ id, segmentId, status, createdAt }) =>
    status === 'in' ? { gsi2: inState('member', segmentId, createdAt, id) } : {},
};

const event = eventsOf(Membership, MembershipRecord.pick({ contactId: true, segmentId: true, status: true }));
const Entered = event('entered');
const Left = event('left');

const short = (text: string): string =>
  [...createHash('sha256').update(text).digest().subarray(0, 14)]
    .map((byte) => '0123456789abcdefghjkmnpqrstvwxyz'[byte % 32])
    .join('');
/** A contact has one membership a segment: its id follows from the two. */
export const membershipId = (segmentId: string, contactId: string): string =>
  `mbr_${partitionOf(contactId)}${short(`${segmentId}#${contactId}`)}`;

/** So many changes make one transaction: each is a record and its event. */
export const changesPerTransaction = 40;

interface Changes {
  segmentId: string;
  changes: readonly { contactId: string; status: Membership['status'] }[];
}

/** Notes who is in a segment and who is not, at most `changesPerTransaction` of them; answers how many of them had not been noted so. */
export const changeMembers: Command<Changes, { entered: number; left: number }> = async (
  crm,
  { segmentId, changes },
) => {
  const ids = changes.map(({ contactId }) => membershipId(segmentId, contactId));
  const items = await crm.store.getMany(ids.map(keyOf), true);
  const known = new Map(items.map((item) => [String(item['sk']), Membership.schema.parse(item)]));
  const facts = changes.flatMap(({ contactId, status }): Fact<Membership>[] => {
    const id = membershipId(segmentId, contactId);
    const before = known.get(id);
    if ((before?.status ?? 'out') === status) return [];
    const after = { id, accountId: accountOf(contactId)!, contactId, segmentId, status };
    return [(status === 'in' ? Entered : Left)(before, after)];
  });
  const entered = facts.filter(({ after }) => (after as Membership).status === 'in').length;
  const counts = { entered, left: facts.length - entered };
  return facts.length ? crm.commitAs(() => counts, facts) : counts;
};
