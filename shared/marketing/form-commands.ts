import type * as z from 'zod';
import { refuseField } from '../core/refusal.ts';
import { ownerIn } from '../people/owner.ts';
import type { Command, Crm } from '../store/command.ts';
import { edit } from '../store/edit.ts';
import type { Draft } from '../store/record.ts';
import { referAll } from '../store/references.ts';
import { Form, FormCreated, FormDetails, FormStatus, FormUpdated, type formMoves, hashOf, moveForm } from './form.ts';

/** A form as it is created: live at once, unless it says that it is a draft. */
export const NewForm = FormDetails.extend({ status: FormStatus.exclude(['closed']).default('live') });

/** Creates a form. 409 `record.duplicate` with `existingId` where the provider's form leads to another already. */
export const createForm: Command<z.infer<typeof NewForm>, Form> = async (crm, details) =>
  crm.commit([FormCreated(undefined, await settled(crm, { ...details, id: crm.newId('frm') }))]);

export const editForm = edit<Form>({ kind: Form, fields: FormDetails, event: FormUpdated, rule: settled });

/** Moves a form by a verb without a rule of its own. */
export const moveFormBy =
  (verb: keyof typeof formMoves): Command<{ id: string }, Form> =>
  async (crm, { id }) =>
    crm.commit([moveForm(await crm.load(Form, id), verb)]);

type Said = Omit<Draft<Form>, 'honeypot'> & { honeypot?: string | undefined };

/** A form whose names are unlike, whose owner is there, whose texts have their version and hash, and which has a honeypot. */
async function settled(crm: Crm, said: Said, before?: Form): Promise<Draft<Form>> {
  const names = [...said.fields.map(({ key }) => key), ...boxesOf(said)];
  const twice = names.findIndex((name, n) => names.indexOf(name) !== n);
  if (twice >= 0) throw refuseField('request.invalid', '#/fields', `There are two fields ${names[twice]}`);
  if (said.honeypot && names.includes(said.honeypot))
    throw refuseField('request.invalid', '#/honeypot', `${said.honeypot} is a field of the form`);
  await referAll(crm, namedBy(crm, said), before && namedBy(crm, before), '#/assignment');
  return {
    ...said,
    honeypot: said.honeypot ?? ['website', 'homepage', 'fax'].find((name) => !names.includes(name)) ?? 'leave_empty',
    consents: said.consents.map((consent) => versioned(consent, before?.consents)),
  };
}

const namedBy = (crm: Crm, { assignment }: Pick<Said, 'assignment'>) => ({
  ownerId: ownerIn(crm, assignment?.ownerId),
  campaignId: assignment?.campaignId,
});

const boxesOf = ({ fields, consents }: Said): string[] =>
  consents
    .map(({ topic }) => topic)
    .filter((topic) => !fields.some(({ mapsTo, key, topic: of = key }) => mapsTo === 'consent' && of === topic));

/** A text that changed is another version of it, whatever number is sent along. */
function versioned(consent: Form['consents'][number], before: Form['consents'] = []): Form['consents'][number] {
  const textHash = hashOf(consent.text);
  const known = before.find(({ topic, channel }) => topic === consent.topic && channel === consent.channel);
  if (known?.textHash === textHash) return { ...consent, textHash, version: known.version };
  const last = known?.version ?? 0;
  return { ...consent, textHash, version: Math.max(consent.version ?? 1, last + 1) };
}
