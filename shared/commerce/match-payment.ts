import { isId } from '../core/ids.ts';
import { format, least, type Money, subtract } from '../core/money.ts';
import { Account, externalKey } from '../sales/account.ts';
import { Contact, emailKey, externalContactKey } from '../sales/contact.ts';
import type { Crm } from '../store/command.ts';
import { list } from '../store/list.ts';
import { ranges } from '../store/places.ts';
import { Invoice, invoiceNumberKey, isCollected } from './invoice.ts';
import type { PaymentNotice } from './payment-notice.ts';

/** Which invoices a payment is for, and how much of it each gets; what is left over is for a person. */
export interface Match {
  /** Whose payment it is, where that is known. */
  accountId?: string | undefined;
  shares: readonly { invoice: Invoice; amount: Money }[];
  /** The invoices that it names, whether they get a share or not. None: a share is found by the amount alone. */
  names: readonly string[];
  reasons: string[];
}

/** What is known of who pays and for what. */
export interface Payer {
  /** The invoices that the payment names, of one account, in the order named. */
  named: readonly Invoice[];
  accountId?: string | undefined;
  /** The account's invoices of which something is open. */
  open: readonly Invoice[];
}

const english = (money: Money) => format(money, 'en');

/**
 * Matches a payment with invoices: those that it names, each with what is open of it; else the one open invoice of its customer over
 * exactly this amount; else none. Source: domain.md 8, without 'oldest first': what is guessed is for a person.
 */
export function matchPayment(amount: Money, { named, accountId, open }: Payer): Match {
  if (named.length) return matchNamed(amount, named);
  if (!accountId) return { shares: [], names: [], reasons: ['It names no invoice and no customer that we know'] };
  const exact = open.filter(
    ({ totals }) => totals.open.amount === amount.amount && totals.open.currency === amount.currency,
  );
  const [only] = exact;
  if (only && exact.length === 1)
    return {
      accountId,
      shares: [{ invoice: only, amount }],
      names: [],
      reasons: [`${only.number} alone has ${english(amount)} open`],
    };
  return {
    accountId,
    shares: [],
    names: [],
    reasons: [`It names no invoice; ${exact.length || 'no'} open ones are over ${english(amount)}`],
  };
}

function matchNamed(amount: Money, named: readonly Invoice[]): Match {
  let left = amount;
  const reasons: string[] = [];
  const shares = named.flatMap((invoice) => {
    const { number, currency, status, totals } = invoice;
    const called = number ?? invoice.id;
    if (currency !== amount.currency) {
      reasons.push(`${called} is in ${currency}, the payment in ${amount.currency}`);
      return [];
    }
    const share = least(left, totals.open);
    if (!isCollected(status) || share.amount === 0) {
      reasons.push(isCollected(status) ? `Nothing is left for ${called}` : `${called} is ${status}`);
      return [];
    }
    left = subtract(left, share);
    reasons.push(`It names ${called}`);
    return [{ invoice, amount: share }];
  });
  if (shares.length && left.amount > 0) reasons.push(`${english(left)} are more than was open`);
  return { accountId: named[0]?.accountId, shares, names: named.map(({ id }) => id), reasons };
}

/** Finds what a provider's words lead to: invoices by id or number, the customer by id, by the provider's name for them, or by address. */
export async function payerOfNotice(crm: Pick<Crm, 'store'>, provider: string, notice: PaymentNotice): Promise<Payer> {
  const { store } = crm;
  const ids = invoiceIdsIn(notice);
  const numbers = numbersIn(notice);
  const byNumber = await store.holdersOf(numbers.map(invoiceNumberKey));
  const found = [...new Set([...ids, ...numbers.flatMap((number) => byNumber.get(invoiceNumberKey(number)) ?? [])])];
  const invoices = (await Promise.all(found.slice(0, 20).map((id) => store.find(Invoice, id)))).filter(
    (invoice) => invoice !== undefined,
  );
  const issued = invoices.filter(({ status, archivedAt }) => status !== 'draft' && !archivedAt);
  const named = issued.filter(({ accountId }) => accountId === issued[0]?.accountId);
  if (named.length) return { named, accountId: named[0]?.accountId, open: [] };
  const accountId = await customerOf(crm, provider, notice);
  if (!accountId) return { named, open: [] };
  const { data } = await list(store, Invoice, { ranges: [ranges.openIn(accountId, 'invoice')], limit: 200 });
  return { named, accountId, open: data.filter(({ status }) => isCollected(status)) };
}

async function customerOf(
  { store }: Pick<Crm, 'store'>,
  provider: string,
  notice: PaymentNotice,
): Promise<string | undefined> {
  const { references, customer, email } = notice;
  const ids = [...references, ...(customer ? [customer] : [])].filter((text) => isId('acc', text));
  for (const id of ids) if (await store.find(Account, id)) return id;
  const accountKeys = customer ? [externalKey(provider, customer)] : [];
  const contactKeys = [
    ...(customer ? [externalContactKey(provider, customer)] : []),
    ...(email ? [emailKey(email)] : []),
  ];
  const holders = await store.holdersOf([...accountKeys, ...contactKeys]);
  const first = (keys: string[]) => keys.map((key) => holders.get(key)).find((holder) => holder !== undefined);
  const account = first(accountKeys);
  const contact = first(contactKeys);
  return account ?? (contact ? (await store.find(Contact, contact))?.accountId : undefined);
}

/** Our ids of invoices, wherever they stand. */
export const invoiceIdsIn = ({ references, texts }: PaymentNotice): string[] => [
  ...new Set(
    [...references, ...texts]
      .flatMap((text) => text.match(/\binv_[0-9a-z]{40}\b/g) ?? [])
      .filter((found) => isId('inv', found)),
  ),
];

/** What may be a number of ours: whole fields, and the words of all texts that have a figure in them. */
export function numbersIn({ references, texts }: PaymentNotice): string[] {
  const words = [...references, ...texts].flatMap((text) => text.split(/[^\p{L}\p{N}./_-]+/u));
  const likely = words.map((word) => word.replaceAll(/^[./_-]+|[./_-]+$/g, '')).filter((word) => /\d/.test(word));
  const whole = references.filter((text) => text.length <= 40);
  return [...new Set([...whole, ...likely.filter(({ length }) => length <= 40)])].slice(0, 50);
}
