import { describe, expect, it, test } from 'vitest';
import { type Form, FormDetails } from '../../../shared/marketing/form.ts';
import { formPage, thanksPage } from '../../../shared/marketing/form-page.ts';

const formIn = (language?: string, thankYou?: string) =>
  ({
    ...FormDetails.parse({
      ...{ name: 'F', language, thankYou, fields: [{ key: 'email', required: true }] },
      consents: [{ topic: 'news', text: 'News', required: true }],
    }),
    ...{ version: 1, honeypot: 'website' },
  }) as Form;
const pageIn = (language?: string) =>
  formPage({
    ...{ form: formIn(language), token: 't', notice: 'Try again.' },
    faults: [{ pointer: '#/email', code: 'x', detail: 'Email cannot be read' }],
  }).text;
/** What a screen reader would not be told the language of. */
const unmarked = (text: string) =>
  text
    .replaceAll(/<(\w+)[^>]* lang="en"[^>]*>.*?<\/\1>/gs, '')
    .match(/\(required\)|Send|Please look|Try again|cannot be read|Leave this empty|Thank you/g);

describe('the fixed words of a form', () => {
  test.each([
    ['de', '(Pflichtfeld)', 'Absenden', 'Vielen Dank'],
    ['de-AT', '(Pflichtfeld)', 'Absenden', 'Vielen Dank'],
    ['fr', '(obligatoire)', 'Envoyer', 'Merci'],
    ['es', '(obligatorio)', 'Enviar', 'Gracias'],
    ['it', '(obbligatorio)', 'Invia', 'Grazie'],
    ['nl', '(verplicht)', 'Verzenden', 'Bedankt'],
    ['pt-BR', '(obrigatório)', 'Enviar', 'Obrigado'],
  ])('are in %s', (language, required, send, thanks) => {
    const text = pageIn(language);
    expect(text.split(required)).toHaveLength(3);
    expect(text).toContain(`<button>${send}</button>`);
    expect(unmarked(text)).toBeNull();
    expect(thanksPage(formIn(language)).text).toContain(`<p>${thanks}`);
  });

  it('are English in any other language, and say so', () => {
    const text = pageIn('pl');
    expect(text).toContain('<button lang="en">Send</button>');
    expect(text).toContain('<span lang="en">(required)</span>');
    expect(unmarked(text)).toBeNull();
    expect(thanksPage(formIn('pl')).text).toMatch(/^<p lang="en">Thank you/);
    expect(thanksPage(formIn('pl', 'Dziękujemy')).text).toBe('<p>Dziękujemy</p>');
  });

  it('need no mark on an English page', () => {
    for (const language of [undefined, 'en', 'en-GB']) {
      expect(pageIn(language)).not.toContain('lang=');
      expect(thanksPage(formIn(language)).text).toMatch(/^<p>Thank you/);
    }
  });
});
