import { expect, it } from 'vitest';
import { fileKey, fileNameIn, sortFiles } from '../../../shared/service/mail-files.ts';
import { MailIntake } from '../../../shared/service/mail-policies.ts';

const rules = { ...MailIntake.defaults, fileBytes: 10, allFilesBytes: 25 };
const file = (name: string, bytes = 1, type = 'application/octet-stream') => ({
  name,
  type,
  content: new Uint8Array(bytes),
});
const dropped = (...files: ReturnType<typeof file>[]) => sortFiles(files, rules).dropped.map(({ reason }) => reason);

it.each(['a.exe', 'a.EXE', 'a.pdf.exe', 'a.exe.txt', 'a.js ', 'a.exe.', 'a.vbs.', 'a.com', 'a.scr\u200b'])(
  '%s may be a program',
  (name) => {
    expect(dropped(file(name))).toEqual(['it may be a program']);
  },
);

it.each(['a.pdf', 'www.acme.com.pdf', 'exe', 'report.exercise.docx', 'ä.png', 'a'])('%s is kept', (name) => {
  expect(dropped(file(name))).toEqual([]);
});

it('a program is known by its type and its first bytes too', () => {
  expect(dropped(file('a.txt', 1, 'application/x-msdownload'))).toHaveLength(1);
  expect(dropped({ ...file('a.txt'), content: Buffer.from('MZ') })).toHaveLength(1);
});

it('what is too large, or too much, or too many, is not kept', () => {
  expect(dropped(file('a', 11))).toEqual([expect.stringContaining('larger than 10')]);
  expect(
    sortFiles([file('a', 10), file('b', 10), file('c', 10), file('d', 5)], rules).kept.map(({ name }) => name),
  ).toEqual(['a', 'b', 'd']);
  expect(
    sortFiles(
      Array.from({ length: 200 }, () => file('a', 0)),
      rules,
    ).kept,
  ).toHaveLength(99);
});

it('a key has no way out of its folder, and leads back to its name', () => {
  const key = fileKey('act_1', 0, '../../documents/inv_1.pdf');
  expect(key).toBe('attachments/act_1/0-._._documents_inv_1.pdf');
  expect(fileNameIn('act_1', key)).toBe('._._documents_inv_1.pdf');
  expect(fileNameIn('act_2', key)).toBeUndefined();
  expect(fileNameIn('act_1', 'documents/inv_1.pdf')).toBeUndefined();
});
