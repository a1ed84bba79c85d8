import type { Duration } from 'aws-cdk-lib';
import type * as lambda from 'aws-cdk-lib/aws-lambda';
import { Schedule, ScheduleExpression } from 'aws-cdk-lib/aws-scheduler';
import { LambdaInvoke } from 'aws-cdk-lib/aws-scheduler-targets';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import type { Construct } from 'constructs';

export interface EveryProps {
  every: Duration;
  to: lambda.Function;
  /** Where a run goes that could not be handed over; the function parks its own failures. */
  parking: IQueue;
}

/** Calls a function again and again. A run that is handed over late still counts: what it does, it finds in the table. */
export const schedule = (scope: Construct, id: string, { every, to, parking }: EveryProps): Schedule =>
  new Schedule(scope, id, {
    schedule: ScheduleExpression.rate(every),
    target: new LambdaInvoke(to, { deadLetterQueue: parking, retryAttempts: 2 }),
  });
