import * as z from 'zod';
import { facts, type Html, html } from '../http/page.ts';
import type { Case } from './case.ts';
import { Comment, Score, scale } from './satisfaction.ts';

/** What the form of the page sends. */
export const Answer = z.strictObject({
  score: z.coerce.number().pipe(Score),
  comment: Comment.optional(),
});

/** A customer's page of a case: how it went, with the figure chosen that they clicked on in the mail. An answer may be changed. */
export const surveyPage = ({ number, subject, satisfaction }: Case, clicked?: number): Html => {
  const chosen = clicked ?? satisfaction?.score;
  return html`${facts({ Case: number, Subject: subject })}
<form method="post"><fieldset><legend>How satisfied are you with our help?</legend>${scale
    .map((words, n) => choice(n + 1, words, n + 1 === chosen))
    .reverse()}</fieldset>
<label>What should we know? <textarea name="comment" rows="3" maxlength="2000">${satisfaction?.comment}</textarea></label><button>Send</button></form>`;
};

const choice = (score: number, words: string, isChosen: boolean): Html =>
  html`<label><input type="radio" name="score" value="${score}" required${isChosen && html` checked`}> ${score} – ${words}</label>`;

/** What it shows once the answer is noted. */
export const surveyThanks = (record: Case): Html =>
  html`<p>Thank you. You said: ${record.satisfaction?.score} – ${scale[(record.satisfaction?.score ?? 0) - 1]}.</p>${surveyPage(record)}`;
