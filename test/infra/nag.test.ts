import { App, Stack } from 'aws-cdk-lib';
import { ManagedPolicy, PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Queue } from 'aws-cdk-lib/aws-sqs';
import { describe, expect, test } from 'vitest';
import { checks } from '../../infra/nag.ts';
import { standIns } from './stand-ins.ts';
import { synth } from './synth.ts';

/** The rules that a tree breaks, as synth would report them. */
const broken = (app: App) =>
  checks(app).flatMap((check) => check.validateScope(app).violations.map(({ ruleName }) => ruleName));

const appWith = (build: (stack: Stack) => void) => {
  const app = new App();
  build(new Stack(app, 'Alone'));
  return app;
};
const roleThatMay = (actions: string[], resources: string[]) => (stack: Stack) => {
  const role = new Role(stack, 'Role', { assumedBy: new ServicePrincipal('lambda.amazonaws.com') });
  role.addToPolicy(new PolicyStatement({ actions, resources }));
};

test.each(['local', 'dev', 'prod'])('%s breaks no rule without a reason', (stage) => {
  expect(broken(synth(stage, standIns()).app)).toEqual([]);
});

test('a stage with a mail domain and somebody to alarm breaks none either', () => {
  const named = { mailDomain: 'crm.acme.example', alarmMail: 'ops@acme.example' };
  expect(broken(synth('prod', standIns(), named).app)).toEqual([]);
});

describe('a wildcard without a written reason is refused', () => {
  test.each([
    ['an action', ['dynamodb:*'], ['arn:aws:dynamodb:eu-central-1:1:table/t'], /IAM5\[Action::dynamodb:\*\]/],
    ['everything', ['dynamodb:GetItem'], ['*'], /IAM5\[Resource::\*\]/],
    [
      'everything, beside an excused action',
      ['xray:PutTraceSegments', 'dynamodb:GetItem'],
      ['*'],
      /IAM5\[Resource::\*\]/,
    ],
  ])('%s', (_, actions, resources, rule) => {
    expect(broken(appWith(roleThatMay(actions, resources)))).toEqual(
      expect.arrayContaining([expect.stringMatching(rule)]),
    );
  });

  test('one with a reason passes', () => {
    expect(broken(appWith(roleThatMay(['xray:PutTraceSegments'], ['*'])))).toEqual([]);
  });
});

test('a queue without a dead-letter queue and a managed policy are refused', () => {
  const app = appWith((stack) => {
    new Queue(stack, 'Queue', { enforceSSL: true });
    const managedPolicies = [ManagedPolicy.fromAwsManagedPolicyName('AdministratorAccess')];
    new Role(stack, 'Role', { assumedBy: new ServicePrincipal('lambda.amazonaws.com'), managedPolicies });
  });
  expect(broken(app)).toEqual(
    expect.arrayContaining([
      'AwsSolutions-SQS3',
      'Serverless-SQSRedrivePolicy',
      expect.stringMatching(/^AwsSolutions-IAM4/),
    ]),
  );
});
