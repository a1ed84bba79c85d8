import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import { EventBridgeClient, PutEventsCommand, type PutEventsRequestEntry } from '@aws-sdk/client-eventbridge';
import { SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { unmarshall } from '@aws-sdk/util-dynamodb';
import type { DynamoDBBatchResponse, DynamoDBStreamEvent } from 'aws-lambda';
import { packed, tooLarge } from '../../shared/events/pack.ts';
import { given } from '../../shared/store/surroundings.ts';

const bus = new EventBridgeClient({});
const queue = new SQSClient({});

/**
 * The outbox: every committed event goes from the table's stream to the bus, at least once and in the order of its partition. The first
 * entry that the bus does not take is where the stream goes on; an event that never fits is parked.
 */
export async function handler({ Records }: DynamoDBStreamEvent): Promise<DynamoDBBatchResponse> {
  const entries = Records.map(({ dynamodb }) => ({
    sequence: dynamodb?.SequenceNumber ?? '',
    entry: entryOf(dynamodb?.NewImage),
  }));
  for (const pack of packed(entries.filter(({ entry }) => !tooLarge(entry)))) {
    const { Entries = [] } = await bus.send(new PutEventsCommand({ Entries: pack.map(({ entry }) => entry) }));
    const failed = Entries.findIndex(({ ErrorCode }) => ErrorCode);
    if (failed >= 0) return { batchItemFailures: [{ itemIdentifier: pack[failed]!.sequence }] };
  }
  for (const { entry } of entries.filter(({ entry }) => tooLarge(entry))) await park(entry);
  return { batchItemFailures: [] };
}

function entryOf(image: unknown): PutEventsRequestEntry {
  const { pk: _, sk: __, ...event } = unmarshall(image as Record<string, AttributeValue>);
  return {
    EventBusName: given('EVENT_BUS_NAME'),
    Source: 'stepwise',
    DetailType: String(event['type']),
    Time: new Date(String(event['occurredAt'])),
    Detail: JSON.stringify(event),
  };
}

/** An event that no bus takes goes to the dead-letter queue, alone: nothing waits behind it. */
async function park({ Detail = '', DetailType }: PutEventsRequestEntry): Promise<void> {
  const { id, recordId } = JSON.parse(Detail) as Record<string, string>;
  const MessageBody = JSON.stringify({
    reason: 'The event is larger than the bus takes',
    type: DetailType,
    eventId: id,
    recordId,
  });
  await queue.send(new SendMessageCommand({ QueueUrl: given('RELAY_PARK_QUEUE_URL'), MessageBody }));
}
