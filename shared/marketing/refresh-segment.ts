import { keyOf } from '../core/ids.ts';
import { Refusal } from '../core/refusal.ts';
import type { Envelope } from '../events/event.ts';
import { type Command, Crm, run } from '../store/command.ts';
import type { Occasion } from '../store/occasion.ts';
import { ranges } from '../store/places.ts';
import type { Store } from '../store/store.ts';
import type { Surroundings } from '../store/surroundings.ts';
import { audienceBy, audiencePage, compiler, membersOf } from './audience.ts';
import { changeMembers, changesPerTransaction, Membership } from './membership.ts';
import type { CompiledRule } from './rule.ts';
import { type Refresh, Segment, SegmentRefreshed, SegmentRefreshing, SegmentRefreshStarted } from './segment.ts';

/** What begins a stretch of a refresh. */
export const refreshEvents: readonly string[] = [SegmentRefreshStarted.type, SegmentRefreshing.type];

/** A refresh of which nothing was heard for so long is given up: another one may begin. */
const givenUpAfterMilliseconds = 3_600_000;

/**
 * Begins to find out who has entered a segment and who has left it; one that is under way goes on. What it found is `refreshed` of the
 * segment, and an event each (`segment.entered`, `segment.left`). 409 where the segment is archived.
 */
export const startRefresh: Command<{ id: string }, Segment> = async (crm, { id }) => {
  const segment = await crm.load(Segment, id);
  if (segment.archivedAt) throw new Refusal('record.wrongState', 'The segment is archived; restore it first');
  const silent = crm.now.getTime() - Date.parse(segment.updatedAt) > givenUpAfterMilliseconds;
  if (segment.refresh && !silent) return segment;
  const startedAt = crm.now.toISOString();
  const refresh: Refresh = { startedAt, phase: 'members', members: 0, entered: 0, left: 0 };
  return crm.commit([SegmentRefreshStarted(segment, { ...segment, refresh })]);
};

/** A stretch takes so long; its end is an event that sends for the next: no number of contacts is too many for one function. */
const stretchMilliseconds = 60_000;
const pageSize = 1_000;

/**
 * Walks one stretch of a refresh: members who should not be any more, then contacts who should be. Changes are committed as they are found,
 * so a stretch that is walked again changes nothing twice. An event that has been followed up already is done.
 */
export async function refreshStretch(event: Envelope, around: Surroundings, on: Occasion): Promise<void> {
  const { store, policies, now } = around;
  const segment = await store.find(Segment, event.recordId);
  if (!segment?.refresh || segment.version !== event.recordVersion || segment.archivedAt) return;
  const rule = (await compiler(new Crm(store, policies, on)))(segment.rule);
  const until = now().getTime() + stretchMilliseconds;
  let refresh = segment.refresh;
  do {
    const { changes, next } = await nextPage(store, segment.id, rule, refresh);
    refresh = next;
    for (let from = 0; from < changes.length; from += changesPerTransaction) {
      const some = changes.slice(from, from + changesPerTransaction);
      const { answer } = await run(store, policies, on, changeMembers, { segmentId: segment.id, changes: some });
      refresh = { ...refresh, entered: refresh.entered + answer.entered, left: refresh.left + answer.left };
    }
  } while (refresh.phase !== 'done' && now().getTime() < until);
  await run(store, policies, on, noteStretch, { id: segment.id, version: segment.version, refresh });
}

interface PageOfRefresh {
  /** Who must be in or out; many are already. */
  changes: { contactId: string; status: Membership['status'] }[];
  next: Refresh;
}

async function nextPage(store: Store, segmentId: string, rule: CompiledRule, refresh: Refresh): Promise<PageOfRefresh> {
  const { phase, before, ...sofar } = refresh;
  if (phase === 'contacts') {
    const { members, next } = await audiencePage({ store }, audienceBy([rule]), before, pageSize);
    const changes = members.map(({ contactId }) => ({ contactId, status: 'in' as const }));
    const found = { ...sofar, members: sofar.members + members.length };
    return { changes, next: next ? { ...found, phase, before: next } : { ...found, phase: 'done' } };
  }
  const places = await store.query(ranges.inState('member', segmentId), pageSize, before);
  const items = await store.getMany(places.map((item) => keyOf(String(item['sk']))));
  const contactIds = items.map((item) => Membership.schema.parse(item).contactId);
  const members = await membersOf(store, contactIds, { sources: rule.sources });
  const stay = new Set(members.filter(({ facts }) => rule.holds(facts)).map(({ contactId }) => contactId));
  const changes = contactIds.filter((id) => !stay.has(id)).map((contactId) => ({ contactId, status: 'out' as const }));
  const more = places.length === pageSize ? { phase, before: String(places.at(-1)?.['gsi2sk']) } : undefined;
  return { changes, next: { ...sofar, ...(more ?? { phase: 'contacts' }) } };
}

/** Notes how far a refresh came, or what it found, unless somebody else was there first. */
const noteStretch: Command<{ id: string; version: number; refresh: Refresh }, Segment> = async (
  crm,
  { id, version, refresh },
) => {
  const segment = await crm.load(Segment, id);
  if (segment.version !== version) return segment;
  if (refresh.phase !== 'done') return crm.commit([SegmentRefreshing(segment, { ...segment, refresh })]);
  const { members, entered, left } = refresh;
  const refreshed = { at: crm.now.toISOString(), members, entered, left };
  return crm.commit([SegmentRefreshed(segment, { ...segment, refresh: undefined, refreshed })]);
};
