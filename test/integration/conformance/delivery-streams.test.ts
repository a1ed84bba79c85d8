import { gunzipSync } from 'node:zlib';
import { PutEventsCommand } from '@aws-sdk/client-eventbridge';
import { GetObjectCommand, ListObjectsV2Command, S3Client } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { events, role, type Stack, stackOf, unique, until } from './aws.ts';

const s3 = new S3Client({ forcePathStyle: true });
const parameter = (ParameterName: string, ParameterValue: string) => ({ ParameterName, ParameterValue });
const arn = (of: string) => ({ 'Fn::GetAtt': [of, 'Arn'] });
let stack: Stack;

beforeAll(async () => {
  stack = await stackOf(
    {
      Role: role('firehose.amazonaws.com', 'events.amazonaws.com'),
      Bus: { Type: 'AWS::Events::EventBus', Properties: { Name: unique('bus') } },
      Bucket: { Type: 'AWS::S3::Bucket' },
      Stream: {
        Type: 'AWS::KinesisFirehose::DeliveryStream',
        Properties: {
          ExtendedS3DestinationConfiguration: {
            BucketARN: arn('Bucket'),
            RoleARN: arn('Role'),
            CompressionFormat: 'GZIP',
            Prefix: 'events/dt=!{partitionKeyFromQuery:dt}/',
            ErrorOutputPrefix: 'failed/',
            BufferingHints: { IntervalInSeconds: 60, SizeInMBs: 64 },
            DynamicPartitioningConfiguration: { Enabled: true },
            ProcessingConfiguration: {
              Enabled: true,
              Processors: [
                {
                  Type: 'MetadataExtraction',
                  Parameters: [
                    parameter('MetadataExtractionQuery', '{dt: .at[0:10]}'),
                    parameter('JsonParsingEngine', 'JQ-1.6'),
                  ],
                },
                { Type: 'AppendDelimiterToRecord', Parameters: [parameter('Delimiter', '\\n')] },
              ],
            },
          },
        },
      },
      Rule: {
        Type: 'AWS::Events::Rule',
        Properties: {
          EventBusName: { Ref: 'Bus' },
          EventPattern: { source: ['lake'] },
          Targets: [{ Id: 'stream', Arn: arn('Stream'), RoleArn: arn('Role'), InputPath: '$.detail' }],
        },
      },
    },
    { bus: { Ref: 'Bus' }, bucket: { Ref: 'Bucket' } },
  );
});
afterAll(() => stack.remove());

it('events reach a bucket as gzipped lines of JSON, under the day that is in them', async () => {
  const at = ['2026-01-31T23:59:59.999Z', '2026-02-01T00:00:00.000Z', '2026-02-01T10:00:00.000Z'];
  const entry = (instant: string, n: number) => ({
    Source: 'lake',
    DetailType: 'something.happened',
    Detail: JSON.stringify({ n, at: instant }),
    EventBusName: stack.outputs['bus'],
  });
  await events.send(new PutEventsCommand({ Entries: at.map(entry) }));
  const Bucket = stack.outputs['bucket']!;
  const lines = await until(
    'three lines in the bucket',
    async () => {
      const { Contents = [] } = await s3.send(new ListObjectsV2Command({ Bucket, Prefix: 'events/' }));
      const found = await Promise.all(
        Contents.map(async ({ Key = '' }) => {
          const { Body } = await s3.send(new GetObjectCommand({ Bucket, Key }));
          const text = gunzipSync(await Body!.transformToByteArray()).toString();
          expect(text.endsWith('\n')).toBe(true);
          return text
            .trim()
            .split('\n')
            .map((line) => ({ dt: /dt=([^/]+)/.exec(Key)?.[1], ...(JSON.parse(line) as { n: number }) }));
        }),
      );
      return found.flat().length >= at.length ? found.flat() : undefined;
    },
    // On AWS the buffer is let go once a minute.
    120,
  );
  expect(lines.sort((a, b) => a.n - b.n)).toEqual(
    at.map((instant, n) => ({ n, at: instant, dt: instant.slice(0, 10) })),
  );
});
