import * as z from 'zod';
import type { Fact } from '../events/event.ts';
import { facts, note, paragraph, quote } from '../mail/layout.ts';
import { type Mail, queueMail } from '../mail/mail.ts';
import { template } from '../mail/render.ts';
import type { User } from '../people/user.ts';
import type { Task } from '../platform/task.ts';
import { Contact, nameOf } from '../sales/contact.ts';
import type { Crm } from '../store/command.ts';
import type { Draft } from '../store/record.ts';
import type { Case } from './case.ts';
import { scale } from './satisfaction.ts';

const ToCustomer = z.object({ number: z.string(), subject: z.string(), name: z.string(), body: z.string() });
/** The number in the subject leads an answer back to its case. */
const subjectOf = ({ number, subject }: { number: string; subject: string }) => `[#${number}] ${subject}`;

const caseReceived = template('case-received', ToCustomer.omit({ body: true }), (about) => ({
  subject: subjectOf(about),
  blocks: [
    paragraph(`Hello ${about.name},`),
    paragraph(`We have got your message. Its number is ${about.number}; we will answer as soon as we can.`),
    note('If you want to add something, please answer this mail.'),
  ],
}));

const caseAnswer = template('case-answer', ToCustomer, (about) => ({
  subject: subjectOf(about),
  blocks: [
    paragraph(`Hello ${about.name},`),
    paragraph(about.body),
    note(`Your case ${about.number}. Please leave the number in the subject when you answer.`),
  ],
}));

const caseResolved = template('case-resolved', ToCustomer, (about) => ({
  subject: subjectOf(about),
  blocks: [
    paragraph(`Hello ${about.name},`),
    paragraph(`We consider your case ${about.number} resolved:`),
    paragraph(about.body),
    note('If this does not solve it, please answer this mail and leave the number in the subject.'),
  ],
}));

const caseSurvey = template('case-survey', ToCustomer.omit({ body: true }), (about) => ({
  subject: `[#${about.number}] How did we do?`,
  blocks: [
    paragraph(`Hello ${about.name},`),
    paragraph(`We resolved your case ${about.number}: ${about.subject}`),
    paragraph(
      'How satisfied are you with our help, from 1 to 5? Please click on it, or answer this mail with the figure alone.',
    ),
  ],
}));
/** The figures that a customer may click on, the best first. */
const figures = (caseId: string): Mail['links'] =>
  scale
    .map((words, n) => ({ label: `${n + 1} ${words}`, purpose: 'survey' as const, id: caseId, action: String(n + 1) }))
    .reverse();

const ToColleague = z.object({
  number: z.string(),
  subject: z.string(),
  priority: z.string(),
  description: z.string().optional(),
  dueAt: z.string().optional(),
  reason: z.string().optional(),
});
const toColleague = (name: string, title: (about: z.infer<typeof ToColleague>) => string, says: string) =>
  template(name, ToColleague, (about) => ({
    subject: `${title(about)} [#${about.number}]`,
    blocks: [
      paragraph(says),
      facts({
        Case: about.number,
        Subject: about.subject,
        Priority: about.priority,
        Due: about.dueAt,
        Why: about.reason,
      }),
      ...(about.description ? [quote(about.description)] : []),
    ],
  }));

const forColleagues = {
  'case-assigned': toColleague('case-assigned', ({ subject }) => `For you: ${subject}`, 'This case is yours.'),
  'case-reopened': toColleague(
    'case-reopened',
    ({ subject }) => `Reopened: ${subject}`,
    'This case of yours was reopened.',
  ),
  'case-answered': toColleague(
    'case-answered',
    ({ subject }) => `Answered: ${subject}`,
    'The customer has written about this case.',
  ),
  'case-warned': toColleague(
    'case-warned',
    ({ subject }) => `Due soon: ${subject}`,
    'The time that we promised is nearly used up.',
  ),
  'case-escalated': toColleague(
    'case-escalated',
    ({ subject }) => `Escalated: ${subject}`,
    'This case needs you: please see to it that it gets on.',
  ),
  'case-follow-up': toColleague(
    'case-follow-up',
    ({ subject }) => `Follow up: ${subject}`,
    'Nothing has happened to this case for a while.',
  ),
};

/** The mails about cases. */
export const caseMails = [caseReceived, caseAnswer, caseResolved, caseSurvey, ...Object.values(forColleagues)];

/** Whom the mails of a case go to. */
export const customerOf = async ({ store }: Crm, { contactId }: Case): Promise<Contact | undefined> =>
  contactId ? store.find(Contact, contactId) : undefined;

/** A mail about a case to its customer, if there is somebody to write to. */
export function mailToCustomer(
  crm: Pick<Crm, 'newId'>,
  record: Draft<Case>,
  contact: Pick<Contact, 'archivedAt' | 'emails' | 'firstName' | 'lastName'> | undefined,
  mail: { template: 'case-received' | 'case-answer' | 'case-resolved' | 'case-survey'; step: string; body?: string },
): Fact<Mail>[] {
  const email = contact?.emails[0];
  if (!contact || contact.archivedAt || !email) return [];
  const { id, accountId, number, subject } = record;
  const { template, step, body } = mail;
  const name = nameOf(contact);
  const data = { number, subject, name, ...(body !== undefined && { body }) };
  const links = template === 'case-survey' ? figures(id) : [];
  return [queueMail(crm, { accountId, recordId: id, step, to: { name, email }, template, data, links })];
}

/** A mail about a case to a colleague, with a link for each action of their task. */
export function mailToColleague(
  crm: Pick<Crm, 'newId'>,
  record: Draft<Case>,
  to: User | undefined,
  mail: {
    template: keyof typeof forColleagues;
    step: string;
    task?: Fact<Task> | undefined;
    reason?: string | undefined;
  },
): Fact<Mail>[] {
  if (!to) return [];
  const { id, accountId, number, subject, priority, description, sla } = record;
  const { template, step, task, reason } = mail;
  const dueAt = (record.answeredAt ? sla.resolution : sla.firstResponse).dueAt;
  return [
    queueMail(crm, {
      accountId,
      recordId: id,
      step,
      to: { name: to.name, email: to.email },
      template,
      data: { number, subject, priority, description: description?.slice(0, 2_000).toWellFormed(), dueAt, reason },
      links: (task?.after.actions ?? []).map(({ key, label }) => ({
        label,
        purpose: 'task',
        id: task!.after.id,
        action: key,
      })),
      assigneeId: to.id,
    }),
  ];
}
