import { describe, expect, it } from 'vitest';
import { type Template, templateForEmulator } from '../../../infra/local/template-for-emulator.ts';

const archive = { Type: 'AWS::Events::Archive', Properties: { SourceArn: 'arn' } };
const queue = (more: object = {}) => ({ Type: 'AWS::SQS::Queue', ...more });
const resourcesOf = (Resources: Template['Resources'] & object) => templateForEmulator({ Resources }).Resources;

describe('templateForEmulator', () => {
  it('leaves a template alone that the emulator takes as it is', () => {
    const template = {
      Parameters: { P: { Type: 'String' } },
      Resources: {
        Q: queue({
          Properties: { Tags: [{ Key: 'a', Value: { 'Fn::Sub': `\${AWS::StackName}-\${Q}` } }] },
          DependsOn: ['R'],
        }),
        R: queue(),
      },
      Outputs: { Url: { Value: { Ref: 'Q' } } },
    };
    expect(templateForEmulator(template)).toEqual(template);
  });

  it('leaves out what is refused, and every trace of it', () => {
    expect(
      resourcesOf({ Archive: archive, Q: queue({ DependsOn: 'Archive' }), R: queue({ DependsOn: ['Archive', 'Q'] }) }),
    ).toEqual({
      Q: queue(),
      R: queue({ DependsOn: ['Q'] }),
    });
  });

  it.each([[{ Ref: 'Archive' }], [{ 'Fn::GetAtt': ['Archive', 'Arn'] }], [{ 'Fn::GetAtt': 'Archive.Arn' }]])(
    'says what a reference to it was: %j',
    (Value) => {
      const template = templateForEmulator({ Resources: { Archive: archive, Q: queue() }, Outputs: { A: { Value } } });
      expect(template['Outputs']).toEqual({ A: { Value: 'left-out:Archive' } });
    },
  );

  it('says it inside Fn::Sub', () => {
    const ref = (id: string) => `\${${id}}`;
    const text = `${ref('Archive')}/${ref('Archive.Arn')}/${ref('Q.Arn')}/${ref('!Archive')}`;
    const changed = `left-out:Archive/left-out:Archive/${ref('Q.Arn')}/${ref('!Archive')}`;
    const rewrittenIn = (sub: unknown) =>
      resourcesOf({ Archive: archive, Q: queue({ Properties: { A: { 'Fn::Sub': sub } } }) })?.['Q'];
    expect(rewrittenIn(text)).toEqual(queue({ Properties: { A: { 'Fn::Sub': changed } } }));
    expect(rewrittenIn([text, {}])).toEqual(queue({ Properties: { A: { 'Fn::Sub': [changed, {}] } } }));
  });

  it('lets plain HTTP pass, and only that', () => {
    const deny = { Effect: 'Deny', Action: 's3:*', Condition: { Bool: { 'aws:SecureTransport': 'false' } } };
    const others = [
      { Effect: 'Allow', Action: 's3:*', Condition: { Bool: { 'aws:SecureTransport': 'false' } } },
      { Effect: 'Deny', Action: 's3:DeleteObject', Condition: { Bool: { 'aws:MultiFactorAuthPresent': 'false' } } },
      { Effect: 'Deny', Action: 's3:PutObject' },
    ];
    const policy = (Statement: object[]) => ({
      Type: 'AWS::S3::BucketPolicy',
      Properties: { Bucket: { Ref: 'B' }, PolicyDocument: { Version: '2012-10-17', Statement } },
    });
    expect(
      resourcesOf({ Mixed: policy([deny, ...others]), Only: policy([deny]), Q: queue({ DependsOn: 'Only' }) } as never),
    ).toEqual({
      Mixed: policy(others),
      Q: queue(),
    });
  });

  it.each([
    ['.execute-api.', { Ref: 'AWS::Region' }, '.', { Ref: 'AWS::URLSuffix' }, '/'],
    ['.execute-api.eu-central-1.', { Ref: 'AWS::URLSuffix' }, '/'],
    ['.execute-api.eu-central-1.amazonaws.com/'],
  ])('gives an HTTP API its own address (%j ...)', (...rest) => {
    const Value = { 'Fn::Join': ['', ['https://', { Ref: 'Api' }, ...rest]] };
    const address = { 'Fn::Join': ['', [{ 'Fn::GetAtt': ['Api', 'ApiEndpoint'] }, '/']] };
    expect(templateForEmulator({ Outputs: { Url: { Value } } })['Outputs']).toEqual({ Url: { Value: address } });
  });

  it('leaves other addresses alone', () => {
    const Outputs = {
      Url: { Value: { 'Fn::Join': ['', ['https://', { Ref: 'Bucket' }, '.s3.', { Ref: 'AWS::URLSuffix' }, '/']] } },
    };
    expect(templateForEmulator({ Outputs })['Outputs']).toEqual(Outputs);
  });
});
