import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, open, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { pythonEnvironment } from './cloud/python-environment.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const emulator = fileURLToPath(new URL('./cloud/emulator.py', import.meta.url));
const requirements = fileURLToPath(new URL('./cloud/requirements.txt', import.meta.url));

/** Milliseconds to wait for a first answer, and for a stop: saving the state of a year's business takes a while. */
const startWithin = 30_000;
const stopWithin = 120_000;

/** A running cloud. Where it is somebody else's (`AWS_ENDPOINT_URL`) there is no pid, and `stop` does nothing. */
export type Cloud = { endpoint: string; pid: number | undefined; stop: () => Promise<void> };

export type CloudOptions = {
  /** Where the state is kept between clean stops, with the port, which links and queues name. Default: nowhere. */
  stateDir?: string;
  /** Whether the roles of Lambda functions are enforced. */
  auth?: boolean;
  /** `host:port` that receives all outbound mail. */
  smtp?: string;
  /** Where the emulator and the functions write their logs (appended). */
  logFile: string;
  /** The port to listen on; default: that of the kept state, else a free one. */
  port?: number;
};

/**
 * What an AWS client, the CDK and a test need in their environment to talk to the cloud at `endpoint`: addresses,
 * region and credentials that mean nothing. What the environment says of an endpoint of the user's own is kept.
 */
export function localEnvironment(endpoint: string): Record<string, string> {
  const given = process.env['AWS_ENDPOINT_URL'] === endpoint ? process.env : {};
  const region = given['AWS_REGION'] ?? given['AWS_DEFAULT_REGION'] ?? 'eu-central-1';
  return {
    AWS_ENDPOINT_URL: endpoint,
    AWS_ENDPOINT_URL_S3: given['AWS_ENDPOINT_URL_S3'] ?? endpoint,
    AWS_ACCESS_KEY_ID: given['AWS_ACCESS_KEY_ID'] ?? 'test',
    AWS_SECRET_ACCESS_KEY: given['AWS_SECRET_ACCESS_KEY'] ?? 'test',
    AWS_REGION: region,
    AWS_DEFAULT_REGION: region,
    AWS_EC2_METADATA_DISABLED: 'true',
    // A profile of the user's would win over the credentials above.
    ...(process.env['AWS_PROFILE'] && !given['AWS_PROFILE'] ? { AWS_PROFILE: '' } : {}),
  };
}

/**
 * Starts the local cloud on the loopback interface and waits until it answers; where `AWS_ENDPOINT_URL` names one, that
 * is used. It ends with this process, however that ends. Throws where Python is missing, the port is taken, or the
 * start fails.
 */
export async function startCloud({ stateDir, auth = false, smtp, logFile, port }: CloudOptions): Promise<Cloud> {
  const given = process.env['AWS_ENDPOINT_URL'];
  if (given) return { endpoint: given, pid: undefined, stop: async () => {} };

  const python = await pythonEnvironment(requirements, join(root, '.local'));
  const listenOn = await choosePort(port, stateDir);
  const endpoint = `http://127.0.0.1:${listenOn}`;
  const scratch = await mkdtemp(join(tmpdir(), 'stepwise-cloud-'));
  await mkdir(dirname(logFile), { recursive: true });
  const log = await open(logFile, 'a');
  const child = spawn(python.command, [emulator], {
    cwd: scratch,
    // Standard input stays open for as long as this process lives: its end is the emulator's sign to stop.
    stdio: ['pipe', log.fd, log.fd],
    // A group of its own: a Ctrl-C is ours to handle, in order.
    detached: true,
    // Not our whole environment: the functions inherit this, and must find neither our settings nor our secrets in it.
    env: {
      ...localEnvironment(endpoint),
      ...python.env,
      PATH: join(root, 'node_modules', '.bin') + delimiter + (process.env['PATH'] ?? ''),
      NODE_PATH: join(root, 'node_modules'),
      HOME: scratch,
      TMPDIR: scratch,
      GATEWAY_PORT: String(listenOn),
      BIND_HOST: '127.0.0.1',
      MINISTACK_HOST: '127.0.0.1',
      MINISTACK_REGION: localEnvironment(endpoint)['AWS_REGION'] ?? '',
      IOT_MTLS_ENABLED: '0',
      SFTP_ENABLED: '0',
      LAMBDA_EXECUTOR: 'local',
      AUTH: String(auth),
      PYTHONDONTWRITEBYTECODE: '1',
      LOG_LEVEL: process.env['STEPWISE_CLOUD_LOG'] ?? 'INFO',
      STEPWISE_WITHOUT_PATCH: process.env['STEPWISE_WITHOUT_PATCH'] ?? '',
      ...(smtp ? { SMTP_HOST: smtp } : {}),
      ...(stateDir
        ? { PERSIST_STATE: '1', STATE_DIR: stateDir, S3_PERSIST: '1', S3_DATA_DIR: join(stateDir, 's3') }
        : {}),
    },
  });
  await log.close();
  const exited = once(child, 'exit');
  child.stdin?.on('error', () => {});

  const stop = async () => {
    if (child.exitCode === null && child.signalCode === null) {
      child.kill('SIGTERM');
      const late = AbortSignal.timeout(stopWithin);
      late.addEventListener('abort', () => child.kill('SIGKILL'), { once: true });
    }
    await exited;
    await rm(scratch, { recursive: true, force: true });
  };

  const deadline = Date.now() + startWithin;
  while (!(await answers(endpoint))) {
    if (child.exitCode !== null || child.signalCode !== null || Date.now() > deadline) {
      await stop();
      const lastWords = (await readFile(logFile, 'utf8')).trimEnd().split('\n').at(-1);
      throw new Error(`The local cloud did not start on port ${listenOn} (${logFile}): ${lastWords}`);
    }
    await pause(50);
  }
  return { endpoint, pid: child.pid, stop };
}

async function answers(endpoint: string): Promise<boolean> {
  return fetch(`${endpoint}/_ministack/health`).then(
    (response) => response.ok,
    () => false,
  );
}

/** The wished port, else that of the kept state, else a free one; the choice is remembered with the state. */
async function choosePort(wished: number | undefined, stateDir: string | undefined): Promise<number> {
  const note = stateDir && join(stateDir, 'port');
  const kept = note && existsSync(note) ? Number(await readFile(note, 'utf8')) : undefined;
  const port = await freePort(wished ?? kept ?? 0);
  if (note) {
    await mkdir(dirname(note), { recursive: true });
    await writeFile(note, String(port));
  }
  return port;
}

/** The given port if nobody listens on it (0: any free one). Throws where it is taken. */
async function freePort(port: number): Promise<number> {
  const server = createServer();
  server.listen(port, '127.0.0.1');
  await once(server, 'listening').catch((error: unknown) => {
    throw new Error(`Port ${port} is in use: stop what listens there (an earlier run?) or choose another.`, {
      cause: error,
    });
  });
  const address = server.address();
  server.close();
  await once(server, 'close');
  return typeof address === 'object' && address ? address.port : port;
}
