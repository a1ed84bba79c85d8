import { describe, expect, it } from 'vitest';
import { newId } from '../../../shared/core/ids.ts';
import type { Fact } from '../../../shared/events/event.ts';
import { Account } from '../../../shared/sales/account.ts';
import { Contact } from '../../../shared/sales/contact.ts';
import { decideConversion } from '../../../shared/sales/conversion.ts';
import { Lead, LeadStatus } from '../../../shared/sales/lead.ts';
import { moved, movedBack } from '../../../shared/sales/move-contact.ts';
import { opened } from '../../../shared/sales/open-opportunity.ts';
import { Opportunity } from '../../../shared/sales/opportunity.ts';
import { salesPipeline } from '../../../shared/sales/pipeline.ts';

const now = new Date('2026-03-02T09:00:00.000Z');
const at = { now, timeZone: 'Europe/Berlin', actorId: 'usr_x' };
const crm = { newId: (prefix: string, within?: string) => newId(prefix, now, within) };
const stamps = { version: 3, createdAt: now.toISOString(), updatedAt: now.toISOString(), createdBy: 'key_x' };
const ownerId = newId('usr', now);

const accountOf = (more: object = {}): Account =>
  Account.schema.parse({ ...stamps, id: newId('acc', now), name: 'Acme', ...more });
const contactAt = (account: Account, more: object = {}): Contact =>
  Contact.schema.parse({ ...stamps, id: newId('con', now, account.id), accountId: account.id, ...more });
const leadOf = (account: Account, contact: Contact | undefined, more: object = {}): Lead =>
  Lead.schema.parse({
    ...stamps,
    id: newId('lea', now, account.id),
    accountId: account.id,
    contactId: contact?.id,
    source: 'form',
    company: 'Acme Ltd',
    interests: ['GTX-1'],
    budget: { amount: 150_000, currency: 'EUR' },
    ownerId,
    status: 'qualified',
    score: { fit: 1, engagement: 1, grade: 'C3', reasons: [] },
    hops: 0,
    passedBy: [],
    ...more,
  });
const newSale = { pipeline: salesPipeline, stage: salesPipeline.stages[0]!, details: {} };

const account = accountOf({ ownerId });
const contact = contactAt(account, { emails: ['jo@acme.example'], phones: ['+34612345678'] });
const lead = leadOf(account, contact);
const said = { emails: ['jo@acme.example'], phones: ['+34699999999'], firstName: 'Jo' };
const parts = { lead, account, accountAfter: account, contact, contactDetails: said, opportunity: newSale };

const typesOf = (facts: readonly Fact[]) => facts.map(({ type }) => type);
const factOf = (facts: readonly Fact[], type: string) => facts.find((fact) => fact.type === type)!;

describe('the conversion of a lead', () => {
  it('opens an opportunity with what the lead knows, for its owner', () => {
    const { facts, converted } = decideConversion(parts, at, crm);
    expect(typesOf(facts)).toEqual(['lead.converted', 'opportunity.opened', 'contact.updated']);
    expect(factOf(facts, 'opportunity.opened').after).toMatchObject({
      id: converted.opportunityId,
      name: 'Acme Ltd: GTX-1',
      amount: lead.budget,
      source: 'form',
      leadId: lead.id,
      ownerId,
      contactIds: [contact.id],
      accountId: account.id,
      stage: 'new',
    });
    expect(factOf(facts, 'lead.converted').after).toMatchObject({
      status: 'converted',
      converted: { accountId: account.id, contactId: contact.id, madeOpportunity: true },
    });
    expect(converted).toEqual({
      leadId: lead.id,
      accountId: account.id,
      contactId: contact.id,
      opportunityId: expect.stringMatching(/^opp_/),
    });
  });

  it('fills what is empty and overwrites nothing', () => {
    const { facts } = decideConversion(parts, at, crm);
    expect(factOf(facts, 'contact.updated').after).toMatchObject({ firstName: 'Jo', phones: ['+34612345678'] });
  });

  it('makes no opportunity where none is wanted, and no version where nothing changes', () => {
    const { facts, converted } = decideConversion({ ...parts, contactDetails: {}, opportunity: undefined }, at, crm);
    expect(typesOf(facts)).toEqual(['lead.converted']);
    expect(converted).not.toHaveProperty('opportunityId');
    expect(factOf(facts, 'lead.converted').after).toMatchObject({ converted: { madeOpportunity: false } });
  });

  it('joins an open opportunity, whose own words stay', () => {
    const sale = { name: 'Big one', contactIds: [], accountId: account.id };
    const existing = Opportunity.schema.parse({
      ...opened(sale, salesPipeline, salesPipeline.stages[1]!, at, crm).after,
      ...stamps,
    });
    const opportunity = { existing, details: { name: 'Other' } };
    const { facts, converted } = decideConversion({ ...parts, opportunity }, at, crm);
    expect(converted.opportunityId).toBe(existing.id);
    expect(factOf(facts, 'opportunity.updated').after).toMatchObject({
      name: 'Big one',
      amount: lead.budget,
      contactIds: [contact.id],
    });
    expect(factOf(facts, 'lead.converted').after).toMatchObject({ converted: { madeOpportunity: false } });
  });

  it('moves the contact where it goes into another account; the lead stays', () => {
    const other = accountOf({ name: 'Acme Group' });
    const { facts, converted } = decideConversion({ ...parts, account: other, accountAfter: other }, at, crm);
    expect(typesOf(facts)).toEqual(['lead.converted', 'opportunity.opened', 'contact.created', 'contact.archived']);
    expect(factOf(facts, 'lead.converted').after).toMatchObject({ accountId: account.id, contactId: contact.id });
    expect(converted).toMatchObject({ accountId: other.id, contactId: factOf(facts, 'contact.created').after.id });
    expect(factOf(facts, 'contact.created').after).toMatchObject({ accountId: other.id, firstName: 'Jo' });
    expect(factOf(facts, 'contact.archived').after).toMatchObject({ movedTo: converted.contactId });
  });

  it('makes the contact that a lead did not have', () => {
    const alone = leadOf(account, undefined);
    const { facts, converted } = decideConversion({ ...parts, lead: alone, contact: undefined }, at, crm);
    expect(factOf(facts, 'contact.created').after).toMatchObject({ id: converted.contactId, firstName: 'Jo' });
    expect(factOf(facts, 'lead.converted').after).toMatchObject({ contactId: converted.contactId });
  });

  it('makes nobody of a lead that is a company alone', () => {
    const alone = leadOf(account, undefined);
    const contactDetails = { emails: [], phones: [] };
    const { facts, converted } = decideConversion(
      { ...parts, lead: alone, contact: undefined, contactDetails },
      at,
      crm,
    );
    expect(typesOf(facts)).toEqual(['lead.converted', 'opportunity.opened']);
    expect(converted).not.toHaveProperty('contactId');
  });

  it.each(LeadStatus.exclude(['qualified']).options)('is refused of a lead that is %s', (status) => {
    expect(() => decideConversion({ ...parts, lead: { ...lead, status } }, at, crm)).toThrow(status);
  });
});

describe('a contact that moves', () => {
  const other = accountOf({ name: 'Other' });
  const id = newId('con', now, other.id);
  const [made, left] = moved(contact, other.id, id, now);

  it('holds its addresses in one place only', () => {
    const keys = (fact: Fact<Contact>) => Contact.unique?.(fact.after);
    expect(keys(made)).toEqual(['email#con#jo@acme.example']);
    expect(keys(left)).toEqual([]);
  });

  it('says where it came from and where it went', () => {
    expect(made.after).toMatchObject({ accountId: other.id, movedFrom: contact.id });
    expect(left.after).toMatchObject({ id: contact.id, movedTo: id });
  });

  it('is back as it was where the move is taken back', () => {
    const stands = (fact: Fact<Contact>) => Contact.schema.parse({ ...stamps, ...fact.after });
    const [back, gone] = movedBack(stands(left), stands(made), now);
    expect(back.after).toEqual({ ...contact, archivedAt: undefined, movedTo: undefined });
    expect(gone.after.archivedAt).toBe(now.toISOString());
  });
});
