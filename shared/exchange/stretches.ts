import { InvoiceStatus } from '../commerce/invoice.ts';
import { OrderStatus } from '../commerce/order.ts';
import { PaymentStatus } from '../commerce/payment.ts';
import { logOf } from '../core/ids.ts';
import { AccountStage } from '../sales/account.ts';
import { LeadStatus } from '../sales/lead.ts';
import { pipelines } from '../sales/pipeline.ts';
import { CaseStatus } from '../service/case.ts';
import type { Crm } from '../store/command.ts';
import { type Range, ranges } from '../store/places.ts';
import type { ObjectName } from './import.ts';

const states: Partial<Readonly<Record<ObjectName, readonly [kind: string, states: readonly string[]]>>> = {
  accounts: ['account', AccountStage.options],
  contacts: ['contact', ['all']],
  leads: ['lead', LeadStatus.options],
  orders: ['order', OrderStatus.options],
  invoices: ['invoice', InvoiceStatus.options],
  payments: ['payment', PaymentStatus.options],
  cases: ['case', CaseStatus.options],
};
/** What is listed nowhere by itself is found account by account. */
const beneath: Partial<Readonly<Record<ObjectName, (accountId: string) => Range>>> = {
  activities: (accountId) => ranges.in(logOf(accountId), 'act'),
  consents: (accountId) => ranges.in(accountId, 'cns'),
};
const directories: Partial<Readonly<Record<ObjectName, string>>> = { users: 'usr', teams: 'tea', products: 'prd' };

/** Where all records of a kind stand, in stretches that are walked page by page: never a Scan. */
export interface Stretches {
  ranges: readonly Range[];
  /** The stretches hold accounts, and what is looked for lies under each of them. */
  under?: (accountId: string) => Range;
}

export async function stretchesOf(crm: Crm, object: ObjectName): Promise<Stretches> {
  const directory = directories[object];
  if (directory) return { ranges: [ranges.in(`dir#${directory}`, directory)] };
  if (object === 'opportunities') {
    const keys = (await pipelines(crm)).flatMap(({ stages }) => stages.map(({ key }) => key));
    return { ranges: [...new Set(keys)].map((key) => ranges.inState('opportunity', key)) };
  }
  const under = beneath[object];
  const [kind, all] = states[under ? 'accounts' : object]!;
  return { ranges: all.map((state) => ranges.inState(kind, state)), ...(under && { under }) };
}
