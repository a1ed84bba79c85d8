import { PutCommand } from '@aws-sdk/lib-dynamodb';
import { beforeAll, describe, expect, it } from 'vitest';
import { endpoints } from '../../functions/http/platform.ts';
import type { Executions } from '../../shared/platform/executions.ts';
import { graceMilliseconds, Process, waitsOf } from '../../shared/platform/process.ts';
import { reconcile } from '../../shared/platform/reconcile.ts';
import { startProcess } from '../../shared/platform/start-process.ts';
import { workflows } from '../../shared/platform/workflows.ts';
import { captureLead } from '../../shared/sales/capture-lead.ts';
import type { Lead } from '../../shared/sales/lead.ts';
import { OwnTable } from '../support/own-table.ts';

const own = new OwnTable('processes', new Date('2026-02-03T09:00:00Z'), endpoints);
beforeAll(() => own.make());

/** Step Functions, as far as it is told: which executions there are, and how they stand. */
class Told implements Pick<Executions, 'status' | 'running' | 'start'> {
  readonly all = new Map<string, string>();
  status = async ({ execution }: Pick<Process, 'execution'>) => {
    const status = this.all.get(execution);
    return status === undefined ? undefined : { status };
  };
  running = async () => new Set([...this.all].flatMap(([name, status]) => (status === 'RUNNING' ? [name] : [])));
  start = async ({ execution }: Pick<Process, 'execution'>) => {
    this.all.set(execution, 'RUNNING');
  };
}

let captured = 0;
const aLead = (): Promise<Lead> =>
  own.command(captureLead, { source: 'api', email: `jo@acme${captured++}.example` } as never) as Promise<Lead>;
const workflow = workflows[0]!;
const start = (told: Told, recordId: string, eventId: string) =>
  own.command(startProcess(told), { workflow, recordId, eventId });
const later = () => {
  own.now = new Date(own.now.getTime() + graceMilliseconds + 1);
};
const stateOf = async ({ id }: Process) => (await own.store.load(Process, id)).status;

describe('the process of a record', () => {
  it('is the same for the event that made it, however often that is told', async () => {
    const told = new Told();
    const { id } = await aLead();
    const first = await start(told, id, 'evt_1');
    expect(await start(told, id, 'evt_1')).toMatchObject({ process: { id: first?.process.id } });
  });

  it('is left to the event that made it as long as its execution may not have begun', async () => {
    const told = new Told();
    const { id } = await aLead();
    const first = await start(told, id, 'evt_1');
    expect(await start(told, id, 'evt_2')).toBeUndefined();
    expect(await stateOf(first!.process)).toBe('running');
    later();
    const second = await start(told, id, 'evt_2');
    expect(second?.process.id).not.toBe(first?.process.id);
    expect(await stateOf(first!.process)).toBe('stopped');
  });

  it.each([
    ['RUNNING', 'running'],
    ['SUCCEEDED', 'succeeded'],
    ['FAILED', 'failed'],
    ['TIMED_OUT', 'timedOut'],
  ])('whose execution is %s is %s after another event', async (execution, state) => {
    const told = new Told();
    const { id } = await aLead();
    const first = await start(told, id, 'evt_1');
    told.all.set(first!.process.execution, execution);
    const second = await start(told, id, 'evt_2');
    expect(Boolean(second)).toBe(execution !== 'RUNNING');
    expect(await stateOf(first!.process)).toBe(state);
  });
});

describe('reconcile', () => {
  const reconciled = (told: Told, grace = graceMilliseconds) =>
    reconcile({ store: own.store, policies: own.policies, now: () => own.now }, told, grace);

  it('starts what is missing, adopts what is lost, leaves what runs or has just begun, and has nothing to do twice', async () => {
    const told = new Told();
    await reconciled(told, -1);
    const [missing, lost, running, young] = [await aLead(), await aLead(), await aLead(), await aLead()];
    const lostOne = await start(told, lost.id, 'evt_1');
    await told.start((await start(told, running.id, 'evt_1'))!.process);
    later();
    await start(told, young.id, 'evt_1');
    expect(await reconciled(told)).toEqual({ started: 1, adopted: 1 });
    const adopted = await own.store.load(Process, lostOne!.process.id);
    expect(adopted).toMatchObject({ status: 'running', execution: `${adopted.id}-${adopted.version}` });
    expect(told.all.get(adopted.execution)).toBe('RUNNING');
    expect(await own.store.holderOf(`running#${workflow.name}#${missing.id}`)).toBeDefined();
    expect(await reconciled(told, -1)).toEqual({ started: 0, adopted: 1 });
    expect(await reconciled(told, -1)).toEqual({ started: 0, adopted: 0 });
  });
});

describe('a list of processes', () => {
  it('tells those that wait from those that run', async () => {
    const told = new Told();
    const [running, waiting] = [
      await start(told, (await aLead()).id, 'evt_running'),
      await start(told, (await aLead()).id, 'evt_waiting'),
    ].map((started) => started!.process);
    const wait = { token: 'x', seen: 1, events: new Set(['lead.accepted']), dueAt: own.now.toISOString() };
    const Item = { pk: waitsOf(waiting!.recordIds[0]!), sk: waiting!.id, ...wait };
    await own.store.client.send(new PutCommand({ TableName: own.store.table, Item }));
    const listed = async (state: string): Promise<string[]> => {
      const { data } = await own.request(`GET /v1/processes?limit=200&state=${state}`);
      return data.map((one: { id: string; state: string }) => {
        expect(one.state).toBe(state);
        return one.id;
      });
    };
    expect(await listed('waiting')).toEqual([waiting!.id]);
    expect(await listed('running')).toContain(running!.id);
    expect(await listed('stopped')).not.toContain(running!.id);
  });
});
