import * as z from 'zod';
import { id } from '../core/ids.ts';
import { Refusal, refuseField } from '../core/refusal.ts';
import { Settings } from '../core/settings.ts';
import { Contact } from '../sales/contact.ts';
import type { Crm } from '../store/command.ts';
import { membersOf } from './audience.ts';
import { LiquidError } from './liquid.ts';
import { type MessageFacts, messageFacts } from './message-facts.ts';
import { MessageTemplate, type RenderedMessage, renderMessage } from './message-template.ts';

export const RenderQuestion = z.strictObject({ contactId: id('con') });
export const Rendered = z
  .object({ subject: z.string(), html: z.string(), text: z.string() })
  .meta({ id: 'RenderedTemplate' });

/** What the way out leads to in a preview: nowhere, since nobody was written to. */
const previewUrl = 'about:blank#unsubscribe';

/** A template as a contact would read it. Nothing is sent. 422 `template.unrenderable` where it takes too long or grows too large. */
export async function renderTemplate(
  crm: Crm,
  { id: templateId, contactId }: { id: string; contactId: string },
): Promise<RenderedMessage> {
  const template = await crm.load(MessageTemplate, templateId);
  await crm.refer(Contact, contactId, '#/contactId');
  const [member] = await membersOf(crm.store, [contactId]);
  if (!member) throw refuseField('reference.unknown', '#/contactId', 'The account of the contact is archived');
  return filled(template, messageFacts(member.facts, await crm.policy(Settings), previewUrl));
}

/** A template filled for one reader. 422 `template.unrenderable` where it takes too long or grows too large. */
export function filled(template: MessageTemplate, facts: MessageFacts): RenderedMessage {
  try {
    return renderMessage(template, facts);
  } catch (error) {
    if (error instanceof LiquidError) throw new Refusal('template.unrenderable', `${template.name}: ${error.message}`);
    throw error;
  }
}
