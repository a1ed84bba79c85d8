import type { Bounce } from '../mail/bounce.ts';
import { listenersOf } from '../marketing/delivery-listeners.ts';
import { noteDelivery } from '../marketing/note-delivery.ts';
import type { DeliveryNews } from '../marketing/ses-events.ts';
import type { Crm } from '../store/command.ts';
import type { Arrived, Became } from './arrived-mail.ts';
import { reportedOn } from './mail-reported-on.ts';

/**
 * A mail that tells what became of one of ours: the same follows as from an event of SES. Anybody can write such a report, so it counts for
 * a mail whose Message-ID it knows, and for the address that that one went to; every other is noted and changes nothing.
 */
export async function bounced(crm: Crm, _: Arrived, { kind, recipients, messageIds }: Bounce): Promise<Became> {
  const found = await reportedOn(crm, messageIds, recipients);
  if (!found)
    return {
      as: { status: 'bounce', reasons: ['It proves to be about no mail of ours: it changes nothing'] },
      facts: [],
    };
  const { about, messageId, tags } = found;
  const as: Became['as'] = { ...found.as, status: 'bounce', reasons: [about.detail] };
  if (about.effect === 'none') return { as, facts: [] };
  const news: DeliveryNews = {
    kind: kind === 'complaint' ? 'complained' : about.effect === 'delayed' ? 'delayed' : 'bounced',
    at: crm.now.toISOString(),
    messageId,
    tags,
    recipients: [about.email],
    permanent: about.effect === 'permanent',
    detail: about.detail,
  };
  const heard = [await crm.stage(noteDelivery, news)];
  for (const hear of listenersOf(news)) heard.push(await crm.stage(hear, news));
  return {
    as,
    facts: heard.flatMap(({ facts }) => facts),
    also: heard.flatMap(({ also }) => also),
  };
}
