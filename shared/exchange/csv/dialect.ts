import * as z from 'zod';

export const delimiters = [',', ';', '\t', '|'] as const;

/** How a file is written. `from`: the byte at which its first record begins, behind a byte order mark, Excel's line `sep=;`, and titles. */
export const Dialect = z.object({
  encoding: z.enum(['utf-8', 'utf-16le', 'utf-16be']).meta({
    description: 'In a file of single bytes, a cell that is no UTF-8 is read as Windows-1252.',
  }),
  delimiter: z.enum(delimiters),
  header: z.boolean().meta({ description: 'Whether the first record names the columns.' }),
  from: z.int().nonnegative(),
});
export type Dialect = z.infer<typeof Dialect>;

/** What of a dialect a person may say, where the guess is wrong. */
export const SaidDialect = Dialect.omit({ from: true }).partial();
export type SaidDialect = z.infer<typeof SaidDialect>;
