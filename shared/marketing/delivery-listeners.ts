import type { Command } from '../store/command.ts';
import { type MailSign, noteMailSign } from './campaign-signs.ts';
import type { DeliveryNews } from './ses-events.ts';

/** What a campaign counts of what SES tells. */
const counted: Partial<Record<DeliveryNews['kind'], MailSign['kind']>> = {
  sent: 'send',
  delivered: 'delivery',
  bounced: 'bounce',
  complained: 'complaint',
  rejected: 'reject',
  opened: 'open',
};

/** The mails of campaigns bear `campaign` and `recipient`. */
const campaignHears: Command<DeliveryNews, void> = async (crm, { kind, tags, messageId, at, userAgent }) => {
  const sign = counted[kind];
  const { campaign: campaignId, recipient: key } = tags;
  if (sign && campaignId && key)
    await noteMailSign(crm, { campaignId, key, kind: sign, messageId, at: new Date(at), userAgent });
};

/**
 * Who else hears what became of a mail: tag of the mail -> command. What `noteDelivery` concludes for the address is done already. The
 * command may be told twice, and in any order.
 */
export const deliveryListeners: Readonly<Record<string, Command<DeliveryNews, unknown>>> = { campaign: campaignHears };
