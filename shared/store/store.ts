import { TransactionCanceledException } from '@aws-sdk/client-dynamodb';
import {
  BatchGetCommand,
  type BatchGetCommandOutput,
  DeleteCommand,
  type DynamoDBDocumentClient,
  GetCommand,
  QueryCommand,
  TransactWriteCommand,
  type TransactWriteCommandInput,
  UpdateCommand,
} from '@aws-sdk/lib-dynamodb';
import { keyOf } from '../core/ids.ts';
import { Refusal } from '../core/refusal.ts';
import type { Fact } from '../events/event.ts';
import type { Occasion } from './occasion.ts';
import type { Range } from './places.ts';
import type { Draft, Kind, Stamped } from './record.ts';
import { tell } from './tell.ts';

export type Action = NonNullable<TransactWriteCommandInput['TransactItems']>[number];
export type Item = Record<string, unknown>;

/** Another transaction came first: the command is worth running again. `holder` has the unique key that was wanted. */
export class Overtaken extends Error {
  override readonly name = 'Overtaken';
  readonly holder: string | undefined;
  /** Something that is taken in turn was wanted (`also`: the next of a series): who waits longer gets it. */
  readonly inTurn: boolean;
  constructor(cause: TransactionCanceledException, also: { from: number; to: number }) {
    super(cause.message, { cause });
    const reasons = cause.CancellationReasons ?? [];
    this.holder = reasons.map(({ Item }) => Item?.['recordId']?.S).find(Boolean);
    this.inTurn = reasons.slice(also.from, also.to).some(({ Code = 'None' }) => Code !== 'None');
  }
}

/** Bytes that a record and an event may hold. */
const limits = { record: 65_536, event: 32_768 };
const receiptSeconds = 7 * 86_400;
const absent = { ConditionExpression: 'attribute_not_exists(pk)' } as const;

/** The one table. Reads are strongly consistent where the key is known; the only write of records is `commit`. */
export class Store {
  readonly client: DynamoDBDocumentClient;
  readonly table: string;
  constructor(client: DynamoDBDocumentClient, table: string) {
    this.client = client;
    this.table = table;
  }

  /** One record by its id, or undefined. One strongly consistent GetItem. */
  async find<R extends Stamped>(kind: Kind<R>, id: string): Promise<R | undefined> {
    const item = await this.get(keyOf(id));
    return item ? kind.schema.parse(item) : kind.given?.find((record) => record.id === id);
  }

  /** One record by its id. 404 if there is none. */
  async load<R extends Stamped>(kind: Kind<R>, id: string): Promise<R> {
    const record = await this.find(kind, id);
    if (!record) throw new Refusal('record.notFound', `There is no ${kind.name} ${id}`);
    return record;
  }

  /**
   * The records of a kind in one partition: a directory, or what an account has of a kind that is few by construction (what grows
   * without end is listed by pages instead).
   */
  async loadAll<R extends Stamped>(kind: Kind<R>, partition: string): Promise<R[]> {
    const items = await this.queryAll({ pk: partition, prefix: `${kind.prefix}_` }, true);
    const stored = items.map((item) => kind.schema.parse(item));
    const given = kind.given?.filter((record) => keyOf(record.id).pk === partition) ?? [];
    return [...stored, ...given.filter(({ id }) => !stored.some((record) => record.id === id))];
  }

  /** Items by their keys, in no order; one BatchGet a hundred keys, eight of them at once. */
  async getMany(keys: readonly { pk: string; sk: string }[], consistent = false): Promise<Item[]> {
    const found: Item[][] = [];
    const hundreds = Array.from({ length: Math.ceil(keys.length / 100) }, (_, n) => keys.slice(n * 100, n * 100 + 100));
    for (let from = 0; from < hundreds.length; from += 8)
      found.push(
        ...(await Promise.all(hundreds.slice(from, from + 8).map((some) => this.#getHundred(some, consistent)))),
      );
    return found.flat();
  }

  async #getHundred(keys: readonly { pk: string; sk: string }[], consistent: boolean): Promise<Item[]> {
    const found: Item[] = [];
    let wanted: { pk: string; sk: string }[] | undefined = keys.map(({ pk, sk }) => ({ pk, sk }));
    while (wanted?.length) {
      const asked = { [this.table]: { Keys: wanted, ConsistentRead: consistent } };
      const { Responses, UnprocessedKeys }: BatchGetCommandOutput = await this.client.send(
        new BatchGetCommand({ RequestItems: asked }),
      );
      found.push(...(Responses?.[this.table] ?? []));
      wanted = UnprocessedKeys?.[this.table]?.Keys as { pk: string; sk: string }[] | undefined;
    }
    return found;
  }

  /** Items of a range, newest first unless it says otherwise, at positions older than `before`. */
  async query(range: Range, limit: number, before?: string, consistent = false): Promise<Item[]> {
    const from = range.prefix + (range.since ?? '') || ' ';
    const to = range.prefix + (before ?? '\uffff');
    if (to < from) return [];
    const names = range.index ? { '#pk': `${range.index}pk`, '#sk': `${range.index}sk` } : { '#pk': 'pk', '#sk': 'sk' };
    const { Items = [] } = await this.client.send(
      new QueryCommand({
        TableName: this.table,
        ...(range.index ? { IndexName: range.index } : { ConsistentRead: consistent }),
        KeyConditionExpression: '#pk = :pk AND #sk BETWEEN :from AND :to',
        ExpressionAttributeNames: names,
        ExpressionAttributeValues: {
          ':pk': range.pk,
          ':from': from,
          ':to': to,
        },
        ScanIndexForward: range.oldestFirst ?? false,
        Limit: before ? limit + 1 : limit,
      }),
    );
    const position = range.prefix + (before ?? '');
    return (before ? Items.filter((item) => item[names['#sk']] !== position) : Items).slice(0, limit);
  }

  /** All items of a range that is small by construction, or of its part before a position; no page more once there are `enough`. */
  async queryAll(range: Range, consistent = false, end?: string, enough = Number.POSITIVE_INFINITY): Promise<Item[]> {
    const all: Item[] = [];
    const sk = range.index ? `${range.index}sk` : 'sk';
    for (let before = end; ; ) {
      const page = await this.query(range, 1_000, before, consistent);
      all.push(...page);
      if (page.length < 1_000 || all.length >= enough) return all;
      before = String(page.at(-1)?.[sk]).slice(range.prefix.length);
    }
  }

  /** The id of the record that holds a unique key, such as `email#con#jo@acme.example`. */
  async holderOf(key: string): Promise<string | undefined> {
    return (await this.get({ pk: key, sk: key }))?.['recordId'] as string | undefined;
  }

  /** The holders of several unique keys, in one BatchGet: key -> record id. */
  async holdersOf(keys: readonly string[]): Promise<Map<string, string>> {
    if (!keys.length) return new Map();
    const items = await this.getMany(
      [...new Set(keys)].map((key) => ({ pk: key, sk: key })),
      true,
    );
    return new Map(items.map((item) => [String(item['pk']), String(item['recordId'])]));
  }

  /** The answer that was given under a key before. 422 if it was asked something else. */
  async givenBefore({ key, fingerprint }: NonNullable<Occasion['once']>): Promise<{ answer: unknown } | undefined> {
    const receipt = await this.get({ pk: `once#${key}`, sk: `once#${key}` });
    if (!receipt || Number(receipt['expiresAt']) * 1_000 < Date.now()) return undefined;
    if (receipt['fingerprint'] !== fingerprint)
      throw new Refusal('idempotency.mismatch', 'The key was used with another request');
    return { answer: receipt['answer'] };
  }

  /**
   * The next number of a counter: one atomic ADD. Gaps are allowed: a number that nothing took is lost. `until`: when it may be
   * forgotten.
   */
  async count(counter: string, until?: Date): Promise<number> {
    const { Attributes } = await this.client.send(
      new UpdateCommand({
        TableName: this.table,
        Key: { pk: `counter#${counter}`, sk: `counter#${counter}` },
        UpdateExpression: `ADD n :one${until ? ' SET expiresAt = :until' : ''}`,
        ExpressionAttributeValues: { ':one': 1, ...(until && { ':until': Math.floor(until.getTime() / 1_000) }) },
        ReturnValues: 'UPDATED_NEW',
      }),
    );
    return Number(Attributes?.['n']);
  }

  /** One item by its key, strongly consistent. */
  async get(Key: { pk: string; sk: string }): Promise<Item | undefined> {
    return (await this.client.send(new GetCommand({ TableName: this.table, Key, ConsistentRead: true }))).Item;
  }

  /** Takes an item away if it still is what it was: `attribute` has `value`. */
  async remove(Key: { pk: string; sk: string }, attribute: string, value: unknown): Promise<void> {
    await this.client
      .send(
        new DeleteCommand({
          TableName: this.table,
          Key,
          ConditionExpression: '#a = :v',
          ExpressionAttributeNames: { '#a': attribute },
          ExpressionAttributeValues: { ':v': value },
        }),
      )
      .catch((error: unknown) => {
        if ((error as Error).name !== 'ConditionalCheckFailedException') throw error;
      });
  }

  /**
   * Writes what was decided in one transaction: each record (if nobody changed it since), its event, its unique keys and look-ups by
   * difference, what else must hold (`also`: series of numbers, projections), and the receipt of the occasion. Answers the records
   * as stored. Throws `Overtaken` where another transaction came first.
   */
  async commit(
    on: Occasion,
    facts: readonly Fact[],
    answer: (records: Stamped[]) => unknown,
    also: readonly Action[] = [],
  ): Promise<Stamped[]> {
    const records = facts.map((fact) => stamped(fact, on));
    if (on.validateOnly) return records;
    const written = facts.flatMap((fact, n) => this.#actionsOf(fact, records[n]!, on));
    const actions = [...written, ...this.#lookUps(facts, records), ...also];
    const alsoAt = { from: actions.length - also.length, to: actions.length };
    if (on.once) {
      const key = `once#${on.once.key}`;
      const seconds = Math.floor(on.now.getTime() / 1_000);
      const { fingerprint, seconds: holds = receiptSeconds } = on.once;
      // DynamoDB takes its time to delete what has expired.
      const free = {
        ConditionExpression: 'attribute_not_exists(pk) OR expiresAt < :now',
        ExpressionAttributeValues: { ':now': seconds },
      };
      const receipt = { pk: key, sk: key, fingerprint, answer: answer(records), expiresAt: seconds + holds };
      actions.push(this.put(receipt, free));
    }
    if (actions.length > 100)
      throw new Refusal('record.tooLarge', 'This changes more records than one transaction can');
    await this.client.send(new TransactWriteCommand({ TransactItems: actions })).catch((error: unknown) => {
      throw error instanceof TransactionCanceledException && wasOvertaken(error) ? new Overtaken(error, alsoAt) : error;
    });
    return records;
  }

  /** A Put into the table, as an action of a transaction. */
  put(Item: Item, condition?: Partial<Action['Put']>): Action {
    return { Put: { TableName: this.table, Item, ...condition } };
  }

  /** An addition to numbers of an item, as actions of a transaction: none where nothing is added. What is not there counts as zero. */
  add(Key: { pk: string; sk: string }, amounts: Iterable<readonly [name: string, amount: number]>): Action[] {
    const added = [...amounts].filter(([, amount]) => amount !== 0);
    if (!added.length) return [];
    const Update = {
      TableName: this.table,
      Key,
      UpdateExpression: `ADD ${added.map((_, n) => `#n${n} :n${n}`).join(', ')}`,
      ExpressionAttributeNames: Object.fromEntries(added.map(([name], n) => [`#n${n}`, name])),
      ExpressionAttributeValues: Object.fromEntries(added.map(([, amount], n) => [`:n${n}`, amount])),
    };
    return [{ Update }];
  }

  #actionsOf(fact: Fact, record: Stamped, on: Occasion): Action[] {
    const { before } = fact;
    const unchanged = {
      ConditionExpression: 'version = :seen',
      ExpressionAttributeValues: { ':seen': before?.version },
    };
    const event = tell(fact, record, on);
    const { gsi1, gsi2, gsi3, card } = placesOf(fact.kind, record);
    const item: Item = {
      ...keyOf(record.id),
      ...record,
      ...(gsi1 && { gsi1pk: gsi1[0], gsi1sk: gsi1[1] }),
      ...(gsi2 && { gsi2pk: gsi2[0], gsi2sk: gsi2[1] }),
      ...(gsi3 && { gsi3pk: gsi3[0], gsi3sk: gsi3[1], card: { ...card, version: undefined } }),
    };
    within(limits.record, record, fact.kind.name);
    within(limits.event, event, 'event');
    return [this.put(item, before?.version ? unchanged : absent), this.put({ ...keyOf(event.id), ...event }, absent)];
  }

  /** Unique keys and shared look-up items, by difference. A key that one record gives up for another is handed over by a single Put. */
  #lookUps(facts: readonly Fact[], records: readonly Stamped[]): Action[] {
    const taken = facts.flatMap(({ kind, before, after }, n) =>
      difference(keysOf(kind, after), keysOf(kind, before)).map((key) => ({ key, recordId: records[n]!.id })),
    );
    const freed = new Map(
      facts.flatMap(({ kind, before, after }) =>
        difference(keysOf(kind, before), keysOf(kind, after)).map((key) => [key, before?.id] as const),
      ),
    );
    const free = { ...absent, ReturnValuesOnConditionCheckFailure: 'ALL_OLD' as const };
    const heldBy = (holder: string | undefined) => ({
      ConditionExpression: 'recordId = :holder',
      ExpressionAttributeValues: { ':holder': holder },
    });
    const remove = (pk: string, sk: string): Action => ({ Delete: { TableName: this.table, Key: { pk, sk } } });
    return [
      ...taken.map(({ key, recordId }) =>
        this.put({ pk: key, sk: key, recordId }, freed.has(key) ? heldBy(freed.get(key)) : free),
      ),
      ...[...freed.keys()].filter((key) => !taken.some((one) => one.key === key)).map((key) => remove(key, key)),
      ...facts.flatMap(({ kind, before }, n) => {
        const stood = (before && placesOf(kind, before).shared) ?? [];
        const stands = placesOf(kind, records[n]!).shared ?? [];
        return [
          ...difference(stands, stood).map(([pk, sk]) => this.put({ pk, sk, recordId: records[n]!.id })),
          ...difference(stood, stands).map(([pk, sk]) => remove(pk, sk)),
        ];
      }),
    ];
  }
}

const keysOf = <R extends Stamped>(kind: Kind<R>, record: Draft<R> | undefined): string[] =>
  (record && kind.unique?.(record)) ?? [];

/** What is among `these` and not among `those`, each once. */
function difference<T>(these: readonly T[], those: readonly T[]): T[] {
  const apart = new Set(those.map((one) => JSON.stringify(one)));
  return [...new Map(these.map((one) => [JSON.stringify(one), one]))].flatMap(([text, one]) =>
    apart.has(text) ? [] : [one],
  );
}

/** Where a record stands beside its own key: an archived one nowhere. */
export const placesOf = <R extends Stamped>(kind: Kind<R>, record: R) =>
  record.archivedAt ? {} : (kind.places?.(record) ?? {});

/** Only lost races are worth another try; throttling is the SDK's business, anything else a fault of ours. */
const wasOvertaken = ({ CancellationReasons = [] }: TransactionCanceledException) =>
  CancellationReasons.every(
    ({ Code }) => !Code || ['None', 'ConditionalCheckFailed', 'TransactionConflict'].includes(Code),
  );

function within(limit: number, value: unknown, what: string): void {
  const size = Buffer.byteLength(JSON.stringify(value));
  if (size > limit) throw new Refusal('record.tooLarge', `The ${what} would be ${size} bytes; ${limit} are the limit`);
}

/** What happens to a record without anything happening to what it stands for. */
const edits = new Set(['updated', 'archived', 'restored']);

/** The record as it will be stored. An edit leaves a record as imported as it was; anything more makes it one of ours. */
export function stamped({ before, after, type }: Fact, { now, actor, origin }: Occasion): Stamped {
  const at = now.toISOString();
  const kept = edits.has(type.slice(type.indexOf('.') + 1)) ? before?.origin : undefined;
  return {
    ...after,
    version: (before?.version ?? 0) + 1,
    createdAt: before?.createdAt ?? at,
    createdBy: before?.createdBy ?? actor.id,
    updatedAt: at,
    origin: origin ?? kept,
  };
}
