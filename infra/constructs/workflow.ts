import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import { DefinitionBody, LogLevel, StateMachine, StateMachineType } from 'aws-cdk-lib/aws-stepfunctions';
import type { Construct } from 'constructs';
import { type Definition, placeholdersOf } from '../asl.ts';
import { ring } from './alarm.ts';
import type { Capability } from './capability.ts';
import type { House } from './house.ts';

export interface WorkflowProps {
  house: House;
  definition: Definition;
  /** Their names fill the placeholders of the ASL file. */
  uses: Capability[];
  /** What users lose when an execution fails. */
  impact: string;
}

/**
 * A Standard state machine from `workflows/<name>.asl.json`. Its transitions are logged, what passes through it is not:
 * the history in Step Functions holds that for those who may read it, and no personal data reaches a log.
 * @throws when a placeholder in the file is supplied by nothing, or a capability's name is used nowhere.
 */
export class Workflow extends StateMachine {
  constructor(scope: Construct, id: string, { house, definition, uses, impact }: WorkflowProps) {
    const supplied: Record<string, string> = Object.assign({}, ...uses.map(({ environment }) => environment));
    const asked = placeholdersOf(definition);
    refuse(
      definition,
      'nothing supplies',
      asked.filter((name) => !Object.hasOwn(supplied, name)),
    );
    refuse(
      definition,
      'the file does not use',
      Object.keys(supplied).filter((name) => !asked.includes(name)),
    );

    super(scope, id, {
      stateMachineType: StateMachineType.STANDARD,
      definitionBody: DefinitionBody.fromString(definition.text),
      definitionSubstitutions: supplied,
      tracingEnabled: true,
      logs: {
        level: LogLevel.ALL,
        includeExecutionData: false,
        destination: new LogGroup(scope, `${id}Log`, {
          // Under this prefix a log group needs no entry in the account's resource policy, which holds only ten.
          logGroupName: `/aws/vendedlogs/states/stepwise-${house.stage.name}-${definition.name}`,
          retention: house.stage.logRetention,
          removalPolicy: RemovalPolicy.DESTROY,
        }),
      },
    });
    for (const capability of uses) capability.grant(this);

    const period = Duration.minutes(5);
    ring(this, 'Failed', { house, metric: this.metricFailed({ period }), threshold: 1, impact });
    ring(this, 'TimedOut', { house, metric: this.metricTimedOut({ period }), threshold: 1, impact });
  }
}

const refuse = ({ name }: Definition, why: string, names: string[]) => {
  if (names.length > 0)
    throw new Error(`workflows/${name}.asl.json: ${why} ${names.map((it) => `\${${it}}`).join(', ')}`);
};
