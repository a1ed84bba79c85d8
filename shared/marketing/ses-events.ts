import * as z from 'zod';
import { isComplaint } from '../mail/feedback-type.ts';

/** What SES tells of a mail, in one form for all its formats. */
export interface DeliveryNews {
  kind:
    | 'sent'
    | 'delivered'
    | 'delayed'
    | 'bounced'
    | 'complained'
    | 'rejected'
    | 'opened'
    | 'clicked'
    | 'unsubscribed';
  at: string;
  /** SES's id of the mail; without a domain. */
  messageId: string;
  /** Those that the mail bears: `mail`, or of a campaign `campaign` and `recipient`. */
  tags: Readonly<Record<string, string>>;
  /** Whom it is about, lower-case. */
  recipients: readonly string[];
  /** Of a bounce: the address is not good for any mail. */
  permanent?: boolean;
  /** In the words of the other side. */
  detail?: string;
  /** Of an opening or a click. */
  userAgent?: string;
  link?: string;
  /** SES itself says that no person did it. */
  byMachine?: boolean;
}

const text = z.string().catch('');
const Recipient = z.object({ emailAddress: z.string(), diagnosticCode: text, status: text });
type Recipient = z.infer<typeof Recipient>;
/** Those that are named, whatever else stands there. */
const recipients = z
  .array(z.unknown())
  .catch([])
  .transform((all) => all.map((one) => Recipient.safeParse(one).data).filter((one) => one !== undefined));
/** SES writes ISO 8601, of one precision or another. */
const moment = z
  .string()
  .refine((at) => /^\d{4}-/.test(at) && !Number.isNaN(Date.parse(at)))
  .optional()
  .catch(undefined);
const Part = z
  .object({
    timestamp: moment,
    bounceType: text,
    bounceSubType: text,
    bouncedRecipients: recipients,
    complainedRecipients: recipients,
    delayedRecipients: recipients,
    recipients: z.array(z.string()).catch([]),
    complaintFeedbackType: text,
    smtpResponse: text,
    delayType: text,
    reason: text,
    errorMessage: text,
    userAgent: text,
    link: text,
    isMachineGenerated: z.boolean().catch(false),
  })
  .partial();
type Part = z.infer<typeof Part>;

const SesEvent = z.object({
  eventType: z.string().optional(),
  notificationType: z.string().optional(),
  mail: z.object({
    messageId: z.string().min(1),
    timestamp: moment,
    destination: z.array(z.string()).catch([]),
    tags: z.record(z.string(), z.array(z.string())).catch({}),
  }),
});

/** SES's word for an event, what it is for us, and the field that tells more. */
const kinds: Readonly<Record<string, readonly [DeliveryNews['kind'], part: string]>> = {
  Send: ['sent', 'send'],
  Delivery: ['delivered', 'delivery'],
  DeliveryDelay: ['delayed', 'deliveryDelay'],
  Bounce: ['bounced', 'bounce'],
  Complaint: ['complained', 'complaint'],
  Reject: ['rejected', 'reject'],
  'Rendering Failure': ['rejected', 'failure'],
  RenderingFailure: ['rejected', 'failure'],
  Open: ['opened', 'open'],
  Click: ['clicked', 'click'],
  Subscription: ['unsubscribed', 'subscription'],
};

/** What has consequences for an address. */
const fails: ReadonlySet<DeliveryNews['kind']> = new Set(['bounced', 'complained']);

/**
 * What a message of the delivery topic tells; undefined where it is none of SES's events, or says that a mail is no spam. Takes both of SES's formats (published events say
 * `eventType`, notifications `notificationType`), raw or in SNS's envelope.
 * https://docs.aws.amazon.com/ses/latest/dg/event-publishing-retrieving-sns-contents.html
 */
export function newsIn(body: unknown): DeliveryNews | undefined {
  const event = unwrapped(body);
  const { data } = SesEvent.safeParse(event);
  const [kind, field] = kinds[data?.eventType ?? data?.notificationType ?? ''] ?? [];
  if (!data || !kind || !field) return undefined;
  const part: Part = Part.safeParse((event as Record<string, unknown>)[field]).data ?? {};
  const at = part.timestamp ?? data.mail.timestamp;
  if (!at || (kind === 'complained' && !isComplaint(part.complaintFeedbackType))) return undefined;
  const about = [
    ...(part.bouncedRecipients ?? []),
    ...(part.complainedRecipients ?? []),
    ...(part.delayedRecipients ?? []),
  ];
  const named = about.length ? about.map(({ emailAddress }) => emailAddress) : (part.recipients ?? []);
  const { destination } = data.mail;
  // What tells no recipient is about the one that the mail had; of several nobody knows which.
  const meant = named.length || (fails.has(kind) && destination.length > 1) ? named : destination;
  return {
    kind,
    at: new Date(at).toISOString(),
    messageId: data.mail.messageId,
    tags: Object.fromEntries(Object.entries(data.mail.tags).map(([name, [value = '']]) => [name, value])),
    recipients: [...new Set(meant.map(bare))].filter((email) => email.includes('@')),
    ...(kind === 'bounced' && { permanent: part.bounceType === 'Permanent' }),
    ...detailOf(part, about[0]),
    ...(part.userAgent && { userAgent: part.userAgent.slice(0, 500).toWellFormed() }),
    ...(part.link && { link: part.link.slice(0, 2_000).toWellFormed() }),
    ...(part.isMachineGenerated && { byMachine: true }),
  };
}

/** The message in SNS's envelope where the subscription is not raw. */
function unwrapped(body: unknown): unknown {
  const { Type, Message } = (body ?? {}) as { Type?: unknown; Message?: unknown };
  if (Type !== 'Notification' || typeof Message !== 'string') return body;
  try {
    return JSON.parse(Message);
  } catch {
    return undefined;
  }
}

/** `Jo <jo@acme.example>` as we store addresses. */
const bare = (written: string): string => (/<([^<>]+)>\s*$/.exec(written)?.[1] ?? written).trim().toLowerCase();

function detailOf(part: Part, first: Recipient | undefined): Pick<DeliveryNews, 'detail'> {
  const said = [
    first?.diagnosticCode || first?.status,
    part.bounceSubType,
    part.complaintFeedbackType,
    part.delayType,
    part.reason,
    part.errorMessage,
  ].filter(Boolean);
  return said.length ? { detail: said.join('; ').slice(0, 500).toWellFormed() } : {};
}
