import { type CfnRule, type EventBus, type EventPattern, Rule } from 'aws-cdk-lib/aws-events';
import { SqsQueue } from 'aws-cdk-lib/aws-events-targets';
import type { Construct } from 'constructs';
import { Inbox, type InboxProps } from './inbox.ts';

export interface ArrowProps extends InboxProps {
  /** The account's default bus where none is given. */
  bus?: EventBus;
  pattern: EventPattern;
  /**
   * Only a projection sees replayed events, and those of an import that runs no workflows: what starts or sends something would do it
   * again, or where nobody wants it.
   */
  replays?: boolean;
}

/** Our own events of these types. */
export const ofTypes = (types: readonly string[]): EventPattern => ({ source: ['stepwise'], detailType: [...types] });

/** One asynchronous arrow of events: rule -> inbox -> function. */
export class Arrow extends Inbox {
  constructor(scope: Construct, id: string, { bus, pattern, replays = false, ...inbox }: ArrowProps) {
    super(scope, id, inbox);
    const rule = new Rule(this, 'Rule', {
      ...(bus && { eventBus: bus }),
      eventPattern: pattern,
      targets: [new SqsQueue(this.queue, { deadLetterQueue: this.parking })],
    });
    if (!replays) live(rule.node.defaultChild as CfnRule, bus !== undefined);
  }
}

/** Only what happens now, and is meant to set something going. */
const live = (rule: CfnRule, ours: boolean): void => {
  rule.addPropertyOverride('EventPattern.replay-name', [{ exists: false }]);
  if (ours) rule.addPropertyOverride('EventPattern.detail.origin.runWorkflows', [{ exists: false }, true]);
};
