import { beforeAll, describe, expect, it } from 'vitest';
import { type Client, client, type Json } from '../../infra/local/client.ts';
import { overdue } from '../../shared/catalogue/due-work.ts';
import { acceptQuote } from '../../shared/commerce/accept-quote.ts';
import { expireQuote } from '../../shared/commerce/send-quote.ts';
import { submitQuote } from '../../shared/commerce/submit-quote.ts';
import { addDuration } from '../../shared/core/duration.ts';
import { type Command, run } from '../../shared/store/command.ts';
import { eventually } from '../support/eventually.ts';
import { codeOf, refusal } from '../support/refusal.ts';
import { access, act, api, around, linksIn, mailsTo, processOf, unique } from '../support/stack.ts';

const eur = (amount: number) => ({ amount, currency: 'EUR' });

let mia: Json;
let ada: Json;
let asAda: Client;
let asMia: Client;
let product: Json;
beforeAll(async () => {
  const user = (name: string, role: string, more = {}) =>
    api.post('/v1/users', { name, email: `${unique(name)}@ours.example`, role, ...more });
  mia = await user('Mia', 'manager');
  ada = await user('Ada', 'agent', { managerId: mia.id });
  [asAda, asMia] = [ada, mia].map(({ id }: Json) => client(access.apiUrl, access.apiKey, id)) as [Client, Client];
  product = await api.post('/v1/products', { sku: unique('GTX-'), name: 'GTX Basic', price: eur(55_000) });
});

/** A sale to a new customer. */
async function sale(): Promise<{ opportunity: Json; email: string }> {
  const account = await api.post('/v1/accounts', { name: unique('Acme ') });
  const email = `${unique('jo')}@acme.example`;
  const contact = await api.post('/v1/contacts', { accountId: account.id, firstName: 'Jo', emails: [email] });
  const opportunity = await api.post('/v1/opportunities', {
    accountId: account.id,
    contactIds: [contact.id],
    ownerId: ada.id,
    name: unique('Sale '),
  });
  return { opportunity, email };
}
const offer = (opportunityId: string, more: object = {}): Promise<Json> =>
  asAda.post('/v1/quotes', { opportunityId, lines: [{ productId: product.id, quantity: '20' }], ...more });
const verb = (who: Client, { id }: Json, name: string, body: object = {}): Promise<Json> =>
  who.post(`/v1/quotes/${id}/${name}`, body);
async function sent(opportunityId: string, more: object = {}): Promise<Json> {
  const quote = await offer(opportunityId, more);
  await verb(asAda, quote, 'submit');
  return verb(asAda, quote, 'send');
}
const cheap = { lines: [{ productId: '', quantity: '20', discountPercent: '25' }] };
const beyond = () => ({ lines: cheap.lines.map((line) => ({ ...line, productId: product.id })) });

/** A command in this process, at a time of our choosing. */
const commandAt = async <I, A>(now: Date, does: Command<I, A>, input: I): Promise<A> => {
  const { store, policies } = around();
  const actor = { kind: 'user' as const, id: String(ada.id) };
  return (await run(store, policies, { now, actor, correlationId: 'test' }, does, input)).answer;
};

describe('a draft', () => {
  it('takes from the product and the opportunity what is not said', async () => {
    const { opportunity } = await sale();
    const quote = await offer(opportunity.id, {
      lines: [{ productId: product.id, quantity: '20', discountPercent: '5' }],
    });
    expect(quote).toMatchObject({
      version: 1,
      accountId: opportunity.accountId,
      contactId: opportunity.contactIds[0],
      revision: 1,
      status: 'draft',
      currency: 'EUR',
      lines: [
        { id: '1', description: 'GTX Basic', unitPrice: eur(55_000), taxCategory: 'standard', net: eur(1_045_000) },
      ],
      totals: { net: eur(1_045_000), discount: eur(55_000), gross: eur(1_243_550) },
    });
    expect(quote.number).toMatch(/^Q-20\d\d-\d{4,}$/);
    expect(quote.validUntilOn).toMatch(/^20\d\d-\d\d-\d\d$/);
  });

  it('keeps its prices, and counts again when it is edited', async () => {
    const { opportunity } = await sale();
    const own = await api.post('/v1/products', { sku: unique('P'), name: 'Part', price: eur(100) });
    const quote = await offer(opportunity.id, { lines: [{ productId: own.id, quantity: '3' }] });
    await api.patch(`/v1/products/${own.id}`, { price: { amount: 900 } });
    const lines = [
      ...quote.lines,
      { description: 'Assembly', quantity: '0.5', unitPrice: eur(4_000), taxCategory: 'reduced' },
    ];
    const edited = await asAda.patch(`/v1/quotes/${quote.id}`, { lines, discountPercent: '10' });
    expect(edited).toMatchObject({
      version: 2,
      lines: [
        { id: '1', unitPrice: eur(100), net: eur(270) },
        { id: '2', unitPrice: eur(4_000), net: eur(1_800) },
      ],
      totals: { net: eur(2_070), discount: eur(230), gross: eur(2_070 + 51 + 126) },
    });
  });

  it('is refused what leads nowhere, with a pointer', async () => {
    const { opportunity } = await sale();
    const other = await sale();
    const gone = `prd_${'0'.repeat(26)}`;
    const pointers = async (body: object) => {
      const { body: problem } = await refusal(offer(opportunity.id, body));
      return [problem['code'], ...(problem['errors'] as Json[]).map(({ pointer }) => pointer)];
    };
    const line = { productId: product.id, quantity: '1' };
    expect(await pointers({ lines: [line, { productId: gone, quantity: '1' }] })).toEqual([
      'reference.unknown',
      '#/lines/1/productId',
    ]);
    const old = await api.post('/v1/products', { sku: unique('OLD-'), name: 'Old', price: eur(1), active: false });
    expect(await pointers({ lines: [{ productId: old.id, quantity: '1' }] })).toEqual([
      'reference.unknown',
      '#/lines/0/productId',
    ]);
    expect(await pointers({ lines: [{ description: 'x', quantity: '1' }] })).toEqual([
      'request.invalid',
      '#/lines/0/unitPrice',
    ]);
    expect(await pointers({ currency: 'USD', lines: [line] })).toEqual(['currency.mismatch', '#/lines/0/unitPrice']);
    expect(await pointers({ contactId: other.opportunity.contactIds[0] })).toEqual([
      'reference.unknown',
      '#/contactId',
    ]);
    const huge = { description: 'x', quantity: '999999999999', unitPrice: eur(9_000_000_000_000) };
    expect(await pointers({ lines: [huge] })).toEqual(['request.invalid', '#/lines']);
    expect(await pointers({ lines: [{ ...line, unitPrice: eur(-1) }] })).toEqual([
      'request.invalid',
      '#/lines/0/unitPrice/amount',
    ]);
  });

  it('without lines is not submitted; once submitted it is not edited or deleted', async () => {
    const { opportunity } = await sale();
    const quote = await offer(opportunity.id, { lines: [] });
    expect(await codeOf(verb(asAda, quote, 'submit'))).toBe('quote.empty');
    await asAda.patch(`/v1/quotes/${quote.id}`, { lines: [{ productId: product.id, quantity: '1' }] });
    expect(await verb(asAda, quote, 'submit')).toMatchObject({ status: 'approved', submittedBy: ada.id });
    expect(await codeOf(asAda.patch(`/v1/quotes/${quote.id}`, { terms: 'x' }))).toBe('record.wrongState');
    expect(await codeOf(asAda.delete(`/v1/quotes/${quote.id}`))).toBe('record.wrongState');
  });
});

describe('an approval', () => {
  it('is asked of the manager, by task and mail, and given by the link in it', async () => {
    const { opportunity } = await sale();
    const quote = await offer(opportunity.id, beyond());
    const asked = await verb(asAda, quote, 'submit');
    expect(asked).toMatchObject({
      status: 'inApproval',
      approverId: mia.id,
      approvalReasons: ['Line 1 is 25 % below its price; 10 % are free'],
    });
    const { data: tasks } = await api.get(`/v1/tasks?recordId=${quote.id}&status=open`);
    expect(tasks).toMatchObject([{ id: asked.openTaskId, assigneeId: mia.id, dueAt: asked.nextStepAt }]);
    await processOf(quote.id, 'quote-approval', 'waiting');

    expect(await codeOf(verb(api, quote, 'approve'))).toBe('access.personNeeded');
    expect(await codeOf(verb(asAda, quote, 'approve'))).toBe('access.forbidden');
    const byTask = (who: Client) => who.post(`/v1/tasks/${asked.openTaskId}/complete`, { action: 'approve' });
    expect(await codeOf(byTask(api))).toBe('access.personNeeded');
    expect(await codeOf(byTask(asAda))).toBe('quote.approverIsSubmitter');

    const mail = (await mailsTo(mia.email, 1, quote.number)).at(-1);
    const links = linksIn(mail);
    expect([...links.keys()]).toEqual(['Approve', 'Reject']);
    expect(await act(links.get('Approve')!, { note: 'Fine' })).toMatchObject({ status: 200 });
    expect(await api.get(`/v1/quotes/${quote.id}`)).toMatchObject({ status: 'approved', approvedBy: mia.id });
    expect(await api.get(`/v1/tasks/${asked.openTaskId}`)).toMatchObject({
      status: 'done',
      completed: { note: 'Fine' },
    });
    const process = await processOf(quote.id, 'quote-approval', 'succeeded');
    expect(process.outcome).toBe('Approved');
    const { steps } = await api.get(`/v1/processes/${process.id}`);
    expect(steps.length).toBeLessThanOrEqual(4);
  });

  it('is never given by the submitter, though they may approve', async () => {
    const { opportunity } = await sale();
    const quote = await offer(opportunity.id, beyond());
    const asked = await verb(asMia, quote, 'submit');
    expect(asked.approverId).not.toBe(mia.id);
    await processOf(quote.id, 'quote-approval', 'waiting');
    expect(await codeOf(verb(asMia, quote, 'approve'))).toBe('quote.approverIsSubmitter');
    await verb(asMia, quote, 'recall');
    expect(await processOf(quote.id, 'quote-approval', 'succeeded')).toMatchObject({ outcome: 'Recalled' });
  });

  it('may be refused: the draft says why, and may be submitted again', async () => {
    const { opportunity } = await sale();
    const quote = await offer(opportunity.id, beyond());
    const { openTaskId } = await verb(asAda, quote, 'submit');
    await processOf(quote.id, 'quote-approval', 'waiting');
    expect(await codeOf(verb(asMia, quote, 'reject'))).toBe('request.invalid');
    await asMia.post(`/v1/tasks/${openTaskId}/complete`, { action: 'reject', note: 'Too cheap' });
    const draft = await api.get(`/v1/quotes/${quote.id}`);
    expect(draft).toMatchObject({ status: 'draft', rejection: { reason: 'Too cheap', by: mia.id } });
    expect(draft).not.toHaveProperty('nextStepAt');
    expect(await processOf(quote.id, 'quote-approval', 'succeeded')).toMatchObject({ outcome: 'Rejected' });
    const again = await verb(asAda, quote, 'submit');
    expect(again).toMatchObject({ status: 'inApproval' });
    expect(again).not.toHaveProperty('rejection');
    await processOf(quote.id, 'quote-approval', 'waiting');
    await verb(asMia, quote, 'approve');
  });

  it('that nobody decides in time is asked of somebody else', async () => {
    const max = await api.post('/v1/users', { name: 'Max', email: `${unique('max')}@ours.example`, role: 'manager' });
    const { opportunity } = await sale();
    const quote = await offer(opportunity.id, beyond());
    const almostTwoDaysAgo = new Date(Date.now() - 2 * 86_400_000 + 1_500);
    const asked = await commandAt(almostTwoDaysAgo, submitQuote, { id: quote.id });
    const escalated = await eventually(async () => {
      const found = await api.get(`/v1/quotes/${quote.id}`);
      if (found.approverId === mia.id) throw new Error('Nobody else was asked');
      return found;
    });
    expect(escalated.askedApprovers).toEqual([mia.id, escalated.approverId]);
    expect(Date.parse(escalated.nextStepAt)).toBeGreaterThan(Date.now());
    expect(await api.get(`/v1/tasks/${asked.openTaskId}`)).toMatchObject({ status: 'cancelled' });
    expect(await api.get(`/v1/tasks/${escalated.openTaskId}`)).toMatchObject({ assigneeId: escalated.approverId });
    await processOf(quote.id, 'quote-approval', 'waiting');
    await client(access.apiUrl, access.apiKey, max.id).post(`/v1/quotes/${quote.id}/approve`);
    expect(await processOf(quote.id, 'quote-approval', 'succeeded')).toMatchObject({ outcome: 'Approved' });
  });
});

describe('a quote that is out', () => {
  it('is accepted on its page: order, won opportunity and a word to the owner', async () => {
    const { opportunity, email } = await sale();
    const quote = await sent(opportunity.id, { terms: 'Net 14 days' });
    expect(quote).toMatchObject({ status: 'sent', contentHash: expect.stringMatching(/^[0-9a-f]{64}$/) });
    const [mail] = await mailsTo(email, 1, quote.number);
    const link = linksIn(mail).get('See and accept the quote')!;
    const { shown, done, status } = await act(link, { action: 'accept', name: 'Jo Ruiz' });
    expect(shown).toContain('Net 14 days');
    expect(shown).toContain('Accept this quote');
    expect(status).toBe(200);
    expect(done).toContain('accepted');
    expect(done).not.toContain('<form');
    const accepted = await api.get(`/v1/quotes/${quote.id}`);
    expect(accepted).toMatchObject({
      status: 'accepted',
      acceptance: { name: 'Jo Ruiz', contentHash: quote.contentHash },
    });
    expect(await api.get(`/v1/orders/${accepted.orderId}`)).toMatchObject({
      status: 'confirmed',
      quoteId: quote.id,
      lines: [{ id: '1', quantity: '20', fulfilled: '0', invoiced: '0' }],
      totals: quote.totals,
    });
    expect(await api.get(`/v1/opportunities/${opportunity.id}`)).toMatchObject({
      status: 'won',
      orderId: accepted.orderId,
      amount: quote.totals.net,
    });
    await mailsTo(ada.email, 1, `${quote.number} was accepted`);
    expect(await act(link, { action: 'decline', reason: 'Too late' })).toMatchObject({ status: 200 });
    expect(await api.get(`/v1/quotes/${quote.id}`)).toMatchObject({ status: 'accepted' });
    expect(await codeOf(verb(asAda, quote, 'accept', { name: 'Jo' }))).toBe('record.wrongState');
  });

  it('is accepted once, however many do so at once; nothing happens when only asked', async () => {
    const { opportunity } = await sale();
    const quote = await sent(opportunity.id);
    await asAda.post(`/v1/quotes/${quote.id}/accept?validateOnly=true`, { name: 'Jo' });
    expect(await api.get(`/v1/quotes/${quote.id}`)).toMatchObject({ status: 'sent' });
    const answers = await Promise.allSettled(
      Array.from({ length: 8 }, () => verb(asAda, quote, 'accept', { name: 'Jo' })),
    );
    expect(answers.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    const { data } = await api.get(`/v1/orders?accountId=${quote.accountId}`);
    expect(data).toHaveLength(1);
    const key = { 'idempotency-key': unique('key') };
    const second = await sent((await sale()).opportunity.id);
    const accept = () => asAda.post(`/v1/quotes/${second.id}/accept`, { name: 'Jo' }, key);
    expect(await accept()).toEqual(await accept());
  });

  it('leaves nothing else open that was offered for the same', async () => {
    const { opportunity } = await sale();
    const [quote, other, asked, declined] = [
      await sent(opportunity.id),
      await sent(opportunity.id),
      await offer(opportunity.id, beyond()),
      await sent(opportunity.id),
    ];
    const { openTaskId } = await verb(asAda, asked, 'submit');
    await verb(asAda, declined, 'decline', { reason: 'Too dear' });
    await processOf(asked.id, 'quote-approval', 'waiting');
    await verb(asAda, quote, 'accept', { name: 'Jo' });
    const states = await Promise.all([other, asked, declined].map(({ id }) => api.get(`/v1/quotes/${id}`)));
    expect(states.map(({ status }) => status)).toEqual(['superseded', 'superseded', 'declined']);
    expect(await api.get(`/v1/tasks/${openTaskId}`)).toMatchObject({ status: 'cancelled' });
    await processOf(asked.id, 'quote-approval', 'succeeded');
  });

  it('expires with the last day of its validity, and is revised', async () => {
    const { opportunity } = await sale();
    const quote = await sent(opportunity.id, { validUntilOn: '2027-03-31' });
    // The clocks of Berlin went forward three days before.
    expect(quote.expiresAt).toBe('2027-03-31T21:59:59.999Z');
    const late = new Date('2027-03-31T22:00:00Z');
    await expect(commandAt(late, acceptQuote, { id: quote.id, name: 'Jo' })).rejects.toMatchObject({
      code: 'quote.expired',
    });
    const due = await Array.fromAsync(overdue(around().store, late), ({ id }) => id);
    expect(due).toContain(quote.id);
    expect(await commandAt(new Date(), expireQuote, { id: quote.id })).toMatchObject({ status: 'sent' });
    expect(await commandAt(late, expireQuote, { id: quote.id })).toMatchObject({ status: 'expired' });
    const still = await Array.fromAsync(overdue(around().store, late), ({ id }) => id);
    expect(still).not.toContain(quote.id);
    expect(await verb(asAda, quote, 'revise')).toMatchObject({ revision: 2, status: 'draft' });
  });

  it('gives way to its revisions, all of them', async () => {
    const { opportunity } = await sale();
    const first = await sent(opportunity.id);
    const second = await verb(asAda, first, 'revise');
    expect(second).toMatchObject({ number: first.number, revision: 2, revisionOf: first.id, status: 'draft' });
    const twice = await refusal(verb(asAda, first, 'revise'));
    expect(twice.body).toMatchObject({ code: 'record.duplicate', existingId: second.id });
    await verb(asAda, second, 'submit');
    const third = await verb(asAda, second, 'revise');
    expect(await api.get(`/v1/quotes/${first.id}`)).toMatchObject({ status: 'sent' });
    await verb(asAda, third, 'submit');
    await verb(asAda, third, 'send');
    const { data } = await api.get(`/v1/quotes?number=${first.number}`);
    expect(data.map(({ revision, status }: Json) => [revision, status])).toEqual([
      [3, 'sent'],
      [2, 'superseded'],
      [1, 'superseded'],
    ]);
    expect(await codeOf(verb(asAda, first, 'accept', { name: 'Jo' }))).toBe('record.wrongState');
    const { data: ofSale } = await eventually(async () => {
      const page = await api.get(`/v1/quotes?opportunityId=${opportunity.id}`);
      if (page.data.length < 3) throw new Error(`${page.data.length} of 3 quotes`);
      return page;
    });
    expect(ofSale.map(({ id }: Json) => id)).toEqual([third.id, second.id, first.id]);
  });

  it('without an address is handed over by its owner', async () => {
    const account = await api.post('/v1/accounts', { name: unique('Acme ') });
    const opportunity = await api.post('/v1/opportunities', { accountId: account.id, ownerId: ada.id, name: 'Sale' });
    const quote = await sent(opportunity.id);
    const { data } = await eventually(async () => {
      const page = await api.get(`/v1/tasks?recordId=${quote.id}`);
      if (!page.data.length) throw new Error('There is no task');
      return page;
    });
    expect(data).toMatchObject([{ assigneeId: ada.id, title: expect.stringContaining(quote.number) }]);
  });

  it('is not sent for a sale that is over, or after its last day', async () => {
    const { opportunity } = await sale();
    const quote = await offer(opportunity.id);
    const old = await offer(opportunity.id, { validUntilOn: '2026-01-31' });
    await verb(asAda, quote, 'submit');
    await verb(asAda, old, 'submit');
    expect(await codeOf(verb(asAda, old, 'send'))).toBe('quote.expired');
    const { validUntilOn } = await verb(asAda, old, 'revise');
    expect(Date.parse(validUntilOn)).toBeGreaterThan(addDuration(new Date(), 'P28D').getTime());
    await api.post(`/v1/opportunities/${opportunity.id}/lose`, { reason: 'price' });
    expect(await codeOf(verb(asAda, quote, 'send'))).toBe('record.wrongState');
  });
});
