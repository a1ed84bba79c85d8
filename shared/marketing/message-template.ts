import * as z from 'zod';
import { eventsOf } from '../events/event.ts';
import { oneLine } from '../mail/layout.ts';
import { inState } from '../store/places.ts';
import { type Kind, record } from '../store/record.ts';
import { Topic } from './consent.ts';
import { LiquidError, type LiquidKind, type LiquidText, liquid } from './liquid.ts';
import { isKnownVariable, type MessageFacts } from './message-facts.ts';
import { plainText } from './plain-text.ts';

/** A text with Liquid whose tags, filters and variables are all known. */
const liquidText = (kind: LiquidKind, longest: number) =>
  z
    .string()
    .trim()
    .min(1)
    .max(longest)
    .superRefine((source, context) => {
      for (const message of faultsOf(kind, source)) context.addIssue({ code: 'custom', message });
    });

function faultsOf(kind: LiquidKind, source: string): string[] {
  try {
    const { variables } = liquid(kind, source);
    return variables
      .filter(({ path }) => !isKnownVariable(path))
      .map(({ path, row, column }) => `There is no variable ${path.slice(0, 100)} (line ${row}, column ${column})`);
  } catch (error) {
    if (error instanceof LiquidError) return [error.message];
    throw error;
  }
}

/** What can be said of a template. */
export const TemplateDetails = z.strictObject({
  name: z.string().trim().min(1).max(200),
  subject: liquidText('text', 300),
  body: liquidText('html', 32_000).meta({ description: 'HTML or MJML, with Liquid.' }),
  topic: Topic.meta({ description: 'What its readers must have agreed to.' }),
});
export type TemplateDetails = z.infer<typeof TemplateDetails>;

const TemplateRecord = z
  .object({ ...record('tpl'), ...TemplateDetails.shape, subject: z.string(), body: z.string() })
  .meta({ id: 'Template' });
export type MessageTemplate = z.infer<typeof TemplateRecord>;

/** What a marketing mail says, to be filled with what is known of its reader. */
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
 * says; a body without a way out gets one at its end. Throws `LiquidError` for what takes too long or grows too large.
 */
export function renderMessage(
  { subject, body }: Pick<MessageTemplate, 'subject' | 'body'>,
  facts: MessageFacts,
): RenderedMessage {
  const written = prepared('text', subject).render(facts);
  const html = prepared('html', document(body)).render(facts);
  if (html.length > mostHtml) throw new LiquidError(`The mail would have ${html.length} characters of HTML`);
  return { subject: oneLine(written).slice(0, 300), html, text: plainText(html) };
}

/** Parsed texts, newest last: a campaign renders one template for thousands. */
const parsed = new Map<string, LiquidText>();
function prepared(kind: LiquidKind, source: string): LiquidText {
  const key = `${kind}#${source}`;
  const made = parsed.get(key) ?? liquid(kind, source);
  if (parsed.size > 20) parsed.clear();
  parsed.set(key, made);
  return made;
}

const wayOut =
  '<p style="font-size:12px;color:#666">{{ company.name }} &middot; <a href="{{ unsubscribeUrl }}">Unsubscribe</a></p>';

/** A body as a whole page, with a way out. */
function document(body: string): string {
  const page = /<html[\s>]/i.test(body)
    ? body
    : `<!doctype html><html><head><meta charset="utf-8"></head><body>${body}</body></html>`;
  if (/\bunsubscribeUrl\b/.test(page)) return page;
  const end = page.toLowerCase().lastIndexOf('</body>');
  return end < 0 ? `${page}${wayOut}` : `${page.slice(0, end)}${wayOut}${page.slice(end)}`;
}
