import type { Client, Json } from './client.ts';

/** A small generator of pseudo-random numbers (mulberry32): the same seed makes the same company. */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

const people = [
  ['Maren Voss', 'admin'],
  ['Tomas Lindqvist', 'manager'],
  ['Ines Carvalho', 'agent'],
  ['Jakub Nowak', 'agent'],
  ['Priya Raman', 'agent'],
  ['Leo Fontaine', 'agent'],
] as const;

const catalogue = [
  ['DSK-100', 'Standing desk', 49_900, 'standard'],
  ['DSK-200', 'Standing desk, oak', 74_900, 'standard'],
  ['CHR-100', 'Task chair', 32_900, 'standard'],
  ['CHR-300', 'Executive chair', 89_900, 'standard'],
  ['LMP-100', 'Desk lamp', 7_900, 'standard'],
  ['BOK-100', 'Handbook of healthy offices', 3_900, 'reduced'],
  ['SRV-100', 'Assembly, per hour', 6_500, 'standard'],
] as const;

const first = [
  'Anna',
  'Bruno',
  'Chiara',
  'Dario',
  'Elif',
  'Farid',
  'Greta',
  'Hugo',
  'Irena',
  'Joao',
  'Karin',
  'Luca',
  'Mina',
  'Nils',
  'Olga',
];
const last = [
  'Adler',
  'Bianchi',
  'Costa',
  'Dubois',
  'Eriksen',
  'Ferrer',
  'Grau',
  'Horvat',
  'Ivanova',
  'Jansen',
  'Keller',
  'Lopez',
  'Meyer',
  'Novak',
  'Ortega',
];
const trades = [
  'Architects',
  'Bakery',
  'Clinic',
  'Design',
  'Energy',
  'Foods',
  'Glass',
  'Hotels',
  'Instruments',
  'Joinery',
  'Logistics',
  'Media',
  'Optics',
  'Print',
  'Robotics',
];
const needs = [
  'We move in spring and need desks for everybody.',
  'Could you send an offer for chairs?',
  'We want to refit our meeting rooms.',
  'How soon can you deliver?',
];
const problems = [
  'The desk does not rise any more',
  'A screw is missing',
  'The lamp flickers',
  'Wrong colour was delivered',
];

/** Whether the sample company has been made here before. */
export const companyIsThere = async (api: Client): Promise<boolean> =>
  (await api.get('/v1/users?email=maren.voss@office.example')).data.length > 0;

export interface Company {
  users: Json[];
  products: Json[];
}

/** The people and the catalogue: made once. */
export async function makeHouse(api: Client): Promise<Company> {
  await api.put('/v1/policies/settings', {
    body: {
      mailFrom: 'Good Office',
      seller: {
        name: 'Good Office GmbH',
        address: { street: 'Ackerstrasse 12', postalCode: '10115', city: 'Berlin', country: 'DE' },
        taxId: 'DE123456789',
        email: 'billing@stepwise.example',
        iban: 'DE02120300000000202051',
      },
    },
  });
  const users: Json[] = [];
  for (const [name, role] of people) {
    const managerId = users.find((user) => user.role === 'manager')?.id;
    const email = `${name.toLowerCase().replace(' ', '.')}@office.example`;
    users.push(await api.post('/v1/users', { name, email, role, ...(role === 'agent' && managerId && { managerId }) }));
  }
  const products: Json[] = [];
  for (const [sku, name, amount, taxCategory] of catalogue)
    products.push(
      await api.post('/v1/products', { sku, name, unit: 'piece', price: { amount, currency: 'EUR' }, taxCategory }),
    );
  await api.post('/v1/forms', {
    name: 'Contact us',
    fields: [
      { key: 'firstName', required: true },
      { key: 'lastName', required: true },
      { key: 'email', required: true },
      { key: 'phone' },
      { key: 'company' },
      { key: 'message', label: 'What do you need?' },
    ],
    consents: [{ topic: 'newsletter', text: 'Yes, send me the newsletter. I can end that by one click.' }],
    doubleOptIn: true,
    // The story types faster than people do.
    minimumFillTime: 'PT0S',
    thankYou: 'Thank you. Somebody will write to you today.',
  });
  return { users, products };
}

/** How far each customer gets: a funnel, as in life. */
const fates = [
  'captured',
  'working',
  'disqualified',
  'qualified',
  'opportunity',
  'lost',
  'quoted',
  'ordered',
  'invoiced',
  'paid',
  'paid',
  'served',
] as const;
type Fate = (typeof fates)[number];

/** Makes people, catalogue and `customers` customers with their history, through the public API, the same for the same seed. */
export async function makeCompany(api: Client, customers: number, seed = 7): Promise<string> {
  const house = await makeHouse(api);
  await makeCustomers(api, house, customers, seed);
  return `The sample company is there: ${house.users.length} people, ${house.products.length} products, ${customers} customers with their history`;
}

const atOnce = 4;

/** Customers number `from` to `from + count`, a few at a time. */
export async function makeCustomers(api: Client, house: Company, count: number, seed = 7, from = 0): Promise<void> {
  const numbers = Array.from({ length: count }, (_, n) => from + n);
  const worker = async () => {
    for (let n = numbers.shift(); n !== undefined; n = numbers.shift())
      await makeCustomer(api, house, n, seeded(seed * 100_003 + n));
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
}

async function makeCustomer(api: Client, { users, products }: Company, n: number, chance: () => number): Promise<void> {
  const pick = <T>(list: readonly T[]): T => list[Math.floor(chance() * list.length)]!;
  const fate: Fate = fates[n % fates.length]!;
  const reaches = (step: Fate) => fates.indexOf(fate) >= fates.indexOf(step);
  const [firstName, lastName, trade] = [pick(first), pick(last), trades[n % trades.length]!];
  const company = `${lastName} ${trade} ${n + 1}`;
  const domain = `${lastName}-${trade}-${n + 1}.example`.toLowerCase();
  const lead = await api.post('/v1/leads', {
    source: pick(['form', 'email', 'referral'] as const),
    email: `${firstName}.${lastName}@${domain}`.toLowerCase(),
    firstName,
    lastName,
    company,
    phone: `+4930${1_000_000 + n}`,
    message: pick(needs),
    interests: [pick(products).sku],
    ...(chance() > 0.4 && { budget: { amount: (2 + Math.floor(chance() * 40)) * 50_000, currency: 'EUR' } }),
  });
  if (chance() > 0.3)
    await api.put(`/v1/contacts/${lead.contactId}/consents`, {
      consents: [{ topic: 'newsletter', channel: 'email', status: 'granted', source: 'fair' }],
    });
  const agent = users[2 + (n % 4)]!;
  const asAgent = api.as(agent.id);
  if (fate === 'captured') return;
  await asAgent.post(`/v1/leads/${lead.id}/accept`);
  if (fate === 'working') return;
  if (fate === 'disqualified') {
    await asAgent.post(`/v1/leads/${lead.id}/disqualify`, { reason: 'noBudget' });
    return;
  }
  await asAgent.post(`/v1/leads/${lead.id}/qualify`);
  if (fate === 'qualified') return;
  const { opportunityId } = await asAgent.post(`/v1/leads/${lead.id}/convert`, {
    opportunity: { name: `${company}: furniture`, amount: { amount: 800_000, currency: 'EUR' }, closeOn: '2027-03-31' },
  });
  await asAgent.post(`/v1/opportunities/${opportunityId}/move`, { stage: 'discovery' });
  if (fate === 'opportunity') return;
  if (fate === 'lost') {
    await asAgent.post(`/v1/opportunities/${opportunityId}/lose`, { reason: 'price' });
    return;
  }
  await asAgent.post(`/v1/opportunities/${opportunityId}/move`, { stage: 'proposal' });
  const lines = [pick(products), pick(products)].map((product) => ({
    productId: product.id,
    quantity: String(1 + Math.floor(chance() * 12)),
    discountPercent: pick(['0', '5', '7.5']),
  }));
  const quote = await asAgent.post('/v1/quotes', { opportunityId, lines });
  const submitted = await asAgent.post(`/v1/quotes/${quote.id}/submit`);
  if (submitted.status === 'inApproval') await api.as(users[1]!.id).post(`/v1/quotes/${quote.id}/approve`);
  await asAgent.post(`/v1/quotes/${quote.id}/send`);
  if (!reaches('ordered')) return;
  const { orderId } = await asAgent.post(`/v1/quotes/${quote.id}/accept`, { name: `${firstName} ${lastName}` });
  if (!reaches('invoiced')) return;
  const order = await api.get(`/v1/orders/${orderId}`);
  await asAgent.post(`/v1/orders/${orderId}/fulfilments`, {
    lines: order.lines.map((line: Json) => ({ lineId: line.id, quantity: line.quantity })),
    carrier: 'DHL',
    tracking: `00340${n}`,
  });
  if (!reaches('paid')) return;
  const invoice = await issuedInvoice(api, orderId);
  await api.post(`/v1/invoices/${invoice.id}/payments`, {
    amount: invoice.totals.open,
    method: 'transfer',
    reference: `SAMPLE-${n}-${invoice.number}`,
  });
  if (!reaches('served')) return;
  const opened = await asAgent.post('/v1/cases', {
    accountId: lead.accountId,
    contactId: lead.contactId,
    subject: pick(problems),
    description: 'Please help us.',
    kind: 'problem',
    priority: pick(['low', 'normal', 'high'] as const),
    channel: 'email',
  });
  await asAgent.post(`/v1/cases/${opened.id}/reply`, { body: 'We are on it.', public: true });
  await asAgent.post(`/v1/cases/${opened.id}/resolve`, { summary: 'Replaced.' });
}

/** The invoice that follows a fulfilment: the process issues it within moments. */
export async function issuedInvoice(api: Client, orderId: string): Promise<Json> {
  for (let n = 0; n < 300; n++) {
    const { data } = await api.get(`/v1/invoices?orderId=${orderId}`);
    if (data[0]?.status === 'issued') return data[0];
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error(`No invoice for ${orderId}`);
}
