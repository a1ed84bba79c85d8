/** A header of a message, as it was received. */
export interface Header {
  /** Lower-case. */
  readonly key: string;
  /** Unfolded, not decoded. */
  readonly value: string;
}

/** The value of the topmost header of that (lower-case) name. */
export const headerOf = ({ headers }: { headers: readonly Header[] }, name: string): string | undefined =>
  headers.find(({ key }) => key === name)?.value;

/** Longer is nobody's. */
export const maxHeadersSize = 262_144;

/** The headers of a message that is not to be parsed as a whole. */
export function headersOf(raw: Uint8Array): Header[] {
  const text = Buffer.from(raw.subarray(0, maxHeadersSize)).toString('utf8');
  const end = /\r?\n\r?\n/.exec(text)?.index ?? text.length;
  const lines = text
    .slice(0, end)
    .replaceAll(/\r?\n[ \t]+/g, ' ')
    .split(/\r?\n/);
  return lines.flatMap((line) => {
    const colon = line.indexOf(':');
    return colon > 0 ? [{ key: line.slice(0, colon).trim().toLowerCase(), value: line.slice(colon + 1).trim() }] : [];
  });
}
