import { addDuration, dateIn, endOfDay } from '../core/duration.ts';
import { Refusal, refuseField } from '../core/refusal.ts';
import { Settings } from '../core/settings.ts';
import { Contact } from '../sales/contact.ts';
import { Opportunity } from '../sales/opportunity.ts';
import type { Command, Crm } from '../store/command.ts';
import { edit } from '../store/edit.ts';
import { priceLines } from './price-quote.ts';
import { EditableQuote, Quote, type QuoteDetails, QuoteDrafted, QuoteUpdated, revisable } from './quote.ts';
import { Quoting } from './quote-policies.ts';

/** Drafts a quote for an open opportunity. */
export const draftQuote: Command<QuoteDetails, Quote> = async (crm, details) => {
  const opportunity = await crm.refer(Opportunity, details.opportunityId, '#/opportunityId');
  if (opportunity.status !== 'open')
    throw refuseField('record.wrongState', '#/opportunityId', `The opportunity is ${opportunity.status}`);
  const settings = await crm.policy(Settings);
  const currency = details.currency ?? opportunity.amount?.currency ?? settings.currency;
  const priced = await priceLines(crm, details.lines, currency, details.discountPercent);
  const { accountId, contactIds } = opportunity;
  const contactId = details.contactId ?? contactIds[0];
  if (details.contactId) await contactAt(crm, details.contactId, accountId);
  const validity = await validUntil(crm, details.validUntilOn, settings.timeZone);
  const year = dateIn(settings.timeZone, crm.now).slice(0, 4);
  const n = await crm.count(`quote#${year}`);
  const number = `Q-${year}-${String(n).padStart(4, '0')}`;
  const draft = {
    ...details,
    ...priced,
    ...validity,
    contactId,
    accountId,
    currency,
    number,
    revision: 1,
    status: 'draft' as const,
  };
  return crm.commit([QuoteDrafted(undefined, { ...draft, id: crm.newId('quo', accountId) })]);
};

/** 422 `reference.unknown` for a contact that is not there, or not of this account. */
async function contactAt(crm: Crm, contactId: string, accountId: string): Promise<void> {
  const contact = await crm.refer(Contact, contactId, '#/contactId');
  if (contact.accountId !== accountId)
    throw refuseField('reference.unknown', '#/contactId', 'The contact is of another account');
}

async function validUntil(
  crm: Crm,
  asked: string | undefined,
  timeZone: string,
): Promise<{ validUntilOn: string; expiresAt: string }> {
  const { validFor } = await crm.policy(Quoting);
  const validUntilOn = asked ?? dateIn(timeZone, addDuration(crm.now, validFor));
  return { validUntilOn, expiresAt: endOfDay(validUntilOn, timeZone).toISOString() };
}

/** Only a draft is edited: its lines are priced again. */
export const editQuote = edit<Quote>({
  kind: Quote,
  fields: EditableQuote,
  event: QuoteUpdated,
  while: ['draft'],
  rule: async (crm, after, before) => {
    if (after.contactId && after.contactId !== before.contactId) await contactAt(crm, after.contactId, after.accountId);
    const { timeZone } = await crm.policy(Settings);
    const validity = await validUntil(crm, after.validUntilOn, timeZone);
    return { ...after, ...(await priceLines(crm, after.lines, after.currency, after.discountPercent)), ...validity };
  },
});

/** A new draft in place of a quote that is out: the old one is superseded when the new one is sent. */
export const reviseQuote: Command<{ id: string }, Quote> = async (crm, { id }) => {
  const old = await crm.load(Quote, id);
  if (!revisable.includes(old.status))
    throw new Refusal(
      'record.wrongState',
      `A quote that is ${old.status} cannot be revised; it must be ${revisable.join(' or ')}`,
    );
  const { timeZone } = await crm.policy(Settings);
  const stillGood = Date.parse(old.expiresAt) > crm.now.getTime() ? old.validUntilOn : undefined;
  const validity = await validUntil(crm, stillGood, timeZone);
  const { accountId, opportunityId, contactId, discountPercent, terms, number, currency, lines, totals } = old;
  const said = {
    accountId,
    opportunityId,
    contactId,
    discountPercent,
    terms,
    number,
    currency,
    lines,
    totals,
    ...validity,
  };
  const revision = old.revision + 1;
  return crm.commit([
    QuoteDrafted(undefined, {
      ...said,
      id: crm.newId('quo', accountId),
      revision,
      revisionOf: old.id,
      status: 'draft',
    }),
  ]);
};
