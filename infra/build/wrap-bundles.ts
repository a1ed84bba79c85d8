import { cpSync, readdirSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { build as esbuild } from 'esbuild';

/** A Lambda handler, whatever it is asked and answers. */
export type Handler = (event: unknown, context: unknown) => Promise<unknown>;

/** What a wrapper is told: the function's name, and a folder of this deployment to write to. */
export interface Wrapped {
  name: string;
  notes: string;
}

/** What the module of a wrapper exports as `wrap`: it may prepare the process before it loads the function. */
export type Wrap = (load: () => Promise<{ handler: Handler }>, wrapped: Wrapped) => Promise<Handler>;

/**
 * Copies built bundles (`<from>/<name>/index.mjs`) to `into`, each behind a wrapper: the module at `wrapper` runs around the very code
 * that is deployed otherwise. Deploy them with the context `bundles=<into>`.
 */
export async function wrapBundles(from: string, into: string, wrapper: string, notes: string): Promise<void> {
  for (const name of readdirSync(from)) {
    const folder = join(into, name);
    cpSync(join(from, name), folder, { recursive: true, filter: (path) => !path.endsWith('.map') });
    renameSync(join(folder, 'index.mjs'), join(folder, 'inner.mjs'));
    const wrapped = JSON.stringify({ name, notes } satisfies Wrapped);
    await esbuild({
      stdin: {
        contents: `import { wrap } from ${JSON.stringify(wrapper)};
          export const handler = await wrap(() => import('./inner.mjs'), ${wrapped});`,
        resolveDir: folder,
      },
      outfile: join(folder, 'index.mjs'),
      bundle: true,
      format: 'esm',
      platform: 'node',
      target: 'node24',
      external: ['./inner.mjs'],
      logLevel: 'warning',
    });
  }
}
