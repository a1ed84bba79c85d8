import { existsSync, globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { newsIn } from '../../../shared/marketing/ses-events.ts';

const mail = {
  timestamp: '2026-01-05T09:00:00.000Z',
  messageId: '0107-1',
  destination: ['Jo <Jo@Acme.example>'],
  tags: { mail: ['msg_1'], 'ses:configuration-set': ['T'] },
};
const bounced = {
  mail,
  bounce: {
    bounceType: 'Permanent',
    bounceSubType: 'General',
    bouncedRecipients: [
      { emailAddress: 'Jo@Acme.example', status: '5.1.1', diagnosticCode: 'smtp; 550 5.1.1 unknown' },
    ],
    timestamp: '2026-01-05T09:00:01Z',
  },
};

describe('what SES tells', () => {
  it('is the same in both of its formats, raw or in an envelope of SNS', () => {
    const news = newsIn({ eventType: 'Bounce', ...bounced });
    expect(news).toEqual({
      kind: 'bounced',
      at: '2026-01-05T09:00:01.000Z',
      messageId: '0107-1',
      tags: { mail: 'msg_1', 'ses:configuration-set': 'T' },
      recipients: ['jo@acme.example'],
      permanent: true,
      detail: 'smtp; 550 5.1.1 unknown; General',
    });
    expect(newsIn({ notificationType: 'Bounce', ...bounced })).toEqual(news);
    const Message = JSON.stringify({ eventType: 'Bounce', ...bounced });
    expect(newsIn({ Type: 'Notification', MessageId: 'x', Message })).toEqual(news);
  });

  it('names whom it is about, else everybody', () => {
    expect(newsIn({ eventType: 'Open', mail, open: { timestamp: mail.timestamp } })?.recipients).toEqual([
      'jo@acme.example',
    ]);
    const delivery = { recipients: ['al@acme.example'], timestamp: mail.timestamp };
    expect(newsIn({ eventType: 'Delivery', mail, delivery })?.recipients).toEqual(['al@acme.example']);
  });

  it('names of several nobody who is not named as failed', () => {
    const several = { ...mail, destination: ['jo@acme.example', 'al@acme.example'] };
    const news = (bouncedRecipients: unknown, to = several) =>
      newsIn({ eventType: 'Bounce', mail: to, bounce: { bounceType: 'Permanent', bouncedRecipients } })?.recipients;
    expect(news([{ emailAddress: 'jo@acme.example' }, { emailAddress: null }, 'x'])).toEqual(['jo@acme.example']);
    expect(news([])).toEqual([]);
    expect(news(undefined)).toEqual([]);
    expect(news([], mail)).toEqual(['jo@acme.example']);
  });

  it('is told where a time is missing or written otherwise', () => {
    const delivery = { timestamp: '2026-01-05T10:00:01+0100' };
    expect(newsIn({ eventType: 'Delivery', mail: { ...mail, timestamp: undefined }, delivery })?.at).toBe(
      '2026-01-05T09:00:01.000Z',
    );
    expect(newsIn({ eventType: 'Delivery', mail, delivery: { timestamp: 'soon' } })?.at).toBe(mail.timestamp);
  });

  it('is no complaint where somebody says that a mail is no spam', () => {
    const complaint = (complaintFeedbackType: unknown) =>
      newsIn({
        eventType: 'Complaint',
        mail,
        complaint: { complainedRecipients: [{ emailAddress: 'jo@acme.example' }], complaintFeedbackType },
      })?.kind;
    expect(['abuse', 'fraud', 'virus', 'other', 'later', null, undefined, ''].map(complaint)).toEqual(
      Array.from({ length: 8 }, () => 'complained'),
    );
    expect(['not-spam', 'auth-failure'].map(complaint)).toEqual([undefined, undefined]);
  });

  it('is nothing where it is no event of a mail', () => {
    for (const body of [
      null,
      1,
      'x',
      [],
      {},
      { eventType: 'Bounce' },
      { eventType: 'New', mail },
      { Type: 'Notification', Message: '{' },
    ])
      expect(newsIn(body)).toBeUndefined();
    fc.assert(fc.property(fc.anything(), (body) => newsIn(body) === undefined));
    fc.assert(
      fc.property(fc.anything(), (bounce) => {
        expect(newsIn({ eventType: 'Bounce', mail, bounce })?.kind).toBe('bounced');
      }),
    );
  });
});

const data = join(import.meta.dirname, '../../../../shared/data/ses-events');
describe.skipIf(!existsSync(data))("Amazon's own examples (skipped where ../shared/data is not there)", () => {
  const read = (file: string): unknown => JSON.parse(readFileSync(join(data, file), 'utf8'));
  it.each(globSync('{event-publishing-*,notification-examples}/*.json', { cwd: data }))('%s is understood', (file) => {
    const news = newsIn(read(file));
    expect(news?.messageId).toMatch(/^(EXAMPLE|0000)/);
    expect(news?.recipients.length).toBeGreaterThan(0);
    expect(news?.recipients.every((email) => /^\S+@\S+$/.test(email))).toBe(true);
  });
  it.each(globSync('receiving-*/*.json', { cwd: data }))('%s is about no mail that was sent', (file) => {
    expect(newsIn(read(file))).toBeUndefined();
  });
});
