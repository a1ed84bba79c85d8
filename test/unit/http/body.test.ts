import { marshall } from '@aws-sdk/util-dynamodb';
import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Refusal } from '../../../shared/core/refusal.ts';
import { bodyOf } from '../../../shared/http/body.ts';

const event = (body: string) => ({ body, headers: {}, isBase64Encoded: false }) as unknown as APIGatewayProxyEventV2;
/** The pointers of the faults that a body is refused for; none where it is taken. */
function refused(body: string): string[] {
  try {
    bodyOf(event(body));
    return [];
  } catch (error) {
    if (!(error instanceof Refusal) || error.code !== 'request.invalid') throw error;
    return (error.more.errors ?? []).map(({ pointer }) => pointer);
  }
}

describe('numbers that no record can hold', () => {
  it.each([
    '9007199254740992',
    '9007199254740993',
    '-9007199254740992',
    '1e21',
    '-1e17',
    '1e400',
    '1e-131',
    '-1e-300',
    '5e-324',
  ])('%s is refused where it stands', (number) => {
    expect(refused(`{"custom":{"a":${number}}}`)).toEqual(['#/custom/a']);
    expect(refused(`{"lines":[{"n":1},{"n":${number}}]}`)).toEqual(['#/lines/1/n']);
  });
  it.each(['0', '-0', '9007199254740991', '-9007199254740991', '1e-130', '0.1', '1e15'])('%s is taken', (number) =>
    expect(refused(`{"custom":{"a":${number}}}`)).toEqual([]),
  );
  it('what is taken can be stored', () =>
    fc.assert(
      fc.property(fc.double({ noNaN: true }), (number) => {
        const text = `{"a":${JSON.stringify(number)}}`;
        if (refused(text).length === 0) marshall(JSON.parse(text));
      }),
    ));
});

describe('texts that are none', () => {
  it.each([
    ['{"name":"\\ud800"}', '#/name'],
    ['{"name":"a\\udc00b"}', '#/name'],
    ['{"tags":["a","\\ud800"]}', '#/tags/1'],
    ['{"a/b~":{"c":"\\ud800"}}', '#/a~1b~0/c'],
    ['{"custom":{"\\ud800":1}}', '#/custom/\ufffd'],
  ])('%s is refused', (body, pointer) => expect(refused(body)).toEqual([pointer]));
  it('names all at once', () => expect(refused('{"a":1e99,"b":"\\ud800"}')).toEqual(['#/a', '#/b']));
  it('lets any well-formed text be', () =>
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (a) => refused(JSON.stringify({ [`k${a}`]: a })).length === 0),
    ));
});
