import { InvokeCommand } from '@aws-sdk/client-lambda';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  ended,
  functionOf,
  lambda,
  nextMessage,
  role,
  type Stack,
  stackOf,
  start,
} from '../integration/conformance/aws.ts';

/** What a role that is enforced lets a function do: as on AWS, by the very thing that is touched, not by the call alone. */
const answers = `
  const { SFNClient, SendTaskSuccessCommand } = require('@aws-sdk/client-sfn');
  exports.handler = ({ taskToken }) =>
    new SFNClient({}).send(new SendTaskSuccessCommand({ taskToken, output: '{}' })).then(() => 'done', (e) => e.name);`;
const sends = `
  const { SESClient, SendRawEmailCommand } = require('@aws-sdk/client-ses');
  exports.handler = ({ from }) => {
    const Data = Buffer.from('From: Us <' + from + '>\\r\\nTo: success@simulator.amazonses.com\\r\\nSubject: x\\r\\n\\r\\nx');
    return new SESClient({}).send(new SendRawEmailCommand({ RawMessage: { Data } })).then(() => 'done', (e) => e.name);
  };`;
const selects = `
  const { DynamoDBClient, ExecuteStatementCommand } = require('@aws-sdk/client-dynamodb');
  exports.handler = ({ Statement }) =>
    new DynamoDBClient({}).send(new ExecuteStatementCommand({ Statement })).then(() => 'done', (e) => e.name);`;
const table = {
  Type: 'AWS::DynamoDB::Table',
  Properties: {
    BillingMode: 'PAY_PER_REQUEST',
    KeySchema: [{ AttributeName: 'pk', KeyType: 'HASH' }],
    AttributeDefinitions: [{ AttributeName: 'pk', AttributeType: 'S' }],
  },
};

const machine = {
  Type: 'AWS::StepFunctions::StateMachine',
  Properties: {
    RoleArn: { 'Fn::GetAtt': ['States', 'Arn'] },
    DefinitionString: {
      'Fn::Sub': JSON.stringify({
        QueryLanguage: 'JSONata',
        StartAt: 'Wait',
        States: {
          Wait: {
            Type: 'Task',
            Resource: 'arn:aws:states:::sqs:sendMessage.waitForTaskToken',
            // biome-ignore lint/suspicious/noTemplateCurlyInString: CloudFormation fills it
            Arguments: { QueueUrl: '${Tokens}', MessageBody: '{% $states.context.Task.Token %}' },
            TimeoutSeconds: 60,
            End: true,
          },
        },
      }),
    },
  },
};

/** A role of a function that may do these actions on these resources, and nothing else. */
const may = (Action: string, Resource: unknown, ...unless: object[]) => {
  const { ManagedPolicyArns: _, ...trust } = role('lambda.amazonaws.com').Properties;
  const denied = unless.map((Condition) => ({ Effect: 'Deny', Action, Resource, Condition }));
  const PolicyDocument = { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action, Resource }, ...denied] };
  return {
    Type: 'AWS::IAM::Role',
    Properties: { ...trust, Policies: [{ PolicyName: 'May', PolicyDocument }] },
  };
};
const by = (name: string) => ({ Role: { 'Fn::GetAtt': [name, 'Arn'] } });
const identity = (domain: string) => ({ Type: 'AWS::SES::EmailIdentity', Properties: { EmailIdentity: domain } });

let stack: Stack;
beforeAll(async () => {
  stack = await stackOf(
    {
      States: role('states.amazonaws.com'),
      Tokens: { Type: 'AWS::SQS::Queue' },
      Ours: machine,
      Theirs: machine,
      MayAnswer: may('states:SendTaskSuccess', { Ref: 'Ours' }),
      Answers: functionOf(answers, by('MayAnswer')),
      Here: identity('here.example'),
      There: identity('there.example'),
      // biome-ignore lint/suspicious/noTemplateCurlyInString: CloudFormation fills it
      MaySend: may('ses:SendRawEmail', { 'Fn::Sub': 'arn:aws:ses:*:${AWS::AccountId}:identity/here.example' }),
      Sends: functionOf(sends, by('MaySend')),
      OurTable: table,
      TheirTable: table,
      MaySelect: may(
        'dynamodb:PartiQLSelect',
        { 'Fn::GetAtt': ['OurTable', 'Arn'] },
        { Bool: { 'dynamodb:FullTableScan': 'true' } },
      ),
      Selects: functionOf(selects, by('MaySelect')),
    },
    {
      ours: { Ref: 'Ours' },
      theirs: { Ref: 'Theirs' },
      tokens: { Ref: 'Tokens' },
      answers: { Ref: 'Answers' },
      sends: { Ref: 'Sends' },
      selects: { Ref: 'Selects' },
      ourTable: { Ref: 'OurTable' },
      theirTable: { Ref: 'TheirTable' },
    },
  );
});
afterAll(() => stack.remove());

async function invoked(name: 'answers' | 'sends' | 'selects', payload: object): Promise<unknown> {
  const { Payload } = await lambda.send(
    new InvokeCommand({ FunctionName: stack.outputs[name], Payload: JSON.stringify(payload) }),
  );
  return JSON.parse(Buffer.from(Payload!).toString());
}

describe('a permission', () => {
  it('to answer a task is on the state machine whose task it is', async () => {
    const execution = await start(stack.outputs['ours']!);
    const { Body: ours } = await nextMessage(stack.outputs['tokens']!);
    expect(await invoked('answers', { taskToken: ours })).toBe('done');
    expect((await ended(execution)).status).toBe('SUCCEEDED');
    await start(stack.outputs['theirs']!);
    const { Body: theirs } = await nextMessage(stack.outputs['tokens']!);
    expect(await invoked('answers', { taskToken: theirs })).toMatch(/AccessDenied/);
  });

  it('to send raw mail is on the domain that it is from', async () => {
    expect(await invoked('sends', { from: 'crm@here.example' })).toBe('done');
    expect(await invoked('sends', { from: 'crm@there.example' })).toMatch(/AccessDenied/);
  });

  it('to select is on the table, and can leave out statements that would scan it', async () => {
    const from = (name: string, where = '') => ({ Statement: `SELECT * FROM "${stack.outputs[name]}"${where}` });
    expect(await invoked('selects', from('ourTable', " WHERE pk IN ['a', 'b']"))).toBe('done');
    expect(await invoked('selects', from('ourTable', " WHERE colour = 'a'"))).toMatch(/AccessDenied/);
    expect(await invoked('selects', from('ourTable'))).toMatch(/AccessDenied/);
    expect(await invoked('selects', from('theirTable', " WHERE pk IN ['a', 'b']"))).toMatch(/AccessDenied/);
  });
});
