import {
  DescribeExecutionCommand,
  ListExecutionsCommand,
  SendTaskFailureCommand,
  SendTaskSuccessCommand,
  StartExecutionCommand,
  StopExecutionCommand,
} from '@aws-sdk/client-sfn';
import { CreateQueueCommand } from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  ended,
  functionOf,
  machineOf,
  nextMessage,
  outputOf,
  role,
  type Stack,
  sfn,
  sqs,
  stackOf,
  start,
  unique,
  until,
} from './aws.ts';

let stack: Stack;
let roleArn: string;
let thrower: string;

beforeAll(async () => {
  const refuse = `exports.handler = async () => { const e = new Error('no'); e.name = 'Refused'; throw e; };`;
  stack = await stackOf(
    { Role: role('states.amazonaws.com', 'lambda.amazonaws.com'), Thrower: functionOf(refuse) },
    { role: { 'Fn::GetAtt': ['Role', 'Arn'] }, thrower: { Ref: 'Thrower' } },
  );
  roleArn = stack.outputs['role']!;
  thrower = stack.outputs['thrower']!;
});
afterAll(() => stack.remove());

/** A task that puts its token into a queue of its own and waits for the answer. */
async function callback(more: Record<string, unknown>) {
  const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName: unique('tokens') }));
  const task = {
    Type: 'Task',
    Resource: 'arn:aws:states:::sqs:sendMessage.waitForTaskToken',
    Arguments: { QueueUrl, MessageBody: '{% $states.context.Task.Token %}' },
    TimeoutSeconds: 30,
    ...more,
  };
  return { task, nextToken: async () => (await nextMessage(QueueUrl!)).Body! };
}

const pass = (more: Record<string, unknown>) => ({ Type: 'Pass', ...more });
const caught = { Type: 'Pass', Output: { caught: '{% $states.input.Error %}' }, End: true };
const catchTo = (error: string) => [{ ErrorEquals: [error], Output: '{% $states.errorOutput %}', Next: 'Caught' }];

describe.concurrent('Parallel', () => {
  it('gives each branch variables of its own', async () => {
    const branch = (mine: string) => ({
      StartAt: 'Set',
      States: {
        Set: pass({ Assign: { mine }, Next: 'Wait' }),
        Wait: { Type: 'Wait', Seconds: 1, Next: 'Tell' },
        Tell: pass({ Output: '{% $mine %}', End: true }),
      },
    });
    const States = { Both: { Type: 'Parallel', Branches: [branch('a'), branch('b')], End: true } };
    expect(await outputOf(roleArn, { StartAt: 'Both', States })).toEqual(['a', 'b']);
  });

  it('gives each branch a task token of its own', async () => {
    const { task, nextToken } = await callback({ End: true });
    const branch = { StartAt: 'Ask', States: { Ask: task } };
    const States = { All: { Type: 'Parallel', Branches: [branch, branch, branch], End: true } };
    const execution = await start(await machineOf(roleArn, { StartAt: 'All', States }));
    for (const answer of [1, 2, 3]) {
      await sfn.send(new SendTaskSuccessCommand({ taskToken: await nextToken(), output: String(answer) }));
    }
    const { status, output } = await ended(execution);
    expect({ status, answers: (JSON.parse(output ?? '[]') as number[]).sort() }).toEqual({
      status: 'SUCCEEDED',
      answers: [1, 2, 3],
    });
  });

  it('takes Arguments, and makes Output and Assign from the results', async () => {
    const times = (n: number) => ({
      StartAt: 'Times',
      States: { Times: pass({ Output: `{% $states.input.n * ${n} %}`, End: true }) },
    });
    const Both = {
      Type: 'Parallel',
      Arguments: { n: 2 },
      Branches: [times(10), times(100)],
      Assign: { total: '{% $sum($states.result) %}' },
      Output: '{% $states.result[1] %}',
      Next: 'Tell',
    };
    const Tell = pass({ Output: { total: '{% $total %}', last: '{% $states.input %}' }, End: true });
    expect(await outputOf(roleArn, { StartAt: 'Both', States: { Both, Tell } })).toEqual({ total: 220, last: 200 });
  });

  it('ends the other branches when one fails', async () => {
    const slow = { StartAt: 'Wait', States: { Wait: { Type: 'Wait', Seconds: 60, End: true } } };
    const failing = { StartAt: 'Fail', States: { Fail: { Type: 'Fail', Error: 'Broken' } } };
    const Both = { Type: 'Parallel', Branches: [slow, failing], Catch: catchTo('Broken'), End: true };
    expect(await outputOf(roleArn, { StartAt: 'Both', States: { Both, Caught: caught } })).toEqual({
      caught: 'Broken',
    });
  });
});

describe.concurrent('Map', () => {
  it('ends the other items when one fails', async () => {
    const States = {
      Look: { Type: 'Choice', Choices: [{ Condition: '{% $states.input = 1 %}', Next: 'Fail' }], Default: 'Wait' },
      Wait: { Type: 'Wait', Seconds: 60, End: true },
      Fail: { Type: 'Fail', Error: 'Broken' },
    };
    const Each = {
      Type: 'Map',
      Items: [0, 1, 2],
      ItemProcessor: { StartAt: 'Look', States },
      Catch: catchTo('Broken'),
      End: true,
    };
    expect(await outputOf(roleArn, { StartAt: 'Each', States: { Each, Caught: caught } })).toEqual({
      caught: 'Broken',
    });
  });
});

describe.concurrent('Variables and outputs', () => {
  it('evaluates all of one Assign before any of it', async () => {
    const States = {
      Set: pass({ Assign: { a: 1, b: 2 }, Next: 'Swap' }),
      Swap: pass({ Assign: { a: '{% $b %}', b: '{% $a %}' }, Next: 'Tell' }),
      Tell: pass({ Output: { a: '{% $a %}', b: '{% $b %}' }, End: true }),
    };
    expect(await outputOf(roleArn, { StartAt: 'Set', States })).toEqual({ a: 2, b: 1 });
  });

  it('ends with the Output of Succeed, at the top and in a branch', async () => {
    const done = { Type: 'Succeed', Output: { done: '{% $states.input.n %}' } };
    const Split = { Type: 'Parallel', Branches: [{ StartAt: 'Done', States: { Done: done } }], Next: 'End' };
    const End = { Type: 'Succeed', Output: { end: '{% $states.input %}' } };
    expect(await outputOf(roleArn, { StartAt: 'Split', States: { Split, End } }, { n: 7 })).toEqual({
      end: [{ done: 7 }],
    });
  });

  it('names the role in the context', async () => {
    const States = { Tell: pass({ Output: '{% $states.context.Execution.RoleArn %}', End: true }) };
    expect(await outputOf(roleArn, { StartAt: 'Tell', States })).toBe(roleArn);
  });
});

describe.concurrent('Payloads', () => {
  it('have at most 256 KiB', async () => {
    const Grow = pass({ Output: "{% $join([1..30000].('123456789')) %}", End: true });
    const machine = await machineOf(roleArn, { StartAt: 'Grow', States: { Grow } });
    expect(await ended(await start(machine))).toMatchObject({ status: 'FAILED', error: 'States.DataLimitExceeded' });
    await expect(start(machine, 'x'.repeat(262_144))).rejects.toThrow();
  });
});

describe.concurrent('Starting', () => {
  it('does so at once', async () => {
    const machine = await machineOf(roleArn, { StartAt: 'Pass', States: { Pass: pass({ End: true }) } });
    const taken = [];
    for (let i = 0; i < 5; i++) {
      const { startDate, stopDate } = await ended(await start(machine));
      taken.push(stopDate!.getTime() - startDate!.getTime());
    }
    expect(Math.min(...taken)).toBeLessThan(140);
  });

  it('gives the running execution for its own name and input, and refuses the name for anything else', async () => {
    const stateMachineArn = await machineOf(roleArn, {
      StartAt: 'Wait',
      States: { Wait: { Type: 'Wait', Seconds: 60, End: true } },
    });
    const begin = (input: string) => sfn.send(new StartExecutionCommand({ stateMachineArn, name: 'same', input }));
    const first = await begin('{"n":1}');
    const again = await begin('{"n":1}');
    expect(again).toMatchObject({ executionArn: first.executionArn, startDate: first.startDate });
    await expect(begin('{"n":2}')).rejects.toMatchObject({ name: 'ExecutionAlreadyExists' });
    await sfn.send(new StopExecutionCommand({ executionArn: first.executionArn }));
    await expect(begin('{"n":1}')).rejects.toMatchObject({ name: 'ExecutionAlreadyExists' });
  });
});

describe.concurrent('Ending', () => {
  it('stops with an execution the one that it waits for', async () => {
    const child = await machineOf(roleArn, {
      StartAt: 'Wait',
      States: { Wait: { Type: 'Wait', Seconds: 60, End: true } },
    });
    const Child = {
      Type: 'Task',
      Resource: 'arn:aws:states:::states:startExecution.sync:2',
      Arguments: { StateMachineArn: child },
      End: true,
    };
    const executionArn = await start(await machineOf(roleArn, { StartAt: 'Child', States: { Child } }));
    const childArn = await until('the child', async () => {
      const { executions } = await sfn.send(new ListExecutionsCommand({ stateMachineArn: child }));
      return executions?.[0]?.executionArn;
    });
    await sfn.send(new StopExecutionCommand({ executionArn, error: 'Enough', cause: 'said so' }));
    expect(await ended(childArn)).toMatchObject({ status: 'ABORTED' });
    expect(await ended(executionArn)).toMatchObject({ status: 'ABORTED', error: 'Enough', cause: 'said so' });
  });

  it('times an execution out wherever it waits', async () => {
    const { task } = await callback({ End: true });
    const branch = { StartAt: 'Ask', States: { Ask: task } };
    const States = {
      All: { Type: 'Parallel', Branches: [branch, branch], Catch: catchTo('States.ALL'), End: true },
      Caught: caught,
    };
    const machine = await machineOf(roleArn, { StartAt: 'All', States, TimeoutSeconds: 1 });
    expect(await ended(await start(machine))).toMatchObject({ status: 'TIMED_OUT' });
  });

  it('keeps the status of an execution that was stopped while its function ran', async () => {
    const { task, nextToken } = await callback({ End: true });
    const executionArn = await start(await machineOf(roleArn, { StartAt: 'Ask', States: { Ask: task } }));
    const taskToken = await nextToken();
    await sfn.send(new StopExecutionCommand({ executionArn }));
    await sfn.send(new SendTaskFailureCommand({ taskToken, error: 'Late' })).catch(() => {});
    expect(await sfn.send(new DescribeExecutionCommand({ executionArn }))).toMatchObject({ status: 'ABORTED' });
  });
});

describe.concurrent('Tasks', () => {
  it('take their timeout from an expression', async () => {
    const { task } = await callback({
      TimeoutSeconds: '{% $states.input.seconds %}',
      Catch: catchTo('States.Timeout'),
      End: true,
    });
    const definition = { StartAt: 'Ask', States: { Ask: task, Caught: caught } };
    expect(await outputOf(roleArn, definition, { seconds: 1 })).toEqual({ caught: 'States.Timeout' });
    await expect(outputOf(roleArn, definition, { seconds: 0 })).rejects.toThrow('FAILED');
  });

  it('have a new token for every attempt', async () => {
    const Retry = [{ ErrorEquals: ['Again'], IntervalSeconds: 1, MaxAttempts: 1 }];
    const { task, nextToken } = await callback({ Retry, End: true });
    const execution = await start(await machineOf(roleArn, { StartAt: 'Ask', States: { Ask: task } }));
    const first = await nextToken();
    await sfn.send(new SendTaskFailureCommand({ taskToken: first, error: 'Again' }));
    const second = await nextToken();
    expect(second).not.toBe(first);
    await expect(sfn.send(new SendTaskSuccessCommand({ taskToken: first, output: '"first"' }))).rejects.toThrow();
    await sfn.send(new SendTaskSuccessCommand({ taskToken: second, output: '"second"' }));
    expect(await ended(execution)).toMatchObject({ status: 'SUCCEEDED', output: '"second"' });
  });

  it('that wait for a callback fail at once with their function, by the name it threw', async () => {
    const Call = {
      Type: 'Task',
      Resource: 'arn:aws:states:::lambda:invoke.waitForTaskToken',
      Arguments: { FunctionName: thrower, Payload: { token: '{% $states.context.Task.Token %}' } },
      TimeoutSeconds: 60,
      Catch: catchTo('Refused'),
      End: true,
    };
    expect(await outputOf(roleArn, { StartAt: 'Call', States: { Call, Caught: caught } })).toEqual({
      caught: 'Refused',
    });
  });

  it('fail without their heartbeats', async () => {
    const { task } = await callback({ HeartbeatSeconds: 1, Catch: catchTo('States.HeartbeatTimeout'), End: true });
    const output = await outputOf(roleArn, { StartAt: 'Ask', States: { Ask: task, Caught: caught } }, {}, 10);
    expect(output).toEqual({ caught: 'States.HeartbeatTimeout' });
  });

  it('are retried after MaxDelaySeconds at most', async () => {
    const Call = {
      Type: 'Task',
      Resource: 'arn:aws:states:::lambda:invoke',
      Arguments: { FunctionName: thrower },
      Retry: [{ ErrorEquals: ['Refused'], IntervalSeconds: 1, BackoffRate: 30, MaxDelaySeconds: 2, MaxAttempts: 2 }],
      Catch: catchTo('Refused'),
      End: true,
    };
    const output = await outputOf(roleArn, { StartAt: 'Call', States: { Call, Caught: caught } }, {}, 15);
    expect(output).toEqual({ caught: 'Refused' });
  });
});
