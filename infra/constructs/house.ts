import type { ITopic } from 'aws-cdk-lib/aws-sns';
import type { Stage } from '../stages.ts';

/** What every construct of the service needs to know of the house it stands in. */
export interface House {
  stage: Stage;
  /** Every alarm is told here. */
  alarms: ITopic;
  /** The folder of `<group>-<name>/index.mjs`: what the build wrote. */
  bundles: string;
  /** The folder of `<name>.asl.json`. */
  workflows: string;
}
