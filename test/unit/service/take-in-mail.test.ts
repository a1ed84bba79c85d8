import { expect, it } from 'vitest';
import type { Task } from '../../../shared/platform/task.ts';
import { InboundMail, MailReceived } from '../../../shared/service/inbound-mail.ts';
import { captureLeadOfMail, openCaseOfMail } from '../../../shared/service/sort-mail.ts';
import { takeInMail } from '../../../shared/service/take-in-mail.ts';
import { type Command, run } from '../../../shared/store/command.ts';
import { TableInMemory } from '../../support/table-in-memory.ts';

const now = new Date('2026-03-02T10:00:00.000Z');
const verdicts = { spam: 'pass', virus: 'pass', spf: 'pass', dkim: 'pass', dmarc: 'pass' };

/** A table with a mail that was put aside, and commands on it. */
async function parked(more: object = {}) {
  const table = new TableInMemory();
  const { store, policies } = table.around(() => now);
  const on = { now, actor: { kind: 'user' as const, id: 'usr_ada' }, correlationId: 'test' };
  const does = async <I, A>(command: Command<I, A>, input: I) =>
    (await run(store, policies, on, command, input)).answer;
  const { id } = await does(
    (crm) =>
      crm.commit([
        MailReceived(undefined, {
          ...{ id: crm.newId('inm'), status: 'parked', reasons: ['It came to no desk'], to: [], subject: 'It hums' },
          ...{ hash: 'a', contentHash: 'b', key: 'inbound/a', sizeBytes: 10, verdicts, automatic: false },
          ...{ from: 'jo@acme.example', ...more },
        }),
      ]),
    {},
  );
  return { id, does, table, mail: () => store.load(InboundMail, id) };
}

it('a mail that was to be taken in and is no longer there is put aside again, with a task', async () => {
  const { id, does, table, mail } = await parked();
  await does(captureLeadOfMail, { id });
  expect(await mail()).toMatchObject({ status: 'received', wanted: 'lead' });
  await does(takeInMail, { id, arrived: undefined });
  const [task] = table.of<Task>('tsk');
  expect(task).toMatchObject({ recordId: id, queue: 'mail', actions: [{ key: 'ignore' }] });
  expect(await mail()).toMatchObject({ status: 'parked', openTaskId: task!.id });
  expect((await mail()).reasons).toEqual(['Its message is no longer there', 'It came to no desk']);
  const { version } = await mail();
  await does(takeInMail, { id, arrived: undefined });
  expect((await mail()).version).toBe(version);
});

it.each([
  ['nobody has written', { from: undefined }],
  ['has a virus', { verdicts: { ...verdicts, virus: 'fail' } }],
  ['is a case already', { status: 'case' }],
])('nothing is made of a mail that %s', async (_, more) => {
  const { id, does } = await parked(more);
  await expect(does(openCaseOfMail, { id })).rejects.toMatchObject({ code: 'record.wrongState' });
});
