import { beforeEach, describe, expect, it } from 'vitest';
import { newId } from '../../../shared/core/ids.ts';
import { Refusal } from '../../../shared/core/refusal.ts';
import { TaskDetails } from '../../../shared/platform/task.ts';
import { createTask } from '../../../shared/platform/task-commands.ts';
import { captureLead, captureLeadFor } from '../../../shared/sales/capture-lead.ts';
import { editLead } from '../../../shared/sales/edit-lead.ts';
import { LeadDetails } from '../../../shared/sales/lead.ts';
import { type Command, run } from '../../../shared/store/command.ts';
import { TableInMemory } from '../../support/table-in-memory.ts';

const now = new Date('2026-11-26T08:00:00Z');
let table: TableInMemory;
beforeEach(() => {
  table = new TableInMemory();
});
const doing = async <I, A>(command: Command<I, A>, input: I): Promise<A> => {
  const { store, policies } = table.around(() => now);
  const on = { now, actor: { kind: 'system' as const, id: 'test' }, correlationId: 'test' };
  return (await run(store, policies, on, command, input)).answer;
};
/** The code and the pointers that something is refused with. */
const refused = (asked: Promise<unknown>): Promise<unknown> =>
  asked.then(
    () => 'taken',
    (error: unknown) => {
      if (!(error instanceof Refusal)) throw error;
      return [error.code, ...(error.more.errors ?? []).map(({ pointer }) => pointer)];
    },
  );

const someLead = (more: object = {}): LeadDetails => LeadDetails.parse({ email: 'jo@acme.example', ...more });
const unknownCampaign = newId('cmp', now);

describe('a task', () => {
  const task = (more: object) => doing(createTask, TaskDetails.parse({ title: 'Call', ...more }));
  it.each([
    'hello',
    '',
    '_',
    'lea_',
    'dir#usr',
    'email#con#jo@acme.example',
    'log#',
    '#',
    newId('lea', now, newId('acc', now)),
    newId('act', now),
  ])('is about no record %j', async (recordId) => {
    await doing(captureLead, someLead());
    expect(await refused(task({ recordId }))).toEqual(['reference.unknown', '#/recordId']);
  });
  it('is about a record that is there, and of its account', async () => {
    const { id: recordId, accountId } = await doing(captureLead, someLead());
    const other = await doing(captureLead, someLead({ email: 'al@other.example' }));
    expect(await refused(task({ recordId }))).toBe('taken');
    expect(await refused(task({ recordId, accountId }))).toBe('taken');
    expect(await refused(task({ recordId, accountId: other.accountId }))).toEqual(['reference.unknown', '#/recordId']);
  });
});

describe('the campaign of a lead', () => {
  it('is one that there is, where somebody says it', async () => {
    expect(await refused(doing(captureLead, someLead({ campaignId: unknownCampaign })))).toEqual([
      'reference.unknown',
      '#/campaignId',
    ]);
    const { id } = await doing(captureLead, someLead());
    expect(await refused(doing(editLead, { id, patch: { campaignId: unknownCampaign } }))).toEqual([
      'reference.unknown',
      '#/campaignId',
    ]);
  });
  it('is left as it was known before', async () => {
    const { id } = await doing(captureLeadFor({}), someLead({ campaignId: unknownCampaign }));
    expect(await refused(doing(editLead, { id, patch: { firstName: 'Jo' } }))).toBe('taken');
  });
});
