import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Mail } from '../../../shared/mail/mail.ts';
import { UserCreated } from '../../../shared/people/user.ts';
import type { Task } from '../../../shared/platform/task.ts';
import { Case, CaseOpened } from '../../../shared/service/case.ts';
import { caseRules } from '../../../shared/service/case-sla.ts';
import { NewCase, newCase } from '../../../shared/service/new-case.ts';
import { rateCase } from '../../../shared/service/rate-case.ts';
import { scoreIn } from '../../../shared/service/satisfaction.ts';
import { type Command, run } from '../../../shared/store/command.ts';
import { TableInMemory } from '../../support/table-in-memory.ts';

describe('a figure in a text', () => {
  it.each([
    ['5', 5],
    [' 4.\n', 4],
    ['1!', 1],
    ['4/5', 4],
    ['3 / 5', 3],
    ['2 - dissatisfied', 2],
    ['5: Very satisfied.', 5],
    ['5 very  satisfied', 5],
  ])('%j is %i', (text, score) => expect(scoreIn(text)).toBe(score));

  const others = [
    '',
    '0',
    '6',
    '10',
    '55',
    '4.5',
    '5 days later it hums again',
    'We need 5',
    '5 not satisfied',
    '3\n\nIt hums',
  ];
  it.each(others)('%j is none', (text) => expect(scoreIn(text)).toBeUndefined());

  it('is one of the scale, or none, in any text', () => {
    const text = fc.oneof(fc.string(), fc.string({ unit: fc.constantFrom('5', '4', ' ', '/', '-', 'satisfied', '.') }));
    fc.assert(fc.property(text, (one) => [undefined, 1, 2, 3, 4, 5].includes(scoreIn(one))));
  });
});

describe('what a customer says of a case', () => {
  const now = new Date('2026-03-02T10:00:00.000Z');
  async function surveyed(more: Partial<Case> = { surveyedAt: now.toISOString() }) {
    const table = new TableInMemory();
    const { store, policies } = table.around(() => now);
    const on = { now, actor: { kind: 'customer' as const, id: 'test' }, correlationId: 'test' };
    const does = async <I, A>(command: Command<I, A>, input: I) =>
      (await run(store, policies, on, command, input)).answer;
    const { id } = await does(async (crm) => {
      const ada = { name: 'Ada', email: 'ada@ours.example', role: 'agent', status: 'active' } as const;
      const ownerId = crm.newId('usr');
      const details = NewCase.parse({ accountId: crm.newId('acc'), subject: 'It hums' });
      const draft = newCase(details, crm.newId('cas', details.accountId), 'C-000001', await caseRules(crm));
      const opened = CaseOpened(undefined, { ...draft, ownerId, status: 'resolved', ...more });
      return crm.commit([opened, UserCreated(undefined, { ...ada, id: ownerId })]);
    }, {});
    const rate = (score: number, comment?: string) => does(rateCase, { id, score, comment });
    const told = () => table.under('log#').filter(({ type }) => type === 'survey.answered').length;
    return { table, rate, told, record: () => store.load(Case, id) };
  }

  it('is noted, and their last word counts; the same again is nothing new', async () => {
    const { table, rate, told, record } = await surveyed();
    await rate(4, 'Quick');
    await rate(4);
    await rate(4, 'Quick');
    expect(told()).toBe(1);
    await rate(5);
    expect(await record()).toMatchObject({ status: 'resolved', satisfaction: { score: 5, comment: 'Quick' } });
    expect(told()).toBe(2);
    expect(table.of('tsk')).toEqual([]);
  });

  it('is a task of the owner, who has a mail, if they are dissatisfied: once', async () => {
    const { table, rate, record } = await surveyed();
    await rate(1, 'It still hums');
    await rate(2);
    const { id, ownerId } = await record();
    expect(table.of<Task>('tsk')).toMatchObject([
      {
        title: 'Ask what went wrong: case C-000001 was rated 1 of 5',
        ...{ recordId: id, assigneeId: ownerId, priority: 'high', dueAt: '2026-03-04T10:00:00.000Z' },
      },
    ]);
    expect(table.of<Mail>('msg')).toMatchObject([{ template: 'task-assigned', to: { email: 'ada@ours.example' } }]);
    await rate(4);
    await rate(2);
    expect(table.of('tsk')).toHaveLength(2);
  });

  it.each([
    ['nobody has asked about', {}],
    ['was rejected', { status: 'rejected' as const, surveyedAt: now.toISOString() }],
  ])('is refused of a case that %s', async (_, more) => {
    const { rate } = await surveyed(more);
    await expect(rate(5)).rejects.toMatchObject({ code: 'record.wrongState' });
  });
});
