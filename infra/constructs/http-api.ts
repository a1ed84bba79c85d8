import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import { AccessLogFormat } from 'aws-cdk-lib/aws-apigateway';
import {
  HttpApi,
  HttpMethod,
  HttpRoute,
  HttpRouteKey,
  HttpStage,
  LogGroupLogDestination,
} from 'aws-cdk-lib/aws-apigatewayv2';
import { HttpLambdaIntegration } from 'aws-cdk-lib/aws-apigatewayv2-integrations';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import { routesOf } from '../families.ts';
import { ring } from './alarm.ts';
import type { House } from './house.ts';

/**
 * The HTTP API. Every path leads to the function of its family, and the function knows its routes: the API would answer
 * an unknown one in a shape of its own. No CORS: browsers come from the same origin or not at all.
 */
export class Api extends Construct {
  /** Complete, without a slash at its end: `${url}/v1/leads`. */
  readonly url: string;
  readonly #api: HttpApi;

  constructor(scope: Construct, id: string, { house }: { house: House }) {
    super(scope, id);
    this.#api = new HttpApi(this, 'Http', { createDefaultStage: false, description: `Stepwise ${house.stage.name}` });
    this.url = this.#api.apiEndpoint;
    const log = new LogGroup(this, 'Log', {
      retention: house.stage.logRetention,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    const { rate, burst } = house.stage.throttling;
    new HttpStage(this, 'Stage', {
      httpApi: this.#api,
      // A named stage would stand in every path.
      stageName: '$default',
      autoDeploy: true,
      throttle: { rateLimit: rate, burstLimit: burst },
      accessLogSettings: { destination: new LogGroupLogDestination(log), format: AccessLogFormat.custom(accessLog) },
    });
    const metric = this.#api.metricServerError({ period: Duration.minutes(1), statistic: 'Sum' });
    const impact =
      'Requests of integrators and users fail with 5xx; those without an Idempotency-Key may not be repeated.';
    ring(this, 'Failing', { house, metric, threshold: 5, impact });
  }

  /** All methods of these paths and of everything below them: `/v1/leads` is also `/v1/leads/{id}/qualify`. */
  family(name: string, to: IFunction, paths: string[]): void {
    // One permission a function, not one a route: a function's policy holds 20 kB.
    const integration = new HttpLambdaIntegration(name, to, { scopePermissionToRoute: false });
    for (const path of paths) {
      for (const key of routesOf(path)) this.#route(HttpRouteKey.with(key, HttpMethod.ANY), integration);
    }
  }

  /** Everything that no family has. */
  rest(name: string, to: IFunction): void {
    // The permission for all routes of an API does not cover this one: it is called `<api>/<stage>/$default`, without a path.
    this.#route(HttpRouteKey.DEFAULT, new HttpLambdaIntegration(name, to, { scopePermissionToRoute: true }));
  }

  #route(routeKey: HttpRouteKey, integration: HttpLambdaIntegration) {
    new HttpRoute(this, routeKey.key, { httpApi: this.#api, routeKey, integration });
  }
}

/** The route, never the path: a path holds ids, and the path of a link holds its signature. No address of the caller. */
const accessLog = JSON.stringify({
  requestId: '$context.requestId',
  at: '$context.requestTimeEpoch',
  route: '$context.routeKey',
  method: '$context.httpMethod',
  status: '$context.status',
  milliseconds: '$context.responseLatency',
  functionMilliseconds: '$context.integrationLatency',
  bytes: '$context.responseLength',
  fault: '$context.integrationErrorMessage',
});
