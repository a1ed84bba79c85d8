import { toMilliseconds } from '../core/duration.ts';
import type { Command } from '../store/command.ts';
import { CampaignSending } from './campaign-policies.ts';
import { isHuman } from './human.ts';
import { changeRecipients, findRecipient, type Recipient, type Sign } from './recipient.ts';
import { signed } from './recipient-signs.ts';
import type { DeliveryNews } from './ses-events.ts';

/** What news of a mail say of its recipient, beside that SES took it. Clicks are told by our own links. */
const signOf: Partial<Record<DeliveryNews['kind'], Sign>> = {
  delivered: 'delivered',
  bounced: 'bounced',
  complained: 'complained',
  opened: 'opened',
};

/**
 * Notes what SES tells of a campaign's mail, each thing once however often it is told and in whatever order. Whatever is told says that SES
 * took the mail: a recipient whose outcome nobody knew got it, and one whose turn would come again needs none.
 */
export const hearCampaignMail: Command<DeliveryNews, void> = async (crm, news) => {
  const { campaign = '', recipient = '' } = news.tags;
  const before = await findRecipient(crm.store, campaign, recipient);
  if (!before) return;
  const { machineWithin } = await crm.policy(CampaignSending);
  const told = accepted(before, news);
  const sign = news.kind === 'bounced' && !news.permanent ? undefined : signOf[news.kind];
  const at = new Date(news.at);
  const opened = sign === 'opened' && !news.byMachine;
  const human = opened && isHuman({ at, userAgent: news.userAgent }, told.since, toMilliseconds(machineWithin));
  const seen: Sign[] = ['accepted', ...(sign ? [sign] : []), ...(human ? (['openedByHuman'] as const) : [])];
  const after = signed(told, seen, at) ?? (told === before ? undefined : told);
  if (after) await changeRecipients(crm, [{ before, after }]);
};

const rejected = 'sending.rejected';

/** A recipient of whose mail SES tells anything at all: it took it. A mail that it then rejects (a virus) goes nowhere. */
export function accepted(
  recipient: Recipient,
  { kind, messageId, at }: Pick<DeliveryNews, 'kind' | 'messageId' | 'at'>,
): Recipient {
  const { state, attempts, reason } = recipient;
  if (reason === rejected) return recipient;
  if (kind === 'rejected') return { ...recipient, state: 'failed', since: at, reason: rejected };
  const settles = attempts > 0 && state !== 'sent' && state !== 'skipped';
  return settles ? { ...recipient, state: 'sent', since: at, reason: undefined, messageId } : recipient;
}
