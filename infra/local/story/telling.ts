import { setTimeout } from 'node:timers/promises';
import type { Client, Json } from '../client.ts';
import type { Person } from './person.ts';

export type Tell = (text: string) => void;
/** Does something, then tells of it and how long it took. */
export type Step = <T>(name: string, does: () => Promise<T>) => Promise<T>;

/** What every chapter is told with. */
export interface Telling {
  tell: Tell;
  step: Step;
  api: Client;
  /** Customers and colleagues, who have no key. */
  person: Person;
  /** Makes the names of this telling its own: the story can be told again on the same stack. */
  word: string;
  /** Who it is about. */
  jo: string;
  users: readonly Json[];
}

export const stepsOf =
  (tell: Tell): Step =>
  async (name, does) => {
    const startedAt = performance.now();
    const answer = await does();
    tell(`${name} (${Math.round(performance.now() - startedAt)} ms)`);
    return answer;
  };

/** Further words on the step before. */
export const aside = (tell: Tell, text: string): void => tell(`         ${text}`);

/** Tells when a process of a record has ended. */
export const ended = ({ api, step }: Telling, recordId: string, workflow: string): Promise<Json> =>
  step(`         ... \`${workflow}\` has ended`, () =>
    until(api, `/v1/processes?recordId=${recordId}`, ({ data }) =>
      data.some((process: Json) => process.workflow === workflow && process.state === 'succeeded'),
    ),
  );

/** Asks until the answer is as expected; says what it was if it never is. */
export async function until(api: Client, path: string, holds: (answer: Json) => boolean): Promise<Json> {
  for (let n = 0; ; n++) {
    const answer = await api.get(path);
    if (holds(answer)) return answer;
    if (n === 600) throw new Error(`${path} stays ${JSON.stringify(answer).slice(0, 500)}`);
    await setTimeout(100);
  }
}
