import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Arrival, type MailThread, routeMail } from '../../../shared/service/route-mail.ts';

const jo = 'jo@acme.example';
const arrival: Arrival = {
  desk: undefined,
  from: jo,
  author: 'proven',
  isColleague: false,
  automatic: { reasons: [], isAway: false },
  isReport: false,
  spam: false,
  virus: false,
  unreadable: undefined,
  isReplay: false,
  tooMany: false,
  score: undefined,
};
const thread: MailThread = { recordId: 'cas_1', by: 'address', participants: [jo], state: 'active' };
const resolved: MailThread = { ...thread, state: 'reopenable' };
const machine = { reasons: ['it is sent in bulk'], isAway: false };
const continues = { to: 'record', recordId: 'cas_1', wakes: true, reopens: false };
const notes = { to: 'record', wakes: false, reopens: false };
const quietly = { to: 'parked', asks: false };
const asks = { to: 'parked', asks: true };

describe('where a mail goes', () => {
  it.each<[string, Partial<Arrival>, MailThread[], object]>([
    ['to support: a case', { desk: 'support' }, [], { to: 'case' }],
    ['to sales: a lead', { desk: 'sales' }, [], { to: 'lead' }],
    ['to nobody: a person looks at it', {}, [], asks],
    ['from nobody', { desk: 'support', from: undefined }, [], asks],
    ['of a machine: nothing', { desk: 'support', automatic: machine }, [], quietly],
    ['of a machine in a thread: noted only', { automatic: machine }, [thread], { ...continues, wakes: false }],
    ['of a colleague in a thread: noted only', { isColleague: true }, [thread], { ...continues, wakes: false }],
    ['a report', { isReport: true }, [thread], { to: 'bounce' }],
    ['a virus, whatever else', { virus: true, isReport: true }, [thread], quietly],
    ['spam', { spam: true, desk: 'support' }, [], quietly],
    ['too many of one author', { tooMany: true, desk: 'support' }, [], quietly],
    ['unreadable', { unreadable: 'too deep' }, [], asks],
    ['a replayed Message-ID', { isReplay: true, desk: 'support' }, [thread], asks],
    ['by a signed address', {}, [thread], continues],
    ['by a Message-ID of ours', {}, [{ ...thread, by: 'messageId' }], continues],
    ['by a signed address, from somebody else', { from: 'al@other.example' }, [thread], continues],
    ['by a signed address, from a domain without DMARC', { author: 'unknown' }, [thread], continues],
    ['by a signed address, forged', { author: 'refuted' }, [thread], { ...asks, about: 'cas_1' }],
    ['by a Message-ID of ours, forged', { author: 'refuted' }, [{ ...thread, by: 'messageId' }], asks],
    ['by a number, of its customer', {}, [{ ...thread, by: 'number' }], continues],
    ['by a number, of a stranger', { from: 'al@other.example' }, [{ ...thread, by: 'number' }], { to: 'case' }],
    ['by a number, forged', { author: 'refuted' }, [{ ...thread, by: 'number' }], { to: 'case' }],
    ['by a number, from a domain without DMARC', { author: 'unknown' }, [{ ...thread, by: 'number' }], { to: 'case' }],
    ['to a resolved case, of its customer', {}, [{ ...thread, state: 'reopenable' }], { ...continues, reopens: true }],
    ['to a resolved case, not proven', { author: 'unknown' }, [{ ...thread, state: 'reopenable' }], { to: 'case' }],
    [
      'to a resolved case, of somebody else',
      { from: 'al@other.example' },
      [{ ...thread, state: 'reopenable' }],
      { to: 'case' },
    ],
    [
      'a figure, to a case that was asked about',
      { score: 4 },
      [{ ...resolved, surveyed: true }],
      { ...notes, rates: 4 },
    ],
    [
      'a figure, from a domain without DMARC',
      { score: 4, author: 'unknown' },
      [{ ...resolved, surveyed: true, state: 'over' }],
      { ...notes, rates: 4 },
    ],
    ['a figure, forged', { score: 4, author: 'refuted' }, [{ ...resolved, surveyed: true }], asks],
    ['a figure of a machine', { score: 4, automatic: machine }, [{ ...resolved, surveyed: true }], notes],
    ['a figure, to a case that nobody asked about', { score: 4 }, [resolved], { ...continues, reopens: true }],
    ['a figure, to a case that goes on', { score: 4 }, [{ ...thread, surveyed: true }], continues],
    ['to a case that is over, of its customer', {}, [{ ...thread, state: 'over' }], { to: 'case', follows: 'cas_1' }],
    [
      'to a case that is over, of somebody else',
      { from: 'al@other.example' },
      [{ ...thread, state: 'over' }],
      { to: 'case' },
    ],
  ])('%s', (_, more, threads, expected) => {
    const route = routeMail({ ...arrival, ...more }, threads);
    expect(route).toMatchObject(expected);
    expect(route.reasons.length).toBeGreaterThan(0);
    if (route.to === 'case' && !('follows' in expected)) expect(route.follows).toBeUndefined();
  });

  it('never leads a mail that is not proven to a case by its number, nor wakes anybody for a machine', () => {
    const some = fc.record({
      desk: fc.constantFrom('support' as const, 'sales' as const, undefined),
      from: fc.constantFrom(jo, 'al@other.example', undefined),
      author: fc.constantFrom('proven' as const, 'refuted' as const, 'unknown' as const),
      isColleague: fc.boolean(),
      automatic: fc.constantFrom(arrival.automatic, machine),
      isReport: fc.boolean(),
      spam: fc.boolean(),
      virus: fc.boolean(),
      unreadable: fc.constantFrom(undefined, 'why'),
      isReplay: fc.boolean(),
      tooMany: fc.boolean(),
      score: fc.constantFrom(undefined, 1, 5),
    });
    const threads = fc.array(
      fc.record({
        recordId: fc.constantFrom('cas_1', 'lea_1'),
        by: fc.constantFrom('messageId' as const, 'address' as const, 'number' as const),
        participants: fc.constantFrom([jo], []),
        state: fc.constantFrom('active' as const, 'reopenable' as const, 'over' as const),
        surveyed: fc.boolean(),
      }),
      { maxLength: 3 },
    );
    fc.assert(
      fc.property(some, threads, (mail, all) => {
        const route = routeMail(mail, all);
        const proven = all.some(({ by }) => by !== 'number');
        const reaches = route.to === 'record' || (route.to === 'case' && route.follows);
        if (reaches && !proven) expect([mail.author, mail.from]).toEqual(['proven', jo]);
        if (reaches) expect(mail.author).not.toBe(proven ? 'refuted' : 'unknown');
        if (route.to === 'record' && route.reopens) expect([mail.author, mail.from]).toEqual(['proven', jo]);
        if (route.to === 'record' && route.rates) expect([route.wakes, route.reopens]).toEqual([false, false]);
        if (mail.automatic.reasons.length) expect(['case', 'lead']).not.toContain(route.to);
        if (route.to === 'record' && mail.automatic.reasons.length) expect(route.wakes).toBe(false);
      }),
    );
  });
});
