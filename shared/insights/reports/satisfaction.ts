import { dateIn } from '../../core/duration.ts';
import { satisfiedFrom } from '../../service/satisfaction.ts';
import { byKey, byMonth, byUser, counted, counting, type Report, ratio, rounded, time } from '../report.ts';
import { cases } from '../subjects.ts';

/** How satisfied customers say they are. Source: domain.md 9: CSAT is 100 times the share of those who say 4 or 5. */
export const satisfaction: Report = {
  name: 'satisfaction',
  about: 'What customers said of how their cases went, by the day they last said it',
  revision: 1,
  by: { month: byMonth, survey: byKey('survey'), owner: byUser('owner') },
  counts: [
    counting(cases, ({ record: { satisfaction: said, ownerId } }, timeZone) =>
      said
        ? counted(
            dateIn(timeZone, new Date(said.at)),
            { ...time, survey: 'case', owner: ownerId },
            { responses: 1, satisfied: Number(said.score >= satisfiedFrom) },
          )
        : [],
    ),
  ],
  money: [],
  row: ({ responses = 0, satisfied = 0 }) => ({
    responses,
    csat: rounded(percent(satisfied, responses)),
    // Nobody is asked whether they would recommend us, nor how hard it was.
    nps: null,
    ces: null,
  }),
  headline: 'csat',
};

function percent(part: number, whole: number): number | null {
  const share = ratio(part, whole);
  return share === null ? null : share * 100;
}
