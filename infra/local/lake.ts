import { existsSync } from 'node:fs';
import { mkdir, rename, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { GetObjectCommand, paginateListObjectsV2, S3Client } from '@aws-sdk/client-s3';
import { DuckDBInstance } from '@duckdb/node-api';
import { lakeColumns, lakePrefix } from '../../shared/insights/lake-queries.ts';

const atOnce = 16;

/** Copies what is new in a lake into a folder, and answers the folder: objects never change once they are there. */
export async function fetchLake(Bucket: string, folder: string): Promise<string> {
  const s3 = new S3Client({ forcePathStyle: true });
  const keys: string[] = [];
  for await (const { Contents = [] } of paginateListObjectsV2({ client: s3 }, { Bucket, Prefix: lakePrefix }))
    keys.push(...Contents.flatMap(({ Key }) => (Key && !existsSync(join(folder, Key)) ? [Key] : [])));
  const fetchOne = async (Key: string) => {
    const { Body } = await s3.send(new GetObjectCommand({ Bucket, Key }));
    const file = join(folder, Key);
    await mkdir(dirname(file), { recursive: true });
    await writeFile(`${file}.part`, await Body!.transformToByteArray());
    await rename(`${file}.part`, file);
  };
  for (let from = 0; from < keys.length; from += atOnce)
    await Promise.all(keys.slice(from, from + atOnce).map(fetchOne));
  s3.destroy();
  return folder;
}

/** What Athena calls otherwise than DuckDB, so that one text serves both. */
const words = `
  CREATE MACRO json_extract_scalar(document, path) AS json_extract_string(document, path);
  CREATE MACRO from_iso8601_timestamp(instant) AS CAST(instant AS TIMESTAMP);`;

const types: Record<(typeof lakeColumns)[keyof typeof lakeColumns], string> = {
  string: 'VARCHAR',
  int: 'INTEGER',
  'array<string>': 'VARCHAR[]',
  'struct<kind:string,id:string,via:string>': 'STRUCT(kind VARCHAR, id VARCHAR, via VARCHAR)',
  'struct<importId:string,runWorkflows:boolean>': 'STRUCT(importId VARCHAR, runWorkflows BOOLEAN)',
  'struct<name:string,version:int>': 'STRUCT(name VARCHAR, version INTEGER)',
};

/** The rows that DuckDB answers over the files of a lake, whose events are the view `events`. Numbers beyond 2^53 come as text. */
export async function askLake(folder: string, sql: string): Promise<Record<string, unknown>[]> {
  const instance = await DuckDBInstance.create(':memory:');
  const connection = await instance.connect();
  try {
    const columns = Object.entries(lakeColumns).map(([name, type]) => `'${name}': '${types[type]}'`);
    const files = join(folder, lakePrefix, '**', '*.gz').replaceAll("'", "''");
    await connection.run(words);
    await connection.run(`CREATE VIEW events AS SELECT * FROM read_json('${files}', format = 'newline_delimited',
      columns = {${columns.join(', ')}}, hive_partitioning = true)`);
    const reader = await connection.runAndReadAll(sql);
    return reader
      .getRowObjectsJson()
      .map((row) => Object.fromEntries(Object.entries(row).map(([k, v]) => [k, plain(v)])));
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}

/** DuckDB counts in 64 bits, which it tells as text. */
const plain = (value: unknown): unknown =>
  typeof value === 'string' && /^-?\d{1,15}$/.test(value) ? Number(value) : value;
