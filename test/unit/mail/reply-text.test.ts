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
    ['a marker', '##- Please type your reply above this line -##\nHi'],
    ['a signature', '-- \nJo Ruiz\nAcme'],
    ['a device', 'Sent from my iPhone'],
    ['a German device', 'Von meinem iPhone gesendet'],
    ['a French device', 'Envoyé de mon iPad'],
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
