import { takeExportTurn } from '../../shared/exchange/export-turn.ts';
import { acts } from '../../shared/platform/acts.ts';
import { given, surroundings } from '../../shared/store/surroundings.ts';

export const handler = acts({
  turn: (crm, { id }) => takeExportTurn({ around: surroundings(), bucket: given('DOCUMENTS_BUCKET'), on: crm.on }, id),
});
