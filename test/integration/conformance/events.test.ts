import { PutEventsCommand } from '@aws-sdk/client-eventbridge';
import { StopExecutionCommand } from '@aws-sdk/client-sfn';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ended, events, machineOf, nextMessage, role, type Stack, sfn, stackOf, start, unique } from './aws.ts';

const patterns = {
  NotReplayed: { source: ['stepwise'], 'replay-name': [{ exists: false }] },
  Prefix: { 'detail-type': [{ prefix: 'lead.' }] },
  AnythingBut: { source: ['stepwise'], detail: { actor: { kind: [{ 'anything-but': ['system'] }] } } },
  Missing: { source: ['stepwise'], detail: { ownerId: [{ exists: false }] } },
};

let stack: Stack;
const source = unique('machine');

beforeAll(async () => {
  const queues = [...Object.keys(patterns), 'Statuses'];
  const policy = {
    Statement: [
      { Effect: 'Allow', Principal: { Service: 'events.amazonaws.com' }, Action: 'sqs:SendMessage', Resource: '*' },
    ],
  };
  const rule = (name: string, EventPattern: object, bus: object) => ({
    Type: 'AWS::Events::Rule',
    Properties: { ...bus, EventPattern, Targets: [{ Id: 'queue', Arn: { 'Fn::GetAtt': [name, 'Arn'] } }] },
  });
  stack = await stackOf(
    {
      Role: role('states.amazonaws.com'),
      Bus: { Type: 'AWS::Events::EventBus', Properties: { Name: unique('bus') } },
      ...Object.fromEntries(queues.map((name) => [name, { Type: 'AWS::SQS::Queue' }])),
      Policy: {
        Type: 'AWS::SQS::QueuePolicy',
        Properties: { Queues: queues.map((Ref) => ({ Ref })), PolicyDocument: policy },
      },
      ...Object.fromEntries(
        Object.entries(patterns).map(([name, pattern]) => [
          `${name}Rule`,
          rule(name, pattern, { EventBusName: { Ref: 'Bus' } }),
        ]),
      ),
      StatusesRule: rule(
        'Statuses',
        {
          source: ['aws.states'],
          'detail-type': ['Step Functions Execution Status Change'],
          detail: { name: [{ prefix: source }] },
        },
        {},
      ),
    },
    {
      role: { 'Fn::GetAtt': ['Role', 'Arn'] },
      bus: { Ref: 'Bus' },
      ...Object.fromEntries(queues.map((name) => [name.toLowerCase(), { Ref: name }])),
    },
  );
});
afterAll(() => stack.remove());

type Event = { source: string; 'detail-type': string; detail: Record<string, unknown> };
const eventIn = async (queue: string) =>
  JSON.parse((await nextMessage(stack.outputs[queue.toLowerCase()]!)).Body!) as Event;

describe('a rule', () => {
  it('matches by exists, prefix and anything-but', async () => {
    const put = (type: string, detail: object) =>
      events.send(
        new PutEventsCommand({
          Entries: [
            {
              Source: 'stepwise',
              DetailType: type,
              Detail: JSON.stringify(detail),
              EventBusName: stack.outputs['bus'],
            },
          ],
        }),
      );
    await put('task.opened', { n: 1, ownerId: 'usr_1', actor: { kind: 'system' } });
    await put('lead.captured', { n: 2, actor: { kind: 'person' } });
    expect((await eventIn('NotReplayed')).detail['n']).toSatisfy((n) => n === 1 || n === 2);
    for (const queue of ['Prefix', 'AnythingBut', 'Missing']) expect((await eventIn(queue)).detail['n']).toBe(2);
  });
});

describe('an execution', () => {
  const states = {
    SUCCEEDED: { Do: { Type: 'Pass', Output: { done: true }, End: true } },
    FAILED: { Do: { Type: 'Fail', Error: 'Broken', Cause: 'why' } },
    ABORTED: { Do: { Type: 'Wait', Seconds: 60, End: true } },
    TIMED_OUT: { Do: { Type: 'Wait', Seconds: 60, End: true } },
  };
  it.each(['SUCCEEDED', 'FAILED', 'ABORTED', 'TIMED_OUT'] as const)(
    'tells the default bus that it is %s',
    async (status) => {
      const more = status === 'TIMED_OUT' ? { TimeoutSeconds: 1 } : {};
      const machine = await machineOf(stack.outputs['role']!, { StartAt: 'Do', States: states[status], ...more });
      const executionArn = await start(machine, { n: 1 }, `${source}-${status}`);
      if (status === 'ABORTED')
        await sfn.send(new StopExecutionCommand({ executionArn, error: 'Enough', cause: 'said so' }));
      await ended(executionArn);
      // Two events, in any order.
      const told = [(await eventIn('Statuses')).detail, (await eventIn('Statuses')).detail];
      const about = { executionArn, stateMachineArn: machine, input: '{"n":1}' };
      expect(told).toContainEqual(expect.objectContaining({ ...about, status: 'RUNNING' }));
      const outcome = {
        SUCCEEDED: { output: expect.any(String) },
        FAILED: { error: 'Broken', cause: 'why', output: null },
        ABORTED: { error: 'Enough', cause: 'said so' },
        TIMED_OUT: { output: null },
      }[status];
      const end = told.find((detail) => detail['status'] === status);
      expect(end).toMatchObject({ ...about, ...outcome });
      if (status === 'SUCCEEDED') expect(JSON.parse(end?.['output'] as string)).toEqual({ done: true });
    },
  );
});
