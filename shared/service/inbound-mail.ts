import * as z from 'zod';
import { id } from '../core/ids.ts';
import { eventsOf } from '../events/event.ts';
import { mover } from '../store/moves.ts';
import { inState } from '../store/places.ts';
import { type Kind, record } from '../store/record.ts';

/** What a mail that came in has become: exactly one of these; received: a person has it taken in after all, and what it becomes is on its way. */
export const Outcome = z.enum(['activity', 'case', 'lead', 'bounce', 'parked', 'received']);
export type Outcome = z.infer<typeof Outcome>;

const InboundRecord = z
  .object({
    ...record('inm'),
    accountId: id('acc').optional(),
    status: Outcome.meta({ description: 'What it has become; parked: nothing, for the reasons that it gives.' }),
    reasons: z.array(z.string().max(500)).max(20),
    from: z.string().max(254).optional(),
    to: z.array(z.string().max(320)).max(20).meta({ description: 'The addresses of ours that it names.' }),
    subject: z.string().max(300),
    messageId: z.string().max(900).optional(),
    hash: z.string().meta({ description: 'Of its Message-ID: the same message has come once.' }),
    contentHash: z.string().meta({ description: 'SHA-256 of what it says below its headers.' }),
    key: z.string().max(1_000).meta({ description: 'The object of the intake bucket, which keeps it for 30 days.' }),
    sizeBytes: z.int(),
    verdicts: z
      .strictObject({ spam: z.string(), virus: z.string(), spf: z.string(), dkim: z.string(), dmarc: z.string() })
      .meta({ description: 'What SES found out about it.' }),
    automatic: z.boolean(),
    contactId: id('con').optional().meta({ description: 'Who wrote it, by the address alone.' }),
    threadId: z.string().optional().meta({ description: 'The record in whose thread it stands.' }),
    recordId: z
      .string()
      .optional()
      .meta({ description: 'The activity, case, lead, or the mail of ours that came back.' }),
    activityId: id('act').optional(),
    openTaskId: id('tsk').optional().meta({ description: 'Who has to look at it.' }),
    wanted: z.enum(['case', 'lead']).optional().meta({ description: 'What a person makes of it that was put aside.' }),
  })
  .meta({ id: 'InboundMail' });
export type InboundMail = z.infer<typeof InboundRecord>;

export const inboundKey = (hash: string): string => `inbound#${hash}`;

/** A mail that came in, and what it has become. */
export const InboundMail: Kind<InboundMail> = {
  name: 'mail',
  prefix: 'inm',
  schema: InboundRecord,
  unique: ({ hash }) => [inboundKey(hash)],
  places: ({ id, status, createdAt }) => ({ gsi2: inState('inbound', status, createdAt, id) }),
};

const event = eventsOf(
  InboundMail,
  InboundRecord.pick({
    status: true,
    automatic: true,
    contactId: true,
    threadId: true,
    recordId: true,
    activityId: true,
  }),
);
/** Who waits for an answer of somebody hears this: `threadId` is what was answered, `contactId` who seems to have written. */
export const MailReceived = event('received');
export const MailAccepted = event('accepted');

/** The life of a mail that was put aside: a person makes something of it, or leaves it there. */
export const inboundMoves = {
  openCase: { from: ['parked'], to: 'received', event: MailAccepted },
  captureLead: { from: ['parked'], to: 'received', event: MailAccepted },
  ignore: { from: ['parked'], event: event('ignored') },
  become: { from: ['received'], event: MailReceived },
  park: { from: ['received'], to: 'parked', event: event('parked') },
} as const;
export const moveInboundMail = mover<InboundMail, Outcome, typeof inboundMoves>('mail', inboundMoves);
