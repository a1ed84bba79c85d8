import { createHash } from 'node:crypto';
import {
  cpSync,
  existsSync,
  globSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, sep } from 'node:path';
import type { Sources } from '../../infra/stepwise.ts';
import { workflows } from '../../shared/platform/workflows.ts';

const root = join(import.meta.dirname, '../..');

/** Every function of the service: `functions/<group>/<name>.ts` is called `<group>-<name>`. */
export const functionNames = globSync('functions/*/*.ts', { cwd: root })
  .map((file) => file.split(sep).slice(1).join('-').replace(/\.ts$/, ''))
  .sort();

/**
 * Synth needs code to be there, not to be right. Every bundle, and each ASL file that is missing, is stood in for: by a
 * function that answers nothing, and by a machine with one wait. Made once for the same workflows, then kept.
 */
export const standIns = (): Required<Sources> => {
  const folder = join(tmpdir(), `stepwise-stand-ins-${fingerprint()}`);
  if (!existsSync(folder)) {
    const unfinished = mkdtempSync(`${folder}-`);
    writeStandIns(unfinished);
    // Whoever comes second finds the same.
    if (existsSync(folder)) rmSync(unfinished, { recursive: true });
    else renameSync(unfinished, folder);
  }
  return { bundles: join(folder, 'functions'), workflows: join(folder, 'workflows') };
};

const written = () => globSync('workflows/*.asl.json', { cwd: root }).sort();

const fingerprint = () => {
  const hash = createHash('sha256').update(JSON.stringify(functionNames));
  hash.update(readFileSync(import.meta.filename));
  for (const file of written()) hash.update(file).update(readFileSync(join(root, file)));
  return hash.digest('hex').slice(0, 16);
};

/** Writes `functions/` and `workflows/` into the folder; bundles that `built` has are taken as they are. */
const writeStandIns = (folder: string, built?: string) => {
  for (const name of functionNames) {
    const bundle = join(folder, 'functions', name);
    mkdirSync(bundle, { recursive: true });
    if (built && existsSync(join(built, name, 'index.mjs'))) cpSync(join(built, name), bundle, { recursive: true });
    else writeFileSync(join(bundle, 'index.mjs'), 'export const handler = async () => ({});\n');
  }
  mkdirSync(join(folder, 'workflows'), { recursive: true });
  for (const { name } of workflows) {
    writeFileSync(join(folder, `workflows/${name}.asl.json`), JSON.stringify(machine(name), null, 2));
  }
  for (const file of written()) cpSync(join(root, file), join(folder, file));
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

// Deploys what there is before everything is there: `node test/infra/stand-ins.ts <folder>`, then `cdk -c bundles= -c workflows=`.
if (import.meta.main) writeStandIns(process.argv[2] ?? join(root, 'dist/stand-ins'), join(root, 'dist/functions'));
