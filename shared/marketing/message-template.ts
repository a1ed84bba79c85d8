import * as z from 'zod';
import { eventsOf } from '../events/event.ts';
import { htmlToText } from '../mail/html-to-text.ts';
import { oneLine } from '../mail/layout.ts';
import { inState } from '../store/places.ts';
import { type Kind, record } from '../store/record.ts';
import { Topic } from './consent.ts';
import { LiquidError, type LiquidKind, type LiquidText, liquid } from './liquid.ts';
import type { MessageFacts } from './message-facts.ts';

export const LayoutName = z.enum(['letter', 'announcement']);

const TemplateRecord = z
  .object({
    ...record('tpl'),
    name: z.string(),
    subject: z.string(),
    body: z.string(),
    layout: LayoutName,
    topic: Topic,
    html: z
      .string()
      .meta({ description: 'What is filled for each reader: the body in its layout, made when it was saved.' }),
  })
  .meta({ id: 'Template' });
export type MessageTemplate = z.infer<typeof TemplateRecord>;

/** What a marketing mail says, to be filled with what is known of its reader. What it may say: `template-details.ts`. */
export const MessageTemplate: Kind<MessageTemplate> = {
  name: 'template',
  prefix: 'tpl',
  schema: TemplateRecord,
  places: ({ id, createdAt }) => ({ gsi2: inState('template', 'all', createdAt, id) }),
};

const event = eventsOf(MessageTemplate, TemplateRecord.pick({ name: true, topic: true }));
export const TemplateCreated = event('created');
export const TemplateUpdated = event('updated');
export const TemplateArchived = event('archived');
export const TemplateRestored = event('restored');

export interface RenderedMessage {
  /** One line, safe as a header. */
  subject: string;
  html: string;
  text: string;
}

const mostHtml = 400_000;

/**
 * Fills a template with what is known of a reader. Everything put into HTML is escaped, the subject is one line, the text says what the HTML
 * says. Throws `LiquidError` for what takes too long or grows too large.
 */
export function renderMessage(
  template: Pick<MessageTemplate, 'subject' | 'html'>,
  facts: MessageFacts,
): RenderedMessage {
  const subject = prepared('text', template.subject).render(facts);
  const html = prepared('html', template.html).render(facts);
  if (html.length > mostHtml) throw new LiquidError(`The mail would have ${html.length} characters of HTML`);
  return { subject: oneLine(subject).slice(0, 300).toWellFormed(), html, text: htmlToText(html, { whole: true }) };
}

/** Parsed texts: a campaign renders one template for thousands. */
const parsed = new Map<string, LiquidText>();
function prepared(kind: LiquidKind, source: string): LiquidText {
  const key = `${kind}#${source}`;
  const made = parsed.get(key) ?? liquid(kind, source);
  if (parsed.size > 20) parsed.clear();
  parsed.set(key, made);
  return made;
}
