import * as z from 'zod';
import { Email } from '../core/contact-points.ts';
import { eventsOf, type Fact } from '../events/event.ts';
import type { Crm } from '../store/command.ts';
import { mover } from '../store/moves.ts';
import { inThread } from '../store/places.ts';
import { type Kind, record } from '../store/record.ts';

export const MailStatus = z.enum([
  'queued',
  'sending',
  'sent',
  'delivered',
  'bounced',
  'complained',
  'failed',
  'skipped',
  'unknown',
]);

/** How often, when first, and whether a person seems to have done it: programs open mails and follow links too. */
const Seen = z.strictObject({ count: z.int(), firstAt: z.iso.datetime(), byPerson: z.boolean() });

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
          purpose: z.enum(['task', 'quote', 'consent', 'survey']),
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
    deliveredAt: z.iso.datetime().optional(),
    delayedAt: z.iso.datetime().optional().meta({ description: 'When the other side last did not take it yet.' }),
    bounce: z.strictObject({ at: z.iso.datetime(), permanent: z.boolean() }).optional(),
    complainedAt: z.iso.datetime().optional(),
    opened: Seen.optional(),
    clicked: Seen.optional(),
    fault: z.string().optional().meta({ description: 'Why it is not delivered, in the words of the other side.' }),
  })
  .meta({ id: 'Mail' });
export type Mail = z.infer<typeof MailRecord>;

export const Mail: Kind<Mail> = {
  name: 'mail',
  prefix: 'msg',
  schema: MailRecord,
  unique: ({ recordId, step, to, messageId }) => [
    `mail#${recordId}#${step}#${to.email}`,
    ...(messageId ? [messageKey(messageId)] : []),
  ],
  places: ({ id, recordId, to, messageId }) => ({
    gsi3: inThread(recordId, 'mail', id),
    card: { id, to: to.email, messageId },
  }),
};

/** The look-up of whatever was sent under a message id of SES: answers and reports name it. */
export const messageKey = (messageId: string): string => `messageid#${messageId}`;

const event = eventsOf(
  Mail,
  MailRecord.pick({ template: true, step: true, recordId: true, subject: true, status: true, messageId: true }),
);
export const MailQueued = event('queued');

/**
 * The life of a mail. An outcome that nobody knows (`sending` for too long) is tried once more, then `unknown`, until a delivery event
 * tells. Those come in any order and more than once, so what is worse stays: a delivery does not undo a bounce, nor a bounce a complaint.
 */
export const mailMoves = {
  take: { from: ['queued', 'sending'], to: 'sending', event: event('taken') },
  send: { from: ['sending', 'unknown'], to: 'sent', event: event('sent') },
  fail: { from: ['queued', 'sending', 'sent', 'unknown'], to: 'failed', event: event('failed') },
  skip: { from: ['queued', 'sending'], to: 'skipped', event: event('skipped') },
  giveUp: { from: ['sending'], to: 'unknown', event: event('unknown') },
  deliver: { from: ['sending', 'sent', 'unknown'], to: 'delivered', event: event('delivered') },
  bounce: { from: ['sending', 'sent', 'delivered', 'unknown'], to: 'bounced', event: event('bounced') },
  complain: {
    from: ['sending', 'sent', 'delivered', 'bounced', 'unknown'],
    to: 'complained',
    event: event('complained'),
  },
  note: { from: ['sending', 'sent', 'delivered', 'bounced', 'complained', 'unknown'], event: event('updated') },
} as const;
export const moveMail = mover<Mail, Mail['status'], typeof mailMoves>('mail', mailMoves);
/** Whether a verb still has something to say of a mail. */
export const mayMoveMail = ({ status }: Mail, verb: keyof typeof mailMoves): boolean =>
  (mailMoves[verb].from as readonly string[]).includes(status);

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
