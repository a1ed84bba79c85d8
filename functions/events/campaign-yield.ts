import { consumer } from '../../shared/events/consume.ts';
import { keepYield } from '../../shared/marketing/campaign-yield.ts';
import { run } from '../../shared/store/command.ts';

/** Keeps what came of each campaign: its events may come again, or in any order. */
export const handler = consumer('campaign-yield', (event, { store, policies }, on) =>
  run(store, policies, on, keepYield, event),
);
