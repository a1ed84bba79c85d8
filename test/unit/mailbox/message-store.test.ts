import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Message, MessageStore } from '../../../infra/local/mailbox/message-store.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'message-store-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const content = (subject: string, sizeBytes = 3): Omit<Message, 'id'> => ({
  receivedAt: '2026-11-24T08:00:00.000Z',
  from: 'a@a.example',
  to: ['b@b.example'],
  subject,
  text: '',
  html: '',
  headers: {},
  sizeBytes,
  outcome: 'delivered',
  attachments: [],
});
const raw = Buffer.from('raw');
const subjects = (store: MessageStore) => store.messages.map(({ subject }) => subject);

describe('the mails of a mailbox', () => {
  it('have rising ids, though they come at once and the clock goes back, and survive a restart', async () => {
    const store = await MessageStore.open(folder);
    await Promise.all(Array.from({ length: 50 }, (_, n) => store.add(content(`mail ${n}`), raw)));
    await store.close();
    const again = await MessageStore.open(folder);
    await again.add({ ...content('late'), receivedAt: '2020-01-01T00:00:00.000Z' }, raw);
    const ids = again.messages.map(({ id }) => id);
    expect(ids).toHaveLength(51);
    expect(ids).toEqual([...new Set(ids)].sort());
    expect(subjects(again)).toEqual([...Array.from({ length: 50 }, (_, n) => `mail ${n}`), 'late']);
    expect(await again.raw(ids[0]!)).toEqual(raw);
  });

  it('make room for new ones, by number and by bytes, the oldest first', async () => {
    const few = await MessageStore.open(folder, { mails: 2, bytes: 1_000 });
    for (const subject of ['a', 'b', 'c']) await few.add(content(subject), raw);
    expect(subjects(few)).toEqual(['b', 'c']);
    await few.add(content('large', 998), raw);
    expect(subjects(few)).toEqual(['large']);
    await few.add(content('larger than all room', 2_000), raw);
    expect(subjects(few)).toEqual(['larger than all room']);
    expect(await readdir(folder)).toHaveLength(2);
  });

  it('are gone when they are forgotten, also after a restart', async () => {
    const store = await MessageStore.open(folder);
    const { id } = await store.add(content('a'), raw);
    await store.clear();
    expect(store.messages).toEqual([]);
    expect(await store.raw(id)).toBeUndefined();
    expect(await readdir(folder)).toEqual([]);
    expect((await MessageStore.open(folder)).messages).toEqual([]);
  });

  it('that were cut short by a crash are left out, others are not', async () => {
    const store = await MessageStore.open(folder);
    await store.add(content('whole'), raw);
    const { id } = await store.add(content('torn'), raw);
    await store.close();
    await writeFile(join(folder, `${id}.json`), '{"id":"');
    await writeFile(join(folder, 'zzzzzzzzz.eml'), 'without a note');
    await writeFile(join(folder, 'port'), '8025');
    expect(subjects(await MessageStore.open(folder))).toEqual(['whole']);
    expect((await readdir(folder)).toSorted()).toHaveLength(3);
  });

  it('lie nowhere once a mailbox without a folder is closed', async () => {
    const store = await MessageStore.open(undefined);
    const { id } = await store.add(content('a'), raw);
    expect(await store.raw(id)).toEqual(raw);
    await store.close();
    expect(await store.raw(id)).toBeUndefined();
  });
});
