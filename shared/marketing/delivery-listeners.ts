import type { Command } from '../store/command.ts';
import { hearCampaignMail } from './hear-campaign-mail.ts';
import type { DeliveryNews } from './ses-events.ts';

/**
 * Who else hears what became of a mail: tag of the mail -> command. What `noteDelivery` concludes for the address is done already. The
 * command may be told twice, and in any order.
 */
export const deliveryListeners: Readonly<Record<string, Command<DeliveryNews, unknown>>> = {
  campaign: hearCampaignMail,
};

/** Those who hear of this mail. */
export const listenersOf = ({ tags }: DeliveryNews): Command<DeliveryNews, unknown>[] =>
  Object.entries(deliveryListeners).flatMap(([tag, hear]) => (tags[tag] ? [hear] : []));
