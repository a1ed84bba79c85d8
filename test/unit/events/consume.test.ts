import type { Context, SQSEvent } from 'aws-lambda';
import { expect, it } from 'vitest';
import { messages } from '../../../shared/events/consume.ts';

it('is told what a service says in words, and says which messages failed', async () => {
  const told: unknown[] = [];
  const handler = messages('test', async (body) => {
    told.push(body);
    if (body === 'bad') throw new Error('bad');
  });
  const Records = ['{"a":1}', 'Successfully validated SNS topic for Amazon SES event publishing.', 'bad'].map(
    (body, n) => ({ messageId: String(n), body }),
  );
  const answer = await handler({ Records } as SQSEvent, {} as Context, () => undefined);
  expect(told).toEqual([{ a: 1 }, Records[1]?.body, 'bad']);
  expect(answer).toEqual({ batchItemFailures: [{ itemIdentifier: '2' }] });
});
