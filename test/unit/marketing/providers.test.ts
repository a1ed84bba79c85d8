import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type Form, FormDetails, usualTarget } from '../../../shared/marketing/form.ts';
import { mapSubmission } from '../../../shared/marketing/map-submission.ts';
import { googleForms } from '../../../shared/marketing/providers/google-forms.ts';
import { answersTo, type Json, type Provider } from '../../../shared/marketing/providers/provider.ts';
import { typeform } from '../../../shared/marketing/providers/typeform.ts';
import { webflow } from '../../../shared/marketing/providers/webflow.ts';

const form = (...fields: object[]): Form =>
  ({
    ...FormDetails.parse({ name: 'x', fields }),
    id: 'frm_',
    honeypot: 'website',
    status: 'live',
    version: 1,
  }) as never;
const contact = form(
  { key: 'email' },
  { key: 'firstName' },
  { key: 'phone' },
  { key: 'message', from: ['q-7'] },
  { key: 'news' },
);
const read = (provider: Provider, body: Json) => Object.fromEntries(answersTo(contact, provider.answers(body)));

describe('Typeform', () => {
  const answer = (type: string, value: unknown, field: object = { id: type, type }) => ({ type, [type]: value, field });
  it.each([
    ['text', 'a', ['a']],
    ['email', 'a@b.example', ['a@b.example']],
    ['phone_number', '+34612345678', ['+34612345678']],
    ['number', 7, ['7']],
    ['boolean', true, ['true']],
    ['date', '2026-01-01', ['2026-01-01']],
    ['url', 'https://a.example', ['https://a.example']],
    ['file_url', 'https://a.example/f', ['https://a.example/f']],
    ['choice', { id: 'c', label: 'A', ref: 'r' }, ['A']],
    ['choice', { other: 'mine' }, ['mine']],
    ['choices', { ids: ['c'], labels: ['A', 'B'], other: 'C' }, ['A', 'B', 'C']],
    ['payment', { amount: '€ 10', last4: '1234', name: 'Jo' }, ['€ 10', '1234', 'Jo']],
    ['of_the_future', { deep: [{ text: 'x' }] }, ['x']],
  ])('tells a %s', (type, value, values) => {
    expect(typeform.answers({ form_response: { answers: [answer(type, value)] } })).toMatchObject([{ values }]);
  });

  it('finds the field by reference, title or kind, and takes hidden fields', () => {
    const body = {
      event_id: 'E1',
      form_response: {
        form_id: 'F1',
        token: 'T1',
        hidden: { utm_source: 'x' },
        definition: { fields: [{ id: 'f2', title: 'First name' }] },
        answers: [
          answer('email', 'a@b.example'),
          answer('text', 'Jo', { id: 'f2' }),
          answer('phone_number', '+34612345678'),
          answer('text', 'Hello', { id: 'f9', ref: 'q-7' }),
        ],
      },
    };
    expect(read(typeform, body)).toEqual({
      email: ['a@b.example'],
      firstName: ['Jo'],
      phone: ['+34612345678'],
      message: ['Hello'],
      utm_source: ['x'],
    });
    expect([typeform.event(body), typeform.forms(body)]).toEqual(['E1', ['F1']]);
  });

  it('finds questions of a group, a whole name from its parts, and the box that a question is about', () => {
    const group = {
      id: 'g',
      title: 'You',
      properties: {
        fields: [
          { id: 'a', title: 'First name' },
          { id: 'b', title: 'Last name' },
        ],
      },
    };
    const asks = { id: 'n', title: 'Send me the news.', type: 'yes_no' };
    const given = [
      answer('text', 'Jo', { id: 'a' }),
      answer('text', 'Ruiz', { id: 'b' }),
      answer('boolean', true, { id: 'n' }),
      answer('text', 'Red', { id: 'c', ref: 'r' }),
    ];
    const news = {
      ...form({ key: 'email' }, { key: 'name' }),
      consents: [{ topic: 'newsletter', channel: 'email', text: 'Send me the news.', required: false }],
    } as Form;
    const body = {
      form_response: { definition: { fields: [group, asks, { id: 'c', title: 'Which colour?' }] }, answers: given },
    };
    const answers = answersTo(news, typeform.answers(body));
    expect(Object.fromEntries(answers)).toEqual({
      name: ['Jo', 'Ruiz'],
      newsletter: ['true'],
      'Which colour?': ['Red'],
    });
    const { lead, consents, transcript } = mapSubmission(
      news,
      answers,
      { country: 'ES', currency: 'EUR' },
      { provider: 'typeform' },
    );
    expect(lead).toMatchObject({ firstName: 'Jo', lastName: 'Ruiz' });
    expect(consents).toMatchObject([{ topic: 'newsletter' }]);
    expect(transcript).toContain('Which colour?: Red');
  });
});

describe('Webflow', () => {
  it.each([
    [
      { name: 'Contact', site: 's', data: { Email: 'a@b.example', 'First-Name': 'Jo' }, _id: '1' },
      '1',
      ['Contact', 's'],
    ],
    [
      {
        triggerType: 'form_submission',
        payload: {
          id: '2',
          formId: 'f',
          formElementId: 'e',
          name: 'Contact',
          data: { Email: 'a@b.example', 'First Name': 'Jo' },
        },
      },
      '2',
      ['f', 'e', 'Contact'],
    ],
  ])('tells %j', (body, event, forms) => {
    expect(read(webflow, body)).toEqual({ email: ['a@b.example'], firstName: ['Jo'] });
    expect([webflow.event(body), webflow.forms(body)]).toEqual([event, forms]);
  });
});

describe('Google Forms', () => {
  const texts = (...values: string[]) => ({ textAnswers: { answers: values.map((value) => ({ value })) } });
  it.each([
    [
      {
        responseId: 'R',
        answers: { 'q-7': { questionId: 'q-7', ...texts('Hello', 'there') } },
        respondentEmail: 'a@b.example',
      },
    ],
    [
      {
        formId: 'G',
        response: { responseId: 'R', respondentEmail: 'a@b.example', answers: { 'q-7': texts('Hello', 'there') } },
      },
    ],
    [{ namedValues: { Message: ['Hello', 'there'], 'E-mail': ['a@b.example'] } }],
    [
      {
        responses: [
          { title: 'Message', response: ['Hello', 'there'] },
          { title: 'Email', response: 'a@b.example' },
        ],
      },
    ],
  ])('tells %j', (body) => {
    expect(read(googleForms, body)).toEqual({ email: ['a@b.example'], message: ['Hello', 'there'] });
  });

  it('knows an edited response as another one', () => {
    const event = (lastSubmittedTime: string) => googleForms.event({ responseId: 'R', lastSubmittedTime });
    expect(event('1')).not.toBe(event('2'));
  });
});

describe('what a question is about', () => {
  it.each([
    ['Email Address', 'email'],
    ['your-email', 'email'],
    ['What is your work e-mail?', 'email'],
    ['phone_number', 'phone'],
    ["What's your first name?", 'firstName'],
    ['Company Name', 'company'],
    ['Your Message', 'message'],
    ['constructor', 'custom'],
    ['Newsletter', 'custom'],
  ])('%s: %s', (name, target) => {
    expect(usualTarget(name)).toBe(target);
  });
});

describe('what providers are recorded to send', () => {
  const folder = join(import.meta.dirname, '../../../../shared/data/webhooks/forms');
  const cases: [string, Provider, number][] = [
    ['typeform--new_submission.json', typeform, 1],
    ['trigger.dev-typeform--form_response.json', typeform, 14],
    ['webflow--new_submission.json', webflow, 1],
    ['google-forms--new_response.json', googleForms, 3],
  ];
  it.skipIf(!existsSync(folder)).each(cases)(
    '%s is read whole (needs ../shared/data/webhooks)',
    (file, provider, count) => {
      const body = JSON.parse(readFileSync(join(folder, file), 'utf8')) as Json;
      const told = provider.answers(body);
      expect(told).toHaveLength(count);
      expect(told.every(({ names, values }) => names.length && values.length)).toBe(true);
      expect(provider.event(body)).toBeTruthy();
      answersTo(contact, told);
    },
  );
});
