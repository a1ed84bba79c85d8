/** What happens after a mail was taken, without anybody waiting: a few at a time, and what fails for good is logged. */
export class Errands {
  readonly #atOnce: number;
  readonly #waiting: (() => Promise<void>)[] = [];
  #running = 0;
  #idle: PromiseWithResolvers<void> | undefined;

  constructor(atOnce = 16) {
    this.#atOnce = atOnce;
  }

  /** `what` is for the log, so without addresses. */
  add(what: string, errand: () => Promise<void>): void {
    this.#waiting.push(() => errand().catch((error: unknown) => console.error(`mailbox: ${what}: ${String(error)}`)));
    this.#next();
  }

  /** Resolves once nothing is left to do, or after so many milliseconds. */
  async settled(milliseconds: number): Promise<void> {
    if (this.#running === 0) return;
    this.#idle ??= Promise.withResolvers();
    const late = Promise.withResolvers<void>();
    const timer = setTimeout(late.resolve, milliseconds);
    await Promise.race([this.#idle.promise, late.promise]);
    clearTimeout(timer);
  }

  #next(): void {
    while (this.#running < this.#atOnce && this.#waiting.length > 0) {
      this.#running++;
      void this.#waiting.shift()!().finally(() => {
        this.#running--;
        this.#next();
      });
    }
    if (this.#running === 0) {
      this.#idle?.resolve();
      this.#idle = undefined;
    }
  }
}
