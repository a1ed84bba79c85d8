import * as z from 'zod';
import { id } from '../core/ids.ts';
import { refuseField } from '../core/refusal.ts';
import { User } from '../people/user.ts';
import { Account } from '../sales/account.ts';
import type { Command, Crm } from '../store/command.ts';
import { edit } from '../store/edit.ts';
import { referRecord } from '../store/references.ts';
import {
  Activity,
  ActivityDetails,
  ActivityDone,
  ActivityPlanned,
  ActivityStatus,
  ActivityUpdated,
  type activityMoves,
  moveActivity,
} from './activity.ts';

/** A new activity: of an account, or of a record of an account. */
export const NewActivity = ActivityDetails.extend({
  accountId: id('acc').optional().meta({ description: 'Not needed where the record tells it.' }),
  recordId: z.string().min(1).max(50).optional(),
  status: ActivityStatus.exclude(['cancelled'])
    .optional()
    .meta({ description: 'By default what is to come is planned, anything else done.' }),
});

/** Notes an activity, past or planned. 422 `reference.unknown` where account, record or a mentioned user is not there. */
export const createActivity: Command<z.infer<typeof NewActivity>, Activity> = async (crm, details) => {
  const accountId = await accountFor(crm, details);
  await mentioned(crm, details.mentions);
  const occurredAt = details.occurredAt ?? crm.now.toISOString();
  const status = details.status ?? (Date.parse(occurredAt) > crm.now.getTime() ? 'planned' : 'done');
  const tells = status === 'planned' ? ActivityPlanned : ActivityDone;
  return crm.commit([tells(undefined, { ...details, id: crm.newId('act', accountId), accountId, occurredAt, status })]);
};

/** The account that it belongs to: the one named, or that of its record. */
async function accountFor(crm: Crm, { accountId, recordId }: z.infer<typeof NewActivity>): Promise<string> {
  if (!recordId) {
    if (!accountId) throw refuseField('reference.unknown', '#/accountId', 'Name an account or a record of one');
    return (await crm.refer(Account, accountId, '#/accountId')).id;
  }
  const of = await referRecord(crm, { recordId, accountId });
  if (!of) throw refuseField('reference.unknown', '#/recordId', `${recordId} belongs to no account`);
  return of;
}

async function mentioned(crm: Crm, mentions: readonly string[] = []): Promise<void> {
  await Promise.all(mentions.map((userId, n) => crm.refer(User, userId, `#/mentions/${n}`)));
}

export const editActivity = edit<Activity>({
  kind: Activity,
  fields: ActivityDetails,
  event: ActivityUpdated,
  rule: async (crm, after, before) => {
    await mentioned(crm, after.mentions);
    return { ...after, occurredAt: after.occurredAt ?? before.occurredAt };
  },
});

/** Moves an activity by a verb without a rule of its own. */
export const moveActivityBy =
  (verb: keyof typeof activityMoves): Command<{ id: string }, Activity> =>
  async (crm, { id }) =>
    crm.commit([moveActivity(await crm.load(Activity, id), verb)]);
