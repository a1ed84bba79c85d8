import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Endpoint } from '../shared/http/endpoint.ts';
import { allEndpoints } from './openapi.ts';

/** Writes the generated part of `docs/access-patterns.md`: every list as its endpoint declares it. */
export const accessPatternsPath = join(fileURLToPath(new URL('../docs', import.meta.url)), 'access-patterns.md');
const begins = '<!-- lists: node infra/access-patterns.ts -->';
const ends = '<!-- /lists -->';

/** The page with the table of lists as the endpoints declare it now; what people wrote around it stays. Throws without the two marks. */
export function withLists(page: string, endpoints: readonly Endpoint[]): string {
  const [before, rest] = page.split(begins);
  const after = rest?.split(ends)[1];
  if (before === undefined || after === undefined) throw new Error(`The page lacks ${begins} or ${ends}`);
  return `${before}${begins}\n${tableOf(endpoints)}\n${ends}${after}`;
}

function tableOf(endpoints: readonly Endpoint[]): string {
  const rows = endpoints.flatMap(({ route, may, filters = [] }) =>
    filters.map(({ filter, key, consistency }) => [
      `\`${route.replace('GET ', '')}\``,
      filter,
      `\`${key}\``,
      consistency,
      `\`${may}\``,
    ]),
  );
  const head = ['list', 'filter', 'key condition', 'consistency', 'permission'];
  return [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}

export const currentAccessPatterns = (): string => readFileSync(accessPatternsPath, 'utf8');

if (import.meta.main) writeFileSync(accessPatternsPath, withLists(currentAccessPatterns(), await allEndpoints()));
