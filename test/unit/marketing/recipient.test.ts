import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { mailFigures } from '../../../shared/marketing/campaign-results.ts';
import { accepted } from '../../../shared/marketing/hear-campaign-mail.ts';
import { answerOf, settledBy, triedAgain } from '../../../shared/marketing/mail-outcome.ts';
import {
  changing,
  countedAs,
  type Recipient,
  RecipientState,
  recipientKey,
  signs,
} from '../../../shared/marketing/recipient.ts';
import { signed } from '../../../shared/marketing/recipient-signs.ts';
import { Store } from '../../../shared/store/store.ts';

const now = new Date('2026-03-01T10:00:00.000Z');
const minutesAgo = (minutes: number) => new Date(now.getTime() - minutes * 60_000).toISOString();
const campaignId = `cmp_${'0'.repeat(26)}`;
const someone = (what: Partial<Recipient> = {}): Recipient => ({
  campaignId,
  key: recipientKey(campaignId, 'jo@acme.example'),
  contactId: `con_${'0'.repeat(40)}`,
  email: 'jo@acme.example',
  arm: 'main',
  state: 'queued',
  since: now.toISOString(),
  attempts: 0,
  signs: {},
  writes: 1,
  ...what,
});

describe('what an answer of SES means', () => {
  const fault = (name: string, status?: number, message = '', code?: string) =>
    Object.assign(new Error(message), { name, ...(status && { status }), ...(code && { cause: { code } }) });
  it.each([
    ['never reached: not sent', fault('TypeError', undefined, 'fetch failed', 'ECONNREFUSED'), 'later', 'queued'],
    ['the rate is used up: not sent', fault('Throttling', 400, 'Maximum sending rate exceeded.'), 'later', 'queued'],
    ['the day is used up: not sent', fault('Throttling', 400, 'Daily message quota exceeded.'), 'later', 'queued'],
    ['halted: not sent', fault('AccountSendingPausedException', 400), 'later', 'queued'],
    ['no permission: not sent, and not the fault of the mail', fault('AccessDenied', 403), 'later', 'queued'],
    ['refused: never', fault('MessageRejected', 400), 'refused', 'failed'],
    ['a fault of SES: who knows', fault('InternalFailure', 500), 'lost', 'unknown'],
    ['no answer: who knows', fault('TimeoutError'), 'lost', 'unknown'],
    ['a broken connection: who knows', fault('TypeError', undefined, 'fetch failed', 'ECONNRESET'), 'lost', 'unknown'],
  ] as const)('%s', (_, error, kind, state) => {
    const answer = answerOf(error);
    expect(Object.keys(answer)).toContain(kind);
    expect(settledBy(someone({ state: 'sending', attempts: 1 }), answer, now).state).toBe(state);
  });
});

describe('a recipient of whose mail nobody knows', () => {
  const unknown = (minutes: number, attempts = 1) =>
    someone({ state: 'unknown', attempts, since: minutesAgo(minutes) });
  const policy = { attempts: 5, unknown: { resendAfter: 'PT5M', giveUpAfter: 'PT2H' } };
  const never = { ...policy, unknown: { ...policy.unknown, resendAfter: null } };
  it.each([
    ['waits while SES may still tell', unknown(4), policy, true, undefined],
    ['waits while SES has not told of others', unknown(60), policy, false, undefined],
    ['waits for ever where the policy says so', unknown(60), never, true, undefined],
    ['was not taken if SES told of all others', unknown(5), policy, true, 'queued'],
    ['has failed after so many attempts', unknown(5, 5), policy, true, 'failed'],
  ] as const)('%s', (_, recipient, under, allTold, state) => {
    expect(triedAgain(recipient, under, allTold, now)?.state).toBe(state);
  });

  it.each([
    ['sending', 1, 'sent'],
    ['unknown', 1, 'sent'],
    ['queued', 1, 'sent'],
    ['failed', 5, 'sent'],
    ['queued', 0, 'queued'],
    ['skipped', 0, 'skipped'],
    ['sent', 1, 'sent'],
  ] as const)('told of while %s after %i attempts, it is %s', (state, attempts, after) => {
    const told = accepted(someone({ state, attempts }), { kind: 'sent', messageId: 'm-1', at: now.toISOString() });
    expect(told.state).toBe(after);
  });

  it('has failed if SES rejects it after all, whatever is told later', () => {
    const rejected = accepted(someone({ state: 'sent', attempts: 1 }), {
      kind: 'rejected',
      messageId: 'm-1',
      at: now.toISOString(),
    });
    expect(rejected.state).toBe('failed');
    expect(accepted(rejected, { kind: 'sent', messageId: 'm-1', at: now.toISOString() }).state).toBe('failed');
  });
});

describe('the counts of a campaign', () => {
  const state = fc.constantFrom(...RecipientState.options);
  const recipient = fc
    .record({
      n: fc.integer({ min: 0, max: 30 }),
      state,
      arm: fc.constantFrom('a', 'main'),
      seen: fc.subarray([...signs]),
    })
    .map(({ n, seen, ...what }) => ({
      ...someone(what),
      key: recipientKey(campaignId, `${n}@acme.example`),
      ...(what.state === 'skipped' && { reason: 'suppressed' }),
      signs: Object.fromEntries(seen.map((sign) => [sign, now.toISOString()])),
    }));

  it('are what the recipients add up to, whatever they went through', () => {
    fc.assert(
      fc.property(fc.array(recipient, { maxLength: 60 }), (history) => {
        const store = new Store({} as never, 'table');
        const standing = new Map<string, Recipient>();
        const counts = new Map<string, number>();
        for (const after of history) {
          const before = standing.get(after.key);
          for (const { Put, Update } of changing(store, [{ before, after }])) {
            if (Put) standing.set(after.key, Put.Item as Recipient);
            const names = Update?.ExpressionAttributeNames ?? {};
            for (const [alias, name] of Object.entries(names)) {
              const by = Number(Update?.ExpressionAttributeValues?.[alias.replace('#', ':')]);
              counts.set(name, (counts.get(name) ?? 0) + by);
            }
          }
        }
        const expected = new Map<string, number>();
        for (const one of standing.values())
          for (const name of countedAs(one)) expected.set(name, (expected.get(name) ?? 0) + 1);
        const there = [...counts].filter(([, amount]) => amount !== 0).sort();
        expect(there).toEqual([...expected].sort());
      }),
    );
  });

  it('are shown with every recipient in exactly one state', () => {
    const counts = new Map([
      [
        'main',
        new Map([
          ['queued', 1],
          ['sent', 4],
          ['skipped', 2],
          ['skipped:suppressed', 2],
          ['failed', 1],
          ['clicked', 3],
        ]),
      ],
    ]);
    expect(mailFigures(counts)).toMatchObject({
      recipients: 8,
      skipped: { suppressed: 2 },
      clicked: { all: 3, human: 0 },
    });
  });

  it('note what happens to a mail the first time only', () => {
    const first = signed(someone(), ['delivered'], now)!;
    expect(first.signs.delivered).toBe(now.toISOString());
    expect(signed(first, ['delivered'], new Date())).toBeUndefined();
  });
});
