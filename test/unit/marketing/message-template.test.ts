import { describe, expect, it } from 'vitest';
import { Settings } from '../../../shared/core/settings.ts';
import { htmlToText } from '../../../shared/mail/html-to-text.ts';
import { messageFacts } from '../../../shared/marketing/message-facts.ts';
import { messagePage } from '../../../shared/marketing/message-page.ts';
import { renderMessage } from '../../../shared/marketing/message-template.ts';
import { TemplateDetails } from '../../../shared/marketing/template-details.ts';
import { somebody } from './somebody.ts';

const url = 'https://crm.example/u/abc.def';
const factsOf = (more: Parameters<typeof somebody>[0] = {}) => messageFacts(somebody(more), Settings.defaults, url);
const rendered = (body: string, subject = 'Hello', more: Parameters<typeof somebody>[0] = {}) =>
  renderMessage({ subject, html: messagePage({ body, layout: 'letter' }) }, factsOf(more));
const said = (details: object) =>
  TemplateDetails.safeParse({ name: 'Spring', subject: 'Hello', body: '<p>Hi</p>', topic: 'newsletter', ...details });

describe('a template', () => {
  it('is filled with what is known of its reader', () => {
    const { subject, html, text } = rendered(
      '<p>Dear {{ contact.name }} of {{ account.name }}</p>',
      '{{ contact.firstName }}, ten days left',
    );
    expect(subject).toBe('Jo, ten days left');
    expect(html).toContain('<p>Dear Jo Ruiz of Acme Ltd</p>');
    expect(text).toContain('Dear Jo Ruiz of Acme Ltd');
  });

  it('lets nobody break out of its markup or of its subject', () => {
    const contact = { firstName: '<script>alert(1)</script>', lastName: 'x\r\nBcc: all@acme.example' };
    const { subject, html } = rendered(
      '<p title="{{ contact.lastName }}">{{ contact.firstName }}</p>',
      '{{ contact.lastName }}',
      { contact },
    );
    expect(html).not.toContain('<script>');
    expect(html).toContain('&lt;script&gt;');
    expect(subject).toBe('x Bcc: all@acme.example');
  });

  it('says nothing where nothing is known', () => {
    const body =
      '<p>{{ contact.role }}{{ contact.custom.hobby }}{{ account.custom.constructor }}{{ contact.__proto__ }}|</p>';
    expect(rendered(body).html).toContain('<p>|</p>');
  });

  it('has a way out, its own or ours', () => {
    expect(rendered('<p>Hi</p>').html).toContain(`<a href="${url}"`);
    expect(rendered('<p>Hi</p>').text).toContain(url);
    const own = rendered('<p>Hi</p><a href="{{ unsubscribeUrl }}">leave</a>').html;
    expect(own.split(url)).toHaveLength(2);
  });

  it.each([
    ['a missing bracket', { body: '<p>{{ contact.firstName </p>' }, /not closed/],
    ['an unknown tag', { body: '{% include "other" %}' }, /tag "include" not found/],
    ['an unknown filter', { body: '{{ contact.name | shout }}' }, /undefined filter/],
    ['markup of a contact’s own', { body: '{{ contact.name | raw }}' }, /undefined filter/],
    [
      'an unknown variable',
      { body: '<p>\n{{ contact.frstName }}</p>' },
      /no variable contact.frstName \(line 2, column 4\)/,
    ],
    ['an unknown variable in the subject', { subject: '{{ name }}' }, /no variable name/],
    ['a tag that is not closed', { body: '{% if contact.role %}x' }, /not closed/],
  ])('is refused with %s', (_, details, why) => {
    const { error } = said(details);
    expect(error?.issues).toHaveLength(1);
    expect(error?.issues[0]?.path).toEqual(Object.keys(details));
    expect(error?.issues[0]?.message).toMatch(why);
  });

  it('may use loops, defaults and fields of one’s own', () => {
    const body =
      '{% for tag in contact.tags %}<b>{{ tag }}</b>{{ forloop.index }}{% endfor %}{% assign n = account.custom.seats | plus: 1 %}{{ n }}{{ contact.role | default: "you" }}';
    expect(said({ body }).success).toBe(true);
    expect(rendered(body, 'x', { contact: { tags: ['a', 'b'] }, account: { custom: { seats: 4 } } }).html).toContain(
      '<b>a</b>1<b>b</b>25you',
    );
  });

  it.each([
    '{% for i in (1..1000000000) %}x{% endfor %}',
    '{% for i in (1..30000) %}{% for j in (1..30000) %}x{% endfor %}{% endfor %}',
    `${'{% for i in (1..100) %}'.repeat(6)}x${'{% endfor %}'.repeat(6)}`,
    '{% assign a = "xxxxxxxxxx" %}{% for i in (1..100) %}{% assign a = a | append: a %}{% endfor %}{{ a }}',
    '{% for i in (1..20000) %}{{ contact.name }} and a longer text that fills the page{% endfor %}',
  ])('that is a bomb ends as a fault, soon: %s', (body) => {
    const before = performance.now();
    expect(() => rendered(body)).toThrow(expect.objectContaining({ name: 'LiquidError' }));
    expect(performance.now() - before).toBeLessThan(5_000);
  });
});

describe('the text of a mail', () => {
  it.each([
    ['<h1>Spring</h1><p>Ten&nbsp;days  left.<br>Come &amp; see</p>', 'Spring\n\nTen days left.\nCome & see'],
    ['<a href="https://acme.example/a?b=1&amp;c=2">Offer</a>', 'Offer (https://acme.example/a?b=1&c=2)'],
    ['<a href="javascript:alert(1)">Offer</a>', 'Offer'],
    ['<ul><li>one</li><li>two</li></ul>', '- one\n- two'],
    ['<style>p{}</style><title>x</title><p>y</p><!-- z -->', 'y'],
    ['<img src="a.png" alt="A chart">', 'A chart'],
    ['<table><tr><td>a</td><td>b</td></tr></table>', 'a b'],
    ['a < b and &#8364;&#x20ac;', 'a < b and €€'],
    ['&#0;&bogus;', '&bogus;'],
  ])('%s', (html, text) => {
    expect(htmlToText(html, { whole: true })).toBe(text);
  });

  it.each([
    '<div>'.repeat(50_000),
    '<!--'.repeat(50_000),
    '<a href='.repeat(50_000),
    `<a ${' '.repeat(100_000)}href`,
    '<'.repeat(100_000),
    '&'.repeat(100_000),
  ])('is made in time that grows with its length alone', (html) => {
    const before = performance.now();
    htmlToText(html, { whole: true });
    expect(performance.now() - before).toBeLessThan(2_000);
  });
});
