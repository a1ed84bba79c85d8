import { expect, it } from 'vitest';
import { createTask, reassignTask } from '../../../shared/platform/task-commands.ts';
import { AccountDetails } from '../../../shared/sales/account.ts';
import { createAccount, editAccount } from '../../../shared/sales/account-commands.ts';
import { assignLead } from '../../../shared/sales/assign-lead.ts';
import { editOpportunity } from '../../../shared/sales/edit-opportunity.ts';
import { openOpportunity } from '../../../shared/sales/open-opportunity.ts';
import { assignCase } from '../../../shared/service/assign-case.ts';
import { openCase } from '../../../shared/service/open-case.ts';
import type { Command } from '../../../shared/store/command.ts';
import { Company } from '../../support/company.ts';

const company = new Company([{}, { status: 'inactive' }, { role: 'viewer' }, {}]);
const [ada, left, looksOn, leaves] = [0, 1, 2, 3].map(company.idOf) as [string, string, string, string];

type Done = { id: string };
const does = (command: unknown, input: object, otherwise = {}): Promise<Done> =>
  company.does(command as Command<object, Done>, input, otherwise);
const anAccount = (ownerId = ada) => does(createAccount, AccountDetails.parse({ name: 'Acme', ownerId }));
const aSale = async (ownerId = ada) =>
  does(openOpportunity, { accountId: (await anAccount()).id, name: 'Sale', contactIds: [], products: [], ownerId });
const aCase = async (ownerId?: string) =>
  does(openCase, {
    accountId: (await anAccount()).id,
    ...{ subject: 'It hums', kind: 'problem', priority: 'high', channel: 'email', ownerId },
  });
const aTask = (assigneeId = ada) => does(createTask, { title: 'Call', assigneeId });

it.each<[string, string, (ownerId: string) => Promise<Done>]>([
  ['a new account', '#/ownerId', anAccount],
  ['an account', '#/ownerId', async (ownerId) => does(editAccount, { id: (await anAccount()).id, patch: { ownerId } })],
  ['a new opportunity', '#/ownerId', aSale],
  [
    'an opportunity',
    '#/ownerId',
    async (ownerId) => does(editOpportunity, { id: (await aSale()).id, patch: { ownerId } }),
  ],
  ['a new case', '#/ownerId', aCase],
  ['a case', '#/ownerId', async (ownerId) => does(assignCase, { id: (await aCase()).id, ownerId })],
  ['a lead', '#/ownerId', async (ownerId) => does(assignLead, { id: (await company.captured()).id, ownerId })],
  ['a new task', '#/assigneeId', aTask],
  ['a task', '#/assigneeId', async (assigneeId) => does(reassignTask, { id: (await aTask()).id, assigneeId })],
])('%s is given to nobody who left, nor to who only looks on', async (_, pointer, given) => {
  for (const nobody of [left, looksOn]) {
    const refused = {
      code: 'reference.unknown',
      more: { errors: [{ pointer, detail: expect.stringContaining(nobody) }] },
    };
    await expect(given(nobody)).rejects.toMatchObject(refused);
  }
  expect(await given(ada)).toMatchObject({ id: expect.any(String) });
});

it('an edit leaves it with who has left since', async () => {
  const { id } = await anAccount(leaves);
  company.put(3, { status: 'inactive' });
  expect(await does(editAccount, { id, patch: { name: 'Acme Ltd', ownerId: leaves } })).toMatchObject({
    ownerId: leaves,
  });
});

it('an import brings in what was theirs who have left', async () => {
  const origin = { importId: `imp_${'0'.repeat(26)}`, runWorkflows: false };
  expect(await does(createAccount, AccountDetails.parse({ name: 'Old', ownerId: left }), { origin })).toMatchObject({
    ownerId: left,
  });
});
