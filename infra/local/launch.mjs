/**
 * Runs one of the project's scripts: `node infra/local/launch.mjs <script> [arguments]`, on any Node from 20 up.
 *
 * What is missing is installed first (`npm ci`), so that a fresh clone needs one command; the script itself runs on the
 * Node 24 that the lock file names, with the project's tools first on PATH. Signals and the exit code pass through.
 */
import { spawn, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));
const tools = join(root, 'node_modules', '.bin');

/** The packages a lock file names, or undefined where the file is missing or broken (an install that was cut off). */
function packagesOf(...path) {
  try {
    return JSON.parse(readFileSync(join(root, ...path), 'utf8')).packages;
  } catch {
    return undefined;
  }
}

/**
 * Whether node_modules holds what package-lock.json says. npm writes down what it installed as its last act, so that
 * note is the stamp, whoever ran the install. Packages for other platforms are optional and may be missing.
 */
function isInstalled() {
  const installed = packagesOf('node_modules', '.package-lock.json');
  if (!installed) return false;
  return Object.entries(packagesOf('package-lock.json') ?? {}).every(
    ([path, wanted]) =>
      path === '' || (installed[path] ? installed[path].version === wanted.version : wanted.optional === true),
  );
}

const [script, ...rest] = process.argv.slice(2);
if (!script) {
  console.error('Usage: node infra/local/launch.mjs <script> [arguments]');
  process.exit(2);
}

if (!isInstalled()) {
  console.error('Installing the packages of package-lock.json (npm ci) ...');
  const { status } = spawnSync('npm', ['ci', '--no-audit', '--no-fund'], { cwd: root, stdio: ['ignore', 2, 2] });
  if (status !== 0) {
    console.error(
      '`npm ci` failed (see above). Run it again by hand when the cause is mended, then repeat the command.',
    );
    process.exit(1);
  }
}

const child = spawn(join(tools, 'node'), [script, ...rest], {
  cwd: root,
  stdio: 'inherit',
  env: { ...process.env, PATH: tools + delimiter + process.env.PATH },
});
child.on('error', (error) => {
  console.error(`Node 24 of this project does not start (${error.message}); \`npm ci\` installs it.`);
  process.exit(1);
});
child.on('exit', (code, signal) => {
  process.removeAllListeners();
  if (signal) process.kill(process.pid, signal);
  else process.exit(code ?? 1);
});

// One signal, one stop: npm and the terminal may each send it, and a script that is stopping must not be cut short. A
// terminal's Ctrl-C has reached the script already.
let stopping = false;
for (const signal of ['SIGINT', 'SIGTERM']) {
  process.on(signal, () => {
    const byTerminal = signal === 'SIGINT' && process.stdin.isTTY;
    if (!stopping && !byTerminal) child.kill(signal);
    stopping = true;
  });
}
