import { describe, expect, it } from 'vitest';
import { type Consent, consentFacts, consentId } from '../../../shared/marketing/consent.ts';

const contactId = `con_${'0'.repeat(26)}${'1'.repeat(14)}`;
const now = new Date('2026-06-01T12:00:00Z');

/** A contact who has said these things. */
const knows = (...known: Consent[]) => ({
  now,
  store: { queryAll: async () => known } as never,
});
const word = (status: Consent['status'], topic = 'newsletter') =>
  ({ topic, channel: 'email', status, source: 'form', basis: 'consent' }) as const;
const had = (status: Consent['status']): Consent => ({
  ...word(status),
  id: consentId(contactId, 'newsletter', 'email'),
  accountId: `acc_${'0'.repeat(26)}`,
  contactId,
  at: '2026-01-01T00:00:00.000Z',
  version: 1,
  createdAt: '2026-01-01T00:00:00.000Z',
  updatedAt: '2026-01-01T00:00:00.000Z',
  createdBy: 'system',
});

describe('what a contact says', () => {
  it.each([
    [undefined, 'pending', 'consent.requested'],
    [undefined, 'granted', 'consent.granted'],
    [undefined, 'withdrawn', 'consent.withdrawn'],
    ['pending', 'granted', 'consent.granted'],
    ['withdrawn', 'granted', 'consent.granted'],
    ['granted', 'withdrawn', 'consent.withdrawn'],
    ['granted', 'pending', undefined],
    ['granted', 'granted', undefined],
    ['withdrawn', 'withdrawn', undefined],
    ['withdrawn', 'pending', 'consent.requested'],
  ] as const)('%s, then %s: %s', async (before, said, told) => {
    const facts = await consentFacts(knows(...(before ? [had(before)] : [])), contactId, [word(said)]);
    expect(facts.map(({ type }) => type)).toEqual(told ? [told] : []);
    if (told) expect(facts[0]?.after).toMatchObject({ status: said, contactId, at: now.toISOString() });
  });

  it.each([
    ['granted', '2025-12-31T23:59:59.999Z', undefined],
    ['granted', '2026-01-01T00:00:00.000Z', '2026-01-01T00:00:00.000Z'],
    ['granted', '2026-03-01T00:00:00Z', '2026-03-01T00:00:00Z'],
    ['granted', '2036-01-01T00:00:00.000Z', now.toISOString()],
  ] as const)('is what they said last, not what was told last: %s at %s', async (status, at, noted) => {
    const facts = await consentFacts(knows(had('withdrawn')), contactId, [{ ...word(status), at }]);
    expect(facts.map(({ after }) => after.at)).toEqual(noted ? [noted] : []);
  });

  it('has one consent a topic and channel, whichever order and case', () => {
    const ids = ['newsletter', 'Newsletter', 'offers'].map((topic) => consentId(contactId, topic, 'email'));
    expect(ids[0]).toBe(ids[1]);
    expect(ids[0]).not.toBe(ids[2]);
    expect(ids[0]).not.toBe(consentId(contactId, 'newsletter', 'sms'));
    expect(ids[0]).toMatch(/^cns_[0-9a-z]{40}$/);
  });
});
