import { googleForms } from './google-forms.ts';
import type { Provider } from './provider.ts';
import { typeform } from './typeform.ts';
import { webflow } from './webflow.ts';

/** The services whose forms come here, by the name that their webhook's address has. */
export const providers: ReadonlyMap<string, Provider> = new Map([
  ['typeform', typeform],
  ['webflow', webflow],
  ['google-forms', googleForms],
]);
