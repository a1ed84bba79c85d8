import { Product, skuKey } from '../commerce/product.ts';
import { normalisedName, plainEmail } from '../core/contact-points.ts';
import { idOfName } from '../core/ids.ts';
import type { Fact } from '../events/event.ts';
import { Team, TeamCreated } from '../people/team.ts';
import { User } from '../people/user.ts';
import { AccountCreated, AccountDetails, domainKey, externalKey, firstOfDomain, nameKey } from '../sales/account.ts';
import { emailKey, externalContactKey } from '../sales/contact.ts';
import { opportunityKey } from '../sales/opportunity.ts';
import { Pipeline } from '../sales/pipeline.ts';
import { ranges } from '../store/places.ts';
import type { Kind, Stamped } from '../store/record.ts';
import type { Store } from '../store/store.ts';
import type { Named } from './map-row.ts';

type Wanted = Pick<Named, 'to' | 'by' | 'text' | 'source'>;

const directories: Readonly<Record<string, Kind<Stamped & { name: string; email?: string; sku?: string }>>> = {
  usr: User as never,
  tea: Team as never,
  prd: Product as never,
  pip: Pipeline as never,
};

/** The ids that a name leads to, oldest first; none, one, or several. */
async function idsOf(store: Store, { to, by, text, source = '' }: Wanted): Promise<string[]> {
  const directory = directories[to];
  if (directory && by !== 'sku') {
    const same = by === 'email' ? plainEmail(text) : normalisedName(text);
    const all = await store.loadAll(directory, `dir#${to}`);
    const told = ({ name, email = '' }: { name: string; email?: string }) =>
      by === 'email' ? email : normalisedName(name);
    return all.filter((one) => !one.archivedAt && told(one) === same).map(({ id }) => id);
  }
  if (to === 'acc' && by !== 'externalId') {
    const key = by === 'name' ? nameKey(text) : domainKey(text.trim().toLowerCase());
    const first = by === 'domain' ? await store.holderOf(firstOfDomain(text.trim().toLowerCase())) : undefined;
    if (first) return [first];
    return (await store.query(ranges.under(key), 2, undefined, true)).map((item) => String(item['recordId'])).reverse();
  }
  const key = uniqueKey(to, by, text.trim(), source);
  const holder = key && (await store.holderOf(key));
  return holder ? [holder] : [];
}

function uniqueKey(to: string, by: Named['by'], text: string, source: string): string | undefined {
  if (by === 'sku') return skuKey(text);
  if (by === 'email') return emailKey(text);
  const of = { acc: externalKey, con: externalContactKey, opp: opportunityKey }[to];
  return of?.(source, text);
}

/** What an import makes of a name that nobody has: its id follows from the import and the name, so that it is made once. */
export const madeId = (importId: string, { to, text }: Wanted): string =>
  idOfName(to, `${importId} ${normalisedName(text)}`);

/** The fact of a record that is known by its name alone. */
export function named(importId: string, wanted: Wanted): Fact {
  const id = madeId(importId, wanted);
  const name = wanted.text.trim().slice(0, 200).toWellFormed();
  if (wanted.to === 'tea') return TeamCreated(undefined, { id, name }) as unknown as Fact;
  const domain = wanted.by === 'domain' ? { domain: name.toLowerCase() } : {};
  return AccountCreated(undefined, { ...AccountDetails.parse({ name, ...domain }), id }) as unknown as Fact;
}

/** What a look-up came to: an id, or why not. */
export type Found = { id: string } | { fault: 'lookup.notFound' | 'lookup.ambiguous' };

/** The records that cells name, remembered while an import runs: a name that led to one record goes on doing so. */
export class NamedRecords {
  readonly #known = new Map<string, string>();

  /** Finds the record of a name: its own, then that of the default. A default that is found holds where the cell's name is not. */
  async find(store: Store, named: Named): Promise<Found> {
    const own = named.text ? await this.#one(store, named) : { fault: 'lookup.notFound' as const };
    if ('id' in own || !named.otherwise || own.fault === 'lookup.ambiguous') return own;
    return this.#one(store, { ...named, text: named.otherwise, by: byDefault(named) });
  }

  /** What must be made so that a name leads somewhere; undefined where nothing may be. */
  wanted(named: Named): Wanted | undefined {
    const { to, text, create, otherwise } = named;
    if (create && text) return named;
    return otherwise !== undefined && otherwise !== '' && (to === 'acc' || to === 'tea')
      ? { ...named, text: otherwise, by: byDefault(named) }
      : undefined;
  }

  async #one(store: Store, wanted: Wanted): Promise<Found> {
    const key = JSON.stringify([wanted.to, wanted.by, wanted.text, wanted.source]);
    const known = this.#known.get(key);
    if (known) return { id: known };
    const [id, another] = await idsOf(store, wanted);
    if (!id) return { fault: 'lookup.notFound' };
    if (another) return { fault: 'lookup.ambiguous' };
    this.#known.set(key, id);
    return { id };
  }
}

/** What stands in for everything that is not named is called by a name. */
const byDefault = ({ by, to }: Named): Named['by'] => (to === 'acc' || to === 'tea' ? 'name' : by);
