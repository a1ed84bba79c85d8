import { randomUUID } from 'node:crypto';
import { setTimeout } from 'node:timers/promises';
import type { Json } from '../../infra/local/client.ts';
import type { Access } from '../../infra/local/stack.ts';

interface Answer {
  status: number;
  body: Json;
}

/** How often it happens to a client that it does not hear the answer, sends twice at once, repeats what was answered, or comes too early. */
const odds = { unheard: 0.1, doubled: 0.3, repeated: 0.2, early: 0.4 };
const patience = 10;

/**
 * A client of the API that is never sure whether it was heard: it hangs up and asks again under the same key, sends twice at once, repeats
 * itself, and tries what is not its turn.
 */
export class UnsureClient {
  readonly #access: Pick<Access, 'apiUrl' | 'apiKey'>;
  readonly #acting: string | undefined;
  constructor(access: Pick<Access, 'apiUrl' | 'apiKey'>, acting?: string) {
    this.#access = access;
    this.#acting = acting;
  }

  as(userId: string): UnsureClient {
    return new UnsureClient(this.#access, userId);
  }

  /** A record or list; anything but 200 is thrown. */
  async get(path: string): Promise<Json> {
    const { status, body } = await this.#send('GET', path);
    if (status !== 200) throw new Error(`GET ${path}: ${status} ${JSON.stringify(body)}`);
    return body;
  }

  /** A command, perhaps twice at once, perhaps again: every answer under its key is the same, and none is a refusal. */
  async post(path: string, body: object = {}): Promise<Json> {
    const key = randomUUID();
    const once = () => this.#send('POST', path, body, key);
    const answers = Math.random() < odds.doubled ? await Promise.all([once(), once()]) : [await once()];
    if (Math.random() < odds.repeated) answers.push(await once());
    const refused = answers.find(({ status }) => status >= 400);
    if (refused) throw new Error(`POST ${path}: ${refused.status} ${JSON.stringify(refused.body)}`);
    if (new Set(answers.map((answer) => JSON.stringify(answer.body))).size > 1)
      throw new Error(`POST ${path}: two answers under one key: ${JSON.stringify(answers)}`);
    return answers[0]!.body;
  }

  /** A command whose turn it is not, tried now and then: refused with a code, as nobody's fault but ours. */
  async tooEarly(path: string, body: object = {}): Promise<void> {
    if (Math.random() > odds.early) return;
    const { status, body: problem } = await this.#send('POST', path, body, randomUUID());
    if (status < 400 || status >= 500 || !problem.code)
      throw new Error(`POST ${path} out of order: ${status} ${JSON.stringify(problem)}`);
  }

  /** Commands of which only one can be, each under its own key, all at once: one comes through, whichever. Answers that one. */
  async race(...commands: [path: string, body: object][]): Promise<Json> {
    const answers = await Promise.all(commands.map(([path, body]) => this.#send('POST', path, body, randomUUID())));
    const through = answers.filter(({ status }) => status < 400);
    if (through.length !== 1) throw new Error(`${through.length} of a race came through: ${JSON.stringify(answers)}`);
    return through[0]!.body;
  }

  async #send(method: string, path: string, body?: object, key?: string): Promise<Answer> {
    const { apiUrl, apiKey } = this.#access;
    const headers = {
      authorization: `Bearer ${apiKey}`,
      ...(this.#acting && { 'x-acting-user': this.#acting }),
      ...(body && { 'content-type': 'application/json' }),
      ...(key && { 'idempotency-key': key }),
    };
    for (let attempt = 1; ; attempt++) {
      const unheard = Math.random() < odds.unheard && attempt < patience;
      const signal = unheard ? AbortSignal.timeout(Math.ceil(Math.random() * 60)) : undefined;
      const answer = await fetch(`${apiUrl}${path}`, {
        method,
        headers,
        ...(body && { body: JSON.stringify(body) }),
        ...(signal && { signal }),
      })
        .then(async (heard) => ({ heard, body: (await heard.json()) as Json }))
        .catch((error: unknown) => {
          if (!signal?.aborted) throw error;
        });
      const again = !answer || answer.heard.status >= 500 || answer.heard.headers.has('retry-after');
      if (answer && (!again || attempt === patience)) return { status: answer.heard.status, body: answer.body };
      await setTimeout(Math.random() * 30 * 2 ** Math.min(attempt, 6));
    }
  }
}
