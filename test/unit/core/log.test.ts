import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { log } from '../../../shared/core/log.ts';

const lines: { out: string[]; err: string[] } = { out: [], err: [] };
beforeEach(() => {
  lines.out.length = 0;
  lines.err.length = 0;
  vi.stubEnv('LOG_LEVEL', undefined);
  vi.spyOn(process.stdout, 'write').mockImplementation((line) => lines.out.push(String(line)) > 0);
  vi.spyOn(process.stderr, 'write').mockImplementation((line) => lines.err.push(String(line)) > 0);
});
afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
});
const said = ([line = '']: string[]) => JSON.parse(line) as Record<string, unknown>;

describe('a line of the log', () => {
  test('is one line of JSON, with its trace', () => {
    vi.stubEnv('_X_AMZN_TRACE_ID', 'Root=1-5759e988-bd862e3f;Parent=53995c3f42cd8ad8;Sampled=1');
    log.info('request', { status: 200, text: 'a\nb', count: 2n });
    expect(lines.out).toHaveLength(1);
    expect(lines.out[0]).toMatch(/^[^\n]+\n$/);
    expect(said(lines.out)).toMatchObject({
      level: 'INFO',
      message: 'request',
      service: 'stepwise',
      xray_trace_id: '1-5759e988-bd862e3f',
      status: 200,
      text: 'a\nb',
      count: '2',
      timestamp: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
    });
  });

  test('says an error and its causes, and nothing else that it holds', () => {
    const error = Object.assign(new Error('broken', { cause: new TypeError('deep') }), { secret: 'x' });
    log.error('fault', { error });
    expect(lines.out).toEqual([]);
    expect(said(lines.err)).toMatchObject({
      level: 'ERROR',
      error: { name: 'Error', message: 'broken', cause: { name: 'TypeError', message: 'deep' } },
    });
    expect((said(lines.err)['error'] as { stack: string }).stack).toContain('log.test.ts');
    expect(lines.err.join()).not.toContain('secret');
  });

  test('ends where a cause leads back to itself', () => {
    const error = new Error('round');
    error.cause = error;
    log.warn('fault', { error });
    expect(said(lines.out)).toMatchObject({ level: 'WARN', error: { message: 'round' } });
  });

  test('is not written where tests ask for silence', () => {
    vi.stubEnv('LOG_LEVEL', 'SILENT');
    log.error('fault');
    expect(lines).toEqual({ out: [], err: [] });
  });
});
