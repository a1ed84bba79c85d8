import { Logger } from '@aws-lambda-powertools/logger';

/** The log of a function: JSON lines with ids and numbers; never a body, an address or a secret. */
export const log = new Logger({
  serviceName: 'stepwise',
  logLevel: process.env['LOG_LEVEL'] === 'SILENT' ? 'SILENT' : 'INFO',
});
