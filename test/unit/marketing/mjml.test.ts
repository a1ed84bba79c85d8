import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { compiledLayouts, compiledPath } from '../../../infra/build/layouts.ts';
import { Settings } from '../../../shared/core/settings.ts';
import { compiled } from '../../../shared/marketing/layouts/compiled.ts';
import { messageFacts } from '../../../shared/marketing/message-facts.ts';
import { messagePage } from '../../../shared/marketing/message-page.ts';
import { renderMessage } from '../../../shared/marketing/message-template.ts';
import { mjmlToHtml } from '../../../shared/marketing/mjml.ts';
import { TemplateDetails } from '../../../shared/marketing/template-details.ts';
import { somebody } from './somebody.ts';

const facts = messageFacts(somebody({ contact: { tags: ['vip'] } }), Settings.defaults, 'https://crm.example/u/x');
const body = (inside: string) => `<mjml><mj-body>${inside}</mj-body></mjml>`;
const column = (inside: string) => body(`<mj-section><mj-column>${inside}</mj-column></mj-section>`);
const rendered = (mjml: string, layout: 'letter' | 'announcement' = 'letter') =>
  renderMessage({ subject: 'x', html: messagePage({ body: mjml, layout }) }, facts);

describe('the layouts', () => {
  it('are compiled as they stand (node infra/build/layouts.ts)', async () => {
    expect(compiled).toEqual(await compiledLayouts());
    expect(readFileSync(compiledPath, 'utf8')).toContain('node infra/build/layouts.ts');
  });

  it.each(['letter', 'announcement'] as const)(
    '%s holds the body, the sender and a way out, and loads nothing',
    (layout) => {
      const { html, text } = rendered('<p>Hi {{ contact.firstName }}</p>', layout);
      expect(html).toContain('<p>Hi Jo</p>');
      expect(text).toContain('Our Company');
      expect(text).toContain('Unsubscribe (https://crm.example/u/x)');
      expect(html.replaceAll('http://www.w3.org/1999/xhtml', '')).not.toMatch(/(src|url\(|@import|<link)/);
    },
  );
});

describe('a body in MJML', () => {
  it('becomes sections of columns, with its Liquid as it is', () => {
    const mjml = `<mjml>
      <mj-head><mj-title>x</mj-title><mj-preview>Ten days left</mj-preview></mj-head>
      <mj-body>
        <!-- <mj-carousel> -->
        <mj-section background-color="#eee"><mj-column>
          <mj-text font-size="20px">Hello {{ contact.firstName }} <b>&amp; all</b></mj-text>
          <mj-image src="https://ours.example/a.png" alt="A desk" />
        </mj-column><mj-column><mj-divider /><mj-spacer height="40px" /></mj-column></mj-section>
        {% if contact.tags contains 'vip' %}<mj-section><mj-column><mj-button href="https://ours.example/{{ contact.id }}">For you</mj-button></mj-column></mj-section>{% endif %}
      </mj-body></mjml>`;
    expect(TemplateDetails.parse({ name: 'x', subject: 'x', body: mjml, topic: 'offers' }).layout).toBe('letter');
    const { html, text } = rendered(mjml);
    expect(html).toContain('Hello Jo <b>&amp; all</b>');
    expect(html.match(/max-width:50%/g)).toHaveLength(2);
    expect(html).toContain(`href="https://ours.example/${facts.contact['id']}"`);
    expect(html).toContain('height:40px');
    expect(html).not.toMatch(/<\/?mj/);
    expect(text).toContain('Ten days left');
    expect(text).toContain('A desk');
    expect(text).toContain(`For you (https://ours.example/${facts.contact['id']})`);
  });

  it.each([
    [column('<mj-carousel />'), /<mj-carousel> does not stand in <mj-column>, which takes mj-text/],
    [body('<mj-text>x</mj-text>'), /<mj-text> does not stand in <mj-body>/],
    [body('\n\n<mj-hero>x</mj-hero>'), /line 3/],
    [body('<mj-section>'), /<\/mj-body> closes nothing/],
    [column('<mj-text>x'), /<mj-text> is not closed/],
    [column('words'), /outside of mj-text/],
    ['<mjml><mj-body>', /not closed/],
    [`${column('<mj-text>x</mj-text>')} more`, /after <\/mjml>/],
    ['<mjml><mj-head><mj-style>p{}</mj-style></mj-head></mjml>', /<mj-style> does not stand in <mj-head>/],
  ])('is refused where it says what we do not compile: %s', (mjml, why) => {
    expect(() => mjmlToHtml(mjml)).toThrow(why);
    const { error } = TemplateDetails.safeParse({ name: 'x', subject: 'x', body: mjml, topic: 'offers' });
    expect(error?.issues[0]).toMatchObject({ path: ['body'], message: expect.stringMatching(why) });
  });

  it.each([
    '<mj-text>'.repeat(3_500),
    `<mjml>${'<mj-body '.repeat(3_500)}`,
    `<mjml>${'<!--'.repeat(8_000)}`,
    `<mjml><mj-body>${'<mj-section/>'.repeat(2_400)}</mj-body></mjml>`,
    `<mjml>${' '.repeat(31_000)}x`,
  ])('is read in time that grows with its length alone', (mjml) => {
    const before = performance.now();
    TemplateDetails.safeParse({ name: 'x', subject: 'x', body: mjml, topic: 'offers' });
    expect(performance.now() - before).toBeLessThan(2_000);
  });
});
