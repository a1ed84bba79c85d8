import { setTimeout } from 'node:timers/promises';
import { client, type Json } from '../../infra/local/client.ts';
import { access, api, unique } from '../support/stack.ts';

/** Somebody of ours whom no other test knows. */
export const person = (role: string, more: object = {}): Promise<Json> => {
  const name = unique(role);
  return api.post('/v1/users', { name, email: `${name}@ours.example`, role, ...more });
};

/** A product of 100.00 apiece. */
export const product = (): Promise<Json> =>
  api.post('/v1/products', {
    sku: unique('SKU-'),
    name: 'Standing desk',
    unit: 'piece',
    price: { amount: 10_000, currency: 'EUR' },
    taxCategory: 'standard',
  });

/** A lead of a company that nobody knows yet. */
export const capture = (more: object = {}): Promise<Json> => {
  const company = unique('acme');
  const email = `jo@${company}.example`;
  return api.post('/v1/leads', { source: 'form', email, firstName: 'Jo', lastName: 'Ruiz', company, ...more });
};

/** A new customer with an open opportunity, by a lead that was qualified and converted. */
export async function opportunity(): Promise<{ lead: Json; opportunityId: string }> {
  const lead = await capture();
  await api.post(`/v1/leads/${lead.id}/qualify`);
  const { opportunityId } = await api.post(`/v1/leads/${lead.id}/convert`, { opportunity: { name: 'Desks' } });
  return { lead, opportunityId };
}

/** A draft of a quote for ten pieces of a product. */
export const draft = async (by: string, discountPercent: string): Promise<Json> => {
  const { opportunityId } = await opportunity();
  const lines = [{ productId: (await product()).id, quantity: '10', discountPercent }];
  return client(access.apiUrl, access.apiKey, by).post('/v1/quotes', { opportunityId, lines });
};

/** Who does not pay is reminded twice and handed to a person, within seconds. */
export const collectedSoon = {
  invoicing: { dueAfter: 'PT1S' },
  dunning: {
    levels: [
      { key: 'reminder', after: 'PT1S' },
      { key: 'dunning1', after: 'PT2S' },
      { key: 'handOver', after: 'PT3S' },
    ],
  },
};

/** How long a function may go by a policy that it has read. Source: shared/store/policies.ts. */
const policyFreshForMilliseconds = 5_000;

/** Makes other policies hold, once every function knows them; answers what puts them back. */
export async function otherPolicies(bodies: Record<string, object>, on = api): Promise<() => Promise<void>> {
  const before: Json[] = await Promise.all(Object.keys(bodies).map((name) => on.get(`/v1/policies/${name}`)));
  const put = (name: string, body: object) => on.put(`/v1/policies/${name}`, { body });
  for (const { name, body } of before) await put(name, { ...body, ...bodies[name] });
  await setTimeout(policyFreshForMilliseconds);
  return async () => {
    for (const { name, body } of before) await put(name, body);
    await setTimeout(policyFreshForMilliseconds);
  };
}
