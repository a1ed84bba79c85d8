import { describe, expect, it } from 'vitest';
import { withTrackedLinks } from '../../../shared/marketing/campaign-mail.ts';
import { isHuman, isPeek } from '../../../shared/marketing/human.ts';

describe('links of a campaign', () => {
  const through = async (to: string) => `https://us.example/c/${Buffer.from(to).toString('base64url')}`;
  const tracked = (html: string) => withTrackedLinks(html, 'https://us.example/u/way-out', through);
  it('lead by way of ours, to the address that was written', async () => {
    const html = await tracked(
      '<a class="x" href="https://shop.example/?a=1&amp;b=2">See</a> <A HREF=\'http://b.example\'>b</A>',
    );
    const targets = [...html.matchAll(/\/c\/([\w-]+)/g)].map(([, at = '']) => Buffer.from(at, 'base64url').toString());
    expect(targets).toEqual(['https://shop.example/?a=1&b=2', 'http://b.example']);
  });
  it.each([
    '<a href="https://us.example/u/way-out">Unsubscribe</a>',
    '<a href="mailto:jo@acme.example">Write</a>',
    '<img src="https://shop.example/i.png">',
    '<p>https://shop.example</p>',
  ])('but not %s', async (html) => {
    expect(await tracked(html)).toBe(html);
  });
});

describe('a human', () => {
  const browser = 'Mozilla/5.0 (Windows NT 10.0) Firefox/150.0';
  const sentAt = '2026-03-01T10:00:00.000Z';
  it.each([
    [browser, '2026-03-01T10:00:05.000Z', true],
    [browser, '2026-03-01T10:00:00.500Z', false],
    ['Mozilla/5.0 (compatible; Googlebot/2.1)', '2026-03-01T11:00:00.000Z', false],
    ['Mozilla/5.0 (via ggpht.com GoogleImageProxy)', '2026-03-01T11:00:00.000Z', false],
    ['Barracuda Sentinel (EE)', '2026-03-01T11:00:00.000Z', false],
    [undefined, '2026-03-01T11:00:00.000Z', true],
  ])('%s at %s: %s', (userAgent, at, human) => {
    expect(isHuman({ at: new Date(at), userAgent }, sentAt, 1_000)).toBe(human);
  });
  it.each([
    ['HEAD', {}, true],
    ['GET', { 'sec-purpose': 'prefetch;prerender' }, true],
    ['GET', { purpose: 'prefetch' }, true],
    ['GET', { 'x-purpose': 'preview' }, true],
    ['GET', { accept: 'text/html' }, false],
  ])('%s with %j only peeks: %s', (method, headers, peeks) => {
    expect(isPeek(method, headers)).toBe(peeks);
  });
});
