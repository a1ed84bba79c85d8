import { SqsSubscription } from 'aws-cdk-lib/aws-sns-subscriptions';
import { Inbox } from '../../constructs/inbox.ts';
import type { Part } from './part.ts';

/** What becomes of mails: SES tells the topic, and one function notes it on the mail and for its address. */
export const deliveries: Part = (service) => {
  const { stack, house, data, table } = service;
  const { queue, parking } = new Inbox(stack, 'DeliveryEvents', {
    house,
    to: service.fn('events-deliveries', table),
    impact: 'Addresses that bounce or complain still get mail, which costs the domain its reputation.',
  });
  data.deliveries.addSubscription(new SqsSubscription(queue, { rawMessageDelivery: true, deadLetterQueue: parking }));
};
