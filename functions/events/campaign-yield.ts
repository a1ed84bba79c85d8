import { consumer } from '../../shared/events/consume.ts';
import { countAnew } from '../../shared/insights/keep-reports.ts';
import { keepYield } from '../../shared/marketing/keep-yield.ts';
import { run } from '../../shared/store/command.ts';

/** Keeps what came of each campaign, and has the reports look at it again: its events may come again, or in any order. */
export const handler = consumer('campaign-yield', async (event, { store, policies }, on) => {
  const { answer: campaignIds } = await run(store, policies, on, keepYield, event);
  for (const recordId of new Set(campaignIds))
    await run(store, policies, on, countAnew, { recordId, eventId: event.id });
});
