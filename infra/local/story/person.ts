import { setTimeout } from 'node:timers/promises';
import { createTransport } from 'nodemailer';
import type { Json } from '../client.ts';
import type { Access } from '../stack.ts';

/** Somebody without a key: reads mails, clicks links, fills in pages, writes mails. */
export interface Person {
  /** The newest mail to an address whose subject holds all words, the most telling one last. */
  reads(to: string, ...words: string[]): Promise<Json>;
  /** Writes a mail; `to` is an address of ours, or a mail that is answered. */
  writes(from: string, to: string | Json, subject: string, text: string): Promise<void>;
}

/** What people do with the mailbox of the stack. */
export function personAt({ mailboxUrl, smtp }: Access): Person {
  return {
    async reads(to, ...words) {
      for (let n = 0; ; n++) {
        const query = new URLSearchParams({ to, subject: words.at(-1) ?? '', limit: '200' });
        const { data } = (await (await fetch(`${mailboxUrl}/messages?${query}`)).json()) as { data: Json[] };
        const found = data.findLast((mail) => words.every((word) => mail.subject.includes(word)));
        if (found) return found;
        if (n === 300) throw new Error(`No mail to ${to} about ${words.join(', ')}`);
        await setTimeout(100);
      }
    },
    async writes(from, to, subject, text) {
      const answered = typeof to === 'string' ? {} : { inReplyTo: to.headers['message-id'] };
      const address = typeof to === 'string' ? to : to.headers['reply-to'];
      const transport = createTransport({ ...smtp, secure: false, ignoreTLS: true });
      await transport.sendMail({ from, to: address, subject, text, ...answered });
      transport.close();
    },
  };
}

/** The address behind a link of a mail, by what the link is called. */
export function linkIn(mail: Json, label: string): string {
  const links = [...String(mail.html).matchAll(/<a [^>]*href="([^"]+)"[^>]*>\s*([^<]+?)\s*<\/a>/g)];
  const [, href = ''] = links.find(([, , text]) => text === label) ?? [];
  if (!href) throw new Error(`The mail "${mail.subject}" has no link ${label}`);
  return unescaped(href);
}

/** What a person does with a link: opens its page, and sends the page's form. */
export async function click(mail: Json, label: string, said: Record<string, string> = {}): Promise<void> {
  await fillIn(linkIn(mail, label), said);
}

/** Opens a page, fills in its form, and sends it with whatever the page itself put there. */
export async function fillIn(url: string, said: Record<string, string> = {}): Promise<void> {
  const shown = await fetch(url);
  const text = await shown.text();
  if (!shown.ok) throw new Error(`${url}: ${shown.status} ${text}`);
  const hidden = [...text.matchAll(/<input[^>]*type="hidden"[^>]*>/g)].map(([input]): [string, string] => [
    unescaped(/name="([^"]*)"/.exec(input)?.[1] ?? ''),
    unescaped(/value="([^"]*)"/.exec(input)?.[1] ?? ''),
  ]);
  const action = unescaped(/<form[^>]*action="([^"]+)"/.exec(text)?.[1] ?? '');
  const body = new URLSearchParams([...hidden, ...Object.entries(said)]);
  const answer = await fetch(action ? new URL(action, url) : url, { method: 'POST', body });
  if (!answer.ok) throw new Error(`${url}: ${answer.status} ${await answer.text()}`);
}

const unescaped = (text: string): string =>
  text.replaceAll(/&(?:amp|#(\d+));/g, (_, code?: string) => (code ? String.fromCharCode(Number(code)) : '&'));
