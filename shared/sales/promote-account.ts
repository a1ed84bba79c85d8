import type { Fact } from '../events/event.ts';
import { type Account, AccountUpdated } from './account.ts';

/** Who orders is a customer: the fact, unless the account is one already. */
export const customerNow = (account: Account): Fact<Account>[] =>
  account.stage === 'customer' || account.archivedAt
    ? []
    : [AccountUpdated(account, { ...account, stage: 'customer' }, { reasons: ['An order was confirmed'] })];
