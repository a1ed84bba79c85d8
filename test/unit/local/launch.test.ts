import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

const launcher = join(import.meta.dirname, '../../../infra/local/launch.mjs');
const lock = (packages: object) => JSON.stringify({ packages: { '': { name: 'p' }, ...packages } });
const wanted = { 'node_modules/a': { version: '1.0.0' }, 'node_modules/b': { version: '2.0.0', optional: true } };

let project: string;
beforeEach(() => {
  project = mkdtempSync(join(tmpdir(), 'launch-'));
  mkdirSync(join(project, 'infra/local'), { recursive: true });
  mkdirSync(join(project, 'node_modules/.bin'), { recursive: true });
  mkdirSync(join(project, 'path'));
  cpSync(launcher, join(project, 'infra/local/launch.mjs'));
  symlinkSync(process.execPath, join(project, 'node_modules/.bin/node'));
  writeFileSync(join(project, 'package-lock.json'), lock(wanted));
  // An npm that only notes that it was called.
  writeFileSync(join(project, 'path/npm'), `#!/bin/sh\necho "$@" >> '${project}/npm-calls'\nexit \${NPM_EXIT:-0}\n`);
  chmodSync(join(project, 'path/npm'), 0o755);
});
afterEach(() => rmSync(project, { recursive: true, force: true }));

const installed = (packages: object) =>
  writeFileSync(join(project, 'node_modules/.package-lock.json'), JSON.stringify({ packages }));
const script = (source: string) => writeFileSync(join(project, 'script.mjs'), source);
const environment = (more = {}) => ({
  ...process.env,
  PATH: join(project, 'path') + delimiter + process.env['PATH'],
  ...more,
});
const launch = (args: string[] = [], more = {}) =>
  spawnSync(process.execPath, [join(project, 'infra/local/launch.mjs'), 'script.mjs', ...args], {
    env: environment(more),
    encoding: 'utf8',
  });
const npmCalls = () =>
  existsSync(join(project, 'npm-calls')) ? readFileSync(join(project, 'npm-calls'), 'utf8').trim() : '';

describe('what is installed', () => {
  const cases: [string, object | undefined, boolean][] = [
    ['nothing', undefined, true],
    ['everything', wanted, false],
    ['everything but an optional package of another platform', { 'node_modules/a': { version: '1.0.0' } }, false],
    ['another version', { ...wanted, 'node_modules/a': { version: '1.0.1' } }, true],
    ['another version of an optional package', { ...wanted, 'node_modules/b': { version: '1.9.0' } }, true],
    ['all but one', { 'node_modules/b': { version: '2.0.0' } }, true],
  ];
  it.each(cases)('%s', (_, packages, installs) => {
    if (packages) installed(packages);
    script('');
    expect(launch().status).toBe(0);
    expect(npmCalls()).toBe(installs ? 'ci --no-audit --no-fund' : '');
  });

  it('is said to be the fault when it cannot be had', () => {
    script(`console.log('ran')`);
    const { status, stdout, stderr } = launch([], { NPM_EXIT: '7' });
    expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
    expect(stderr).toContain('npm ci');
  });
});

describe('the script', () => {
  beforeEach(() => installed(wanted));

  it('gets the arguments and the tools of the project, and gives its exit code', () => {
    script(`console.log(JSON.stringify([process.argv.slice(2), process.env.PATH.split(':')[0]])); process.exit(3)`);
    const { status, stdout } = launch(['--reset', 'x y']);
    expect(status).toBe(3);
    expect(JSON.parse(stdout)).toEqual([['--reset', 'x y'], join(project, 'node_modules/.bin')]);
  });

  it.each(['SIGTERM', 'SIGINT'] as const)(
    'gets one %s, however often it is sent, and the time to end',
    async (signal) => {
      script(`
      let count = 0;
      const end = () => { console.log('signals', count); process.exit(5); };
      process.on('${signal}', () => { if (++count === 1) setTimeout(end, 200); });
      setInterval(() => {}, 1000); console.log('ready');`);
      const child = spawn(process.execPath, [join(project, 'infra/local/launch.mjs'), 'script.mjs'], {
        env: environment(),
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      let output = '';
      child.stdout.setEncoding('utf8').on('data', (text: string) => {
        output += text;
      });
      await once(child.stdout, 'data');
      child.kill(signal);
      child.kill(signal);
      const [code] = await once(child, 'close');
      expect({ code, output }).toEqual({ code: 5, output: 'ready\nsignals 1\n' });
    },
  );
});
