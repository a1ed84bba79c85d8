import { describe, expect, it } from 'vitest';
import { nextAssignee } from '../../../shared/people/assign.ts';
import type { User } from '../../../shared/people/user.ts';
import { Crm } from '../../../shared/store/command.ts';
import { TableInMemory } from '../../support/table-in-memory.ts';

const monday = new Date('2026-06-15T10:00:00Z');
const table = new TableInMemory();

/** The same company, with these of its six people. */
function crmWith(people: Partial<User>[], now = monday): Crm {
  for (const item of table.under('dir#usr')) table.items.delete(`${String(item['pk'])} ${String(item['sk'])}`);
  for (const [n, one] of people.entries()) table.put(aUser(n, one));
  const { store, policies } = table.around(() => now);
  return new Crm(store, policies, { now, actor: { kind: 'system', id: 'test' }, correlationId: 'test' });
}
const idOf = (n: number) => `usr_${String(n).padStart(26, '0')}`;
const aUser = (n: number, said: Partial<User>) => ({
  pk: 'dir#usr',
  sk: idOf(n),
  id: idOf(n),
  version: 1,
  createdAt: monday.toISOString(),
  updatedAt: monday.toISOString(),
  createdBy: 'test',
  name: `User ${n}`,
  email: `user${n}@ours.example`,
  role: 'agent',
  status: 'active',
  ...said,
});
const away = { absences: [{ from: '2026-06-15', to: '2026-06-15' }] };

/** How many turns each person gets. */
async function turns(crm: Crm, count: number, except: string[] = []): Promise<Record<string, number>> {
  const got: Record<string, number> = {};
  for (let n = 0; n < count; n++) {
    const { name } = await next(crm, 'leads', except);
    got[name] = (got[name] ?? 0) + 1;
  }
  return got;
}

/** Whose turn it is; there is somebody. */
const next = async (crm: Crm, name: string, except: string[] = []): Promise<User> =>
  (await nextAssignee(crm, { name, except })).user!;

describe('round robin', () => {
  it('gives each who is available as many turns, whoever is away', async () => {
    expect(await turns(crmWith([{}, away, away, {}, {}, {}]), 16)).toEqual({
      'User 0': 4,
      'User 3': 4,
      'User 4': 4,
      'User 5': 4,
    });
  });

  it('is off by one at the most, for every set of people', async () => {
    for (let members = 1; members < 2 ** 6; members++) {
      const present = [0, 1, 2, 3, 4, 5].filter((n) => members & (1 << n)).length;
      const crm = crmWith([0, 1, 2, 3, 4, 5].map((n) => (members & (1 << n) ? {} : away)));
      const counts = Object.values(await turns(crm, 17));
      expect(counts).toHaveLength(present);
      expect(Math.max(...counts)).toBe(Math.ceil(17 / present));
      expect(Math.min(...counts)).toBe(Math.floor(17 / present));
    }
  });

  it('stays fair between two when every lead is handed on once', async () => {
    const crm = crmWith([{}, {}]);
    const first: string[] = [];
    for (let n = 0; n < 8; n++) {
      const user = await next(crm, 'leads');
      first.push(user.name);
      expect((await next(crm, 'leads', [user.id])).id).not.toBe(user.id);
    }
    expect(first.filter((name) => name === 'User 0')).toHaveLength(4);
  });

  it('begins with anybody: who comes first in the directory has no more than others', async () => {
    const begins: Record<string, number> = {};
    for (let except = 0; except < 2 ** 6 - 1; except++) {
      const crm = crmWith([{}, {}, {}, {}, {}, {}]);
      const passed = [0, 1, 2, 3, 4, 5].filter((n) => except & (1 << n)).map(idOf);
      const user = await next(crm, 'begins', passed);
      begins[user.name] = (begins[user.name] ?? 0) + 1;
    }
    expect(Math.max(...Object.values(begins))).toBeLessThan(25);
  });

  it('asks no viewer, nobody who left, and says who was passed over', async () => {
    const crm = crmWith([{ role: 'viewer' }, { status: 'inactive' }, away, {}]);
    expect(await nextAssignee(crm, { name: 'leads' })).toMatchObject({
      user: { name: 'User 3' },
      reasons: [expect.stringMatching(/^Round robin, turn \d+ of 1: User 3$/), 'User 2 is absent until 2026-06-15'],
    });
    expect(await nextAssignee(crmWith([{ role: 'viewer' }, away]), { name: 'leads' })).toEqual({
      user: undefined,
      reasons: ['Nobody is available', 'User 1 is absent until 2026-06-15'],
    });
  });
});
