import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { standIns } from './stand-ins.ts';
import { all, referred, type Statement, statementsOf, synth } from './synth.ts';

const sources = standIns();
const { service, data } = synth('prod', sources);
const statements = [data, service].flatMap((template) =>
  all(template, 'AWS::IAM::Role').flatMap(([role]) => statementsOf(template, role)),
);

test('no role may scan the table, and no action is a wildcard', () => {
  const actions = statements.flatMap(({ Action }) => Action);
  expect(actions.length).toBeGreaterThan(100);
  expect(actions.filter((action) => action.includes('*') || action.endsWith(':Scan'))).toEqual([]);
});

test('everything may be named by "*" only where AWS has nothing to name', () => {
  const anywhere = statements.filter(({ Resource }) => Resource.includes('*')).flatMap(({ Action }) => Action);
  const services = new Set(anywhere.map((action) => action.split(':')[0]));
  expect([...services].sort()).toEqual(['logs', 'xray']);
});

test('no role has a policy that AWS manages', () => {
  const managed = all(service, 'AWS::IAM::Role').filter(([, { Properties }]) => Properties['ManagedPolicyArns']);
  expect(managed.map(([id]) => id)).toEqual([]);
});

test('only the functions that answer for it reach secrets, mail and executions', () => {
  const holders = (action: string) =>
    all(service, 'AWS::IAM::Role')
      .filter(([role]) => statementsOf(service, role).some(({ Action }) => Action.includes(action)))
      .map(([role]) => role.replace(/Role[0-9A-F]{8}$/, ''));
  const { service: local } = synth('local', sources);
  const mailers = all(local, 'AWS::IAM::Role').filter(([role]) =>
    statementsOf(local, role).some(({ Action }) => Action.some((action) => action.startsWith('ses:'))),
  );
  expect(holders('secretsmanager:GetSecretValue').sort()).toEqual([
    'HttpClicks',
    'HttpPages',
    'IntakeForms',
    'IntakePayments',
    'IntakeWebhooks',
  ]);
  const mailing = mailers.map(([role]) => role.replace(/Role[0-9A-F]{8}$/, ''));
  expect(mailing.sort()).toEqual(['EventsSendMail', 'TasksCampaignSend']);
  expect(holders('states:SendTaskSuccess')).toEqual(['EventsResume']);
  expect(holders('states:StopExecution')).toEqual(['HttpPlatform']);
  expect(holders('states:StartExecution').sort()).toEqual([
    'EventsProcesses',
    'EventsStart',
    'HttpPlatform',
    'ScheduledReconcile',
  ]);
  expect(holders('events:PutEvents')).toEqual(['EventsRelay']);
});

describe('a state machine may do exactly what its ASL file does', () => {
  // Derived here a second time, from the text alone, so that the reading in infra/asl.ts is not checked by itself.
  const wanted = (text: string) => {
    const direct = [...text.matchAll(/aws-sdk:dynamodb:(get|put|update|delete)Item/g)].map(([, verb = '']) => verb);
    const items = direct.map((verb) => `${verb.charAt(0).toUpperCase()}${verb.slice(1)}Item`);
    const parts = [...text.matchAll(/"(Put|Update|Delete|ConditionCheck)":/g)].map(([, part = '']) => `${part}Item`);
    return [...new Set([...items, ...parts].map((action) => `dynamodb:${action}`))].sort();
  };
  const definitions = readdirSync(sources.workflows).filter((file) => file.endsWith('.asl.json'));

  test.each(definitions)('%s', (file) => {
    const text = readFileSync(join(sources.workflows, file), 'utf8');
    const machine = all(service, 'AWS::StepFunctions::StateMachine').find(
      ([, { Properties }]) => Properties['DefinitionString'] === text,
    );
    const role = referred(machine?.[1].Properties['RoleArn']);
    const own = statementsOf(service, String(role)).filter(({ Resource }) => !Resource.includes('*'));
    const allowed = own.flatMap(({ Action }) => Action).filter((action) => action.startsWith('dynamodb:'));
    expect(allowed.sort()).toEqual(wanted(text));

    const substitutions = machine?.[1].Properties['DefinitionSubstitutions'] as Record<string, unknown>;
    const functions = Object.keys(substitutions).filter((name) => name.endsWith('_FUNCTION'));
    const invoked = own.filter(({ Action }: Statement) => Action.includes('lambda:InvokeFunction'));
    expect(invoked.flatMap(({ Resource }) => Resource.map(referred))).toEqual(
      functions.map((name) => referred(substitutions[name])),
    );
  });
});
