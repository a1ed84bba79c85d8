import { describe, expect, it } from 'vitest';
import { startProcess } from '../../../shared/platform/start-process.ts';
import { workflows } from '../../../shared/platform/workflows.ts';
import { findOwner } from '../../../shared/sales/assign-lead.ts';
import { captureLead } from '../../../shared/sales/capture-lead.ts';
import { chaseLead } from '../../../shared/sales/chase-lead.ts';
import type { Lead } from '../../../shared/sales/lead.ts';
import { acceptLead, nurtureLead, qualifyLead } from '../../../shared/sales/move-lead.ts';
import type { Occasion } from '../../../shared/store/occasion.ts';
import { Company } from '../../support/company.ts';

const details = { source: 'form', email: 'jo@acme.example' } as never;

/** A company of one, and its lead. */
async function scene() {
  const company = new Company([{}]);
  const { id } = await company.does(captureLead, details);
  return {
    company,
    id,
    assigned: () => company.does(findOwner, { id, processId: 'prc' } as never),
    nurtured: () => company.does(nurtureLead, { id, note: 'Next year' }),
    again: (otherwise: Partial<Occasion> = {}): Promise<Lead> =>
      company.does(captureLead, { source: 'form', email: 'jo@acme.example', company: 'Acme' } as never, otherwise),
    starts: () =>
      company.does(startProcess({ status: async () => undefined }), {
        workflow: workflows.find(({ name }) => name === 'lead-qualification')!,
        recordId: id,
        eventId: 'evt_1',
      }),
  };
}

describe('who writes again while their lead is nurtured', () => {
  it('is looked at again, by who had it before', async () => {
    const { company, id, assigned, nurtured, again, starts } = await scene();
    await assigned();
    await nurtured();
    expect(await starts()).toBeUndefined();
    const lead = await again();
    expect(lead).toMatchObject({ id, status: 'new', company: 'Acme', reopenedAt: company.now.toISOString(), hops: 0 });
    expect(lead.dueAt).toBeUndefined();
    expect(company.reasonsOf(lead)[0]).toBe('They wrote again while it was nurtured');
    expect(await starts()).toMatchObject({ input: { record: { id, status: 'new' } } });
    const given = await assigned();
    expect(given).toMatchObject({ status: 'assigned', ownerId: company.idOf(0) });
    expect(company.reasonsOf(given)).toEqual(['User 0 had it before']);
  });

  it('is with us anew: who let it lie before may have it, and is told in time', async () => {
    const { company, id, assigned, again } = await scene();
    await assigned();
    await company.does(acceptLead, { id });
    for (let n = 0; n < 2; n++) {
      company.now = new Date((await again()).dueAt!);
      await company.does(chaseLead, { id, processId: 'prc' } as never);
    }
    expect(await again()).toMatchObject({ status: 'new', hops: 0, passedBy: [] });
    expect((await assigned()).reminded).toBeUndefined();
  });

  it.each([
    ['new', async () => {}],
    ['assigned', ({ assigned }: Awaited<ReturnType<typeof scene>>) => assigned()],
    ['qualified', ({ company, id }: Awaited<ReturnType<typeof scene>>) => company.does(qualifyLead, { id })],
  ])('changes nothing of where a lead stands that is %s', async (status, moved) => {
    const here = await scene();
    await moved(here);
    const lead = await here.again();
    expect(lead).toMatchObject({ id: here.id, status, company: 'Acme' });
    expect(lead.reopenedAt).toBeUndefined();
  });

  it('is not called back by history', async () => {
    const { nurtured, again } = await scene();
    await nurtured();
    const origin = { importId: `imp_${'0'.repeat(26)}`, runWorkflows: false };
    expect(await again({ origin })).toMatchObject({ status: 'nurturing', company: 'Acme' });
    expect(await again({ origin: { ...origin, runWorkflows: true } })).toMatchObject({ status: 'new' });
  });
});
