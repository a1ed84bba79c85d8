import { toMilliseconds } from '../core/duration.ts';
import { Refusal } from '../core/refusal.ts';
import { linkIn, type Secrets, signedToken } from '../platform/links.ts';
import type { Form } from './form.ts';

/** Nobody reads a form longer. */
const goodForMilliseconds = 86_400_000;

/** When a page of the form was drawn, signed: it comes back with the answers. */
export const renderToken = ({ id }: Pick<Form, 'id'>, secrets: Secrets, now: Date): Promise<string> =>
  signedToken({ purpose: 'form', id, expiresAt: new Date(now.getTime() + goodForMilliseconds).toISOString() }, secrets);

/**
 * How many seconds too early a page came back; 0 where a person can have filled it in. 400 `request.invalid` where the token is not ours,
 * of another form, or older than a day.
 */
export async function secondsTooFast(
  token: string,
  { id, minimumFillTime }: Pick<Form, 'id' | 'minimumFillTime'>,
  secrets: Secrets,
  now: Date,
): Promise<number> {
  const { expiresAt } = await linkIn(token, 'form', secrets, now)
    .then((link) => (link.id === id ? link : noToken()))
    .catch(noToken);
  const drawnAt = Date.parse(expiresAt) - goodForMilliseconds;
  const early = drawnAt + toMilliseconds(minimumFillTime) - now.getTime();
  return early > 0 ? Math.ceil(early / 1_000) : 0;
}

const noToken = (): never => {
  throw new Refusal('request.invalid', 'The page was open too long: please send it again', {
    errors: [{ pointer: '#/_token', code: 'token.invalid', detail: 'Leave it out, or take that of the page as it is' }],
  });
};
