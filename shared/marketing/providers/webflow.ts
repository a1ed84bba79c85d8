import { schemes } from '../../core/signature.ts';
import { isJson, type Json, listAt, objectAt, type Provider, saidIn, textsOf } from './provider.ts';

/** The submission: bare (v1), or within the event that tells of it (v2). */
const submissionIn = (body: Json): Json => (isJson(body['payload']) ? body['payload'] : body);

/** https://developers.webflow.com/data/reference/webhooks/events/form-submission */
export const webflow: Provider = {
  scheme: schemes.webflow,
  event: (body) => {
    const { id, _id, submissionId } = submissionIn(body);
    return textsOf(id, _id, submissionId)[0];
  },
  forms: (body) => {
    const { formId, formElementId, name, site, siteId } = submissionIn(body);
    return textsOf(formId, formElementId, name, site, siteId);
  },
  answers: (body) => {
    const submission = submissionIn(body);
    const elements = new Map(
      listAt(submission, 'schema').map(({ fieldName, fieldElementId }) => [fieldName, fieldElementId] as const),
    );
    return Object.entries(objectAt(submission, 'data')).map(([name, value]) => ({
      names: [name, ...textsOf(elements.get(name))],
      values: saidIn(value),
    }));
  },
};
