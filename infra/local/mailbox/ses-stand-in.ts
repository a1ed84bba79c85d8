import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { PublishCommand, SNSClient } from '@aws-sdk/client-sns';
import { localEnvironment } from '../cloud.ts';
import type { MailEvent } from './mail-events.ts';

/** Where SES would take what it has to tell, after a deploy. */
export interface Target {
  endpoint: string;
  region: string;
  intakeBucket?: string;
  deliveryTopicArn?: string;
  mailDomain: string;
  paymentWebhook?: { url: string; secret: string };
}

export interface SesStandIn {
  target: Target;
  /** Publishes to the delivery topic, one after the other; does nothing without one. Tries five times. */
  publish: (events: readonly MailEvent[]) => Promise<void>;
  /** Puts `inbound/<id>` into the intake bucket; does nothing without one. Tries five times. */
  putInbound: (id: string, raw: Uint8Array) => Promise<void>;
  close: () => void;
}

/** The two things that SES does to other services, done at the target's endpoint. */
export function sesStandIn(target: Target): SesStandIn {
  const { endpoint, region, intakeBucket, deliveryTopicArn } = target;
  const environment = localEnvironment(endpoint);
  const config = {
    endpoint,
    region,
    maxAttempts: 5,
    credentials: {
      accessKeyId: environment['AWS_ACCESS_KEY_ID'] ?? '',
      secretAccessKey: environment['AWS_SECRET_ACCESS_KEY'] ?? '',
    },
  };
  const sns = new SNSClient(config);
  const s3 = new S3Client({ ...config, forcePathStyle: true });
  return {
    target,
    async publish(events) {
      if (!deliveryTopicArn) return;
      for (const event of events)
        await sns.send(
          new PublishCommand({
            TopicArn: deliveryTopicArn,
            Subject: 'Amazon SES Email Event Notification',
            Message: JSON.stringify(event),
          }),
        );
    },
    async putInbound(id, raw) {
      if (!intakeBucket) return;
      await s3.send(new PutObjectCommand({ Bucket: intakeBucket, Key: `inbound/${id}`, Body: raw }));
    },
    close() {
      sns.destroy();
      s3.destroy();
    },
  };
}
