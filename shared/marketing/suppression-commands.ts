import * as z from 'zod';
import { Email } from '../core/contact-points.ts';
import { Prose } from '../core/text.ts';
import type { Command } from '../store/command.ts';
import { moveSuppression, Suppression, suppressing, suppressionId } from './suppression.ts';

/** An address that somebody wants no mail sent to. */
export const NewSuppression = z.strictObject({
  email: Email,
  detail: Prose.trim().max(500).optional().meta({ description: 'Why: they asked by telephone, say.' }),
});

/** Suppresses an address by hand. One that is suppressed already stays as it is. */
export const suppress: Command<z.infer<typeof NewSuppression>, Suppression> = async (crm, { email, detail }) => {
  const [fact] = await suppressing(crm, { email, reason: 'manual', detail });
  return fact ? crm.commit([fact]) : crm.load(Suppression, suppressionId(email));
};

export const Lifting = z.strictObject({ reason: Prose.trim().min(1).max(500) });

/** Lets mails go to an address again, and says why. 409 `record.wrongState` where it is lifted already. */
export const liftSuppression: Command<{ id: string; reason: string }, Suppression> = async (crm, { id, reason }) => {
  const known = await crm.load(Suppression, id);
  return crm.commit([moveSuppression(known, 'lift', { softBounces: [] }, { reasons: [reason] })]);
};
