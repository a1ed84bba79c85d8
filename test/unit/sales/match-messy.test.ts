import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'csv-parse/sync';
import { expect, test } from 'vitest';
import { clustersOf } from '../../../shared/sales/match-clusters.ts';
import { partyOf } from '../../../shared/sales/match-party.ts';
import { Matching } from '../../../shared/sales/match-rule.ts';

const file = join(import.meta.dirname, '../../../../shared/data/import-messy/sites_with_true_ids.csv');

const pairsOf = (groups: readonly unknown[]): Set<string> => {
  const members = Map.groupBy(groups.keys(), (n) => groups[n]);
  return new Set(
    [...members.values()].flatMap((all) => all.flatMap((a, n) => all.slice(n + 1).map((b) => `${a} ${b}`))),
  );
};

test.skipIf(!existsSync(file))(
  'messy rows of several sources: most that are the same are found, few that are not',
  () => {
    const rows = parse<Record<string, string>>(readFileSync(file), { columns: true });
    const began = performance.now();
    const parties = rows.map((row) =>
      partyOf({
        name: row['Site name'],
        phone: row['Phone'],
        address: { street: row['Address'], postalCode: row['Zip'] },
      }),
    );
    const found = pairsOf(clustersOf(parties, Matching.defaults));
    const milliseconds = performance.now() - began;
    const truth = pairsOf(rows.map((row) => row['True Id']));
    const right = [...found].filter((pair) => truth.has(pair)).length;
    const [recall, precision] = [right / truth.size, right / found.size];
    console.log(
      `recall ${recall.toFixed(3)}, precision ${precision.toFixed(3)} of ${truth.size} pairs, ${Math.round(milliseconds)} ms for ${rows.length} rows`,
    );
    expect(recall).toBeGreaterThan(0.85);
    expect(precision).toBeGreaterThan(0.95);
    expect(milliseconds).toBeLessThan(10_000);
  },
);
