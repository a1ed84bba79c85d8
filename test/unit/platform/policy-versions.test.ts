import { expect, it } from 'vitest';
import { policies as book } from '../../../shared/catalogue/policies.ts';
import { QuoteApproval } from '../../../shared/commerce/quote-policies.ts';
import { changePolicy, readPolicy } from '../../../shared/platform/policy-commands.ts';
import { type Command, run } from '../../../shared/store/command.ts';
import { Policies } from '../../../shared/store/policies.ts';
import { TableInMemory } from '../../support/table-in-memory.ts';

const [today, later, latest] = ['2026-03-02T10:00:00.000Z', '2027-01-01T00:00:00.000Z', '2028-01-01T00:00:00.000Z'];
const { store } = new TableInMemory();
const on = { actor: { kind: 'user' as const, id: 'usr_ada' }, correlationId: 'test' };
const at = <I, A>(now: string, command: Command<I, A>, input: I) =>
  run(store, new Policies(store), { ...on, now: new Date(now) }, command, input).then(({ answer }) => answer);
const change = (maxLineDiscountPercent: string, validFrom?: string) =>
  at(today, changePolicy(book), { name: 'quote-approval', body: { maxLineDiscountPercent }, validFrom });
const inForce = async (now: string) => {
  const { maxLineDiscountPercent, policy } = await new Policies(store).inForce(QuoteApproval, new Date(now));
  return [maxLineDiscountPercent, policy.version];
};

it('a version holds from its time on, and until then what held when it was made, however often it is replaced', async () => {
  const isDefault = [QuoteApproval.defaults.maxLineDiscountPercent, 0];
  await change('50', later);
  expect([await inForce(today), await inForce(later)]).toEqual([isDefault, ['50', 1]]);
  await change('15');
  expect([await inForce(today), await inForce(latest)]).toEqual([
    ['15', 2],
    ['15', 2],
  ]);
  await change('50', later);
  await change('20', later);
  await change('30', latest);
  expect([await inForce(today), await inForce(later), await inForce(latest)]).toEqual([
    ['15', 2],
    ['15', 2],
    ['30', 5],
  ]);
  expect(await at(today, readPolicy(book), { name: 'quote-approval' })).toMatchObject({
    version: 5,
    body: { maxLineDiscountPercent: '30' },
    validFrom: latest,
    inForce: { version: 2, body: { maxLineDiscountPercent: '15' } },
  });
  const then = await at(latest, readPolicy(book), { name: 'quote-approval' });
  expect(then.inForce).toBeUndefined();
});
