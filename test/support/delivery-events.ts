import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { PublishCommand, SNSClient } from '@aws-sdk/client-sns';
import type { Json } from '../../infra/local/client.ts';

const topics = new SNSClient({});
const topicArn = () => {
  const file = join(process.env['STEPWISE_FOLDER'] ?? '.local/stack', 'deploy/outputs.json');
  const stacks = JSON.parse(readFileSync(file, 'utf8')) as Record<string, Record<string, string>>;
  return Object.assign({}, ...Object.values(stacks)).DeliveryTopicArn as string;
};

/** Publishes to the topic what SES would. */
export const publish = (event: object): Promise<unknown> =>
  topics.send(new PublishCommand({ TopicArn: topicArn(), Message: JSON.stringify(event) }));

/** Publishes an event about a mail of ours: `Bounce`, `Delivery`, `Click`. */
export const told = ({ id, messageId, to }: Json, eventType: string, detail: object): Promise<unknown> =>
  publish({
    eventType,
    mail: {
      timestamp: new Date().toISOString(),
      messageId: messageId ?? `0107-${id}`,
      destination: [to.email],
      tags: { mail: [id] },
    },
    [eventType.toLowerCase()]: detail,
  });
