import * as z from 'zod';
import { toMilliseconds } from '../core/duration.ts';
import type { Sending } from './campaign-policies.ts';

/** What had been sent and had come back by an instant, since the campaign began. */
export const Sample = z.object({ at: z.iso.datetime(), sent: z.int(), bounced: z.int(), complained: z.int() });
export type Sample = z.infer<typeof Sample>;

/** How many parts a window is told in: samples that lie nearer replace one another. */
const parts = 120;

/**
 * The samples to keep: those of the window, and the newest before it. Any two samples of sums that only grow are a window, so that no
 * item a minute is needed. The first sample says from when on the breaker watches.
 */
export function sampled(samples: readonly Sample[], now: Sample, window: string): Sample[] {
  const began = Date.parse(now.at) - toMilliseconds(window);
  const outside = samples.findLastIndex(({ at }) => Date.parse(at) <= began);
  const kept = samples.slice(Math.max(0, outside));
  const [previous, last] = kept.slice(-2);
  const near = previous && last && Date.parse(last.at) - Date.parse(previous.at) < toMilliseconds(window) / parts;
  return [...(near ? kept.slice(0, -1) : kept), now];
}

/** What the window that ends with the last sample has seen. */
export function seenIn(samples: readonly Sample[], window: string): Omit<Sample, 'at'> {
  const [first, last] = [samples[0], samples.at(-1)];
  if (!first || !last) return { sent: 0, bounced: 0, complained: 0 };
  const began = Date.parse(last.at) - toMilliseconds(window);
  const { sent, bounced, complained } = samples.findLast(({ at }) => Date.parse(at) <= began) ?? first;
  return {
    sent: last.sent - sent,
    bounced: last.bounced - bounced,
    complained: last.complained - complained,
  };
}

/**
 * Why a campaign must be stopped: too many mails came back, or too many people complained; undefined where it may go on. The defaults are
 * half of what makes SES review an account: https://docs.aws.amazon.com/ses/latest/dg/faqs-enforcement.html
 */
export function brokenBy(
  { sent, bounced, complained }: Omit<Sample, 'at'>,
  breaker: Sending['breaker'],
): string | undefined {
  if (sent < breaker.leastSent) return undefined;
  if (bounced / sent >= breaker.bounceRate) return `${bounced} of ${sent} mails came back`;
  if (complained / sent >= breaker.complaintRate) return `${complained} of ${sent} recipients complained`;
  return undefined;
}
