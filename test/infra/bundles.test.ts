import { globSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { build as esbuild } from 'esbuild';
import examples from 'libphonenumber-js/mobile/examples';
import { describe, expect, test } from 'vitest';
import { lean, withoutWords } from '../../infra/build/lean-plugin.ts';
import { budget, build } from '../../infra/build.ts';
import { normalisedPhone } from '../../shared/core/phone.ts';

const root = join(import.meta.dirname, '../..');
const bundles = await build();

/** Zod's generator, by words of its own; the OpenAPI document is made at build, no function needs it. */
const generator = 'Unprocessed schema. This is a bug in Zod.';

test('the generator of JSON Schema is still known by its words', () => {
  expect(readFileSync(join(root, 'node_modules/zod/v4/core/to-json-schema.js'), 'utf8')).toContain(generator);
});

describe.each(bundles.map(({ name }) => name))('%s', (name) => {
  const folder = join(root, 'dist/functions', name);

  test('is within its budget, with the modules that lie beside it', () => {
    const files = ['index.mjs', ...globSync('node_modules/**/*.*', { cwd: folder })];
    const bytes = files.reduce((sum, file) => sum + statSync(join(folder, file)).size, 0);
    expect(bytes).toBeGreaterThan(100_000);
    expect(bytes).toBeLessThanOrEqual(budget(name));
  });

  test('makes no JSON Schema', () => {
    expect(readFileSync(join(folder, 'index.mjs'), 'utf8')).not.toContain(generator);
  });
});

test('what schemas and endpoints say of themselves is left out, and nothing else', () => {
  const source = `const A = z.string().meta({ title: 'One) of "these"', examples: [f('x')] }).max(3);
const B = z
  .object({})
  .meta({ id: 'B' });
  endpoint('GET /v1/b', {
    summary: 'It\\'s a list',
    summary: long,
  })`;
  expect(withoutWords(source)).toBe(`const A = z.string().max(3);
const B = z
  .object({});
  endpoint('GET /v1/b', {
    summary: long,
  })`);
});

describe('what a bundle knows of phone numbers', async () => {
  const { outputFiles } = await esbuild({
    entryPoints: [join(root, 'shared/core/phone.ts')],
    platform: 'node',
    bundle: true,
    format: 'esm',
    write: false,
    plugins: [lean],
  });
  const code = Buffer.from(outputFiles[0]!.contents).toString('base64');
  const bundled = (await import(`data:text/javascript;base64,${code}`)) as { normalisedPhone: typeof normalisedPhone };

  test('is enough to read them as the whole library does, in every country', () => {
    const written = Object.entries(examples).flatMap(([country, number]) =>
      [
        number,
        `0${number}`,
        `00${number}`,
        `+${number}`,
        `${number}1234567`,
        number.slice(0, 4),
        `(${number}) ext. 5`,
      ].map((text) => [country, text] as const),
    );
    expect(written.length).toBeGreaterThan(1_000);
    const read = (normalised: typeof normalisedPhone) => written.map(([country, text]) => normalised(text, country));
    expect(read(bundled.normalisedPhone)).toEqual(read(normalisedPhone));
    expect(bundled.normalisedPhone('612 34 56 78', 'ES')).toBe('+34612345678');
  });
});
