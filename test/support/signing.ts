import { createHmac } from 'node:crypto';

/** How each provider signs what it sends, written down a second time: the headers of a body at an instant. */
type Signs = (body: string, secret: string, now: Date) => Record<string, string>;
const hmac = (secret: string | Buffer, text: string) => createHmac('sha256', secret).update(text);

export const signs = {
  typeform: (body, secret) => ({ 'typeform-signature': `sha256=${hmac(secret, body).digest('base64')}` }),
  webflow: (body, secret, now) => ({
    'x-webflow-timestamp': String(now.getTime()),
    'x-webflow-signature': hmac(secret, `${now.getTime()}:${body}`).digest('hex'),
  }),
  'google-forms': (body, secret, now) => {
    const [id, at] = ['msg_1', Math.floor(now.getTime() / 1_000)];
    const key = Buffer.from(secret.replace('whsec_', ''), 'base64');
    return {
      'webhook-id': id!,
      'webhook-timestamp': String(at),
      'webhook-signature': `v1,${hmac(key, `${id}.${at}.${body}`).digest('base64')}`,
    };
  },
} as const satisfies Record<string, Signs>;
export type Signer = keyof typeof signs;
