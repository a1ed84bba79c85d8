import { refusesAnswers } from '../mail/automatic.ts';
import { isAuthenticated } from '../mail/verdicts.ts';
import { emailKey } from '../sales/contact.ts';
import type { Command, Crm } from '../store/command.ts';
import type { Arrived, ArrivedMail, Became } from './arrived-mail.ts';
import { InboundMail, moveInboundMail } from './inbound-mail.ts';
import { newCase } from './mail-becomes-case.ts';
import { newLead } from './mail-becomes-lead.ts';
import { lostMailTask } from './mail-becomes-task.ts';
import { MailIntake } from './mail-policies.ts';

/**
 * Makes of a mail that was put aside what a person wants of it, in one transaction with its record. One whose message is no longer in the
 * bucket is put aside again, with a task.
 */
export const takeInMail: Command<{ id: string; arrived: ArrivedMail | undefined }, InboundMail> = async (
  crm,
  { id, arrived },
) => {
  const record = await crm.load(InboundMail, id);
  if (record.status !== 'received') return record;
  const saying = (reason: string) => [reason, ...record.reasons].slice(0, 20);
  if (!arrived) {
    const task = lostMailTask(crm, record);
    const reasons = saying('Its message is no longer there');
    return crm.commit([moveInboundMail(record, 'park', { reasons, openTaskId: task.after.id }), task]);
  }
  const { as, facts, also } = await become(crm, await arrivedAs(crm, record, arrived), record.wanted);
  const reasons = saying(`A person wants it as a ${record.wanted}`);
  return crm.commit([moveInboundMail(record, 'become', { ...as, reasons }), ...facts], also);
};

const become = (crm: Crm, arrived: Arrived, wanted: InboundMail['wanted']): Promise<Became> =>
  wanted === 'lead' ? newLead(crm, arrived) : newCase(crm, arrived, undefined);

async function arrivedAs(crm: Crm, { id, automatic }: InboundMail, arrived: ArrivedMail): Promise<Arrived> {
  const { mail } = arrived;
  const email = mail.from?.email;
  const authenticated = email !== undefined && isAuthenticated(mail.verdicts, email);
  return {
    ...arrived,
    id,
    rules: await crm.policy(MailIntake),
    automatic,
    authenticated,
    mayAnswer: authenticated && !automatic && !refusesAnswers(mail),
    contactId: email && (await crm.store.holderOf(emailKey(email))),
  };
}
