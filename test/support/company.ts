import type { Actor } from '../../shared/events/event.ts';
import type { User } from '../../shared/people/user.ts';
import { findOwner } from '../../shared/sales/assign-lead.ts';
import { captureLead } from '../../shared/sales/capture-lead.ts';
import type { Lead } from '../../shared/sales/lead.ts';
import { type Command, run } from '../../shared/store/command.ts';
import type { Occasion } from '../../shared/store/occasion.ts';
import { TableInMemory } from './table-in-memory.ts';

/** A company of these people, at a time. */
export class Company {
  readonly table: TableInMemory;
  now = new Date('2026-06-15T10:00:00Z');
  #asked = 0;
  constructor(people: Partial<User>[], before?: (call: string) => Promise<unknown>) {
    this.table = new TableInMemory(before);
    for (const [n, said] of people.entries()) this.put(n, said);
  }

  put(n: number, said: Partial<User>): void {
    const id = this.idOf(n);
    const at = this.now.toISOString();
    this.table.put({
      ...{ pk: 'dir#usr', sk: id, id, version: 1, createdAt: at, updatedAt: at, createdBy: 'test' },
      ...{ name: `User ${n}`, email: `user${n}@ours.example`, role: 'agent', status: 'active' },
      ...said,
    });
  }

  idOf = (n: number) => `usr_${String(n).padStart(26, '0')}`;

  async does<I, A>(command: Command<I, A>, input: NoInfer<I>, otherwise: Partial<Occasion> = {}): Promise<A> {
    const { store, policies } = this.table.around(() => this.now);
    const actor: Actor = { kind: 'process', id: 'prc' };
    const on = { now: this.now, actor, correlationId: 'test', patient: true, ...otherwise };
    return (await run(store, policies, on, command, input)).answer;
  }

  captured = (): Promise<Lead> =>
    this.does(captureLead, { source: 'api', email: `jo${this.#asked++}@acme.example` } as never);
  assigned = async (): Promise<Lead> =>
    this.does(findOwner, { id: (await this.captured()).id, processId: 'prc' } as never);
  owners = (leads: readonly Lead[]) => leads.map(({ ownerId }) => ownerId && Number(ownerId.slice(4))).sort();
  reasonsOf = ({ id, version }: Lead): string[] =>
    this.table.under('log#').find((event) => event['recordId'] === id && event['recordVersion'] === version)![
      'reasons'
    ] as string[];
}
