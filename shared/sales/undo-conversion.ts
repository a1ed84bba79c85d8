import { orderTakenBack } from '../commerce/take-back-order.ts';
import type { Fact } from '../events/event.ts';
import { consentsCarried } from '../marketing/consent.ts';
import type { Command, Crm } from '../store/command.ts';
import { Contact } from './contact.ts';
import { Lead, moveLead } from './lead.ts';
import { leadHandling, stepDueAt, stepTask } from './lead-steps.ts';
import { movedBack } from './move-contact.ts';
import { Opportunity, OpportunityArchived } from './opportunity.ts';

/**
 * Takes a conversion back: the lead is qualified again, the opportunity that was made of it archived, its contact where it was. What the
 * conversion filled in stays. An order that came of it is cancelled in the same transaction; 409 `lead.conversionFixed` once something of
 * it was delivered or invoiced.
 */
export const undoConvertLead: Command<{ id: string; note?: string | undefined }, Lead> = async (crm, { id }) => {
  const lead = await crm.load(Lead, id);
  const { converted } = lead;
  const around = await leadHandling(crm);
  const dueAt = stepDueAt('convert', around, crm.now);
  const task = stepTask(crm, 'convert', lead, { ownerId: lead.ownerId, dueAt });
  const changed = { converted: undefined, reminded: undefined, dueAt, openTaskId: task.after.id };
  const undone = moveLead(lead, 'undoConvert', changed, { policy: around.handling.policy });
  const madeId = converted?.madeOpportunity ? converted.opportunityId : undefined;
  const made = madeId ? await crm.store.find(Opportunity, madeId) : undefined;
  const order = made?.orderId ? await orderTakenBack(crm, made.orderId, 'Conversion undone') : { facts: [], also: [] };
  return crm.commit(
    [
      undone,
      task,
      ...(made && !made.archivedAt
        ? [
            OpportunityArchived(
              made,
              { ...made, archivedAt: crm.now.toISOString() },
              { reasons: ['Conversion undone'] },
            ),
          ]
        : []),
      ...order.facts,
      ...(await contactBack(crm, lead)),
    ],
    order.also,
  );
};

/** A contact that moved with the conversion goes back, unless it has moved on. */
async function contactBack({ store, now }: Crm, { contactId, converted }: Lead): Promise<Fact[]> {
  if (!contactId || !converted?.contactId || converted.contactId === contactId) return [];
  const [old, made] = [await store.find(Contact, contactId), await store.find(Contact, converted.contactId)];
  if (!(old?.movedTo && made && old.movedTo === made.id && !made.archivedAt)) return [];
  return [...movedBack(old, made, now), ...(await consentsCarried(store, made.id, old.id))];
}
