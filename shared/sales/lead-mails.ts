import * as z from 'zod';
import type { Fact } from '../events/event.ts';
import { facts, paragraph, quote } from '../mail/layout.ts';
import { type Mail, queueMail } from '../mail/mail.ts';
import { template } from '../mail/render.ts';
import type { User } from '../people/user.ts';
import type { Task } from '../platform/task.ts';
import type { Crm } from '../store/command.ts';
import { type Lead, leadName } from './lead.ts';

const AboutLead = z.object({
  name: z.string(),
  company: z.string().optional(),
  grade: z.string(),
  message: z.string().optional(),
  email: z.string().optional(),
  phone: z.string().optional(),
  dueAt: z.string(),
  reasons: z.array(z.string()),
});
const known = ({ name, company, grade, email, phone, dueAt }: z.infer<typeof AboutLead>) =>
  facts({ Lead: name, Company: company, Grade: grade, 'E-mail': email, Phone: phone, Due: dueAt });
const said = (message: string | undefined) => (message ? [quote(message)] : []);

const leadAssigned = template('lead-assigned', AboutLead, (about) => ({
  subject: `New lead for you: ${about.name} (${about.grade})`,
  blocks: [paragraph('A lead is yours. Please accept it in time.'), known(about), ...said(about.message)],
}));

const overdue = 'The next step of this lead is overdue. Without it, the lead goes to nurturing.';
const leadOverdue = template('lead-overdue', AboutLead, (about) => ({
  subject: `Overdue: ${about.name}`,
  blocks: [paragraph(overdue), known(about), ...said(about.message)],
}));

const unaccepted = 'Nobody has accepted this lead in time. It stays with you.';
const leadUnaccepted = template('lead-unaccepted', AboutLead, (about) => ({
  subject: `Not accepted yet: ${about.name}`,
  blocks: [paragraph(unaccepted), known(about), ...said(about.message)],
}));

/** The mails about leads. */
export const leadMails = [leadAssigned, leadOverdue, leadUnaccepted];

/** A mail to a lead's owner about their task, with a link for each of its actions. */
export function mailToOwner(
  crm: Pick<Crm, 'newId'>,
  name: 'lead-assigned' | 'lead-overdue' | 'lead-unaccepted',
  lead: Lead,
  owner: User,
  task: Pick<Task, 'id' | 'actions' | 'dueAt'>,
): Fact<Mail> {
  const { company, message, email, phone, score } = lead;
  const { id: taskId, actions, dueAt = '' } = task;
  return queueMail(crm, {
    accountId: lead.accountId,
    recordId: lead.id,
    step: `${name}-${taskId}`,
    to: { name: owner.name, email: owner.email },
    template: name,
    data: {
      name: leadName(lead),
      company,
      message: message?.slice(0, 2_000).toWellFormed(),
      email,
      phone,
      grade: score.grade,
      dueAt,
      reasons: score.reasons,
    },
    links: actions.map(({ key, label }) => ({ label, purpose: 'task', id: taskId, action: key })),
    assigneeId: owner.id,
  });
}
