/**
 * Compiles the layouts of marketing mails, `shared/marketing/layouts/*.mjml` -> `compiled.ts` beside them: HTML with Liquid. MJML itself
 * is in no bundle.
 */
import { globSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import mjml2html from 'mjml';

const folder = join(import.meta.dirname, '../../shared/marketing/layouts');
export const compiledPath = join(folder, 'compiled.ts');

/** Each layout by its name. Throws where one is not valid MJML. */
export async function compiledLayouts(): Promise<Record<string, string>> {
  const files = globSync('*.mjml', { cwd: folder }).sort();
  const compiled = await Promise.all(
    files.map(async (file) => [basename(file, '.mjml'), await compile(file)] as const),
  );
  return Object.fromEntries(compiled);
}

async function compile(file: string): Promise<string> {
  const { html } = await mjml2html(readFileSync(join(folder, file), 'utf8'), {
    validationLevel: 'strict',
    // Fonts from elsewhere would tell their host who reads.
    fonts: {},
  });
  return html.replaceAll(/\s+/g, ' ').replaceAll('> <', '><').trim();
}

export const compiledModule = (layouts: Record<string, string>): string =>
  `/** Made of the layouts beside this file by \`node infra/build/layouts.ts\`. */\nexport const compiled = ${JSON.stringify(layouts, null, 2)} as const;\n`;

if (import.meta.main) writeFileSync(compiledPath, compiledModule(await compiledLayouts()));
