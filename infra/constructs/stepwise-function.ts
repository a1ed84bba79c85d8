import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import {
  type AddToPrincipalPolicyResult,
  PolicyDocument,
  type PolicyStatement,
  Role,
  ServicePrincipal,
} from 'aws-cdk-lib/aws-iam';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import { SqsDestination } from 'aws-cdk-lib/aws-lambda-destinations';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import type { Construct } from 'constructs';
import type { Capability } from './capability.ts';
import type { House } from './house.ts';

export interface StepwiseFunctionProps {
  house: House;
  /** `<group>-<name>`: its file is `functions/<group>/<name>.ts`. */
  name: string;
  /** All it may do. It can do nothing else. */
  uses: Capability[];
  /** Megabytes; processor time grows with them. 512 unless told. */
  memory?: number;
  timeout?: Duration;
  /** Where failed asynchronous invocations go; only for functions that are invoked so. */
  parking?: IQueue;
}

/**
 * One Lambda function with the defaults of the house: Node 24 on arm64, its own log group with an end to it, JSON logs,
 * traces, source maps, and a role that holds what `uses` says and nothing more.
 * @throws when the bundle is missing: `npm run build` makes it.
 */
export class StepwiseFunction extends lambda.Function {
  constructor(
    scope: Construct,
    { house, name, uses, memory = 512, timeout = Duration.seconds(15), parking }: StepwiseFunctionProps,
  ) {
    const id = pascal(name);
    const source = `functions/${name.replace('-', '/')}.ts`;
    const bundle = join(house.bundles, name);
    if (!existsSync(join(bundle, 'index.mjs'))) {
      throw new Error(`The bundle of '${name}' is missing at ${bundle}: run 'npm run build' (its source is ${source})`);
    }
    const logGroup = new LogGroup(scope, `${id}Log`, {
      retention: house.stage.logRetention,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    // A role of our own: the managed policy that CDK would add may write to every log group of the account.
    const role = new FunctionRole(scope, `${id}Role`);
    logGroup.grantWrite(role);
    super(scope, id, {
      // Its name is made by CloudFormation, which cuts it short.
      description: source,
      runtime: lambda.Runtime.NODEJS_24_X,
      architecture: lambda.Architecture.ARM_64,
      handler: 'index.handler',
      code: lambda.Code.fromAsset(bundle),
      role,
      logGroup,
      loggingFormat: lambda.LoggingFormat.JSON,
      systemLogLevelV2: lambda.SystemLogLevel.WARN,
      tracing: lambda.Tracing.ACTIVE,
      memorySize: memory,
      timeout,
      environment: {
        NODE_OPTIONS: '--enable-source-maps',
        STAGE: house.stage.name,
        SETTINGS: JSON.stringify(house.stage.settings),
        ...Object.assign({}, ...uses.map(({ environment }) => environment)),
      },
      ...(parking && { onFailure: new SqsDestination(parking), retryAttempts: 2 }),
    });
    for (const capability of uses) capability.grant(this);
  }
}

/** A role whose policy is part of it, and no resource of its own: a stack holds 500 resources. */
class FunctionRole extends Role {
  readonly #may: PolicyDocument;

  constructor(scope: Construct, id: string) {
    const may = new PolicyDocument();
    super(scope, id, { assumedBy: new ServicePrincipal('lambda.amazonaws.com'), inlinePolicies: { May: may } });
    this.#may = may;
  }

  override addToPrincipalPolicy(statement: PolicyStatement): AddToPrincipalPolicyResult {
    this.#may.addStatements(statement);
    return { statementAdded: true, policyDependable: this };
  }
}

/** `http-api-keys` -> `HttpApiKeys`. */
const pascal = (name: string) => name.replace(/(?:^|-)(.)/g, (_, letter: string) => letter.toUpperCase());
