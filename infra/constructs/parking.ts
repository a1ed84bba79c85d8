import { Duration } from 'aws-cdk-lib';
import { Queue, QueueEncryption } from 'aws-cdk-lib/aws-sqs';
import type { Construct } from 'constructs';
import { ring } from './alarm.ts';
import type { House } from './house.ts';

export interface ParkingProps {
  house: House;
  /** What users lose while a message lies here. */
  impact: string;
}

/** Where an arrow's failed messages lie for 14 days until somebody redrives them: a queue that rings at its first message. */
export class Parking extends Queue {
  constructor(scope: Construct, id: string, { house, impact }: ParkingProps) {
    super(scope, id, { retentionPeriod: Duration.days(14), encryption: QueueEncryption.SQS_MANAGED, enforceSSL: true });
    const metric = this.metricApproximateNumberOfMessagesVisible({ period: Duration.minutes(1), statistic: 'Maximum' });
    ring(this, 'Alarm', { house, metric, threshold: 1, impact });
  }
}
