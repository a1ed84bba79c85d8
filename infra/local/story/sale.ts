import type { Json } from '../client.ts';
import { issuedInvoice } from '../sample-company.ts';
import type { Access } from '../stack.ts';
import { click, fillIn, linkIn } from './person.ts';
import { aside, ended, type Telling, until } from './telling.ts';

export interface Customer {
  accountId: string;
  contactId: string;
  orderId: string;
}

/** From the public form to a lead who has agreed to the newsletter. */
export async function fillInForm({ api, step, tell, person, jo, word }: Telling, { apiUrl }: Access): Promise<Json> {
  const form = (await api.get('/v1/forms?status=live')).data.find(({ name }: Json) => name === 'Contact us');
  const lead = await step('Jo fills in the form on our page: a lead is captured', async () => {
    await fillIn(`${apiUrl}/f/${form.id}`, {
      email: jo,
      firstName: 'Jo',
      lastName: 'Ruiz',
      company: `Acme ${word}`,
      phone: '+34 612 345 678',
      message: 'We need 20 standing desks',
      newsletter: 'on',
    });
    const { data } = await until(api, `/v1/contacts?email=${encodeURIComponent(jo)}`, ({ data: [one] }) =>
      Boolean(one),
    );
    return (await until(api, `/v1/leads?accountId=${data[0].accountId}`, ({ data: [one] }) => Boolean(one))).data[0];
  });
  aside(tell, `score ${lead.score.grade}: ${lead.score.reasons.join('; ')}`);
  await step('Jo confirms the newsletter by the link in the mail', async () => {
    await click(await person.reads(jo, 'confirm'), 'Confirm');
    return until(api, `/v1/contacts/${lead.contactId}/consents`, ({ consents }) =>
      consents.some(({ status }: Json) => status === 'granted'),
    );
  });
  return lead;
}

/** From the lead to the delivered order. */
export async function buy(telling: Telling, lead: Json): Promise<Customer> {
  const { api, step, person, jo, word, users } = telling;
  const product = (await api.get('/v1/products?sku=DSK-200')).data[0];
  const owner = await step('`lead-qualification` finds it an owner, who gets a mail', async () => {
    const assigned = await until(api, `/v1/leads/${lead.id}`, ({ status }) => status === 'assigned');
    return users.find(({ id }) => id === assigned.ownerId);
  });
  await step(`${owner.name} clicks Accept in the mail`, async () => {
    await click(await person.reads(owner.email, 'New lead', `Acme ${word}`), 'Accept');
    return until(api, `/v1/leads/${lead.id}`, ({ status }) => status === 'working');
  });
  const asOwner = api.as(owner.id);
  await step('... and qualifies it from the to-do list', async () => {
    const { data } = await until(api, `/v1/tasks?recordId=${lead.id}&status=open`, ({ data: [task] }) => Boolean(task));
    return asOwner.post(`/v1/tasks/${data[0].id}/complete`, { action: 'qualify', note: 'Budget and date are known' });
  });
  const { opportunityId, accountId, contactId } = await step('The lead is converted', () =>
    asOwner.post(`/v1/leads/${lead.id}/convert`, {
      opportunity: { name: '20 standing desks', amount: { amount: 1_200_000, currency: 'EUR' }, closeOn: '2027-01-31' },
    }),
  );
  await ended(telling, lead.id, 'lead-qualification');
  await step('The opportunity moves to discovery, then proposal', async () => {
    await asOwner.post(`/v1/opportunities/${opportunityId}/move`, { stage: 'discovery' });
    return asOwner.post(`/v1/opportunities/${opportunityId}/move`, { stage: 'proposal' });
  });
  const quote = await step('A quote with 15 % discount is submitted: it needs approval', async () => {
    const lines = [{ productId: product.id, quantity: '20', discountPercent: '15' }];
    const drafted = await asOwner.post('/v1/quotes', { opportunityId, lines });
    return asOwner.post(`/v1/quotes/${drafted.id}/submit`);
  });
  await step('The manager clicks Approve in the mail', async () => {
    const manager = users.find(({ id }) => id === quote.approverId);
    await click(await person.reads(manager.email, quote.number), 'Approve');
    return until(api, `/v1/quotes/${quote.id}`, ({ status }) => status === 'approved');
  });
  await ended(telling, quote.id, 'quote-approval');
  await step(`The quote ${quote.number} is sent`, () => asOwner.post(`/v1/quotes/${quote.id}/send`));
  const { orderId } = await step('Jo accepts it on its page', async () => {
    const accepting = { action: 'accept', name: 'Jo Ruiz' };
    await click(await person.reads(jo, quote.number), 'See and accept the quote', accepting);
    return until(api, `/v1/quotes/${quote.id}`, ({ status }) => status === 'accepted');
  });
  const order = await api.get(`/v1/orders/${orderId}`);
  await step(`The order ${order.number} is delivered; \`order-to-cash\` invoices it`, async () => {
    await asOwner.post(`/v1/orders/${orderId}/fulfilments`, {
      lines: [{ lineId: order.lines[0].id, quantity: '20' }],
      carrier: 'DHL',
      tracking: 'X1',
    });
    return issuedInvoice(api, orderId);
  });
  await ended(telling, orderId, 'order-to-cash');
  return { accountId, contactId, orderId };
}

/** From the invoice in the mail to the money, by card. */
export async function pay(telling: Telling, { orderId }: Customer): Promise<void> {
  const { api, step, person, jo } = telling;
  const invoice = await issuedInvoice(api, orderId);
  const mail = await step(`Jo gets invoice ${invoice.number} with its PDF`, async () => {
    const found = await person.reads(jo, invoice.number);
    if (!found.attachments?.length) throw new Error('The invoice has no PDF');
    return found;
  });
  await step('Jo pays by card: the provider tells us, signed', async () => {
    await fillIn(linkIn(mail, 'Pay now'));
    return until(api, `/v1/invoices/${invoice.id}`, ({ status }) => status === 'paid');
  });
  await ended(telling, invoice.id, 'collection');
}
