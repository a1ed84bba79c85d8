import { consentFacts } from '../../shared/marketing/consent.ts';
import { suppressing } from '../../shared/marketing/suppression.ts';
import { type Command, run } from '../../shared/store/command.ts';
import { around } from './stack.ts';

const command = async <I, A>(does: Command<I, A>, input: I): Promise<A> => {
  const { store, policies } = around();
  const on = { now: new Date(), actor: { kind: 'system' as const, id: 'test' }, correlationId: 'test' };
  return (await run(store, policies, on, does, input)).answer;
};

/** A contact agrees to a topic. */
export const agree = (contactId: string, topic = 'newsletter'): Promise<unknown> =>
  command(async (crm) => {
    const said = { topic, channel: 'email', status: 'granted', source: 'test', basis: 'consent' } as const;
    const [fact] = await consentFacts(crm, contactId, [said]);
    return fact && crm.commit([fact]);
  }, undefined);

/** Nothing is sent to an address any more. */
export const suppress = (email: string): Promise<unknown> =>
  command(async (crm) => {
    const [fact] = await suppressing(crm, { email, reason: 'manual' });
    return fact && crm.commit([fact]);
  }, undefined);
