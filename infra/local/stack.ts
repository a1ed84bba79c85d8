import { existsSync } from 'node:fs';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { makeKey } from '../first-key.ts';
import { client } from './client.ts';
import { type Cloud, localEnvironment, startCloud } from './cloud.ts';
import { deploy } from './deploy.ts';
import { type IntakeSecrets, intakeSecretsIn } from './intake-secrets.ts';
import { type Mailbox, startMailbox } from './mailbox/mailbox.ts';

/** What a client needs to know of a running stack: `.local/stepwise.json`. */
export interface Access {
  apiUrl: string;
  apiKey: string;
  mailboxUrl: string;
  smtp: { host: string; port: number };
  mailDomain: string;
  endpoint: string;
  region: string;
  tableName: string;
  eventBusName: string;
  /** Where every event lands, for `npm run query`. */
  lakeBucket: string;
  /** By which the stand-ins of providers sign what they send: of this machine alone. */
  intakeSecrets: IntakeSecrets;
}

export interface Stack {
  access: Access;
  /** Outputs of the stacks by key. */
  outputs: Record<string, string>;
  cloud: Cloud;
  mailbox: Mailbox;
  stop(): Promise<void>;
}

export interface StackOptions {
  /** Where everything of this stack lies: state, logs, `stepwise.json`. */
  folder: string;
  /** Keep the state between clean stops. */
  keep?: boolean;
  /** Enforce the roles of functions. */
  auth?: boolean;
  context?: Record<string, string>;
  /** Told of each step and what it took. */
  tell?: (step: string) => void;
}

const mailDomain = 'stepwise.example';

/** The whole product on this machine: mailbox, cloud, deployed stacks, a key. The environment of this process points there afterwards. */
export async function startStack({
  folder,
  keep = false,
  auth = false,
  context = {},
  tell = () => {},
}: StackOptions): Promise<Stack> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const mailbox = await startMailbox(keep ? { stateDir: join(folder, 'mailbox') } : {});
  const cloud = await startCloud({
    smtp: `${mailbox.smtp.host}:${mailbox.smtp.port}`,
    logFile: join(folder, 'cloud.log'),
    auth,
    ...(keep && { stateDir: join(folder, 'cloud') }),
  });
  const stop = async () => {
    await cloud.stop();
    await mailbox.stop();
  };
  try {
    const environment = localEnvironment(cloud.endpoint);
    Object.assign(process.env, environment);
    tell(`The local cloud answers at ${cloud.endpoint}`);
    const outputs = await deploy({ endpoint: cloud.endpoint, stage: 'local', outDir: join(folder, 'deploy'), context });
    tell('The app is deployed');
    const region = environment['AWS_REGION'] ?? '';
    const intakeSecrets = await intakeSecretsIn(output(outputs, 'IntakeSecretArn'));
    mailbox.connect({
      paymentWebhook: {
        url: `${output(outputs, 'ApiUrl')}/v1/intake/payments/stripe`,
        secret: intakeSecrets.stripe[0],
      },
      endpoint: cloud.endpoint,
      region,
      mailDomain,
      intakeBucket: output(outputs, 'IntakeBucket'),
      deliveryTopicArn: output(outputs, 'DeliveryTopicArn'),
    });
    const tableName = output(outputs, 'TableName');
    const access: Access = {
      apiUrl: output(outputs, 'ApiUrl'),
      apiKey: await keyOf(folder, tableName),
      mailboxUrl: mailbox.url,
      smtp: mailbox.smtp,
      mailDomain,
      endpoint: cloud.endpoint,
      region,
      tableName,
      eventBusName: output(outputs, 'EventBusName'),
      lakeBucket: output(outputs, 'LakeBucket'),
      intakeSecrets,
    };
    await payHere(access);
    await writeFile(join(folder, 'stepwise.json'), `${JSON.stringify(access, null, 2)}\n`, { mode: 0o600 });
    return { access, outputs, cloud, mailbox, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

function output(outputs: Record<string, string>, name: string): string {
  const value = outputs[name];
  if (value) return value;
  throw new Error(`The deploy has no output ${name}`);
}

/** Where customers pay is a policy, as it is with any provider: here it is the stand-in's page. */
async function payHere({ apiUrl, apiKey, mailboxUrl }: Access): Promise<void> {
  const api = client(apiUrl, apiKey);
  const link = `${mailboxUrl}/pay/{reference}?amount={amount}&currency={currency}&invoice={number}`;
  const { data } = (await api.get('/v1/policies')) as { data: { name: string; body: { link?: string } }[] };
  const now = data.find(({ name }) => name === 'payment')?.body;
  if (now?.link !== link) await api.put('/v1/policies/payment', { body: { ...now, link } });
}

/** The key of the start before if it is of the same table; else a new first one. */
async function keyOf(folder: string, tableName: string): Promise<string> {
  const file = join(folder, 'stepwise.json');
  const last = existsSync(file) ? (JSON.parse(await readFile(file, 'utf8')) as Access) : undefined;
  if (last?.tableName === tableName) return last.apiKey;
  return makeKey(tableName, 'first key', 'admin');
}

/** Forgets everything of a stack that is not running. */
export const forget = (folder: string): Promise<void> => rm(folder, { recursive: true, force: true });
