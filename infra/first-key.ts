import { parseArgs } from 'node:util';
import { createApiKey } from '../shared/people/api-key.ts';
import { type Role, roleNames } from '../shared/people/roles.ts';
import { run } from '../shared/store/command.ts';
import { Policies } from '../shared/store/policies.ts';
import { storeOver } from '../shared/store/surroundings.ts';

/**
 * Makes a key by the operator's own AWS credentials: the first one, or one for whoever lost theirs. Its secret is shown here and nowhere
 * else.
 */
export async function makeKey(tableName: string, name: string, role: Role): Promise<string> {
  const store = storeOver(tableName);
  const on = { now: new Date(), actor: { kind: 'system' as const, id: 'operator' }, correlationId: 'first-key' };
  const { answer } = await run(store, new Policies(store), on, createApiKey, { name, role });
  return answer.secret ?? '';
}

if (import.meta.main) {
  const { values } = parseArgs({
    options: {
      table: { type: 'string' },
      name: { type: 'string', default: 'first key' },
      role: { type: 'string', default: 'admin' },
    },
  });
  const role = roleNames.find((one) => one === values.role);
  if (!values.table || !role)
    throw new Error(`Usage: node infra/first-key.ts --table <TableName> [--name ..] [--role ${roleNames.join('|')}]`);
  console.log(await makeKey(values.table, values.name, role));
}
