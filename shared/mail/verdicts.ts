import type { Header } from './header.ts';

/** What SES found out about a message. */
export interface Verdicts {
  /** `pass`, `fail`, `gray`, `processing_failed`, `disabled`; `none` where SES says nothing. */
  spam: string;
  virus: string;
  /** RFC 8601 results: `pass`, `fail`, `none`, `temperror`, ... */
  spf: string;
  dkim: string;
  dmarc: string;
  /** The domain that DMARC was asked of. */
  author?: string | undefined;
}

const authority = 'amazonses.com';

/**
 * The verdicts that SES wrote above a message. Only the topmost header of a name counts: a message may bring forged ones, which stand below.
 * https://docs.aws.amazon.com/ses/latest/dg/receiving-email-concepts.html
 */
export function verdictsIn(headers: readonly Header[]): Verdicts {
  const top = (name: string) => headers.find(({ key }) => key === name)?.value ?? '';
  const verdict = (name: string) => top(name).trim().toLowerCase().slice(0, 30) || 'none';
  const [by = '', ...results] = withoutComments(top('authentication-results')).split(';');
  const said = by.trim().toLowerCase() === authority ? results.map((one) => one.trim()) : [];
  const result = (method: string) => said.filter((one) => one.toLowerCase().startsWith(`${method}=`));
  const [dmarc, ...more] = result('dmarc');
  return {
    spam: verdict('x-ses-spam-verdict'),
    virus: verdict('x-ses-virus-verdict'),
    spf: outcomeOf(result('spf')[0]),
    dkim: result('dkim').map(outcomeOf).includes('pass') ? 'pass' : outcomeOf(result('dkim')[0]),
    // SES says it once; a second one came in by what the sender calls itself.
    dmarc: more.length ? 'fail' : outcomeOf(dmarc),
    author: /\bheader\.from=([^\s;]+)/i.exec(dmarc ?? '')?.[1]?.toLowerCase(),
  };
}

const outcomeOf = (result: string | undefined): string =>
  /^\w+=(\w{1,30})/.exec(result ?? '')?.[1]?.toLowerCase() ?? 'none';

/** RFC 8601 lets comments stand anywhere; what is in one is said by nobody. */
function withoutComments(value: string): string {
  let depth = 0;
  let kept = '';
  for (const character of value.slice(0, 10_000)) {
    if (character === '(') depth++;
    else if (character === ')') depth = Math.max(0, depth - 1);
    else if (depth === 0) kept += character;
  }
  return kept;
}

/** Whether the address of the From header is proven: DMARC passed, and was asked of that very domain. */
export const isAuthenticated = (verdicts: Verdicts, email: string): boolean =>
  verdicts.dmarc === 'pass' &&
  (verdicts.author === undefined || verdicts.author === email.slice(email.lastIndexOf('@') + 1));
