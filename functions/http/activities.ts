import * as z from 'zod';
import { id } from '../../shared/core/ids.ts';
import { Refusal } from '../../shared/core/refusal.ts';
import { endpoint } from '../../shared/http/endpoint.ts';
import { by, listOf } from '../../shared/http/list.ts';
import { explains } from '../../shared/insights/explain.ts';
import { Activity, ActivityArchived, ActivityDetails, ActivityRestored } from '../../shared/service/activity.ts';
import { createActivity, editActivity, moveActivityBy, NewActivity } from '../../shared/service/activity-commands.ts';
import { fileNameIn } from '../../shared/service/mail-files.ts';
import { documentUrl } from '../../shared/store/document-url.ts';
import { archive, restore } from '../../shared/store/edit.ts';
import { given } from '../../shared/store/surroundings.ts';
import { serve } from '../serve.ts';

const one = {
  may: 'activities:write',
  params: z.strictObject({ id: id('act') }),
  answer: Activity.schema,
} as const;

export const endpoints = [
  endpoint('POST /v1/activities', {
    summary: 'Note a call, meeting, note or mail, past or planned',
    may: 'activities:write',
    body: NewActivity,
    status: 201,
    answer: Activity.schema,
    refuses: ['reference.unknown'],
    does: createActivity,
  }),
  listOf('GET /v1/activities', {
    kind: Activity,
    summary: 'List the activities of an account or of a record',
    may: 'activities:read',
    filters: { accountId: by.log('act'), recordId: by.thread('activity') },
  }),
  endpoint('GET /v1/activities/{id}', {
    ...one,
    summary: 'Read an activity',
    may: 'activities:read',
    does: (crm, { id }) => crm.load(Activity, id),
  }),
  explains('activities', Activity),
  endpoint('GET /v1/activities/{id}/files/{n}', {
    may: 'activities:read',
    summary: 'Save a file of an activity; they are counted from 0',
    params: z.strictObject({ id: id('act'), n: z.string().regex(/^\d{1,2}$/) }),
    status: 302,
    answer: z.object({ url: z.string() }),
    location: ({ url }) => url,
    refuses: ['record.busy'],
    does: async (crm, { id, n }) => {
      const key = (await crm.load(Activity, id)).files?.[Number(n)] ?? '';
      // Whoever notes an activity may name any file: only one that came with it is ours to give.
      const name = fileNameIn(id, key);
      if (!name) throw new Refusal('record.notFound', `The activity has no file ${n}`);
      return { url: await documentUrl(given('DOCUMENTS_BUCKET'), key, name) };
    },
  }),
  endpoint('PATCH /v1/activities/{id}', {
    ...one,
    summary: 'Edit an activity',
    patch: ActivityDetails,
    refuses: ['reference.unknown'],
    does: editActivity,
  }),
  endpoint('DELETE /v1/activities/{id}', {
    ...one,
    summary: 'Archive an activity',
    does: archive(Activity, ActivityArchived),
  }),
  endpoint('POST /v1/activities/{id}/restore', {
    ...one,
    summary: 'Bring an activity back',
    does: restore(Activity, ActivityRestored),
  }),
  endpoint('POST /v1/activities/{id}/done', {
    ...one,
    summary: 'Note that a planned activity has taken place',
    refuses: ['record.wrongState'],
    does: moveActivityBy('done'),
  }),
  endpoint('POST /v1/activities/{id}/cancel', {
    ...one,
    summary: 'Cancel a planned activity',
    refuses: ['record.wrongState'],
    does: moveActivityBy('cancel'),
  }),
];

export const handler = serve(endpoints);
