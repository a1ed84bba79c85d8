import type * as z from 'zod';
import { invoiceMails } from '../commerce/invoice-mails.ts';
import { quoteMails } from '../commerce/quote-mails.ts';
import { reportMails } from '../insights/report-mails.ts';
import type { Template } from '../mail/render.ts';
import { consentMails } from '../marketing/confirm-mail.ts';
import { taskMails } from '../platform/task-mail.ts';
import { leadMails } from '../sales/lead-mails.ts';
import { caseMails } from '../service/case-mails.ts';

/** Every mail that we send, by the name of its template. */
const all: readonly Template<z.ZodType>[] = [
  ...leadMails,
  ...quoteMails,
  ...invoiceMails,
  ...caseMails,
  ...taskMails,
  ...consentMails,
  ...reportMails,
] as never;
export const mailTemplates: ReadonlyMap<string, Template<z.ZodType>> = new Map(all.map((one) => [one.name, one]));
