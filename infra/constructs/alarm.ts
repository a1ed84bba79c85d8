import { Alarm, ComparisonOperator, type IMetric, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import type { Construct } from 'constructs';
import type { House } from './house.ts';

export interface RingProps {
  house: House;
  metric: IMetric;
  /** Rings at this value or above. */
  threshold: number;
  /** What users lose while it rings, and what to do: whoever is woken reads this first. */
  impact: string;
  /** Periods of the metric in a row; 1 unless told. */
  periods?: number;
}

/** An alarm that says what users lose. It tells the topic when it starts to ring and when it stops; no data is good news. */
export const ring = (
  scope: Construct,
  id: string,
  { house, metric, threshold, impact, periods = 1 }: RingProps,
): Alarm => {
  const alarm = new Alarm(scope, id, {
    metric,
    threshold,
    evaluationPeriods: periods,
    comparisonOperator: ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
    treatMissingData: TreatMissingData.NOT_BREACHING,
    alarmDescription: impact,
  });
  const tell = new SnsAction(house.alarms);
  alarm.addAlarmAction(tell);
  alarm.addOkAction(tell);
  return alarm;
};
