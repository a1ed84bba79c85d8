import { byDefault } from '../core/policy.ts';
import { trial } from '../platform/trial.ts';
import { Case, CaseStatus, clockNames } from './case.ts';
import { CaseHandling, Sla } from './case-policies.ts';
import { calendarOf, readSla } from './case-sla.ts';

/** How the promises of cases are tried on the past: as if they had held from the beginning, whatever was noted since. */
export const caseTrials = [
  trial(Sla, {
    kind: Case,
    states: CaseStatus.exclude(['rejected', 'duplicate']).options,
    decides: ({ sla: _, ...record }, sla, { settings: { timeZone }, now }) => {
      const rules = { sla, handling: byDefault(CaseHandling), calendar: calendarOf(sla, timeZone), now };
      const clocks = readSla(record, rules);
      return {
        decision: Object.fromEntries(
          clockNames.map((name) => [name, { dueAt: clocks[name].dueAt, state: clocks[name].state }]),
        ),
        reasons: clockNames.map(
          (name) =>
            `${name}: ${clocks[name].target} for ${record.priority}, ${sla.businessHours ? 'in opening hours' : 'around the clock'}`,
        ),
      };
    },
  }),
] as const;
