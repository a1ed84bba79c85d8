import { expect, it } from 'vitest';
import { escalateApproval } from '../../../shared/commerce/decide-approval.ts';
import type { Quote } from '../../../shared/commerce/quote.ts';
import { quoteTotals } from '../../../shared/commerce/quote-totals.ts';
import { submitQuote } from '../../../shared/commerce/submit-quote.ts';
import { defaultTaxRates } from '../../../shared/commerce/tax.ts';
import { keyOf, newId } from '../../../shared/core/ids.ts';
import type { User } from '../../../shared/people/user.ts';
import { Company } from '../../support/company.ts';

const idOf = (n: number) => `usr_${String(n).padStart(26, '0')}`;
const eur = (amount: number) => ({ amount, currency: 'EUR' });

/** A quote beyond the limits, submitted by the first of a company. */
async function submitted(company: Company): Promise<Quote> {
  const accountId = newId('acc', company.now);
  const id = newId('quo', company.now, accountId);
  const line = {
    id: '1',
    description: 'GTX',
    quantity: '1',
    unitPrice: eur(100),
    listPrice: eur(100),
    discountPercent: '50',
  };
  const lines = [{ ...line, taxCategory: 'standard' as const, net: eur(50) }];
  const { totals } = quoteTotals({ currency: 'EUR', lines, rates: defaultTaxRates });
  const at = company.now.toISOString();
  company.table.put({
    ...keyOf(id),
    ...{
      id,
      version: 1,
      createdAt: at,
      updatedAt: at,
      createdBy: 'test',
      accountId,
      opportunityId: newId('opp', company.now, accountId),
    },
    ...{
      number: 'Q-1',
      revision: 1,
      status: 'draft',
      currency: 'EUR',
      lines,
      totals,
      validUntilOn: '2027-01-01',
      expiresAt: '2027-01-01T22:59:59.999Z',
    },
  });
  return company.does(submitQuote, { id }, { actor: { kind: 'user', id: idOf(0) } });
}

/** Nobody decides for so many deadlines: who is asked, in turn. */
async function lies(
  company: Company,
  quote: Quote,
  deadlines: number,
): Promise<{ quote: Quote; asked: (string | undefined)[] }> {
  const asked = [quote.approverId];
  let at = quote;
  for (let n = 0; n < deadlines; n++) {
    company.now = new Date(at.nextStepAt!);
    at = await company.does(escalateApproval, { id: at.id, processId: 'prc' } as never);
    if (at.approverId !== asked.at(-1)) asked.push(at.approverId);
  }
  return { quote: at, asked };
}
const tasks = (company: Company, status: string) => company.table.of('tsk').filter((task) => task['status'] === status);

const [agent, manager, head, other, admin]: Partial<User>[] = [
  { managerId: idOf(1) },
  { role: 'manager', managerId: idOf(2) },
  { role: 'manager' },
  { role: 'manager' },
  { role: 'admin' },
];

it.each([
  ['up the line of managers to an admin', [agent!, manager!, head!, other!, admin!], [1, 2, 4]],
  ['to the end of the line', [agent!, manager!, head!], [1, 2]],
  ['from one manager to another', [{}, head!, other!], [2, 1]],
  ['nowhere from the only one', [agent!, { role: 'manager' as const }], [1]],
  ['nowhere from the queue', [{}, {}], [undefined]],
])('a quote that nobody approves goes %s, and stays there', async (_, people, line) => {
  const company = new Company(people);
  const { quote, asked } = await lies(company, await submitted(company), 10);
  expect(asked).toEqual(line.map((n) => (n === undefined ? n : idOf(n))));
  expect(tasks(company, 'cancelled')).toHaveLength(line.length - 1);
  expect(tasks(company, 'open')).toMatchObject([{ id: quote.openTaskId }]);
  // Each was asked once, the last one twice; and the deadlines became rare.
  expect(company.table.of('msg')).toHaveLength(line[0] === undefined ? 0 : line.length + 1);
  expect(Date.parse(quote.nextStepAt!) - Date.parse(quote.createdAt)).toBeGreaterThan(2 ** 8 * 2 * 86_400_000);
});

it('goes to somebody else once the last one has left', async () => {
  const company = new Company([agent!, manager!, head!]);
  const { quote } = await lies(company, await submitted(company), 4);
  company.put(2, { role: 'manager', status: 'inactive' });
  expect((await lies(company, quote, 3)).asked).toEqual([idOf(2), idOf(1)]);
});
