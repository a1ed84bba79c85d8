import { describe, expect, it } from 'vitest';
import type { Json } from '../../infra/local/client.ts';
import { eventually } from '../support/eventually.ts';
import { codeOf } from '../support/refusal.ts';
import { api, unique } from '../support/stack.ts';

/** What another body of a policy would decide on a record, beside what the policy as it stands does. */
async function tried(name: string, body: object, recordId: string): Promise<Json> {
  const answer = await api.post(`/v1/policies/${name}/dry-run`, { body });
  expect(answer.tried).toBeGreaterThan(0);
  expect(answer.tried).toBeLessThanOrEqual(50);
  return answer.differing.find((one: Json) => one.recordId === recordId);
}

/** What it would decide otherwise on a record that a process may be moving from state to state: an index may be a moment behind. */
const otherwise = (name: string, body: object, recordId: string): Promise<Json> =>
  eventually(async () => {
    const found = await tried(name, body, recordId);
    expect(found).toBeDefined();
    return found;
  });

describe('a policy is tried on the past', () => {
  it('of how leads are scored, and handled', async () => {
    const company = unique('try');
    const { id, score } = await api.post('/v1/leads', { source: 'api', email: `jo@${company}.example`, company });
    const rules = [{ when: 'company', part: 'fit', points: 77, reason: 'is a company' }];
    expect(await otherwise('lead-scoring', { rules }, id)).toMatchObject({
      old: { decision: { grade: score.grade }, reasons: score.reasons },
      new: { decision: { fit: 77, grade: 'A3' }, reasons: ['fit +77: is a company'] },
    });
    const handled = await otherwise('lead-handling', { acceptWithin: 'PT1H', businessHours: false }, id);
    expect(Date.parse(handled.new.decision.acceptBy)).toBeLessThan(Date.parse(handled.old.decision.acceptBy));
    expect(handled.new.reasons[0]).toBe('PT1H around the clock to accept it');
  });

  it('of what may be offered without asking', async () => {
    const company = unique('try');
    const lead = await api.post('/v1/leads', { source: 'api', email: `jo@${company}.example`, company });
    await api.post(`/v1/leads/${lead.id}/qualify`);
    const { opportunityId } = await api.post(`/v1/leads/${lead.id}/convert`, { opportunity: { name: 'Desks' } });
    const line = { description: 'Desk', quantity: '1', unitPrice: { amount: 10_000, currency: 'EUR' } };
    const quote = await api.post('/v1/quotes', { opportunityId, lines: [{ ...line, discountPercent: '8' }] });
    expect(await api.post(`/v1/quotes/${quote.id}/submit`)).toMatchObject({ status: 'approved' });
    expect(await otherwise('quote-approval', { maxLineDiscountPercent: '5' }, quote.id)).toMatchObject({
      status: 'approved',
      old: { decision: { status: 'approved' }, reasons: ['Within the limits'] },
      new: { decision: { status: 'inApproval' }, reasons: ['Line 1 is 8 % below its price; 5 % are free'] },
    });
    expect(await tried('quote-approval', { maxLineDiscountPercent: '9' }, quote.id)).toBeUndefined();
  });

  it('of when customers are reminded, and of what is promised to them', async () => {
    const { id: accountId } = await api.post('/v1/accounts', { name: unique('Try ') });
    const lines = [{ description: 'Fan', quantity: '1', unitPrice: { amount: 1_000, currency: 'EUR' } }];
    const { id } = await api.post('/v1/invoices', { accountId, lines });
    const { dueOn } = await api.post(`/v1/invoices/${id}/issue`);
    const reminded = await otherwise('dunning', { levels: [{ key: 'reminder', after: 'P5D' }] }, id);
    expect(Object.keys(reminded.old.decision)).toEqual(['reminder', 'dunning1', 'dunning2', 'handOver']);
    expect(reminded.new).toMatchObject({
      decision: { reminder: expect.any(String) },
      reasons: [`reminder P5D after ${dueOn}`],
    });

    const { id: caseId } = await api.post('/v1/cases', { accountId, subject: 'It hums', priority: 'high' });
    const { sla } = await api.get(`/v1/cases/${caseId}`);
    const { body } = await api.get('/v1/policies/sla');
    const targets = { ...body.targets, high: { firstResponse: 'PT1H', resolution: 'PT8H' } };
    const promised = await otherwise('sla', { targets, businessHours: false }, caseId);
    expect(promised.old.decision.firstResponse.dueAt).toBe(sla.firstResponse.dueAt);
    expect(promised.new.reasons[0]).toBe('firstResponse: PT1H for high, around the clock');
  });

  it('which changes nothing, tells what would change, and refuses what its rules do not allow', async () => {
    const before = await api.get('/v1/policies/quotes');
    expect(await api.post('/v1/policies/quotes/dry-run', { body: { validFor: 'P3D' } })).toEqual({
      name: 'quotes',
      changes: { validFor: { old: before.body.validFor, new: 'P3D' } },
      tried: 0,
      differing: [],
    });
    expect(await api.get('/v1/policies/quotes')).toEqual(before);
    expect(await codeOf(api.post('/v1/policies/quotes/dry-run', { body: { validFor: 'soon' } }))).toBe(
      'request.invalid',
    );
    expect(await codeOf(api.post('/v1/policies/nothing/dry-run', { body: {} }))).toBe('policy.unknown');
  });
});
