import * as z from 'zod';
import { isCurrency } from '../core/codes.ts';
import { Instant } from '../core/instant.ts';
import { Money } from '../core/money.ts';

/** What a provider's event says of a payment, whoever the provider is. */
export const PaymentNotice = z.object({
  /**
   * `disputed`: see the state of its dispute. `unclear`: money came or went, but not how much, or by what name. `nothing`: it is not about
   * that.
   */
  says: z.enum(['paid', 'failed', 'refunded', 'disputed', 'unclear', 'nothing']),
  /** What the provider calls the payment, the most lasting name first. */
  names: z.array(z.string()),
  /** What came in, what failed, or all that was refunded so far. */
  amount: Money.optional(),
  /** Where it tells of one refund alone: what it is called, its amount is that of the notice. */
  refund: z.string().optional(),
  dispute: z
    .object({
      id: z.string(),
      amount: Money.optional(),
      state: z.enum(['open', 'lost', 'won']),
      answerBy: Instant.optional(),
    })
    .optional(),
  method: z.string(),
  at: Instant.optional(),
  /** Why it failed or is disputed, in the provider's words. */
  why: z.string().optional(),
  /** Where an invoice may be named: fields that hold nothing else, and texts. */
  references: z.array(z.string()),
  texts: z.array(z.string()),
  email: z.string().optional(),
  /** What the provider calls the customer. */
  customer: z.string().optional(),
});
export type PaymentNotice = z.infer<typeof PaymentNotice>;

/** Money came or went, and a person must find out how much. */
export const unclear = (why: string): PaymentNotice => ({ ...nothing, says: 'unclear', why });

export const nothing: PaymentNotice = { says: 'nothing', names: [], method: 'card', references: [], texts: [] };

/** What a provider sends is only ever read by asking for what may be there: nothing of it is trusted to have a shape. */
export type Json = Readonly<Record<string, unknown>>;
export const objectIn = (value: unknown): Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Json) : {};
export const listIn = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);

const longest = 500;
/** A text of at most 500 characters without control characters, or undefined. */
export const textIn = (value: unknown): string | undefined => {
  const text = typeof value === 'string' || typeof value === 'number' ? String(value) : '';
  return (
    text
      .replaceAll(/\p{Cc}+/gu, ' ')
      .trim()
      .slice(0, longest)
      .toWellFormed() || undefined
  );
};
/** Those that are texts, each once. */
export const textsIn = (...values: unknown[]): string[] => [
  ...new Set(values.map(textIn).filter((text) => text !== undefined)),
];
/** Those that may name a payment. */
export const namesIn = (...values: unknown[]): string[] => textsIn(...values).filter((name) => name.length <= 100);
/** The id of an object that is sent whole or by its id. */
export const idIn = (value: unknown): string | undefined =>
  textIn(typeof value === 'object' ? objectIn(value)['id'] : value);

/** An amount above zero in minor units; undefined for anything else. */
export function moneyIn(amount: unknown, currency: unknown): Money | undefined {
  const code = typeof currency === 'string' ? currency.toUpperCase() : '';
  const known = Number.isSafeInteger(amount) && (amount as number) > 0 && isCurrency(code);
  return known ? { amount: amount as number, currency: code } : undefined;
}

/** An instant told in Unix seconds or as RFC 3339. */
export function instantIn(value: unknown): string | undefined {
  const milliseconds =
    typeof value === 'number' ? value * 1_000 : typeof value === 'string' ? Date.parse(value) : Number.NaN;
  return milliseconds > 0 && milliseconds < 4e12 ? new Date(milliseconds).toISOString() : undefined;
}
