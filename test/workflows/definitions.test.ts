import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import jsonata from 'jsonata';
import { describe, expect, it } from 'vitest';
import { workflows } from '../../shared/platform/workflows.ts';

interface State {
  Type: string;
  Resource?: string;
  Next?: string;
  Default?: string;
  TimeoutSeconds?: unknown;
  Output?: { outcome?: string };
  Choices?: { Next: string }[];
  Catch?: { ErrorEquals: string[]; Next: string }[];
  Retry?: { ErrorEquals: string[]; MaxAttempts: number }[];
}
interface Machine {
  StartAt: string;
  QueryLanguage: string;
  States: Record<string, State>;
}

/** Fields and types that the emulator runs as AWS does (or that our patches make so): anything else must be tried first. */
const faithful = {
  types: ['Task', 'Choice', 'Succeed', 'Fail'],
  resources: [
    'arn:aws:states:::lambda:invoke',
    'arn:aws:states:::aws-sdk:dynamodb:transactWriteItems.waitForTaskToken',
    'arn:aws:states:::aws-sdk:dynamodb:getItem',
  ],
  fields: [
    'Type',
    'Comment',
    'Resource',
    'Arguments',
    'TimeoutSeconds',
    'Retry',
    'Catch',
    'Assign',
    'Next',
    'Choices',
    'Default',
    'Output',
    'Error',
    'Cause',
  ],
};

const read = (name: string) => JSON.parse(readFileSync(join('workflows', `${name}.asl.json`), 'utf8')) as Machine;

describe.each(workflows.map(({ name }) => name))('%s', (name) => {
  const machine = read(name);
  const states = Object.entries(machine.States);

  it('is JSONata, and every expression parses', () => {
    expect(machine.QueryLanguage).toBe('JSONata');
    const expressions: string[] = [];
    JSON.parse(JSON.stringify(machine), (_, value: unknown) => {
      const [, expression] = typeof value === 'string' ? (/^\{%(.*)%\}$/s.exec(value) ?? []) : [];
      if (expression) expressions.push(expression);
      return value;
    });
    expect(expressions.length).toBeGreaterThan(5);
    for (const expression of expressions) expect(() => jsonata(expression), expression).not.toThrow();
  });

  it('uses only what runs here as it runs on AWS', () => {
    for (const [state, definition] of states) {
      expect(faithful.types, state).toContain(definition.Type);
      if (definition.Resource) expect(faithful.resources, state).toContain(definition.Resource);
      for (const field of Object.keys(definition)) expect(faithful.fields, `${state}: ${field}`).toContain(field);
    }
  });

  it('leads from every state to one that there is, and reaches all', () => {
    const nexts = ({ Next, Default, Choices = [], Catch = [] }: State) =>
      [Next, Default, ...Choices.map((one) => one.Next), ...Catch.map((one) => one.Next)].filter((one): one is string =>
        Boolean(one),
      );
    const reached = new Set([machine.StartAt]);
    for (const state of reached) for (const next of nexts(machine.States[state]!)) reached.add(next);
    expect([...reached].sort()).toEqual(Object.keys(machine.States).sort());
  });

  it('maps every failure: no task without a timeout, a retry and a catch of the rest', () => {
    for (const [state, { Type, TimeoutSeconds, Retry = [], Catch = [], Resource = '' }] of states) {
      if (Type !== 'Task') continue;
      if (!Resource.endsWith(':getItem')) expect(TimeoutSeconds, state).toBeDefined();
      expect(Retry.length, state).toBeGreaterThan(0);
      expect(Catch.at(-1)?.ErrorEquals, state).toEqual(['States.ALL']);
      if (Resource.endsWith('lambda:invoke'))
        expect(Retry[0], state).toMatchObject({ ErrorEquals: ['Refusal'], MaxAttempts: 0 });
    }
  });

  it('ends in business words', () => {
    const ends = states.filter(([, { Type }]) => Type === 'Succeed');
    expect(ends.length).toBeGreaterThan(0);
    for (const [state, { Output }] of ends) expect(Output?.outcome, state).toMatch(/^[A-Z][a-z -]+$/);
    expect(machine.States['Needs an operator']?.Type).toBe('Fail');
  });
});
