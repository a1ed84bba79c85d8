import { describe, expect, it } from 'vitest';
import { findOwner } from '../../../shared/sales/assign-lead.ts';
import type { Lead } from '../../../shared/sales/lead.ts';
import { disqualifyLead, nurtureLead } from '../../../shared/sales/move-lead.ts';
import type { Command } from '../../../shared/store/command.ts';
import { Company } from '../../support/company.ts';

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
