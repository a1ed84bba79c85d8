import { CfnOutput, Duration, Stack } from 'aws-cdk-lib';
import { PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { EmailSubscription } from 'aws-cdk-lib/aws-sns-subscriptions';
import type { Construct } from 'constructs';
import { figureEvents } from '../../shared/insights/figures.ts';
import { workflows } from '../../shared/platform/workflows.ts';
import { awaitedEventsOf, itemActionsOf, readDefinition } from '../asl.ts';
import { Arrow, ofTypes } from '../constructs/arrow.ts';
import {
  answersTokens,
  type Capability,
  invokes,
  knows,
  type Machines,
  onItems,
  putsEvents,
  readsBucket,
  readsHistory,
  readsSecret,
  readsTable,
  sendsMail,
  sendsTo,
  startsWorkflows,
  stopsWorkflows,
  writesBucket,
  writesTable,
} from '../constructs/capability.ts';
import type { House } from '../constructs/house.ts';
import { Api } from '../constructs/http-api.ts';
import { Parking } from '../constructs/parking.ts';
import { schedule } from '../constructs/schedule.ts';
import { StepwiseFunction, type StepwiseFunctionProps } from '../constructs/stepwise-function.ts';
import { StreamRelay } from '../constructs/stream-relay.ts';
import { Workflow } from '../constructs/workflow.ts';
import { families } from '../families.ts';
import { impacts } from '../impacts.ts';
import type { Stage } from '../stages.ts';
import type { DataStack } from './data-stack.ts';
import { audience } from './parts/audience.ts';
import { campaigns } from './parts/campaigns.ts';
import { deliveries } from './parts/deliveries.ts';
import { exchangeRun, exports, imports } from './parts/exchange.ts';
import { forms } from './parts/forms.ts';
import { lake } from './parts/lake.ts';
import { mailIntake } from './parts/mail-intake.ts';
import { type Part, PartStack, type Service } from './parts/part.ts';
import { payments } from './parts/payments.ts';
import { reports } from './parts/reports.ts';

/** What the service can do beside its core, each in a file and a nested stack of its own. */
const parts: Readonly<Record<string, Part>> = {
  Forms: forms,
  Reports: reports,
  Audience: audience,
  Campaigns: campaigns,
  Payments: payments,
  Lake: lake,
};
/** What a stage with a mail domain has beside those. */
const partsOfMail: Readonly<Record<string, Part>> = { MailIntake: mailIntake, Deliveries: deliveries };

export interface ServiceStackProps {
  stage: Stage;
  data: DataStack;
  bundles: string;
  workflows: string;
}

/** What can be thrown away and deployed again: every function, workflow, arrow and schedule, the API, the alarms. */
export class ServiceStack extends Stack {
  readonly #house: House;
  readonly #data: DataStack;
  readonly #api: Api;
  readonly #table: Capability[];

  constructor(scope: Construct, id: string, { stage, data, bundles, workflows }: ServiceStackProps) {
    super(scope, id, { description: `Stepwise ${stage.name}: what runs` });
    this.#house = { stage, alarms: this.#alarms(stage), bundles, workflows };
    this.#data = data;
    this.#api = new Api(this, 'Api', { house: this.#house });
    this.#table = [readsTable(data.table), writesTable(data.table)];

    const machines = this.#workflows();
    this.#http(machines);
    this.#relay();
    this.#reactions(machines);
    this.#schedules(machines);
    for (const [name, part] of Object.entries({ ...parts, ...(data.mail && partsOfMail) }))
      part(this.#service(new PartStack(this, name), machines));

    new CfnOutput(this, 'ApiUrl', { value: this.#api.url });
    new CfnOutput(this, 'AlarmTopicArn', { value: this.#house.alarms.topicArn });
    const arns = Object.entries(machines).map(([name, { stateMachineArn }]) => [name, stateMachineArn]);
    new CfnOutput(this, 'StateMachines', { value: this.toJsonString(Object.fromEntries(arns)) });
  }

  /** Where every alarm is told. A policy of its own ends the one by which the account's alarms may publish, so it says so again. */
  #alarms(stage: Stage) {
    const topic = new Topic(this, 'Alarms', { enforceSSL: true });
    topic.addToResourcePolicy(
      new PolicyStatement({
        principals: [new ServicePrincipal('cloudwatch.amazonaws.com')],
        actions: ['sns:Publish'],
        resources: [topic.topicArn],
        conditions: { StringEquals: { 'aws:SourceAccount': this.account } },
      }),
    );
    if (stage.alarmMail) topic.addSubscription(new EmailSubscription(stage.alarmMail));
    return topic;
  }

  /** Each calls its own task function, and touches single items itself. */
  #workflows(): Machines {
    const { mail, linkSecret } = this.#data;
    const more: Record<string, Partial<StepwiseFunctionProps>> = {
      'campaign-send': {
        // A stage without a mail domain sends nothing: the process of a campaign there needs an operator.
        uses: mail
          ? [
              sendsMail(mail, 'marketing'),
              readsSecret('LINK_SECRET_ARN', linkSecret),
              knows({ API_URL: this.#api.url }),
            ]
          : [],
        memory: 1024,
        timeout: Duration.seconds(60),
      },
      'import-run': exchangeRun(imports(this.#data)),
      'export-run': exchangeRun(exports(this.#data)),
    };
    const machine = (name: string) => {
      const impact = impacts[name];
      if (!impact) throw new Error(`infra/impacts.ts does not say what users lose when '${name}' fails`);
      const definition = readDefinition(this.#house.workflows, name);
      const { uses: also = [], ...props } = more[name] ?? {};
      const task = this.#function(`tasks-${name}`, [...this.#table, ...also], props);
      const placeholder = `${name.toUpperCase().replaceAll('-', '_')}_FUNCTION` as const;
      const items = itemActionsOf(definition);
      const uses = [invokes(placeholder, task), ...(items.length ? [onItems(this.#data.table, items)] : [])];
      return [name, new Workflow(this, name, { house: this.#house, definition, uses, impact })] as const;
    };
    return Object.fromEntries(workflows.map(({ name }) => machine(name)));
  }

  #http(machines: Machines) {
    const { documents, intake, linkSecret } = this.#data;
    const more: Record<string, Capability[]> = {
      platform: [readsHistory(machines), startsWorkflows(machines), stopsWorkflows(machines)],
      invoices: [readsBucket('DOCUMENTS_BUCKET', documents, 'documents/')],
      imports: imports(this.#data),
      exports: exports(this.#data),
      activities: [readsBucket('DOCUMENTS_BUCKET', documents, 'attachments/')],
      mails: [readsBucket('INTAKE_BUCKET', intake, 'inbound/')],
      pages: [readsSecret('LINK_SECRET_ARN', linkSecret)],
      clicks: [readsSecret('LINK_SECRET_ARN', linkSecret)],
      forms: [readsBucket('INTAKE_BUCKET', intake, 'forms/')],
    };
    for (const [name, paths] of Object.entries(families)) {
      const uses = [...this.#table, ...(more[name] ?? [])];
      // A preview of an audience counts for as long as a request may take: API Gateway waits 30 seconds.
      const timeout = Duration.seconds(name === 'audience' ? 29 : 15);
      this.#api.family(name, this.#function(`http-${name}`, uses, { memory: 1024, timeout }), paths);
    }
    this.#api.rest('docs', this.#function('http-docs', this.#table, { memory: 1024 }));
  }

  /** The table's events to the bus, in the order of each record. */
  #relay() {
    const impact = 'Changes are saved, but no process, mail, webhook or figure follows from these events.';
    const oversized = new Parking(this, 'Oversized', { house: this.#house, impact });
    const to = this.#function('events-relay', [putsEvents(this.#data.bus), sendsTo('RELAY_PARK_QUEUE_URL', oversized)]);
    new StreamRelay(this, 'Relay', { house: this.#house, table: this.#data.table, to, impact });
  }

  /** What follows from events: one queue each, so that no reaction holds up another. */
  #reactions(machines: Machines) {
    const { bus, documents, linkSecret, mail } = this.#data;
    const house = this.#house;
    const definitions = workflows.map(({ name }) => readDefinition(house.workflows, name));
    const awaited = new Set(definitions.flatMap(awaitedEventsOf));

    new Arrow(this, 'Start', {
      house,
      bus,
      pattern: ofTypes(workflows.flatMap(({ startsOn }) => startsOn)),
      to: this.#function('events-start', [...this.#table, startsWorkflows(machines)]),
      impact: 'Leads, quotes, orders, invoices or cases have no process: nobody is assigned, asked or reminded.',
    });
    new Arrow(this, 'Resume', {
      house,
      bus,
      pattern: ofTypes([...awaited].sort()),
      to: this.#function('events-resume', [...this.#table, answersTokens(machines)]),
      impact: 'Processes do not notice what people did, and go on only at their next deadline.',
    });
    new Arrow(this, 'Processes', {
      house,
      pattern: {
        source: ['aws.states'],
        detailType: ['Step Functions Execution Status Change'],
        detail: {
          status: ['SUCCEEDED', 'FAILED', 'TIMED_OUT', 'ABORTED'],
          stateMachineArn: Object.values(machines).map(({ stateMachineArn }) => stateMachineArn),
        },
      },
      to: this.#function('events-processes', [...this.#table, startsWorkflows(machines)]),
      impact: 'The list of processes shows some as running that have ended or failed.',
    });
    new Arrow(this, 'Figures', {
      house,
      bus,
      pattern: ofTypes(figureEvents),
      to: this.#function('events-figures', this.#table),
      impact: 'Revenue, receivables and last contact of some accounts are out of date.',
      replays: true,
    });
    new Arrow(this, 'Documents', {
      house,
      bus,
      pattern: ofTypes(['invoice.issued', 'creditNote.issued']),
      to: this.#function(
        'events-documents',
        [...this.#table, writesBucket('DOCUMENTS_BUCKET', documents, 'documents/')],
        { memory: 512, timeout: Duration.seconds(30) },
      ),
      impact: 'Invoices and credit notes have no PDF, and the mails that carry one wait for it.',
    });
    // A stage without a mail domain keeps its mails as queued items.
    if (!mail) return;
    new Arrow(this, 'SendMail', {
      house,
      bus,
      pattern: ofTypes(['mail.queued']),
      to: this.#function('events-send-mail', [
        ...this.#table,
        sendsMail(mail),
        readsSecret('LINK_SECRET_ARN', linkSecret),
        readsBucket('DOCUMENTS_BUCKET', documents, 'documents/'),
        knows({ API_URL: this.#api.url }),
      ]),
      impact: 'Customers and colleagues do not get mails that the system says are on their way.',
    });
  }

  #schedules(machines: Machines) {
    const sweeps = new Parking(this, 'SweepParking', {
      house: this.#house,
      impact: 'Expired quotes, overdue invoices and tasks are noticed late, or not at all.',
    });
    const sweep = this.#function('scheduled-sweep', this.#table, { timeout: Duration.minutes(4), parking: sweeps });
    schedule(this, 'Sweep', { every: Duration.minutes(5), to: sweep, parking: sweeps });

    const reconciliations = new Parking(this, 'ReconcileParking', {
      house: this.#house,
      impact: 'Processes that were lost are not started again: their records stand still.',
    });
    const reconcile = this.#function('scheduled-reconcile', [...this.#table, startsWorkflows(machines)], {
      timeout: Duration.minutes(15),
      parking: reconciliations,
    });
    schedule(this, 'Reconcile', { every: Duration.hours(1), to: reconcile, parking: reconciliations });
  }

  #service(stack: PartStack, machines: Machines): Service {
    return {
      stack,
      house: this.#house,
      data: this.#data,
      api: this.#api,
      table: this.#table,
      machines,
      fn: (name, uses, more) => this.#function(name, uses, more, stack),
    };
  }

  #function(name: string, uses: Capability[], more: Partial<StepwiseFunctionProps> = {}, stack: Stack = this) {
    return new StepwiseFunction(stack, { house: this.#house, name, uses, ...more });
  }
}
