import { describe, expect, it } from 'vitest';
import type { User } from '../../../shared/people/user.ts';
import { findOwner } from '../../../shared/sales/assign-lead.ts';
import { captureLead } from '../../../shared/sales/capture-lead.ts';
import type { Lead } from '../../../shared/sales/lead.ts';
import { disqualifyLead, nurtureLead } from '../../../shared/sales/move-lead.ts';
import { type Command, run } from '../../../shared/store/command.ts';
import { TableInMemory } from '../../support/table-in-memory.ts';

/** A company of these people, at a time. */
class Company {
  readonly table: TableInMemory;
  now = new Date('2026-06-15T10:00:00Z');
  #asked = 0;
  constructor(people: Partial<User>[], before?: (call: string) => Promise<unknown>) {
    this.table = new TableInMemory(before);
    for (const [n, said] of people.entries()) this.put(n, said);
  }

  put(n: number, said: Partial<User>): void {
    const id = this.idOf(n);
    const at = this.now.toISOString();
    this.table.put({
      ...{ pk: 'dir#usr', sk: id, id, version: 1, createdAt: at, updatedAt: at, createdBy: 'test' },
      ...{ name: `User ${n}`, email: `user${n}@ours.example`, role: 'agent', status: 'active' },
      ...said,
    });
  }

  idOf = (n: number) => `usr_${String(n).padStart(26, '0')}`;

  async does<I, A>(command: Command<I, A>, input: I): Promise<A> {
    const { store, policies } = this.table.around(() => this.now);
    const on = { now: this.now, actor: { kind: 'process', id: 'prc' }, correlationId: 'test', patient: true } as const;
    return (await run(store, policies, on, command, input)).answer;
  }

  captured = (): Promise<Lead> =>
    this.does(captureLead, { source: 'api', email: `jo${this.#asked++}@acme.example` } as never);
  assigned = async (): Promise<Lead> =>
    this.does(findOwner, { id: (await this.captured()).id, processId: 'prc' } as never);
  owners = (leads: readonly Lead[]) => leads.map(({ ownerId }) => ownerId && Number(ownerId.slice(4))).sort();
  reasonsOf = ({ id, version }: Lead): string[] =>
    this.table.under('log#').find((event) => event['recordId'] === id && event['recordVersion'] === version)![
      'reasons'
    ] as string[];
}

describe('capacity', () => {
  it('is as many leads as somebody has at hand at the most', async () => {
    const company = new Company([{ capacity: 2 }, { capacity: 1 }, {}]);
    const leads: Lead[] = [];
    for (let n = 0; n < 8; n++) leads.push(await company.assigned());
    expect(company.owners(leads)).toEqual([0, 0, 1, 2, 2, 2, 2, 2]);
    expect(company.reasonsOf(leads.at(-1)!).slice(1)).toEqual([
      'User 0 has 2 at hand, as many as they can take',
      'User 1 has 1 at hand, as many as they can take',
    ]);
  });

  it('of nobody left is a task for whoever looks after the queue', async () => {
    const company = new Company([{ capacity: 1 }, { capacity: 0 }]);
    const [first, second] = [await company.assigned(), await company.assigned()];
    expect(first).toMatchObject({ status: 'assigned', ownerId: company.idOf(0) });
    expect(second).toMatchObject({ status: 'new', openTaskId: expect.any(String) });
    expect(company.reasonsOf(second)).toContain('Nobody is available');
    expect(company.reasonsOf(second)).toContain('User 0 has 1 at hand, as many as they can take');
  });

  it('is free again when a lead is done with, or put off', async () => {
    const company = new Company([{ capacity: 1 }]);
    for (const done of [disqualifyLead, nurtureLead]) {
      const lead = await company.assigned();
      expect(lead).toMatchObject({ status: 'assigned' });
      await company.does(done as Command<{ id: string }, Lead>, { id: lead.id });
    }
    expect(await company.assigned()).toMatchObject({ status: 'assigned' });
  });

  it('holds where many leads come at once', async () => {
    const company = new Company(
      [{ capacity: 2 }, { capacity: 3 }],
      () => new Promise((done) => setTimeout(done, Math.random() * 5)),
    );
    const leads = await Promise.all(Array.from({ length: 8 }, () => company.captured()));
    const given = await Promise.all(leads.map(({ id }) => company.does(findOwner, { id, processId: 'prc' } as never)));
    expect(company.owners(given.filter(({ ownerId }) => ownerId))).toEqual([0, 0, 1, 1, 1]);
  });

  it('holds while the index lags behind', async () => {
    const company = new Company([{ capacity: 2 }]);
    const lagging = company.table.put.bind(company.table);
    company.table.put = ({ gsi1pk: _, ...item }) => lagging(item);
    const leads = [await company.assigned(), await company.assigned(), await company.assigned()];
    expect(leads.map(({ status }) => status)).toEqual(['assigned', 'assigned', 'new']);
  });

  it('costs nothing where nobody has one', async () => {
    const calls: string[] = [];
    const company = new Company([{}, {}], async (call) => calls.push(call));
    const { id } = await company.captured();
    calls.length = 0;
    await company.does(findOwner, { id, processId: 'prc' } as never);
    expect(calls).toEqual(expect.arrayContaining(['QueryCommand', 'UpdateCommand', 'TransactWriteCommand']));
    expect(calls.filter((call) => call === 'QueryCommand').length).toBeLessThanOrEqual(3);
    expect(company.table.under('given#')).toEqual([]);
  });
});
