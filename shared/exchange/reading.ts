/** Whether the day or the month comes first, where numbers are parted by slashes or dashes. */
export type DateOrder = 'dayFirst' | 'monthFirst';

/** What parts the fraction of a number. */
export type DecimalSign = 'decimalComma' | 'decimalPoint';

/** Why a cell cannot be taken: a code that a client can act on. */
export class CellFault extends Error {
  override readonly name = 'CellFault';
  readonly code: string;
  constructor(code: string, detail: string) {
    super(detail);
    this.code = code;
  }
}

/** What helps to read a cell: what the mapping says of its column, and what the deployment is. */
export interface Reading {
  values?: Readonly<Record<string, string>> | undefined;
  currency?: string | undefined;
  unit?: 'major' | 'minor' | undefined;
  format?: string | undefined;
  source?: string | undefined;
  timeZone: string;
  /** The deployment's currency: of an amount that names none. */
  ownCurrency: string;
  /** How the column writes its days and months, or its fractions, where that is known. */
  order?: DateOrder | DecimalSign | undefined;
}
