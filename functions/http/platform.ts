import * as z from 'zod';
import { policies } from '../../shared/catalogue/policies.ts';
import { id } from '../../shared/core/ids.ts';
import { endpoint, Paging, pageOf } from '../../shared/http/endpoint.ts';
import { by, listOf } from '../../shared/http/list.ts';
import { explains } from '../../shared/insights/explain.ts';
import { Executions } from '../../shared/platform/executions.ts';
import {
  allPolicies,
  changePolicy,
  DryRun,
  PolicyChange,
  readPolicy,
  ShownPolicy,
  tryPolicy,
} from '../../shared/platform/policy-commands.ts';
import { Process, ProcessState, ShownProcess } from '../../shared/platform/process.ts';
import { readProcess, redriveProcess, shownProcesses, stopProcess } from '../../shared/platform/process-commands.ts';
import { pageOfAll } from '../../shared/store/list.ts';
import { given } from '../../shared/store/surroundings.ts';
import { serve } from '../serve.ts';

let executions: Executions | undefined;
const machines = (): Executions => {
  executions ??= new Executions(JSON.parse(given('STATE_MACHINES')) as Record<string, string>);
  return executions;
};

const policy = { may: 'policies:read', answer: ShownPolicy, refuses: ['policy.unknown'] } as const;
const process = { may: 'processes:write', params: z.strictObject({ id: id('prc') }), answer: ShownProcess } as const;
/** A process that waits is a running one to the table. */
const stored = ProcessState.exclude(['waiting']).options;

export const endpoints = [
  endpoint('GET /v1/policies', {
    summary: 'List policies',
    may: 'policies:read',
    query: Paging,
    answer: pageOf(ShownPolicy),
    filters: [{ filter: '(none)', key: 'pk = dir#pol', consistency: 'strong' }],
    does: async (crm, paged) => pageOfAll(await allPolicies(policies)(crm), paged, ({ name }) => name),
  }),
  endpoint('GET /v1/policies/{name}', {
    ...policy,
    refuses: ['policy.unknown'],
    summary: 'Read a policy',
    does: readPolicy(policies),
  }),
  endpoint('PUT /v1/policies/{name}', {
    ...policy,
    refuses: ['policy.unknown'],
    may: 'policies:write',
    summary: 'Make a new version of a policy',
    body: PolicyChange,
    does: changePolicy(policies),
  }),
  endpoint('POST /v1/policies/{name}/dry-run', {
    summary: 'What a new version would change',
    may: 'policies:read',
    body: PolicyChange,
    answer: DryRun,
    refuses: ['policy.unknown'],
    does: tryPolicy(policies),
  }),

  listOf('GET /v1/processes', {
    summary: 'List processes: where each stands, what it waits for and until when',
    kind: Process,
    may: 'processes:read',
    all: by.state('process', stored),
    filters: {
      recordId: by.key('process#', (recordId) => `process#${recordId}`),
      state: {
        ...by.state('process', stored),
        ranges: (state) =>
          by.state('process', stored).ranges('', state === 'waiting' ? 'running' : state, undefined as never),
        where: (shown, asked) => (shown as ShownProcess).state === asked,
      },
    },
    show: { schema: ShownProcess, as: shownProcesses },
  }),
  endpoint('GET /v1/processes/{id}', {
    ...process,
    may: 'processes:read',
    summary: 'Read a process and its steps',
    does: readProcess(machines),
  }),
  explains('processes', Process),
  endpoint('POST /v1/processes/{id}/redrive', {
    ...process,
    summary: 'Start an ended process again',
    refuses: ['record.wrongState'],
    does: redriveProcess(machines),
  }),
  endpoint('POST /v1/processes/{id}/stop', {
    ...process,
    summary: 'Stop a process',
    refuses: ['record.wrongState'],
    does: stopProcess(machines),
  }),
];

export const handler = serve(endpoints);
