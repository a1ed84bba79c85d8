import { Duration } from 'aws-cdk-lib';
import { Metric } from 'aws-cdk-lib/aws-cloudwatch';
import { type CfnRule, Rule, RuleTargetInput } from 'aws-cdk-lib/aws-events';
import { Grant, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { CfnDeliveryStream } from 'aws-cdk-lib/aws-kinesisfirehose';
import { LogGroup, LogStream, RetentionDays } from 'aws-cdk-lib/aws-logs';
import { lakePrefix } from '../../../shared/insights/lake-queries.ts';
import { ring } from '../../constructs/alarm.ts';
import { Parking } from '../../constructs/parking.ts';
import type { Part } from './part.ts';

const impact =
  'Events do not reach the lake: queries over it miss them. They are kept in the table and in the archive of the bus.';

/** Every event to the lake: rule -> delivery stream -> bucket. No code of ours, and nothing to pay while nothing happens. */
export const lake: Part = ({ stack, house, data }) => {
  const delivers = new Role(stack, 'LakeDeliveryRole', { assumedBy: new ServicePrincipal('firehose.amazonaws.com') });
  const allowed = [
    Grant.addToPrincipal({
      grantee: delivers,
      actions: ['s3:GetBucketLocation', 's3:ListBucket', 's3:ListBucketMultipartUploads'],
      resourceArns: [data.lake.bucketArn],
    }),
    Grant.addToPrincipal({
      grantee: delivers,
      actions: ['s3:PutObject', 's3:GetObject', 's3:AbortMultipartUpload'],
      resourceArns: [data.lake.arnForObjects('*')],
    }),
  ];
  const log = new LogGroup(stack, 'LakeLog', {
    retention: RetentionDays.ONE_MONTH,
    removalPolicy: house.stage.removal,
  });
  const failures = new LogStream(stack, 'LakeFailures', { logGroup: log, removalPolicy: house.stage.removal });
  allowed.push(log.grantWrite(delivers));
  const parameter = (parameterName: string, parameterValue: string) => ({ parameterName, parameterValue });
  const stream = new CfnDeliveryStream(stack, 'Lake', {
    deliveryStreamEncryptionConfigurationInput: { keyType: 'AWS_OWNED_CMK' },
    extendedS3DestinationConfiguration: {
      bucketArn: data.lake.bucketArn,
      roleArn: delivers.roleArn,
      compressionFormat: 'GZIP',
      prefix: `${lakePrefix}dt=!{partitionKeyFromQuery:dt}/`,
      errorOutputPrefix: 'failed/!{firehose:error-output-type}/',
      // The least that partitioning by what is in the record allows.
      bufferingHints: { intervalInSeconds: 300, sizeInMBs: 64 },
      dynamicPartitioningConfiguration: { enabled: true, retryOptions: { durationInSeconds: 300 } },
      processingConfiguration: {
        enabled: true,
        processors: [
          {
            type: 'MetadataExtraction',
            parameters: [
              parameter('MetadataExtractionQuery', '{dt: .occurredAt[0:10]}'),
              parameter('JsonParsingEngine', 'JQ-1.6'),
            ],
          },
          { type: 'AppendDelimiterToRecord', parameters: [parameter('Delimiter', '\\n')] },
        ],
      },
      cloudWatchLoggingOptions: {
        enabled: true,
        logGroupName: log.logGroupName,
        logStreamName: failures.logStreamName,
      },
    },
  });
  for (const grant of allowed) grant.applyBefore(stream);

  const sends = new Role(stack, 'LakeRuleRole', { assumedBy: new ServicePrincipal('events.amazonaws.com') });
  Grant.addToPrincipal({
    grantee: sends,
    actions: ['firehose:PutRecord', 'firehose:PutRecordBatch'],
    resourceArns: [stream.attrArn],
  });
  const parking = new Parking(stack, 'LakeParking', { house, impact });
  const rule = new Rule(stack, 'LakeRule', { eventBus: data.bus, eventPattern: { source: ['stepwise'] } });
  parking.grantSendMessages(
    new ServicePrincipal('events.amazonaws.com', { conditions: { ArnEquals: { 'aws:SourceArn': rule.ruleArn } } }),
  );
  // A replay would bring what is there already.
  (rule.node.defaultChild as CfnRule).addPropertyOverride('EventPattern.replay-name', [{ exists: false }]);
  rule.addTarget({
    bind: () => ({
      arn: stream.attrArn,
      role: sends,
      input: RuleTargetInput.fromEventPath('$.detail'),
      deadLetterConfig: { arn: parking.queueArn },
    }),
  });

  const dimensionsMap = { DeliveryStreamName: stream.ref };
  const age = { namespace: 'AWS/Firehose', metricName: 'DeliveryToS3.DataFreshness', dimensionsMap };
  const metric = new Metric({ ...age, statistic: 'Maximum', period: Duration.minutes(5) });
  // Seconds: three times as long as events are gathered.
  ring(stack, 'LakeLate', { house, metric, threshold: 900, impact });
};
