import {
  idIn,
  instantIn,
  type Json,
  moneyIn,
  namesIn,
  nothing,
  objectIn,
  type PaymentNotice,
  textIn,
  textsIn,
  unclear,
} from './payment-notice.ts';
import { stripeNotice } from './stripe-notice.ts';

type Said = Pick<PaymentNotice, 'says'> & { state?: 'open' | 'lost' | 'won' };
const says: ReadonlyMap<string, Said> = new Map(
  Object.entries<Said>({
    'payment.succeeded': { says: 'paid' },
    'payment.failed': { says: 'failed' },
    'payment.refunded': { says: 'refunded' },
    'dispute.opened': { says: 'disputed', state: 'open' },
    'dispute.lost': { says: 'disputed', state: 'lost' },
    'dispute.won': { says: 'disputed', state: 'won' },
  }),
);

/**
 * What an event of a provider says that speaks our own language: `{ type, timestamp, data: { reference, amount, currency, invoice, ... } }`
 * (docs/payments.md). One that forwards what Stripe says is understood too.
 */
export function genericNotice(event: Json): PaymentNotice {
  const data = objectIn(event['data']);
  if (typeof data['object'] === 'object') return stripeNotice(event);
  const said = says.get(textIn(event['type']) ?? '');
  const names = namesIn(data['reference'], data['id']);
  if (!said) return nothing;
  const { says: what, state } = said;
  if (!names.length) return unclear('It has no reference');
  const whole = objectIn(data['amount']);
  const amount = moneyIn(whole['amount'] ?? data['amount'], whole['currency'] ?? data['currency']);
  if (!amount && (what === 'paid' || what === 'refunded'))
    return unclear('It has no amount above zero in minor units, as a whole number, with its currency');
  const at = instantIn(data['paidAt']) ?? instantIn(event['timestamp']);
  const email = textIn(data['email'])?.toLowerCase();
  const customer = idIn(data['customer']);
  const why = textIn(data['reason']);
  const dispute = state && { id: textIn(data['dispute']) ?? names[0]!, state, ...(amount && { amount }) };
  return {
    says: what,
    names,
    ...(amount && { amount }),
    ...(dispute && { dispute }),
    method: (textIn(data['method']) ?? 'transfer').slice(0, 50),
    ...(at && { at }),
    ...(why && { why }),
    references: textsIn(data['invoice'], data['accountId'], ...Object.values(objectIn(data['metadata']))).slice(0, 30),
    texts: textsIn(data['text'], data['description']),
    ...(email && { email }),
    ...(customer && { customer }),
  };
}
