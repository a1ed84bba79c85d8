import { describe, expect, it } from 'vitest';
import { currentAccessPatterns, withLists } from '../../../infra/access-patterns.ts';
import { currentErrors, errorsPage } from '../../../infra/error-codes.ts';
import { allEndpoints } from '../../../infra/openapi.ts';

const endpoints = await allEndpoints();

describe('docs made from the code', () => {
  it('docs/access-patterns.md shows every list as it is declared (node infra/access-patterns.ts)', () => {
    expect(currentAccessPatterns()).toBe(withLists(currentAccessPatterns(), endpoints));
  });

  it('docs/errors.md shows every code as it is declared (node infra/error-codes.ts)', () => {
    expect(currentErrors()).toBe(errorsPage(endpoints));
  });

  it('every list says how it is served', () => {
    const silent = endpoints.filter(({ route, query, filters }) => {
      const isList = route.startsWith('GET ') && query && 'cursor' in query.shape;
      return isList && !filters?.length;
    });
    expect(silent.map(({ route }) => route)).toEqual([]);
  });

  it('refuses a page that lost its marks', () => {
    expect(() => withLists('# Access patterns\n', endpoints)).toThrow('lacks');
  });
});
