import { isId } from '../core/ids.ts';
import type { Crm } from '../store/command.ts';
import type { Action } from '../store/store.ts';
import { changing, findRecipient, recipientKey } from './recipient.ts';
import { signed } from './recipient-signs.ts';

/** That the recipient of a campaign answered its mail, as parts of the transaction that takes the answer in; counted once. */
export async function repliedTo({ store, now }: Crm, recordId: string, email: string): Promise<Action[]> {
  if (!isId('cmp', recordId)) return [];
  const before = await findRecipient(store, recordId, recipientKey(recordId, email));
  const after = before && signed(before, ['replied'], now);
  return after ? changing(store, [{ before, after }]) : [];
}
