import { client } from '../client.ts';
import type { Access } from '../stack.ts';
import { mailCampaign, readReports } from './marketing.ts';
import { personAt } from './person.ts';
import { buy, fillInForm, pay } from './sale.ts';
import { askForHelp } from './service.ts';
import { aside, stepsOf, type Tell, type Telling } from './telling.ts';

/**
 * Takes one person through everything by the public surface alone: the API as an integrator has it, forms, mails and their links as people
 * have them. Tells each step with what happened, which process moved, and how long it took. Answers the customer's account.
 */
export async function tellStory(access: Access, tell: Tell): Promise<string> {
  const api = client(access.apiUrl, access.apiKey);
  const word = Date.now().toString(36);
  const telling: Telling = {
    tell,
    step: stepsOf(tell),
    api,
    person: personAt(access),
    word,
    jo: `jo.ruiz@acme-${word}.example`,
    users: (await api.get('/v1/users?limit=200')).data,
  };
  const lead = await fillInForm(telling, access);
  const customer = await buy(telling, lead);
  await pay(telling, customer);
  await askForHelp(telling, customer, access);
  await mailCampaign(telling, customer);
  await readReports(telling);
  await onOnePage(telling, customer.accountId);
  return customer.accountId;
}

async function onOnePage({ api, step, tell }: Telling, accountId: string): Promise<void> {
  const overview = await step('One customer on one page', () => api.get(`/v1/accounts/${accountId}/overview`));
  const { revenue, openReceivables } = overview.figures;
  const { name, stage } = overview.account;
  aside(tell, `${name}: ${stage}, revenue ${said(revenue)}, open ${said(openReceivables)}`);
  for (const { workflow, state, dueAt } of overview.processes)
    aside(tell, `${workflow}: ${state}${dueAt ? ` until ${dueAt}` : ''}`);
}

const said = ({ amount, currency }: { amount: number; currency: string }): string =>
  new Intl.NumberFormat('en', { style: 'currency', currency }).format(amount / 100);
