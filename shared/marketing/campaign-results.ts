import * as z from 'zod';
import { Money } from '../core/money.ts';
import { Settings } from '../core/settings.ts';
import type { Command, Crm } from '../store/command.ts';
import { Campaign } from './campaign.ts';
import { noYield, readYield } from './campaign-yield.ts';
import { type Counts, countsOf, totalOf } from './recipient.ts';

const Figure = z.int();
/** `all` as it was told; `human` without what machines do: prefetching, scanning, previewing. */
const Seen = z.object({ all: Figure, human: Figure });

const ofMails = {
  recipients: Figure,
  queued: Figure,
  sending: Figure,
  skipped: z.record(z.string(), Figure).meta({ description: 'By the reason.' }),
  sent: Figure,
  failed: Figure,
  unknown: Figure,
  delivered: Figure,
  bounced: Figure,
  complained: Figure,
  opened: Seen,
  clicked: Seen,
  replied: Figure,
  unsubscribed: Figure,
};
const MailFigures = z.object(ofMails).meta({ id: 'CampaignMailFigures' });
type MailFigures = z.infer<typeof MailFigures>;

export const CampaignResults = z
  .object({
    ...ofMails,
    arms: z.record(z.string(), MailFigures).meta({ description: 'The same of each arm; `main` is who is in none.' }),
    leads: Figure,
    opportunities: Figure,
    revenue: Money.meta({ description: 'Net of tax: issued less credited, in the currency of the deployment.' }),
    asOf: z.iso.datetime(),
  })
  .meta({ id: 'CampaignResults' });
export type CampaignResults = z.infer<typeof CampaignResults>;

/** The figures of a campaign: what its recipients add up to, exactly as of now, and what came of it. Two reads. */
export const readResults: Command<{ id: string }, CampaignResults> = async (crm, { id }) => {
  await crm.load(Campaign, id);
  return resultsOf(crm, id);
};

export async function resultsOf(crm: Crm, id: string): Promise<CampaignResults> {
  const [counts, came, { currency }] = await Promise.all([
    countsOf(crm.store, id),
    readYield(crm.store, id),
    crm.policy(Settings),
  ]);
  const { leads, opportunities, revenue } = came ?? noYield;
  const arms = [...counts].map(([arm, of]) => [arm, mailFigures(new Map([[arm, of]]))] as const);
  return {
    ...mailFigures(counts),
    arms: Object.fromEntries(arms.toSorted(([a], [b]) => (a < b ? -1 : 1))),
    leads,
    opportunities,
    revenue: { amount: revenue[currency] ?? 0, currency },
    asOf: crm.now.toISOString(),
  };
}

/** Counts as they are shown. */
export function mailFigures(counts: Counts): MailFigures {
  const of = (what: string) => totalOf(counts, what);
  const names = new Set([...counts.values()].flatMap((arm) => [...arm.keys()]));
  const reasons = [...names].filter((name) => name.startsWith('skipped:') && of(name) > 0).sort();
  const states = {
    queued: of('queued'),
    sending: of('sending'),
    sent: of('sent'),
    failed: of('failed'),
    unknown: of('unknown'),
  };
  return {
    recipients: Object.values(states).reduce((sum, one) => sum + one, of('skipped')),
    ...states,
    skipped: Object.fromEntries(reasons.map((name) => [name.slice('skipped:'.length), of(name)])),
    delivered: of('delivered'),
    bounced: of('bounced'),
    complained: of('complained'),
    opened: { all: of('opened'), human: of('openedByHuman') },
    clicked: { all: of('clicked'), human: of('clickedByHuman') },
    replied: of('replied'),
    unsubscribed: of('unsubscribed'),
  };
}
