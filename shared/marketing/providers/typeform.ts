import { schemes } from '../../core/signature.ts';
import { type Json, listAt, objectAt, type Provider, saidIn, type Told, textsOf } from './provider.ts';

/** The response: bare, or within the event that tells of it. */
const responseIn = (body: Json): Json => ('form_response' in body ? objectAt(body, 'form_response') : body);

/** https://www.typeform.com/developers/webhooks/example-payload/ */
export const typeform: Provider = {
  scheme: schemes.typeform,
  event: (body) => textsOf(body['event_id'], responseIn(body)['token'])[0],
  forms: (body) => textsOf(responseIn(body)['form_id'], objectAt(responseIn(body), 'definition')['id']),
  answers: (body) => {
    const response = responseIn(body);
    const titles = new Map(questionsIn(objectAt(response, 'definition')).map(({ id, title }) => [id, title] as const));
    const hidden = Object.entries(objectAt(response, 'hidden')).map(
      ([name, value]): Told => ({ names: [name], values: saidIn(value) }),
    );
    return [...listAt(response, 'answers').map((answer) => told(answer, titles)), ...hidden];
  },
};

/** All questions of a form or of a group (contact details, an address), however deep. */
const questionsIn = (of: Json): Json[] =>
  listAt(of, 'fields').flatMap((field) => [field, ...questionsIn(objectAt(field, 'properties'))]);

/** The value stands under the name of its type. */
function told(answer: Json, titles: ReadonlyMap<unknown, unknown>): Told {
  const type = String(answer['type']);
  const { id, ref, title } = objectAt(answer, 'field');
  const about = ({ email: 'email', phone_number: 'phone' } as const)[type];
  return {
    names: textsOf(titles.get(id), title, ref, id),
    values: saidIn(answer[type]),
    ...(about && { about }),
  };
}
