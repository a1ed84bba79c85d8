/** What a state machine's ASL file says of itself: its placeholders, the events it awaits, the table actions it needs. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

export interface Definition {
  name: string;
  /** The file as it is, placeholders and all. */
  text: string;
}

/** @throws when there is no such file, or it is not JSON. */
export const readDefinition = (folder: string, name: string): Definition => {
  const path = join(folder, `${name}.asl.json`);
  if (!existsSync(path)) throw new Error(`The definition of the workflow '${name}' is missing at ${path}`);
  const text = readFileSync(path, 'utf8');
  JSON.parse(text);
  return { name, text };
};

/** The names inside `${...}`, each once. */
export const placeholdersOf = ({ text }: Definition): string[] => [
  ...new Set([...text.matchAll(/\$\{([^}]*)\}/g)].map(([, name = '']) => name)),
];

/**
 * Every event type that some state waits for: the literal `events` sets of the wait items it puts.
 * @throws when a set holds an expression: rules are made from the names at synth, so they must be written out.
 */
export const awaitedEventsOf = (definition: Definition): string[] => {
  const types = valuesOf(definition, 'events').flatMap((set) =>
    isRecord(set) && Array.isArray(set['SS']) ? set['SS'] : [],
  );
  return [...new Set(types)].map((type: unknown) => {
    if (typeof type === 'string' && /^[a-zA-Z]+\.[a-zA-Z]+$/.test(type)) return type;
    throw new Error(`${definition.name}: the awaited event ${JSON.stringify(type)} is not written out`);
  });
};

/** Transaction part -> the permission it needs. */
const parts = {
  Put: 'PutItem',
  Update: 'UpdateItem',
  Delete: 'DeleteItem',
  ConditionCheck: 'ConditionCheckItem',
} as const;
const calls = { getItem: 'GetItem', putItem: 'PutItem', updateItem: 'UpdateItem', deleteItem: 'DeleteItem' } as const;

export type ItemAction = (typeof parts)[keyof typeof parts] | (typeof calls)[keyof typeof calls];

/**
 * The DynamoDB permissions that its direct integrations need, and no more.
 * @throws on an integration that reads more than single items: that is a task function's work.
 */
export const itemActionsOf = (definition: Definition): ItemAction[] => {
  const resources = valuesOf(definition, 'Resource').filter((resource) => typeof resource === 'string');
  const direct = resources.flatMap((resource) => {
    const call = /:aws-sdk:dynamodb:(\w+)/.exec(resource)?.[1];
    if (!call || call === 'transactWriteItems') return [];
    if (isKey(call, calls)) return [calls[call]];
    throw new Error(`${definition.name}: dynamodb:${call} is not for a workflow; let its task function do it`);
  });
  const transacted = valuesOf(definition, 'TransactItems').flatMap((items) =>
    (Array.isArray(items) ? items : []).flatMap((item: unknown) =>
      isRecord(item) ? Object.keys(item).flatMap((part) => (isKey(part, parts) ? [parts[part]] : [])) : [],
    ),
  );
  return [...new Set([...direct, ...transacted])].sort();
};

const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null;

const isKey = <T extends object>(key: PropertyKey, object: T): key is keyof T => Object.hasOwn(object, key);

/** Every value that stands under `key`, at any depth. */
const valuesOf = ({ text }: Definition, key: string): unknown[] => {
  const found: unknown[] = [];
  JSON.parse(text, (at, value: unknown) => {
    if (at === key) found.push(value);
    return value;
  });
  return found;
};
