import { Liquid, type Template } from 'liquidjs';

/** Milliseconds a text may take to render, characters that it may have, objects that it may make: a bomb ends as a fault, not as an outage. */
const limits = { parseLimit: 200_000, renderLimit: 500, memoryLimit: 2_000_000 };

/** Tags that would read files or cannot be in a mail, and the one filter that would let a contact's own words into its markup. */
const without = { tags: ['include', 'render', 'layout', 'block', 'tablerow'], filters: ['raw'] };

function engine(escapes: boolean): Liquid {
  const made = new Liquid({
    ...limits,
    ownPropertyOnly: true,
    strictFilters: true,
    // Nothing is read from anywhere.
    templates: {},
    ...(escapes && { outputEscape: 'escape' as const }),
  });
  for (const tag of without.tags) delete (made.tags as Record<string, unknown>)[tag];
  for (const filter of without.filters) delete (made.filters as Record<string, unknown>)[filter];
  return made;
}

/** One line of text, such as a subject, and HTML: there everything that is put in is escaped. */
const engines = { text: engine(false), html: engine(true) };
export type LiquidKind = keyof typeof engines;

/** What is wrong with a text, and where in it. */
export interface LiquidFault {
  detail: string;
}

/** A text made ready to be rendered. `variables`: what it asks for, as paths such as `contact.firstName`, each with its place. */
export interface LiquidText {
  render(facts: object): string;
  readonly variables: readonly { path: string; row: number; column: number }[];
}

/** Parses a text. Throws `LiquidError` where its tags, filters or brackets are wrong. */
export function liquid(kind: LiquidKind, source: string): LiquidText {
  const made = engines[kind];
  const parsed = asFault(() => made.parse(source));
  return {
    render: (facts) => asFault(() => String(made.renderSync(parsed, facts))),
    get variables() {
      return variablesOf(made, parsed);
    },
  };
}

/** A text that cannot be parsed or rendered: `message` says what and, where it is known, in which line. */
export class LiquidError extends Error {
  override readonly name = 'LiquidError';
}

function asFault<T>(make: () => T): T {
  try {
    return make();
  } catch (error) {
    throw new LiquidError((error as Error).message.split('\n')[0], { cause: error });
  }
}

const variablesOf = (made: Liquid, parsed: Template[]) =>
  Object.values(made.analyzeSync(parsed).globals).flatMap((uses) =>
    uses.map(({ segments, location }) => ({
      path: segments.filter((part) => typeof part === 'string').join('.'),
      row: location.row,
      column: location.col,
    })),
  );
