import { Arrow, ofTypes } from '../../constructs/arrow.ts';
import { readsBucket, readsSecret, writesBucket } from '../../constructs/capability.ts';
import { intakes } from '../../families.ts';
import type { Part } from './part.ts';

/** What people send by forms, ours and those of other services: taken in, kept, and read once it is kept. */
export const forms: Part = (service) => {
  const { stack, house, data, api, table } = service;
  const keeps = writesBucket('INTAKE_BUCKET', data.intake, 'forms/');
  const signs = readsSecret('LINK_SECRET_ARN', data.linkSecret);
  const knowsProviders = readsSecret('INTAKE_SECRET_ARN', data.intakeSecret);
  const memory = 1024;
  api.family('intake-forms', service.fn('intake-forms', [...table, keeps, signs], { memory }), intakes.forms);
  api.family(
    'intake-webhooks',
    service.fn('intake-webhooks', [...table, keeps, knowsProviders], { memory }),
    intakes.webhooks,
  );
  new Arrow(stack, 'Submissions', {
    house,
    bus: data.bus,
    pattern: ofTypes(['submission.received']),
    to: service.fn('events-submissions', [...table, readsBucket('INTAKE_BUCKET', data.intake, 'forms/')]),
    impact: 'What people sent by forms is kept, but no lead comes of it, and nobody is asked to look at it.',
  });
};
