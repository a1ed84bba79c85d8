/** Longer is read by nobody. In characters. */
const longest = 524_288;
/** A quote in a quote, so often, is shown as one of that depth. */
const deepest = 20;

const unseen = new Set(['style', 'script', 'head', 'title', 'template', 'noscript', 'svg', 'object']);
const paragraphs = new Set('p ul ol table blockquote pre h1 h2 h3 h4 h5 h6 hr'.split(' '));
const lines = new Set('div tr li dt dd section article header footer address br'.split(' '));

const entities: Readonly<Record<string, string>> = {
  amp: '&',
  lt: '<',
  gt: '>',
  quot: '"',
  apos: "'",
  nbsp: ' ',
  shy: '',
  zwnj: '',
  copy: '©',
  reg: '®',
  euro: '€',
  hellip: '…',
  ndash: '–',
  mdash: '—',
  lsquo: '‘',
  rsquo: '’',
  ldquo: '“',
  rdquo: '”',
  laquo: '«',
  raquo: '»',
  bull: '•',
  middot: '·',
  auml: 'ä',
  ouml: 'ö',
  uuml: 'ü',
  Auml: 'Ä',
  Ouml: 'Ö',
  Uuml: 'Ü',
  szlig: 'ß',
  agrave: 'à',
  aacute: 'á',
  acirc: 'â',
  atilde: 'ã',
  ccedil: 'ç',
  egrave: 'è',
  eacute: 'é',
  ecirc: 'ê',
  iacute: 'í',
  ntilde: 'ñ',
  oacute: 'ó',
  ocirc: 'ô',
  otilde: 'õ',
  uacute: 'ú',
};

/**
 * The text of an HTML mail, with its paragraphs, and quotes as `> ` lines. One pass without recursion: linear whatever the HTML is. No
 * markup comes through, but it is text, not safe HTML. `whole`: as much as text can be of what a reader of the HTML gets, so links have
 * their address behind them, and images are what they show.
 */
export function htmlToText(html: string, { whole = false } = {}): string {
  const source = html.slice(0, longest);
  const out = new Lines(whole);
  for (let at = 0; at < source.length; ) {
    const open = source.indexOf('<', at);
    out.say(decoded(source.slice(at, open < 0 ? source.length : open)));
    if (open < 0) break;
    at = afterTag(source, open, out);
  }
  return out.text();
}

/** Takes in the tag at `open`, and answers where the text goes on. */
function afterTag(source: string, open: number, out: Lines): number {
  if (source.startsWith('<!--', open)) return endOf(source, '-->', open);
  if (!/[a-z/!?]/i.test(source[open + 1] ?? '')) {
    out.say('<');
    return open + 1;
  }
  const end = endOf(source, '>', open);
  const [, slash = '', name = ''] = /^<(\/?)([a-z][a-z0-9]*)/i.exec(source.slice(open, Math.min(end, open + 30))) ?? [];
  const tag = name.toLowerCase();
  if (out.whole && (tag === 'a' || tag === 'img')) sayAttribute(source.slice(open, end), tag, slash !== '', out);
  if (!slash && unseen.has(tag) && source[end - 2] !== '/') return afterUnseen(source, tag, end);
  if (tag === 'blockquote') out.quote(slash ? -1 : 1);
  if (paragraphs.has(tag)) out.endParagraph();
  else if (lines.has(tag)) out.endLine(tag === 'br');
  else if (tag === 'td' || tag === 'th') out.say(' ');
  if (tag === 'li' && !slash) out.say('- ');
  return end;
}

/** Says what an image shows, and after a link where it leads. */
function sayAttribute(text: string, tag: 'a' | 'img', closes: boolean, out: Lines): void {
  if (tag === 'img') out.say(attributeOf(text, 'alt'));
  else if (closes) {
    const href = out.endLink() ?? '';
    if (/^(https?|mailto):/i.test(href)) out.say(` (${href})`);
  } else out.link(attributeOf(text, 'href'));
}

function attributeOf(tag: string, name: string): string {
  const [, quoted, apostrophed, bare = ''] =
    new RegExp(`\\s${name}\\s*=\\s*(?:"([^"]*)"|'([^']*)'|([^\\s"'>]+))`, 'i').exec(tag) ?? [];
  return decoded(quoted ?? apostrophed ?? bare).trim();
}

/** Where what is not shown ends; what never ends is not shown to its end. */
function afterUnseen(source: string, tag: string, from: number): number {
  const closing = new RegExp(`</${tag}`, 'gi');
  closing.lastIndex = from;
  const found = closing.exec(source);
  return found ? endOf(source, '>', found.index) : source.length;
}

const endOf = (source: string, text: string, from: number): number => {
  const found = source.indexOf(text, from);
  return found < 0 ? source.length : found + text.length;
};

const decoded = (text: string): string =>
  text.replaceAll(
    /&(?:#(\d{1,7})|#x([\da-f]{1,6})|(\w{2,8}));/gi,
    (all, decimal?: string, hex?: string, name?: string) => {
      if (name) return entities[name] ?? all;
      const code = decimal ? Number(decimal) : Number.parseInt(hex ?? '', 16);
      return code > 0 && code <= 0x10ffff && !(code >= 0xd800 && code <= 0xdfff) ? String.fromCodePoint(code) : ' ';
    },
  );

/** Lines as they are written: white space is one space, two empty lines are one. */
class Lines {
  readonly #lines: string[] = [];
  #line: string[] = [];
  #depth = 0;
  readonly #links: string[] = [];
  readonly whole: boolean;

  constructor(whole: boolean) {
    this.whole = whole;
  }

  link(href: string): void {
    this.#links.push(href);
  }

  /** The address of the link that ends. */
  endLink(): string | undefined {
    return this.#links.pop();
  }

  say(text: string): void {
    if (text) this.#line.push(text);
  }

  quote(by: 1 | -1): void {
    this.endLine();
    this.#depth = Math.max(0, this.#depth + by);
  }

  endLine(evenIfEmpty = false): void {
    const line = this.#line.join('').replaceAll(/\s+/g, ' ').trim();
    this.#line = [];
    if (line || evenIfEmpty) this.#put(line);
  }

  endParagraph(): void {
    this.endLine();
    this.#put('');
  }

  text(): string {
    this.endLine();
    return this.#lines.join('\n').trim();
  }

  #put(line: string): void {
    const quoted = `${'>'.repeat(Math.min(this.#depth, deepest))} ${line}`.trim();
    if (line || this.#lines.at(-1) !== quoted) this.#lines.push(quoted);
  }
}
