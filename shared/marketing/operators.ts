import * as z from 'zod';
import { compareDurations, Duration, endOfDay, startOfDay, subtractDuration } from '../core/duration.ts';
import { Money } from '../core/money.ts';
import type { Fact, FactType, FactValues, Sums } from './facts.ts';

/** What a comparison leans on beside the facts: now, the zone of dates, and the currency of bare amounts. */
export interface Around {
  readonly now: Date;
  readonly timeZone: string;
  readonly currency: string;
}

/** Whether a fact's value is as an operator asks. Never called for a fact that is missing. */
type Test = (value: unknown) => boolean;

/** One operator: the types of facts that it applies to, what may stand beside it, and what it asks. */
export interface Operator {
  readonly takes: readonly FactType[];
  operand(fact: Fact): z.ZodType;
  test(operand: unknown, fact: Fact, around: Around): Test;
  /** What it answers for a fact that is missing; false if nothing is said. */
  missing?(operand: unknown): boolean;
}

/** Declares an operator: `test` gets the operand as its schema parsed it. */
const operator = <S extends z.ZodType>(spec: {
  takes: readonly FactType[];
  operand: (fact: Fact) => S;
  test: (operand: z.output<S>, fact: Fact, around: Around) => Test;
  missing?: (operand: z.output<S>) => boolean;
}): Operator => spec as Operator;

const Text = z.string().min(1).max(2_000);
const Many = <S extends z.ZodType>(of: S) => z.array(of).min(1).max(100);
const twice = <S extends z.ZodType>(of: S) => z.tuple([of, of]);
const Plain = z.union([Text, z.number(), z.boolean()]);
/** An amount in minor units: of the deployment's currency where it names none. */
const Amount = z.union([z.int(), Money]);
/** When: a duration ago, a date in the deployment's zone, or an instant. */
const Moment = z.union(
  [
    Duration.pipe(z.string().refine((ago) => compareDurations(ago, 'P200Y') <= 0)),
    z.iso.date(),
    z.iso.datetime({ offset: true }),
  ],
  {
    error: 'a duration ago such as P90D, a date, or an instant',
  },
);

/** From where to where, in a field of one's own: it is what it is compared with. */
const Ends = z.union([twice(z.number()), twice(Moment)], {
  error: 'two numbers, or twice a duration ago, a date or an instant',
});

/** One value as a fact of this type has it. */
const valueAs = (fact: Fact): z.ZodType<string | number | boolean> => {
  if (fact.type === 'number') return z.number();
  if (fact.type === 'flag') return z.boolean();
  if (fact.type === 'any') return Plain;
  return fact.value ? spelledAs(fact.value) : Text;
};

/** A text as a field writes it, however it is spelled: a country in capitals, a language in small letters. */
const spelledAs = (field: z.ZodType<string>): z.ZodType<string> =>
  z.preprocess((said) => {
    if (typeof said !== 'string') return said;
    return [said, said.toUpperCase(), said.toLowerCase()].find((one) => field.safeParse(one).success) ?? said;
  }, field);

/** Texts are compared without regard to case. */
const folded = <T>(value: T): T | string => (typeof value === 'string' ? value.toLowerCase() : value);
const same = (one: unknown, other: unknown): boolean => folded(one) === folded(other);
const isAmong = (values: readonly unknown[]): Test => {
  const among = new Set(values.map(folded));
  return (value) => (Array.isArray(value) ? value.some((one) => among.has(folded(one))) : among.has(folded(value)));
};

/** A number to compare by: of money its minor units in the operand's currency. */
const numberIn = (value: unknown, currency: string): number | undefined => {
  if (typeof value === 'number') return value;
  return typeof value === 'object' && value !== null ? ((value as Sums)[currency] ?? 0) : undefined;
};
type Quantity = number | z.infer<typeof Amount>;
const quantityOf = (fact: Fact): z.ZodType<Quantity> => (fact.type === 'money' ? Amount : z.number());
const compared =
  (operand: Quantity, { currency }: Around, holds: (value: number, than: number) => boolean): Test =>
  (value) => {
    const money = typeof operand === 'object';
    const number = numberIn(value, money ? operand.currency : currency);
    return number !== undefined && holds(number, money ? operand.amount : operand);
  };

/** The first and the last millisecond that a moment means: of a date the whole day. */
export const stretchOf = (moment: string, { now, timeZone }: Around): { from: number; to: number } => {
  if (moment.startsWith('P')) {
    const at = subtractDuration(now, moment).getTime();
    return { from: at, to: at };
  }
  if (moment.length === 10)
    return { from: startOfDay(moment, timeZone).getTime(), to: endOfDay(moment, timeZone).getTime() };
  const at = Date.parse(moment);
  return { from: at, to: at };
};
const instantIn = (value: unknown): number => (typeof value === 'string' ? Date.parse(value) : Number.NaN);

const earthRadiusKm = 6_371.0088;
type Point = FactValues['place'];
/** Great-circle distance in kilometres: the haversine formula on the mean radius of the earth (IUGG). */
export const distanceKm = (a: Point, b: Point): number => {
  const radians = (degrees: number) => (degrees * Math.PI) / 180;
  const h =
    Math.sin(radians(b.lat - a.lat) / 2) ** 2 +
    Math.cos(radians(a.lat)) * Math.cos(radians(b.lat)) * Math.sin(radians(b.lon - a.lon) / 2) ** 2;
  return 2 * earthRadiusKm * Math.asin(Math.sqrt(Math.min(1, h)));
};
const Circle = z.strictObject({
  lat: z.number().min(-90).max(90),
  lon: z.number().min(-180).max(180),
  km: z.number().positive().max(20_040),
});

const simple = ['text', 'number', 'flag', 'any'] as const;
const everything = ['text', 'number', 'flag', 'list', 'instant', 'money', 'place', 'any'] as const;

/** Every operator that a condition may use. */
export const operators: Readonly<Record<string, Operator>> = {
  is: operator({ takes: simple, operand: valueAs, test: (wanted) => (value) => same(value, wanted) }),
  isNot: operator({
    takes: simple,
    operand: valueAs,
    test: (unwanted) => (value) => !same(value, unwanted),
    missing: () => true,
  }),
  in: operator({
    takes: ['text', 'number', 'list', 'any'],
    operand: (fact) => Many(valueAs(fact)),
    test: (values) => isAmong(values),
  }),
  has: operator({ takes: ['list'], operand: () => Text, test: (wanted) => isAmong([wanted]) }),
  startsWith: operator({
    takes: ['text', 'any'],
    operand: () => Text,
    test: (start) => (value) => typeof value === 'string' && String(folded(value)).startsWith(String(folded(start))),
  }),
  above: operator({
    takes: ['number', 'money', 'any'],
    operand: quantityOf,
    test: (least, _, around) => compared(least, around, (value, than) => value > than),
  }),
  below: operator({
    takes: ['number', 'money', 'any'],
    operand: quantityOf,
    test: (most, _, around) => compared(most, around, (value, than) => value < than),
  }),
  between: operator({
    takes: ['number', 'money', 'instant', 'any'],
    operand: (fact): z.ZodType<[unknown, unknown]> => {
      if (fact.type === 'instant') return twice(Moment);
      return fact.type === 'any' ? Ends : twice(quantityOf(fact));
    },
    test: ([from, to], _, around) => {
      if (typeof from === 'string') {
        const ends = [stretchOf(String(from), around), stretchOf(String(to), around)];
        const first = Math.min(...ends.map((end) => end.from));
        const last = Math.max(...ends.map((end) => end.to));
        return (value) => instantIn(value) >= first && instantIn(value) <= last;
      }
      const atLeast = compared(from as Quantity, around, (value, than) => value >= than);
      const atMost = compared(to as Quantity, around, (value, than) => value <= than);
      return (value) => atLeast(value) && atMost(value);
    },
  }),
  before: operator({
    takes: ['instant', 'any'],
    operand: () => Moment,
    test: (moment, _, around) => {
      const { from } = stretchOf(moment, around);
      return (value) => instantIn(value) < from;
    },
  }),
  after: operator({
    takes: ['instant', 'any'],
    operand: () => Moment,
    test: (moment, _, around) => {
      const { to } = stretchOf(moment, around);
      return (value) => instantIn(value) > to;
    },
  }),
  within: operator({
    takes: ['place'],
    operand: () => Circle,
    test: (circle) => (value) => distanceKm(value as Point, circle) <= circle.km,
  }),
  exists: operator({
    takes: everything,
    operand: () => z.boolean(),
    test: (wanted) => (value) => wanted === !isEmpty(value),
    missing: (wanted) => !wanted,
  }),
};

const isEmpty = (value: unknown): boolean =>
  value === '' || (typeof value === 'object' && value !== null && Object.keys(value).length === 0);
