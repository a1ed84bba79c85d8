import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type WorkflowRule, workflows } from '../shared/platform/workflows.ts';
import { awaitedEventsOf, readDefinition } from './asl.ts';

const folder = fileURLToPath(new URL('../workflows', import.meta.url));

interface State {
  Type: string;
  Comment?: string;
  Next?: string;
  End?: boolean;
  Default?: string;
  Choices?: { Next: string; Condition: string }[];
  Catch?: { Next: string; ErrorEquals: string[] }[];
}
interface Machine {
  Comment: string;
  StartAt: string;
  States: Record<string, State>;
}

/** `workflows/README.md`: each workflow as a picture drawn from its ASL file, with what starts it, what it waits for, and how it ends. */
export function workflowsReadme(): string {
  return `${[opening, ...workflows.map(chapter)].join('\n\n')}\n`;
}

const opening = `# Workflows

Each file is a Standard state machine in Amazon States Language with JSONata; it opens in Workflow Studio as it is. They have one
shape: **act**, *where does the record stand?*, **wait**. An act is a command of the CRM, run by the workflow's own task function; it
answers the record as it stands where nothing is left to do. The one Choice routes by that state. The wait is registered in the
transaction that checks that the record still is as it was seen, so that no event is missed; an event or the record's own deadline ends
it. A process may be entered anywhere: the first thing it does is look.

A machine that has waited 200 times or runs for 300 days (policy \`processes\`) ends *Continued*, and its successor goes on from where the
record stands: neither the history of an execution nor its year comes to an end.

Every failure ends in *Needs an operator*: mend the cause, then \`POST /v1/processes/{id}/redrive\`.

The pictures are drawn from the files by \`node infra/workflow-pictures.ts\`; a test sees to it that they are current.`;

function chapter({ name, startsOn, kind, runsWhile }: WorkflowRule): string {
  const definition = readDefinition(folder, name);
  const machine = JSON.parse(definition.text) as Machine;
  const ends = Object.entries(machine.States)
    .filter(([, { Type }]) => Type === 'Succeed')
    .map(([state]) => state);
  const code = (words: readonly string[]) => words.map((word) => `\`${word}\``).join(', ');
  return `## ${name}

${machine.Comment}

- **Starts on** ${code(startsOn)}, while the ${kind} is ${runsWhile.join(', ')} and has no such process.
- **Waits for** ${code(awaitedEventsOf(definition))}; and for the ${kind}'s own deadline.
- **Ends** ${ends.join(', ')}.

\`\`\`mermaid
${picture(machine)}
\`\`\``;
}

function picture({ StartAt, States }: Machine): string {
  const ids = new Map(Object.keys(States).map((state, n) => [state, `s${n}`]));
  const to = (from: string, next: string | undefined, label?: string) =>
    next ? [`  ${ids.get(from)} -->${label ? `|${label}|` : ''} ${ids.get(next)}`] : [];
  return [
    'flowchart TD',
    `  start([ ]) --> ${ids.get(StartAt)}`,
    ...Object.entries(States).flatMap(([name, state]) => [
      `  ${ids.get(name)}${shape(name, state)}`,
      ...to(name, state.Next),
      ...(state.Choices ?? []).flatMap(({ Next, Condition }) => to(name, Next, words(Condition))),
      ...to(name, state.Default, 'else'),
      ...(state.Catch ?? []).flatMap(({ Next, ErrorEquals }) => to(name, Next, faults(ErrorEquals))),
    ]),
  ].join('\n');
}

const shape = (name: string, { Type }: State): string => {
  const text = `"${name}"`;
  if (Type === 'Choice') return `{${text}}`;
  if (Type === 'Succeed') return `([${text}])`;
  return Type === 'Fail' ? `[[${text}]]` : `[${text}]`;
};

/** `{% $lead.status = 'converted' %}` -> `lead.status = converted`: what Mermaid can show in a label. */
const words = (condition: string): string =>
  condition
    .replaceAll('<', 'under')
    .replaceAll('>', 'after')
    .replaceAll(/[{}%$"'|()[\]]/g, ' ')
    .replaceAll(/\s+/g, ' ')
    .trim();
const faults = (errors: string[]): string =>
  ({
    'States.ALL': 'any failure',
    'States.Timeout': 'deadline',
    'DynamoDb.TransactionCanceledException': 'has moved on',
  })[errors[0]!] ?? errors.join(', ');

export const readmePath = join(folder, 'README.md');
export const currentReadme = (): string => readFileSync(readmePath, 'utf8');

if (import.meta.main) writeFileSync(readmePath, workflowsReadme());
