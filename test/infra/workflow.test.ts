import { App, Stack } from 'aws-cdk-lib';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { describe, expect, test } from 'vitest';
import { awaitedEventsOf, itemActionsOf, placeholdersOf, readDefinition } from '../../infra/asl.ts';
import { knows } from '../../infra/constructs/capability.ts';
import { Workflow } from '../../infra/constructs/workflow.ts';
import { stageOf } from '../../infra/stages.ts';

/** A file with these states; nothing else matters here. */
const definition = (states: object) => ({ name: 'example', text: JSON.stringify({ StartAt: 'A', States: states }) });
const calling = (name: string) =>
  definition({ A: { Type: 'Task', Arguments: { FunctionName: `\${${name}}` }, End: true } });

const workflow = (text: ReturnType<typeof definition>, names: Record<string, string>) => {
  const app = new App({ context: { stage: 'dev' } });
  const stack = new Stack(app, 'Alone');
  const house = { stage: stageOf(app), alarms: new Topic(stack, 'Alarms'), bundles: '', workflows: '' };
  return new Workflow(stack, 'Example', { house, definition: text, uses: [knows(names)], impact: 'Nothing moves.' });
};

describe('the placeholders of a file and the names it is given', () => {
  test.each([
    ['match', calling('SEND_FUNCTION'), { SEND_FUNCTION: 'f' }, undefined],
    [
      'one is supplied by nothing',
      calling('SEND_FUNCTION'),
      {},
      /example\.asl\.json: nothing supplies \$\{SEND_FUNCTION\}/,
    ],
    [
      'one is used nowhere',
      definition({}),
      { TABLE_NAME: 't' },
      /example\.asl\.json: the file does not use \$\{TABLE_NAME\}/,
    ],
    ['one is misspelt', calling('SEND_FUNCTON'), { SEND_FUNCTION: 'f' }, /nothing supplies \$\{SEND_FUNCTON\}/],
  ])('%s', (_, text, names: Record<string, string>, refusal) => {
    if (refusal) expect(() => workflow(text, names)).toThrow(refusal);
    else expect(workflow(text, names).stateMachineArn).toBeDefined();
  });

  test('each counts once, however often it stands there', () => {
    expect(placeholdersOf({ name: 'example', text: `"\${B}" "\${A}" "\${B}" "$states" "{% $x %}"` })).toEqual([
      'B',
      'A',
    ]);
  });
});

describe('the events that a file awaits', () => {
  const waiting = (...sets: unknown[]) =>
    definition(Object.fromEntries(sets.map((set, at) => [`Wait ${at}`, { Put: { Item: { events: { SS: set } } } }])));

  test('are those of all its waits, each once', () => {
    const text = waiting(['lead.assigned', 'lead.qualified'], ['lead.qualified', 'lead.converted']);
    expect(awaitedEventsOf(text).sort()).toEqual(['lead.assigned', 'lead.converted', 'lead.qualified']);
  });

  test.each([['{% $events %}'], ['lead'], [7]])('are written out: %j is refused', (type) => {
    expect(() => awaitedEventsOf(waiting([type]))).toThrow(/example: the awaited event .* is not written out/);
  });

  test('are none where it waits for nothing', () => expect(awaitedEventsOf(definition({}))).toEqual([]));
});

describe('the item actions that a file needs', () => {
  const task = (call: string, items: object[] = []) => ({
    Resource: `arn:aws:states:::aws-sdk:dynamodb:${call}`,
    Arguments: items.length > 0 ? { TransactItems: items } : {},
  });
  test.each([
    ['none', {}, []],
    ['a read', { A: task('getItem') }, ['GetItem']],
    [
      'a wait',
      { A: task('transactWriteItems.waitForTaskToken', [{ Put: {} }, { ConditionCheck: {} }]) },
      ['ConditionCheckItem', 'PutItem'],
    ],
    ['in a branch', { A: { Branches: [{ States: { B: task('deleteItem') } }] } }, ['DeleteItem']],
    ['each once', { A: task('putItem'), B: task('transactWriteItems', [{ Put: {} }]) }, ['PutItem']],
  ])('%s', (_, states, actions) => expect(itemActionsOf(definition(states))).toEqual(actions));

  test.each(['scan', 'query', 'batchGetItem', 'executeStatement'])("%s is a task function's work", (call) => {
    expect(() => itemActionsOf(definition({ A: task(call) }))).toThrow(`dynamodb:${call} is not for a workflow`);
  });
});

test('a missing file is named', () => {
  expect(() => readDefinition('/nowhere', 'collection')).toThrow(
    /'collection' is missing at \/nowhere\/collection.asl.json/,
  );
});
