/** How browsers begin, and the mail programs that are made of one: every program of a person says so. */
const browsers = /^(?:mozilla|opera)\/\d/i;

/** Programs that call themselves a browser all the same: proxies, scanners, previews, crawlers, and what scripts are written in. */
const machines = new RegExp(
  [
    String.raw`(?<!cu)bot\b|crawl|spider|slurp|preview|prefetch|scan|monitor|headless|lighthouse|phantomjs|puppeteer|playwright`,
    'proofpoint|barracuda|mimecast|safelinks|urldefense|google-safety|googleimageproxy|ggpht|yahoomailproxy|feedfetcher',
    'facebookexternalhit|whatsapp|skypeuripreview|cloudfront|postman|powershell|winhttp|httpclient|okhttp|axios|undici',
    String.raw`node-fetch|curl\b|wget|python|aiohttp|httpx|go-http|libwww|java\/|php\/|ruby`,
    // `Mozilla/5.0 (compatible; Whoever/1.0)`: old browsers of Microsoft and KDE say so too.
    String.raw`^mozilla\/\S+ \(compatible; (?!msie |konqueror\/)`,
  ].join('|'),
  'i',
);

/**
 * Whether a person opened a mail or clicked in it, as far as anybody can tell: by a browser, not by a program that says what it is, nor by
 * one that says nothing, and not sooner after the sending than anybody reads. Apple's mail privacy opens what nobody opened: so both
 * figures are shown. Source: domain.md 11.
 */
export function isHuman(
  { at, userAgent = '' }: { at: Date; userAgent?: string | undefined },
  sentAt: string,
  withinMilliseconds: number,
): boolean {
  const byBrowser = browsers.test(userAgent) && !machines.test(userAgent);
  return byBrowser && at.getTime() - Date.parse(sentAt) >= withinMilliseconds;
}

/** Whether a request only looks what is behind a link: a HEAD, or one that says it fetches in advance. It is no click at all. */
export function isPeek(method: string, headers: Readonly<Record<string, string | undefined>>): boolean {
  const purposes = ['purpose', 'sec-purpose', 'x-purpose', 'x-moz'].map((name) => headers[name] ?? '');
  return method !== 'GET' || purposes.some((purpose) => /prefetch|preview|prerender/i.test(purpose));
}
