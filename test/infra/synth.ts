import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { App, type CfnResource, NestedStack, type Stack } from 'aws-cdk-lib';
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
  return { app, data: Template.fromStack(data), service: unfolded(service) };
};

type Node = Record<string, unknown>;
type Json = { Resources: Record<string, Resource>; Outputs?: Record<string, { Value: unknown }> };

/** A stack and those nested in it as one template, in which what one takes from another is named as if all stood in one. */
function unfolded(stack: Stack): Template {
  // What is answered is the template itself, and kept for whoever asks again.
  const whole = structuredClone(Template.fromStack(stack).toJSON()) as Json;
  for (const nested of stack.node.children.filter((child) => child instanceof NestedStack)) {
    const id = String(stack.resolve((nested.nestedStackResource as CfnResource).logicalId));
    const { Resources, Outputs = {} } = Template.fromStack(nested).toJSON() as Json;
    const given = (whole.Resources[id]!.Properties['Parameters'] ?? {}) as Node;
    const inside = rewritten(Resources, ({ Ref: ref }) => given[String(ref)]) as Json['Resources'];
    delete whole.Resources[id];
    const taken = Object.keys(Resources).filter((name) => name in whole.Resources);
    if (taken.length) throw new Error(`${taken.join(', ')} stands in two stacks`);
    whole.Resources = rewritten({ ...whole.Resources, ...inside }, ({ 'Fn::GetAtt': got }) => {
      const [from, attribute = ''] = [got].flat().map(String);
      return from === id ? Outputs[attribute.replace('Outputs.', '')]?.Value : undefined;
    }) as Json['Resources'];
  }
  return Template.fromJSON(whole);
}

/** The tree with objects replaced by what `change` makes of them, where it makes something. */
function rewritten(tree: unknown, change: (node: Node) => unknown): unknown {
  if (Array.isArray(tree)) return tree.map((item) => rewritten(item, change));
  if (typeof tree !== 'object' || tree === null) return tree;
  const changed = change(tree as Node);
  if (changed !== undefined) return changed;
  return Object.fromEntries(Object.entries(tree).map(([key, value]) => [key, rewritten(value, change)]));
}

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
