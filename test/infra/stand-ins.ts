import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { families } from '../../infra/families.ts';
import type { Sources } from '../../infra/stepwise.ts';
import { workflows } from '../../shared/platform/workflows.ts';

const root = join(import.meta.dirname, '../..');

/** Every function of the service: `<group>-<name>`. */
export const functionNames = [
  ...[...Object.keys(families), 'docs'].map((name) => `http-${name}`),
  ...workflows.map(({ name }) => `tasks-${name}`),
  ...['relay', 'start', 'resume', 'processes', 'figures', 'send-mail', 'documents'].map((name) => `events-${name}`),
  ...['sweep', 'reconcile'].map((name) => `scheduled-${name}`),
];

/**
 * Synth needs code to be there, not to be right. Bundles, and ASL files that are missing, are stood in for: by a function
 * that answers nothing, and by a machine with one wait of every kind. What `from` has is taken as it is.
 */
export const standIns = (folder = mkdtempSync(join(tmpdir(), 'stand-ins-')), from: Sources = {}): Required<Sources> => {
  const bundles = join(folder, 'functions');
  const definitions = join(folder, 'workflows');
  for (const name of functionNames) {
    const built = from.bundles && join(from.bundles, name);
    mkdirSync(join(bundles, name), { recursive: true });
    if (built && existsSync(join(built, 'index.mjs'))) cpSync(built, join(bundles, name), { recursive: true });
    else writeFileSync(join(bundles, name, 'index.mjs'), 'export const handler = async () => ({});\n');
  }
  mkdirSync(definitions, { recursive: true });
  const written = join(root, 'workflows');
  if (existsSync(written)) cpSync(written, definitions, { recursive: true });
  for (const { name } of workflows) {
    const path = `${name}.asl.json`;
    if (!readdirSync(definitions).includes(path))
      writeFileSync(join(definitions, path), JSON.stringify(machine(name), null, 2));
  }
  return { bundles, workflows: definitions };
};

const machine = (name: string) => ({
  QueryLanguage: 'JSONata',
  StartAt: 'Act',
  States: {
    Act: {
      Type: 'Task',
      Resource: 'arn:aws:states:::lambda:invoke',
      Arguments: { FunctionName: `\${${name.toUpperCase().replaceAll('-', '_')}_FUNCTION}`, Payload: {} },
      Next: 'Wait',
    },
    Wait: {
      Type: 'Task',
      Resource: 'arn:aws:states:::aws-sdk:dynamodb:transactWriteItems.waitForTaskToken',
      Arguments: {
        TransactItems: [
          {
            Put: {
              TableName: `\${TABLE_NAME}`,
              Item: { pk: { S: 'wait#' }, sk: { S: 'x' }, events: { SS: ['lead.assigned', 'quote.approved'] } },
            },
          },
          { ConditionCheck: { TableName: `\${TABLE_NAME}`, Key: { pk: { S: 'a' }, sk: { S: 'b' } } } },
        ],
      },
      TimeoutSeconds: 60,
      End: true,
    },
  },
});

if (import.meta.main) standIns(process.argv[2], { bundles: join(root, 'dist/functions') });
