/** A CloudFormation template, as far as this file looks into it. */
export type Template = { Resources?: Record<string, Resource>; [section: string]: unknown };
type Resource = {
  Type: string;
  DependsOn?: string | string[];
  Properties?: { PolicyDocument?: { Statement?: Statement[] }; [property: string]: unknown };
  [attribute: string]: unknown;
};
type Statement = { Effect: string; Condition?: { Bool?: Record<string, unknown> }; [element: string]: unknown };

/**
 * Resource types that the emulator refuses, and with them the whole stack. Nothing that the product does locally needs
 * one: archives, alarms on alarms, receipt rules (the mailbox stands in), firewalls and budgets are AWS's part.
 */
const refused = new Set([
  'AWS::ApplicationAutoScaling::ScalableTarget',
  'AWS::ApplicationAutoScaling::ScalingPolicy',
  'AWS::Athena::NamedQuery',
  'AWS::Athena::PreparedStatement',
  'AWS::Budgets::Budget',
  'AWS::Budgets::BudgetsAction',
  'AWS::CE::AnomalyMonitor',
  'AWS::CE::AnomalySubscription',
  'AWS::CloudTrail::Trail',
  'AWS::CloudWatch::AnomalyDetector',
  'AWS::CloudWatch::CompositeAlarm',
  'AWS::CloudWatch::InsightRule',
  'AWS::Cognito::ManagedLoginBranding',
  'AWS::Cognito::UserPoolUICustomizationAttachment',
  'AWS::Cognito::UserPoolUser',
  'AWS::Cognito::UserPoolUserToGroupAttachment',
  'AWS::Events::ApiDestination',
  'AWS::Events::Archive',
  'AWS::Events::Connection',
  'AWS::Events::EventBusPolicy',
  'AWS::EventSchemas::Discoverer',
  'AWS::EventSchemas::Registry',
  'AWS::EventSchemas::Schema',
  'AWS::Lambda::CodeSigningConfig',
  'AWS::Logs::Delivery',
  'AWS::Logs::DeliveryDestination',
  'AWS::Logs::DeliverySource',
  'AWS::Logs::LogAnomalyDetector',
  'AWS::Logs::QueryDefinition',
  'AWS::ResourceGroups::Group',
  'AWS::SES::ContactList',
  'AWS::SES::ReceiptFilter',
  'AWS::SES::ReceiptRule',
  'AWS::SES::ReceiptRuleSet',
  'AWS::SES::Template',
  'AWS::SecretsManager::ResourcePolicy',
  'AWS::SecretsManager::RotationSchedule',
  'AWS::StepFunctions::Activity',
  'AWS::StepFunctions::StateMachineAlias',
  'AWS::StepFunctions::StateMachineVersion',
  'AWS::Synthetics::Canary',
  'AWS::WAFv2::IPSet',
  'AWS::WAFv2::LoggingConfiguration',
  'AWS::WAFv2::WebACLAssociation',
  'AWS::XRay::Group',
  'AWS::XRay::SamplingRule',
]);

/**
 * The template without what the emulator refuses: references to what is left out become the text
 * `left-out:<logical id>`, and an HTTP API's address, which CDK spells out, the one the API says it has. Policies that
 * refuse plain HTTP go too, because that is what a cloud on the loopback interface speaks.
 */
export function templateForEmulator(template: Template): Template {
  const resources = Object.entries(template.Resources ?? {}).map(
    ([id, resource]) => [id, onPlainHttp(resource)] as const,
  );
  const leftOut = new Set(resources.filter(([, resource]) => isLeftOut(resource)).map(([id]) => id));
  const kept = resources
    .filter(([id]) => !leftOut.has(id))
    .map(([id, resource]) => [id, withoutDependencies(resource, leftOut)] as const);
  return rewritten({ ...template, ...(template.Resources && { Resources: Object.fromEntries(kept) }) }, (node) => {
    const target = node['Ref'] ?? [node['Fn::GetAtt']].flat().map(String)[0]?.split('.')[0];
    if (typeof target === 'string' && leftOut.has(target)) return `left-out:${target}`;
    if ('Fn::Sub' in node) return { 'Fn::Sub': withoutReferences(node['Fn::Sub'], leftOut) };
    return addressOfApi(node) ?? node;
  }) as Template;
}

/** The text of `Fn::Sub` (or its list with the text first) without references to what is left out. */
function withoutReferences(sub: unknown, leftOut: ReadonlySet<string>): unknown {
  const [text, ...rest] = [sub].flat();
  if (typeof text !== 'string') return sub;
  const changed = text.replace(/\$\{([^.}!]+)[^}]*\}/g, (all, id: string) =>
    leftOut.has(id) ? `left-out:${id}` : all,
  );
  return Array.isArray(sub) ? [changed, ...rest] : changed;
}

function isLeftOut({ Type, Properties }: Resource): boolean {
  return refused.has(Type) || (Type.endsWith('Policy') && Properties?.PolicyDocument?.Statement?.length === 0);
}

/** The resource with what its policy denies to plain HTTP taken out. */
function onPlainHttp(resource: Resource): Resource {
  const { Properties } = resource;
  const policy = Properties?.PolicyDocument;
  if (!policy?.Statement) return resource;
  const Statement = policy.Statement.filter(
    ({ Effect, Condition }) => !(Effect === 'Deny' && Condition?.Bool?.['aws:SecureTransport'] === 'false'),
  );
  return { ...resource, Properties: { ...Properties, PolicyDocument: { ...policy, Statement } } };
}

function withoutDependencies(resource: Resource, leftOut: ReadonlySet<string>): Resource {
  const { DependsOn, ...rest } = resource;
  const kept = [DependsOn ?? []].flat().filter((id) => !leftOut.has(id));
  return kept.length > 0 ? { ...rest, DependsOn: kept } : rest;
}

/** `https://<id>.execute-api.<region>.<suffix>/<stage>` in pieces, as `HttpApi.url` is; undefined for anything else. */
function addressOfApi(node: Node): unknown {
  const [separator, pieces] = Array.isArray(node['Fn::Join']) ? node['Fn::Join'] : [];
  if (separator !== '' || !Array.isArray(pieces) || pieces[0] !== 'https://') return undefined;
  const rest = pieces.slice(2).map((piece: unknown) => (typeof piece === 'string' ? piece : '*'));
  const path = /^\.execute-api\.[^/]*(\/.*)?$/.exec(rest.join(''));
  const api = (pieces[1] as Node | undefined)?.['Ref'];
  if (!path || typeof api !== 'string') return undefined;
  return { 'Fn::Join': ['', [{ 'Fn::GetAtt': [api, 'ApiEndpoint'] }, path[1] ?? '']] };
}

type Node = Record<string, unknown>;

/** The tree with every object replaced by what `change` makes of it, from the leaves up. */
function rewritten(tree: unknown, change: (node: Node) => unknown): unknown {
  if (Array.isArray(tree)) return tree.map((item) => rewritten(item, change));
  if (typeof tree !== 'object' || tree === null) return tree;
  return change(Object.fromEntries(Object.entries(tree).map(([key, value]) => [key, rewritten(value, change)])));
}
