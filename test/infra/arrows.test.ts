import { describe, expect, test } from 'vitest';
import { workflows } from '../../shared/platform/workflows.ts';
import { all, type Resource, referred, synth } from './synth.ts';

const { service } = synth('local');
const queues = Object.fromEntries(all(service, 'AWS::SQS::Queue'));
const alarms = all(service, 'AWS::CloudWatch::Alarm').map(([, { Properties }]) => Properties);
const mappings = all(service, 'AWS::Lambda::EventSourceMapping').map(([, { Properties }]) => Properties);
const functions = Object.fromEntries(all(service, 'AWS::Lambda::Function'));
const rules = all(service, 'AWS::Events::Rule');

type Target = { Arn: unknown; DeadLetterConfig?: { Arn: unknown } };
const targetsOf = ({ Properties }: Resource) => Properties['Targets'] as Target[];
const parkingOf = (queue: Resource | undefined) => queue?.Properties['RedrivePolicy'] as Redrive | undefined;
type Redrive = { deadLetterTargetArn: unknown; maxReceiveCount: number };

const impactOf = (queue: string | undefined) => {
  const watching = alarms.filter(({ Dimensions }) => JSON.stringify(Dimensions).includes(`["${queue}",`));
  return watching.map(({ AlarmDescription, Threshold, MetricName }) => ({ AlarmDescription, Threshold, MetricName }));
};

/** The lake is no function of ours: its rule leads to a delivery stream. */
const arrows = rules.filter(([id]) => !id.startsWith('LakeRule'));

describe.each(arrows)('the arrow of %s', (_, rule) => {
  const [target] = targetsOf(rule);
  const queue = queues[String(referred(target?.Arn))];
  const parking = referred(parkingOf(queue)?.deadLetterTargetArn);

  test('has one queue, whose failures are parked for 14 days and ring with what users lose', () => {
    expect(targetsOf(rule)).toHaveLength(1);
    expect(parkingOf(queue)?.maxReceiveCount).toBe(5);
    expect(queues[String(parking)]?.Properties['MessageRetentionPeriod']).toBe(14 * 24 * 3600);
    expect(referred(target?.DeadLetterConfig?.Arn)).toBe(parking);
    expect(impactOf(parking)).toEqual([
      {
        AlarmDescription: expect.stringMatching(/.{30,}/),
        Threshold: 1,
        MetricName: 'ApproximateNumberOfMessagesVisible',
      },
    ]);
  });

  test('gives its function time to try, and takes failures one by one', () => {
    const mapping = mappings.find(({ EventSourceArn }) => referred(EventSourceArn) === referred(target?.Arn));
    const timeout = Number(functions[String(referred(mapping?.['FunctionName']))]?.Properties['Timeout']);
    expect(mapping?.['FunctionResponseTypes']).toEqual(['ReportBatchItemFailures']);
    expect(Number(queue?.Properties['VisibilityTimeout'])).toBeGreaterThanOrEqual(6 * timeout);
  });
});

test('replayed events reach projections only', () => {
  const open = rules.filter(
    ([, { Properties }]) => !JSON.stringify(Properties['EventPattern']).includes('"replay-name"'),
  );
  const projection = /^(CampaignYield|Figures|Reports)Rule/;
  expect(open.map(([id]) => id)).toEqual(open.map(() => expect.stringMatching(projection)));
  expect(open).toHaveLength(3);
  const closed = rules.filter(([id]) => !projection.test(id)).map(([, { Properties }]) => Properties['EventPattern']);
  expect(closed).toEqual(closed.map(() => expect.objectContaining({ 'replay-name': [{ exists: false }] })));
});

test('the lake gets every event as it is, once; what cannot be handed over is parked, and delays ring', () => {
  const [rule] = rules.filter(([id]) => id.startsWith('LakeRule')).map(([, resource]) => resource);
  const [target] = targetsOf(rule!) as (Target & { InputPath: string })[];
  expect(rule?.Properties['EventPattern']).toEqual({ source: ['stepwise'], 'replay-name': [{ exists: false }] });
  expect(target?.InputPath).toBe('$.detail');
  expect(all(service, 'AWS::KinesisFirehose::DeliveryStream').map(([id]) => id)).toEqual([referred(target?.Arn)]);
  expect(impactOf(referred(target?.DeadLetterConfig?.Arn))).toHaveLength(1);
  expect(alarms).toContainEqual(
    expect.objectContaining({
      MetricName: 'DeliveryToS3.DataFreshness',
      AlarmDescription: expect.stringMatching(/.{30,}/),
    }),
  );
});

test('every event that starts a workflow reaches the start function, from our bus and by our name', () => {
  const start = rules.find(([id]) => id.startsWith('StartRule'))?.[1].Properties;
  expect(start?.['EventPattern']).toMatchObject({
    source: ['stepwise'],
    'detail-type': expect.arrayContaining(workflows.flatMap(({ startsOn }) => [...startsOn])),
  });
});

test('a pattern stays within the 2048 characters that EventBridge takes', () => {
  const lengths = rules.map(([, { Properties }]) => JSON.stringify(Properties['EventPattern']).length);
  expect(Math.max(...lengths)).toBeLessThan(2048);
});

test('the relay takes new event items only, and goes on after a faulty one', () => {
  const stream = mappings.filter(({ StartingPosition }) => StartingPosition === 'TRIM_HORIZON');
  expect(stream).toEqual([
    expect.objectContaining({
      BisectBatchOnFunctionError: true,
      FunctionResponseTypes: ['ReportBatchItemFailures'],
      MaximumRetryAttempts: 10,
      FilterCriteria: {
        Filters: [
          {
            Pattern: JSON.stringify({ eventName: ['INSERT'], dynamodb: { Keys: { sk: { S: [{ prefix: 'evt_' }] } } } }),
          },
        ],
      },
    }),
  ]);
  const destination = stream[0]?.['DestinationConfig'] as { OnFailure: { Destination: unknown } };
  expect(impactOf(referred(destination.OnFailure.Destination))).toHaveLength(1);
});

test('every queue is encrypted and refuses plain HTTP', () => {
  const policies = JSON.stringify(all(service, 'AWS::SQS::QueuePolicy'));
  for (const [id, { Properties }] of Object.entries(queues)) {
    expect(Properties['SqsManagedSseEnabled'], id).toBe(true);
    expect(policies).toContain(`"Queues":[{"Ref":"${id}"}]`);
  }
  expect(policies.match(/"aws:SecureTransport":"false"/g)).toHaveLength(Object.keys(queues).length);
});

test('every alarm tells the topic and says what users lose', () => {
  const [topic] = all(service, 'AWS::SNS::Topic');
  expect(alarms.length).toBeGreaterThan(15);
  for (const { AlarmActions, AlarmDescription } of alarms) {
    expect(AlarmActions).toEqual([{ Ref: topic?.[0] }]);
    expect(String(AlarmDescription).length).toBeGreaterThan(30);
  }
});

test('the topic lets the alarms of the account publish', () => {
  const policies = all(service, 'AWS::SNS::TopicPolicy').map(([, { Properties }]) => Properties['PolicyDocument']);
  expect(policies).toEqual([
    expect.objectContaining({
      Statement: expect.arrayContaining([
        expect.objectContaining({
          Effect: 'Allow',
          Action: 'sns:Publish',
          Principal: { Service: 'cloudwatch.amazonaws.com' },
          Condition: { StringEquals: { 'aws:SourceAccount': { Ref: 'AWS::AccountId' } } },
        }),
      ]),
    }),
  ]);
});

test('every schedule parks a run that fails', () => {
  const schedules = all(service, 'AWS::Scheduler::Schedule').map(
    ([, { Properties }]) => Properties['Target'] as Target,
  );
  expect(schedules.length).toBeGreaterThan(0);
  for (const { DeadLetterConfig } of schedules) expect(impactOf(referred(DeadLetterConfig?.Arn))).toHaveLength(1);
  const invocations = all(service, 'AWS::Lambda::EventInvokeConfig').map(([, { Properties }]) => Properties);
  expect(invocations).toHaveLength(schedules.length);
  expect(JSON.stringify(invocations).match(/"OnFailure"/g)).toHaveLength(schedules.length);
});
