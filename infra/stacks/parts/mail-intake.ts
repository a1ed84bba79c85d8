import { Duration } from 'aws-cdk-lib';
import { Arrow, ofTypes } from '../../constructs/arrow.ts';
import { knows, readsBucket, readsSecret, writesBucket } from '../../constructs/capability.ts';
import type { Part } from './part.ts';

/** Mail that comes in: SES puts it into the intake bucket, and it becomes a case, a lead or an activity; or what a person makes of it. */
export const mailIntake: Part = ({ stack, house, data, table, fn }) => {
  const uses = [
    ...table,
    readsBucket('INTAKE_BUCKET', data.intake, 'inbound/'),
    writesBucket('DOCUMENTS_BUCKET', data.documents, 'attachments/'),
    readsSecret('LINK_SECRET_ARN', data.linkSecret),
    knows({ MAIL_DOMAIN: data.mail!.domain }),
  ];
  // A mail may have 40 MB: its bytes are there as they came, decoded, and once more while a file is put.
  const room = { memory: 1024, timeout: Duration.minutes(1) };
  new Arrow(stack, 'MailIntake', {
    house,
    pattern: {
      source: ['aws.s3'],
      detailType: ['Object Created'],
      detail: { bucket: { name: [data.intake.bucketName] }, object: { key: [{ prefix: 'inbound/' }] } },
    },
    to: fn('intake-mail', uses, room),
    batch: 2,
    impact: 'Mails of customers lie in the intake bucket unread: no case, lead or task comes of them.',
  });
  new Arrow(stack, 'InboundMails', {
    house,
    bus: data.bus,
    pattern: ofTypes(['mail.accepted']),
    to: fn('events-inbound-mails', uses, room),
    batch: 2,
    impact: 'Of mails that were put aside, and that people want as a case or a lead, nothing comes.',
  });
};
