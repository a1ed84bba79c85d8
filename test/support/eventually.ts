import { setTimeout } from 'node:timers/promises';

/** Waits until what is asked answers without throwing; its last error if it never does within `milliseconds`. */
export async function eventually<T>(ask: () => T | Promise<T>, milliseconds = 30_000): Promise<T> {
  const until = Date.now() + milliseconds;
  for (;;) {
    try {
      return await ask();
    } catch (error) {
      if (Date.now() > until) throw error;
      await setTimeout(100);
    }
  }
}
