import { describe, expect, it } from 'vitest';
import { newId } from '../../../shared/core/ids.ts';
import { CampaignCreated, CampaignDetails } from '../../../shared/marketing/campaign.ts';
import { noteClick } from '../../../shared/marketing/click.ts';
import { changeRecipients, recipientKey } from '../../../shared/marketing/recipient.ts';
import { AccountCreated, AccountDetails } from '../../../shared/sales/account.ts';
import { Contact, ContactArchived, ContactCreated, ContactDetails } from '../../../shared/sales/contact.ts';
import { editContact } from '../../../shared/sales/contact-commands.ts';
import type { Lead } from '../../../shared/sales/lead.ts';
import { moveContact } from '../../../shared/sales/move-contact.ts';
import type { Activity } from '../../../shared/service/activity.ts';
import { type Command, type Crm, run } from '../../../shared/store/command.ts';
import { TableInMemory } from '../../support/table-in-memory.ts';

const sentAt = new Date('2026-03-02T10:00:00.000Z');
const now = new Date('2026-03-02T11:00:00.000Z');
const offer = 'https://shop.example/offer';
const browser = 'Mozilla/5.0 (X11; Linux x86_64; rv:150.0) Gecko/20100101 Firefox/150.0';
const email = 'jo@acme.example';

/** Jo got the mail of a campaign an hour ago. */
async function mailed() {
  const table = new TableInMemory();
  const { store, policies } = table.around(() => now);
  const on = { now, actor: { kind: 'system' as const, id: 'test' }, correlationId: 'test' };
  const does = async <I, A>(command: Command<I, A>, input: I) =>
    (await run(store, policies, on, command, input)).answer;
  const [accountId, elsewhere, campaignId] = [newId('acc', now), newId('acc', now), newId('cmp', now)];
  const contactId = newId('con', now, accountId);
  const account = AccountDetails.parse({ kind: 'organization', name: 'Acme' });
  const details = { name: 'Spring', segmentIds: [newId('seg', now)], templateId: newId('tpl', now), topic: 'news' };
  const campaign = CampaignDetails.parse({ ...details, offerUrl: offer });
  await does((crm: Crm) => {
    const contact = ContactDetails.parse({ firstName: 'Jo', emails: [email] });
    return crm.commit([
      AccountCreated(undefined, { ...account, id: accountId }),
      AccountCreated(undefined, { ...account, id: elsewhere }),
      ContactCreated(undefined, { ...contact, id: contactId, accountId }),
      CampaignCreated(undefined, { ...campaign, id: campaignId, status: 'sent' }),
    ]);
  }, {});
  const key = recipientKey(campaignId, email);
  const sent = { campaignId, key, contactId, email, arm: 'main', state: 'sent' as const, attempts: 1, signs: {} };
  await does((crm: Crm) => changeRecipients(crm, [{ after: { ...sent, since: sentAt.toISOString() } }]), {});
  return {
    ...{ accountId, elsewhere, contactId, does },
    clicks: (userAgent = browser) => does(noteClick, { campaignId, key, to: offer, userAgent }),
    leads: () => table.of<Lead>('lea').map(({ contactId, accountId, email }) => ({ contactId, accountId, email })),
    clicked: () =>
      table.of<Activity>('act').map(({ recordId, accountId, participants }) => ({ recordId, accountId, participants })),
    contacts: () => table.of<Contact>('con').length,
  };
}

describe('a click on the offer', () => {
  it('captures one lead of who was written to', async () => {
    const { accountId, contactId, clicks, leads, contacts } = await mailed();
    await clicks();
    await clicks();
    expect(leads()).toEqual([{ contactId, accountId, email }]);
    expect(contacts()).toBe(1);
  });

  it.each([
    ['another', ['jo@home.example'], 'jo@home.example'],
    ['one more', ['jo@home.example', email], email],
    ['none', [], undefined],
  ])('is of the same contact who has %s address by now', async (_, emails, current) => {
    const { accountId, contactId, does, clicks, leads, contacts } = await mailed();
    await does(editContact, { id: contactId, patch: { emails } });
    await clicks();
    expect(leads()).toEqual([{ contactId, accountId, email: current }]);
    expect(contacts()).toBe(1);
  });

  it('is of who they are now, where they moved, with its activity', async () => {
    const { elsewhere, contactId, does, clicks, leads, clicked } = await mailed();
    const { id } = await does(moveContact, { id: contactId, accountId: elsewhere });
    await does(editContact, { id, patch: { emails: ['jo@home.example'] } });
    await clicks();
    expect(leads()).toEqual([{ contactId: id, accountId: elsewhere, email: 'jo@home.example' }]);
    expect(clicked()).toEqual([{ recordId: id, accountId: elsewhere, participants: [id] }]);
  });

  it('by who is archived captures none', async () => {
    const { contactId, does, clicks, leads, contacts } = await mailed();
    await does(async (crm: Crm) => {
      const contact = await crm.load(Contact, contactId);
      return crm.commit([ContactArchived(contact, { ...contact, archivedAt: now.toISOString() })]);
    }, {});
    await clicks();
    expect(leads()).toEqual([]);
    expect(contacts()).toBe(1);
  });

  it('by a program captures none', async () => {
    const { clicks, leads, clicked } = await mailed();
    await clicks('curl/8.5.0');
    expect([leads(), clicked()]).toEqual([[], []]);
  });
});
