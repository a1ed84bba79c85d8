import { beforeAll, describe, expect, it } from 'vitest';
import { endpoints as invoiceEndpoints } from '../../functions/http/invoices.ts';
import { endpoints as orderEndpoints } from '../../functions/http/orders.ts';
import { overdue } from '../../shared/catalogue/due-work.ts';
import { markInvoiceOverdue, remindInvoice } from '../../shared/commerce/collect-invoice.ts';
import type { CreditNote } from '../../shared/commerce/credit-note.ts';
import { paperOfCreditNote, sendCreditNote, sendInvoice } from '../../shared/commerce/documents.ts';
import type { Invoice } from '../../shared/commerce/invoice.ts';
import { invoiceOrder } from '../../shared/commerce/invoice-order.ts';
import { invoicePdf } from '../../shared/commerce/invoice-pdf.ts';
import { issueInvoice } from '../../shared/commerce/issue-invoice.ts';
import { Order } from '../../shared/commerce/order.ts';
import { Settings } from '../../shared/core/settings.ts';
import { Mail } from '../../shared/mail/mail.ts';
import { createUser } from '../../shared/people/people-commands.ts';
import { Task } from '../../shared/platform/task.ts';
import type { Account } from '../../shared/sales/account.ts';
import type { Command } from '../../shared/store/command.ts';
import type { Occasion } from '../../shared/store/occasion.ts';
import { OwnTable } from '../support/own-table.ts';

/** The commands against a table of their own, at times of our choosing: what takes six weeks takes no time here. */
const start = '2026-03-02T10:00:00.000Z';
const own = new OwnTable('invoices', new Date(start), [...invoiceEndpoints, ...orderEndpoints]);
const { store } = own;
const at = (instant: string | undefined) => own.pass(instant);
const command = <I, A>(does: Command<I, A>, input: I, once?: Occasion['once']): Promise<A> =>
  own.command(does, input, once);
const request = (route: string, body?: object) => own.request(route, body);
const remind = (id: string) => command(remindInvoice, { id, seen: 0, processId: 'prc_test' });

const eur = (amount: number) => ({ amount, currency: 'EUR' });
let ownerId: string;
async function anAccount(emails: string[] = []): Promise<Account> {
  const account = await own.anAccount({ ownerId, billingAddress: { city: 'London', country: 'GB' } });
  for (const email of emails) await own.aContact(account.id, email);
  return account;
}
let addresses = 0;
const anAddress = () => `jo${addresses++}@acme.example`;
let references = 0;
const paying = (amount: number) => ({ amount: eur(amount), method: 'transfer', reference: `BANK-${references++}` });
const lines = [
  { description: 'Fan', quantity: '10', unitPrice: eur(1000) },
  { description: 'Book', quantity: '1', unitPrice: eur(5000), taxCategory: 'reduced' },
];

/** A draft over 172.50: 100.00 and 19 %, 50.00 and 7 %. */
const aDraft = async (accountId?: string) =>
  request('POST /v1/invoices', { accountId: accountId ?? (await anAccount([anAddress()])).id, lines });
const issued = async (accountId?: string) => request(`POST /v1/invoices/${(await aDraft(accountId)).id}/issue`);
const logOf = (accountId: string) => `log#${accountId.slice(4)}`;
const of = async ({ id, accountId }: Pick<Invoice, 'id' | 'accountId'>) => ({
  tasks: (await store.loadAll(Task, accountId)).filter(({ recordId }) => recordId === id),
  mails: (await store.loadAll(Mail, logOf(accountId))).filter(({ recordId }) => recordId === id),
  told: (await store.queryAll({ pk: logOf(accountId), prefix: 'evt_' }, true))
    .filter(({ recordId }) => recordId === id)
    .map(({ type }) => String(type))
    .reverse(),
});

beforeAll(async () => {
  await own.make();
  ownerId = (await command(createUser, { name: 'Ada Jones', email: 'ada@ours.example', role: 'agent' })).id;
});

describe('an invoice', () => {
  it('is taken away as a draft, and brought back', async () => {
    const { id, accountId } = await aDraft();
    expect(await request(`DELETE /v1/invoices/${id}`)).toMatchObject({ archivedAt: expect.any(String) });
    const back = await request(`POST /v1/invoices/${id}/restore`);
    expect(back).toMatchObject({ id, status: 'draft', version: 3 });
    expect(back.archivedAt).toBeUndefined();
    expect((await of({ id, accountId })).told).toEqual(['invoice.drafted', 'invoice.archived', 'invoice.restored']);
    expect(await request(`POST /v1/invoices/${id}/issue`)).toMatchObject({ status: 'issued' });
  });

  it('is drafted without a number, edited, issued with one, and then stands', async () => {
    const draft = await aDraft();
    expect(draft).toMatchObject({
      statusCode: 201,
      status: 'draft',
      totals: { net: eur(15_000), tax: eur(2250), gross: eur(17_250), open: eur(17_250) },
    });
    expect(draft.number).toBeUndefined();
    const edited = await request(`PATCH /v1/invoices/${draft.id}`, {
      lines: [{ ...draft.lines[0], quantity: '20' }],
      reference: 'PO 7',
    });
    expect(edited).toMatchObject({ reference: 'PO 7', totals: { net: eur(20_000), gross: eur(23_800) } });
    const invoice = await request(`POST /v1/invoices/${draft.id}/issue`);
    expect(invoice).toMatchObject({
      status: 'issued',
      number: expect.stringMatching(/^2026-\d{6}$/) as string,
      issuedOn: '2026-03-02',
      dueOn: '2026-03-16',
      buyer: { name: 'Acme', address: { city: 'London' } },
    });
    for (const refused of [
      await request(`PATCH /v1/invoices/${draft.id}`, { reference: 'PO 8' }),
      await request(`DELETE /v1/invoices/${draft.id}`),
      await request(`POST /v1/invoices/${draft.id}/issue`),
    ])
      expect(refused).toMatchObject({ statusCode: 409, code: 'record.wrongState' });
    expect(await request(`GET /v1/invoices?number=${invoice.number}`)).toMatchObject({ data: [{ id: draft.id }] });
    expect((await of(invoice)).told).toEqual(['invoice.drafted', 'invoice.updated', 'invoice.issued']);
  });

  it('that is a draft may go', async () => {
    const draft = await aDraft();
    await request(`DELETE /v1/invoices/${draft.id}`);
    expect(await request(`POST /v1/invoices/${draft.id}/issue`)).toMatchObject({ code: 'record.wrongState' });
    expect(await request(`GET /v1/invoices?accountId=${draft.accountId}`)).toMatchObject({ data: [] });
  });

  it.each([
    ['neither order nor account', {}, 400, 'request.invalid'],
    ['no lines', { accountId: `acc_${'0'.repeat(26)}` }, 400, 'request.invalid'],
    ['an account that is not', { accountId: `acc_${'0'.repeat(26)}`, lines }, 422, 'reference.unknown'],
    ['an order that is not', { orderId: `ord_${'0'.repeat(40)}` }, 422, 'reference.unknown'],
  ])('is not drafted from %s', async (_, body, statusCode, code) => {
    expect(await request('POST /v1/invoices', body)).toMatchObject({ statusCode, code });
  });

  it('is numbered without gaps, however many are issued at once', async () => {
    const drafts: Invoice[] = [];
    for (let n = 0; n < 16; n++) drafts.push(await aDraft());
    const answers = await Promise.all(drafts.map(({ id }) => request(`POST /v1/invoices/${id}/issue`)));
    expect(answers.map(({ statusCode }) => statusCode)).toEqual(drafts.map(() => 200));
    const numbers = answers.map(({ number }) => Number(number.slice(5))).sort((a, b) => a - b);
    expect(numbers).toEqual(numbers.map((_, n) => numbers[0]! + n));
  });
});

describe('the invoices of an order', () => {
  const anOrder = async (quantity = '3') =>
    request('POST /v1/orders', {
      accountId: (await anAccount([anAddress()])).id,
      lines: [{ description: 'Fan', quantity, unitPrice: eur(333), discountPercent: '10' }],
    });
  const deliver = (id: string, quantity: string) =>
    request(`POST /v1/orders/${id}/fulfilments`, { lines: [{ lineId: '1', quantity }] });
  const byProcess = (id: string) => command(invoiceOrder, { id });

  it('follow its deliveries, and come to exactly its net', async () => {
    const order = await anOrder();
    expect(await request('POST /v1/invoices', { orderId: order.id })).toMatchObject({ code: 'order.nothingToInvoice' });
    for (const quantity of ['1', '2']) {
      await deliver(order.id, quantity);
      await byProcess(order.id);
      await byProcess(order.id);
    }
    const { data } = await request(`GET /v1/invoices?orderId=${order.id}`);
    expect(data.map(({ status, lines: [line] }: Invoice) => [status, line?.quantity])).toEqual([
      ['issued', '2'],
      ['issued', '1'],
    ]);
    expect(data.reduce((total: number, { totals }: Invoice) => total + totals.net.amount, 0)).toBe(
      order.totals.net.amount,
    );
    expect(await request(`GET /v1/orders/${order.id}`)).toMatchObject({ lines: [{ fulfilled: '3', invoiced: '3' }] });
  });

  it('are one for each of the deliveries that came at once, with numbers in a row', async () => {
    const order = await anOrder('6');
    for (const quantity of ['1', '2', '3']) await deliver(order.id, quantity);
    await byProcess(order.id);
    const { data } = await request(`GET /v1/invoices?orderId=${order.id}`);
    expect(data.map(({ lines: [line] }: Invoice) => line?.quantity)).toEqual(['3', '2', '1']);
    const numbers = data.map(({ number = '' }: Invoice) => Number(number.slice(5)));
    expect(numbers).toEqual([numbers[2] + 2, numbers[2] + 1, numbers[2]]);
    const next = await anOrder('1');
    await deliver(next.id, '1');
    await byProcess(next.id);
    const { data: after } = await request(`GET /v1/invoices?orderId=${next.id}`);
    expect(Number(after[0].number.slice(5))).toBe(numbers[0] + 1);
  });

  it('drafted by hand take only what is still invoiceable', async () => {
    const order = await anOrder();
    await deliver(order.id, '2');
    const draft = await request('POST /v1/invoices', { orderId: order.id });
    expect(draft).toMatchObject({ status: 'draft', lines: [{ orderLineId: '1', quantity: '2' }] });
    const less = { lines: [{ orderLineId: '1', quantity: '1', unitPrice: eur(1) }] };
    expect(await request(`PATCH /v1/invoices/${draft.id}`, less)).toMatchObject({
      lines: [{ quantity: '1', unitPrice: eur(333), net: eur(300) }],
    });
    await byProcess(order.id);
    expect(await request(`POST /v1/invoices/${draft.id}/issue`)).toMatchObject({ code: 'order.exceedsOpen' });
  });

  it('count their credits on the order', async () => {
    const order = await anOrder();
    await deliver(order.id, '3');
    await byProcess(order.id);
    const { data } = await request(`GET /v1/invoices?orderId=${order.id}`);
    await request(`POST /v1/invoices/${data[0].id}/credit-notes`, {
      lines: [{ lineId: '1', quantity: '1' }],
      reason: 'It hums',
    });
    expect((await store.load(Order, order.id)).lines).toMatchObject([{ invoiced: '3', credited: '1' }]);
  });
});

describe('payments', () => {
  it('settle an invoice in parts; what is more stays the customer’s credit', async () => {
    const invoice = await issued();
    const pay = (details: object) => request(`POST /v1/invoices/${invoice.id}/payments`, details);
    const first = paying(10_000);
    expect(await pay(first)).toMatchObject({ statusCode: 201, status: 'partlyPaid', totals: { open: eur(7250) } });
    const { createdId, ...paid } = await pay(paying(10_000));
    expect(paid).toMatchObject({ status: 'paid', totals: { paid: eur(17_250), open: eur(0) } });
    expect(paid.nextStepAt).toBeUndefined();
    expect(await request(`GET /v1/payments/${createdId}`)).toMatchObject({ status: 'received', unapplied: eur(2750) });
    expect(await pay(first)).toMatchObject({
      statusCode: 409,
      code: 'record.duplicate',
      existingId: expect.any(String) as string,
    });
    expect(await pay(paying(1))).toMatchObject({ statusCode: 409, code: 'record.wrongState' });
    expect((await request(`GET /v1/payments?invoiceId=${invoice.id}`)).data).toHaveLength(2);
    expect(await request(`GET /v1/payments?reference=${first.reference}`)).toMatchObject({
      data: [{ amount: eur(10_000) }],
    });
    expect((await of(invoice)).told).toEqual([
      'invoice.drafted',
      'invoice.issued',
      'invoice.partlyPaid',
      'invoice.paid',
    ]);
  });

  it.each([
    ['another currency', { ...paying(1), amount: { amount: 1, currency: 'USD' } }, 422, 'currency.mismatch'],
    ['nothing', paying(0), 400, 'request.invalid'],
  ])('are refused: %s', async (_, body, statusCode, code) => {
    const { id } = await issued();
    expect(await request(`POST /v1/invoices/${id}/payments`, body)).toMatchObject({ statusCode, code });
  });

  it('of one reference that come twice at once are one', async () => {
    const { id } = await issued();
    const details = paying(17_250);
    const answers = await Promise.all([1, 2].map(() => request(`POST /v1/invoices/${id}/payments`, details)));
    expect(answers.map(({ statusCode }) => statusCode).sort()).toEqual([201, 409]);
    expect(answers.find(({ code }) => code)?.code).toBe('record.duplicate');
  });

  it('are allocated later, and taken back: the invoice is open again', async () => {
    const invoice = await issued();
    const payment = await request('POST /v1/payments', { accountId: invoice.accountId, ...paying(20_000) });
    expect(payment).toMatchObject({ statusCode: 201, unapplied: eur(20_000) });
    const allocate = (amount?: number) =>
      request(`POST /v1/payments/${payment.id}/allocate`, {
        invoiceId: invoice.id,
        ...(amount && { amount: eur(amount) }),
      });
    expect(await allocate(20_001)).toMatchObject({ statusCode: 422, code: 'payment.exceedsUnapplied' });
    expect(await allocate(17_251)).toMatchObject({ statusCode: 422, code: 'payment.exceedsOpen' });
    expect(await allocate()).toMatchObject({ unapplied: eur(2750), allocations: [{ amount: eur(17_250) }] });
    expect(await request(`GET /v1/invoices/${invoice.id}`)).toMatchObject({ status: 'paid' });
    const refund = (amount?: number) =>
      request(`POST /v1/payments/${payment.id}/refund`, { ...(amount && { amount: eur(amount) }) });
    expect(await refund(20_001)).toMatchObject({ statusCode: 422, code: 'payment.exceedsReceived' });
    expect(await refund(2750)).toMatchObject({ status: 'received', unapplied: eur(0) });
    expect(await request(`GET /v1/invoices/${invoice.id}`)).toMatchObject({ status: 'paid' });
    expect(await refund()).toMatchObject({ status: 'refunded', refunded: eur(20_000) });
    expect(await request(`GET /v1/invoices/${invoice.id}`)).toMatchObject({
      status: 'issued',
      totals: { open: eur(17_250) },
      nextStepAt: invoice.nextStepAt,
    });
    expect(await refund()).toMatchObject({ statusCode: 409, code: 'record.wrongState' });
    expect((await of(invoice)).told.slice(-2)).toEqual(['invoice.paid', 'invoice.updated']);
  });
});

describe('credit notes', () => {
  const credit = (id: string, more: object = {}) =>
    request(`POST /v1/invoices/${id}/credit-notes`, { reason: 'It hums', ...more });

  it('reduce what is open, in a series of their own; in full, the invoice is credited', async () => {
    const invoice = await issued();
    const part = await credit(invoice.id, { lines: [{ lineId: '1', quantity: '4' }] });
    expect(part).toMatchObject({
      statusCode: 201,
      status: 'issued',
      totals: { credited: eur(4760), open: eur(12_490) },
    });
    const note: CreditNote = await request(`GET /v1/credit-notes/${part.createdId}`);
    expect(note).toMatchObject({
      number: expect.stringMatching(/^CN-2026-\d{6}$/) as string,
      invoiceNumber: invoice.number,
      lines: [{ lineId: '1', quantity: '4', net: eur(4000), taxRate: '19' }],
      totals: { net: eur(4000), tax: eur(760), gross: eur(4760) },
      released: [],
    });
    expect(await credit(invoice.id, { amount: eur(12_491) })).toMatchObject({ code: 'invoice.exceedsCreditable' });
    expect(await credit(invoice.id)).toMatchObject({ status: 'credited', totals: { open: eur(0) } });
    expect(await credit(invoice.id)).toMatchObject({ statusCode: 409, code: 'record.wrongState' });
    expect((await request(`GET /v1/credit-notes?invoiceId=${invoice.id}`)).data).toHaveLength(2);
  });

  it('give back what was paid: it is the customer’s credit again', async () => {
    const invoice = await issued();
    const { createdId: paymentId } = await request(`POST /v1/invoices/${invoice.id}/payments`, paying(17_250));
    const part = await credit(invoice.id, { amount: eur(7250) });
    expect(part).toMatchObject({ status: 'paid', totals: { paid: eur(10_000), credited: eur(7250), open: eur(0) } });
    expect(await request(`GET /v1/payments/${paymentId}`)).toMatchObject({ unapplied: eur(7250) });
    const note: CreditNote = await request(`GET /v1/credit-notes/${part.createdId}`);
    expect(note).toMatchObject({ lines: [], released: [{ paymentId, amount: eur(7250) }] });
    const pdf = await invoicePdf(paperOfCreditNote(note, Settings.defaults));
    expect(Buffer.from(pdf.subarray(0, 5)).toString()).toBe('%PDF-');
    const next = await issued(invoice.accountId);
    expect(await request(`POST /v1/payments/${paymentId}/allocate`, { invoiceId: next.id })).toMatchObject({
      unapplied: eur(0),
    });
  });
});

describe('what is not paid', () => {
  it('is noted as overdue once, by the sweep', async () => {
    const invoice = await issued();
    const swept = async () => {
      const found: string[] = [];
      for await (const due of overdue(store, own.now))
        if (due.id === invoice.id) {
          found.push(due.id);
          await command(due.command, { id: due.id });
        }
      return found.length;
    };
    try {
      expect(await swept()).toBe(0);
      expect(await command(markInvoiceOverdue, { id: invoice.id })).toMatchObject({ version: invoice.version });
      at(invoice.dueEndsAt);
      expect(await swept()).toBe(1);
      expect(await swept()).toBe(0);
      expect(await request(`GET /v1/invoices/${invoice.id}`)).toMatchObject({ overdueAt: own.now.toISOString() });
    } finally {
      own.now = new Date(start);
    }
  });

  it('is asked for level by level, then a person has it; who pays then closes the task', async () => {
    const invoice = await issued();
    try {
      expect(await remind(invoice.id)).toMatchObject({ version: invoice.version });
      let stands: Invoice = invoice;
      const levels: (string | undefined)[] = [];
      while (stands.nextStepAt) {
        at(stands.nextStepAt);
        stands = await remind(invoice.id);
        levels.push(stands.dunningLevel);
        expect(await remind(invoice.id)).toMatchObject({ version: stands.version });
      }
      expect(levels).toEqual(['reminder', 'dunning1', 'dunning2', 'dunning2']);
      expect(stands).toMatchObject({ status: 'issued', handedOverAt: own.now.toISOString() });
      const { mails, tasks, told } = await of(invoice);
      expect(mails.map(({ data }) => data['level'])).toEqual(['dunning2', 'dunning1', 'reminder']);
      expect(tasks).toMatchObject([{ id: stands.openTaskId, assigneeId: ownerId, status: 'open' }]);
      expect(told.slice(-4)).toEqual(['invoice.reminded', 'invoice.reminded', 'invoice.reminded', 'invoice.updated']);
      await request(`POST /v1/invoices/${invoice.id}/payments`, paying(17_250));
      expect((await of(invoice)).tasks).toMatchObject([{ status: 'cancelled' }]);
    } finally {
      own.now = new Date(start);
    }
  });

  it('is a task where nobody has an address', async () => {
    const invoice = await issued((await anAccount()).id);
    try {
      at(invoice.nextStepAt);
      await remind(invoice.id);
      expect((await of(invoice)).tasks).toMatchObject([{ title: expect.stringMatching(/^Remind of/) as string }]);
    } finally {
      own.now = new Date(start);
    }
  });

  it('may be written off', async () => {
    const invoice = await issued();
    await request(`POST /v1/invoices/${invoice.id}/payments`, paying(250));
    expect(await request(`POST /v1/invoices/${invoice.id}/write-off`, { reason: 'Insolvent' })).toMatchObject({
      status: 'writtenOff',
      writtenOff: { reason: 'Insolvent' },
      totals: { paid: eur(250), writtenOff: eur(17_000), open: eur(0) },
    });
    expect(await request(`POST /v1/invoices/${invoice.id}/payments`, paying(1))).toMatchObject({
      code: 'record.wrongState',
    });
  });
});

describe('a receipt', () => {
  it('makes way once it has expired, though it is still there', async () => {
    const draft = await aDraft();
    const once = { key: `issue#${draft.id}`, fingerprint: draft.id };
    await command(issueInvoice, { id: draft.id }, once);
    const other = await aDraft();
    try {
      own.now = new Date(Date.parse(start) + 8 * 86_400_000);
      const again = { ...once, fingerprint: other.id };
      expect(await command(issueInvoice, { id: other.id }, again)).toMatchObject({ id: other.id, status: 'issued' });
    } finally {
      own.now = new Date(start);
    }
  });
});

describe('documents', () => {
  it('go once to whoever pays, with their PDF', async () => {
    const email = anAddress();
    const invoice = await issued((await anAccount([email, anAddress()])).id);
    const once = { key: `documents#${invoice.id}`, fingerprint: invoice.id };
    await command(sendInvoice, { id: invoice.id }, once);
    await command(sendInvoice, { id: invoice.id }, once);
    await command(sendInvoice, { id: invoice.id });
    const { createdId } = await request(`POST /v1/invoices/${invoice.id}/credit-notes`, { reason: 'It hums' });
    await command(sendCreditNote, { id: createdId });
    expect((await of(invoice)).mails).toMatchObject([
      {
        template: 'invoice',
        to: { email },
        attachments: [{ key: `documents/${invoice.id}.pdf`, filename: `${invoice.number}.pdf` }],
      },
    ]);
    expect((await of({ ...invoice, id: createdId })).mails).toMatchObject([{ template: 'credit-note', to: { email } }]);
  });

  it('are a task where nobody has an address: one', async () => {
    // A receipt holds for a week of the real clock.
    own.now = new Date();
    try {
      const invoice = await issued((await anAccount()).id);
      const once = { key: `documents#${invoice.id}`, fingerprint: invoice.id };
      await command(sendInvoice, { id: invoice.id }, once);
      await command(sendInvoice, { id: invoice.id }, once);
      expect((await of(invoice)).tasks).toMatchObject([
        { title: `Send invoice ${invoice.number}: nobody has an address` },
      ]);
    } finally {
      own.now = new Date(start);
    }
  });
});
