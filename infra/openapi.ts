import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as z from 'zod';
import type { Endpoint } from '../shared/http/endpoint.ts';
import { openApi, refusals } from '../shared/http/openapi.ts';
import { Taken } from '../shared/marketing/receive-submission.ts';

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

const anything = { schema: { type: 'object', additionalProperties: true } };

/** A form is no endpoint like the others: what it takes each form says itself, and who sends it is asked nothing. */
const formIntake = {
  post: {
    summary: 'Send the answers to a form',
    description:
      'Names are the keys of the fields of the form. The same answers within ten minutes are one submission.',
    security: [],
    parameters: [{ name: 'id', in: 'path', required: true, schema: { type: 'string' } }],
    requestBody: {
      required: true,
      content: {
        'application/json': anything,
        'application/x-www-form-urlencoded': anything,
        'multipart/form-data': anything,
      },
    },
    responses: {
      202: { description: 'It is kept', content: { 'application/json': { schema: z.toJSONSchema(Taken) } } },
      ...refusals([
        ...(['request.invalid', 'record.notFound', 'form.closed', 'record.tooLarge'] as const),
        ...(['request.unsupportedMediaType', 'request.tooMany', 'form.tooFast'] as const),
      ]),
    },
  },
};

/** The OpenAPI document of everything that clients call. */
export async function apiDocument() {
  const { paths, ...rest } = openApi(await allEndpoints());
  return { ...rest, paths: { ...paths, '/v1/intake/forms/{id}': formIntake } };
}

/** Writes the OpenAPI document beside the function that serves it. */
export async function writeOpenApi(into = join(root, 'dist/functions/http-docs')): Promise<void> {
  await mkdir(into, { recursive: true });
  await writeFile(join(into, 'openapi.json'), JSON.stringify(await apiDocument()));
}

if (import.meta.main) await writeOpenApi();
