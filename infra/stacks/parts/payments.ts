import { Duration } from 'aws-cdk-lib';
import { Arrow, ofTypes } from '../../constructs/arrow.ts';
import { readsSecret, writesBucket } from '../../constructs/capability.ts';
import { intakes } from '../../families.ts';
import type { Part } from './part.ts';

/** Payments that providers tell of: taken by a public address that believes only signatures, applied by a consumer. */
export const payments: Part = ({ stack, house, data, api, table, fn }) => {
  const uses = [
    ...table,
    readsSecret('INTAKE_SECRET_ARN', data.intakeSecret),
    writesBucket('INTAKE_BUCKET', data.intake, 'payments/'),
  ];
  api.family('intake-payments', fn('intake-payments', uses, { memory: 1024 }), intakes.payments);
  new Arrow(stack, 'Payments', {
    house,
    bus: data.bus,
    pattern: ofTypes([
      'paymentEvent.received',
      'payment.received',
      'payment.allocated',
      'payment.refunded',
      'payment.updated',
    ]),
    // One after the other: ten of them may take a while where many are about one invoice.
    to: fn('events-payments', table, { timeout: Duration.seconds(60) }),
    impact:
      'What payment providers told us is stored but not applied: invoices stay open that are paid, and their customers are reminded.',
  });
};
