import { describe, expect, it } from 'vitest';
import { keyOf, newId } from '../../../shared/core/ids.ts';
import { consentId } from '../../../shared/marketing/consent.ts';
import { emailKey } from '../../../shared/sales/contact.ts';
import { lookedAt, now, stamps } from './looked-at.ts';

const accountId = newId('acc', now);
const contactId = newId('con', now, accountId);
const stored = (record: { id: string } & Record<string, unknown>) => ({ ...stamps, ...record, ...keyOf(record.id) });

describe('what was exported changes nothing', () => {
  const consent = stored({
    id: consentId(contactId, 'newsletter', 'email'),
    ...{ accountId, contactId, topic: 'newsletter', channel: 'email', status: 'granted' },
    ...{ source: 'form', basis: 'consent', email: 'jo@x.example', at: '2026-01-02T00:00:00.000Z' },
  });
  const address = { pk: emailKey('jo@x.example'), sk: emailKey('jo@x.example'), recordId: contactId };
  const columns = ['id', 'topic', 'channel', 'status', 'email'];

  it('of consents', async () => {
    const row = [consent.id, 'newsletter', 'email', 'granted', 'jo@x.example'];
    const again = { kind: 'skipped', code: 'record.unchanged', id: consent.id };
    expect(await lookedAt('consents', [consent, address], [columns, row])).toMatchObject([again]);
    // Whose address it was then may have another one now.
    expect(await lookedAt('consents', [consent], [columns, row])).toMatchObject([again]);
    const whole = [
      [...columns, 'contactId'],
      [...row, contactId],
    ] as [string[], string[]];
    expect(await lookedAt('consents', [consent], whole)).toMatchObject([again]);
  });

  it('and what is said anew changes it', async () => {
    const row = [consent.id, 'newsletter', 'email', 'withdrawn', 'jo@x.example'];
    expect(await lookedAt('consents', [consent], [columns, row])).toMatchObject([{ kind: 'updated', id: consent.id }]);
    const wrong = [consent.id, 'Ünï', 'email', 'withdrawn', 'jo@x.example'];
    expect(await lookedAt('consents', [consent], [columns, wrong])).toMatchObject([
      { kind: 'failed', code: 'value.invalid', column: 'topic' },
    ]);
  });
});
