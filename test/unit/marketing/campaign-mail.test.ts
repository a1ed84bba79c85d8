import { describe, expect, it } from 'vitest';
import { isHuman, isPeek } from '../../../shared/marketing/human.ts';
import { withTrackedLinks } from '../../../shared/marketing/tracked-links.ts';

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
    [undefined, '2026-03-01T11:00:00.000Z', false],
  ])('%s at %s: %s', (userAgent, at, human) => {
    expect(isHuman({ at: new Date(at), userAgent }, sentAt, 1_000)).toBe(human);
  });
  const later = { at: new Date('2026-03-01T11:00:00.000Z') };
  it.each([
    ...['curl/8.5.0', 'python-requests/2.32.3', 'Go-http-client/1.1', 'Java/17.0.2', 'axios/1.7.2', 'okhttp/4.12.0'],
    ...['Wget/1.21.4', 'Apache-HttpClient/4.5.14 (Java/17)', 'libwww-perl/6.77', 'node', 'node-fetch/1.0', 'undici'],
    ...[
      'PostmanRuntime/7.39.0',
      'Amazon CloudFront',
      'Ruby',
      'Python/3.12 aiohttp/3.9.5',
      'python-httpx/0.27.0',
      'PHP',
    ],
    ...['', ' ', '-', 'Outlook', 'Opera', 'Mozilla', 'GuzzleHttp/7', 'Slackbot-LinkExpanding 1.0', 'WhatsApp/2.23'],
    'Mozilla/5.0 (Windows NT; Windows NT 10.0; en-US) WindowsPowerShell/5.1.22621.963',
    'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) HeadlessChrome/120.0.0.0 Safari/537.36',
    'Mozilla/5.0 (compatible; AhrefsSiteAudit/6.1; +http://ahrefs.com/robot/)',
    'Mozilla/5.0 (compatible; Let us see)',
    'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/538.1 (KHTML, like Gecko) PhantomJS/2.1.1 Safari/538.1',
    'Mozilla/5.0 (X11; Linux x86_64) python-requests/2.31',
    'Mozilla/4.0 (compatible; Win32; WinHttp.WinHttpRequest.5)',
    'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/120.0.0.0 Safari/537.36 Google-Safety',
  ])('is not %j', (userAgent) => expect(isHuman({ ...later, userAgent }, sentAt, 1_000)).toBe(false));
  it.each([
    'Mozilla/5.0 (X11; Linux x86_64; rv:150.0) Gecko/20100101 Firefox/150.0',
    'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.4 Safari/605.1.15',
    'Mozilla/5.0 (Linux; Android 14; CUBOT X30) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Mobile Safari/537.36',
    'Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15',
    'Mozilla/5.0 (compatible; MSIE 10.0; Windows NT 6.2; Trident/6.0)',
    'Mozilla/4.0 (compatible; MSIE 7.0; Windows NT 10.0; WOW64; Trident/7.0; .NET4.0C; Microsoft Outlook 16.0.17328)',
    'Mozilla/5.0 (Windows NT 10.0; rv:115.0) Gecko/20100101 Thunderbird/115.12.2',
    'Opera/9.80 (Windows NT 6.1; WOW64) Presto/2.12.388 Version/12.18',
  ])('is %s', (userAgent) => expect(isHuman({ ...later, userAgent }, sentAt, 1_000)).toBe(true));
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
