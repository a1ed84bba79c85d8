import { CfnOutput, Duration, Stack } from 'aws-cdk-lib';
import {
  AttributeType,
  Billing,
  ProjectionType,
  StreamViewType,
  TableEncryptionV2,
  TableV2,
} from 'aws-cdk-lib/aws-dynamodb';
import { EventBus } from 'aws-cdk-lib/aws-events';
import {
  BlockPublicAccess,
  Bucket,
  BucketEncryption,
  type BucketProps,
  type CfnBucket,
  type IBucket,
} from 'aws-cdk-lib/aws-s3';
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import {
  ConfigurationSet,
  EmailIdentity,
  EmailSendingEvent,
  EventDestination,
  Identity,
  ReceiptRuleSet,
  SuppressionReasons,
} from 'aws-cdk-lib/aws-ses';
import { S3 } from 'aws-cdk-lib/aws-ses-actions';
import { Topic } from 'aws-cdk-lib/aws-sns';
import type { Construct } from 'constructs';
import type { MailIdentity } from '../constructs/capability.ts';
import { LakeTable, resultsPrefix } from '../constructs/lake.ts';
import type { Stage } from '../stages.ts';

/** What is kept: the table, the event bus and its archive, documents, inbound mail, the lake of events, the secret of links, the mail identity. */
export class DataStack extends Stack {
  readonly table: TableV2;
  readonly bus: EventBus;
  readonly documents: Bucket;
  readonly intake: Bucket;
  /** Every event, for queries over all of them. */
  readonly lake: Bucket;
  readonly linkSecret: Secret;
  /** JSON: provider -> the secrets by which it signs what it sends us. */
  readonly intakeSecret: Secret;
  /** What SES tells of the mails that were sent. */
  readonly deliveries: Topic;
  /** Undefined where the stage has no mail domain. */
  readonly mail: MailIdentity | undefined;

  constructor(scope: Construct, id: string, { stage }: { stage: Stage }) {
    super(scope, id, { terminationProtection: stage.protected, description: `Stepwise ${stage.name}: what is kept` });
    this.table = this.#table(stage);
    this.bus = this.#bus(stage);
    const logs = this.#bucket('AccessLogs', stage, { lifecycleRules: [{ expiration: Duration.days(90) }] }) as IBucket;
    this.documents = this.#bucket('Documents', stage, {
      versioned: true,
      serverAccessLogsBucket: logs,
      serverAccessLogsPrefix: 'documents/',
      lifecycleRules: [
        { noncurrentVersionExpiration: Duration.days(90), abortIncompleteMultipartUploadAfter: Duration.days(1) },
      ],
    });
    // Raw mails, forms and webhooks: what they say is in the table by then, and a stranger's text is not kept for ever.
    this.intake = this.#bucket('Intake', stage, {
      serverAccessLogsBucket: logs,
      serverAccessLogsPrefix: 'intake/',
      lifecycleRules: [{ expiration: Duration.days(30), abortIncompleteMultipartUploadAfter: Duration.days(1) }],
    });
    this.lake = this.#bucket('Lake', stage, {
      serverAccessLogsBucket: logs,
      serverAccessLogsPrefix: 'lake/',
      lifecycleRules: [
        { prefix: resultsPrefix, expiration: Duration.days(30) },
        { abortIncompleteMultipartUploadAfter: Duration.days(1) },
      ],
    });
    new LakeTable(this, 'LakeTable', { stage, bucket: this.lake });
    // What comes in is told of, whoever listens. (CDK's own property would have a function of its own set this.)
    const tells = { eventBridgeConfiguration: { eventBridgeEnabled: true } };
    (this.intake.node.defaultChild as CfnBucket).notificationConfiguration = tells;
    this.linkSecret = new Secret(this, 'LinkSecret', {
      description: 'Signs the links in mails; every purpose derives a key of its own from it',
      generateSecretString: { passwordLength: 64, excludePunctuation: true },
      removalPolicy: stage.removal,
    });
    this.intakeSecret = new Secret(this, 'IntakeSecret', {
      description: 'JSON: provider (stripe, generic, typeform, ...) -> its webhook secrets, several during a rotation',
      // Nobody is a provider until an operator says by which secret it signs.
      generateSecretString: { secretStringTemplate: '{}', generateStringKey: 'nobody', passwordLength: 64 },
      removalPolicy: stage.removal,
    });
    this.deliveries = new Topic(this, 'Deliveries', { enforceSSL: true });
    this.mail = stage.mail && this.#mail(stage.mail, this.deliveries);

    if (stage.mail) this.#inbound(stage.mail.domain);

    const outputs = {
      TableName: this.table.tableName,
      EventBusName: this.bus.eventBusName,
      DocumentsBucket: this.documents.bucketName,
      IntakeBucket: this.intake.bucketName,
      LakeBucket: this.lake.bucketName,
      LinkSecretArn: this.linkSecret.secretArn,
      IntakeSecretArn: this.intakeSecret.secretArn,
      DeliveryTopicArn: this.deliveries.topicArn,
    };
    for (const [name, value] of Object.entries(outputs)) new CfnOutput(this, name, { value });
  }

  /** The one table. Encrypted with the key that DynamoDB owns: a key of ours would cost a KMS request for most of its own. */
  #table(stage: Stage) {
    const key = (name: string) => ({ name, type: AttributeType.STRING });
    const index = (name: string) => ({ indexName: name, partitionKey: key(`${name}pk`), sortKey: key(`${name}sk`) });
    return new TableV2(this, 'Table', {
      partitionKey: key('pk'),
      sortKey: key('sk'),
      billing: Billing.onDemand(),
      encryption: TableEncryptionV2.dynamoOwnedKey(),
      dynamoStream: StreamViewType.NEW_IMAGE,
      timeToLiveAttribute: 'expiresAt',
      pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
      deletionProtection: stage.protected,
      removalPolicy: stage.removal,
      globalSecondaryIndexes: [
        { ...index('gsi1'), projectionType: ProjectionType.KEYS_ONLY },
        { ...index('gsi2'), projectionType: ProjectionType.KEYS_ONLY },
        // `card` is what a list shows, so that an edit of anything else costs nothing here.
        { ...index('gsi3'), projectionType: ProjectionType.INCLUDE, nonKeyAttributes: ['card'] },
      ],
    });
  }

  #bus(stage: Stage) {
    const bus = new EventBus(this, 'Bus', { eventBusName: `stepwise-${stage.name}` });
    bus.archive('Archive', {
      description: 'Every event, to be replayed to projections',
      eventPattern: { source: ['stepwise'] },
      retention: stage.eventRetention,
    });
    return bus;
  }

  #bucket(id: string, stage: Stage, props: BucketProps) {
    return new Bucket(this, id, {
      encryption: BucketEncryption.S3_MANAGED,
      blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
      enforceSSL: true,
      removalPolicy: stage.removal,
      ...props,
    });
  }

  /** The domain's DKIM records are told by SES once it exists; what becomes of each mail comes back through the topic. */
  #mail({ domain, from }: { domain: string; from: string }, deliveries: Topic): MailIdentity {
    // Two, so that the reputation of the one is not that of the other: an invoice must arrive whatever a campaign did.
    const transactional = this.#configurationSet('Transactional', deliveries);
    const marketing = this.#configurationSet('Marketing', deliveries, [EmailSendingEvent.OPEN]);
    const identity = new EmailIdentity(this, 'MailIdentity', {
      identity: Identity.domain(domain),
      configurationSet: transactional,
    });
    const arnOf = ({ configurationSetName: resourceName }: ConfigurationSet) =>
      this.formatArn({ service: 'ses', resource: 'configuration-set', resourceName });
    return {
      domain,
      from,
      identityArn: identity.emailIdentityArn,
      transactional: { name: transactional.configurationSetName, arn: arnOf(transactional) },
      marketing: { name: marketing.configurationSetName, arn: arnOf(marketing) },
    };
  }

  /** What becomes of each of its mails is told to the topic. SES itself sends nothing more to an address that bounced or complained. */
  #configurationSet(name: string, deliveries: Topic, more: EmailSendingEvent[] = []) {
    const set = new ConfigurationSet(this, name, {
      sendingEnabled: true,
      reputationMetrics: true,
      suppressionReasons: SuppressionReasons.BOUNCES_AND_COMPLAINTS,
    });
    set.addEventDestination('Deliveries', {
      destination: EventDestination.snsTopic(deliveries),
      events: [
        EmailSendingEvent.SEND,
        EmailSendingEvent.DELIVERY,
        EmailSendingEvent.BOUNCE,
        EmailSendingEvent.COMPLAINT,
        EmailSendingEvent.REJECT,
        EmailSendingEvent.DELIVERY_DELAY,
        EmailSendingEvent.RENDERING_FAILURE,
        ...more,
      ],
    });
    return set;
  }

  /**
   * Mail to the domain goes into the intake bucket, scanned for spam and viruses. Here and not in the service, so that mail is taken in
   * while that is replaced. An account has one active rule set: an operator makes this the one (docs/mail.md).
   */
  #inbound(domain: string) {
    const rules = new ReceiptRuleSet(this, 'Inbound');
    rules.addRule('Domain', {
      recipients: [domain],
      scanEnabled: true,
      actions: [new S3({ bucket: this.intake as IBucket, objectKeyPrefix: 'inbound/' })],
    });
    new CfnOutput(this, 'InboundRuleSet', { value: rules.receiptRuleSetName });
  }
}
