import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { appendFile, cp, glob, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { CloudFormationClient, DescribeStacksCommand } from '@aws-sdk/client-cloudformation';
import { DeleteBucketPolicyCommand, S3Client } from '@aws-sdk/client-s3';
import { localEnvironment } from './cloud.ts';
import { type Template, templateForEmulator } from './template-for-emulator.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));

export type Deployment = {
  /** Where the cloud answers. */
  endpoint: string;
  /** The stage of the app (`-c stage=`). */
  stage: string;
  /** A folder for the synthesized app, the log of the tools (`deploy.log`) and the outputs; made when missing. */
  outDir: string;
  /** Further `-c key=value` for the app. */
  context?: Record<string, string>;
  /** The CDK app; default: the product's. */
  app?: string;
};

/**
 * Deploys the app, unchanged but for what the emulator refuses, to the cloud at `endpoint`: build, synth, bootstrap,
 * deploy, each only when something changed. Gives the outputs of all stacks by their key. Throws with the last lines of
 * the tool that failed.
 */
export async function deploy(deployment: Deployment): Promise<Record<string, string>> {
  const { endpoint, outDir } = deployment;
  const environment = localEnvironment(endpoint);
  const log = join(outDir, 'deploy.log');
  const synthesized = join(outDir, 'synthesized');
  const deployed = join(outDir, 'deployed');
  const outputs = join(outDir, 'outputs.json');
  const run = (...command: string[]) => runTool(command, { ...environment, ...quietTools }, log);

  await mkdir(outDir, { recursive: true });
  await writeFile(log, '');
  await synth(deployment, synthesized, run);
  await forEmulator(synthesized, deployed);
  await bootstrap(environment, () => run('cdk', 'bootstrap', '--app', deployed));
  await rm(outputs, { force: true });
  await run('cdk', 'deploy', '--all', '--app', deployed, '--require-approval', 'never', '--outputs-file', outputs);
  const byStack = JSON.parse(await readFile(outputs, 'utf8')) as Record<string, Record<string, string>>;
  return Object.assign({}, ...Object.values(byStack)) as Record<string, string>;
}

type Run = (...command: string[]) => Promise<void>;

/** What would slow the tools down or talk to others. */
const quietTools = {
  CI: 'true',
  NO_COLOR: '1',
  CDK_DISABLE_CLI_TELEMETRY: 'true',
  CDK_DISABLE_VERSION_CHECK: 'true',
};

/** Builds and synthesizes, unless what is there was made from the same sources with the same settings. */
async function synth({ stage, context = {}, app, outDir }: Deployment, into: string, run: Run): Promise<void> {
  const settings = ['stage', ...Object.keys(context)].flatMap((key) => ['-c', `${key}=${{ ...context, stage }[key]}`]);
  const stamp = join(outDir, 'synthesized-from');
  const sources = await fingerprint([...settings, app ?? '']);
  const last = await readFile(stamp, 'utf8').catch(() => undefined);
  if (!app && last === sources && existsSync(join(into, 'manifest.json'))) return;

  await rm(stamp, { force: true });
  if (!app) await run('node', 'infra/build.ts');
  await run('cdk', 'synth', '--quiet', ...settings, ...(app ? ['--app', app] : []), '--output', into);
  await writeFile(stamp, sources);
}

/** A hash over everything that the app is made of. */
async function fingerprint(settings: string[]): Promise<string> {
  const hash = createHash('sha256').update(JSON.stringify(settings));
  const sources = '{infra,functions,shared,workflows}/**/*.{ts,mjs,js,py,json,html,css,ttf,txt,md}';
  const files = await Array.fromAsync(glob([sources, 'cdk.json', 'package-lock.json'], { cwd: root }));
  for (const file of files.filter((path) => !path.startsWith('infra/local/')).sort()) {
    hash.update(`\0${file}\0`).update(await readFile(join(root, file)));
  }
  return hash.digest('hex');
}

/**
 * A copy of the synthesized app with templates for the emulator. A template is stored under the hash of its content, so a changed one
 * needs a changed name, or the one stored before would be deployed again; that of a nested stack is named by the stack around it.
 */
async function forEmulator(from: string, to: string): Promise<void> {
  await rm(to, { recursive: true, force: true });
  await cp(from, to, { recursive: true });
  const templates = (await Array.fromAsync(glob('*.template.json', { cwd: to }))).map((file) => join(to, file));
  const nested = (path: string) => path.endsWith('.nested.template.json');
  const renamed = new Map<string, string>();
  for (const path of [...templates.filter(nested), ...templates.filter((one) => !nested(one))]) {
    const original = inNewNames(await readFile(path, 'utf8'), renamed);
    const changed = JSON.stringify(templateForEmulator(JSON.parse(original) as Template), null, 1);
    await writeFile(path, changed);
    renamed.set(await nameOfTemplate(path, to), createHash('sha256').update(changed).digest('hex'));
  }
  for await (const file of glob(['*.assets.json', 'manifest.json'], { cwd: to })) {
    const path = join(to, file);
    await writeFile(path, inNewNames(await readFile(path, 'utf8'), renamed));
  }
}

const inNewNames = (text: string, renamed: ReadonlyMap<string, string>): string =>
  [...renamed].reduce((all, [name, now]) => all.replaceAll(name, now), text);

/** The hash by which the files of assets name a template. */
async function nameOfTemplate(path: string, folder: string): Promise<string> {
  for await (const file of glob('*.assets.json', { cwd: folder })) {
    const { files } = JSON.parse(await readFile(join(folder, file), 'utf8')) as {
      files: Record<string, { source: { path: string } }>;
    };
    const hash = Object.entries(files).find(([, { source }]) => source.path === basename(path))?.[0];
    if (hash) return hash;
  }
  throw new Error(`No file of assets names ${basename(path)}`);
}

/**
 * Makes what the CDK deploys through, once per state of the cloud. Its bucket refuses plain HTTP, which is what a cloud
 * on the loopback interface speaks: with roles enforced that would refuse the deploy.
 */
async function bootstrap(environment: Record<string, string>, run: () => Promise<void>): Promise<void> {
  const client = {
    endpoint: environment['AWS_ENDPOINT_URL']!,
    region: environment['AWS_REGION']!,
    credentials: credentialsOf(environment),
  };
  const cloudFormation = new CloudFormationClient(client);
  const toolkit = () =>
    cloudFormation.send(new DescribeStacksCommand({ StackName: 'CDKToolkit' })).then(
      ({ Stacks }) => Stacks?.[0],
      () => undefined,
    );
  if ((await toolkit())?.StackStatus?.match(/^(CREATE|UPDATE)_COMPLETE$/)) return;
  await run();
  const bucket = (await toolkit())?.Outputs?.find(({ OutputKey }) => OutputKey === 'BucketName')?.OutputValue;
  if (bucket)
    await new S3Client({ ...client, forcePathStyle: true }).send(new DeleteBucketPolicyCommand({ Bucket: bucket }));
}

function credentialsOf(environment: Record<string, string>) {
  return { accessKeyId: environment['AWS_ACCESS_KEY_ID']!, secretAccessKey: environment['AWS_SECRET_ACCESS_KEY']! };
}

/** Runs a tool of the project with its output in the log. Throws with its last lines where it fails. */
async function runTool([command, ...rest]: string[], environment: Record<string, string>, log: string): Promise<void> {
  const tools = join(root, 'node_modules', '.bin');
  const child = spawn(join(tools, command ?? ''), rest, {
    cwd: root,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...environment, PATH: `${tools}:${process.env['PATH']}` },
  });
  const output: string[] = [];
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => output.push(text));
  }
  const code = await new Promise<number | null>((resolve, reject) => child.on('error', reject).on('close', resolve));
  const text = output.join('');
  await appendFile(log, `\n$ ${command} ${rest.join(' ')}\n${text}`);
  if (code === 0) return;
  throw new Error(`\`${command} ${rest[0]}\` failed (${log}):\n${text.trimEnd().split('\n').slice(-40).join('\n')}`);
}
