/** Bundles every Lambda entry, `functions/<group>/<name>.ts` -> `dist/functions/<group>-<name>/index.mjs`. */
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  cpSync,
  existsSync,
  globSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join, relative } from 'node:path';
import { build as esbuild } from 'esbuild';
import { lean } from './build/lean-plugin.ts';

const root = join(import.meta.dirname, '..');
const groups = ['http', 'intake', 'tasks', 'events', 'scheduled'];

/** Bytes of a function. More fails the build: size is cold start, and it grows unnoticed. A PDF library has its fonts with it. */
const budgets: Readonly<Record<string, number>> = { 'events-documents': 1_500_000 };
export const budget = (name: string) => budgets[name] ?? 450_000;

/** What a function finds beside its bundle, as modules: files of packages, under the same path as here. */
const beside: Record<string, string[]> = {
  'events-documents': [
    'node_modules/@expo-google-fonts/roboto/package.json',
    'node_modules/@expo-google-fonts/roboto/400Regular/Roboto_400Regular.ttf',
    'node_modules/@expo-google-fonts/roboto/700Bold/Roboto_700Bold.ttf',
  ],
};

export interface Bundle {
  /** `<group>-<name>`, also the folder under `dist/functions`. */
  name: string;
  /** `index.mjs` and what lies beside it. Its source map is not counted: Node reads it for an error's trace alone. */
  bytes: number;
}

interface Built {
  sources: string;
  bundles: Bundle[];
}

/**
 * Builds all bundles in one esbuild run, and with them the OpenAPI document that `http-docs` serves. Does nothing while
 * the sources are the ones of the last build, unless `force`.
 * @throws when an entry does not compile, or when a bundle is over its budget (it is not left behind as current then).
 */
export const build = async ({ force = false } = {}): Promise<Bundle[]> => {
  const out = join(root, 'dist/functions');
  const stamp = join(root, 'dist/build.json');
  const sources = fingerprint();
  const last = existsSync(stamp) ? (JSON.parse(readFileSync(stamp, 'utf8')) as Built) : undefined;
  const isThere = ({ name }: Bundle) => filesOf(name).every((file) => existsSync(join(out, name, file)));
  if (!force && last?.sources === sources && last.bundles.every(isThere)) return last.bundles;

  rmSync(stamp, { force: true });
  const bundles = await bundleAll(out);
  removeOthers(out, bundles);
  refuseHeavy(bundles);
  writeOpenApi();
  mkdirSync(join(root, 'dist'), { recursive: true });
  writeFileSync(stamp, JSON.stringify({ sources, bundles } satisfies Built));
  return bundles;
};

const filesOf = (name: string) => ['index.mjs', ...(beside[name] ?? [])];

/** Everything that a bundle is made of; test files are not. */
const fingerprint = (): string => {
  const files = globSync(['functions/**/*', 'shared/**/*', 'infra/build/**/*', 'infra/{build,openapi}.ts'], {
    cwd: root,
    withFileTypes: true,
  });
  const paths = files.filter((file) => file.isFile()).map((file) => relative(root, join(file.parentPath, file.name)));
  const hash = createHash('sha256');
  for (const path of [...paths.sort(), 'package-lock.json']) {
    hash
      .update(`${path}\0`)
      .update(readFileSync(join(root, path)))
      .update('\0');
  }
  return hash.digest('hex');
};

const bundleAll = async (out: string): Promise<Bundle[]> => {
  const entries = groups
    .flatMap((group) => globSync(`functions/${group}/*.ts`, { cwd: root }))
    .filter((path) => !path.endsWith('.test.ts'))
    .map((path) => ({
      in: join(root, path),
      name: path
        .replace(/^functions\//, '')
        .replace(/\.ts$/, '')
        .replace('/', '-'),
    }))
    .sort((a, b) => a.name.localeCompare(b.name));
  if (entries.length === 0) return [];

  await esbuild({
    absWorkingDir: root,
    entryPoints: entries.map(({ in: path, name }) => ({ in: path, out: `${name}/index` })),
    outdir: out,
    outExtension: { '.js': '.mjs' },
    bundle: true,
    format: 'esm',
    platform: 'node',
    target: 'node24',
    // Node's default order takes CommonJS first, which does not tree-shake: 140 to 240 kB a function.
    mainFields: ['module', 'main'],
    minify: true,
    legalComments: 'none',
    sourcemap: 'linked',
    sourcesContent: false,
    logLevel: 'warning',
    alias: { '@aws-sdk/credential-provider-node': join(root, 'infra/build/lambda-credentials.ts') },
    plugins: [lean],
    // CommonJS packages inside an ESM bundle call `require` for Node's own modules.
    banner: { js: "import{createRequire}from'node:module';const require=createRequire(import.meta.url);" },
  });
  return entries.map(({ name }) => {
    for (const file of beside[name] ?? []) cpSync(join(root, file), join(out, name, file));
    const sizes = filesOf(name).map((file) => statSync(join(out, name, file)).size);
    return { name, bytes: sizes.reduce((sum, size) => sum + size) };
  });
};

/** A function that was renamed or removed must not stay deployable. */
const removeOthers = (out: string, bundles: Bundle[]) => {
  if (!existsSync(out)) return;
  const names = new Set(bundles.map(({ name }) => name));
  for (const name of readdirSync(out)) if (!names.has(name)) rmSync(join(out, name), { recursive: true });
};

const refuseHeavy = (bundles: Bundle[]) => {
  const heavy = bundles.filter(({ name, bytes }) => bytes > budget(name));
  if (heavy.length === 0) return;
  throw new Error(
    `Over budget: ${heavy.map(({ name, bytes }) => `${name} is ${kB(bytes)} of ${kB(budget(name))}`).join(', ')}. ` +
      `'esbuild --analyze' on the entry shows what is in it.`,
  );
};

/** The document is made from the same endpoint declarations that the functions serve, in a process of its own. */
const writeOpenApi = () => {
  const maker = join(root, 'infra/openapi.ts');
  execFileSync(process.execPath, [maker], { cwd: root, stdio: 'inherit' });
};

const kB = (bytes: number) => `${Math.round(bytes / 1000)} kB`;

if (import.meta.main) {
  const bundles = await build({ force: process.argv.includes('--force') });
  for (const { name, bytes } of bundles) {
    console.log(`${name.padEnd(32)} ${kB(bytes).padStart(8)} of ${kB(budget(name)).padStart(8)}`);
  }
  if (bundles.length === 0) console.log('no functions yet');
}
