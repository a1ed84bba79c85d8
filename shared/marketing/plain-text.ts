/** Elements whose content nobody reads, and those that stand on lines of their own. */
const unread = new Set(['head', 'style', 'script', 'title', 'template']);
const blocks = new Set(
  'address article aside blockquote body div dl dd dt fieldset footer form h1 h2 h3 h4 h5 h6 header hr html li main nav ol p pre section table tbody td tfoot th thead tr ul'.split(
    ' ',
  ),
);
const entities: Record<string, string> = {
  amp: '&',
  lt: '<',
  gt: '>',
  quot: '"',
  apos: "'",
  nbsp: ' ',
  zwnj: '',
  shy: '',
};

/**
 * What an HTML mail says, for those who read text: blocks on lines of their own, links with their address behind them, images by what
 * they show. One pass over the text, however deep it nests.
 */
export function plainText(html: string): string {
  const out: string[] = [];
  const hrefs: string[] = [];
  let skipping: string | undefined;
  let at = 0;
  while (at < html.length) {
    const open = html.indexOf('<', at);
    const words = html.slice(at, open < 0 ? html.length : open);
    if (!skipping) out.push(unescaped(words.replaceAll(/\s+/g, ' ')));
    if (open < 0) break;
    const comment = html.startsWith('<!--', open);
    const close = html.indexOf(comment ? '-->' : '>', open);
    if (close < 0) break;
    at = close + (comment ? 3 : 1);
    if (comment) continue;
    const tag = html.slice(open + 1, close);
    const [, slash = '', name = ''] = /^(\/?)([a-z][a-z0-9]*)/i.exec(tag) ?? [];
    const element = name.toLowerCase();
    if (skipping) {
      if (slash && element === skipping) skipping = undefined;
    } else if (unread.has(element) && !slash) skipping = element;
    else out.push(drawn(element, Boolean(slash), tag, hrefs));
  }
  return tidied(out.join(''));
}

/** What a tag becomes: a line break, a bullet, the address of a link where it ends. */
function drawn(element: string, closes: boolean, tag: string, hrefs: string[]): string {
  if (element === 'a') {
    if (!closes) hrefs.push(attributeOf(tag, 'href'));
    const href = closes ? hrefs.pop() : undefined;
    return href && /^(https?|mailto):/i.test(href) ? ` (${href})` : '';
  }
  if (element === 'br') return '\n';
  if (element === 'img') return attributeOf(tag, 'alt');
  if (element === 'li' && !closes) return '\n- ';
  if (element === 'td' || element === 'th') return ' ';
  return blocks.has(element) ? '\n\n' : '';
}

function attributeOf(tag: string, name: string): string {
  const [, quoted, apostrophed, bare = ''] =
    new RegExp(`\\s${name}\\s*=\\s*(?:"([^"]*)"|'([^']*)'|([^\\s"'>]+))`, 'i').exec(tag) ?? [];
  return unescaped(quoted ?? apostrophed ?? bare).trim();
}

const unescaped = (text: string): string =>
  text.replaceAll(/&(?:#(\d{1,7})|#x([0-9a-f]{1,6})|(\w{1,10}));/gi, (whole, decimal, hex, named) => {
    if (named) return entities[String(named).toLowerCase()] ?? whole;
    const code = decimal ? Number(decimal) : Number.parseInt(String(hex), 16);
    return code > 0 && code <= 0x10ffff ? String.fromCodePoint(code) : '';
  });

/** No line ends in a space, no two lines are empty in a row. */
const tidied = (text: string): string =>
  text
    .split('\n')
    .map((line) => line.replaceAll(/[ \t]+/g, ' ').trim())
    .join('\n')
    .replaceAll(/\n{3,}/g, '\n\n')
    .trim();
