/**
 * List prices in US$ of Europe (Frankfurt), eu-central-1, on demand, first tier, before tax and free tiers, as known on 2026-11-24 and not
 * read anew that day: check them at aws.amazon.com/<service>/pricing before you plan with them. This is the only place that has any.
 */
export const prices = {
  /** API Gateway, HTTP API: a request. */
  request: 1.2 / 1e6,
  /** Lambda on arm64: an invocation, and a GB-second. */
  invocation: 0.2 / 1e6,
  gigabyteSecond: 0.0000133334,
  /** DynamoDB, on-demand, Standard class: a write and a read request unit. */
  writeUnit: 0.7625 / 1e6,
  readUnit: 0.1525 / 1e6,
  /** Step Functions, Standard: a state transition. */
  transition: 25 / 1e6,
  /** EventBridge: a custom event of up to 64 kB. */
  event: 1 / 1e6,
  /** SQS, standard queue: a request of up to 64 kB. */
  queueRequest: 0.4 / 1e6,
  /** SES: a mail sent. */
  mail: 0.1 / 1e3,
  /** S3 Standard: a PUT and a GET. */
  put: 5.4 / 1e6,
  get: 0.43 / 1e6,
} as const;
