import { existsSync, globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import Oracle from 'email-reply-parser';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseReceived } from '../../../shared/mail/received-mail.ts';
import { isForward, replyIn } from '../../../shared/mail/reply-text.ts';

const data = join(import.meta.dirname, '../../../../shared/data/inbound-email');

describe('the reply in a text', () => {
  it.each([
    ['English', 'On Mon, Jan 5, 2026 at 9:00 AM, Us <us@ours.example> wrote:'],
    ['English over lines', 'On Mon, Jan 5, 2026\nat 9:00 AM,\nUs <us@ours.example> wrote:'],
    ['German', 'Am 05.01.2026 um 09:00 schrieb Us <us@ours.example>:'],
    ['French', 'Le 5 janv. 2026 à 09:00, Us <us@ours.example> a écrit :'],
    ['Spanish', 'El lun, 5 ene 2026 a las 9:00, Us (<us@ours.example>) escribió:'],
    ['Italian', 'Il giorno lun 5 gen 2026 alle ore 09:00 Us <us@ours.example> ha scritto:'],
    ['Portuguese', 'Em seg., 5 de jan. de 2026 às 09:00, Us <us@ours.example> escreveu:'],
    ['Dutch', 'Op ma 5 jan 2026 om 09:00 schreef Us <us@ours.example>:'],
    ['Russian', 'пн, 5 янв. 2026 г. в 09:00, Us <us@ours.example>:'],
    ['Russian, in words', '05.01.2026 09:00, Us пишет:'],
    ['Japanese', '2026年1月5日(月) 9:00 Us <us@ours.example>:'],
    ['Portuguese, the date last', 'Us <us@ours.example> escreveu (segunda, 5/01/2026 à(s) 09:00):'],
    ['Polish', 'pon., 5 sty 2026 o 09:00 Us <us@ours.example> napisał(a):'],
    ['Polish, no address', 'W dniu 5.01.2026 o 09:00, Us pisze:'],
    ['Swedish, no address', 'Den 2026-01-05 kl. 09:00, skrev Us:'],
    ['Finnish', 'Us <us@ours.example> kirjoitti 5.1.2026 kello 9.00:'],
    ['Czech', 'po 5. 1. 2026 v 9:00 odesílatel Us <us@ours.example> napsal:'],
    ['Turkish', 'Us <us@ours.example>, 5 Oca 2026 Pzt, 09:00 tarihinde şunu yazdı:'],
    ['Hungarian', 'Us <us@ours.example> ezt írta (időpont: 2026. jan. 5., H, 9:00):'],
    ['Romanian', 'În lun., 5 ian. 2026 la 09:00, Us <us@ours.example> a scris:'],
    ['Greek', 'Στις Δευ 5 Ιαν 2026 στις 9:00 π.μ., ο χρήστης Us <us@ours.example> έγραψε:'],
    ['Hebrew', '‫בתאריך יום ב׳, 5 בינו׳ 2026 ב-9:00 מאת ‪Us‬‏ <‪us@ours.example‬‏>:‬'],
    ['Chinese', 'Us <us@ours.example> 于2026年1月5日周一 09:00写道：'],
    ['Korean', '2026년 1월 5일 (월) 오전 9:00, Us <us@ours.example>님이 작성:'],
    ['Vietnamese', 'Vào Th 2, 5 thg 1, 2026 vào lúc 09:00 Us <us@ours.example> đã viết:'],
    ['Zoho', '---- On Mon, 05 Jan 2026 09:00:00 +0200 Us <us@ours.example> wrote ----'],
  ])('ends before what introduces a quote: %s', (_, introduction) => {
    expect(replyIn(`Yes, please.\n\n${introduction}\n\n> Shall we?\n`)).toBe('Yes, please.');
    expect(replyIn(`Yes, please.\n\n${introduction}\n\nShall we?\n`)).toBe('Yes, please.');
    expect(replyIn(`${introduction}\n> Shall we?\n\nYes, please.\n`)).toBe('Yes, please.');
  });

  it.each([
    ['a line of Outlook', '-----Original Message-----\nFrom: Us'],
    ['a line of Outlook in German', '-----Ursprüngliche Nachricht-----\nVon: Us'],
    [
      'a header block',
      '________________________________\nFrom: Us <us@ours.example>\nSent: Monday\nTo: Jo\nSubject: It hums\n\nHi',
    ],
    ['a German header block', 'Von: Us\nGesendet: Montag, 5. Januar 2026 09:00\nAn: Jo\nBetreff: Es brummt\n\nHallo'],
    ['a French header block', 'De : Us\nEnvoyé : lundi\nÀ : Jo\nObjet : Bruit\n\nBonjour'],
    ['a Japanese header block', '差出人: Us\n送信日時: 2026年1月5日\n宛先: Jo\n件名: 音\n\nこんにちは'],
    [
      'a Swedish header block',
      'Från: Us <us@ours.example>\nSkickat: den 5 januari 2026 09:00\nTill: Jo\nÄmne: Ljud\n\nHej',
    ],
    [
      'a Spanish header block',
      'De: Us <us@ours.example>\nEnviado el: lunes, 5 de enero de 2026 9:00\nPara: Jo\nAsunto: Ruido\n\nHola',
    ],
    ['a Polish header block', 'Od: Us\nWysłano: poniedziałek, 5 stycznia 2026 09:00\nDo: Jo\nTemat: Hałas\n\nCześć'],
    ['a Chinese header block', '发件人: Us\n发送时间: 2026年1月5日 9:00\n收件人: Jo\n主题: 噪音\n\n你好'],
    ['a header block with the date first', 'Gesendet: Montag, 5. Januar 2026\nVon: Us\nAn: Jo\nBetreff: Es brummt'],
    [
      'a header block with a title',
      '------------------ 原始邮件 ------------------\n发件人: "Us"<us@ours.example>;\n发送时间: 2026年1月5日\n收件人: "Jo";\n主题: 噪音',
    ],
    ['a marker', '##- Please type your reply above this line -##\nHi'],
    ['a signature', '-- \nJo Ruiz\nAcme'],
    ['a device', 'Sent from my iPhone'],
    ['a German device', 'Von meinem iPhone gesendet'],
    ['a French device', 'Envoyé de mon iPad'],
    ['a Swedish device', 'Skickat från min iPhone'],
    ['a Chinese device', '发自我的 iPhone'],
    ['a closing', 'Kind regards,\n\nJo Ruiz\nAcme'],
    ['a German closing', 'Mit freundlichen Grüßen\nJo Ruiz'],
  ])('ends before %s', (_, below) => {
    expect(replyIn(`Yes, please.\n\n${below}\n`)).toBe('Yes, please.');
  });

  it('keeps what is written between quotes, and sentences that only look like introductions', () => {
    expect(replyIn('> Red?\nNo.\n> Blue?\nYes.')).toBe('No.\nYes.');
    const text = 'On Monday it hums.\nFrom: the fan, I think.\nI wrote:\nplease come.';
    expect(replyIn('On Monday it hums.\nFrom: the fan, I think.')).toBe('On Monday it hums.\nFrom: the fan, I think.');
    expect(replyIn(text)).toContain('On Monday it hums.');
  });

  it.each([
    ['a heading with a date', 'The log:\n2026-01-05:\nit hummed\n2026-01-06 09:00:\nquiet'],
    ['what somebody wrote', 'Your colleague Al wrote:\nwe come on Monday. Nobody came.'],
    ['what they wrote, and when', 'Am 3. Juni schrieb ich Ihnen:\nDer Lüfter brummt.'],
    ['a journey', 'Please quote:\nFrom: Berlin\nTo: Hamburg\nDate: 3 June\nWeight: 2 t'],
    ['how a parcel was sent', 'Where is it?\nSent via DHL on Monday, tracking 123.'],
    ['who sent it', 'Wo ist es?\nGesendet von unserem Lager am 3. Juni.'],
    ['a question after a picture', 'Hello.\nDid you get the picture that I sent from my iPhone?'],
    ['titles of their own', '--- Order ---\n3 fans\n--- Address ---\nStreet 1'],
  ])('keeps %s', (_, text) => {
    expect(replyIn(text)).toBe(text);
  });

  it.each([
    ['a line', 'Room 12 is free'],
    ['a line with a day', 'On Monday it hums'],
    ['a line that begins with a number', '10 of 12 arrived'],
  ])('keeps %s that stands directly above an introduction', (_, line) => {
    expect(replyIn(`${line}\nOn Mon, Jan 5, 2026 at 9:00 AM Us <\nus@ours.example> wrote:\n> x`)).toBe(line);
    expect(replyIn(`${line}\nOn Mon, Jan 5, 2026 at 9:00\nAM Us <us@ours.example> wrote:\n\nx`)).toBe(line);
  });

  it('keeps what stands below a signature', () => {
    expect(replyIn('Hi.\n-- \nJo\n\nOn 05/01/2026 09:00, Us wrote:\n> Red?\nNo.\n> Blue?\nYes.')).toBe(
      'Hi.\nNo.\nYes.',
    );
    expect(replyIn('Yes.\n\nRegards,\nJo\n\nPS: call first')).toBe('Yes.\n\nPS: call first');
    expect(replyIn('Yes.\n\nRegards,\nJo\n\nAnd the other fan hums at night.')).toBe(
      'Yes.\n\nAnd the other fan hums at night.',
    );
  });

  it('is all of the text where nothing else would be left', () => {
    expect(replyIn('> Only a quote\n')).toBe('> Only a quote');
    expect(replyIn('')).toBe('');
  });

  it('is found in any text within time, and is never longer than it', () => {
    fc.assert(fc.property(fc.string({ maxLength: 2_000 }), (text) => replyIn(text).length <= text.length));
    const hostile = [
      '>',
      'On ',
      'On a\n',
      '\n',
      '-',
      '-- \n',
      'From: a\n',
      '<a@b.c> ',
      ' ',
      '1 ',
      'Sent from ',
      '> \n',
      'a:\n',
      '*',
      '＞',
      'On 1\n',
      'On 1 10:15 wrote:\n',
      'Am 1 a@b.cd\n2026 10:15:\n',
      'wrote:\n\n',
      'Regards\n',
      'Sent -- ',
    ];
    for (const piece of hostile) {
      const text = piece.repeat(Math.ceil(1_000_000 / piece.length));
      const startedAt = performance.now();
      replyIn(text);
      // 200 ms on a machine of its own; tests share theirs.
      expect(performance.now() - startedAt, JSON.stringify(piece)).toBeLessThan(1_000);
    }
  });

  it('of a mail that is handed on is all of it', () => {
    expect(isForward('Fwd: It hums', '')).toBe(true);
    expect(isForward('It hums', 'See below\n\n---------- Forwarded message ---------\nFrom: Al')).toBe(true);
    expect(isForward('Re: Forward', 'No')).toBe(false);
  });
});

describe.skipIf(!existsSync(data))('replies of other people (skipped where ../shared/data is not there)', () => {
  const oracle = new Oracle();
  const files = globSync('{replies,replies-text}/*', { cwd: data }).sort();
  // Where the other parser leaves the introduction in.
  const better = new Set(['replies-text/email_thread.txt', 'replies/android.eml']);

  it.each(files)('%s', async (file) => {
    const raw = readFileSync(join(data, file));
    const text = file.endsWith('.txt') ? raw.toString() : (await parseReceived(raw)).text;
    const reply = replyIn(text);
    if (file.endsWith('.eml')) expect(reply).toBe('Hello');
    if (better.has(file)) expect(reply).not.toMatch(/:$/);
    else expect(reply).toBe(oracle.parseReply(text).trim());
  });
});
