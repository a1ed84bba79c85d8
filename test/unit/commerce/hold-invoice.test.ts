import { beforeEach, describe, expect, it } from 'vitest';
import { remindInvoice, writeOffInvoice } from '../../../shared/commerce/collect-invoice.ts';
import { disputeInvoice, promiseByTask, promisePayment, settleDispute } from '../../../shared/commerce/hold-invoice.ts';
import { Invoice, InvoiceIssued } from '../../../shared/commerce/invoice.ts';
import { recordPayment } from '../../../shared/commerce/record-payment.ts';
import { addDuration } from '../../../shared/core/duration.ts';
import type { Task } from '../../../shared/platform/task.ts';
import { type Command, run } from '../../../shared/store/command.ts';
import { TableInMemory } from '../../support/table-in-memory.ts';
import { draft, eur, issued, now as start } from './an-invoice.ts';

let table: TableInMemory;
let now: Date;
let invoice: Invoice;
const command = async <I, A>(does: Command<I, A>, input: I): Promise<A> => {
  const { store, policies } = table.around(() => now);
  const on = { now, actor: { kind: 'user' as const, id: 'usr_ada' }, correlationId: 'test' };
  return (await run(store, policies, on, does, input)).answer;
};
const remind = () => command(remindInvoice, { id: invoice.id, seen: 0, processId: 'prc_test' });
const tasks = () => table.of<Task>('tsk').map(({ title, status, completed }) => [title, status, completed?.action]);
const at = (instant: string | undefined) => {
  now = new Date(Date.parse(instant!) + 1);
};
beforeEach(async () => {
  table = new TableInMemory();
  now = start;
  invoice = await command((crm) => crm.commit([InvoiceIssued(undefined, issued())]), {});
});

describe('a dispute', () => {
  it('stops reminding and is a task; settled, reminding goes on where it was', async () => {
    at(invoice.nextStepAt);
    await remind();
    const reason = 'Two of ten are broken';
    const disputed = await command(disputeInvoice, { id: invoice.id, reason });
    expect(disputed).toMatchObject({
      status: 'issued',
      disputed: true,
      dispute: { reason },
      dunningLevel: 'reminder',
      nextStepAt: addDuration(now, 'P14D').toISOString(),
    });
    expect(tasks()).toContainEqual([`Settle the dispute of invoice 2026-000007: ${reason}`, 'open', undefined]);
    await expect(command(disputeInvoice, { id: invoice.id, reason })).rejects.toMatchObject({
      code: 'record.wrongState',
    });
    const settled = await command(settleDispute, { id: invoice.id, note: 'They keep them' });
    expect(settled).toMatchObject({ disputed: false, nextStepAt: '2026-03-30T21:59:59.999Z' });
    expect(settled.dispute ?? settled.openTaskId).toBeUndefined();
    expect(tasks()).toContainEqual([`Settle the dispute of invoice 2026-000007: ${reason}`, 'done', 'settleDispute']);
    await expect(command(settleDispute, { id: invoice.id })).rejects.toMatchObject({ code: 'record.wrongState' });
  });

  it('that rests is asked about again, and nobody is reminded meanwhile', async () => {
    const { nextStepAt } = await command(disputeInvoice, { id: invoice.id, reason: 'Why' });
    at(nextStepAt);
    const again = await remind();
    expect(again).toMatchObject({ disputed: true });
    expect(again.dunningLevel).toBeUndefined();
    expect(Date.parse(again.nextStepAt!)).toBeGreaterThan(now.getTime());
    expect(tasks()).toHaveLength(1);
  });

  it('ends with a payment or a write-off, and its task with it', async () => {
    await command(disputeInvoice, { id: invoice.id, reason: 'Why' });
    const paid = await command(recordPayment, {
      id: invoice.id,
      amount: eur(17_250),
      method: 'cash',
      reference: 'C-1',
    });
    expect(paid).toMatchObject({ status: 'paid', disputed: false });
    expect(tasks().map(([, status]) => status)).toEqual(['cancelled']);
  });

  it('is of an invoice that is collected', async () => {
    await command(writeOffInvoice, { id: invoice.id });
    for (const [does, input] of [
      [disputeInvoice, { reason: 'Why' }],
      [promisePayment, { payOn: '2026-03-20' }],
    ] as const)
      await expect(command(does as Command<object, unknown>, { id: invoice.id, ...input })).rejects.toMatchObject({
        code: 'record.wrongState',
      });
  });
});

describe('a promise', () => {
  it('puts reminding off to the end of its day, and is broken by the next level', async () => {
    const promised = await command(promisePayment, { id: invoice.id, payOn: '2026-04-10' });
    expect(promised).toMatchObject({ promisedOn: '2026-04-10', nextStepAt: '2026-04-10T21:59:59.999Z' });
    at('2026-03-25T00:00:00Z');
    expect(await remind()).toMatchObject({ version: promised.version });
    at(promised.nextStepAt);
    const reminded = await remind();
    expect(reminded).toMatchObject({ dunningLevel: 'reminder' });
    expect(reminded.promisedOn).toBeUndefined();
  });

  it('does not bring a step forward', async () => {
    expect(await command(promisePayment, { id: invoice.id, payOn: '2026-03-03' })).toMatchObject({
      nextStepAt: invoice.nextStepAt,
    });
  });

  it.each(['2026-03-01', '2026-06-01', '2027-01-01'])('for %s is refused: over, or too far ahead', async (payOn) => {
    await expect(command(promisePayment, { id: invoice.id, payOn })).rejects.toMatchObject({ code: 'request.invalid' });
  });

  it('ends a dispute', async () => {
    await command(disputeInvoice, { id: invoice.id, reason: 'Why' });
    expect(await command(promisePayment, { id: invoice.id, payOn: '2026-03-20' })).toMatchObject({ disputed: false });
    expect(tasks().map(([, status]) => status)).toEqual(['cancelled']);
  });

  it('takes an invoice back from the person who had it', async () => {
    for (let n = 0; n < 4; n++) {
      at((await command((crm) => crm.load(Invoice, invoice.id), {})).nextStepAt);
      await remind();
    }
    const title = tasks().at(-1)?.[0];
    expect(title).toBe('Collect invoice 2026-000007: €172.50 open');
    await expect(command(promiseByTask, { id: invoice.id, note: 'soon' })).rejects.toMatchObject({
      code: 'request.invalid',
    });
    const promised = await command(promiseByTask, { id: invoice.id, note: 'They say by 2026-05-01.' });
    expect(promised).toMatchObject({ promisedOn: '2026-05-01', nextStepAt: '2026-05-01T21:59:59.999Z' });
    expect(promised.handedOverAt).toBeUndefined();
    expect(tasks()).toContainEqual([title, 'done', 'promise']);
  });
});

it('a draft is neither disputed nor promised', async () => {
  const { id } = await command(
    (crm) => crm.commit([InvoiceIssued(undefined, { ...draft(), id: crm.newId('inv', invoice.accountId) })]),
    {},
  );
  await expect(command(disputeInvoice, { id, reason: 'Why' })).rejects.toMatchObject({ code: 'record.wrongState' });
});
