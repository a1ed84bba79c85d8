import { takeTurn } from '../../shared/exchange/import-turn.ts';
import { acts } from '../../shared/platform/acts.ts';
import { given, surroundings } from '../../shared/store/surroundings.ts';

export const handler = acts({
  turn: (crm, { id }) => takeTurn({ around: surroundings(), bucket: given('DOCUMENTS_BUCKET'), on: crm.on }, id),
});
