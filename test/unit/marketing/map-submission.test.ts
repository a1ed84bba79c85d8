import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { getCountryCallingCode } from 'libphonenumber-js';
import examples from 'libphonenumber-js/mobile/examples';
import { describe, expect, it } from 'vitest';
import { type Answers, answersIn, isTicked, missingIn } from '../../../shared/marketing/answers.ts';
import { consentsAsked, Form, FormDetails } from '../../../shared/marketing/form.ts';
import { formPage } from '../../../shared/marketing/form-page.ts';
import { emailIn, mapSubmission, moneyIn, nameIn, phoneIn, tidied } from '../../../shared/marketing/map-submission.ts';
import { LeadDetails } from '../../../shared/sales/lead.ts';

const here = { country: 'DE', currency: 'EUR' };
const formOf = (fields: object[], more: object = {}): Form =>
  Form.schema.parse({
    ...FormDetails.parse({ name: 'Contact', fields, ...more }),
    id: `frm_${'0'.repeat(26)}`,
    honeypot: 'website',
    status: 'live',
    version: 3,
    createdAt: '2026-01-01T00:00:00Z',
    updatedAt: '2026-01-01T00:00:00Z',
    createdBy: 'x',
  });
const answers = (body: object): Answers =>
  new Map(
    Object.entries(body).map(([name, value]) => [
      name,
      [value].flat().flatMap((one) => (one === false || one === '' ? [] : [String(one)])),
    ]),
  );
const contact = formOf([
  { key: 'email', required: true },
  { key: 'name' },
  { key: 'phone' },
  { key: 'message' },
  { key: 'budget' },
  { key: 'country' },
  { key: 'interests' },
  { key: 'size', options: ['small', { value: 'l', label: 'Large' }] },
  { key: 'urgent', type: 'checkbox' },
  { key: 'seats', type: 'number' },
]);
const mapped = (body: object, form = contact) => mapSubmission(form, answers(body), here);
const codes = (body: object, form = contact) => mapped(body, form).faults.map(({ pointer, code }) => [pointer, code]);

describe('the answers of a form', () => {
  it.each([
    [
      '{"a":1,"b":true,"c":false,"d":null,"e":["x","y"],"f":""}',
      'application/json',
      { a: ['1'], b: ['true'], e: ['x', 'y'] },
    ],
    [
      '{"utm":{"source":"x"},"fields":{"email":"e"}}',
      'application/json; charset=utf-8',
      { utm_source: ['x'], source: ['x'], email: ['e'], fields_email: ['e'] },
    ],
    ['a=1&a=2&b=&c=%20x+y', 'application/x-www-form-urlencoded;charset=UTF-8', { a: ['1', '2'], c: [' x y'] }],
    ['', 'application/json', {}],
    ['\uFEFF{"a":1}', 'application/json', { a: ['1'] }],
    [
      '--X\r\nContent-Disposition: form-data; name="a"\r\n\r\n1\r\n--X\r\nContent-Disposition: form-data; name="f"; filename="plan.pdf"\r\nContent-Type: application/pdf\r\n\r\nx\r\n--X--\r\n',
      'multipart/form-data; boundary=X',
      { a: ['1'], f: ['plan.pdf'] },
    ],
  ])('%s (%s)', async (body, type, expected) => {
    expect(Object.fromEntries(await answersIn(Buffer.from(body), type))).toEqual(expected);
  });

  it('are read in no time, however many there are of one name', async () => {
    const began = performance.now();
    await answersIn(Buffer.from(`${'{"a":'.repeat(30)}[${'1,'.repeat(32_000)}1]${'}'.repeat(30)}`), 'application/json');
    expect(performance.now() - began).toBeLessThan(1_000);
  });

  it.each([
    ['text/plain', 'a'],
    ['application/json', '[1]'],
    ['application/json', '{'],
    ['multipart/form-data; boundary=X', '--Y'],
    ['multipart/form-data', 'a'],
    ['application/json', `${'{"a":'.repeat(40)}1${'}'.repeat(40)}`],
  ])('refuses %s %s', async (type, body) => {
    await expect(answersIn(Buffer.from(body), type)).rejects.toMatchObject({ name: 'Refusal' });
  });
});

describe('what answers come to', () => {
  it('is a lead, a transcript, and what was agreed to', () => {
    const form = formOf(
      [{ key: 'email' }, { key: 'optin', mapsTo: 'consent', topic: 'offers', label: 'Yes, offers' }, { key: 'color' }],
      {
        consents: [
          { topic: 'newsletter', text: 'Send me news' },
          { topic: 'offers', text: 'Send me offers', version: 4 },
        ],
      },
    );
    const { lead, consents, transcript, faults } = mapped(
      { email: 'Jo@Acme.Example', optin: 'yes', newsletter: 'off', color: 'red', utm_campaign: 'x', gclid: 'g' },
      form,
    );
    expect(lead).toEqual({
      source: 'form',
      email: 'jo@acme.example',
      custom: { color: 'red' },
      utm: { campaign: 'x', gclid: 'g' },
    });
    expect(consents).toMatchObject([{ name: 'optin', topic: 'offers', text: 'Send me offers', textVersion: 4 }]);
    expect(transcript).toBe('Email: Jo@Acme.Example\nColor: red\nAgreed to: Send me offers');
    expect(faults).toEqual([]);
  });

  it.each([
    [{}, [['#/email', 'required']]],
    [{ email: 'jo' }, [['#/email', 'email.invalid']]],
    [{ email: 'a@b.example', phone: 'none' }, [['#/phone', 'phone.invalid']]],
    [{ email: 'a@b.example', budget: 'lots' }, [['#/budget', 'budget.invalid']]],
    [{ email: 'a@b.example', size: 'huge' }, [['#/size', 'option.unknown']]],
    [{ email: 'a@b.example', seats: 'x' }, [['#/seats', 'number.invalid']]],
    [{ email: 'a@b.example', message: 'x'.repeat(32_001) }, [['#/message', 'text.tooLong']]],
    [{ email: 'a@b.example', size: 'Large', seats: '1,5', urgent: 'on' }, []],
  ])('%j has the faults %j', (body, faults) => expect(codes(body)).toEqual(faults));

  it('needs somebody who is named', () => {
    expect(codes({ note: 'hello' }, formOf([{ key: 'note' }]))).toEqual([['#', 'identity.missing']]);
  });

  it.each([
    [' Jo \t\u0000 Ruiz\u202e ', 'Jo Ruiz'],
    ['\u200b', undefined],
    ['\ud800x', '\ufffdx'],
    ['x'.repeat(300), 'x'.repeat(100)],
    [`${'x'.repeat(99)}👩`, 'x'.repeat(99)],
  ])('reads the name %j as %j', (text, name) => {
    expect(tidied(text)?.replace(/\ufffd$/, '')).toBe(name?.replace(/\ufffd$/, ''));
  });

  it.each([
    ['Jo Ruiz', 'Jo', 'Ruiz'],
    ['Ruiz, Jo', 'Jo', 'Ruiz'],
    ['Jo', 'Jo', undefined],
    ['Mary  Ann Lee', 'Mary Ann', 'Lee'],
    ['', undefined, undefined],
  ])('reads the whole name %j', (text, firstName, lastName) => {
    expect({ ...{ firstName: undefined, lastName: undefined }, ...nameIn(text) }).toEqual({ firstName, lastName });
  });

  it.each([
    [' JO@Acme.Example ', 'jo@acme.example'],
    ['jo@müller.example', 'jo@xn--mller-kva.example'],
    ['jo', undefined],
    ['a@b@c.example', undefined],
    ['jo@acme.example\nbcc: x@y.example', undefined],
  ])('reads the address %j as %j', (text, email) => expect(emailIn(text)).toBe(email));

  it.each([
    ['1500', 150_000],
    ['1,500.00', 150_000],
    ['1.500,5 €', 150_050],
    ['EUR 20', 2_000],
    ['1.5', 150],
    ['1.500', 150_000],
    ['-3', undefined],
    ['many', undefined],
    ['999999999999999', undefined],
  ])('reads the amount %j as %j', (text, amount) => expect(moneyIn(text, 'EUR')?.amount).toBe(amount));

  it('reads the numbers of every country: with its code, and by the country of the form', () => {
    for (const [country, national] of Object.entries(examples)) {
      const whole = `+${getCountryCallingCode(country as 'DE')}${national}`;
      const { lead, faults } = mapped({ email: 'a@b.example', phone: whole });
      expect([country, lead.phone, faults]).toEqual([country, whole, []]);
      expect([country, phoneIn(national, country)]).toEqual([country, whole]);
    }
  });

  it('never breaks, and always makes what a lead takes, whatever is sent', () => {
    const value = fc.oneof(fc.string({ unit: 'binary' }), fc.integer(), fc.boolean(), fc.constant(null));
    const keys = fc.constantFrom(...contact.fields.map(({ key }) => key), 'utm_x', 'toString');
    const body = fc.dictionary(keys, fc.oneof(value, fc.array(value, { maxLength: 3 })));
    fc.assert(
      fc.property(body, (said) => {
        const { lead, faults, transcript } = mapSubmission(contact, answers(said), here);
        if (!faults.length) LeadDetails.parse(lead);
        expect(transcript.length).toBeLessThanOrEqual(32_000);
        const { text } = formPage({ form: contact, answers: answers(said), faults, token: 't' });
        expect(text.replaceAll(/<[^<>]*>/g, '')).not.toMatch(/[<>]/);
      }),
      { numRuns: 500 },
    );
  });
});

describe('naughty strings', () => {
  const file = join(import.meta.dirname, '../../../../shared/data/edge/blns.json');
  const strings = existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as string[]) : [];
  it.skipIf(!strings.length)('are stored as given, and escaped on the page (needs ../shared/data/edge)', () => {
    for (const message of strings) {
      const { lead, faults } = mapped({ email: 'a@b.example', name: message, message });
      expect(faults).toEqual([]);
      expect(lead.message).toBe(message.trim() ? message : undefined);
      const { text } = formPage({ form: contact, answers: answers({ message }), token: 't' });
      expect(text).not.toMatch(/<(?:script|img|svg|iframe)\b/i);
    }
  });
});

describe('what a form asks', () => {
  it('is every text and every box, once a topic', () => {
    const form = formOf(
      [
        { key: 'a', mapsTo: 'consent', topic: 'News', required: true },
        { key: 'b', mapsTo: 'consent' },
      ],
      {
        consents: [
          { topic: 'news', text: 'News by mail' },
          { topic: 'sms', channel: 'sms', text: 'News by SMS' },
        ],
      },
    );
    expect(consentsAsked(form).map(({ name, topic, channel, text }) => [name, topic, channel, text])).toEqual([
      ['a', 'news', 'email', 'News by mail'],
      ['b', 'b', 'email', 'B'],
      ['sms', 'sms', 'sms', 'News by SMS'],
    ]);
    expect(missingIn(form, answers({ sms: 'on' })).map(({ pointer }) => pointer)).toEqual(['#/a']);
    expect(missingIn(form, answers({ consents: ['news'] }))).toEqual([]);
    for (const said of ['No', 'No, thanks', 'não', 'Nein danke', 'off', ' false '])
      expect(isTicked(answers({ news: said }), 'news'), said).toBe(false);
    for (const said of ['on', 'Yes, please', 'Non-profit', 'novel', 'x'])
      expect(isTicked(answers({ news: said }), 'news'), said).toBe(true);
  });
});
