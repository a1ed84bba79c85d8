import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { officeHours } from '../../../shared/core/calendar.ts';
import { newId } from '../../../shared/core/ids.ts';
import { byDefault } from '../../../shared/core/policy.ts';
import type { Refusal } from '../../../shared/core/refusal.ts';
import {
  Case,
  type CaseStatus,
  caseMoves,
  isActive,
  moveCase,
  CaseStatus as Status,
} from '../../../shared/service/case.ts';
import { CaseHandling, Sla } from '../../../shared/service/case-policies.ts';
import { type CaseRules, moveInTime, nextStepOf, readSla, timed } from '../../../shared/service/case-sla.ts';
import { isPastWindow, released, reopening, resolution } from '../../../shared/service/move-case.ts';
import { caseNumber, NewCase, newCase } from '../../../shared/service/new-case.ts';
import type { Draft } from '../../../shared/store/record.ts';

// A Tuesday in winter: open from 08:00 to 16:00 UTC.
const at = (time: string, day = 3): Date => new Date(`2026-02-0${day}T${time}Z`);
const iso = (time: string, day = 3): string => at(time, day).toISOString();
const rulesAt = (now: Date, more: Partial<CaseRules> = {}): CaseRules => ({
  sla: byDefault(Sla),
  handling: byDefault(CaseHandling),
  calendar: officeHours('Europe/Berlin'),
  now,
  ...more,
});

const accountId = newId('acc', at('08:00:00'));
const opened = (more: object = {}): Draft<Case> => {
  const details = NewCase.parse({ accountId, subject: 'It hums', kind: 'problem', priority: 'high', ...more });
  return newCase(details, newId('cas', at('09:00:00'), accountId), 'C-000001', rulesAt(at('09:00:00')));
};
const stored = (draft: Draft<Case>, version = 1): Case =>
  Case.schema.parse({ ...draft, version, createdAt: draft.openedAt, updatedAt: draft.openedAt, createdBy: 'key_x' });
const inState = (status: CaseStatus): Case => stored({ ...opened(), status });

describe('the life of a case', () => {
  const leads: Record<keyof typeof caseMoves, Partial<Record<CaseStatus, CaseStatus>>> = {
    reply: { new: 'open', open: 'open', waiting: 'open' },
    hear: { new: 'new', open: 'open', waiting: 'waiting' },
    wait: { open: 'waiting' },
    resolve: { new: 'resolved', open: 'resolved', waiting: 'resolved' },
    reopen: { resolved: 'open', closed: 'open' },
    reject: { new: 'rejected', open: 'rejected' },
    close: { resolved: 'closed' },
    assign: { new: 'new', open: 'open', waiting: 'waiting' },
    escalate: { new: 'new', open: 'open', waiting: 'waiting' },
    warn: { new: 'new', open: 'open', waiting: 'waiting' },
    breach: { new: 'new', open: 'open', waiting: 'waiting' },
    followUp: { new: 'new', open: 'open', waiting: 'waiting' },
    survey: { resolved: 'resolved' },
    rate: { open: 'open', waiting: 'waiting', resolved: 'resolved', closed: 'closed' },
  };
  const verbs = Object.keys(caseMoves) as (keyof typeof caseMoves)[];
  const cases = verbs.flatMap((verb) => Status.options.map((from) => ({ verb, from, to: leads[verb][from] })));

  it.each(cases)('$verb from $from: $to', ({ verb, from, to }) => {
    const move = () => moveCase(inState(from), verb);
    if (to) expect(move().after.status).toBe(to);
    else expect(move).toThrow(expect.objectContaining({ name: 'Refusal', code: 'record.wrongState' }) as Refusal);
  });

  it('tells of each by the words of the contract', () => {
    const words = new Set(Object.values(caseMoves).map(({ event }) => event.type));
    expect([...words].sort()).toEqual(
      ['assigned', 'closed', 'escalated', 'rejected', 'reopened', 'replied', 'resolved', 'slaBreached', 'slaWarned']
        .concat('updated', 'waiting')
        .map((word) => `case.${word}`)
        .concat('survey.answered'),
    );
  });
});

describe('a new case', () => {
  it('has its promises by its priority, in opening hours', () => {
    const { sla, status, nextStepAt } = opened();
    expect(status).toBe('new');
    expect(sla.firstResponse).toEqual({ state: 'running', target: 'PT4H', dueAt: iso('13:00:00') });
    expect(sla.resolution).toEqual({ state: 'running', target: 'PT24H', dueAt: iso('09:00:00', 6) });
    expect(nextStepAt).toBe(iso('12:00:00'));
  });

  it.each([
    [1, 'C-000001'],
    [999_999, 'C-999999'],
    [1_000_000, 'C-1000000'],
  ])('number %i is %s', (n, number) => {
    expect(caseNumber(n)).toBe(number);
  });
});

describe('its clocks', () => {
  const open = (): Case =>
    stored({ ...opened(), status: 'open', answeredAt: iso('10:00:00'), statusSince: iso('10:00:00') }, 2);
  const waiting = (): Case =>
    stored(
      moveInTime(rulesAt(at('11:00:00')), open(), 'wait', {
        waitsFor: 'customer',
        holds: [{ for: 'customer', from: iso('11:00:00') }],
      }).after,
      3,
    );

  it('stand still while it waits: only the resolution', () => {
    const { firstResponse, resolution: promised } = waiting().sla;
    expect(firstResponse).toMatchObject({ state: 'met', metAt: iso('10:00:00') });
    expect(promised).toEqual({ state: 'paused', target: 'PT24H', remainingMinutes: 22 * 60 });
  });

  it('go on with what was left', () => {
    const record = waiting();
    const rules = rulesAt(at('15:00:00'));
    const { after } = moveInTime(rules, record, 'reply', released(record, rules.now.toISOString()));
    expect(after.waitsFor).toBeUndefined();
    expect(after.sla.resolution).toMatchObject({ state: 'running', dueAt: iso('13:00:00', 6) });
  });

  it('count the time as resolved as a hold where it is reopened', () => {
    const rules = rulesAt(at('10:00:00', 4));
    const resolved = stored(moveInTime(rules, open(), 'resolve', resolution(open(), 'Fan replaced', rules)).after, 3);
    expect(resolved.sla.resolution).toMatchObject({ state: 'met', metAt: iso('10:00:00', 4) });
    const later = rulesAt(at('10:00:00', 5));
    const { after } = moveInTime(later, resolved, 'reopen', reopening(resolved, later));
    expect(after).toMatchObject({ status: 'open', reopened: 1, resolvedAt: undefined, closesAt: undefined });
    // 9 of 24 hours were used up before.
    expect(after.sla.resolution).toMatchObject({
      state: 'running',
      dueAt: new Date('2026-02-09T09:00:00Z').toISOString(),
    });
  });

  it('are counted from the start by another priority', () => {
    const { sla } = timed({ ...opened(), priority: 'urgent' }, rulesAt(at('09:30:00')));
    expect(sla.firstResponse).toMatchObject({ target: 'PT1H', dueAt: iso('10:00:00'), state: 'running' });
  });

  it('keep a breach on record, whatever comes later', () => {
    const late = readSla(opened(), rulesAt(at('14:00:00')));
    expect(late.firstResponse).toMatchObject({ state: 'breached', breachedAt: iso('13:00:00') });
    const { sla } = timed({ ...opened(), sla: late, priority: 'low' }, rulesAt(at('14:00:00')));
    expect(sla.firstResponse).toMatchObject({ state: 'breached', breachedAt: iso('13:00:00'), target: 'PT24H' });
  });

  it('stop where it is turned away', () => {
    const { after } = moveInTime(rulesAt(at('10:00:00')), stored(opened()), 'reject');
    expect(after.nextStepAt).toBeUndefined();
    expect(after.sla).toMatchObject({ firstResponse: { state: 'paused' }, resolution: { state: 'paused' } });
  });

  it('take the summary of a resolution for an answer', () => {
    const rules = rulesAt(at('10:00:00'));
    const { after } = moveInTime(rules, stored(opened()), 'resolve', resolution(stored(opened()), 'Done', rules));
    expect(after.sla).toMatchObject({ firstResponse: { state: 'met' }, resolution: { state: 'met' } });
  });
});

describe('the next step', () => {
  const stepAt = (record: Draft<Case>, now: Date) => nextStepOf(record, rulesAt(now));
  const marked = (first: object, more: object = {}): Draft<Case> => {
    const draft = opened();
    return { ...draft, ...more, sla: { ...draft.sla, firstResponse: { ...draft.sla.firstResponse, ...first } } };
  };

  it.each<[string, Draft<Case>, Date, object]>([
    ['warns at 75 %', opened(), at('09:00:00'), { does: 'warn', clock: 'firstResponse', at: at('12:00:00') }],
    [
      'tells of a breach right after the due instant',
      marked({ warnedAt: iso('12:00:00') }),
      at('13:00:00'),
      { does: 'breach', clock: 'firstResponse', at: at('13:00:00.001') },
    ],
    [
      'skips the warning once it is too late',
      opened(),
      at('13:00:01'),
      { does: 'breach', clock: 'firstResponse', at: at('13:00:00.001') },
    ],
    [
      'escalates what was told',
      marked({ toldAt: iso('13:00:01') }),
      at('13:00:01'),
      { does: 'escalate', clock: 'firstResponse', at: at('13:00:01') },
    ],
    [
      'goes on to the other promise',
      marked({ toldAt: iso('13:00:01'), escalatedAt: iso('13:00:01') }),
      at('13:00:01'),
      { does: 'warn', clock: 'resolution', at: at('11:00:00', 5) },
    ],
    [
      'asks how it went',
      { ...opened(), status: 'resolved', surveyAt: iso('10:00:00', 4), closesAt: iso('10:00:00', 9) },
      at('10:00:00'),
      { does: 'survey', at: at('10:00:00', 4) },
    ],
    [
      'closes it in the end',
      { ...opened(), status: 'resolved', closesAt: iso('10:00:00', 9) },
      at('10:00:00', 5),
      { does: 'close', at: at('10:00:00', 9) },
    ],
  ])('%s', (_, record, now, step) => {
    expect(stepAt(record, now)).toEqual(step);
  });

  it('brings back what waits without an answer', () => {
    const record = {
      ...opened(),
      status: 'waiting' as const,
      answeredAt: iso('10:00:00'),
      statusSince: iso('11:00:00', 1),
      holds: [{ for: 'customer' as const, from: iso('11:00:00') }],
    };
    expect(stepAt(record, at('12:00:00'))).toEqual({ does: 'followUp', at: at('11:00:00', 8) });
    expect(stepAt({ ...record, chasedAt: iso('11:00:00', 2) }, at('12:00:00'))).toMatchObject({
      at: at('11:00:00', 9),
    });
  });

  it.each(['closed', 'rejected', 'duplicate'] as const)('is none where it is %s', (status) => {
    expect(stepAt({ ...opened(), status }, at('09:00:00'))).toBeUndefined();
  });
});

describe('the window', () => {
  const rules = rulesAt(at('10:00:00'));
  const resolved = stored(
    moveInTime(rules, stored(opened()), 'resolve', resolution(stored(opened()), 'Done', rules)).after,
  );

  it('is kept on the record, and the survey lies in it', () => {
    expect(resolved).toMatchObject({ surveyAt: iso('10:00:00', 4), closesAt: '2026-02-10T10:00:00.000Z' });
    const short = rulesAt(at('10:00:00'), { handling: { ...byDefault(CaseHandling), reopenWindow: 'PT1H' } });
    expect(resolution(stored(opened()), 'Done', short)).toMatchObject({ surveyAt: iso('11:00:00') });
    expect(resolution({ ...resolved, surveyedAt: iso('11:00:00') }, 'Done', rules).surveyAt).toBeUndefined();
  });

  it.each([
    ['2026-02-10T10:00:00.000Z', false],
    ['2026-02-10T10:00:00.001Z', true],
  ])('at %s is over: %s', (now, over) => {
    expect(isPastWindow(resolved, rulesAt(new Date(now)))).toBe(over);
  });
});

/** What a person may do to a case at some time, and what its process does when its time has come. */
const verbs = ['reply', 'wait', 'resolve', 'reopen', 'assign', 'escalate'] as const;
const patchOf = (verb: (typeof verbs)[number], record: Case, rules: CaseRules): Partial<Draft<Case>> => {
  const now = rules.now.toISOString();
  if (verb === 'reply') return { ...released(record, now), answeredAt: record.answeredAt ?? now };
  if (verb === 'wait') return { waitsFor: 'customer', holds: [...record.holds, { for: 'customer', from: now }] };
  if (verb === 'resolve') return resolution(record, 'Done', rules);
  return verb === 'reopen' ? reopening(record, rules) : {};
};

it('an unfinished case always has a next step, and no clock is told of twice', () => {
  const turn = fc.record({ verb: fc.constantFrom(...verbs), afterMinutes: fc.integer({ min: 0, max: 10_000 }) });
  const priority = fc.constantFrom('low', 'normal', 'high', 'urgent');
  fc.assert(
    fc.property(priority, fc.array(turn, { maxLength: 20 }), (first, turns) => {
      let record = stored(opened({ priority: first }));
      let now = at('09:00:00').getTime();
      const done: string[] = [];
      for (const { verb, afterMinutes } of turns) {
        now += afterMinutes * 60_000;
        const rules = rulesAt(new Date(now));
        for (
          let step = nextStepOf(record, rules), n = 0;
          step && step.at <= rules.now && isActive(record.status);
          n++
        ) {
          expect(n).toBeLessThan(8);
          const at = rules.now.toISOString();
          if ('clock' in step) {
            done.push(`${step.does} ${step.clock}`);
            const mark = { warn: 'warnedAt', breach: 'toldAt', escalate: 'escalatedAt' }[step.does];
            const sla = { ...record.sla, [step.clock]: { ...record.sla[step.clock], [mark]: at } };
            record = stored(moveInTime(rules, record, step.does, { sla }).after);
          } else {
            record = stored(moveInTime(rules, record, 'followUp', { chasedAt: at }).after);
          }
          step = nextStepOf(record, rules);
        }
        if (!(caseMoves[verb].from as readonly string[]).includes(record.status)) continue;
        record = stored(moveInTime(rules, record, verb, patchOf(verb, record, rules)).after);
        expect(record.nextStepAt).toBeDefined();
        expect(record.nextStepAt).toBe(nextStepOf(record, rules)?.at.toISOString());
      }
      expect(new Set(done).size).toBe(done.length);
    }),
    { numRuns: 200 },
  );
});
