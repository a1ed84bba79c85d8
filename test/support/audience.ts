import { BatchWriteCommand, type DynamoDBDocumentClient, type TransactWriteCommand } from '@aws-sdk/lib-dynamodb';
import { newId } from '../../shared/core/ids.ts';
import type { Fact } from '../../shared/events/event.ts';
import { consentFacts } from '../../shared/marketing/consent.ts';
import { AccountCreated, AccountDetails } from '../../shared/sales/account.ts';
import { ContactCreated, ContactDetails } from '../../shared/sales/contact.ts';
import { type Action, type Item, Store } from '../../shared/store/store.ts';

export interface Reader {
  accountId: string;
  contactId: string;
  email: string;
}

interface Wanted {
  emails: readonly string[];
  topic: string;
  /** How rules find them. */
  tag: string;
  timeZone?: string;
  /** Contacts of one account. */
  anAccount?: number;
}

/**
 * Contacts who agreed to a topic, as the commands of the CRM would store them, written straight into the table: ten thousand of them in
 * seconds, and without thirty thousand events that somebody would have to wait for.
 */
export async function readers(
  store: Store,
  { emails, topic, tag, timeZone, anAccount = 20 }: Wanted,
): Promise<Reader[]> {
  const now = new Date();
  const made: Reader[] = [];
  const items: Item[] = [];
  let accountId = '';
  for (const [n, email] of emails.entries()) {
    const firstOfAccount = n % anAccount === 0;
    if (firstOfAccount) accountId = newId('acc', now);
    const contactId = newId('con', now, accountId);
    const nobody = { queryAll: async () => [] } as never;
    const said = { topic, channel: 'email', status: 'granted', source: 'test', basis: 'consent' } as const;
    const account = AccountDetails.parse({ kind: 'person', name: `Readers ${n}` });
    const contact = ContactDetails.parse({ firstName: `Reader ${n}`, emails: [email], tags: [tag], timeZone });
    const facts = [
      ...(firstOfAccount ? [AccountCreated(undefined, { ...account, id: accountId })] : []),
      ContactCreated(undefined, { ...contact, id: contactId, accountId }),
      ...(await consentFacts({ store: nobody, now }, contactId, [said])),
    ];
    items.push(...(await itemsOf(store, facts)));
    made.push({ accountId, contactId, email });
  }
  await write(store, items);
  return made;
}

/** Stores facts without their events: nothing follows from them. */
export const quietly = async (store: Store, facts: readonly Fact[]): Promise<void> =>
  write(store, await itemsOf(store, facts));

/** The items that a commit of facts would put, but for the events. */
async function itemsOf(store: Store, facts: readonly Fact[]): Promise<Item[]> {
  const items: Item[] = [];
  const on = { now: new Date(), actor: { kind: 'system' as const, id: 'test' }, correlationId: 'test' };
  const catching = {
    send: async ({ input }: TransactWriteCommand) => {
      for (const { Put } of (input.TransactItems ?? []) as Action[]) if (Put?.Item) items.push(Put.Item);
    },
  } as unknown as DynamoDBDocumentClient;
  await new Store(catching, store.table).commit(on, facts, () => undefined);
  return items.filter(({ sk }) => !String(sk).startsWith('evt_'));
}

async function write(store: Store, items: readonly Item[]): Promise<void> {
  const packs = Array.from({ length: Math.ceil(items.length / 25) }, (_, n) => items.slice(n * 25, n * 25 + 25));
  const worker = async () => {
    for (let pack = packs.shift(); pack; pack = packs.shift())
      await store.client.send(
        new BatchWriteCommand({ RequestItems: { [store.table]: pack.map((Item) => ({ PutRequest: { Item } })) } }),
      );
  };
  await Promise.all(Array.from({ length: 4 }, worker));
}
