import { describe, expect, it, test } from 'vitest';
import { keyOf, newId } from '../../../shared/core/ids.ts';
import { cellsOf, columnsOf } from '../../../shared/exchange/export-turn.ts';
import type { ObjectName } from '../../../shared/exchange/import.ts';
import { importables } from '../../../shared/exchange/importables.ts';
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

  const eur = (amount: number) => ({ amount, currency: 'EUR' });
  const line = {
    ...{ id: '1', description: 'A desk', quantity: '1', unitPrice: eur(10_000), discountPercent: '0' },
    ...{ taxCategory: 'standard', net: eur(10_000) },
  };
  const sums = { net: eur(10_000), tax: eur(1_900), gross: eur(11_900), paid: eur(5_000), credited: eur(0) };
  const invoice = (more: object) => ({
    ...{ id: newId('inv', now, accountId), accountId, currency: 'EUR', status: 'partlyPaid', number: 'RE-1' },
    ...{ issuedOn: '2026-05-01', dueOn: '2026-05-15', taxes: [], lines: [{ ...line, taxRate: '19' }] },
    totals: { ...sums, writtenOff: eur(0), open: eur(6_900) },
    ...more,
  });
  const order = (status: string) => ({
    ...{
      id: newId('ord', now, accountId),
      accountId,
      billToAccountId: accountId,
      currency: 'EUR',
      number: 'O-1',
      status,
    },
    lines: [{ ...line, fulfilled: '0', invoiced: '0', credited: '0', cancelled: '0' }],
    totals: { net: eur(10_000), discount: eur(0), taxes: [], gross: eur(10_000) },
    ...{ invoicePolicy: 'ordered', fulfilments: [] },
  });
  const lead = {
    ...{ id: newId('lea', now, accountId), accountId, source: 'form', status: 'converted', hops: 0, passedBy: [] },
    ...{ email: 'jo@x.example', firstName: 'Jo', phone: '+493012345', utm: { source: 'a;b' }, interests: ['a;b', 'c'] },
    score: { fit: 1, engagement: 1, grade: 'C1', reasons: [] },
  };
  test.each<[ObjectName, string, { id: string } & Record<string, unknown>]>([
    ['invoices', 'partly paid', invoice({})],
    ['invoices', 'draft', invoice({ status: 'draft', number: undefined, issuedOn: undefined, dueOn: undefined })],
    ['invoices', 'credited', invoice({ status: 'credited' })],
    ['orders', 'confirmed', order('confirmed')],
    ['leads', 'converted', lead],
    [
      'activities',
      'cancelled',
      {
        ...{ id: newId('act', now, accountId), accountId, kind: 'call', subject: 'Hi', status: 'cancelled' },
        occurredAt: now.toISOString(),
      },
    ],
  ])('of %s: %s', async (object, _, said) => {
    const to = importables[object];
    const columns = columnsOf({}, to.fields);
    const item = stored(JSON.parse(JSON.stringify(said)) as typeof said);
    const cells = cellsOf(to.kind.schema.parse(item), columns, to);
    expect(await lookedAt(object, [item], [columns, cells])).toMatchObject([
      { kind: 'skipped', code: 'record.unchanged', id: said.id },
    ]);
  });

  it('and shows what it comes to', () => {
    const cells = (object: ObjectName, record: { id: string }, ...columns: string[]) =>
      cellsOf(importables[object].kind.schema.parse(stored(record)), columns, importables[object]);
    expect(cells('invoices', invoice({}), 'gross', 'tax', 'paid', 'description')).toEqual([
      ...['119.00 EUR', '19.00 EUR', '50.00 EUR', 'A desk'],
    ]);
    expect(cells('orders', order('closed'), 'net')).toEqual(['100.00 EUR']);
  });

  it('but a state that only what is here can be in is none of what is new', async () => {
    const row = [accountId, 'RE-2', '2026-05-01', '119.00 EUR', 'draft'];
    const columns = ['accountId', 'number', 'issuedOn', 'gross', 'status'];
    expect(await lookedAt('invoices', [], [columns, row])).toMatchObject([
      { kind: 'failed', code: 'value.unknown', column: 'status' },
    ]);
  });
});
