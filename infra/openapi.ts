import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Endpoint } from '../shared/http/endpoint.ts';
import { openApi } from '../shared/http/openapi.ts';

const root = fileURLToPath(new URL('..', import.meta.url));

/** Every endpoint of every function of the API and of the intake, in the order of their files. */
export async function allEndpoints(): Promise<Endpoint[]> {
  const filesIn = async (group: string) => {
    const files = await readdir(join(root, 'functions', group)).catch(() => []);
    return files
      .filter((file) => file.endsWith('.ts'))
      .toSorted()
      .map((file) => join(root, 'functions', group, file));
  };
  const files = [...(await filesIn('http')), ...(await filesIn('intake'))];
  const modules = await Promise.all(files.map((file) => import(file) as Promise<{ endpoints?: Endpoint[] }>));
  return modules.flatMap(({ endpoints = [] }) => endpoints);
}

/** Writes the OpenAPI document beside the function that serves it. */
export async function writeOpenApi(into = join(root, 'dist/functions/http-docs')): Promise<void> {
  await mkdir(into, { recursive: true });
  await writeFile(join(into, 'openapi.json'), JSON.stringify(openApi(await allEndpoints())));
}

if (import.meta.main) await writeOpenApi();
