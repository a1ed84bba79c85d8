/** A body in MJML that we do not compile: `message` says what, and in which line. */
export class MjmlError extends Error {
  override readonly name = 'MjmlError';
}

/** What stands in what. Everything else of MJML is made at build, by MJML itself, into our layouts. */
const contains: Readonly<Record<string, readonly string[]>> = {
  '': ['mjml'],
  mjml: ['mj-head', 'mj-body'],
  'mj-head': ['mj-title', 'mj-preview'],
  'mj-body': ['mj-section'],
  'mj-section': ['mj-column'],
  'mj-column': ['mj-text', 'mj-button', 'mj-image', 'mj-divider', 'mj-spacer'],
};
/** What holds text and HTML, not elements of MJML. */
const holdsHtml = new Set(['mj-title', 'mj-preview', 'mj-text', 'mj-button']);

interface Element {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  /** Elements, and the Liquid tags between them. */
  readonly children: (Element | string)[];
  html: string;
}

/** Whether a body is written in MJML. */
export const isMjml = (body: string): boolean => /^\s*<mjml[\s>]/.test(body);

/**
 * The HTML of a body in MJML, with its Liquid as it is: sections of columns with text, buttons, images, dividers and spacers. Throws
 * MjmlError for any other element, and for one that is not where it belongs or is not closed. One pass, however long the body.
 */
export const mjmlToHtml = (source: string): string =>
  (parsed(withoutComments(source)).children as Element[]).map(drawn).join('');

function parsed(source: string): Element {
  const root: Element = { name: '', attributes: {}, children: [], html: '' };
  const open = [root];
  const tags = /<(\/?)(mjml|mj-[a-z-]+)\b([^<>]*)>/g;
  let at = 0;
  for (let tag = tags.exec(source); tag; tag = tags.exec(source)) {
    const [whole, slash, name = '', rest = ''] = tag;
    const fault = (what: string) => new MjmlError(`${what} (line ${lineOf(source, tag.index)})`);
    const parent = open.at(-1)!;
    if (!between(parent, source.slice(at, tag.index))) throw fault('Text stands outside of mj-text, before this');
    at = tag.index + whole.length;
    if (slash) {
      if (parent.name !== name) throw fault(`</${name}> closes nothing`);
      open.pop();
      continue;
    }
    const allowed = contains[parent.name] ?? [];
    if (!allowed.includes(name))
      throw fault(`<${name}> does not stand in <${parent.name || 'a body'}>, which takes ${allowed.join(', ')}`);
    const element: Element = { name, attributes: attributesIn(rest), children: [], html: '' };
    parent.children.push(element);
    if (rest.endsWith('/')) continue;
    if (holdsHtml.has(name)) {
      const end = source.indexOf(`</${name}>`, at);
      if (end < 0) throw fault(`<${name}> is not closed`);
      element.html = source.slice(at, end);
      at = end + name.length + 3;
      tags.lastIndex = at;
    } else open.push(element);
  }
  if (open.length > 1) throw new MjmlError(`<${open.at(-1)!.name}> is not closed`);
  if (!between(root, source.slice(at))) throw new MjmlError('Text stands after </mjml>');
  return root;
}

/** Between elements stand Liquid tags, or nothing: anything else is false. */
function between(parent: Element, text: string): boolean {
  const said = text.trim();
  if (said.replaceAll(/\{%[^%]*%\}/g, '').trim()) return false;
  if (said) parent.children.push(said);
  return true;
}

const withoutComments = (source: string): string =>
  source
    .split('<!--')
    .map((part, n) => (n && part.includes('-->') ? part.slice(part.indexOf('-->') + 3) : n ? '' : part))
    .join('');

const lineOf = (source: string, at: number): number => source.slice(0, at).split('\n').length;

const attributesIn = (text: string): Record<string, string> =>
  Object.fromEntries([...text.matchAll(/([a-z-]+)="([^"]*)"/g)].map(([, name = '', value = '']) => [name, value]));

/** A value for a style: nothing that would end it. */
const style = (value: string): string => value.replaceAll(/[;"<>]/g, '');

function drawn(node: Element | string): string {
  if (typeof node === 'string') return node;
  const { name, attributes, children, html } = node;
  const inside = children.map(drawn).join('');
  const is = (attribute: string, otherwise: string) => style(attributes[attribute] ?? otherwise);
  const link = (href: string, body: string) => `<a href="${href}" style="color:inherit">${body}</a>`;
  switch (name) {
    case 'mj-title':
      return '';
    case 'mj-preview':
      return `<div style="display:none;max-height:0;overflow:hidden">${html}</div>`;
    case 'mj-section':
      return `<table role="presentation" width="100%" cellpadding="0" cellspacing="0" style="background:${is('background-color', 'transparent')}"><tr><td style="padding:${is('padding', '20px 0')};font-size:0">${columns(children)}</td></tr></table>`;
    case 'mj-text':
      return `<div style="padding:${is('padding', '10px 25px')};font-size:${is('font-size', '16px')};line-height:${is('line-height', '1.5')};color:${is('color', '#222222')};text-align:${is('align', 'left')}">${html}</div>`;
    case 'mj-button':
      return `<div style="padding:${is('padding', '10px 25px')};text-align:${is('align', 'center')}"><span style="display:inline-block;padding:10px 25px;border-radius:3px;font-size:${is('font-size', '16px')};background:${is('background-color', '#414141')};color:${is('color', '#ffffff')}">${link(attributes['href'] ?? '', html)}</span></div>`;
    case 'mj-image': {
      const image = `<img src="${attributes['src'] ?? ''}" alt="${attributes['alt'] ?? ''}" style="max-width:100%;width:${is('width', '100%')};border:0">`;
      const body = attributes['href'] ? link(attributes['href'], image) : image;
      return `<div style="padding:${is('padding', '10px 25px')};text-align:${is('align', 'center')}">${body}</div>`;
    }
    case 'mj-divider':
      return `<hr style="margin:10px 25px;border:0;border-top:${is('border-width', '1px')} solid ${is('border-color', '#cccccc')}">`;
    case 'mj-spacer':
      return `<div style="height:${is('height', '20px')};line-height:${is('height', '20px')}">&#8202;</div>`;
    default:
      return inside;
  }
}

/** Columns share the width of their section equally, unless they say how wide they are; on a narrow screen they stand below each other. */
function columns(children: readonly (Element | string)[]): string {
  const share = `${Math.floor(100 / Math.max(1, children.filter((child) => typeof child !== 'string').length))}%`;
  return children
    .map((child) =>
      typeof child === 'string'
        ? child
        : `<div style="display:inline-block;vertical-align:top;width:100%;max-width:${style(child.attributes['width'] ?? share)}">${drawn(child)}</div>`,
    )
    .join('');
}
