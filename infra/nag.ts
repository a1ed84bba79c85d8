import { type App, Stack, Validations } from 'aws-cdk-lib';
import { CfnRoute } from 'aws-cdk-lib/aws-apigatewayv2';
import { CfnPolicy, CfnRole } from 'aws-cdk-lib/aws-iam';
import { CfnEventSourceMapping, CfnFunction } from 'aws-cdk-lib/aws-lambda';
import { CfnSecret } from 'aws-cdk-lib/aws-secretsmanager';
import { CfnSubscription } from 'aws-cdk-lib/aws-sns';
import { AwsSolutionsChecks, ServerlessChecks } from 'cdk-nag';
import { flattenCfnReference } from 'cdk-nag/lib/utils/flatten-cfn-reference.js';
import type { IConstruct } from 'constructs';
import { Parking } from './constructs/parking.ts';

/** Every rule that we do not follow, where, and why. */
const exceptions: { rule: string; reason: string; on: (construct: IConstruct) => boolean }[] = [
  {
    rule: 'AwsSolutions-APIG4',
    reason:
      'Every function checks the key and the permission that its endpoint names; links in mails carry a signature.',
    on: (construct) => construct instanceof CfnRoute,
  },
  {
    rule: 'AwsSolutions-SMG4',
    reason: 'Rotating the secret of links would void links in mails already sent; an operator rotates it after a leak.',
    on: (construct) => construct instanceof CfnSecret,
  },
  {
    rule: 'AwsSolutions-SQS3',
    reason:
      'A parking is itself a dead-letter queue, or takes what the relay puts aside; it rings at its first message.',
    on: (construct) => construct instanceof Parking,
  },
  {
    rule: 'Serverless-SQSRedrivePolicy',
    reason:
      'A parking is itself a dead-letter queue, or takes what the relay puts aside; it rings at its first message.',
    on: (construct) => construct instanceof Parking,
  },
  {
    rule: 'Serverless-LambdaEventSourceMappingDestination',
    reason: 'Destinations are for streams: a queue has its redrive policy, and the stream has its destination.',
    on: (construct) => construct instanceof CfnEventSourceMapping && construct.destinationConfig === undefined,
  },
  {
    rule: 'Serverless-LambdaDLQ',
    reason: 'Only schedules invoke asynchronously, and theirs have a failure destination, which tells more.',
    on: (construct) => construct instanceof CfnFunction,
  },
  {
    rule: 'Serverless-LambdaStarPermissions',
    reason:
      'X-Ray has no resources to name; every other wildcard needs a reason of its own (AwsSolutions-IAM5, below).',
    on: (construct) => construct instanceof CfnRole,
  },
  {
    rule: 'Serverless-SNSRedrivePolicy',
    reason: 'It mails alarms to a person; the alarm stays in CloudWatch, and nobody would watch a queue of such mails.',
    on: (construct) => construct instanceof CfnSubscription && construct.protocol === 'email',
  },
];

/** Every wildcard that a policy may hold: whatever else has one fails synth. */
const wildcards: { actions: string[]; reason: string }[] = [
  {
    actions: ['xray:PutTraceSegments', 'xray:PutTelemetryRecords', 'xray:GetSamplingRules', 'xray:GetSamplingTargets'],
    reason: 'X-Ray has no resources to name.',
  },
  {
    actions: [
      'logs:CreateLogDelivery',
      'logs:GetLogDelivery',
      'logs:UpdateLogDelivery',
      'logs:DeleteLogDelivery',
      'logs:ListLogDeliveries',
      'logs:PutResourcePolicy',
      'logs:DescribeResourcePolicies',
      'logs:DescribeLogGroups',
    ],
    reason: 'A state machine sets up the delivery of its own log, and these actions have no resources to name.',
  },
  {
    actions: ['states:DescribeExecution', 'states:GetExecutionHistory', 'states:StopExecution'],
    reason: 'An execution has its name only once it runs: all executions of the named state machine.',
  },
  {
    actions: ['s3:GetObject', 's3:GetObjectVersion', 's3:PutObject', 's3:AbortMultipartUpload'],
    reason: 'Objects get their names as they are made: all under one prefix of one bucket.',
  },
  {
    actions: ['lambda:InvokeFunction'],
    reason: 'All versions of the one function that a schedule calls: the construct of CDK grants them.',
  },
];

/** Checks every template in synth; what breaks a rule without a reason fails it. To be called when all constructs are there. */
export const nag = (app: App): void => {
  for (const construct of app.node.findAll()) {
    for (const { rule: id, reason, on } of exceptions) {
      if (on(construct)) Validations.of(construct).acknowledge({ id, reason });
    }
  }
  Validations.of(app).addPlugins(...checks(app));
};

/** The AwsSolutions and the Serverless rules. */
export const checks = (app: App) => [new SolutionsChecks(app), new ServerlessChecks(app)];

/**
 * A wildcard is acknowledged by the text of its resource, which is known only once references between stacks are
 * resolved: by the time that the checks run.
 */
class SolutionsChecks extends AwsSolutionsChecks {
  override validateScope(scope: IConstruct) {
    for (const construct of scope.node.findAll())
      if (construct instanceof CfnPolicy || construct instanceof CfnRole) acknowledgeWildcards(construct);
    return super.validateScope(scope);
  }
}

/** A resource is acknowledged as a whole, so every action that any statement of the policy allows on it must be listed. */
const acknowledgeWildcards = (policy: CfnPolicy | CfnRole) => {
  const allowed = documentsOf(policy)
    .flatMap(({ Statement = [] }) => Statement)
    .flatMap(({ Action, Resource }) =>
      [Resource].flat().map((resource) => ({ resource: flattenCfnReference(resource), actions: [Action].flat() })),
    )
    .filter(({ resource }) => resource.includes('*'));
  for (const [resource, statements] of Map.groupBy(allowed, (statement) => statement.resource)) {
    const actions = statements.flatMap((statement) => statement.actions);
    const reasons = actions.map((action) => wildcards.find((wildcard) => wildcard.actions.includes(action))?.reason);
    if (reasons.some((reason) => reason === undefined)) continue;
    const id = `AwsSolutions-IAM5[Resource::${resource}]`;
    Validations.of(policy).acknowledge({ id, reason: [...new Set(reasons)].join(' ') });
  }
};

/** What a policy says, or a role in its own policies. */
const documentsOf = (policy: CfnPolicy | CfnRole): PolicyDocument[] => {
  if (policy instanceof CfnPolicy) return [Stack.of(policy).resolve(policy.policyDocument) as PolicyDocument];
  const inline = (Stack.of(policy).resolve(policy.policies) ?? []) as { policyDocument: PolicyDocument }[];
  return inline.map(({ policyDocument }) => policyDocument);
};

interface PolicyDocument {
  Statement?: { Action: string | string[]; Resource: unknown }[];
}
