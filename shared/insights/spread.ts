import { type Count, counted, type Figure, type Keys, type Sums } from './report.ts';

/** Each bin is a tenth wider than the one before: what is read from its middle is within five percent. */
const growth = 1.1;

/** The bin of a value: 0 for less than one. */
export const binOf = (value: number): number =>
  value < 1 ? 0 : 1 + Math.floor(Math.log(value) / Math.log(growth) + 1e-9);
/** The middle of a bin. */
export const middleOf = (bin: number): number => (bin === 0 ? 0 : growth ** (bin - 0.5));

/** One value of a spread, as a count of its bin. A spread is kept as how many values fell in which bin: such sums can be added up. */
export const measured = (on: string, keys: Keys, figure: string, value: number): Count[] =>
  counted(on, keys, { n: 1 }, `${figure}@${binOf(value)}`);

/** Median and ninetieth percentile of a spread, to one decimal; null where nothing was measured. Nearest rank. */
export function percentiles(sums: Sums, figure: string): Figure {
  const bins = Object.entries(sums)
    .filter(([name, n]) => name.startsWith(`${figure}@`) && n > 0)
    .map(([name, n]) => ({ bin: Number(name.slice(figure.length + 1)), n }))
    .sort((a, b) => a.bin - b.bin);
  const total = bins.reduce((sum, { n }) => sum + n, 0);
  const at = (share: number): number | null => {
    let counted = 0;
    const found = bins.find(({ n }) => {
      counted += n;
      return counted >= Math.ceil(total * share);
    });
    return found ? Math.round(middleOf(found.bin) * 10) / 10 : null;
  };
  return { median: at(0.5), p90: at(0.9) };
}
