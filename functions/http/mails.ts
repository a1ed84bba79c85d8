import * as z from 'zod';
import { id } from '../../shared/core/ids.ts';
import { Prose } from '../../shared/core/text.ts';
import { endpoint } from '../../shared/http/endpoint.ts';
import { by, listOf } from '../../shared/http/list.ts';
import { explains } from '../../shared/insights/explain.ts';
import { Mail } from '../../shared/mail/mail.ts';
import { Suppression, SuppressionStatus, suppressionId } from '../../shared/marketing/suppression.ts';
import { Lifting, liftSuppression, NewSuppression, suppress } from '../../shared/marketing/suppression-commands.ts';
import { InboundMail, Outcome } from '../../shared/service/inbound-mail.ts';
import { captureLeadOfMail, ignoreMail, openCaseOfMail } from '../../shared/service/sort-mail.ts';
import { documentUrl } from '../../shared/store/document-url.ts';
import { ranges } from '../../shared/store/places.ts';
import { given } from '../../shared/store/surroundings.ts';
import { serve } from '../serve.ts';

const mail = { may: 'mails:read', params: z.strictObject({ id: id('msg') }), answer: Mail.schema } as const;
const inbound = { may: 'mails:read', params: z.strictObject({ id: id('inm') }) } as const;
const sorted = {
  params: inbound.params,
  body: z.strictObject({ note: Prose.max(2_000).optional() }),
  answer: InboundMail.schema,
} as const;
const suppression = { params: z.strictObject({ id: id('sup') }), answer: Suppression.schema } as const;
const statuses = SuppressionStatus.options;

export const endpoints = [
  listOf('GET /v1/mails', {
    kind: Mail,
    summary: 'List the mails about a record, or of an account: what became of each, and why',
    may: 'mails:read',
    filters: { recordId: by.thread('mail'), accountId: by.log('msg') },
  }),
  endpoint('GET /v1/mails/{id}', {
    ...mail,
    summary: 'Read what became of a mail',
    does: (crm, { id }) => crm.load(Mail, id),
  }),
  listOf('GET /v1/inbound-mails', {
    kind: InboundMail,
    summary: 'List the mails that came in, and what each has become; `status=parked`: those that are put aside',
    may: 'mails:read',
    statuses: Outcome.options,
    all: by.state('inbound', Outcome.options),
    filters: {},
  }),
  endpoint('GET /v1/inbound-mails/{id}', {
    ...inbound,
    summary: 'Read what a mail has become, and why',
    answer: InboundMail.schema,
    does: (crm, { id }) => crm.load(InboundMail, id),
  }),
  endpoint('GET /v1/inbound-mails/{id}/raw', {
    ...inbound,
    summary: 'Save the message as it came, within 30 days',
    status: 302,
    answer: z.object({ url: z.string() }),
    location: ({ url }) => url,
    refuses: ['record.busy'],
    does: async (crm, { id }) => {
      const { key } = await crm.load(InboundMail, id);
      return { url: await documentUrl(given('INTAKE_BUCKET'), key, `${id}.eml`) };
    },
  }),
  endpoint('POST /v1/inbound-mails/{id}/open-case', {
    ...sorted,
    may: 'cases:write',
    summary: 'Have a case opened of a mail that was put aside',
    refuses: ['record.wrongState'],
    does: openCaseOfMail,
  }),
  endpoint('POST /v1/inbound-mails/{id}/capture-lead', {
    ...sorted,
    may: 'leads:write',
    summary: 'Have a lead captured of a mail that was put aside',
    refuses: ['record.wrongState'],
    does: captureLeadOfMail,
  }),
  endpoint('POST /v1/inbound-mails/{id}/ignore', {
    ...sorted,
    may: 'cases:write',
    summary: 'Leave a mail aside that a person was asked about',
    refuses: ['record.wrongState'],
    does: ignoreMail,
  }),
  explains('inbound-mails', InboundMail, 'mails:read'),
  listOf('GET /v1/suppressions', {
    kind: Suppression,
    summary: 'List the addresses that get no mail (active), those that are watched, and those that were lifted',
    may: 'suppressions:read',
    statuses,
    all: by.state('suppression', statuses),
    filters: {
      email: {
        key: 'pk = sup_<hash of the address>',
        consistency: 'strong',
        ranges: (email) => [ranges.in(suppressionId(email.trim()), 'sup')],
      },
    },
  }),
  endpoint('POST /v1/suppressions', {
    summary: 'Send no mail to an address from now on',
    may: 'suppressions:write',
    body: NewSuppression,
    status: 201,
    answer: Suppression.schema,
    does: suppress,
  }),
  endpoint('GET /v1/suppressions/{id}', {
    ...suppression,
    may: 'suppressions:read',
    summary: 'Read why an address gets no mail',
    does: (crm, { id }) => crm.load(Suppression, id),
  }),
  endpoint('DELETE /v1/suppressions/{id}', {
    ...suppression,
    may: 'suppressions:write',
    summary: 'Let mails go to the address again, for a reason',
    body: Lifting,
    refuses: ['record.wrongState'],
    does: liftSuppression,
  }),
];

export const handler = serve(endpoints);
