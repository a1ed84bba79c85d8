import { accountOf, keyOf } from '../core/ids.ts';
import { Settings } from '../core/settings.ts';
import { KeptFigures, noFigures } from '../insights/figures.ts';
import { figuresKey } from '../insights/keep-figures.ts';
import { Account } from '../sales/account.ts';
import { Contact } from '../sales/contact.ts';
import { Lead, openLeadKey } from '../sales/lead.ts';
import type { Crm } from '../store/command.ts';
import { ranges } from '../store/places.ts';
import type { Store } from '../store/store.ts';
import type { Facts, Source } from './facts.ts';
import { type CompiledRule, compileRule } from './rule.ts';
import { Segment } from './segment.ts';

/** Somebody who may get a mail, and what is known of them. */
export interface Member {
  readonly contactId: string;
  readonly accountId: string;
  /** Their first address; who has none belongs to an audience and is skipped with the reason `noAddress`. */
  readonly email?: string | undefined;
  readonly timeZone?: string | undefined;
  readonly language?: string | undefined;
  readonly facts: Facts;
  /** Somebody whom the audience leaves out: by an excluded segment or by name. */
  readonly excluded: boolean;
}

/** Who is meant: everybody in one of the segments; `exclusions` are ids of segments and contacts to leave out. */
export interface AudienceSpec {
  readonly segmentIds: readonly string[];
  readonly exclusions?: readonly string[] | undefined;
}

/** An audience made ready: its rules compiled once, for all pages. */
export interface Audience {
  readonly includes: readonly CompiledRule[];
  readonly excludes: readonly CompiledRule[];
  readonly excludedContacts: ReadonlySet<string>;
  readonly sources: ReadonlySet<Source>;
}

type Reads = Pick<Crm, 'store' | 'policy' | 'now'>;

/**
 * Loads and compiles what an audience names. 422 `reference.unknown` where a segment is not there (any more); `pointers` say which
 * fields of the body the ids came from.
 */
export async function readAudience(
  crm: Pick<Crm, 'store' | 'policy' | 'now' | 'refer'>,
  { segmentIds, exclusions = [] }: AudienceSpec,
  pointers = { segmentIds: '#/segmentIds', exclusions: '#/exclusions' },
): Promise<Audience> {
  const compile = await compiler(crm);
  const rulesOf = (ids: readonly string[], pointer: string) =>
    Promise.all(ids.map(async (id, n) => compile((await crm.refer(Segment, id, `${pointer}/${n}`)).rule)));
  const [includes, excludes] = await Promise.all([
    rulesOf(segmentIds, pointers.segmentIds),
    rulesOf(
      exclusions.filter((id) => id.startsWith('seg_')),
      pointers.exclusions,
    ),
  ]);
  return audienceBy(includes, excludes, new Set(exclusions.filter((id) => id.startsWith('con_'))));
}

/** An audience by rules that are compiled already. */
export const audienceBy = (
  includes: readonly CompiledRule[],
  excludes: readonly CompiledRule[] = [],
  excludedContacts: ReadonlySet<string> = new Set(),
): Audience => ({
  includes,
  excludes,
  excludedContacts,
  sources: new Set([...includes, ...excludes].flatMap(({ sources }) => [...sources])),
});

/** What compiles rules here and now. */
export async function compiler(crm: Pick<Crm, 'policy' | 'now'>): Promise<(rule: Segment['rule']) => CompiledRule> {
  const { timeZone, currency } = await crm.policy(Settings);
  return (rule) => compileRule(rule, { now: crm.now, timeZone, currency });
}

/** One stretch of the walk over all contacts, newest first. */
export interface AudiencePage {
  readonly members: Member[];
  /** How many contacts were looked at. */
  readonly walked: number;
  /** Where the next page goes on; undefined at the end. */
  readonly next?: string | undefined;
}

/** Contacts that one page looks at: keys of the index, read by one Query. */
export const contactsPerPage = 1_000;

/**
 * The next page of an audience. There is no index of what a rule asks: contacts are walked by their keys (gsi2), and read by BatchGet: first
 * their accounts, then those whom the account does not rule out, with the figures or open leads that a rule asks for. A page may be short or
 * empty before the end. Units: docs/access-patterns.md.
 */
export async function audiencePage(
  { store }: Pick<Crm, 'store'>,
  audience: Audience,
  before?: string,
  limit = contactsPerPage,
): Promise<AudiencePage> {
  const items = await store.query(ranges.inState('contact', 'all'), limit, before);
  const ids = items.map((item) => String(item['sk']));
  const unless = (account: Account) => audience.includes.every((rule) => rule.byAccount(account) === false);
  const all = await membersOf(store, ids, { sources: audience.sources, unless });
  const members = all
    .filter(({ facts }) => audience.includes.some((rule) => rule.holds(facts)))
    .map((member) => ({ ...member, excluded: isExcluded(audience, member) }));
  const next = items.length < limit ? undefined : String(items.at(-1)?.['gsi2sk']);
  return { members, walked: items.length, next };
}

const isExcluded = ({ excludes, excludedContacts }: Audience, { contactId, facts }: Member): boolean =>
  excludedContacts.has(contactId) || excludes.some((rule) => rule.holds(facts));

/**
 * Everybody in an audience, page by page, each address once. The pages may be many: a request takes `audiencePage` instead and says
 * how far it came.
 */
export async function* audienceOf(crm: Reads & Pick<Crm, 'refer'>, spec: AudienceSpec): AsyncGenerator<Member[]> {
  const audience = await readAudience(crm, spec);
  const seen = new Set<string>();
  for (let before: string | undefined; ; ) {
    const { members, next } = await audiencePage(crm, audience, before);
    const fresh = members.filter(({ contactId, email = contactId }) => !seen.has(email) && seen.add(email));
    if (fresh.length) yield fresh;
    if (!next) return;
    before = next;
  }
}

/** Whom to load, and what of them. */
interface Wanted {
  /** What to load beside contact and account. */
  readonly sources?: ReadonlySet<Source>;
  /** Whether the account alone rules its contacts out: they are not loaded then. */
  readonly unless?: (account: Account) => boolean;
}

/** Contacts as members, in the order asked. Who is archived, or whose account is, is nobody's audience and left out. */
export async function membersOf(
  store: Store,
  contactIds: readonly string[],
  { sources = new Set(), unless = () => false }: Wanted = {},
): Promise<Member[]> {
  const accounts = await accountsOf(store, contactIds);
  const wanted = contactIds.filter((id) => {
    const account = accounts.get(accountOf(id)!);
    return account && !account.archivedAt && !unless(account);
  });
  const [contacts, figures, leads] = await Promise.all([
    byId(store, wanted),
    sources.has('figures') ? figuresOf(store, [...new Set(wanted.map((id) => accountOf(id)!))]) : undefined,
    sources.has('lead') ? leadsOf(store, wanted) : undefined,
  ]);
  return wanted.flatMap((contactId): Member[] => {
    const item = contacts.get(contactId);
    if (!item || item['archivedAt']) return [];
    const contact = Contact.schema.parse(item);
    const account = accounts.get(contact.accountId)!;
    const facts = {
      contact,
      account,
      ...(figures && { figures: figures.get(account.id) ?? noFigures }),
      ...(leads && { lead: leads.get(contactId) }),
    };
    const { emails, timeZone, language } = contact;
    return [{ contactId, accountId: account.id, email: emails[0], timeZone, language, facts, excluded: false }];
  });
}

async function accountsOf(store: Store, contactIds: readonly string[]): Promise<Map<string, Account>> {
  const items = await byId(store, [...new Set(contactIds.map((id) => accountOf(id)!))]);
  return new Map([...items].map(([id, item]) => [id, Account.schema.parse(item)]));
}

const byId = async (store: Store, ids: readonly string[]) =>
  new Map((await store.getMany(ids.map(keyOf))).map((item) => [String(item['sk']), item]));

const figuresOf = async (store: Store, accountIds: readonly string[]) =>
  new Map(
    (await store.getMany(accountIds.map(figuresKey))).map((item) => [String(item['pk']), KeptFigures.parse(item)]),
  );

/** The open lead of each contact: a look-up by its key, then the record. */
async function leadsOf(store: Store, contactIds: readonly string[]): Promise<Map<string, Lead>> {
  const holders = await store.holdersOf(contactIds.map(openLeadKey));
  const leads = await byId(store, [...holders.values()]);
  return new Map(
    contactIds.flatMap((contactId) => {
      const lead = leads.get(holders.get(openLeadKey(contactId)) ?? '');
      return lead ? [[contactId, Lead.schema.parse(lead)] as const] : [];
    }),
  );
}
