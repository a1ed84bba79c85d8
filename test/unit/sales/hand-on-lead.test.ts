import { describe, expect, it } from 'vitest';
import type { User } from '../../../shared/people/user.ts';
import { assignLead } from '../../../shared/sales/assign-lead.ts';
import { chaseLead } from '../../../shared/sales/chase-lead.ts';
import type { Lead } from '../../../shared/sales/lead.ts';
import { acceptLead } from '../../../shared/sales/move-lead.ts';
import { Company } from '../../support/company.ts';

const idOf = (n: number) => `usr_${String(n).padStart(26, '0')}`;

/** A lead that nobody accepts, for so many deadlines: who had it, in turn. */
async function lies(company: Company, lead: Lead, deadlines: number): Promise<{ lead: Lead; had: number[] }> {
  const had = company.owners([lead]) as number[];
  let at = lead;
  for (let n = 0; n < deadlines; n++) {
    company.now = new Date(at.dueAt!);
    at = await company.does(chaseLead, { id: at.id, processId: 'prc' } as never);
    const [owner] = company.owners([at]) as number[];
    if (owner !== had.at(-1)) had.push(owner!);
  }
  return { lead: at, had };
}
const mailed = (company: Company, template: string) =>
  company.table.of('msg').filter((mail) => mail['template'] === template);

describe('a lead that nobody accepts', () => {
  const managed: Partial<User> = { managerId: idOf(4) };
  const staff: Partial<User>[] = [managed, managed, managed, managed, { role: 'manager' }, { role: 'admin' }];

  it('goes to three more, then to the manager of the last one, and stays there', async () => {
    for (const people of [staff, [{}, {}, { role: 'manager' as const }, { role: 'admin' as const }]]) {
      const company = new Company(people);
      const { lead, had } = await lies(company, await company.assigned(), 12);
      expect(had.length).toBeLessThanOrEqual(5);
      expect(people[had.at(-1)!]!.role).toMatch(/manager|admin/);
      expect(lead).toMatchObject({ status: 'assigned', escalated: true, openTaskId: expect.any(String) });
      expect(company.reasonsOf(lead)).toEqual(['Not accepted in time', `It stays with User ${had.at(-1)}`]);
      expect(mailed(company, 'lead-unaccepted')).toHaveLength(1);
      expect(company.table.of('tsk').filter(({ status }) => status === 'open')).toHaveLength(1);
      expect(company.table.of('tsk')).toHaveLength(had.length);
      expect(await company.does(acceptLead, { id: lead.id })).toMatchObject({ status: 'working' });
    }
  });

  it('is looked at ever more rarely', async () => {
    const company = new Company([{ role: 'manager' }]);
    const first = await company.assigned();
    const { lead } = await lies(company, first, 8);
    expect(Date.parse(lead.dueAt!) - Date.parse(first.createdAt)).toBeGreaterThan(2 ** 8 * 3_600_000);
  });

  it('stays with its owner where there is nobody above', async () => {
    const company = new Company([{}]);
    const { had } = await lies(company, await company.assigned(), 5);
    expect(had).toEqual([0]);
    expect(mailed(company, 'lead-unaccepted')).toHaveLength(1);
  });

  it('goes on once the manager has left', async () => {
    const company = new Company([{}, { role: 'manager' }, { role: 'admin' }]);
    const { lead, had } = await lies(company, await company.assigned(), 6);
    company.put(had.at(-1)!, { role: 'manager', status: 'inactive' });
    const after = await lies(company, lead, 3);
    expect(after.had).toHaveLength(2);
    expect(after.lead.ownerId).not.toBe(lead.ownerId);
  });

  it('begins anew when it is given to somebody by hand', async () => {
    const company = new Company(staff);
    const { lead } = await lies(company, await company.assigned(), 6);
    const given = await company.does(assignLead, { id: lead.id, ownerId: company.idOf(0) });
    expect(given).toMatchObject({ hops: 0, passedBy: [] });
    expect(given.escalated).toBeUndefined();
    expect((await lies(company, given, 1)).had).toHaveLength(2);
  });
});
