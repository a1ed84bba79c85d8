import { Duration } from 'aws-cdk-lib';
import type { TableV2 } from 'aws-cdk-lib/aws-dynamodb';
import { Grant } from 'aws-cdk-lib/aws-iam';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import { SqsDlq } from 'aws-cdk-lib/aws-lambda-event-sources';
import { Construct } from 'constructs';
import { ring } from './alarm.ts';
import type { House } from './house.ts';
import { Parking } from './parking.ts';

export interface StreamRelayProps {
  house: House;
  table: TableV2;
  to: lambda.Function;
  /** What users lose while events are parked or late. */
  impact: string;
}

/**
 * The table's stream, event items only, to the relay function. A failing batch is halved until the faulty event stands
 * alone; after ten tries its position is parked and the stream goes on. The event itself stays in the table.
 */
export class StreamRelay extends Construct {
  constructor(scope: Construct, id: string, { house, table, to, impact }: StreamRelayProps) {
    super(scope, id);
    const streamArn = table.tableStreamArn;
    if (!streamArn) throw new Error('The table has no stream');
    const parking = new Parking(this, 'Parking', { house, impact });
    // The stream's own actions on this one stream. `grantStreamRead` would add ListStreams on everything.
    const actions = ['dynamodb:DescribeStream', 'dynamodb:GetRecords', 'dynamodb:GetShardIterator'];
    const grant = Grant.addToPrincipal({ grantee: to, actions, resourceArns: [streamArn] });
    const mapping = new lambda.EventSourceMapping(this, 'Mapping', {
      target: to,
      eventSourceArn: streamArn,
      startingPosition: lambda.StartingPosition.TRIM_HORIZON,
      batchSize: 100,
      reportBatchItemFailures: true,
      bisectBatchOnError: true,
      retryAttempts: 10,
      onFailure: new SqsDlq(parking),
      filters: [
        lambda.FilterCriteria.filter({
          eventName: lambda.FilterRule.isEqual('INSERT'),
          dynamodb: { Keys: { sk: { S: lambda.FilterRule.beginsWith('evt_') } } },
        }),
      ],
    });
    grant.applyBefore(mapping);
    // Milliseconds. A minute late is not lost yet, but every process and mail is a minute late with it.
    const metric = to.metric('IteratorAge', { statistic: 'Maximum', period: Duration.minutes(1) });
    ring(this, 'Late', { house, metric, threshold: 60_000, impact, periods: 3 });
  }
}
