import { addDuration, type Duration } from '../core/duration.ts';
import { UnsendableMail } from '../mail/mime.ts';
import type { Sending } from './campaign-policies.ts';
import type { Recipient } from './recipient.ts';

/**
 * What became of handing a mail to SES. `took`: its message id. `refused`: it will never take it. `later`: it did not take it now, and said
 * so, or was not reached at all. `lost`: it may have taken it, the answer did not come. `holds`: how long SES is left alone if it takes none,
 * `all` if it says that it will take none.
 */
export type Answer =
  | { took: string }
  | { refused: string }
  | { later: string; holds: Duration; all?: true }
  | { lost: string; holds: Duration; all?: true };

/** The connection was never made. */
const unreached = new Set(['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'ENETUNREACH']);
/** What is wrong with the one mail, however often it is tried. */
const ofTheMail = new Set(['MessageRejected', 'InvalidParameterValue', 'ValidationError']);
const briefly = 'PT10S';
/** The day's quota, a halt of the account or a permission that lacks does not pass in seconds. */
const forSomeTime = 'PT15M';

/**
 * What a failed call to SES means for the mail. An answer of 4xx says that SES did not take it: because of the mail, or of what is the same for
 * all. An answer of 5xx, a broken connection or a timeout says nothing.
 * https://docs.aws.amazon.com/ses/latest/dg/manage-sending-quotas-errors.html
 */
export function answerOf(error: unknown): Answer {
  const { name, message, status = 0, cause } = error as Error & { status?: number };
  const code = (cause as { code?: string } | undefined)?.code ?? '';
  if (unreached.has(code)) return { later: code, holds: briefly };
  if (status < 400 || status >= 500) return { lost: code || name, holds: briefly };
  if (ofTheMail.has(name)) return { refused: name };
  const rate = (status === 429 || /throttl|toomany/i.test(name)) && !/daily/i.test(message);
  return rate ? { later: name, holds: briefly } : { later: name, holds: forSomeTime, all: true };
}

/** Why a mail could not even be written: without what is in it. */
export const refusedFor = (error: Error): string =>
  error instanceof UnsendableMail ? `mail.${error.field}` : `template.${error.name}`;

/**
 * A claimed recipient after SES has answered. Not taken: back into the queue. An answer that was lost leaves it unknown: it waits for the
 * event by which SES tells of every mail that it takes.
 */
export function settledBy(recipient: Recipient, answer: Answer, now: Date): Recipient {
  const since = now.toISOString();
  if ('took' in answer) return { ...recipient, state: 'sent', since, messageId: answer.took };
  if ('refused' in answer) return { ...recipient, state: 'failed', since, reason: answer.refused };
  if ('lost' in answer) return { ...recipient, state: 'unknown', since, reason: answer.lost };
  return { ...recipient, state: 'queued', since, reason: answer.later };
}

/**
 * A recipient of whose mail nobody knows, after some time. `resendAfter` may pass only where SES has told of every other mail that it took
 * (`allTold`): then it would have told of this one. Tried often enough, it failed. Undefined where it must wait.
 */
export function triedAgain(
  recipient: Recipient,
  { attempts, unknown: { resendAfter } }: Pick<Sending, 'attempts' | 'unknown'>,
  allTold: boolean,
  now: Date,
): Recipient | undefined {
  if (!resendAfter || !allTold || addDuration(new Date(recipient.since), resendAfter) > now) return undefined;
  const since = now.toISOString();
  const reason = 'sending.notTaken';
  return { ...recipient, state: recipient.attempts < attempts ? 'queued' : 'failed', since, reason };
}
