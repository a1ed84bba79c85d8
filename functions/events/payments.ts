import { applyPaymentEvent, parkedOf } from '../../shared/commerce/apply-payment-event.ts';
import { Payment } from '../../shared/commerce/payment.ts';
import { consumer } from '../../shared/events/consume.ts';
import { run } from '../../shared/store/command.ts';

/** Applies what providers told us: as it comes, and what was parked when its payment comes (or gets another name). */
export const handler = consumer(
  'payments',
  async (event, { store, policies }, on) => {
    const ofPayment = async () => parkedOf({ store }, await store.load(Payment, event.recordId));
    const told = event.type === 'paymentEvent.received' ? [event.recordId] : await ofPayment();
    for (const id of told) await run(store, policies, on, applyPaymentEvent, { id });
  },
  { inTurn: true },
);
