import { describe, expect, it } from 'vitest';
import { newId } from '../../../shared/core/ids.ts';
import { Envelope } from '../../../shared/events/event.ts';
import { Mail, moveMail, queueMail } from '../../../shared/mail/mail.ts';
import { consentFacts } from '../../../shared/marketing/consent.ts';
import { followJourneys } from '../../../shared/marketing/follow-journeys.ts';
import { Journey, JourneyStarted } from '../../../shared/marketing/journey.ts';
import { SequenceCreated, SequenceDetails } from '../../../shared/marketing/sequence.ts';
import { noteSequenceClick } from '../../../shared/marketing/sequence-click.ts';
import { sequenceLetter, sequenceMail, wayOutLater } from '../../../shared/marketing/sequence-mail.ts';
import { linkIn } from '../../../shared/platform/links.ts';
import { AccountCreated, AccountDetails } from '../../../shared/sales/account.ts';
import { ContactCreated, ContactDetails } from '../../../shared/sales/contact.ts';
import { moveContact } from '../../../shared/sales/move-contact.ts';
import type { Activity } from '../../../shared/service/activity.ts';
import { type Command, type Crm, run } from '../../../shared/store/command.ts';
import { TableInMemory } from '../../support/table-in-memory.ts';

const sentAt = '2026-03-02T10:00:00.000Z';
const now = new Date('2026-03-02T11:00:00.000Z');
const offer = 'https://ours.example/offer?a=1&b=2';
const browser = 'Mozilla/5.0 (X11; Linux x86_64; rv:150.0) Gecko/20100101 Firefox/150.0';
const secrets = async () => ['secret'];
const baseUrl = 'https://us.example';

/** Jo is on a journey, and got its first mail an hour ago. */
async function onJourney() {
  const table = new TableInMemory();
  const around = table.around(() => now);
  const { store, policies } = around;
  const on = { now, actor: { kind: 'system' as const, id: 'test' }, correlationId: 'test' };
  const does = async <I, A>(command: Command<I, A>, input: I) =>
    (await run(store, policies, on, command, input)).answer;
  const [accountId, elsewhere, sequenceId] = [newId('acc', now), newId('acc', now), newId('seq', now)];
  const [contactId, journeyId] = [newId('con', now, accountId), newId('jny', now, accountId)];
  const account = AccountDetails.parse({ kind: 'organization', name: 'Acme' });
  const steps = [{ after: 'P1D', templateId: newId('tpl', now) }];
  const sequence = SequenceDetails.parse({ name: 'Win back', topic: 'news', enrols: [], steps, patience: 'P14D' });
  const mail = await does(async (crm: Crm) => {
    const said = { topic: 'news', channel: 'email', status: 'granted', source: 'test', basis: 'consent' } as const;
    const contact = ContactDetails.parse({ firstName: 'Jo', emails: ['jo@acme.example'] });
    const html = `<p><a href="${offer.replace('&', '&amp;')}">offer</a> <a href="${wayOutLater}">leave</a></p>`;
    return crm.commit([
      queueMail(crm, {
        ...{ accountId, recordId: journeyId, step: 'step-1', to: { email: 'jo@acme.example' }, template: sequenceMail },
        data: { contactId, topic: 'news', subject: 'Still there?', html, text: `${offer} ${wayOutLater}` },
      }),
      AccountCreated(undefined, { ...account, id: accountId }),
      AccountCreated(undefined, { ...account, id: elsewhere }),
      ContactCreated(undefined, { ...contact, id: contactId, accountId }),
      SequenceCreated(undefined, { ...sequence, id: sequenceId, status: 'live' }),
      JourneyStarted(undefined, {
        ...{ id: journeyId, accountId, contactId, sequenceId, status: 'active', step: 1 },
        dueAt: '2026-03-16T10:00:00.000Z',
      }),
      ...(await consentFacts(crm, contactId, [said])),
    ]);
  }, {});
  await does((crm: Crm) => crm.commit([moveMail(mail, 'take', { attempts: 1 })]), {});
  await does(
    async (crm: Crm) => crm.commit([moveMail(await crm.load(Mail, mail.id), 'send', { messageId: 'm', sentAt })]),
    {},
  );
  return {
    ...{ does, mail, accountId, elsewhere, contactId, store },
    clicks: (userAgent: string) => does(noteSequenceClick, { mailId: mail.id, to: offer, userAgent }),
    clicked: async () => (await store.load(Mail, mail.id)).clicked,
    activities: () => table.of<Activity>('act'),
    leads: () => table.of('lea').length,
    /** The journey after it has heard of the events of one kind. */
    hears: async (type: string) => {
      const events = [...table.items.values()].filter((item) => item['type'] === type);
      for (const event of events) await followJourneys(Envelope.parse(event), around, on);
      const { status, reason } = await store.load(Journey, journeyId);
      return { status, reason };
    },
  };
}

it('the links of a sequence lead by way of ours, but for the way out', async () => {
  const { mail, store } = await onJourney();
  const { html, text } = await sequenceLetter(mail, store, { baseUrl, secrets });
  const [, token = ''] = /href="https:\/\/us\.example\/c\/([^"]+)"/.exec(html) ?? [];
  expect(await linkIn(token, 'click', secrets, now)).toMatchObject({ id: mail.id, about: mail.recordId, to: offer });
  expect(html).toMatch(/href="https:\/\/us\.example\/u\//);
  expect(text).toContain(offer);
});

describe('a click in a mail of a sequence', () => {
  it.each(['mail.updated', 'activity.done'])('by a person ends the journey, by %s alone', async (type) => {
    const { contactId, accountId, clicks, clicked, activities, leads, hears } = await onJourney();
    await clicks(browser);
    await clicks(browser);
    expect(await clicked()).toEqual({ count: 2, firstAt: now.toISOString(), byPerson: true });
    expect(activities()).toMatchObject([
      { recordId: contactId, accountId, participants: [contactId], subject: 'Clicked in Win back', clicked: offer },
    ]);
    expect(leads()).toBe(0);
    expect(await hears(type)).toEqual({ status: 'reEngaged', reason: 'clicked' });
  });

  it('by a program is counted, and ends nothing', async () => {
    const { clicks, clicked, activities, hears } = await onJourney();
    await clicks('curl/8.5.0');
    expect(await clicked()).toMatchObject({ count: 1, byPerson: false });
    expect(activities()).toEqual([]);
    expect(await hears('mail.updated')).toMatchObject({ status: 'active' });
  });

  it('by who has moved is theirs where they are now', async () => {
    const { does, contactId, elsewhere, clicks, activities, hears } = await onJourney();
    const { id } = await does(moveContact, { id: contactId, accountId: elsewhere });
    await clicks(browser);
    expect(activities()).toMatchObject([{ recordId: id, accountId: elsewhere, participants: [id] }]);
    expect(await hears('mail.updated')).toEqual({ status: 'reEngaged', reason: 'clicked' });
  });
});
