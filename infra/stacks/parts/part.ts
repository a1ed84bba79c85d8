import { type CfnStack, NestedStack } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import type { Capability, Machines } from '../../constructs/capability.ts';
import type { House } from '../../constructs/house.ts';
import type { Api } from '../../constructs/http-api.ts';
import type { StepwiseFunction, StepwiseFunctionProps } from '../../constructs/stepwise-function.ts';
import type { DataStack } from '../data-stack.ts';

/** What a part of the service is made with. */
export interface Service {
  /** Where its constructs go: a stack of the part's own. */
  stack: PartStack;
  house: House;
  data: DataStack;
  api: Api;
  /** Reading and writing the table. */
  table: Capability[];
  machines: Machines;
  /** The function `functions/<group>/<name>.ts`, called `<group>-<name>`. */
  fn: (name: string, uses: Capability[], more?: Partial<StepwiseFunctionProps>) => StepwiseFunction;
}

/** The stack of a part, nested: deployed and rolled back with the service, and counted by itself (CloudFormation takes 500 resources a stack). */
export class PartStack extends NestedStack {
  constructor(scope: Construct, id: string) {
    super(scope, id);
    // The names of its resources begin with its own: what CDK would make of it leaves no room for theirs.
    (this.nestedStackResource as CfnStack).overrideLogicalId(id);
  }
}

/** The infrastructure of one capability of the CRM: its functions, arrows and schedules, in one file. */
export type Part = (service: Service) => void;
