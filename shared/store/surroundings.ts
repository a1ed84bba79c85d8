import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { Policies } from './policies.ts';
import { Store } from './store.ts';

/** What a function finds around it: the table, the policies, the clock. */
export interface Surroundings {
  store: Store;
  policies: Policies;
  now: () => Date;
}

/** A connection that dies without a word is given up before the function's own time is: the client tries again, by the same token. */
const requestHandler = { connectionTimeout: 2_000, requestTimeout: 8_000, throwOnRequestTimeout: true };

/** The store over a table. */
export const storeOver = (table: string, client = new DynamoDBClient({ requestHandler })): Store =>
  new Store(DynamoDBDocumentClient.from(client, { marshallOptions: { removeUndefinedValues: true } }), table);

/** A name that the deployment gives to a function. A function without it is deployed wrongly: it fails at once. */
export function given(name: string): string {
  const value = process.env[name];
  if (value) return value;
  throw new Error(`The environment does not give ${name}`);
}

let ready: Surroundings | undefined;

/** The surroundings of this function: made once, kept while it is warm. */
export function surroundings(): Surroundings {
  if (!ready) {
    const store = storeOver(given('TABLE_NAME'));
    ready = { store, policies: new Policies(store), now: () => new Date() };
  }
  return ready;
}
