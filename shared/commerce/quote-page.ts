import { format } from '../core/money.ts';
import { facts, type Html, html } from '../http/page.ts';
import type { Quote } from './quote.ts';

/** What the customer sees of a quote, and while it can be answered the two forms: accept by name, decline with a reason. */
export function quotePage(quote: Quote, now: Date): Html {
  const { lines, totals, terms, validUntilOn, expiresAt, discountPercent } = quote;
  const over = quote.status === 'sent' && Date.parse(expiresAt) <= now.getTime();
  const status = over ? 'expired' : quote.status;
  const money = (amount: Quote['totals']['net']) => format(amount, 'en');
  return html`${facts({ Quote: quote.number, 'Valid until': validUntilOn, Status: status })}
<table><thead><tr><th>Item</th><th class="end">Quantity</th><th class="end">Price</th><th class="end">Discount</th><th class="end">Net</th></tr></thead>
<tbody>${lines.map(
    (line) =>
      html`<tr><td>${line.description}</td><td class="end">${line.quantity}</td><td class="end">${money(line.unitPrice)}</td><td class="end">${line.discountPercent} %</td><td class="end">${money(line.net)}</td></tr>`,
  )}</tbody>
<tfoot>${discountPercent && html`<tr><td colspan="4">In this, off the whole</td><td class="end">${discountPercent} %</td></tr>`}<tr><td colspan="4">Net</td><td class="end">${money(totals.net)}</td></tr>${totals.taxes.map(
    ({ rate, tax }) => html`<tr><td colspan="4">Tax ${rate} %</td><td class="end">${money(tax)}</td></tr>`,
  )}<tr><th colspan="4">Total</th><th class="end">${money(totals.gross)}</th></tr></tfoot></table>
${terms && html`<p>${terms}</p>`}${status === 'sent' && forms}`;
}

const forms = html`<form method="post"><input type="hidden" name="action" value="accept">
<label>Your name <input name="name" required maxlength="200" autocomplete="name"></label><button>Accept this quote</button></form>
<form method="post"><input type="hidden" name="action" value="decline">
<label>Why not? <textarea name="reason" required maxlength="2000" rows="2"></textarea></label><button>Decline</button></form>`;
