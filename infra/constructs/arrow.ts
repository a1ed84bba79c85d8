import { Duration } from 'aws-cdk-lib';
import { type CfnRule, type EventBus, type EventPattern, Rule } from 'aws-cdk-lib/aws-events';
import { SqsQueue } from 'aws-cdk-lib/aws-events-targets';
import type * as lambda from 'aws-cdk-lib/aws-lambda';
import { SqsEventSource } from 'aws-cdk-lib/aws-lambda-event-sources';
import { Queue, QueueEncryption } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import type { House } from './house.ts';
import { Parking } from './parking.ts';

export interface ArrowProps {
  house: House;
  /** The account's default bus where none is given. */
  bus?: EventBus;
  pattern: EventPattern;
  to: lambda.Function;
  /** What users lose while a message is parked. */
  impact: string;
  /**
   * Only a projection sees replayed events, and those of an import that runs no workflows: what starts or sends something would do it
   * again, or where nobody wants it.
   */
  replays?: boolean;
  /** How many of the function run at once at the most: for those that write the same few items. */
  atOnce?: number;
}

/** Our own events of these types. */
export const ofTypes = (types: readonly string[]): EventPattern => ({ source: ['stepwise'], detailType: [...types] });

/**
 * One asynchronous arrow: rule -> queue -> function. A message that fails five times is parked and rings; its
 * neighbours in the batch are not held up by it. Redrive: `sqs start-message-move-task` from the parking.
 */
export class Arrow extends Construct {
  readonly parking: Parking;

  constructor(scope: Construct, id: string, props: ArrowProps) {
    const { house, bus, pattern, to, impact, replays = false, atOnce } = props;
    super(scope, id);
    this.parking = new Parking(this, 'Parking', { house, impact });
    const queue = new Queue(this, 'Queue', {
      // Six times the function's timeout, as AWS advises: a throttled batch must not reappear while it is retried.
      visibilityTimeout: Duration.seconds((to.timeout ?? Duration.seconds(3)).toSeconds() * 6),
      retentionPeriod: Duration.days(14),
      encryption: QueueEncryption.SQS_MANAGED,
      enforceSSL: true,
      deadLetterQueue: { queue: this.parking, maxReceiveCount: 5 },
    });
    const rule = new Rule(this, 'Rule', {
      ...(bus && { eventBus: bus }),
      eventPattern: pattern,
      targets: [new SqsQueue(queue, { deadLetterQueue: this.parking })],
    });
    if (!replays) live(rule.node.defaultChild as CfnRule, bus !== undefined);
    to.addEventSource(
      new SqsEventSource(queue, {
        batchSize: 10,
        reportBatchItemFailures: true,
        ...(atOnce && { maxConcurrency: atOnce }),
      }),
    );
  }
}

/** Only what happens now, and is meant to set something going. */
const live = (rule: CfnRule, ours: boolean): void => {
  rule.addPropertyOverride('EventPattern.replay-name', [{ exists: false }]);
  if (ours) rule.addPropertyOverride('EventPattern.detail.origin.runWorkflows', [{ exists: false }, true]);
};
