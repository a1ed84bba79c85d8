/**
 * How alike two words are, 0 to 1: Jaro's share of characters in common and in order, raised by a common beginning of up to four
 * (Winkler). Source: Winkler 1990; `MARTHA` and `MARHTA` are 0.961.
 */
export function jaroWinkler(a: string, b: string): number {
  if (a === b) return a === '' ? 0 : 1;
  const reach = Math.max(0, Math.floor(Math.max(a.length, b.length) / 2) - 1);
  const [inA, inB] = inCommon(a, b, reach);
  if (!inA.length) return 0;
  const moved = inA.filter((character, n) => character !== inB[n]).length / 2;
  const jaro = (inA.length / a.length + inA.length / b.length + (inA.length - moved) / inA.length) / 3;
  const beginning = [...a.slice(0, 4)].findIndex((character, n) => character !== b[n]);
  return jaro + (beginning < 0 ? Math.min(4, a.length) : beginning) * 0.1 * (1 - jaro);
}

/** The characters that both have no further apart than `reach`, in the order of each. */
function inCommon(a: string, b: string, reach: number): [string[], string[]] {
  const used = new Array<boolean>(b.length).fill(false);
  const inA: string[] = [];
  for (let n = 0; n < a.length; n++) {
    const until = Math.min(b.length, n + reach + 1);
    for (let m = Math.max(0, n - reach); m < until; m++) {
      if (used[m] || a[n] !== b[m]) continue;
      used[m] = true;
      inA.push(a[n]!);
      break;
    }
  }
  return [inA, [...b].filter((_, m) => used[m])];
}

/** How much of the shorter of two names the longer one says too, 0 to 1: word by word, by their letters, a word with a typing error too. */
export function wordsInCommon(a: readonly string[], b: readonly string[]): number {
  const [few, many] = lettersOf(a) <= lettersOf(b) ? [a, b] : [b, a];
  const all = lettersOf(few);
  if (!all || !many.length) return 0;
  const known = new Set(many);
  const has = (word: string) =>
    known.has(word) || (word.length > 4 && many.some((other) => jaroWinkler(word, other) >= 0.94));
  return lettersOf(few.filter(has)) / all;
}

const lettersOf = (words: readonly string[]): number => words.reduce((sum, word) => sum + word.length, 0);
