import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { lakeQueries } from '../../shared/insights/lake-queries.ts';
import { localEnvironment } from './cloud.ts';
import { askLake, fetchLake } from './lake.ts';
import type { Access } from './stack.ts';

/**
 * `npm run query -- "select count(*) from events"`: DuckDB over the files of the lake, on this machine. `--named funnel` asks one of the
 * documented queries; without either it lists them. `--bucket` names the lake of a stage on AWS, read with the credentials at hand.
 */
const { values, positionals } = parseArgs({
  options: { named: { type: 'string' }, bucket: { type: 'string' }, json: { type: 'boolean' } },
  allowPositionals: true,
});
const named = values.named === undefined ? undefined : lakeQueries[values.named];
const sql = named?.sql ?? positionals.join(' ');
if (!sql || (values.named && !named)) {
  console.log(
    Object.entries(lakeQueries)
      .map(([name, { about }]) => `--named ${name}\n    ${about}`)
      .join('\n'),
  );
  process.exit(values.named ? 1 : 0);
}
const root = join(import.meta.dirname, '../..');
const local = join(root, '.local/stepwise.json');
if (!values.bucket && !existsSync(local)) {
  console.error('Nothing runs here: npm start first, or name the lake of a stage by --bucket');
  process.exit(1);
}
let bucket = values.bucket;
if (!bucket) {
  const access = JSON.parse(await readFile(local, 'utf8')) as Access;
  Object.assign(process.env, localEnvironment(access.endpoint));
  bucket = access.lakeBucket;
}
const rows = await askLake(await fetchLake(bucket, join(root, '.local/lake', bucket)), sql);
if (values.json) console.log(JSON.stringify(rows, null, 2));
else console.table(rows);
