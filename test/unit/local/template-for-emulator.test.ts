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
          Properties: { Tags: [{ Key: 'a', Value: { 'Fn::Sub': '${AWS::StackName}-${Q}' } }] },
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

  it.each([
    ['${Archive}/${Archive.Arn}/${Q.Arn}/${!Archive}', 'left-out:Archive/left-out:Archive/${Q.Arn}/${!Archive}'],
  ])('says it inside Fn::Sub', (text, changed) => {
    const template = (Sub: unknown) => ({
      Resources: { Archive: archive, Q: queue({ Properties: { A: { 'Fn::Sub': Sub } } }) },
    });
    expect(templateForEmulator(template(text)).Resources?.['Q']).toEqual(
      queue({ Properties: { A: { 'Fn::Sub': changed } } }),
    );
    expect(templateForEmulator(template([text, {}])).Resources?.['Q']).toEqual(
      queue({ Properties: { A: { 'Fn::Sub': [changed, {}] } } }),
    );
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
