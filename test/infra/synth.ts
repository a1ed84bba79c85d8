import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { App } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { stageOf } from '../../infra/stages.ts';
import { type Sources, stepwise } from '../../infra/stepwise.ts';
import { standIns } from './stand-ins.ts';

const cdk = JSON.parse(readFileSync(join(import.meta.dirname, '../../cdk.json'), 'utf8')) as { context: object };

export type Resource = { Type: string; Properties: Record<string, unknown>; DeletionPolicy?: string };

/** The templates of one stage, as `cdk synth` makes them; with stand-ins for what is not there. */
export const synth = (stage: string, sources: Sources = standIns(), context: object = {}) => {
  const app = new App({ context: { ...cdk.context, 'aws:cdk:enable-asset-metadata': false, stage, ...context } });
  const { data, service } = stepwise(app, stageOf(app), sources);
  return { app, data: Template.fromStack(data), service: Template.fromStack(service) };
};

/** Logical id -> resource, of one type. */
export const all = (template: Template, type: string): [string, Resource][] =>
  Object.entries(template.findResources(type)) as [string, Resource][];

export type Statement = { Effect: string; Action: string[]; Resource: unknown[] };

/** Every statement that a role's policies allow, its own and those beside it; role is its logical id. */
export const statementsOf = (template: Template, role: string): Statement[] => {
  const own = template.findResources('AWS::IAM::Role')[role]?.['Properties']?.Policies ?? [];
  const beside = all(template, 'AWS::IAM::Policy').filter(([, { Properties }]) =>
    JSON.stringify(Properties['Roles']).includes(`"${role}"`),
  );
  const documents = [...own, ...beside.map(([, { Properties }]) => Properties)] as {
    PolicyDocument: { Statement: RawStatement[] };
  }[];
  return documents
    .flatMap(({ PolicyDocument }) => PolicyDocument.Statement)
    .map(({ Effect, Action, Resource }) => ({ Effect, Action: [Action].flat(), Resource: [Resource].flat() }));
};

type RawStatement = { Effect: string; Action: string | string[]; Resource: unknown };

/** The logical id that `{ Ref }` or `{ Fn::GetAtt }` names. */
export const referred = (reference: unknown): string | undefined => {
  if (typeof reference !== 'object' || reference === null) return undefined;
  const { Ref: ref, 'Fn::GetAtt': get } = reference as { Ref?: string; 'Fn::GetAtt'?: string[] };
  return ref ?? get?.[0];
};
