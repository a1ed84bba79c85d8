import { createHmac } from 'node:crypto';

/** How the providers of payments sign what they send. */
export const stripeHeaders = (body: string, secret: string, at = Date.now()): Record<string, string> => {
  const seconds = Math.floor(at / 1_000);
  return {
    'stripe-signature': `t=${seconds},v1=${createHmac('sha256', secret).update(`${seconds}.${body}`).digest('hex')}`,
  };
};
export const standardHeaders = (body: string, secret: string, id: string, at = Date.now()): Record<string, string> => {
  const seconds = String(Math.floor(at / 1_000));
  const key = Buffer.from(secret.replace(/^whsec_/, ''), 'base64');
  const signature = createHmac('sha256', key).update(`${id}.${seconds}.${body}`).digest('base64');
  return { 'webhook-id': id, 'webhook-timestamp': seconds, 'webhook-signature': `v1,${signature}` };
};
export const timestampedHeaders = (body: string, secret: string, at = Date.now()): Record<string, string> => {
  const seconds = String(Math.floor(at / 1_000));
  const signature = createHmac('sha256', secret).update(`${seconds}.${body}`).digest('hex');
  return { 'x-timestamp': seconds, 'x-signature': `sha256=${signature}` };
};
