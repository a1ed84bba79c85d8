import { appendFileSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Wrap } from '../../infra/build/wrap-bundles.ts';

/** How often the send function fails: of its invocations, and of its calls to SES. In `rates.json` of the folder for notes. */
export interface Rates {
  fault: number;
  death: number;
}

class Injected extends Error {
  override readonly name = 'Injected';
}

/**
 * Makes the send function of campaigns fail at random: before it does anything, after it did it, so that its answer is lost, and in its
 * midst, by the death of its process before or after a call to SES. Each failure is a line of `failures` in the folder for notes.
 */
export const wrap: Wrap = async (load, { name, notes }) => {
  const { handler } = await load();
  if (name !== 'tasks-campaign-send') return handler;
  const { fault, death } = JSON.parse(readFileSync(join(notes, 'rates.json'), 'utf8')) as Rates;
  const strikes = (rate: number, what: string): boolean => {
    const strikes = Math.random() < rate / 2;
    if (strikes) appendFileSync(join(notes, 'failures'), `${what}\n`);
    return strikes;
  };
  const { fetch } = globalThis;
  globalThis.fetch = async (...call) => {
    if (strikes(death, 'died before a mail')) process.exit(1);
    const answer = await fetch(...call);
    if (strikes(death, 'died after a mail')) process.exit(1);
    return answer;
  };
  return async (event, context) => {
    if (strikes(fault, 'failed before')) throw new Injected('Before it was done');
    const answer = await handler(event, context);
    if (strikes(fault, 'failed after')) throw new Injected('After it was done');
    return answer;
  };
};
