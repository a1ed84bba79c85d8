import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Envelope } from '../../../shared/events/event.ts';
import {
  contributionOf,
  countedIn,
  figureEvents,
  type KeptFigures,
  noFigures,
  type Share,
  shownFigures,
} from '../../../shared/insights/figures.ts';

const eur = (amount: number, currency = 'EUR') => ({ amount, currency });
const event = (type: string, recordId: string, recordVersion: number, more: Partial<Envelope> = {}): Envelope => ({
  id: `evt_${type}${recordId}${recordVersion}`,
  type,
  schemaVersion: 1,
  occurredAt: new Date(Date.UTC(2026, 0, 1, 0, recordVersion)).toISOString(),
  accountId: 'acc_1',
  recordId,
  recordVersion,
  actor: { kind: 'system', id: 'test' },
  correlationId: 'c',
  changes: {},
  data: {},
  ...more,
});
const invoice = (type: string, id: string, version: number, net: number, open: number, currency = 'EUR') =>
  event(`invoice.${type}`, id, version, {
    status: type === 'updated' ? 'issued' : type,
    data: { totals: { net: eur(net, currency), open: eur(open, currency) } },
  });
const credit = (id: string, net: number) => event('creditNote.issued', id, 1, { data: { totals: { net: eur(net) } } });
const order = (id: string, version = 1) => event('order.confirmed', id, version);
const activity = (id: string, data: object) =>
  event('activity.done', id, 1, { data: { kind: 'call', occurredAt: '2026-02-01T00:00:00.000Z', ...data } });

/** The figures after events in some order, kept as the consumer keeps them. */
function figuresAfter(events: readonly Envelope[]): KeptFigures {
  const shares = new Map<string, Share>();
  let figures = noFigures;
  for (const one of events) {
    const counted = countedIn(figures, shares.get(one.recordId), contributionOf(one));
    if (!counted) continue;
    figures = counted.figures;
    if (counted.share) shares.set(one.recordId, counted.share);
  }
  return figures;
}

describe('the figures of an account', () => {
  it('count what was issued, less what was credited, and what is still open', () => {
    const events = [
      invoice('issued', 'inv_1', 2, 1000, 1190),
      invoice('partlyPaid', 'inv_1', 3, 1000, 190),
      invoice('issued', 'inv_2', 1, 500, 595),
      credit('crn_1', 200),
    ];
    expect(shownFigures(figuresAfter(events), 'EUR')).toEqual({ revenue: eur(1300), openReceivables: eur(785) });
  });

  it('take back what a refund opens again', () => {
    const events = [invoice('paid', 'inv_1', 3, 1000, 0), invoice('updated', 'inv_1', 4, 1000, 1190)];
    expect(shownFigures(figuresAfter(events), 'EUR').openReceivables).toEqual(eur(1190));
  });

  it('keep currencies apart', () => {
    const events = [invoice('issued', 'inv_1', 1, 10, 12), invoice('issued', 'inv_2', 1, 7, 8, 'USD')];
    expect(shownFigures(figuresAfter(events), 'USD')).toEqual({
      revenue: eur(7, 'USD'),
      openReceivables: eur(8, 'USD'),
    });
  });

  it('do not count a draft', () => {
    const draft = { ...invoice('updated', 'inv_1', 1, 10, 12), status: 'draft' };
    expect(figuresAfter([draft])).toEqual(noFigures);
  });

  it.each([
    ['a call', {}, '2026-02-01T00:00:00.000Z'],
    ['a note for us', { kind: 'note' }, undefined],
    ['a public note', { kind: 'note', direction: 'outbound' }, '2026-02-01T00:00:00.000Z'],
  ])('know %s as the last contact: %s', (_, data, last) => {
    expect(figuresAfter([activity('act_1', data)]).lastContactAt).toBe(last);
  });

  it('write nothing where an event says nothing new', () => {
    const issued = invoice('issued', 'inv_1', 2, 1000, 1190);
    const { figures, share } = countedIn(noFigures, undefined, contributionOf(issued))!;
    expect(countedIn(figures, share, contributionOf(issued))).toBeUndefined();
    expect(countedIn(figures, share, contributionOf(invoice('issued', 'inv_1', 1, 7, 7)))).toBeUndefined();
    expect(
      countedIn(figures, share, contributionOf(event('invoice.issued', 'x', 1, { status: 'draft' }))),
    ).toBeUndefined();
  });

  it('understand every event that they are told of', () => {
    const data = { totals: { net: eur(1), open: eur(1) }, kind: 'call', occurredAt: '2026-02-01T00:00:00.000Z' };
    for (const type of figureEvents)
      expect(Object.keys(contributionOf(event(type, 'rec_1', 1, { status: 'issued', data })))).toHaveLength(1);
  });

  it('end the same whatever the order of the events and however often they come', () => {
    const types = fc.constantFrom('issued', 'partlyPaid', 'paid', 'credited', 'writtenOff', 'updated');
    const amounts = fc.record({ type: types, net: fc.integer({ min: 0, max: 9999 }), open: fc.nat(9999) });
    const histories = fc
      .tuple(
        fc.array(fc.array(amounts, { maxLength: 5 }), { maxLength: 3 }),
        fc.array(fc.nat(9999), { maxLength: 3 }),
        fc.array(fc.nat(50), { maxLength: 3 }),
      )
      .map(([invoices, credits, orders]) => [
        ...invoices.flatMap((steps, n) =>
          steps.map(({ type, net, open }, step) => invoice(type, `inv_${n}`, step + 1, net, open)),
        ),
        ...credits.map((net, n) => credit(`crn_${n}`, net)),
        ...orders.map((version, n) => order(`ord_${n}`, version)),
      ]);
    const shuffled = histories.chain((events) =>
      fc.tuple(
        fc.constant(events),
        fc.shuffledSubarray([...events, ...events], { minLength: events.length * 2, maxLength: events.length * 2 }),
      ),
    );
    fc.assert(
      fc.property(shuffled, ([events, shuffledOnes]) => {
        expect(figuresAfter(shuffledOnes)).toEqual(figuresAfter(events));
      }),
    );
  });
});
