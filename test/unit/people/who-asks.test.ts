import { beforeEach, describe, expect, it } from 'vitest';
import { newId } from '../../../shared/core/ids.ts';
import { type ApiKey, createApiKey, rotateApiKey, type ShownApiKey } from '../../../shared/people/api-key.ts';
import { whoAsks } from '../../../shared/people/who-asks.ts';
import { run } from '../../../shared/store/command.ts';
import { TableInMemory } from '../../support/table-in-memory.ts';

let reads: number;
let table: TableInMemory;
let clock: number;
const now = () => new Date(clock);
const on = () => ({ now: now(), actor: { kind: 'system' as const, id: 'test' }, correlationId: 'test' });
beforeEach(() => {
  clock = Date.parse('2026-11-26T08:00:00Z');
  reads = 0;
  table = new TableInMemory(async (call) => {
    if (call === 'GetCommand') reads++;
  });
});

async function made(): Promise<ShownApiKey> {
  const { store, policies } = table.around(now);
  return (await run(store, policies, on(), createApiKey, { name: 'a', role: 'admin' })).answer;
}
const rotated = async ({ id }: ShownApiKey): Promise<string> => {
  const { store, policies } = table.around(now);
  return (await run(store, policies, on(), rotateApiKey, { id })).answer.secret ?? '';
};
const knows = (secret: string | undefined, headers: Record<string, string> = {}): Promise<boolean> =>
  whoAsks(table.around(now), { authorization: `Bearer ${secret}`, ...headers }).then(
    () => true,
    () => false,
  );

describe('a key', () => {
  it('opens by its new secret as soon as it is rotated, and by the old one still', async () => {
    const key = await made();
    expect(await knows(key.secret)).toBe(true);
    clock += 100;
    const secret = await rotated(key);
    expect(await Promise.all([knows(secret), knows(secret), knows(secret)])).toEqual([true, true, true]);
    expect(await knows(key.secret)).toBe(true);
  });

  it('is read at most every five seconds, and for wrong secrets once a second more', async () => {
    const key = await made();
    await knows(key.secret);
    reads = 0;
    for (let n = 0; n < 40; n++) {
      clock += 100;
      expect(await knows(key.secret)).toBe(true);
    }
    expect(reads).toBe(0);
    const wrong = `${key.secret?.slice(0, -43)}${'x'.repeat(43)}`;
    for (let n = 0; n < 900; n++) {
      clock += 1;
      expect(await knows(wrong)).toBe(false);
    }
    expect(reads).toBe(1);
    clock += 200;
    await knows(wrong);
    expect(reads).toBe(2);
  });

  it('may act as a person again as soon as they are active again', async () => {
    const key = await made();
    const id = newId('usr', now());
    const user = {
      pk: 'dir#usr',
      sk: id,
      id,
      version: 1,
      createdAt: now().toISOString(),
      updatedAt: now().toISOString(),
    };
    const details = { createdBy: 'x', name: 'Ada', email: 'ada@a.example', role: 'agent' };
    table.put({ ...user, ...details, status: 'inactive' });
    expect(await knows(key.secret, { 'x-acting-user': id })).toBe(false);
    table.put({ ...user, ...details, status: 'active' });
    clock += 1_000;
    expect(await knows(key.secret, { 'x-acting-user': id })).toBe(true);
  });

  it('does not open once it is revoked and that was read', async () => {
    const key = await made();
    expect(await knows(key.secret)).toBe(true);
    const [stored] = table.of<ApiKey>('key');
    table.put({ pk: 'dir#key', sk: key.id, ...stored, status: 'revoked' });
    clock += 5_000;
    expect(await knows(key.secret)).toBe(false);
  });
});
