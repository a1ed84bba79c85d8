import { Html, html } from '../../../shared/http/page.ts';
import type { Message } from './message-store.ts';
import type { Checkout, WebhookAnswer } from './payment.ts';

const style = new Html(`
:root{color-scheme:light dark;font:15px/1.45 system-ui,sans-serif}
body{margin:0 auto;max-width:72rem;padding:1rem 1.25rem 3rem}
header{display:flex;gap:1rem;align-items:baseline;flex-wrap:wrap}
h1{font-size:1.3rem;margin:.5rem 0;overflow-wrap:anywhere}
a{color:light-dark(#1d4ed8,#93c5fd)}.soft{opacity:.7}
table{border-collapse:collapse;width:100%;table-layout:fixed}
th,td{padding:.45rem .6rem .45rem 0;border-bottom:1px solid #8884;text-align:left;vertical-align:top}
td,th{overflow-wrap:anywhere}th{font-weight:500;opacity:.7}.when{width:10.5rem}.what{width:7.5rem}
.tag{border:1px solid #8886;border-radius:1rem;padding:0 .55rem;font-size:.85rem;white-space:nowrap}
.bounced,.suppressed,.complained{border-color:#dc2626;color:light-dark(#b91c1c,#fca5a5)}
.inbound{border-color:#2563eb;color:light-dark(#1d4ed8,#93c5fd)}
dl{display:grid;grid-template-columns:max-content 1fr;gap:.15rem 1rem}dt{opacity:.7}dd{margin:0;overflow-wrap:anywhere}
iframe{width:100%;height:75vh;border:1px solid #8886;border-radius:.4rem;background:#fff;resize:vertical}
pre{white-space:pre-wrap;overflow-wrap:anywhere;padding:.8rem;border:1px solid #8886;border-radius:.4rem}
pre{max-height:40rem;overflow:auto}
details{margin:1rem 0}summary{cursor:pointer}
.card{max-width:30rem;margin:3rem auto;padding:1.5rem;border:1px solid #8886;border-radius:.6rem}
button{font:inherit;padding:.6rem 1.6rem;cursor:pointer}.sum{font-size:2rem;margin:.5rem 0}`);

const page = (title: string, body: Html, head: Html = html``): string =>
  html`<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
${head}<title>${title}</title><style>${style}</style></head><body>${body}</body></html>`.text;

const perPage = 100;

/**
 * The list, newest first, a hundred at a time; it looks again by itself. `to` and `before` are what the request
 * asked.
 */
export function listPage(
  messages: readonly Message[],
  { to, before }: { to?: string | undefined; before?: string | undefined },
): string {
  const rest = messages.filter(({ id }) => !before || id < before).toReversed();
  const shown = rest.slice(0, perPage);
  const oldest = rest.length > perPage ? shown.at(-1)?.id : undefined;
  return page(
    to ? `Mail to ${to}` : 'Mailbox',
    html`<header><h1>${to ? `Mail to ${to}` : 'Mailbox'}</h1>
<span class="soft">${messages.length} ${messages.length === 1 ? 'mail' : 'mails'}</span>
${(to || before) && html` <a href="/">All mail</a>`}</header>
<table><thead><tr><th class="when">Received</th><th>To</th><th>Subject</th><th>From</th><th class="what"></th></tr>
</thead><tbody>${shown.map(
      (mail) => html`<tr><td>${when(mail)}</td><td>${recipients(mail)}</td>
<td><a href="/messages/${mail.id}">${mail.subject || '(no subject)'}</a>${clip(mail)}</td>
<td>${mail.from}</td><td>${tag(mail)}</td></tr>
`,
    )}</tbody></table>
${shown.length === 0 && html`<p class="soft">Nothing here yet; this page looks again by itself.</p>`}
${oldest && html`<p><a href="?${query({ to, before: oldest })}">Older</a></p>`}`,
    html`<meta http-equiv="refresh" content="5">`,
  );
}

/** One mail: what it says, in a frame that runs nothing, and all that is known of it. */
export const messagePage = (mail: Message): string =>
  page(
    mail.subject || '(no subject)',
    html`<header><h1>${mail.subject || '(no subject)'}</h1>${tag(mail)} <a href="/">All mail</a></header>
<dl><dt>From</dt><dd>${mail.from}</dd><dt>To</dt><dd>${recipients(mail)}</dd><dt>Received</dt><dd>${when(mail)}</dd>
<dt>Size</dt><dd>${mail.sizeBytes} bytes, <a href="/messages/${mail.id}/raw">as it came</a></dd>
${mail.attachments.map(
  ({ filename, mimeType, sizeBytes }, n) =>
    html`<dt>Attachment</dt><dd><a href="/messages/${mail.id}/attachments/${n}">${filename}</a>
<span class="soft">${mimeType}, ${sizeBytes} bytes</span></dd>`,
)}</dl>
${
  mail.html !== '' &&
  html`<iframe title="The HTML part" src="/messages/${mail.id}/html"
sandbox="allow-popups allow-popups-to-escape-sandbox"></iframe>`
}
<details${mail.html === '' && html` open`}><summary>Text</summary><pre dir="auto">${mail.text}</pre></details>
<details><summary>Headers</summary><dl>${Object.entries(mail.headers).map(
      ([name, value]) => html`<dt>${name}</dt><dd>${value}</dd>`,
    )}</dl></details>`,
  );

/** The HTML part for the frame: links open in a new tab, images that came along are shown. */
export function htmlPart({ id, html: body }: Message, contentIds: readonly (string | undefined)[]): string {
  const shown = body.replaceAll(/(["'(=])cid:([^"')\s>]+)/gi, (found, before: string, contentId: string) => {
    const n = contentIds.indexOf(`<${contentId}>`);
    return n < 0 ? found : `${before}/messages/${id}/attachments/${n}`;
  });
  const head = /<head\b[^>]*>/i.exec(shown);
  const at = head ? head.index + head[0].length : 0;
  return `${shown.slice(0, at)}<base target="_blank">${shown.slice(at)}`;
}

/** What is to be paid, and the button. */
export const payPage = (checkout: Checkout, connected: boolean): string =>
  page(
    'Pay',
    html`<div class="card">${summary(checkout)}
${
  connected
    ? html`${payForm(checkout, 'Pay')}
<p class="soft">A stand-in for the payment provider: no money moves.</p>`
    : html`<p>No payment webhook is connected: nobody would be told of a payment.</p>`
}</div>`,
  );

/** What came of it. `back` is where the customer came from. */
export function paidPage(checkout: Checkout, { status, body }: WebhookAnswer, back: string | undefined): string {
  const told = status >= 200 && status < 300;
  return page(
    told ? 'Paid' : 'Not told',
    html`<div class="card">${summary(checkout)}
<p>${told ? 'Paid. The webhook took the notice' : 'The webhook did not take the notice'}
${status > 0 && `(${status})`}.</p>
${body !== '' && html`<pre>${body}</pre>`}
${!told && payForm(checkout, 'Tell it again')}
${back && html`<p><a href="${back}">Back</a></p>`}</div>`,
  );
}

const summary = ({ reference, invoice, amount, currency }: Checkout): Html =>
  html`<h1>${invoice ? `Invoice ${invoice}` : reference}</h1><p class="sum">${money(amount, currency)}</p>
<p class="soft">Reference ${reference}</p>`;

function money(amount: number, currency: string): string {
  const format = new Intl.NumberFormat('en', { style: 'currency', currency });
  return format.format(amount / 10 ** (format.resolvedOptions().maximumFractionDigits ?? 2));
}

const payForm = ({ session }: Checkout, label: string): Html =>
  html`<form method="post"><input type="hidden" name="session" value="${session}"><button>${label}</button></form>`;

const clip = ({ attachments }: Message): Html | false =>
  attachments.length > 0 && html` <span title="with attachments">&#128206;</span>`;
const tag = ({ outcome }: Message): Html => html`<span class="tag ${outcome}">${outcome}</span>`;
const when = ({ receivedAt }: Message): Html =>
  html`<time datetime="${receivedAt}">${new Date(receivedAt).toLocaleString('sv-SE')}</time>`;
const recipients = ({ to }: Message): Html[] =>
  to.map((address, n) => html`${n > 0 && ', '}<a href="/?${query({ to: address })}">${address}</a>`);
const query = (given: Record<string, string | undefined>): string =>
  new URLSearchParams(Object.entries(given).filter((pair): pair is [string, string] => Boolean(pair[1]))).toString();
