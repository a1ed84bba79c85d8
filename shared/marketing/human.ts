/** Programs that open mails and follow links before anybody reads them, or instead: proxies, scanners, previews, crawlers. */
const machines =
  /bot\b|crawl|spider|slurp|preview|prefetch|scan|monitor|headless|proofpoint|barracuda|mimecast|safelinks|urldefense|googleimageproxy|ggpht|yahoomailproxy|feedfetcher|facebookexternalhit|slackbot|whatsapp|telegrambot|skypeuripreview/i;

/**
 * Whether a person opened a mail or clicked in it, as far as anybody can tell: not a program that says what it is, not sooner after the
 * sending than anybody reads. Apple's mail privacy opens what nobody opened: so both figures are shown. Source: domain.md 11.
 */
export function isHuman(
  { at, userAgent = '' }: { at: Date; userAgent?: string | undefined },
  sentAt: string,
  withinMilliseconds: number,
): boolean {
  return !machines.test(userAgent) && at.getTime() - Date.parse(sentAt) >= withinMilliseconds;
}

/** Whether a request only looks what is behind a link: a HEAD, or one that says it fetches in advance. It is no click at all. */
export function isPeek(method: string, headers: Readonly<Record<string, string | undefined>>): boolean {
  const purposes = ['purpose', 'sec-purpose', 'x-purpose', 'x-moz'].map((name) => headers[name] ?? '');
  return method !== 'GET' || purposes.some((purpose) => /prefetch|preview|prerender/i.test(purpose));
}
