import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { deflateRawSync } from 'node:zlib';
import type { Plugin } from 'esbuild';

/**
 * What a bundle carries of its libraries without ever using it: left out, or made small. What is left out says so when
 * it is called after all.
 */
export const lean: Plugin = {
  name: 'lean',
  setup(build) {
    build.onLoad({ filter: /zod\/v4\/core\/(json-schema-processors|to-json-schema)\.js$/ }, async ({ path }) => ({
      contents: withoutBodies(await readFile(path, 'utf8')),
    }));
    build.onLoad({ filter: /\/(shared|functions)\/.*\.ts$/ }, async ({ path }) => ({
      contents: withoutWords(await readFile(path, 'utf8')),
      loader: 'ts',
    }));
    build.onLoad({ filter: /libphonenumber-js\/metadata\.min\.json(\.js)?$/ }, async ({ path }) => ({
      contents: unpackedAtStart(withoutFormats(await readFile(path.replace(/\.js$/, ''), 'utf8'))),
      loader: 'js',
    }));
    build.onLoad({ filter: /postal-mime\/dist\/esm\/html-entities\.js$/ }, async ({ path }) => ({
      contents: withUsualEntities(await readFile(path, 'utf8')),
    }));
    // Every protocol of the SDK loads event streams on demand; of what we call, nothing streams events. Clients of services
    // that do import them by name, and keep them. 15 kB.
    build.onResolve({ filter: /^@smithy\/core\/event-streams$/ }, ({ kind }) =>
      kind === 'dynamic-import' ? { path: 'event-streams', namespace: 'left-out' } : undefined,
    );
    // DynamoDB's client makes the cache of discovered endpoints, and no command of it adds the discovery. 8 kB.
    build.onResolve({ filter: /^@aws-sdk\/endpoint-cache$/ }, () => ({
      path: 'endpoint-cache',
      namespace: 'left-out',
      sideEffects: false,
    }));
    // Retries are the standard ones, not the adaptive; Node hashes by itself; the headers of events are signed in event streams alone; a
    // Lambda is told its region, and the build says which Node it runs on. 11 kB.
    const never =
      /@(?:smithy\/.*\/(?:AdaptiveRetryStrategy|Sha256Js|HeaderFormatter|getInstanceMetadataRegion)|aws-sdk\/core\/.*\/emitWarningIfUnsupportedVersion)\.js$/;
    build.onLoad({ filter: never }, ({ path }) => ({ contents: unused[basename(path, '.js')] ?? '' }));
    // The regions of a partition one by one, with words for each: each has the form that the partition names besides. 3 kB.
    build.onLoad({ filter: /util-endpoints\/lib\/aws\/partitions\.js$/ }, async ({ path }) => ({
      contents: (await readFile(path, 'utf8')).replaceAll(/"[\w-]+": \{\s*"description": "[^"]*"\s*\},?/g, ''),
    }));
    // Only WOFF2 fonts are compressed so; ours are TrueType. 486 kB.
    build.onResolve({ filter: /^brotli\/decompress\.js$/ }, () => ({ path: 'brotli', namespace: 'left-out' }));
    build.onLoad({ filter: /.*/, namespace: 'left-out' }, ({ path }) => ({ contents: leftOut[path] ?? '' }));
    // A client reads its own version there. 2 kB a client.
    build.onLoad({ filter: /@aws-sdk\/client-[\w-]+\/package\.json$/ }, async ({ path }) => ({
      contents: `export default ${JSON.stringify({ version: versionIn(await readFile(path, 'utf8')) })}`,
      loader: 'js',
    }));
  },
};

const fault = `throw new Error('It is left out of the bundle: infra/build/lean-plugin.ts')`;
const unused: Record<string, string> = {
  AdaptiveRetryStrategy: `export class AdaptiveRetryStrategy { constructor() { ${fault} } }`,
  emitWarningIfUnsupportedVersion: 'export const state = {}, emitWarningIfUnsupportedVersion = () => {};',
  Sha256Js: `export class Sha256Js { constructor() { ${fault} } }`,
  HeaderFormatter: `export class HeaderFormatter { format() { ${fault} } }`,
  getInstanceMetadataRegion: `export const getInstanceMetadataRegion = async () => { ${fault} };`,
};

const leftOut: Record<string, string> = {
  'event-streams': `throw new Error('Event streams are left out of the bundle: infra/build/lean-plugin.ts')`,
  'endpoint-cache': 'export class EndpointCache {}',
  brotli: `export default () => { throw new Error('Brotli (WOFF2) is left out of the bundle: infra/build/lean-plugin.ts'); }`,
};

const versionIn = (packageJson: string): string => (JSON.parse(packageJson) as { version: string }).version;

/** Zod's JSON Schema generator hangs on every schema, and is used by the build alone (the OpenAPI document): 19 kB. */
function withoutBodies(source: string): string {
  const names = [...source.matchAll(/^export (?:const|function) (\w+)/gm)].map(([, name]) => name);
  const renamed = [...source.matchAll(/^export \{ (\w+) as (\w+) \}/gm)].map(([, , name]) => name);
  const left = "const left = () => { throw new Error('JSON Schema is made at build'); };";
  return [left, ...[...names, ...renamed].map((name) => `export const ${name} = () => left;`)].join('\n');
}

/** Of the 2,231 entities of HTML those that mails are written with: Latin letters and punctuation. 40 kB. */
const withUsualEntities = (source: string): string =>
  source
    .split('\n')
    .filter((line) => !/^ +'&/.test(line) || /'\\u(?:00|20)[0-9A-F]{2}',?$/.test(line))
    .join('\n');

/** What schemas and endpoints say of themselves is for the OpenAPI document, which the build makes: 20 kB of the largest bundles. */
export function withoutWords(source: string): string {
  let kept = '';
  let from = 0;
  for (let at = source.indexOf('.meta({'); at >= 0; at = source.indexOf('.meta({', from)) {
    kept += source.slice(from, at).trimEnd();
    from = endOfCall(source, at + '.meta'.length);
  }
  return (kept + source.slice(from)).replaceAll(/^ +summary:\s*(['"])(?:\\.|(?!\1).)*\1,\n/gm, '');
}

/** Where the call ends whose parenthesis opens at `open`: texts may hold parentheses too. */
function endOfCall(source: string, open: number): number {
  let depth = 0;
  let quote = '';
  for (let at = open; at < source.length; at++) {
    const character = source[at]!;
    if (quote) {
      if (character === '\\') at++;
      else if (character === quote) quote = '';
    } else if (`'"\``.includes(character)) quote = character;
    else if (character === '(') depth++;
    else if (character === ')' && --depth === 0) return at + 1;
  }
  throw new Error('A call of .meta has no end');
}

/** How numbers are written in each country: we only read them, and keep E.164. 50 kB. */
function withoutFormats(json: string): string {
  const metadata = JSON.parse(json) as { countries: Record<string, unknown[]> };
  const formats = 4;
  for (const country of Object.values(metadata.countries)) country[formats] = 0;
  return JSON.stringify(metadata);
}

/** A module whose value is packed: a quarter of the size, for less than a millisecond of a cold start. */
function unpackedAtStart(json: string): string {
  const packed = deflateRawSync(json, { level: 9 }).toString('base64');
  return `import { inflateRawSync } from 'node:zlib';
    export default JSON.parse(inflateRawSync(Buffer.from('${packed}', 'base64')).toString());`;
}
