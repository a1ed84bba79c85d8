import { ArnFormat, Stack } from 'aws-cdk-lib';
import type { TableV2 } from 'aws-cdk-lib/aws-dynamodb';
import type { EventBus } from 'aws-cdk-lib/aws-events';
import { Effect, Grant, type IGrantable, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type * as lambda from 'aws-cdk-lib/aws-lambda';
import type { Bucket } from 'aws-cdk-lib/aws-s3';
import type { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import type { Queue } from 'aws-cdk-lib/aws-sqs';
import type { StateMachine } from 'aws-cdk-lib/aws-stepfunctions';
import { indexes } from './indexes.ts';

/**
 * A permission and the names it is used by, given together: who has the name may do it, and who may not has no name.
 * A function finds the names in its environment, a workflow in the placeholders of its ASL file.
 */
export interface Capability {
  environment: Record<string, string>;
  grant(grantee: IGrantable): void;
}

const may = (environment: Record<string, string>, actions: string[], resourceArns: string[]): Capability => ({
  environment,
  grant: (grantee) => {
    Grant.addToPrincipal({ grantee, actions, resourceArns }).assertSuccess();
  },
});

export type TableAction = 'GetItem' | 'PutItem' | 'UpdateItem' | 'DeleteItem' | 'ConditionCheckItem';

/** Look-ups of the table, ten a request: a PartiQL statement names their partitions. One that names none would scan, and is refused. */
export const readsLookUps = (table: TableV2): Capability => ({
  environment: { TABLE_NAME: table.tableName },
  grant: (grantee) => {
    const select = { actions: ['dynamodb:PartiQLSelect'], resources: [table.tableArn] };
    const scans = { Bool: { 'dynamodb:FullTableScan': 'true' } };
    for (const statement of [select, { ...select, effect: Effect.DENY, conditions: scans }])
      grantee.grantPrincipal.addToPrincipalPolicy(new PolicyStatement(statement));
  },
});

/** Items by key, and Queries of the table and its indexes. No Scan: what no key serves is refused. */
export const readsTable = (table: TableV2): Capability =>
  may(
    { TABLE_NAME: table.tableName },
    ['dynamodb:GetItem', 'dynamodb:BatchGetItem', 'dynamodb:Query'],
    [table.tableArn, ...indexes.map((index) => `${table.tableArn}/index/${index}`)],
  );

/** Everything a transaction may hold; TransactWriteItems itself needs no permission beside those of its parts. */
export const writesTable = (table: TableV2): Capability =>
  onItems(table, ['PutItem', 'UpdateItem', 'DeleteItem', 'ConditionCheckItem']);

/** Single items only, by the named actions: what an ASL file does without a function. */
export const onItems = (table: TableV2, actions: TableAction[]): Capability =>
  may(
    { TABLE_NAME: table.tableName },
    actions.map((action) => `dynamodb:${action}`),
    [table.tableArn],
  );

export const putsEvents = (bus: EventBus): Capability =>
  may({ EVENT_BUS_NAME: bus.eventBusName }, ['events:PutEvents'], [bus.eventBusArn]);

/** Objects under `prefix` of the bucket; also what a presigned URL made by the holder may do. */
export const readsBucket = (name: `${string}_BUCKET`, bucket: Bucket, prefix: string): Capability =>
  may({ [name]: bucket.bucketName }, ['s3:GetObject'], [bucket.arnForObjects(`${prefix}*`)]);

/** Also earlier versions of them. */
export const readsVersions = (bucket: Bucket, prefix: string): Capability =>
  may({}, ['s3:GetObjectVersion'], [bucket.arnForObjects(`${prefix}*`)]);

/** New objects, and new versions of objects, under `prefix` of the bucket. */
export const writesBucket = (name: `${string}_BUCKET`, bucket: Bucket, prefix: string): Capability =>
  may({ [name]: bucket.bucketName }, ['s3:PutObject'], [bucket.arnForObjects(`${prefix}*`)]);

/** The current and the previous version of a secret; the holder fetches the value, the environment has only its name. */
export const readsSecret = (name: `${string}_SECRET_ARN`, secret: Secret): Capability =>
  may({ [name]: secret.secretArn }, ['secretsmanager:GetSecretValue'], [secret.secretArn]);

/** Messages to one queue. */
export const sendsTo = (name: `${string}_QUEUE_URL`, queue: Queue): Capability =>
  may({ [name]: queue.queueUrl }, ['sqs:SendMessage'], [queue.queueArn]);

export interface MailIdentity {
  domain: string;
  from: string;
  identityArn: string;
  /** The configuration sets: what a step of ours causes, and what marketing sends. */
  transactional: { name: string; arn: string };
  marketing: { name: string; arn: string };
}

/** Mails from the stage's own domain, with one of its configuration sets. */
export const sendsMail = (mail: MailIdentity, as: 'transactional' | 'marketing' = 'transactional'): Capability =>
  may(
    { MAIL_DOMAIN: mail.domain, MAIL_FROM: mail.from, MAIL_CONFIGURATION_SET: mail[as].name },
    ['ses:SendRawEmail'],
    [mail.identityArn, mail[as].arn],
  );

/** A name without a permission: knowing where something is, is all that is needed. */
export const knows = (environment: Record<string, string>): Capability => ({ environment, grant: () => {} });

/** Invokes one function; the workflow's placeholder is `name`. */
export const invokes = (name: `${string}_FUNCTION`, target: lambda.Function): Capability =>
  may({ [name]: target.functionName }, ['lambda:InvokeFunction'], [target.functionArn]);

/** Workflow name -> state machine. */
export type Machines = Record<string, StateMachine>;

/**
 * Starts executions, and asks how one stands: a start whose answer was lost must find out. `STATE_MACHINES` is JSON:
 * workflow name -> ARN.
 */
export const startsWorkflows = (machines: Machines): Capability => ({
  environment: namesOf(machines),
  grant: (grantee) => {
    may({}, ['states:StartExecution'], arnsOf(machines)).grant(grantee);
    may({}, ['states:DescribeExecution'], executionsOf(machines)).grant(grantee);
  },
});

/** Ends executions before their time. */
export const stopsWorkflows = (machines: Machines): Capability =>
  may(namesOf(machines), ['states:StopExecution'], executionsOf(machines));

/** The steps that an execution went through. */
export const readsHistory = (machines: Machines): Capability =>
  may(namesOf(machines), ['states:GetExecutionHistory'], executionsOf(machines));

/** Answers the task tokens of waiting executions. */
export const answersTokens = (machines: Machines): Capability => may({}, ['states:SendTaskSuccess'], arnsOf(machines));

const arnsOf = (machines: Machines) => Object.values(machines).map((machine) => machine.stateMachineArn);

const namesOf = (machines: Machines): Record<string, string> => {
  const [first] = Object.values(machines);
  if (!first) return { STATE_MACHINES: '{}' };
  const arns = Object.entries(machines).map(([name, machine]) => [name, machine.stateMachineArn]);
  return { STATE_MACHINES: Stack.of(first).toJsonString(Object.fromEntries(arns)) };
};

/** An execution's ARN ends in a name that is only known once it runs: the wildcard is that name. */
const executionsOf = (machines: Machines) =>
  Object.values(machines).map((machine) =>
    Stack.of(machine).formatArn({
      service: 'states',
      resource: 'execution',
      resourceName: `${machine.stateMachineName}:*`,
      arnFormat: ArnFormat.COLON_RESOURCE_NAME,
    }),
  );
