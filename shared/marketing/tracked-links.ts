import { type Link, never, type Secrets, signedUrl } from '../platform/links.ts';

/** The address by which a link leads on to `to`, and is noted: of a campaign and its recipient, or of a mail of a journey. */
export const clickUrl = (
  baseUrl: string,
  { id, about, to }: Pick<Link, 'id' | 'about' | 'to'>,
  secrets: Secrets,
): Promise<string> => signedUrl(baseUrl, { purpose: 'click', id, about, to, expiresAt: never }, secrets);

const anchor = /(<a\b[^>]*?\bhref\s*=\s*)(["'])(https?:\/\/[^"'\s]+)\2/gi;

/** HTML whose links lead by way of `through`, but for the way out: leaving is nobody's click. */
export async function withTrackedLinks(
  html: string,
  wayOut: string,
  through: (target: string) => Promise<string>,
): Promise<string> {
  const targets = new Set([...html.matchAll(anchor)].map(([, , , href = '']) => asWritten(href)));
  targets.delete(wayOut);
  const tracked = new Map<string, string>();
  for (const target of targets) tracked.set(target, await through(target));
  return html.replaceAll(anchor, (whole, before: string, quote: string, href: string) => {
    const address = tracked.get(asWritten(href));
    return address ? `${before}${quote}${address}${quote}` : whole;
  });
}

/** An address as it was before it was put into HTML. */
const asWritten = (href: string): string =>
  href.replaceAll(/&(?:amp|#38|#x26);/gi, '&').replaceAll(/&(?:#39|#x27|apos);/gi, "'");
