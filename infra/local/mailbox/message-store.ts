import { readFileSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Outcome } from './outcome.ts';

/** A mail as the mailbox tells of it. */
export interface Message {
  /** Later mails have greater ids, also after a restart. */
  id: string;
  receivedAt: string;
  from: string;
  /** Who it was delivered to (the envelope, not the header). */
  to: readonly string[];
  subject: string;
  text: string;
  html: string;
  /** By lower-case name; the values of a repeated header are joined by commas. */
  headers: Readonly<Record<string, string>>;
  sizeBytes: number;
  outcome: Outcome;
  attachments: readonly { filename: string; mimeType: string; sizeBytes: number }[];
}

/** What is kept at most; beyond it the oldest go. */
export interface Room {
  mails: number;
  bytes: number;
}
const usualRoom: Room = { mails: 10_000, bytes: 512 * 1024 * 1024 };

/**
 * Mails in a folder, two files each: `<id>.eml` as it came, written first, and `<id>.json`, which says that it is
 * whole. What is listed is in memory, what came is read when asked for.
 */
export class MessageStore {
  readonly #folder: string;
  readonly #forGood: boolean;
  readonly #room: Room;
  readonly #messages: Message[] = [];
  #bytes = 0;
  #lastId = 0;
  /** Changes happen one after the other: a mail becomes visible only after all earlier ones. */
  #changes: Promise<unknown> = Promise.resolve();

  private constructor(folder: string, forGood: boolean, room: Room) {
    this.#folder = folder;
    this.#forGood = forGood;
    this.#room = room;
  }

  /** Opens the folder with what it kept; without one, a temporary folder that `close` deletes. */
  static async open(folder: string | undefined, room: Room = usualRoom): Promise<MessageStore> {
    if (folder) await mkdir(folder, { recursive: true, mode: 0o700 });
    const store = new MessageStore(folder ?? (await mkdtemp(join(tmpdir(), 'mailbox-'))), Boolean(folder), room);
    await store.#load();
    return store;
  }

  /** Oldest first. */
  get messages(): readonly Message[] {
    return this.#messages;
  }

  find(id: string): Message | undefined {
    return this.#messages.find((message) => message.id === id);
  }

  /** The message as it came; undefined where there is none of that id (any more). */
  async raw(id: string): Promise<Buffer | undefined> {
    return this.find(id) && (await readFile(this.#path(id, 'eml')).catch(() => undefined));
  }

  /** Keeps a mail under a new id. Rejects where the disk does. */
  add(content: Omit<Message, 'id'>, raw: Uint8Array): Promise<Message> {
    return this.#inTurn(async () => {
      const message: Message = { id: this.#newId(Date.parse(content.receivedAt)), ...content };
      await writeFile(this.#path(message.id, 'eml'), raw, { mode: 0o600 });
      await writeFile(this.#path(message.id, 'json'), JSON.stringify(message), { mode: 0o600 });
      this.#take(message);
      await this.#makeRoom();
      return message;
    });
  }

  /** Forgets all mails. */
  clear(): Promise<void> {
    return this.#inTurn(async () => {
      const ids = this.#messages.splice(0).map(({ id }) => id);
      this.#bytes = 0;
      await Promise.all(ids.map((id) => this.#remove(id)));
    });
  }

  async close(): Promise<void> {
    await this.#changes;
    if (!this.#forGood) await rm(this.#folder, { recursive: true, force: true });
  }

  async #load(): Promise<void> {
    const names = new Set(await readdir(this.#folder));
    const ids = new Set(Array.from(names, (name) => /^([0-9a-z]{9})\.(eml|json)$/.exec(name)?.[1] ?? ''));
    for (const id of [...ids].filter(Boolean).sort()) {
      const message = names.has(`${id}.eml`) ? this.#kept(id) : undefined;
      if (message) this.#take(message);
      else await this.#remove(id);
    }
    await this.#makeRoom();
  }

  /** A mail whose keeping was cut short has no readable note, and was never confirmed to its sender. */
  #kept(id: string): Message | undefined {
    try {
      const message = JSON.parse(readFileSync(this.#path(id, 'json'), 'utf8')) as Message;
      return message.id === id ? message : undefined;
    } catch {
      return undefined;
    }
  }

  #take(message: Message): void {
    this.#messages.push(message);
    this.#bytes += message.sizeBytes;
    this.#lastId = Number.parseInt(message.id, 36);
  }

  async #makeRoom(): Promise<void> {
    while (this.#messages.length > this.#room.mails || (this.#bytes > this.#room.bytes && this.#messages.length > 1)) {
      const oldest = this.#messages.shift()!;
      this.#bytes -= oldest.sizeBytes;
      await this.#remove(oldest.id);
    }
  }

  async #remove(id: string): Promise<void> {
    await rm(this.#path(id, 'json'), { force: true });
    await rm(this.#path(id, 'eml'), { force: true });
  }

  #path(id: string, kind: 'eml' | 'json'): string {
    return join(this.#folder, `${id}.${kind}`);
  }

  /** Milliseconds in base 36, never the same twice: nine characters until the year 5188. */
  #newId(now: number): string {
    this.#lastId = Math.max(now, this.#lastId + 1);
    return this.#lastId.toString(36).padStart(9, '0');
  }

  #inTurn<T>(change: () => Promise<T>): Promise<T> {
    const done = this.#changes.then(change);
    this.#changes = done.catch(() => {});
    return done;
  }
}
