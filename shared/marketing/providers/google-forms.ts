import { schemes } from '../../core/signature.ts';
import { type Json, listAt, objectAt, type Provider, saidIn, type Told, textsOf } from './provider.ts';

/**
 * Google Forms sends nothing by itself: a script of the form does, signed as Standard Webhooks say (docs/forms.md has it). It may send a
 * response as the API has it (`answers`), the event of a sheet (`namedValues`), or a list of questions and answers (`responses`).
 * https://developers.google.com/workspace/forms/api/reference/rest/v1/forms.responses
 */
export const googleForms: Provider = {
  scheme: schemes.standard,
  // A response may be edited afterwards: that is another event.
  event: (body) => {
    const [response] = textsOf(responseIn(body)['responseId'], responseIn(body)['id']);
    return response && [response, ...textsOf(responseIn(body)['lastSubmittedTime'])].join('#');
  },
  forms: (body) => textsOf(body['formId'], objectAt(body, 'form')['id'], responseIn(body)['formId'], body['formTitle']),
  answers: (body) => {
    const response = responseIn(body);
    const email = textsOf(response['respondentEmail'], response['email']);
    return [
      ...Object.entries(objectAt(response, 'answers')).map(([id, answer]) => answered(id, answer)),
      ...Object.entries(objectAt(response, 'namedValues')).map(([title, values]) => ({
        names: [title],
        values: saidIn(values),
      })),
      ...[...listAt(response, 'responses'), ...listAt(response, 'itemResponses')].map(listed),
      ...(email.length ? [{ names: ['respondentEmail'], values: email, about: 'email' as const }] : []),
    ];
  },
};

const responseIn = (body: Json): Json => ('response' in body ? objectAt(body, 'response') : body);

function answered(id: string, answer: unknown): Told {
  const [questionId = id] = textsOf(objectAt({ answer }, 'answer')['questionId']);
  const texts = listAt(objectAt(answer, 'textAnswers'), 'answers').flatMap(({ value }) => saidIn(value));
  return { names: [questionId], values: texts.length ? texts : saidIn(filesOf(answer) ?? answer) };
}

const filesOf = (answer: unknown): unknown[] | undefined => {
  const files = listAt(objectAt(answer, 'fileUploadAnswers'), 'answers');
  return files.length ? files.map(({ fileName, fileId }) => fileName ?? fileId) : undefined;
};

const listed = (one: Json): Told => ({
  names: textsOf(one['title'], one['question'], one['item'], one['questionId'], one['itemId'], one['id']),
  values: saidIn(one['response'] ?? one['answer'] ?? one['value']),
});
