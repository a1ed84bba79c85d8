import { Duration } from 'aws-cdk-lib';
import type * as lambda from 'aws-cdk-lib/aws-lambda';
import { SqsEventSource } from 'aws-cdk-lib/aws-lambda-event-sources';
import { Queue, QueueEncryption } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import type { House } from './house.ts';
import { Parking } from './parking.ts';

export interface InboxProps {
  house: House;
  to: lambda.Function;
  /** What users lose while a message is parked. */
  impact: string;
  /** How many of the function run at once at the most: for those that write the same few items. */
  atOnce?: number | undefined;
  /** Messages that the function is given at once; 10 unless told. */
  batch?: number;
}

/**
 * Where messages for a function lie until it has taken them. One that fails five times is parked and rings; its neighbours in the batch
 * are not held up by it. Redrive: `sqs start-message-move-task` from the parking.
 */
export class Inbox extends Construct {
  readonly queue: Queue;
  readonly parking: Parking;

  constructor(scope: Construct, id: string, { house, to, impact, atOnce, batch = 10 }: InboxProps) {
    super(scope, id);
    this.parking = new Parking(this, 'Parking', { house, impact });
    this.queue = new Queue(this, 'Queue', {
      // Six times the function's timeout, as AWS advises: a throttled batch must not reappear while it is retried.
      visibilityTimeout: Duration.seconds((to.timeout ?? Duration.seconds(3)).toSeconds() * 6),
      retentionPeriod: Duration.days(14),
      encryption: QueueEncryption.SQS_MANAGED,
      enforceSSL: true,
      deadLetterQueue: { queue: this.parking, maxReceiveCount: 5 },
    });
    to.addEventSource(
      new SqsEventSource(this.queue, {
        batchSize: batch,
        reportBatchItemFailures: true,
        ...(atOnce && { maxConcurrency: atOnce }),
      }),
    );
  }
}
