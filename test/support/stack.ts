import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Client, client, type Json } from '../../infra/local/client.ts';
import type { Access } from '../../infra/local/stack.ts';
import { Policies } from '../../shared/store/policies.ts';
import { type Surroundings, storeOver } from '../../shared/store/surroundings.ts';
import { eventually } from './eventually.ts';

/** The stack that the tests run against. */
export const access: Access = JSON.parse(
  readFileSync(join(process.env['STEPWISE_FOLDER'] ?? '.local', 'stepwise.json'), 'utf8'),
) as Access;
export const api: Client = client(access.apiUrl, access.apiKey);

/** The table of the stack, read and written by commands in this process. */
export function around(): Surroundings {
  const store = storeOver(access.tableName);
  return { store, policies: new Policies(store), now: () => new Date() };
}

let told = 0;
/** A word that no other test uses: records are never shared. */
export const unique = (word: string): string => `${word}${process.pid}${Date.now().toString(36)}${told++}`;

/** Mails to an address, oldest first, as soon as there are `count`: all of them, however many others that somebody got. */
export const mailsTo = (address: string, count = 1, subject = ''): Promise<Json[]> =>
  eventually(async () => {
    const mails: Json[] = [];
    for (let after: string | null = ''; after !== null; ) {
      const query = new URLSearchParams({ to: address, limit: '200', after, ...(subject && { subject }) });
      const page = (await (await fetch(`${access.mailboxUrl}/messages?${query}`)).json()) as MailPage;
      mails.push(...page.data);
      after = page.nextCursor;
    }
    if (mails.length < count) throw new Error(`${mails.length} of ${count} mails to ${address} ${subject}`);
    return mails;
  });
interface MailPage {
  data: Json[];
  nextCursor: string | null;
}

/** The links of a mail, by what they are called. */
export const linksIn = (mail: { html: string }): Map<string, string> =>
  new Map(
    [...mail.html.matchAll(/<a [^>]*href="([^"]+)"[^>]*>([^<]+)<\/a>/g)].map(([, href = '', label = '']) => [
      label.trim(),
      href.replaceAll('&amp;', '&'),
    ]),
  );

/** What a person does with a link: opens the page, sends its form. */
export async function act(
  link: string,
  form: Record<string, string> = {},
): Promise<{ shown: string; done: string; status: number }> {
  const shown = await (await fetch(link)).text();
  const answer = await fetch(link, { method: 'POST', body: new URLSearchParams(form) });
  return { shown, done: await answer.text(), status: answer.status };
}

/** A process of a record once it is as asked. */
export const processOf = (recordId: string, workflow: string, ...states: string[]): Promise<Json> =>
  eventually(async () => {
    const { data } = await api.get(`/v1/processes?recordId=${recordId}`);
    const found = data.find((one: Json) => one.workflow === workflow && states.includes(one.state));
    if (!found)
      throw new Error(
        `${workflow} of ${recordId}: ${JSON.stringify(data.map((one: Json) => [one.workflow, one.state]))}`,
      );
    return found;
  });
