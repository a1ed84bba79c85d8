import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import {
  CloudFormationClient,
  CreateStackCommand,
  DeleteStackCommand,
  DescribeStacksCommand,
  UpdateStackCommand,
} from '@aws-sdk/client-cloudformation';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { LambdaClient } from '@aws-sdk/client-lambda';
import {
  CreateStateMachineCommand,
  DescribeExecutionCommand,
  type DescribeExecutionOutput,
  SFNClient,
  StartExecutionCommand,
} from '@aws-sdk/client-sfn';
import { DeleteMessageCommand, type Message, ReceiveMessageCommand, SQSClient } from '@aws-sdk/client-sqs';

/** What a conformance test says must hold on AWS too: it speaks to whatever `AWS_ENDPOINT_URL` names. */
export const cloudFormation = new CloudFormationClient({});
export const dynamo = new DynamoDBClient({});
export const events = new EventBridgeClient({});
export const lambda = new LambdaClient({});
export const sfn = new SFNClient({});
export const sqs = new SQSClient({});

/** A name that no other test uses. */
export const unique = (prefix: string): string => `${prefix}-${randomUUID().slice(0, 8)}`;

/** The first answer of `ask` that is not undefined, asked again every 50 ms. Throws after `seconds`. */
export async function until<T>(what: string, ask: () => Promise<T | undefined>, seconds = 20): Promise<T> {
  const deadline = Date.now() + seconds * 1000;
  for (;;) {
    const answer = await ask();
    if (answer !== undefined) return answer;
    if (Date.now() > deadline) throw new Error(`Waited ${seconds} s for ${what}`);
    await pause(50);
  }
}

type Resources = Record<string, { Type: string; [attribute: string]: unknown }>;
export type Stack = {
  outputs: Record<string, string>;
  update: (resources: Resources) => Promise<Record<string, string>>;
  remove: () => Promise<void>;
};

/** Makes a stack of these resources; its outputs are the given references. */
export async function stackOf(resources: Resources, outputs: Record<string, unknown>): Promise<Stack> {
  const StackName = unique('conformance');
  const body = (of: Resources) =>
    JSON.stringify({
      Resources: of,
      Outputs: Object.fromEntries(Object.entries(outputs).map(([key, Value]) => [key, { Value }])),
    });
  const settings = (of: Resources) => ({
    StackName,
    TemplateBody: body(of),
    Capabilities: ['CAPABILITY_IAM' as const],
  });
  const settled = () =>
    until(`the stack ${StackName}`, async () => {
      const { Stacks } = await cloudFormation.send(new DescribeStacksCommand({ StackName }));
      const stack = Stacks?.[0];
      if (!stack?.StackStatus || stack.StackStatus.endsWith('IN_PROGRESS')) return undefined;
      if (!/^(CREATE|UPDATE)_COMPLETE$/.test(stack.StackStatus))
        throw new Error(`${stack.StackStatus}: ${stack.StackStatusReason}`);
      return Object.fromEntries(
        (stack.Outputs ?? []).map(({ OutputKey, OutputValue }) => [OutputKey, OutputValue ?? '']),
      );
    });
  await cloudFormation.send(new CreateStackCommand(settings(resources)));
  return {
    outputs: await settled(),
    update: async (changed) => {
      await cloudFormation.send(new UpdateStackCommand(settings(changed)));
      return settled();
    },
    remove: async () => {
      await cloudFormation.send(new DeleteStackCommand({ StackName }));
    },
  };
}

/** A role that the named services may take, allowed everything in a conformance stack. */
export const role = (...services: string[]) => ({
  Type: 'AWS::IAM::Role',
  Properties: {
    AssumeRolePolicyDocument: {
      Version: '2012-10-17',
      Statement: [{ Effect: 'Allow', Principal: { Service: services }, Action: 'sts:AssumeRole' }],
    },
    ManagedPolicyArns: ['arn:aws:iam::aws:policy/AdministratorAccess'],
  },
});

/** A function whose `exports.handler` is in the source; its role is the resource `Role`. */
export const functionOf = (source: string, properties: Record<string, unknown> = {}) => ({
  Type: 'AWS::Lambda::Function',
  Properties: {
    Runtime: 'nodejs24.x',
    Handler: 'index.handler',
    Timeout: 10,
    Role: { 'Fn::GetAtt': ['Role', 'Arn'] },
    Code: { ZipFile: source },
    ...properties,
  },
});

/** A JSONata state machine of these states, ready to start. */
export async function machineOf(
  roleArn: string,
  definition: { StartAt: string; States: Record<string, unknown>; TimeoutSeconds?: number },
): Promise<string> {
  const { stateMachineArn } = await sfn.send(
    new CreateStateMachineCommand({
      name: unique('machine'),
      roleArn,
      definition: JSON.stringify({ QueryLanguage: 'JSONata', ...definition }),
    }),
  );
  return stateMachineArn!;
}

export async function start(stateMachineArn: string, input: unknown = {}, name = unique('run')): Promise<string> {
  const request = { stateMachineArn, name, input: JSON.stringify(input) };
  const { executionArn } = await sfn.send(new StartExecutionCommand(request));
  return executionArn!;
}

/** The execution once it has ended. */
export function ended(executionArn: string, seconds = 20): Promise<DescribeExecutionOutput> {
  return until(
    `the end of ${executionArn}`,
    async () => {
      const execution = await sfn.send(new DescribeExecutionCommand({ executionArn }));
      return execution.status === 'RUNNING' ? undefined : execution;
    },
    seconds,
  );
}

/** Runs a machine of these states to its end and gives its output. Throws where it does not succeed. */
export async function outputOf(
  roleArn: string,
  definition: Parameters<typeof machineOf>[1],
  input: unknown = {},
  seconds = 20,
): Promise<unknown> {
  const execution = await ended(await start(await machineOf(roleArn, definition), input), seconds);
  if (execution.status !== 'SUCCEEDED') throw new Error(`${execution.status} ${execution.error}: ${execution.cause}`);
  return JSON.parse(execution.output!);
}

/** The next message of the queue, taken off it. */
export function nextMessage(QueueUrl: string, seconds = 20): Promise<Message> {
  return until(
    `a message in ${QueueUrl}`,
    async () => {
      const { Messages } = await sqs.send(new ReceiveMessageCommand({ QueueUrl, WaitTimeSeconds: 1 }));
      const message = Messages?.[0];
      if (!message) return undefined;
      await sqs.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle: message.ReceiptHandle }));
      return message;
    },
    seconds,
  );
}
