import type { FieldFault } from '../core/refusal.ts';
import { type Html, html } from '../http/page.ts';
import { type Answers, agrees, isTicked } from './answers.ts';
import { type Asked, consentsAsked, type Form, type FormField } from './form.ts';
import { isForeign, usualThanks, wordsIn } from './form-words.ts';

/** A form as it is shown: what was typed before, what is wrong with it, and when it was drawn (signed). */
export interface ShownForm {
  form: Form;
  answers?: Answers;
  faults?: readonly FieldFault[];
  /** What is wrong with the whole of it. */
  notice?: string;
  token: string;
}

/** Marks what is in English on a page in another language, for those who have it read to them. Source: WCAG 2.2, 3.1.2. */
const english = (isForeignHere: boolean): Html | false => isForeignHere && html` lang="en"`;

/** What a page has to say in the language of its form. */
interface Spoken {
  /** Behind the label of what must be answered. */
  required: Html;
  /** The mark of what we say in English alone. */
  aside: Html | false;
}

/** The form as a plain page: every field has its label, and its fault beside it; no script. */
export function formPage({ form, answers = new Map(), faults = [], notice, token }: ShownForm): Html {
  const faultOf = (name: string) => faults.find(({ pointer }) => pointer === `#/${name}`)?.detail;
  const ofAll = faults.filter(({ pointer }) => pointer === '#').map(({ detail }) => detail);
  const ofFields = faults.filter(({ pointer }) => pointer !== '#');
  const boxes = consentsAsked(form);
  const fields = form.fields.filter(({ mapsTo }) => mapsTo !== 'consent');
  const typed = (name: string) => (answers.get(name) ?? []).join('\n');
  const words = wordsIn(form.language);
  const ours = english(words.areForeign);
  const aside = english(isForeign(form.language));
  const spoken: Spoken = { required: html` <span${ours}>${words.required}</span>`, aside };
  return html`${form.description && html`<p>${form.description}</p>`}
${[notice, ...ofAll].map((said) => said && html`<p role="alert" class="fault"${aside}>${said}</p>`)}
${
  ofFields.length > 0 &&
  html`<p role="alert" class="fault"><span${ours}>${words.lookAt}</span> ${ofFields.map(
    ({ pointer, detail }, n) => html`${n > 0 && ', '}<a href="#f-${pointer.slice(2)}"${aside}>${detail}</a>`,
  )}</p>`
}
<form method="post" accept-charset="utf-8">
${fields.map((field) => drawn(field, typed(field.key), isTicked(answers, field.key), faultOf(field.key), spoken))}
${boxes.map((asked) => box(asked, agrees(answers, asked), faultOf(asked.name), spoken))}
<div class="unseen" aria-hidden="true"${aside}><label>Leave this empty <input name="${form.honeypot}" tabindex="-1" autocomplete="off"></label></div>
<input type="hidden" name="_version" value="${form.version}"><input type="hidden" name="_token" value="${token}">
<button${ours}>${words.send}</button></form>`;
}

/** What is said to whoever has sent a form. */
export function thanksPage({ thankYou, language }: Pick<Form, 'thankYou' | 'language'>): Html {
  const { thanks, areForeign } = wordsIn(language);
  const own = 'text' in thankYou && thankYou.text !== usualThanks ? thankYou.text : undefined;
  return html`<p${own === undefined && english(areForeign)}>${own ?? thanks}</p>`;
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

function drawn(field: FormField, typed: string, ticked: boolean, fault: string | undefined, spoken: Spoken): Html {
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
  const caption = html`<label for="${id}">${label}${required && spoken.required}</label>`;
  return html`<div class="field">${type === 'checkbox' ? html`${drawnControl} ${caption}` : html`${caption}${drawnControl}`}${beside(id, help, fault, spoken)}</div>
`;
}

const box = ({ name, text, required }: Asked, ticked: boolean, fault: string | undefined, spoken: Spoken): Html =>
  html`<div class="field"><input type="checkbox" value="yes" id="f-${name}" name="${name}"${required && html` required`}${described(`f-${name}`, undefined, fault)}${ticked && html` checked`}>
<label for="f-${name}">${text}${required && spoken.required}</label>${beside(`f-${name}`, undefined, fault, spoken)}</div>
`;

/** Ties a control to its help and to its fault. */
function described(id: string, help: string | undefined, fault: string | undefined): Html | false {
  const by = [help && `${id}-help`, fault && `${id}-fault`].filter(Boolean).join(' ');
  return Boolean(by) && html` aria-describedby="${by}"${fault && html` aria-invalid="true"`}`;
}

const beside = (id: string, help: string | undefined, fault: string | undefined, { aside }: Spoken): Html =>
  html`${help && html`<small id="${id}-help">${help}</small>`}${fault && html`<span id="${id}-fault" class="fault"${aside}>${fault}</span>`}`;
