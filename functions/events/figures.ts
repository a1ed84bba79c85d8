import { consumer } from '../../shared/events/consume.ts';
import { keepFigures } from '../../shared/insights/keep-figures.ts';
import { run } from '../../shared/store/command.ts';

/** Keeps the figures of each account: its events may come again, or in any order. */
export const handler = consumer('figures', (event, { store, policies }, on) =>
  run(store, policies, on, keepFigures, event),
);
