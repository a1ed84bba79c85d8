import { acts } from '../../shared/platform/acts.ts';
import { findOwner } from '../../shared/sales/assign-lead.ts';
import { chaseLead } from '../../shared/sales/chase-lead.ts';

export const handler = acts({ assign: findOwner, chase: chaseLead });
