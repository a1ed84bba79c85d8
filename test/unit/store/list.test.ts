import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { keyOf, newId } from '../../../shared/core/ids.ts';
import { list } from '../../../shared/store/list.ts';
import { inState, ranges } from '../../../shared/store/places.ts';
import { type Kind, record } from '../../../shared/store/record.ts';
import { TableInMemory } from '../../support/table-in-memory.ts';

const Parcel = z.object({ ...record('pcl'), status: z.enum(['packed', 'sent', 'lost']) });
type Parcel = z.infer<typeof Parcel>;
const ParcelKind: Kind<Parcel> = {
  name: 'parcel',
  prefix: 'pcl',
  schema: Parcel,
  places: ({ id, status, createdAt }) => ({ gsi2: inState('parcel', status, createdAt, id) }),
};
const [packed, sent] = [ranges.inState('parcel', 'packed'), ranges.inState('parcel', 'sent')];

const account = newId('acc', new Date());
const aParcel = (minute: number, status: Parcel['status'] = 'packed'): Parcel => {
  const at = new Date(Date.UTC(2026, 0, 1, 0, minute));
  const stamps = { version: 1, createdAt: at.toISOString(), updatedAt: at.toISOString(), createdBy: 'key_test' };
  return { id: newId('pcl', at, account), ...stamps, status };
};

/** A table with parcels in it, where something happens between the reading of the index and that of the records. */
function tableOf(parcels: readonly Parcel[], meanwhile: (keep: (parcel: Parcel) => void) => void = () => {}) {
  const keep = (parcel: Parcel) => {
    const [gsi2pk, gsi2sk] = ParcelKind.places!(parcel).gsi2!;
    table.put({ ...parcel, ...keyOf(parcel.id), gsi2pk, gsi2sk });
  };
  const table = new TableInMemory(async (call) => {
    if (call === 'BatchGetCommand') meanwhile(keep);
  });
  parcels.forEach(keep);
  return table.store;
}

describe('a list', () => {
  it('shows a record that goes from one of its ranges to another while it is read, once', async () => {
    const parcels = [aParcel(3), aParcel(2), aParcel(1)];
    const store = tableOf(parcels, (keep) => keep({ ...parcels[1]!, status: 'sent' }));
    const { data } = await list(store, ParcelKind, { ranges: [packed, sent], limit: 10 });
    expect(data.map(({ status }) => status)).toEqual(['packed', 'sent', 'packed']);
    expect(data.map(({ id }) => id)).toEqual(parcels.map(({ id }) => id));
  });

  it('does not show a record that leaves all of its ranges while it is read', async () => {
    const parcels = [aParcel(3), aParcel(2), aParcel(1)];
    const store = tableOf(parcels, (keep) => keep({ ...parcels[1]!, status: 'lost' }));
    const { data } = await list(store, ParcelKind, { ranges: [packed, sent], limit: 10 });
    expect(data.map(({ id }) => id)).toEqual([parcels[0]!.id, parcels[2]!.id]);
  });

  it('goes through merged ranges page by page, newest first, without a gap or a repetition', async () => {
    const parcels = Array.from({ length: 23 }, (_, n) => aParcel(60 - n, n % 3 ? 'packed' : 'sent'));
    const store = tableOf(parcels);
    const seen: string[] = [];
    for (let cursor: string | null | undefined; cursor !== null; ) {
      const page = await list(store, ParcelKind, { ranges: [packed, sent], limit: 4, cursor });
      expect(page.data.length).toBeLessThanOrEqual(4);
      seen.push(...page.data.map(({ id }) => id));
      cursor = page.nextCursor;
    }
    expect(seen).toEqual(parcels.map(({ id }) => id));
  });
});
