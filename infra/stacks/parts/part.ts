import type { Stack } from 'aws-cdk-lib';
import type { Capability, Machines } from '../../constructs/capability.ts';
import type { House } from '../../constructs/house.ts';
import type { Api } from '../../constructs/http-api.ts';
import type { StepwiseFunction, StepwiseFunctionProps } from '../../constructs/stepwise-function.ts';
import type { DataStack } from '../data-stack.ts';

/** What a part of the service is made with. */
export interface Service {
  stack: Stack;
  house: House;
  data: DataStack;
  api: Api;
  /** Reading and writing the table. */
  table: Capability[];
  machines: Machines;
  /** The function `functions/<group>/<name>.ts`, called `<group>-<name>`. */
  fn: (name: string, uses: Capability[], more?: Partial<StepwiseFunctionProps>) => StepwiseFunction;
}

/** The infrastructure of one capability of the CRM: its functions, arrows and schedules, in one file. */
export type Part = (service: Service) => void;
