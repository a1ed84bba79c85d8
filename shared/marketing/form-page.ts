import type { FieldFault } from '../core/refusal.ts';
import { type Html, html } from '../http/page.ts';
import { type Answers, agrees, isTicked } from './answers.ts';
import { type Asked, consentsAsked, type Form, type FormField } from './form.ts';

/** A form as it is shown: what was typed before, what is wrong with it, and when it was drawn (signed). */
export interface ShownForm {
  form: Form;
  answers?: Answers;
  faults?: readonly FieldFault[];
  /** What is wrong with the whole of it. */
  notice?: string;
  token: string;
}

/** The form as a plain page: every field has its label, and its fault beside it; no script. */
export function formPage({ form, answers = new Map(), faults = [], notice, token }: ShownForm): Html {
  const faultOf = (name: string) => faults.find(({ pointer }) => pointer === `#/${name}`)?.detail;
  const ofAll = faults.filter(({ pointer }) => pointer === '#').map(({ detail }) => detail);
  const ofFields = faults.filter(({ pointer }) => pointer !== '#');
  const boxes = consentsAsked(form);
  const fields = form.fields.filter(({ mapsTo }) => mapsTo !== 'consent');
  const typed = (name: string) => (answers.get(name) ?? []).join('\n');
  return html`${form.description && html`<p>${form.description}</p>`}
${[notice, ...ofAll].map((said) => said && html`<p role="alert" class="fault">${said}</p>`)}
${
  ofFields.length > 0 &&
  html`<p role="alert" class="fault">Please look at: ${ofFields.map(
    ({ pointer, detail }, n) => html`${n > 0 && ', '}<a href="#f-${pointer.slice(2)}">${detail}</a>`,
  )}</p>`
}
<form method="post" accept-charset="utf-8">
${fields.map((field) => drawn(field, typed(field.key), isTicked(answers, field.key), faultOf(field.key)))}
${boxes.map((asked) => box(asked, agrees(answers, asked), faultOf(asked.name)))}
<div class="unseen" aria-hidden="true"><label>Leave this empty <input name="${form.honeypot}" tabindex="-1" autocomplete="off"></label></div>
<input type="hidden" name="_version" value="${form.version}"><input type="hidden" name="_token" value="${token}">
<button>Send</button></form>`;
}

const completes: Readonly<Record<string, string>> = {
  email: 'email',
  phone: 'tel',
  name: 'name',
  firstName: 'given-name',
  lastName: 'family-name',
  company: 'organization',
  country: 'country',
};

function drawn(field: FormField, typed: string, ticked: boolean, fault: string | undefined): Html {
  const { key, type, label, help, required, options = [], mapsTo } = field;
  if (type === 'hidden') return html`<input type="hidden" name="${key}" value="${typed}">`;
  const id = `f-${key}`;
  const name = html`id="${id}" name="${key}"${required && html` required`}${described(id, help, fault)}`;
  const complete = html`autocomplete="${completes[mapsTo] ?? 'off'}"`;
  const control = {
    textarea: () => html`<textarea ${name} rows="5" maxlength="32000">${typed}</textarea>`,
    select: () =>
      html`<select ${name}><option value=""></option>${options.map(
        (option) =>
          html`<option value="${option.value}"${option.value === typed && html` selected`}>${option.label}</option>`,
      )}</select>`,
    checkbox: () => html`<input type="checkbox" value="yes" ${name}${ticked && html` checked`}>`,
  }[type as string];
  const drawnControl =
    control?.() ??
    html`<input type="${type === 'number' ? 'text' : type}"${type === 'number' && html` inputmode="decimal"`} ${name} ${complete} value="${typed}" maxlength="2000">`;
  const caption = html`<label for="${id}">${label}${required && html` <span>(required)</span>`}</label>`;
  return html`<div class="field">${type === 'checkbox' ? html`${drawnControl} ${caption}` : html`${caption}${drawnControl}`}${beside(id, help, fault)}</div>
`;
}

const box = ({ name, text, required }: Asked, ticked: boolean, fault: string | undefined): Html =>
  html`<div class="field"><input type="checkbox" value="yes" id="f-${name}" name="${name}"${required && html` required`}${described(`f-${name}`, undefined, fault)}${ticked && html` checked`}>
<label for="f-${name}">${text}${required && html` <span>(required)</span>`}</label>${beside(`f-${name}`, undefined, fault)}</div>
`;

/** Ties a control to its help and to its fault. */
function described(id: string, help: string | undefined, fault: string | undefined): Html | false {
  const by = [help && `${id}-help`, fault && `${id}-fault`].filter(Boolean).join(' ');
  return Boolean(by) && html` aria-describedby="${by}"${fault && html` aria-invalid="true"`}`;
}

const beside = (id: string, help: string | undefined, fault: string | undefined): Html =>
  html`${help && html`<small id="${id}-help">${help}</small>`}${fault && html`<span id="${id}-fault" class="fault">${fault}</span>`}`;
