import { Invoice, InvoiceArchived } from '../commerce/invoice.ts';
import { Order, OrderArchived } from '../commerce/order.ts';
import { addPastInvoice } from '../commerce/past-invoice.ts';
import { addPastOrder } from '../commerce/past-order.ts';
import { Payment } from '../commerce/payment.ts';
import { archiveProduct, createProduct, editProduct } from '../commerce/product-commands.ts';
import { receivePayment } from '../commerce/receive-payment.ts';
import { Refusal } from '../core/refusal.ts';
import { createTeam, createUser, editTeam, editUser } from '../people/people-commands.ts';
import { Team, TeamArchived } from '../people/team.ts';
import { User, UserArchived } from '../people/user.ts';
import { Account, AccountArchived } from '../sales/account.ts';
import { createAccount, editAccount } from '../sales/account-commands.ts';
import { captureLead } from '../sales/capture-lead.ts';
import { Contact, ContactArchived } from '../sales/contact.ts';
import { createContact, editContact } from '../sales/contact-commands.ts';
import { editLead } from '../sales/edit-lead.ts';
import { archiveLead } from '../sales/move-lead.ts';
import { archiveOpportunity } from '../sales/move-opportunity.ts';
import { openOpportunity } from '../sales/open-opportunity.ts';
import { Activity, ActivityArchived } from '../service/activity.ts';
import { createActivity, editActivity } from '../service/activity-commands.ts';
import { Case, CaseArchived } from '../service/case.ts';
import { editCase } from '../service/edit-case.ts';
import { addPastCase } from '../service/past-case.ts';
import type { Command } from '../store/command.ts';
import { archive } from '../store/edit.ts';
import type { Kind, Stamped } from '../store/record.ts';
import { consentChanged, consentGiven, consentWithdrawn } from './consent-rows.ts';
import type { ObjectName } from './import.ts';
import { editOrMove } from './opportunity-rows.ts';
import type { RowEdit } from './row-edit.ts';

/** What a row does: the commands of the API, so that nothing comes in by a file that they would refuse. Who writes a file needs none of them. */
export interface RowCommands {
  readonly create: Command<never, Stamped>;
  readonly update: Command<RowEdit, Stamped>;
  readonly archive: Command<{ id: string }, Stamped>;
}

const commands = <I, R extends Stamped>(
  create: Command<I, R>,
  update: Command<RowEdit, R>,
  archived: Command<{ id: string }, R>,
): RowCommands => ({ create: create as unknown as RowCommands['create'], update, archive: archived });

/** What another system has dealt with is not edited here: a row of it is new, or is there. */
const asItIs =
  <R extends Stamped>(kind: Kind<R>): Command<{ id: string }, R> =>
  (crm, { id }) =>
    crm.load(kind, id);

const staysOnRecord: Command<{ id: string }, Payment> = () => {
  throw new Refusal('record.wrongState', 'Money that came in stays on record: refund it');
};

/** By the name of the resource. */
export const rowCommands: Readonly<Record<ObjectName, RowCommands>> = {
  users: commands(createUser, editUser, archive(User, UserArchived)),
  teams: commands(createTeam, editTeam, archive(Team, TeamArchived)),
  products: commands(createProduct, editProduct, archiveProduct),
  accounts: commands(createAccount, editAccount, archive(Account, AccountArchived)),
  contacts: commands(createContact, editContact, archive(Contact, ContactArchived)),
  leads: commands(captureLead, editLead, archiveLead),
  opportunities: commands(openOpportunity, editOrMove, archiveOpportunity),
  orders: commands(addPastOrder, asItIs(Order), archive(Order, OrderArchived)),
  invoices: commands(addPastInvoice, asItIs(Invoice), archive(Invoice, InvoiceArchived)),
  payments: commands(receivePayment, asItIs(Payment), staysOnRecord),
  cases: commands(addPastCase, editCase, archive(Case, CaseArchived)),
  activities: commands(createActivity, editActivity, archive(Activity, ActivityArchived)),
  consents: commands(consentGiven, consentChanged, consentWithdrawn),
};
