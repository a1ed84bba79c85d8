import { Duration } from 'aws-cdk-lib';
import { Arrow } from '../../constructs/arrow.ts';
import { knows, readsBucket, readsSecret, writesBucket } from '../../constructs/capability.ts';
import type { Part } from './part.ts';

/** Mail that comes in: SES puts it into the intake bucket, and one function makes a case, a lead or an activity of it. */
export const mailIntake: Part = (service) => {
  const { stack, house, data, table } = service;
  const to = service.fn(
    'intake-mail',
    [
      ...table,
      readsBucket('INTAKE_BUCKET', data.intake, 'inbound/'),
      writesBucket('DOCUMENTS_BUCKET', data.documents, 'attachments/'),
      readsSecret('LINK_SECRET_ARN', data.linkSecret),
      knows({ MAIL_DOMAIN: data.mail!.domain }),
    ],
    // A mail may have 40 MB: its bytes are there as they came, decoded, and once more while a file is put.
    { memory: 1024, timeout: Duration.minutes(1) },
  );
  new Arrow(stack, 'MailIntake', {
    house,
    pattern: {
      source: ['aws.s3'],
      detailType: ['Object Created'],
      detail: { bucket: { name: [data.intake.bucketName] }, object: { key: [{ prefix: 'inbound/' }] } },
    },
    to,
    batch: 2,
    impact: 'Mails of customers lie in the intake bucket unread: no case, lead or task comes of them.',
  });
};
