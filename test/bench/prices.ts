/**
 * List prices in US$ of Europe (Frankfurt), eu-central-1, on demand, first tier, before tax and free tiers. This is the only place that has
 * any. AWS's own price pages could not be read when this was checked (2026-11-26): what other pages say is noted at each, with their date.
 * Where a page has the price of US East alone, Frankfurt's stands here by our own knowledge: check those at aws.amazon.com/<service>/pricing
 * before you plan with them.
 */
export const prices = {
  /** API Gateway, HTTP API: a request. US East 1.00 (awsforengineers.com, 2025-05-19); Frankfurt's 1.20 not confirmed. */
  request: 1.2 / 1e6,
  /** Lambda on arm64: an invocation, and a GB-second. Both confirmed (cloudchipr.com/blog/aws-lambda-pricing, 2024, US East, the same in Frankfurt). */
  invocation: 0.2 / 1e6,
  gigabyteSecond: 0.0000133334,
  /**
   * DynamoDB, on-demand, Standard class: a write and a read request unit. US East 0.625 and 0.125 since the cut by half in November 2024
   * (airbyte.com/data-engineering-resources/dynamodb-pricing, 2025-07-21); Frankfurt's 22 % more not confirmed.
   */
  writeUnit: 0.7625 / 1e6,
  readUnit: 0.1525 / 1e6,
  /** Step Functions, Standard: a state transition. Confirmed: 0.025 per 1,000 (github.com/aws/agent-toolkit-for-aws, step-functions.md). */
  transition: 25 / 1e6,
  /** EventBridge: a custom event of up to 64 kB. Confirmed, alike in most regions (cloudburn.io/blog/amazon-eventbridge-pricing, 2026-03-13). */
  event: 1 / 1e6,
  /** SQS, standard queue: a request of up to 64 kB. Not confirmed. */
  queueRequest: 0.4 / 1e6,
  /** SES: a mail sent. Confirmed (acecloudinterviews.com/tutorials/aws/ses, undated). */
  mail: 0.1 / 1e3,
  /** S3 Standard: a PUT and a GET. Not confirmed. */
  put: 5.4 / 1e6,
  get: 0.43 / 1e6,
} as const;
