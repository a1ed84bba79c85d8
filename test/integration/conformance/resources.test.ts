import { DescribeTimeToLiveCommand, GetItemCommand, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { dynamo, functionOf, role, type Stack, stackOf, until } from './aws.ts';

const keys = {
  BillingMode: 'PAY_PER_REQUEST',
  KeySchema: [{ AttributeName: 'pk', KeyType: 'HASH' }],
  AttributeDefinitions: [{ AttributeName: 'pk', AttributeType: 'S' }],
};
const ttl = (AttributeName: string) => ({ TimeToLiveSpecification: { AttributeName, Enabled: true } });
const globalTable = (more: object) => ({
  Type: 'AWS::DynamoDB::GlobalTable',
  Properties: { ...keys, Replicas: [{ Region: { Ref: 'AWS::Region' } }], ...more },
});
const echo = `exports.handler = async (event) => {
  if (event.rawPath.endsWith('fail')) throw new Error('secret');
  return { statusCode: 200, body: JSON.stringify(event) };
};`;

const route = (RouteKey: string, api = 'Api') => ({
  Type: 'AWS::ApiGatewayV2::Route',
  Properties: {
    ApiId: { Ref: api },
    RouteKey,
    Target: { 'Fn::Join': ['/', ['integrations', { Ref: `${api}Integration` }]] },
  },
});
const stage = (api: string) => ({
  Type: 'AWS::ApiGatewayV2::Stage',
  Properties: { ApiId: { Ref: api }, StageName: '$default', AutoDeploy: true },
});
const integration = (api: string) => ({
  Type: 'AWS::ApiGatewayV2::Integration',
  Properties: {
    ApiId: { Ref: api },
    IntegrationType: 'AWS_PROXY',
    IntegrationUri: { 'Fn::GetAtt': ['Echo', 'Arn'] },
    PayloadFormatVersion: '2.0',
  },
});

const resources = (more: object = {}, secret: object = {}) => ({
  Table: { Type: 'AWS::DynamoDB::Table', Properties: { ...keys, ...ttl('expiresAt') } },
  GlobalTable: globalTable({ ...ttl('expiresAt'), ...more }),
  Secret: { Type: 'AWS::SecretsManager::Secret', Properties: { GenerateSecretString: {}, ...secret } },
  Role: role('lambda.amazonaws.com'),
  Echo: functionOf(echo),
  Api: {
    Type: 'AWS::ApiGatewayV2::Api',
    Properties: {
      Name: 'conformance',
      ProtocolType: 'HTTP',
      CorsConfiguration: {
        AllowOrigins: ['https://crm.example'],
        AllowMethods: ['GET', 'POST'],
        AllowHeaders: ['authorization'],
        MaxAge: 60,
      },
    },
  },
  ApiStage: stage('Api'),
  ApiIntegration: integration('Api'),
  Plain: { Type: 'AWS::ApiGatewayV2::Api', Properties: { Name: 'conformance-plain', ProtocolType: 'HTTP' } },
  PlainStage: stage('Plain'),
  PlainIntegration: integration('Plain'),
  AnyRoute: route('ANY /any', 'Plain'),
  Route: route('GET /v1/{proxy+}'),
  PlainRoute: route('GET /plain'),
  Permission: {
    Type: 'AWS::Lambda::Permission',
    Properties: {
      Action: 'lambda:InvokeFunction',
      FunctionName: { Ref: 'Echo' },
      Principal: 'apigateway.amazonaws.com',
    },
  },
});

let stack: Stack;
beforeAll(async () => {
  stack = await stackOf(resources(), {
    table: { Ref: 'Table' },
    globalTable: { Ref: 'GlobalTable' },
    secret: { Ref: 'Secret' },
    api: { 'Fn::GetAtt': ['Api', 'ApiEndpoint'] },
    plain: { 'Fn::GetAtt': ['Plain', 'ApiEndpoint'] },
  });
});
afterAll(() => stack.remove());

describe('an HTTP API', () => {
  it('is reached at its ApiEndpoint', async () => {
    const response = await fetch(`${stack.outputs['api']}/v1/leads/1`);
    expect({ status: response.status, event: await response.json() }).toMatchObject({
      status: 200,
      event: { version: '2.0', rawPath: '/v1/leads/1', pathParameters: { proxy: 'leads/1' } },
    });
  });

  it('gives its function cookies as a list, and no parameters where the route has none', async () => {
    const response = await fetch(`${stack.outputs['api']}/plain`, { headers: { cookie: 'a=1; b=2' } });
    const event = (await response.json()) as { headers: Record<string, string> };
    expect(event).toMatchObject({ rawPath: '/plain', cookies: ['a=1', 'b=2'] });
    expect(event).not.toHaveProperty('pathParameters');
    expect(event.headers).not.toHaveProperty('cookie');
  });

  it('says nothing of a failing function but that it failed', async () => {
    const response = await fetch(`${stack.outputs['api']}/v1/fail`);
    expect({ status: response.status, body: await response.json() }).toEqual({
      status: 500,
      body: { message: 'Internal Server Error' },
    });
  });

  it('answers preflight requests as its template says', async () => {
    const preflight = (origin: string) =>
      fetch(`${stack.outputs['api']}/v1/leads`, {
        method: 'OPTIONS',
        headers: { origin, 'access-control-request-method': 'POST', 'access-control-request-headers': 'authorization' },
      });
    const { status, headers } = await preflight('https://crm.example');
    expect(status).toBe(204);
    expect(headers.get('access-control-allow-origin')).toBe('https://crm.example');
    expect(headers.get('access-control-allow-methods')).toContain('POST');
    expect((await preflight('https://elsewhere.example')).headers.get('access-control-allow-origin')).toBeNull();
  });
});

it('an HTTP API without CORS of its own hands preflight requests to its function', async () => {
  const headers = { origin: 'https://crm.example', 'access-control-request-method': 'POST' };
  const response = await fetch(`${stack.outputs['plain']}/any`, { method: 'OPTIONS', headers });
  expect({ status: response.status, event: await response.json() }).toMatchObject({
    status: 200,
    event: { routeKey: 'ANY /any', requestContext: { http: { method: 'OPTIONS' } } },
  });
});

describe('a table', () => {
  it.each(['table', 'globalTable'])('has the time to live of its template (%s)', async (kind) => {
    const attribute = await until('the time to live', async () => {
      const { TimeToLiveDescription: at } = await dynamo.send(
        new DescribeTimeToLiveCommand({ TableName: stack.outputs[kind]! }),
      );
      return at?.TimeToLiveStatus?.startsWith('ENABL') ? at.AttributeName : undefined;
    });
    expect(attribute).toBe('expiresAt');
  });

  it('keeps its items and its name when a global table is updated in place', async () => {
    const TableName = stack.outputs['globalTable']!;
    await dynamo.send(new PutItemCommand({ TableName, Item: { pk: { S: 'kept' } } }));
    const outputs = await stack.update(resources({ StreamSpecification: { StreamViewType: 'NEW_IMAGE' } }));
    expect(outputs['globalTable']).toBe(TableName);
    expect((await dynamo.send(new GetItemCommand({ TableName, Key: { pk: { S: 'kept' } } }))).Item).toEqual({
      pk: { S: 'kept' },
    });
  });
});

it('a secret is referred to by its ARN, which an update keeps', async () => {
  const arn = stack.outputs['secret'];
  expect(arn).toMatch(/^arn:[^:]+:secretsmanager:[^:]+:\d{12}:secret:.+-[A-Za-z0-9]{6}$/);
  const outputs = await stack.update(
    resources({ StreamSpecification: { StreamViewType: 'NEW_IMAGE' } }, { Description: 'changed' }),
  );
  expect(outputs['secret']).toBe(arn);
});
