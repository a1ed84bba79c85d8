/** The few words of a form's page that are ours. */
export interface FormWords {
  required: string;
  send: string;
  lookAt: string;
  thanks: string;
}

const english: FormWords = {
  required: '(required)',
  send: 'Send',
  lookAt: 'Please look at:',
  thanks: 'Thank you. We have your message and will be in touch.',
};
/** What a form says at its end where it has nothing of its own to say. */
export const usualThanks = english.thanks;

const words: Readonly<Record<string, FormWords>> = {
  en: english,
  de: {
    required: '(Pflichtfeld)',
    send: 'Absenden',
    lookAt: 'Bitte prüfen Sie:',
    thanks: 'Vielen Dank. Wir haben Ihre Nachricht erhalten und melden uns bei Ihnen.',
  },
  fr: {
    required: '(obligatoire)',
    send: 'Envoyer',
    lookAt: 'Veuillez vérifier :',
    thanks: 'Merci. Nous avons bien reçu votre message et reviendrons vers vous.',
  },
  es: {
    required: '(obligatorio)',
    send: 'Enviar',
    lookAt: 'Por favor, revise:',
    thanks: 'Gracias. Hemos recibido su mensaje y nos pondremos en contacto con usted.',
  },
  it: {
    required: '(obbligatorio)',
    send: 'Invia',
    lookAt: 'Si prega di controllare:',
    thanks: 'Grazie. Abbiamo ricevuto il suo messaggio e la contatteremo.',
  },
  nl: {
    required: '(verplicht)',
    send: 'Verzenden',
    lookAt: 'Controleer alstublieft:',
    thanks: 'Bedankt. We hebben uw bericht ontvangen en nemen contact met u op.',
  },
  pt: {
    required: '(obrigatório)',
    send: 'Enviar',
    lookAt: 'Por favor, verifique:',
    thanks: 'Obrigado. Recebemos a sua mensagem e entraremos em contacto.',
  },
};

const baseOf = (language: string): string => language.split('-')[0]!;

/** Our words in the language of a page; in English, and to be marked as that, where we do not speak it. */
export function wordsIn(language = 'en'): FormWords & { areForeign: boolean } {
  const known = Object.hasOwn(words, baseOf(language)) ? words[baseOf(language)] : undefined;
  return { ...(known ?? english), areForeign: !known };
}

/** Whether what we say in English alone is in another language than the page around it. */
export const isForeign = (language = 'en'): boolean => baseOf(language) !== 'en';
