import { globSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { App, Stack } from 'aws-cdk-lib';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { describe, expect, test } from 'vitest';
import { build } from '../../infra/build.ts';
import { StepwiseFunction } from '../../infra/constructs/stepwise-function.ts';
import { families, intakes, routesOf } from '../../infra/families.ts';
import { stageOf } from '../../infra/stages.ts';
import { functionNames } from './stand-ins.ts';
import { all, referred, synth } from './synth.ts';

const root = join(import.meta.dirname, '../..');
const { service } = synth('prod');
/** Function -> the paths that lead to it. */
const served = new Map<string, string[]>([
  ...Object.entries(families).map(([name, paths]) => [`http-${name}`, paths] as const),
  ...Object.entries(intakes).map(([name, paths]) => [`intake-${name}`, paths] as const),
]);
const functions = all(service, 'AWS::Lambda::Function');

test.each(functions)('%s runs Node 24 on arm64, is traced, and has a log of its own that ends', (_, { Properties }) => {
  expect(Properties).toMatchObject({
    Runtime: 'nodejs24.x',
    Architectures: ['arm64'],
    TracingConfig: { Mode: 'Active' },
    LoggingConfig: { LogFormat: 'JSON' },
    Environment: { Variables: { NODE_OPTIONS: '--enable-source-maps', STAGE: 'prod' } },
  });
  const logId = referred((Properties['LoggingConfig'] as { LogGroup: unknown }).LogGroup);
  const log = all(service, 'AWS::Logs::LogGroup').find(([id]) => id === logId)?.[1];
  expect(log?.Properties['RetentionInDays']).toBe(90);
  const sharing = functions.filter(([, other]) =>
    JSON.stringify(other.Properties['LoggingConfig']).includes(`"${logId}"`),
  );
  expect(sharing).toHaveLength(1);
});

test('no function is made by CDK behind our back', () => {
  // prod names no mail domain of its own: nothing sends, takes in or hears of mail.
  const ofMail = ['events-send-mail', 'events-deliveries', 'events-inbound-mails', 'intake-mail'];
  expect(functions).toHaveLength(functionNames.length - ofMail.length);
  expect(all(synth('local').service, 'AWS::Lambda::Function')).toHaveLength(functionNames.length);
});

test('a missing bundle says how it is made', () => {
  const app = new App({ context: { stage: 'dev' } });
  const stack = new Stack(app, 'Alone');
  const house = { stage: stageOf(app), alarms: new Topic(stack, 'Alarms'), bundles: '/nowhere', workflows: '/nowhere' };
  const make = () => new StepwiseFunction(stack, { house, name: 'http-leads', uses: [] });
  expect(make).toThrow(/bundle of 'http-leads' is missing .*npm run build.*functions\/http\/leads\.ts/);
});

describe('every route that a function declares leads to it', () => {
  const files = globSync('functions/{http,intake}/*.ts', { cwd: root });
  const routes = all(service, 'AWS::ApiGatewayV2::Route').map(([, { Properties }]) => String(Properties['RouteKey']));

  test.each(files)('%s', async (file) => {
    const { endpoints = [] } = (await import(join(root, file))) as { endpoints?: { route: string }[] };
    const name = `${basename(dirname(file))}-${basename(file, '.ts')}`;
    const stray = endpoints
      .map(({ route }) => route.replace(/^\w+ /, ''))
      .filter(
        (path) =>
          !(served.get(name) ?? []).some(
            (family) => path === family || path.startsWith(family.endsWith('/') ? family : `${family}/`),
          ),
      );
    expect(name === 'http-docs' ? [] : stray).toEqual([]);
  });

  test('a family is served with everything below it, and nothing twice', () => {
    const expected = [...served.values()]
      .flat()
      .flatMap(routesOf)
      .map((path) => `ANY ${path}`);
    expect(routes.toSorted()).toEqual([...expected, '$default'].toSorted());
    expect(new Set(routes).size).toBe(routes.length);
  });
});

test('the API may call each function, and the last of them by a route without a path', () => {
  const ends = all(service, 'AWS::Lambda::Permission').map(([, { Properties }]) => {
    const arn = JSON.stringify(Properties['SourceArn']);
    return [
      referred(Properties['FunctionName'])?.replace(/[0-9A-F]{8}$/, ''),
      /"(\/[^"]*)"\]\]/.exec(arn)?.[1],
    ] as const;
  });
  expect(ends.filter(([name]) => name !== 'HttpDocs').map(([, end]) => end)).toEqual([...served].map(() => '/*/*/*'));
  expect(ends.filter(([name]) => name === 'HttpDocs')).toEqual([['HttpDocs', '/*/*']]);
});

describe('every bundle', async () => {
  // The build itself refuses a bundle over its own budget.
  const bundles = await build();
  const { service: local } = synth('local');
  const environments = new Map(
    all(local, 'AWS::Lambda::Function').map(([id, { Properties }]) => {
      const { Variables } = Properties['Environment'] as { Variables: object };
      return [id.replace(/[0-9A-F]{8}$/, ''), Object.keys(Variables)];
    }),
  );
  const known = new Set([...environments.values()].flat());

  test.for(bundles)('$name belongs to a function that is given each name it asks for', ({ name, bytes }) => {
    expect(functionNames).toContain(name);
    expect(bytes).toBeGreaterThan(0);
    const text = readFileSync(join(root, 'dist/functions', name, 'index.mjs'), 'utf8');
    const asked = [...text.matchAll(/\b[A-Z]+(?:_[A-Z]+)+\b/g)].map(([word]) => word).filter((word) => known.has(word));
    const id = name.replace(/(?:^|-)(.)/g, (_, letter: string) => letter.toUpperCase());
    expect(environments.get(id)).toEqual(expect.arrayContaining([...new Set(asked)]));
  });
});
