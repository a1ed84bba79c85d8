import { describe, expect, it } from 'vitest';
import { standingOf } from '../../../shared/insights/overview.ts';

const item = (kind: string, sk: string, card: object, under = '') => ({ sk, gsi3sk: `${kind}#${under}#${sk}`, card });

describe('where a customer stands', () => {
  it('groups open things by their kinds, newest first', () => {
    const { contacts, open } = standingOf([
      item('contact', 'con_1', { id: 'con_1', firstName: 'Jo' }),
      item('lead', 'lea_1', { id: 'lea_1' }),
      item('lead', 'lea_2', { id: 'lea_2' }),
      item('task', 'tsk_1', { id: 'tsk_1', title: 'Call' }, 'lea_1'),
    ]);
    expect(contacts).toEqual([{ id: 'con_1', firstName: 'Jo' }]);
    expect(open.leads.map(({ id }) => id)).toEqual(['lea_2', 'lea_1']);
    expect(open.tasks).toEqual([{ id: 'tsk_1', title: 'Call' }]);
    expect(open.cases).toEqual([]);
  });

  it('shows a process with what it waits for, until when', () => {
    const card = (id: string) => ({ id, workflow: 'collection', recordIds: ['inv_1'], state: 'running' });
    const { processes } = standingOf([
      item('process', 'prc_1', card('prc_1')),
      item('process', 'prc_2', card('prc_2')),
      item('wait', 'prc_1', { waitsFor: new Set(['invoice.paid']), dueAt: '2026-05-01T00:00:00.000Z' }),
    ]);
    expect(processes).toEqual([
      { ...card('prc_2'), waitsFor: [] },
      { ...card('prc_1'), state: 'waiting', waitsFor: ['invoice.paid'], dueAt: '2026-05-01T00:00:00.000Z' },
    ]);
  });
});
