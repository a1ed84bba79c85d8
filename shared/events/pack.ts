/** What one PutEvents call takes: ten entries, 256 kB in all. */
const most = { entries: 10, bytes: 262_144 };

interface Entry {
  Detail?: string | undefined;
  DetailType?: string | undefined;
}
/** The size of an entry as EventBridge counts it: source, detail type, detail, and the time. */
const sizeOf = ({ Detail = '', DetailType = '' }: Entry): number =>
  Buffer.byteLength(Detail) + Buffer.byteLength(DetailType) + 22;

/** Whether an entry fits no call at all. */
export const tooLarge = (entry: Entry): boolean => sizeOf(entry) > most.bytes;

/** Entries in order, in as few calls as count and bytes allow. */
export function packed<T extends { entry: Entry }>(entries: readonly T[]): T[][] {
  const packs: T[][] = [];
  let bytes = Number.POSITIVE_INFINITY;
  for (const one of entries) {
    const size = sizeOf(one.entry);
    const last = packs.at(-1);
    if (last && last.length < most.entries && bytes + size <= most.bytes) {
      last.push(one);
      bytes += size;
    } else {
      packs.push([one]);
      bytes = size;
    }
  }
  return packs;
}
