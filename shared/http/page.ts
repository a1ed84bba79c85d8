import type { APIGatewayProxyStructuredResultV2 as Answer } from 'aws-lambda';

/** HTML that is safe as it is: made by `html`, never by hand. */
export class Html {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
}

type Part = string | number | Html | undefined | false | readonly Part[];

/** A piece of a page: everything that is put in is escaped, unless it is a piece itself. */
export const html = (strings: TemplateStringsArray, ...parts: Part[]): Html =>
  new Html(strings.map((text, n) => text + (n < parts.length ? drawn(parts[n]) : '')).join(''));

function drawn(part: Part): string {
  if (part === undefined || part === false) return '';
  if (part instanceof Html) return part.text;
  if (Array.isArray(part)) return part.map(drawn).join('');
  return String(part).replaceAll(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}

const style = `
:root{color-scheme:light dark;font:1rem/1.5 system-ui,sans-serif}body{max-width:42rem;margin:2rem auto;padding:0 1rem}
h1{font-size:1.4rem}table{border-collapse:collapse;width:100%}th,td{padding:.4rem .6rem;border-bottom:1px solid #8884;text-align:left}
td.end,th.end{text-align:right}dl{display:grid;grid-template-columns:max-content 1fr;gap:.2rem 1rem}dt{opacity:.7}dd{margin:0}
form{margin:1.5rem 0;padding:1rem;border:1px solid #8886;border-radius:.5rem}label{display:block;margin:.5rem 0}
input,textarea,select{font:inherit;width:100%;box-sizing:border-box;padding:.5rem}
input[type=checkbox],input[type=radio]{width:auto}input[type=checkbox]+label{display:inline}.field{margin:1rem 0}.field>label{margin:0}small{display:block;opacity:.7}
.fault{color:#b3261e;font-weight:600}@media(prefers-color-scheme:dark){.fault{color:#f2b8b5}}.field>.fault{display:block}
.unseen{position:absolute;left:-100rem;height:0;overflow:hidden}button{font:inherit;padding:.6rem 1.2rem;cursor:pointer}
footer{margin-top:3rem;opacity:.7;font-size:.9rem}`;

/** What a page may have beside its words. */
interface More {
  /** BCP 47; English where none is given. */
  language?: string | undefined;
  /** Origins beside our own that sending its form may lead to. */
  leadsTo?: readonly string[];
  headers?: Record<string, string>;
}

/** A whole page: no script, never framed, never kept by anybody on the way. */
export const page = (
  status: number,
  title: string,
  body: Html,
  company: string,
  { language = 'en', leadsTo = [], headers = {} }: More = {},
): Answer => ({
  statusCode: status,
  headers: {
    ...headers,
    'content-type': 'text/html; charset=utf-8',
    'cache-control': 'no-store',
    'referrer-policy': 'no-referrer',
    'x-content-type-options': 'nosniff',
    'content-security-policy': `default-src 'none'; style-src 'unsafe-inline'; form-action ${["'self'", ...leadsTo].join(' ')}; frame-ancestors 'none'; base-uri 'none'`,
  },
  body: html`<!doctype html><html lang="${language}"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<meta name="robots" content="noindex"><title>${title}</title><style>${new Html(style)}</style></head>
<body><main><h1>${title}</h1>${body}</main><footer>${company}</footer></body></html>`.text,
});

/** An answer with the id of the request that led to it: what somebody can name who asks about it. */
export const withRequestId = (requestId: string, answer: Answer): Answer => ({
  ...answer,
  headers: { ...answer.headers, 'x-request-id': requestId },
});

/** A term and what there is to say of it, for each that has something to say. */
export const facts = (rows: Readonly<Record<string, string | undefined>>): Html =>
  html`<dl>${Object.entries(rows).map(([term, said]) => said && html`<dt>${term}</dt><dd>${said}</dd>`)}</dl>`;
