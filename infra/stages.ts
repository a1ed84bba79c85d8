import { type App, Duration, RemovalPolicy } from 'aws-cdk-lib';
import { RetentionDays } from 'aws-cdk-lib/aws-logs';

/** What differs between deployments, and nothing else does. Edit here; there is no other file of settings. */
export interface Stage {
  name: 'local' | 'dev' | 'prod';
  /** What becomes of customers' data when the data stack is deleted. */
  removal: RemovalPolicy;
  /** Refuses the deletion of the table and of the data stack itself. */
  protected: boolean;
  logRetention: RetentionDays;
  /** How long events can be replayed from the archive. */
  eventRetention: Duration;
  /** The domain that mail is sent from and answered to. Without one the stage sends no mail. */
  mail?: { domain: string; from: string };
  /** Who is told when an alarm rings. */
  alarmMail?: string;
  /** Requests a second, and the burst above it, before the API answers 429. */
  throttling: { rate: number; burst: number };
  /** Defaults of the `settings` policy: ISO 4217 currency, IANA time zone, ISO 3166-1 country. */
  settings: { currency: string; timeZone: string; country: string };
}

const settings = { currency: 'EUR', timeZone: 'Europe/Berlin', country: 'DE' };

const stages: Record<Stage['name'], Stage> = {
  local: {
    name: 'local',
    removal: RemovalPolicy.DESTROY,
    protected: false,
    logRetention: RetentionDays.ONE_DAY,
    eventRetention: Duration.days(30),
    mail: { domain: 'stepwise.example', from: 'Stepwise <crm@stepwise.example>' },
    throttling: { rate: 10_000, burst: 5_000 },
    settings,
  },
  dev: {
    name: 'dev',
    removal: RemovalPolicy.DESTROY,
    protected: false,
    logRetention: RetentionDays.ONE_WEEK,
    eventRetention: Duration.days(30),
    throttling: { rate: 100, burst: 200 },
    settings,
  },
  prod: {
    name: 'prod',
    removal: RemovalPolicy.RETAIN,
    protected: true,
    logRetention: RetentionDays.THREE_MONTHS,
    eventRetention: Duration.days(400),
    throttling: { rate: 1_000, burst: 2_000 },
    settings,
  },
};

/**
 * The stage that `cdk -c stage=<name>` names; `dev` where none is named. `-c mailDomain=` and `-c alarmMail=` set the
 * two things that only the company that deploys can know.
 * @throws when there is no such stage.
 */
export const stageOf = (app: App): Stage => {
  const context = (key: string): string | undefined => app.node.tryGetContext(key) as string | undefined;
  const name = context('stage') ?? 'dev';
  if (!isStage(name)) throw new Error(`There is no stage '${name}': use one of ${Object.keys(stages).join(', ')}`);
  const domain = context('mailDomain');
  const alarmMail = context('alarmMail');
  return {
    ...stages[name],
    ...(domain && { mail: { domain, from: `Stepwise <crm@${domain}>` } }),
    ...(alarmMail && { alarmMail }),
  };
};

const isStage = (name: string): name is Stage['name'] => Object.hasOwn(stages, name);
