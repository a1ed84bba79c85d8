import { BatchProcessor, EventType, processPartialResponse } from '@aws-lambda-powertools/batch';
import type { SQSEvent, SQSHandler, SQSRecord } from 'aws-lambda';
import { log } from '../core/log.ts';
import type { Occasion } from '../store/occasion.ts';
import { type Surroundings, surroundings } from '../store/surroundings.ts';
import { Envelope } from './event.ts';

/** What a reaction is given: the event, and the occasion on which it acts. */
export type Reaction = (event: Envelope, around: Surroundings, on: Occasion) => Promise<unknown>;

/**
 * A consumer of our events, fed by a queue. It is told of an event at least once and in any order; a message that fails comes back by
 * itself, and after some tries lands in the dead-letter queue.
 */
export const consumer = (
  name: string,
  react: Reaction,
  { around = surroundings, inTurn = false }: { around?: () => Surroundings; inTurn?: boolean } = {},
): SQSHandler =>
  messages(
    name,
    async (body) => {
      const event = Envelope.parse((body as { detail: unknown }).detail);
      const here = around();
      await react(event, here, occasionOf(name, event, here.now()));
    },
    { inTurn },
  );

/** The occasion of a reaction to an event: the system acts, because of the event. */
export const occasionOf = (
  name: string,
  { id, correlationId }: Pick<Envelope, 'id' | 'correlationId'>,
  now: Date,
): Occasion => ({
  now,
  actor: { kind: 'system', id: name },
  correlationId,
  causationId: id,
  patient: true,
});

/** Services also tell a topic in words, as SES that it may publish there: what is no JSON is a text. */
function bodyOf(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return body;
  }
}

/**
 * A function fed by a queue: each message by itself, those that fail come back. `inTurn`: one after the other, where many at once would
 * only overtake each other at the same record.
 */
export const messages =
  (name: string, handle: (body: unknown) => Promise<void>, { inTurn = false } = {}): SQSHandler =>
  async (event: SQSEvent, context) => {
    const processor = new BatchProcessor(EventType.SQS);
    const each = async ({ body, messageId }: SQSRecord) => {
      try {
        await handle(bodyOf(body));
      } catch (error) {
        log.error('message failed', { consumer: name, messageId, error: error as Error });
        throw error;
      }
    };
    return processPartialResponse(event, each, processor, {
      context,
      throwOnFullBatchFailure: false,
      processInParallel: !inTurn,
    });
  };
