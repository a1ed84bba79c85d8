import { join } from 'node:path';
import { type App, Tags } from 'aws-cdk-lib';
import { nag } from './nag.ts';
import { DataStack } from './stacks/data-stack.ts';
import { ServiceStack } from './stacks/service-stack.ts';
import type { Stage } from './stages.ts';

export interface Sources {
  /** The folder of bundles, `dist/functions` unless told. */
  bundles?: string;
  /** The folder of ASL files, `workflows` unless told. */
  workflows?: string;
}

const root = join(import.meta.dirname, '..');

/** The whole deployment of one stage: the data that is kept, the service that can be replaced, and the checks of both. */
export const stepwise = (app: App, stage: Stage, sources: Sources = {}) => {
  const data = new DataStack(app, `Stepwise-${stage.name}-Data`, { stage });
  const service = new ServiceStack(app, `Stepwise-${stage.name}-Service`, {
    stage,
    data,
    bundles: sources.bundles ?? join(root, 'dist/functions'),
    workflows: sources.workflows ?? join(root, 'workflows'),
  });
  Tags.of(app).add('application', 'stepwise');
  Tags.of(app).add('stage', stage.name);
  nag(app);
  return { data, service };
};
