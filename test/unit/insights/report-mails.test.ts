import { inflateSync } from 'node:zlib';
import PostalMime from 'postal-mime';
import { describe, expect, it } from 'vitest';
import { barChart } from '../../../shared/insights/chart.ts';
import { reportMailData, reportMails } from '../../../shared/insights/report-mails.ts';
import { reports } from '../../../shared/insights/reports.ts';
import { toMime } from '../../../shared/mail/mime.ts';
import { renderMail } from '../../../shared/mail/render.ts';

/** The pixels of a chart: an index of the palette each. */
function pixelsOf({ content, width, height }: ReturnType<typeof barChart>): number[][] {
  const bytes = Buffer.from(content);
  expect(bytes.subarray(1, 4).toString()).toBe('PNG');
  const at = bytes.indexOf('IDAT');
  const rows = inflateSync(bytes.subarray(at + 4, at + 4 + bytes.readUInt32BE(at - 4)));
  expect(rows.length).toBe(height * (width + 1));
  return Array.from({ length: height }, (_, y) => [...rows.subarray(y * (width + 1) + 1, (y + 1) * (width + 1))]);
}
const tallOf = (pixels: number[][], x: number) => pixels.filter((row) => row[x] === 2).length;

describe('a chart', () => {
  it('has a bar as tall as its value beside the greatest, and none for less than nothing', () => {
    const pixels = pixelsOf(barChart([10, 5, -3, 0], { width: 40, height: 20 }));
    expect([5, 15, 25, 35].map((x) => tallOf(pixels, x))).toEqual([20, 10, 0, 0]);
  });
  it('is drawn of nothing, too', () => expect(tallOf(pixelsOf(barChart([])), 5)).toBe(0));
});

const answer = {
  ...{
    name: 'sales',
    from: '2026-01-01',
    to: '2026-03-31',
    by: 'month',
    currency: 'EUR',
    asOf: '2026-04-01T06:00:00.000Z',
  },
  lastEventId: null,
  rows: [
    { key: '2026-01', won: 1, lost: 1, amountWon: 100_000, winRate: 0.5, averageDays: 12.5 },
    { key: '2026-02', label: '<b>February</b>', won: 2, lost: 0, amountWon: 50_000, winRate: 1, averageDays: null },
  ],
  totals: { won: 3, lost: 1, amountWon: 150_000, winRate: 0.75, averageDays: 12.5 },
};

describe('a report by mail', () => {
  const [template] = reportMails;
  const data = reportMailData(undefined, answer, 'en');
  const mail = renderMail(template!.write(data), { company: 'Ours', language: 'en', footer: [] });

  it('has the rows as a table, with money and rates as people read them', () => {
    expect(mail.subject).toBe('Sales by month, 2026-01-01 to 2026-03-31');
    expect(mail.text).toMatch(/2026-01 +1 +1 +€1,000\.00 +50% +12\.5/);
    expect(mail.text).toMatch(/<b>February<\/b> +2 +0 +€500\.00 +100% +–/);
    expect(mail.text).toMatch(/Total +3 +1 +€1,500\.00 +75% +12\.5/);
    expect(mail.html).toContain('&lt;b&gt;February');
    expect(mail.html).not.toContain('<b>');
  });

  it('has its chart within it, and the figures in words for those who do not see it', async () => {
    const raw = await toMime({
      ...{ from: { address: 'crm@ours.example' }, to: { address: 'ada@ours.example' }, headers: {}, date: new Date() },
      ...mail,
    });
    const parsed = await PostalMime.parse(raw);
    const [picture] = parsed.attachments;
    expect(picture).toMatchObject({ mimeType: 'image/png', disposition: 'inline', related: true });
    expect(parsed.html).toContain(`src="cid:${picture!.contentId!.replace(/[<>]/g, '')}"`);
    expect(parsed.html).toContain('alt="Amount won: 2026-01 €1,000.00');
    expect(mail.text).toContain('Amount won: 2026-01 €1,000.00');
  });

  it('of campaigns has their money in its currency, and their return in percent', () => {
    const figures = { sent: 2, clicked: 1, replied: 0, leads: 1, revenue: 250_000, cost: 100_000, roi: 1.5 };
    const rows = [{ key: 'cmp_1', label: 'Spring', ...figures }];
    const told = reportMailData(
      undefined,
      { ...answer, name: 'campaigns', by: 'campaign', rows, totals: figures },
      'en',
    );
    expect(told.rows).toEqual([['Spring', '2', '1', '0', '1', '€2,500.00', '€1,000.00', '150%']]);
  });

  it('of every report that has money knows which of its figures are', () => {
    const silent = reports.filter(({ money, amounts }) => money.length && !amounts?.length);
    expect(silent.map(({ name }) => name)).toEqual([]);
  });

  it('says what is not in it', () => {
    const many = Array.from({ length: 50 }, (_, n) => ({ ...answer.rows[0]!, key: String(n) }));
    const told = reportMailData('Ours', { ...answer, rows: many, otherCurrencies: ['USD'] }, 'de');
    expect(told.notes).toEqual([expect.stringContaining('10 more rows'), expect.stringContaining('USD')]);
    expect(told.rows).toHaveLength(40);
  });
});
