import * as z from 'zod';
import { id } from '../core/ids.ts';
import { eventsOf } from '../events/event.ts';
import { mover } from '../store/moves.ts';
import { inState, under, workOf } from '../store/places.ts';
import { type Kind, record } from '../store/record.ts';
import { PaymentNotice } from './payment-notice.ts';

export const PaymentEventStatus = z.enum(['received', 'applied', 'parked', 'ignored']);

/** What a payment provider told us, once: received, and then applied to what it is about, parked until that is there, or ignored. */
const PaymentEventRecord = z
  .object({
    ...record('pev'),
    provider: z.string(),
    eventId: z.string().meta({ description: 'What the provider calls the event.' }),
    type: z.string(),
    rawKey: z.string().meta({ description: 'Where its bytes are in the intake bucket, for 30 days.' }),
    notice: PaymentNotice,
    status: PaymentEventStatus,
    reasons: z.array(z.string()),
    paymentId: id('pay').optional(),
    askAt: z.iso.datetime().optional().meta({ description: 'When a person is asked about one that is parked.' }),
    openTaskId: z.string().optional(),
  })
  .meta({ id: 'PaymentEvent' });
export type PaymentEvent = z.infer<typeof PaymentEventRecord>;

/** Under which the parked events of a payment stand, by what the provider calls it. */
export const parkedUnder = (name: string): string => `parked#payment#${name}`;

export const PaymentEvent: Kind<PaymentEvent> = {
  name: 'paymentEvent',
  prefix: 'pev',
  schema: PaymentEventRecord,
  places: ({ id, status, askAt, notice, createdAt }) => ({
    ...(status === 'parked' && askAt && { gsi1: workOf('sweep', 'paymentEvent', 'due', askAt, id) }),
    gsi2: inState('paymentEvent', status, createdAt, id),
    shared: status === 'parked' ? notice.names.map((name) => under(parkedUnder(name), id)) : [],
  }),
};

const event = eventsOf(
  PaymentEvent,
  PaymentEventRecord.pick({ provider: true, eventId: true, type: true, status: true, paymentId: true }),
);
export const PaymentEventReceived = event('received');
export const PaymentEventIgnored = event('ignored');

/** The life of what a provider told us. */
export const paymentEventMoves = {
  apply: { from: ['received', 'parked'], to: 'applied', event: event('applied') },
  park: { from: ['received'], to: 'parked', event: event('parked') },
  ignore: { from: ['received', 'parked'], to: 'ignored', event: PaymentEventIgnored },
  ask: { from: ['parked'], event: event('updated') },
} as const;
export const movePaymentEvent = mover<PaymentEvent, PaymentEvent['status'], typeof paymentEventMoves>(
  'paymentEvent',
  paymentEventMoves,
);
