import { parseArgs } from 'node:util';
import { startMailbox } from './mailbox.ts';

/**
 * The mailbox as a process of its own, until it is stopped:
 * `node infra/local/mailbox/serve.ts [--http 8025] [--smtp 1025] [--state folder]`.
 * Its target is in the environment: MAIL_DOMAIN with AWS_ENDPOINT_URL and AWS_REGION, INTAKE_BUCKET,
 * DELIVERY_TOPIC_ARN, PAYMENT_WEBHOOK_URL with PAYMENT_WEBHOOK_SECRET.
 */
const { values } = parseArgs({
  options: {
    http: { type: 'string', default: '8025' },
    smtp: { type: 'string', default: '1025' },
    state: { type: 'string' },
  },
});
const mailbox = await startMailbox({
  httpPort: Number(values.http),
  smtpPort: Number(values.smtp),
  ...(values.state && { stateDir: values.state }),
});

const {
  MAIL_DOMAIN: mailDomain,
  AWS_ENDPOINT_URL: endpoint,
  AWS_REGION: region = 'eu-central-1',
  INTAKE_BUCKET: intakeBucket,
  DELIVERY_TOPIC_ARN: deliveryTopicArn,
  PAYMENT_WEBHOOK_URL: url,
  PAYMENT_WEBHOOK_SECRET: secret,
} = process.env;
if (mailDomain && endpoint)
  mailbox.connect({
    mailDomain,
    endpoint,
    region,
    ...(intakeBucket && { intakeBucket }),
    ...(deliveryTopicArn && { deliveryTopicArn }),
    ...(url && secret && { paymentWebhook: { url, secret } }),
  });
console.log(`Mailbox at ${mailbox.url}, SMTP at ${mailbox.smtp.host}:${mailbox.smtp.port}`);

let stopping: Promise<void> | undefined;
for (const signal of ['SIGINT', 'SIGTERM'] as const)
  process.on(signal, () => {
    stopping ??= mailbox.stop();
    void stopping.then(() => process.exit(0));
  });
