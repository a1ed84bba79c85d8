import { describe, expect, it } from 'vitest';
import { automaticIn, saysAway } from '../../../shared/mail/automatic.ts';
import { parseReceived } from '../../../shared/mail/received-mail.ts';

const away =
  `Out of Office|Automatic reply: Quote|Re: Auto-Reply: Quote|[Ext] Out of office until Monday|Jo Ruiz is out of the office
Abwesenheitsnotiz: Angebot|Automatische Antwort: Angebot|Abwesend bis Montag|Réponse automatique : Devis|Absence du bureau
Respuesta automática: Oferta|Fuera de la oficina|Risposta automatica: Offerta|Resposta automática: Proposta|Fora do escritório
Automatisch antwoord: Offerte|Afwezig|Autosvar: Offert|Automatiskt svar: Offert|Automatisk svar: Tilbud|Fravær|Automaattinen vastaus: Tarjous
Autoodpowiedź: Oferta|Odpowiedź automatyczna: Oferta|Automatická odpověď: Nabídka|Automatikus válasz: Ajánlat|Răspuns automat: Ofertă
Автоматический ответ: Предложение|Автоответ|Автоматична відповідь: x|Αυτόματη απάντηση: x|Otomatik yanıt: Teklif|自動応答: 見積|不在通知
自动答复: 报价|自动回复：报价|自動回覆: x|자동 회신: x|부재중|מענה אוטומטי: x|رد تلقائي: x|Trả lời tự động|Balasan otomatis: x`.split(
    /[|\n]/,
  );
const present =
  `Re: Quote|Question about out of office replies|Automatic reply settings do not work|Out of office furniture?
Automatic doors do not close|Autosvar fungerar inte|Abwesenheit von Teilen|Afwezigheid van onderdelen|Respuesta a su oferta`.split(
    /[|\n]/,
  );

describe('a subject', () => {
  it.each(away)('says that somebody is away: %s', (subject) => {
    expect(saysAway(subject)).toBe(true);
  });
  it.each(present)('says no such thing: %s', (subject) => {
    expect(saysAway(subject)).toBe(false);
  });
});

it.each([
  ['From: no.reply@acme.example', true],
  ['From: do_not_reply@acme.example', true],
  ['From: noreply+1@acme.example', true],
  ['From: noah@acme.example', false],
  ['Content-Type: multipart/report; report-type=disposition-notification; boundary=b', true],
  ['X-FC-MachineGenerated: true', true],
  ['Auto-Submitted: no', false],
])('%s: a machine wrote it: %s', async (header, expected) => {
  const mail = await parseReceived(Buffer.from(`${header}\r\nSubject: Hi\r\n\r\nx`));
  expect(automaticIn(mail, 'ours.example').reasons.length > 0).toBe(expected);
});
