import { describe, expect, it } from 'vitest';
import { presentAmong } from '../../../shared/people/eligibility.ts';
import { User, UserDetails } from '../../../shared/people/user.ts';

const timeZone = 'Europe/Berlin';
const user = (name: string, said: Partial<User> = {}) => ({ id: `usr_${name}`, name, ...said }) as User;
/** Who is present, and why others are not. 15 June 2026 is a Monday; Berlin is two hours ahead of UTC. */
const at = (time: string, users: User[], except: string[] = []) => {
  const { users: here, skipped } = presentAmong(users, except, { now: new Date(time), timeZone });
  return [here.map(({ name }) => name), skipped];
};

const office = {
  mon: [
    ['09:00', '12:00'],
    ['13:00', '17:00'],
  ],
} as User['workingHours'];

describe('who is present', () => {
  const ada = user('Ada');
  const inOffice = user('Ben', { workingHours: office });
  const inTokyo = user('Cho', { workingHours: office, timeZone: 'Asia/Tokyo' });

  it.each([
    ['within hours', '2026-06-15T08:00:00Z', ['Ada', 'Ben'], ['Cho is outside their working hours']],
    [
      'at lunch',
      '2026-06-15T10:30:00Z',
      ['Ada'],
      ['Ben is', 'Cho is'].map((who) => `${who} outside their working hours`),
    ],
    ['by the clock of their own zone', '2026-06-15T00:30:00Z', ['Ada', 'Cho'], ['Ben is outside their working hours']],
    [
      'on the closing time',
      '2026-06-15T15:00:00Z',
      ['Ada'],
      ['Ben is', 'Cho is'].map((who) => `${who} outside their working hours`),
    ],
  ])('is told %s', (_, time, here, skipped) => {
    expect(at(time, [ada, inOffice, inTokyo])).toEqual([here, skipped]);
  });

  it('is everybody outside the hours of all, so that nothing lies until morning', () => {
    const ill = user('Ill', { workingHours: office, absences: [{ from: '2026-06-10', to: '2026-06-15' }] });
    expect(at('2026-06-15T20:00:00Z', [inOffice, inTokyo, ill])).toEqual([
      ['Ben', 'Cho'],
      ['Ill is absent until 2026-06-15', 'Outside of all working hours'],
    ]);
  });

  it('is nobody where all are absent or had it before', () => {
    const ill = user('Ill', { absences: [{ from: '2026-06-15', to: '2026-06-16' }] });
    expect(at('2026-06-15T08:00:00Z', [ada, ill], [ada.id])).toEqual([
      [],
      ['Ada had it before', 'Ill is absent until 2026-06-16'],
    ]);
  });

  it('counts days where they are', () => {
    const away = { absences: [{ from: '2026-06-16', to: '2026-06-16' }] };
    const users = [user('Here', away), user('There', { ...away, timeZone: 'America/Los_Angeles' })];
    expect(at('2026-06-15T23:00:00Z', users)[0]).toEqual(['There']);
    expect(at('2026-06-16T23:00:00Z', users)[0]).toEqual(['Here']);
  });

  it('has no hours that never open', () => {
    expect(
      at('2026-06-15T03:00:00Z', [user('Any', { workingHours: { mon: [] } }), user('Other', { workingHours: {} })])[0],
    ).toEqual(['Any', 'Other']);
  });
});

describe('working hours and absences', () => {
  const details = { name: 'Ada', email: 'ada@ours.example', role: 'agent' };
  const pointers = (said: object) =>
    UserDetails.safeParse({ ...details, ...said }).error?.issues.map(({ path }) => path.join('/')) ?? [];

  it.each([
    [
      {
        workingHours: {
          mon: [['09:00', '17:00']],
          sun: [
            ['00:00', '06:00'],
            ['22:00', '24:00'],
          ],
        },
      },
      [],
    ],
    [{ workingHours: {} }, []],
    [{ workingHours: { monday: [['09:00', '17:00']] } }, ['workingHours']],
    [{ workingHours: { mon: [['9:00', '17:00']] } }, ['workingHours/mon/0/0', 'workingHours/mon/0']],
    [{ workingHours: { mon: [['09:00', '25:00']] } }, ['workingHours/mon/0/1']],
    [{ workingHours: { mon: [['17:00', '09:00']] } }, ['workingHours/mon/0']],
    [
      {
        workingHours: {
          mon: [
            ['09:00', '12:00'],
            ['11:00', '17:00'],
          ],
        },
      },
      ['workingHours/mon'],
    ],
    [
      {
        workingHours: {
          mon: [
            ['13:00', '17:00'],
            ['09:00', '12:00'],
          ],
        },
      },
      ['workingHours/mon'],
    ],
    [{ workingHours: { mon: 'all day' } }, ['workingHours/mon']],
    [{ absences: [{ from: '2026-06-15', to: '2026-06-15' }] }, []],
    [{ absences: [{ from: '2026-06-15', to: '2026-06-14' }] }, ['absences/0/to']],
  ])('%j', (said, faults) => {
    expect(pointers(said)).toEqual(faults);
  });

  it('of before they were checked keep nobody from being read', () => {
    const stored = {
      ...details,
      id: `usr_${'0'.repeat(26)}`,
      version: 1,
      createdAt: '2026-01-01T00:00:00.000Z',
      updatedAt: '2026-01-01T00:00:00.000Z',
      createdBy: 'x',
      status: 'active',
      workingHours: { someday: [['25:99', 'noon']] },
      absences: [{ from: '2026-06-15', to: '2026-06-14' }],
    };
    expect(User.schema.parse(stored)).toMatchObject({ name: 'Ada', workingHours: undefined, absences: undefined });
  });
});
