import type { Json, Problem } from '../../infra/local/client.ts';

/** The problem that a request is refused with; an error where it is not. */
export const refusal = (answer: Promise<Json>): Promise<Problem> =>
  answer.then(
    (body) => {
      throw new Error(`It was not refused: ${JSON.stringify(body)}`);
    },
    (problem: Problem) => problem,
  );
export const codeOf = async (answer: Promise<Json>): Promise<unknown> => (await refusal(answer)).body['code'];
