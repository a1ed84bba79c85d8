import { readFile } from 'node:fs/promises';
import type { Plugin } from 'esbuild';

/** What a bundle carries of its libraries without ever using it: left out, or made small. */
export const lean: Plugin = {
  name: 'lean',
  setup(build) {
    build.onLoad({ filter: /zod\/v4\/core\/(json-schema-processors|to-json-schema)\.js$/ }, async ({ path }) => ({
      contents: withoutBodies(await readFile(path, 'utf8')),
    }));
    build.onLoad({ filter: /libphonenumber-js\/metadata\.min\.json(\.js)?$/ }, async ({ path }) => ({
      contents: `export default ${withoutFormats(await readFile(path.replace(/\.js$/, ''), 'utf8'))}`,
      loader: 'js',
    }));
  },
};

/** Zod's JSON Schema generator hangs on every schema, and is used by the build alone (the OpenAPI document): 19 kB. */
function withoutBodies(source: string): string {
  const names = [...source.matchAll(/^export (?:const|function) (\w+)/gm)].map(([, name]) => name);
  const renamed = [...source.matchAll(/^export \{ (\w+) as (\w+) \}/gm)].map(([, , name]) => name);
  const left = "const left = () => { throw new Error('JSON Schema is made at build'); };";
  return [left, ...[...names, ...renamed].map((name) => `export const ${name} = () => left;`)].join('\n');
}

/** How numbers are written in each country: we only read them, and keep E.164. 50 kB. */
function withoutFormats(json: string): string {
  const metadata = JSON.parse(json) as { countries: Record<string, unknown[]> };
  const formats = 4;
  for (const country of Object.values(metadata.countries)) country[formats] = 0;
  return JSON.stringify(metadata);
}
