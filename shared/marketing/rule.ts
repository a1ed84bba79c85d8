import * as z from 'zod';
import type { Account } from '../sales/account.ts';
import { type Fact, type Facts, factNamed, factNames, type Source } from './facts.ts';
import { type Around, type Operator, operators } from './operators.ts';

/** Who belongs to a segment: conditions on facts, joined by `all`, `any` and `not`. */
export type Rule = { all: Rule[] } | { any: Rule[] } | { not: Rule } | Condition;
/** One fact and one operator: `{ "fact": "account.stage", "is": "customer" }`. */
export type Condition = { fact: string } & Record<string, unknown>;

const most = { depth: 8, conditions: 100 };

type Path = readonly (string | number)[];
interface RuleFault {
  path: Path;
  message: string;
}

/** Everything that is wrong with a rule, each fault with its place in the tree. */
export function faultsOfRule(rule: unknown): RuleFault[] {
  const conditions = conditionsIn(rule, most.depth);
  if (conditions <= most.conditions) return faultsIn(rule, [], 1);
  return [{ path: [], message: `A rule has at most ${most.conditions} conditions, not ${conditions}` }];
}

/** How many conditions a tree holds, as deep as a rule may go. */
function conditionsIn(node: unknown, levels: number): number {
  if (!isObject(node) || !levels) return 0;
  const inner = node['all'] ?? node['any'] ?? node['not'];
  if (inner === undefined) return 1;
  return [inner].flat().reduce((sum: number, one) => sum + conditionsIn(one, levels - 1), 0);
}

function faultsIn(node: unknown, path: Path, depth: number): RuleFault[] {
  if (depth > most.depth) return [{ path, message: `A rule has at most ${most.depth} levels` }];
  if (!isObject(node)) return [{ path, message: 'A condition, or one of all, any, not' }];
  const group = ['all', 'any', 'not'].find((name) => Object.hasOwn(node, name));
  if (!group) return faultsOfCondition(node, path);
  const beside = Object.keys(node)
    .filter((name) => name !== group)
    .map((name) => ({ path: [...path, name], message: `Nothing stands beside ${group}` }));
  return [...beside, ...faultsOfGroup(group, node[group], [...path, group], depth + 1)];
}

function faultsOfGroup(group: string, inner: unknown, path: Path, depth: number): RuleFault[] {
  if (group === 'not') return faultsIn(inner, path, depth);
  if (!Array.isArray(inner)) return [{ path, message: 'A list of rules' }];
  if (group === 'any' && !inner.length) return [{ path, message: 'Nobody fulfils one of no rules' }];
  return inner.flatMap((one, n) => faultsIn(one, [...path, n], depth));
}

function faultsOfCondition({ fact: name, ...rest }: Record<string, unknown>, path: Path): RuleFault[] {
  const fact = typeof name === 'string' ? factNamed(name) : undefined;
  if (!fact) return [{ path: [...path, 'fact'], message: unknownFact(name) }];
  const allowed = `${String(name)} takes ${operatorsOf(fact).join(', ')}`;
  const [word, ...others] = Object.keys(rest);
  if (word === undefined || others.length) return [{ path, message: `One operator: ${allowed}` }];
  const operator = operatorNamed(word);
  if (!operator?.takes.includes(fact.type)) return [{ path: [...path, word], message: allowed }];
  const { error } = operator.operand(fact).safeParse(rest[word]);
  return (error?.issues ?? []).map((issue) => ({
    path: [...path, word, ...issue.path.map((part) => (typeof part === 'number' ? part : String(part)))],
    message: issue.message,
  }));
}

/** The schema of a rule: its faults point into the tree. */
export const Rule = z
  .custom<Rule>()
  .superRefine((rule, context) => {
    for (const { path, message } of faultsOfRule(rule)) context.addIssue({ code: 'custom', path: [...path], message });
  })
  .meta({
    description: `Conditions joined by all, any, not. A condition is a fact and one operator. Facts: ${factNames.join(', ')}, account.custom.<name>, contact.custom.<name>.`,
  });

/** How a rule came out for somebody: the tree with what each condition found. */
export interface Verdict {
  holds: boolean;
  all?: Verdict[];
  any?: Verdict[];
  not?: Verdict;
  fact?: string;
  /** The operator and what it was asked. */
  asks?: Record<string, unknown>;
  /** What the fact is; missing if it is unknown. */
  value?: unknown;
}

/** A rule made ready: a predicate, what must be loaded for it, and why it says what it says. */
export interface CompiledRule {
  holds(facts: Facts): boolean;
  /** What the account alone says: undefined where it takes more to know. Whom it rules out need not be loaded. */
  byAccount(account: Account): boolean | undefined;
  explain(facts: Facts): Verdict;
  readonly sources: ReadonlySet<Source>;
}

/** Compiles a rule that is valid, once for all whom it is asked of: operands are parsed and dates resolved here. */
export function compileRule(rule: Rule, around: Around): CompiledRule {
  if ('all' in rule && Array.isArray(rule.all)) return joined('all', rule.all, around);
  if ('any' in rule && Array.isArray(rule.any)) return joined('any', rule.any, around);
  if (!('not' in rule)) return compileCondition(rule as Condition, around);
  const part = compileRule(rule.not as Rule, around);
  return {
    holds: (facts) => !part.holds(facts),
    byAccount: (account) => {
      const known = part.byAccount(account);
      return known === undefined ? undefined : !known;
    },
    explain: (facts) => ({ holds: !part.holds(facts), not: part.explain(facts) }),
    sources: part.sources,
  };
}

/** `all` is decided by one that does not hold, `any` by one that does; by the others only if every one is known (Kleene's logic). */
function joined(group: 'all' | 'any', rules: readonly Rule[], around: Around): CompiledRule {
  const parts = rules.map((rule) => compileRule(rule, around));
  const decides = group === 'any';
  return {
    holds: (facts) => parts.some((part) => part.holds(facts) === decides) === decides,
    byAccount: (account) => {
      const known = parts.map((part) => part.byAccount(account));
      if (known.includes(decides)) return decides;
      return known.includes(undefined) ? undefined : !decides;
    },
    explain: (facts) => {
      const verdicts = parts.map((part) => part.explain(facts));
      return { holds: verdicts.some(({ holds }) => holds === decides) === decides, [group]: verdicts };
    },
    sources: new Set(parts.flatMap(({ sources }) => [...sources])),
  };
}

function compileCondition({ fact: name, ...rest }: Condition, around: Around): CompiledRule {
  const fact = factNamed(name);
  const [word = ''] = Object.keys(rest);
  const operator = operatorNamed(word);
  if (!(fact && operator)) throw new Error(`The rule names ${name} ${word}, which this release does not know`);
  const operand = operator.operand(fact).parse(rest[word]);
  const test = operator.test(operand, fact, around);
  const missing = operator.missing?.(operand) ?? false;
  const holds = (facts: Facts) => {
    const value = fact.read(facts);
    return value === undefined ? missing : test(value);
  };
  return {
    holds,
    byAccount: (account) => (name.startsWith('account.') ? holds({ account } as Facts) : undefined),
    explain: (facts) => ({ holds: holds(facts), fact: name, asks: rest, value: fact.read(facts) }),
    sources: new Set(fact.source ? [fact.source] : []),
  };
}

const operatorNamed = (name: string): Operator | undefined =>
  Object.hasOwn(operators, name) ? operators[name] : undefined;
const operatorsOf = ({ type }: Fact): string[] =>
  Object.entries(operators).flatMap(([name, { takes }]) => (takes.includes(type) ? [name] : []));
const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function unknownFact(name: unknown): string {
  if (typeof name !== 'string') return 'The name of a fact, or one of all, any, not';
  const near = factNames.filter((one) => one.startsWith(`${name.split('.')[0]}.`));
  return `There is no fact ${name.slice(0, 100)}; known are ${(near.length ? near : factNames).join(', ')}`;
}
