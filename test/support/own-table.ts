import { CreateTableCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import type { Endpoint } from '../../shared/http/endpoint.ts';
import { http } from '../../shared/http/http.ts';
import { roles } from '../../shared/people/roles.ts';
import { type Account, AccountCreated, AccountDetails } from '../../shared/sales/account.ts';
import { type Contact, ContactCreated, ContactDetails } from '../../shared/sales/contact.ts';
import { type Command, run } from '../../shared/store/command.ts';
import type { Occasion } from '../../shared/store/occasion.ts';
import { Policies } from '../../shared/store/policies.ts';
import { storeOver } from '../../shared/store/surroundings.ts';

const actor = { kind: 'key' as const, id: 'key_test' };

/** The CRM in this process, over a table of its own, at times of our choosing: what takes weeks takes no time here. */
export class OwnTable {
  readonly store;
  readonly policies;
  now: Date;
  readonly #name: string;
  readonly #api;
  /** `endpoints`: what `request` can ask for; an agent asks. */
  constructor(name: string, now: Date, endpoints: readonly Endpoint[]) {
    this.#name = `${name}-${process.pid}-${Date.now()}`;
    this.store = storeOver(this.#name);
    this.policies = new Policies(this.store);
    this.now = now;
    this.#api = http(
      endpoints,
      async () => ({ actor, may: roles.agent }),
      () => ({ store: this.store, policies: this.policies, now: () => this.now }),
    );
  }

  /** Makes the table, with the indexes of the deployed one. */
  async make(): Promise<void> {
    const keys = (name: string) => [
      { AttributeName: `${name}pk`, KeyType: 'HASH' as const },
      { AttributeName: `${name}sk`, KeyType: 'RANGE' as const },
    ];
    const index = (name: string) => ({
      IndexName: name,
      KeySchema: keys(name),
      Projection: { ProjectionType: 'INCLUDE' as const, NonKeyAttributes: ['card'] },
    });
    await new DynamoDBClient({}).send(
      new CreateTableCommand({
        TableName: this.#name,
        BillingMode: 'PAY_PER_REQUEST',
        KeySchema: keys(''),
        AttributeDefinitions: ['', 'gsi1', 'gsi2', 'gsi3'].flatMap((name) =>
          ['pk', 'sk'].map((part) => ({ AttributeName: name + part, AttributeType: 'S' as const })),
        ),
        GlobalSecondaryIndexes: ['gsi1', 'gsi2', 'gsi3'].map(index),
      }),
    );
  }

  /** It is just after an instant that something waits for. */
  pass(instant: string | undefined): void {
    if (!instant) throw new Error('There is nothing to wait for');
    this.now = new Date(Date.parse(instant) + 1);
  }

  async command<I, A>(does: Command<I, A>, input: I, once?: Occasion['once']): Promise<A> {
    const on = { now: this.now, actor, correlationId: 'test', once };
    return (await run(this.store, this.policies, on, does, input)).answer;
  }

  /** A request of the API: `POST /v1/cases`. Its status, and what it answers. */
  // biome-ignore lint/suspicious/noExplicitAny: a client sees JSON; what it is, the contract says
  async request(route: string, body?: object): Promise<any> {
    const [method = '', path = ''] = route.split(' ');
    const [rawPath = '', query] = path.split('?');
    const event = {
      version: '2.0',
      rawPath,
      headers: { 'content-type': 'application/json' },
      ...(body && { body: JSON.stringify(body) }),
      ...(query && { queryStringParameters: Object.fromEntries(new URLSearchParams(query)) }),
      requestContext: { requestId: 'test', routeKey: route, timeEpoch: Date.now(), http: { method, path: rawPath } },
    } as unknown as APIGatewayProxyEventV2;
    const answer = await this.#api(event, { getRemainingTimeInMillis: () => 10_000 } as never);
    return { statusCode: answer.statusCode, ...(JSON.parse(answer.body ?? '{}') as object) };
  }

  anAccount(details: object): Promise<Account> {
    const acme = AccountDetails.parse({ name: 'Acme', ...details });
    return this.command((crm) => crm.commit([AccountCreated(undefined, { ...acme, id: crm.newId('acc') })]), {});
  }

  aContact(accountId: string, email: string): Promise<Contact> {
    const jo = { ...ContactDetails.parse({ firstName: 'Jo', emails: [email] }), accountId };
    return this.command(
      (crm) => crm.commit([ContactCreated(undefined, { ...jo, id: crm.newId('con', accountId) })]),
      {},
    );
  }
}
