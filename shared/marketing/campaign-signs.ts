import { toMilliseconds } from '../core/duration.ts';
import type { Command } from '../store/command.ts';
import { CampaignSending } from './campaign-policies.ts';
import { isHuman } from './human.ts';
import { changeRecipients, findRecipient, type Recipient, type Sign } from './recipient.ts';
import { signed } from './recipient-signs.ts';

/** What SES tells of a campaign's mail, as its tags name the recipient. */
export interface MailSign {
  campaignId: string;
  key: string;
  kind: 'send' | 'delivery' | 'bounce' | 'complaint' | 'open' | 'reject' | 'reply';
  messageId?: string | undefined;
  at: Date;
  userAgent?: string | undefined;
}

const signsOf: Readonly<Record<MailSign['kind'], readonly Sign[]>> = {
  send: ['accepted'],
  delivery: ['accepted', 'delivered'],
  bounce: ['accepted', 'bounced'],
  complaint: ['accepted', 'complained'],
  open: ['accepted', 'opened'],
  reject: ['accepted'],
  reply: ['accepted', 'replied'],
};

/**
 * Notes what SES tells of a campaign's mail, each thing once however often it is told and in whatever order. Whatever is told says that SES
 * has the mail: a recipient whose outcome nobody knew got it, and one whose turn would come again needs none.
 */
export const noteMailSign: Command<MailSign, void> = async (crm, sign) => {
  const before = await findRecipient(crm.store, sign.campaignId, sign.key);
  if (!before) return;
  const { machineWithin } = await crm.policy(CampaignSending);
  const human = sign.kind === 'open' && isHuman(sign, before.since, toMilliseconds(machineWithin));
  const seen = [...signsOf[sign.kind], ...(human ? (['openedByHuman'] as const) : [])];
  const known = accepted(before, sign);
  const after = signed(known, seen, sign.at) ?? (known === before ? undefined : known);
  if (after) await changeRecipients(crm, [{ before, after }]);
};

/** A recipient of whose mail SES tells anything at all: it took it. A mail that it then rejects (a virus) goes nowhere. */
export function accepted(
  recipient: Recipient,
  { kind, messageId, at }: Pick<MailSign, 'kind' | 'messageId' | 'at'>,
): Recipient {
  const since = at.toISOString();
  if (kind === 'reject')
    return recipient.state === 'failed'
      ? recipient
      : { ...recipient, state: 'failed', since, reason: 'sending.rejected' };
  const open = recipient.state === 'sending' || recipient.state === 'unknown';
  const again =
    (recipient.state === 'queued' || recipient.state === 'failed') &&
    recipient.attempts > 0 &&
    recipient.reason !== 'sending.rejected';
  if (!open && !again) return recipient;
  return { ...recipient, state: 'sent', since, reason: undefined, ...(messageId && { messageId }) };
}
