import { InvokeCommand } from '@aws-sdk/client-lambda';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { functionOf, lambda, role, type Stack, stackOf } from './aws.ts';

let stack: Stack;

const counting = `let calls = 0; exports.handler = async ({ fail }) => {
  calls += 1;
  if (!fail) return calls;
  const error = new TypeError('call ' + calls); throw error;
};`;

beforeAll(async () => {
  stack = await stackOf(
    { Role: role('lambda.amazonaws.com'), Counting: functionOf(counting) },
    { counting: { Ref: 'Counting' } },
  );
});
afterAll(() => stack.remove());

async function invoke(payload: unknown) {
  const answer = await lambda.send(
    new InvokeCommand({ FunctionName: stack.outputs['counting']!, Payload: Buffer.from(JSON.stringify(payload)) }),
  );
  return { error: answer.FunctionError, payload: JSON.parse(Buffer.from(answer.Payload!).toString()) as unknown };
}

it('reports an error by the name it was thrown with, its message and its trace', async () => {
  const { error, payload } = await invoke({ fail: true });
  expect(error).toBe('Unhandled');
  expect(payload).toMatchObject({ errorType: 'TypeError', errorMessage: expect.stringMatching(/^call \d+$/) });
  expect((payload as { trace: string[] }).trace[0]).toMatch(/^TypeError: call \d+$/);
});

it('keeps the environment after a thrown error', async () => {
  const before = (await invoke({})).payload as number;
  await invoke({ fail: true });
  expect((await invoke({})).payload).toBe(before + 2);
});

it('answers at once when the function logs nothing', async () => {
  await invoke({});
  const taken: number[] = [];
  for (let i = 0; i < 20; i++) {
    const begin = performance.now();
    await invoke({});
    taken.push(performance.now() - begin);
  }
  expect(taken.sort((a, b) => a - b)[5]).toBeLessThan(45);
});
