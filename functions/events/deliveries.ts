import { createHash } from 'node:crypto';
import { log } from '../../shared/core/log.ts';
import { messages, occasionOf } from '../../shared/events/consume.ts';
import { deliveryListeners } from '../../shared/marketing/delivery-listeners.ts';
import { noteDelivery } from '../../shared/marketing/note-delivery.ts';
import { newsIn } from '../../shared/marketing/ses-events.ts';
import { run } from '../../shared/store/command.ts';
import { surroundings } from '../../shared/store/surroundings.ts';

/** What SES tells of mails: noted on the mail, drawn for its address, and handed to whoever sent it. Each event counts once. */
export const handler = messages('deliveries', async (body) => {
  const news = newsIn(body);
  if (!news) return log.warn('no event of SES', { mails: 0 });
  const { store, policies, now } = surroundings();
  const id = createHash('sha256').update(JSON.stringify(news)).digest('base64url');
  const on = occasionOf('deliveries', { id: `ses:${news.messageId}`, correlationId: news.messageId }, now());
  const once = (name: string) => ({ ...on, once: { key: `ses#${name}#${id}`, fingerprint: id } });
  const { answer: mail } = await run(store, policies, once('mail'), noteDelivery, news);
  const listeners = Object.entries(deliveryListeners).filter(([tag]) => news.tags[tag]);
  for (const [tag, hear] of listeners) await run(store, policies, once(tag), hear, news);
  if (!mail && !listeners.length) log.info('delivery event of no mail of ours', { kind: news.kind, mails: 0 });
});
