import { Sha256 } from '@smithy/core/checksum';
import { SignatureV4 } from '@smithy/signature-v4';
import { given } from './surroundings.ts';

/**
 * What signs requests to a service of AWS as this function. Lambda gives credentials by the environment, and a new sandbox before they
 * expire. `uriEscapePath`: S3 signs the path as it is sent; every other service signs it escaped once more.
 */
export const signerFor = (service: string, { uriEscapePath = true } = {}): SignatureV4 =>
  new SignatureV4({
    service,
    region: given('AWS_REGION'),
    credentials: {
      accessKeyId: given('AWS_ACCESS_KEY_ID'),
      secretAccessKey: given('AWS_SECRET_ACCESS_KEY'),
      ...(process.env['AWS_SESSION_TOKEN'] && { sessionToken: process.env['AWS_SESSION_TOKEN'] }),
    },
    sha256: Sha256,
    uriEscapePath,
  });
