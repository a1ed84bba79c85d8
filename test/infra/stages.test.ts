import { App, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { describe, expect, test } from 'vitest';
import { stageOf } from '../../infra/stages.ts';
import { all, synth } from './synth.ts';

const stages = ['local', 'dev', 'prod'].map((name) => [name, synth(name)] as const);
const [, prod] = stages[2]!;

test('a stage that does not exist is refused by name', () => {
  expect(() => stageOf(new App({ context: { stage: 'production' } }))).toThrow(
    /no stage 'production'.*local, dev, prod/,
  );
});

test('the company that deploys names its domain and who is alarmed', () => {
  const stage = stageOf(
    new App({ context: { stage: 'prod', mailDomain: 'crm.acme.example', alarmMail: 'ops@acme.example' } }),
  );
  expect(stage.mail).toEqual({ domain: 'crm.acme.example', from: 'Stepwise <crm@crm.acme.example>' });
  expect(stage.alarmMail).toBe('ops@acme.example');
});

describe.each(stages)('in %s', (name, { data, service }) => {
  const [table] = all(data, 'AWS::DynamoDB::GlobalTable').map(([, resource]) => resource);

  test('the table has its keys, its stream, an end for what expires, and can be restored to a second', () => {
    const key = (prefix: string) => [
      { AttributeName: `${prefix}pk`, KeyType: 'HASH' },
      { AttributeName: `${prefix}sk`, KeyType: 'RANGE' },
    ];
    expect(table?.Properties).toMatchObject({
      KeySchema: key(''),
      BillingMode: 'PAY_PER_REQUEST',
      StreamSpecification: { StreamViewType: 'NEW_IMAGE' },
      TimeToLiveSpecification: { AttributeName: 'expiresAt', Enabled: true },
      GlobalSecondaryIndexes: [
        { IndexName: 'gsi1', KeySchema: key('gsi1'), Projection: { ProjectionType: 'KEYS_ONLY' } },
        { IndexName: 'gsi2', KeySchema: key('gsi2'), Projection: { ProjectionType: 'KEYS_ONLY' } },
        {
          IndexName: 'gsi3',
          KeySchema: key('gsi3'),
          Projection: { ProjectionType: 'INCLUDE', NonKeyAttributes: ['card'] },
        },
      ],
      Replicas: [{ PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true } }],
    });
  });

  test('buckets are private, encrypted, and refuse plain HTTP', () => {
    const buckets = all(data, 'AWS::S3::Bucket');
    expect(buckets.length).toBeGreaterThan(0);
    for (const [, { Properties }] of buckets) {
      expect(Properties['PublicAccessBlockConfiguration']).toMatchObject({
        BlockPublicPolicy: true,
        RestrictPublicBuckets: true,
      });
      expect(Properties['BucketEncryption']).toBeDefined();
    }
    expect(JSON.stringify(all(data, 'AWS::S3::BucketPolicy')).match(/"aws:SecureTransport":"false"/g)).toHaveLength(
      buckets.length,
    );
  });

  test('no secret stands in a template: each is generated where it is kept', () => {
    const secrets = [data, service].flatMap((template) => all(template, 'AWS::SecretsManager::Secret'));
    for (const [, { Properties }] of secrets) {
      expect(Properties['SecretString']).toBeUndefined();
      expect(Properties['GenerateSecretString']).toMatchObject({ PasswordLength: 64 });
    }
    expect(JSON.stringify([data.toJSON(), service.toJSON()])).not.toMatch(/secretstring":"|stand-?in/i);
  });

  test('outputs are what tools and tests look for', () => {
    const outputs = [data, service].flatMap((template) => Object.keys(template.findOutputs('*')));
    expect(outputs).toEqual(
      expect.arrayContaining([
        'ApiUrl',
        'TableName',
        'EventBusName',
        'DocumentsBucket',
        'IntakeBucket',
        'DeliveryTopicArn',
        'LinkSecretArn',
        'StateMachines',
        'AlarmTopicArn',
      ]),
    );
  });

  test('mail leaves from the domain that the stage names, and not at all without one', () => {
    const identities = all(data, 'AWS::SES::EmailIdentity').map(([, { Properties }]) => Properties['EmailIdentity']);
    const mailers = all(service, 'AWS::Lambda::Function').filter(([id]) => id.startsWith('EventsSendMail'));
    expect(identities).toEqual(name === 'local' ? ['stepwise.example'] : []);
    expect(mailers).toHaveLength(identities.length);
  });

  test('the archive keeps events for thirty days at least', () => {
    const [archive] = all(data, 'AWS::Events::Archive').map(([, { Properties }]) => Properties);
    expect(Number(archive?.['RetentionDays'])).toBeGreaterThanOrEqual(30);
  });

  test('no log is kept for ever, and none of a workflow holds what passes through it', () => {
    for (const [id, { Properties }] of all(service, 'AWS::Logs::LogGroup')) {
      expect(Number(Properties['RetentionInDays']), id).toBeGreaterThan(0);
    }
    for (const [id, { Properties }] of all(service, 'AWS::StepFunctions::StateMachine')) {
      expect(Properties['LoggingConfiguration'], id).toMatchObject({ Level: 'ALL', IncludeExecutionData: false });
    }
  });

  test('the access log holds neither a path nor an address', () => {
    const [stage] = all(service, 'AWS::ApiGatewayV2::Stage').map(([, { Properties }]) => Properties);
    const log = JSON.stringify(stage?.['AccessLogSettings']);
    expect(log).toContain('$context.routeKey');
    expect(log).not.toMatch(/\$context\.(path|identity)/);
    expect(stage).toMatchObject({ StageName: '$default', AutoDeploy: true });
  });
});

test('in prod, data outlives its stack and resists deletion', () => {
  const kept = ['AWS::DynamoDB::GlobalTable', 'AWS::S3::Bucket', 'AWS::SecretsManager::Secret'];
  for (const type of kept) {
    for (const [id, { DeletionPolicy }] of all(prod.data, type)) expect(DeletionPolicy, id).toBe('Retain');
  }
  const [table] = all(prod.data, 'AWS::DynamoDB::GlobalTable').map(([, { Properties }]) => Properties);
  expect(table).toMatchObject({ Replicas: [{ DeletionProtectionEnabled: true }] });
  const stack = prod.app.node.findChild('Stepwise-prod-Data') as unknown as { terminationProtection: boolean };
  expect(stack.terminationProtection).toBe(true);
});

test('every stack has something in it, and keeps clear of the 500 resources that CloudFormation takes', () => {
  for (const [, { app }] of stages)
    for (const stack of app.node.findAll().filter((construct) => construct instanceof Stack)) {
      const count = Object.keys((Template.fromStack(stack).toJSON() as { Resources?: object }).Resources ?? {}).length;
      expect(count, stack.node.path).toBeGreaterThan(0);
      expect(count, stack.node.path).toBeLessThan(450);
    }
});
