import { Refusal } from '../core/refusal.ts';
import { closing } from '../platform/task.ts';
import type { Command, Crm } from '../store/command.ts';
import { InboundMail, moveInboundMail } from './inbound-mail.ts';

interface Sorted {
  id: string;
  note?: string | undefined;
}

/** Has a case opened of a mail that was put aside, for whoever wrote it. 409 `record.wrongState` where nobody did, or it has a virus. */
export const openCaseOfMail: Command<Sorted, InboundMail> = (crm, input) => sort(crm, input, 'openCase', 'case');

/** Has a lead captured of a mail that was put aside. 409 as above. */
export const captureLeadOfMail: Command<Sorted, InboundMail> = (crm, input) => sort(crm, input, 'captureLead', 'lead');

/** Leaves a mail aside. 409 `record.wrongState` where nobody is asked about it. */
export const ignoreMail: Command<Sorted, InboundMail> = async (crm, { id, note }) => {
  const mail = await crm.load(InboundMail, id);
  const ignored = moveInboundMail(mail, 'ignore', { openTaskId: undefined });
  if (!mail.openTaskId) throw new Refusal('record.wrongState', 'Nobody is asked about this mail');
  return crm.commit([ignored, ...(await closing(crm, mail.openTaskId, 'ignore', note))]);
};

async function sort(
  crm: Crm,
  { id, note }: Sorted,
  verb: 'openCase' | 'captureLead',
  wanted: 'case' | 'lead',
): Promise<InboundMail> {
  const mail = await crm.load(InboundMail, id);
  const accepted = moveInboundMail(mail, verb, { wanted, openTaskId: undefined });
  if (!mail.from) throw new Refusal('record.wrongState', 'The mail names no one author');
  if (mail.verdicts.virus === 'fail') throw new Refusal('record.wrongState', 'The mail has a virus');
  return crm.commit([accepted, ...(await closing(crm, mail.openTaskId, verb, note))]);
}
