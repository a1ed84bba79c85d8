import { describe, expect, it } from 'vitest';
import type { Json, Problem } from '../../infra/local/client.ts';
import { agree, suppress } from '../support/marketing.ts';
import { api, unique } from '../support/stack.ts';

const refused = (answer: Promise<Json>): Promise<Problem['body']> =>
  answer.then(
    (body) => Promise.reject(new Error(`It was not refused: ${JSON.stringify(body)}`)),
    ({ body }: Problem) => body,
  );
const somebody = async (more: object = {}, account: object = {}): Promise<Json> => {
  const { id: accountId } = await api.post('/v1/accounts', { name: unique('Acme '), stage: 'customer', ...account });
  return api.post('/v1/contacts', { accountId, firstName: 'Jo', emails: [`${unique('jo')}@acme.example`], ...more });
};

describe('a segment', () => {
  it('is previewed with counts, the reasons of those who get nothing, and a sample', async () => {
    const tag = unique('t');
    const madrid = { location: { lat: 40.4168, lon: -3.7038 }, tags: [tag] };
    const people = await Promise.all([
      somebody({ tags: ['newsletter'] }, madrid),
      somebody({ tags: ['newsletter'] }, madrid),
      somebody({ tags: ['newsletter'] }, madrid),
      somebody({ tags: ['newsletter'], emails: [] }, madrid),
      somebody({ tags: [] }, madrid),
      somebody({ tags: ['newsletter'] }, { ...madrid, location: { lat: 41.3874, lon: 2.1686 } }),
    ]);
    const [fine, agreedNot, suppressed, silent] = people;
    for (const { id } of [fine, suppressed]) await agree(id);
    await suppress(suppressed.emails[0]);
    const rule = {
      all: [
        { fact: 'account.tags', has: tag },
        { fact: 'account.stage', is: 'customer' },
        { fact: 'account.location', within: { lat: 40.42, lon: -3.7, km: 50 } },
        {
          any: [
            { fact: 'profile.lastOrderAt', before: 'P90D' },
            { fact: 'contact.tags', has: 'newsletter' },
          ],
        },
      ],
    };
    const segment = await api.post('/v1/segments', { name: 'Customers near Madrid', rule });
    expect(segment.rule).toEqual(rule);
    const preview = await api.post(`/v1/segments/${segment.id}/preview`);
    expect(preview).toMatchObject({
      count: 4,
      eligible: 1,
      excluded: { suppressed: 1, noConsent: 1, noAddress: 1, frequencyCap: 0 },
      complete: true,
    });
    const sample = new Map(preview.sample.map((one: Json) => [one.contactId, one]));
    expect(sample.get(fine.id)).toEqual({ contactId: fine.id, email: fine.emails[0] });
    expect(sample.get(agreedNot.id)).toMatchObject({ reason: 'consent.missing' });
    expect(sample.get(suppressed.id)).toMatchObject({ reason: 'suppressed' });
    expect(sample.get(silent.id)).toEqual({ contactId: silent.id, reason: 'noAddress' });
    expect(await api.post(`/v1/segments/${segment.id}/preview`, { topic: 'offers' })).toMatchObject({
      excluded: { noConsent: 2 },
    });
    const why = await api.post(`/v1/segments/${segment.id}/explain`, { contactId: people[5].id });
    expect(why).toMatchObject({
      holds: false,
      verdict: { all: [{ holds: true }, { holds: true }, { holds: false }, {}] },
    });
  });

  it('is refused with a pointer into its rule, and edited as a whole', async () => {
    const rule = {
      all: [
        { fact: 'account.stage', is: 'customer' },
        { fact: 'account.size', has: 3 },
      ],
    };
    expect(await refused(api.post('/v1/segments', { name: 'x', rule }))).toMatchObject({
      status: 400,
      code: 'request.invalid',
      errors: [{ pointer: '#/rule/all/1/has' }],
    });
    const { id } = await api.post('/v1/segments', { name: 'x', rule: { all: [] } });
    const other = { any: [{ fact: 'contact.role', startsWith: 'head' }] };
    expect(await api.patch(`/v1/segments/${id}`, { rule: other })).toMatchObject({ version: 2, rule: other });
    const { data } = await api.get('/v1/segments?limit=200');
    expect(data.map((one: Json) => one.id)).toContain(id);
    await api.delete(`/v1/segments/${id}`);
    expect(await refused(api.post(`/v1/segments/${id}/preview`))).toMatchObject({ code: 'record.wrongState' });
    expect(await api.post(`/v1/segments/${id}/restore`)).toMatchObject({ rule: other });
  });
});

describe('a template', () => {
  it('is rendered for a contact', async () => {
    const template = await api.post('/v1/templates', {
      name: 'Spring',
      subject: '{{ contact.firstName }}, ten days left',
      body: '<h1>Hello {{ contact.firstName }}</h1><p>{{ account.name }}</p>',
      topic: 'newsletter',
    });
    const jo = await somebody({}, { name: 'R & D <Ltd>' });
    const { subject, html, text } = await api.post(`/v1/templates/${template.id}/render`, { contactId: jo.id });
    expect(subject).toBe('Jo, ten days left');
    expect(html).toContain('R &amp; D &lt;Ltd&gt;');
    expect(text).toContain('R & D <Ltd>');
    const gone = `con_${'0'.repeat(40)}`;
    expect(await refused(api.post(`/v1/templates/${template.id}/render`, { contactId: gone }))).toMatchObject({
      code: 'reference.unknown',
      errors: [{ pointer: '#/contactId' }],
    });
    const wrong = { name: 'x', subject: '{{ nobody }}', body: '{% include "x" %}', topic: 'newsletter' };
    expect(await refused(api.post('/v1/templates', wrong))).toMatchObject({
      code: 'request.invalid',
      errors: [{ pointer: '#/subject' }, { pointer: '#/body' }],
    });
    const bomb = '{% for i in (1..100000000) %}x{% endfor %}';
    const { id } = await api.post('/v1/templates', { name: 'x', subject: 'x', body: bomb, topic: 'newsletter' });
    expect(await refused(api.post(`/v1/templates/${id}/render`, { contactId: jo.id }))).toMatchObject({
      status: 422,
      code: 'template.unrenderable',
    });
  });
});
