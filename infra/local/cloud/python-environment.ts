import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** How to start a Python that has the required packages. */
export type Python = { command: string; env: Record<string, string> };

/**
 * The private Python environment that holds exactly the given requirements file, made on first use (needs the network).
 *
 * Its folder, `<folder>/python-<hash of the requirements>`, is renamed into place when it is complete: it is there or
 * not, warm starts ask nothing else, and two simultaneous starts do not meet.
 *
 * Throws with the command that helps where the machine has no usable Python.
 */
export async function pythonEnvironment(requirementsFile: string, folder: string): Promise<Python> {
  const requirements = await readFile(requirementsFile);
  const place = join(folder, `python-${createHash('sha256').update(requirements).digest('hex').slice(0, 12)}`);
  if (!existsSync(place)) {
    const draft = `${place}.${process.pid}`;
    await mkdir(folder, { recursive: true });
    try {
      await install(requirementsFile, draft);
      await rename(draft, place).catch((error: unknown) => {
        if (!existsSync(place)) throw error;
      });
    } finally {
      await rm(draft, { recursive: true, force: true });
    }
  }
  return pythonIn(place);
}

/** A virtual environment has an interpreter of its own; a plain folder of packages is a place to look for them. */
function pythonIn(place: string): Python {
  const own = join(place, 'bin', 'python');
  return existsSync(own) ? { command: own, env: {} } : { command: 'python3', env: { PYTHONPATH: place } };
}

async function install(requirementsFile: string, place: string): Promise<void> {
  const packages = ['install', '--quiet', '--disable-pip-version-check', '-r', requirementsFile];
  await run('python3', ['-c', 'import sys; assert sys.version_info >= (3, 10)']).catch((error: unknown) => {
    throw new Error(
      'The local cloud needs Python 3.10 or newer as `python3` (Debian, Ubuntu: `apt install python3-venv`).',
      {
        cause: error,
      },
    );
  });
  const hasVenv = await run('python3', ['-m', 'venv', place]).then(
    () => true,
    () => false,
  );
  // A bare Debian has a python3 whose venv cannot make a pip.
  if (!hasVenv) await rm(place, { recursive: true, force: true });
  const { command } = pythonIn(place);
  const pip = ['-m', 'pip', ...packages, ...(hasVenv ? [] : ['--target', place])];
  if (!hasVenv) {
    await run(command, ['-m', 'pip', '--version']).catch((error: unknown) => {
      throw new Error(
        'This Python has neither venv nor pip. Install them: `apt install python3-venv` (Debian, Ubuntu).',
        {
          cause: error,
        },
      );
    });
  }
  await run(command, pip).catch((error: unknown) => {
    throw new Error(`The packages of the local cloud could not be installed: ${reasonOf(error)}`, { cause: error });
  });
}

/** The last line a failed child process wrote to standard error. */
function reasonOf(error: unknown): string {
  const text = error instanceof Error && 'stderr' in error ? String(error.stderr).trim() : '';
  return text.split('\n').at(-1) || String(error);
}
