import * as z from 'zod';
import { Email } from '../core/contact-points.ts';
import { eventsOf, type Fact } from '../events/event.ts';
import type { Crm } from '../store/command.ts';
import { mover } from '../store/moves.ts';
import { type Kind, record } from '../store/record.ts';

export const MailStatus = z.enum([
  'queued',
  'sending',
  'sent',
  'delivered',
  'bounced',
  'complained',
  'failed',
  'unknown',
]);

/** A mail to be sent: what it says is a template and its data, rendered when it is sent. */
const MailRecord = z
  .object({
    ...record('msg'),
    accountId: z.string().optional(),
    recordId: z.string(),
    step: z
      .string()
      .meta({ description: 'The business step that wants it: a record has one mail a step and recipient.' }),
    to: z.strictObject({ name: z.string().optional(), email: Email }),
    template: z.string(),
    data: z.record(z.string(), z.unknown()),
    links: z
      .array(
        z.strictObject({
          label: z.string(),
          purpose: z.enum(['task', 'quote', 'consent']),
          id: z.string(),
          action: z.string().optional(),
        }),
      )
      .max(10)
      .meta({ description: 'Action links: signed when it is sent.' }),
    assigneeId: z.string().optional().meta({ description: 'The person that its links act as.' }),
    attachments: z.array(z.strictObject({ key: z.string(), filename: z.string(), contentType: z.string() })).max(5),
    status: MailStatus,
    attempts: z.int(),
    subject: z.string().optional(),
    messageId: z.string().optional(),
    sentAt: z.iso.datetime().optional(),
    fault: z.string().optional(),
  })
  .meta({ id: 'Mail' });
export type Mail = z.infer<typeof MailRecord>;

export const Mail: Kind<Mail> = {
  name: 'mail',
  prefix: 'msg',
  schema: MailRecord,
  unique: ({ recordId, step, to }) => [`mail#${recordId}#${step}#${to.email}`],
};

const event = eventsOf(
  Mail,
  MailRecord.pick({ template: true, step: true, subject: true, status: true, messageId: true }),
);
export const MailQueued = event('queued');

/** The life of a mail. An outcome that nobody knows (`sending` for too long) is tried once more, then `unknown`. */
export const mailMoves = {
  take: { from: ['queued', 'sending'], to: 'sending', event: event('taken') },
  send: { from: ['sending'], to: 'sent', event: event('sent') },
  fail: { from: ['queued', 'sending'], to: 'failed', event: event('failed') },
  giveUp: { from: ['sending'], to: 'unknown', event: event('unknown') },
} as const;
export const moveMail = mover<Mail, Mail['status'], typeof mailMoves>('mail', mailMoves);

type Wanted = Pick<Mail, 'recordId' | 'step' | 'to' | 'template' | 'data'> &
  Partial<Pick<Mail, 'accountId' | 'links' | 'assigneeId' | 'attachments'>>;

/** A mail, as a fact to be committed with the command that wants it: it is sent once if that commits, never if it does not. */
export const queueMail = (crm: Pick<Crm, 'newId'>, wanted: Wanted): Fact<Mail> =>
  MailQueued(undefined, {
    links: [],
    attachments: [],
    ...wanted,
    id: crm.newId('msg', wanted.accountId ?? wanted.recordId),
    status: 'queued',
    attempts: 0,
  });
