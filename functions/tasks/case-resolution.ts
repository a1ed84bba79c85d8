import { acts } from '../../shared/platform/acts.ts';
import { findCaseOwner } from '../../shared/service/assign-case.ts';
import { askHowItWent, chaseCase, closeCase } from '../../shared/service/chase-case.ts';

export const handler = acts({ assign: findCaseOwner, chase: chaseCase, ask: askHowItWent, close: closeCase });
