import { logOf } from '../core/ids.ts';
import type { Envelope } from '../events/event.ts';
import { Account } from '../sales/account.ts';
import { customerNow } from '../sales/promote-account.ts';
import type { Command } from '../store/command.ts';
import type { Item, Store } from '../store/store.ts';
import { contributionOf, countedIn, KeptFigures, noFigures, Share } from './figures.ts';

/** Where the figures of an account lie: beside it. */
export const figuresKey = (accountId: string) => ({ pk: accountId, sk: 'figures' });
/** Where a record's share in them lies: in the log, since there is no end of them. */
const shareKey = (accountId: string, recordId: string) => ({ pk: logOf(accountId), sk: `fig#${recordId}` });

/**
 * Counts an event into the figures of its account: the sums and the record's share in one transaction, so that every share is counted
 * once. Who orders becomes a customer in it. An event that says nothing new writes nothing.
 */
export const keepFigures: Command<Envelope, void> = async (crm, event) => {
  const { accountId, recordId, type } = event;
  if (!accountId) return;
  const keys = [figuresKey(accountId), shareKey(accountId, recordId)];
  const items = await crm.store.getMany(keys, true);
  const [kept, known] = keys.map(({ pk, sk }) => items.find((item) => item['pk'] === pk && item['sk'] === sk));
  const figures = kept ? KeptFigures.parse(kept) : noFigures;
  const counted = countedIn(figures, known && Share.parse(known), contributionOf(event));
  if (!counted) return;
  const account = type === 'order.confirmed' ? await crm.store.find(Account, accountId) : undefined;
  await crm.commitAs(() => undefined, account ? customerNow(account) : [], [
    unlessChanged(crm.store, { ...keys[0]!, ...counted.figures }, kept),
    ...(counted.share ? [unlessChanged(crm.store, { ...keys[1]!, ...counted.share }, known)] : []),
  ]);
};

/** An item in place of the one that was read. */
const unlessChanged = (store: Store, item: Item, read: Item | undefined) => {
  const writes = Number(read?.['writes'] ?? 0);
  return store.put(
    { ...item, writes: writes + 1 },
    read
      ? { ConditionExpression: 'writes = :read', ExpressionAttributeValues: { ':read': writes } }
      : { ConditionExpression: 'attribute_not_exists(pk)' },
  );
};
