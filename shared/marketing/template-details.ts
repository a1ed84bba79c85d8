import * as z from 'zod';
import { Line, Prose } from '../core/text.ts';
import type { Command } from '../store/command.ts';
import { edit } from '../store/edit.ts';
import { Topic } from './consent.ts';
import { LiquidError, type LiquidKind, liquid } from './liquid.ts';
import { isKnownVariable } from './message-facts.ts';
import { messagePage } from './message-page.ts';
import { LayoutName, MessageTemplate, TemplateCreated, TemplateUpdated } from './message-template.ts';
import { MjmlError } from './mjml.ts';

/** A text that is checked by a rule of its own: each fault that it names is one of the field. */
const checked = (text: z.ZodString, longest: number, faultsOf: (source: string) => string[]) =>
  text
    .trim()
    .min(1)
    .max(longest)
    .superRefine((source, context) => {
      for (const message of faultsOf(source)) context.addIssue({ code: 'custom', message });
    });

/** What is wrong with the Liquid of a text: its tags, filters and brackets, else variables that nobody has. */
function liquidFaults(kind: LiquidKind, source: string): string[] {
  try {
    return liquid(kind, source)
      .variables.filter(({ path }) => !isKnownVariable(path))
      .map(({ path, row, column }) => `There is no variable ${path.slice(0, 100)} (line ${row}, column ${column})`);
  } catch (error) {
    if (error instanceof LiquidError) return [error.message];
    throw error;
  }
}

/** What is wrong with a body: its Liquid where it stands, its MJML, and whether the page that it becomes can be read. */
function bodyFaults(body: string): string[] {
  const faults = liquidFaults('html', body);
  if (faults.length) return faults;
  try {
    return liquidFaults('html', messagePage({ body, layout: 'letter' }));
  } catch (error) {
    if (error instanceof MjmlError) return [error.message];
    throw error;
  }
}

/** What can be said of a template. */
export const TemplateDetails = z.strictObject({
  name: Line.min(1).max(200),
  subject: checked(Line, 300, (source) => liquidFaults('text', source)),
  body: checked(Prose, 32_000, bodyFaults).meta({
    description: 'HTML, a piece of it or a whole page, or MJML; with Liquid.',
  }),
  layout: LayoutName.default('letter').meta({ description: 'What a body stands in that is no whole page.' }),
  topic: Topic.meta({ description: 'What its readers must have agreed to.' }),
});
export type TemplateDetails = z.infer<typeof TemplateDetails>;

/** Makes a template: the page that it fills is made now, so that sending only fills. */
export const createTemplate: Command<TemplateDetails, MessageTemplate> = async (crm, details) =>
  crm.commit([TemplateCreated(undefined, { ...details, html: messagePage(details), id: crm.newId('tpl') })]);

export const editTemplate = edit<MessageTemplate>({
  kind: MessageTemplate,
  fields: TemplateDetails,
  event: TemplateUpdated,
  rule: (_, after) => ({ ...after, html: messagePage(after) }),
});
