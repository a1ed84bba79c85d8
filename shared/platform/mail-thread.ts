import * as z from 'zod';
import type { Mail } from '../mail/mail.ts';
import { messageIdOf } from '../mail/message-id.ts';
import { ranges } from '../store/places.ts';
import type { Store } from '../store/store.ts';
import { given } from '../store/surroundings.ts';

/** What a mail says that it answers: the last message with its recipient about its record, and those before. */
export interface Thread {
  inReplyTo?: string;
  references?: string[];
}

/** RFC 5322 sets no limit; headers do. */
const most = 20;

const Card = z.object({
  id: z.string(),
  to: z.string().optional(),
  from: z.string().optional(),
  messageId: z.string().optional(),
});

/** The thread that a mail goes on with: two Queries of index cards, no record is read. */
export async function threadOf(store: Store, { recordId, to }: Pick<Mail, 'recordId' | 'to'>): Promise<Thread> {
  const [sent, heard] = await Promise.all(
    ['mail', 'activity'].map((kind) => store.query(ranges.inThread(recordId, kind), most)),
  );
  const region = given('AWS_REGION');
  const withThem = [...(sent ?? []), ...(heard ?? [])]
    .flatMap(({ card }) => Card.safeParse(card).data ?? [])
    .filter((card) => card.messageId && (card.to ?? card.from) === to.email)
    .sort((a, b) => timeOf(a.id).localeCompare(timeOf(b.id)))
    .map(({ to, messageId = '' }) => (to ? messageIdOf(messageId, region) : `<${messageId}>`))
    .filter((id) => /^<[!-;=?-~]{1,900}>$/.test(id))
    .slice(-most);
  const last = withThem.at(-1);
  return last ? { inReplyTo: last, references: withThem } : {};
}

/** An id of a log is its account, then its time. */
const timeOf = (id: string): string => id.slice(30);
