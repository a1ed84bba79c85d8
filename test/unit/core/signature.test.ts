import { createHmac } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { isSigned, schemes } from '../../../shared/core/signature.ts';

const now = new Date('2026-06-01T12:00:00Z');
const seconds = String(now.getTime() / 1_000);
const body = Buffer.from('{"id":"evt_1","amount":4200}');
const secret = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';
const hmac = (key: string | Buffer, text: string) => createHmac('sha256', key).update(text).update(body);
const rawKey = Buffer.from(secret.slice(6), 'base64');

/** What each provider sends, signed by its own rules. */
const genuine = {
  stripe: { 'stripe-signature': `t=${seconds},v1=${hmac(secret, `${seconds}.`).digest('hex')}` },
  standard: {
    'webhook-id': 'msg_1',
    'webhook-timestamp': seconds,
    'webhook-signature': `v1,${hmac(rawKey, `msg_1.${seconds}.`).digest('base64')}`,
  },
  typeform: { 'typeform-signature': `sha256=${hmac(secret, '').digest('base64')}` },
  timestamped: {
    'x-timestamp': seconds,
    'x-signature': `sha256=${hmac(secret, `${seconds}.`).digest('hex')}`,
  },
  webflow: {
    'x-webflow-timestamp': String(now.getTime()),
    'x-webflow-signature': hmac(secret, `${now.getTime()}:`).digest('hex'),
  },
};

describe.each(Object.entries(genuine))('%s', (name, headers: Record<string, string>) => {
  const scheme = schemes[name as keyof typeof schemes];
  const timed = name !== 'typeform';

  it('holds with any of several secrets', () => {
    expect(isSigned(scheme, { headers, body }, ['other', secret], now)).toBe(true);
  });

  it('does not hold without a secret, or with another', () => {
    expect(isSigned(scheme, { headers, body }, [], now)).toBe(false);
    expect(isSigned(scheme, { headers, body }, [''], now)).toBe(false);
    expect(isSigned(scheme, { headers, body }, ['whsec_b3RoZXI='], now)).toBe(false);
  });

  it('does not hold for another body, nor with any one character of its headers changed', () => {
    expect(isSigned(scheme, { headers, body: Buffer.from(`${body.toString()} `) }, [secret], now)).toBe(false);
    for (const [header, value] of Object.entries(headers))
      for (const at of value.matchAll(/[A-Za-z0-9]/g)) {
        const changed = `${value.slice(0, at.index)}${at[0] === '7' ? '8' : '7'}${value.slice(at.index + 1)}`;
        const forged = { ...headers, [header]: changed };
        expect(isSigned(scheme, { headers: forged, body }, [secret], now), changed).toBe(false);
      }
  });

  it.runIf(timed)('does not hold five minutes later, or earlier', () => {
    for (const minutes of [-6, 6])
      expect(isSigned(scheme, { headers, body }, [secret], new Date(now.getTime() + minutes * 60_000))).toBe(false);
    expect(isSigned(scheme, { headers, body }, [secret], new Date(now.getTime() + 4 * 60_000))).toBe(true);
  });

  it('does not hold where nothing is signed', () => {
    expect(isSigned(scheme, { headers: {}, body }, [secret], now)).toBe(false);
  });
});

it.each([
  ['whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw', true],
  ['MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw', true],
  ['MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaS', true],
  ['whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSwBr', true],
  ['', false],
  ['whsec_', false],
  ['whsec_==', false],
  ['whsec_not base64', false],
])('takes a secret of the Standard Webhooks as people write it: %s %s', (given, holds) => {
  const key = Buffer.from(given.replace('whsec_', ''), 'base64');
  const signature = createHmac('sha256', key).update(`msg_1.${seconds}.`).update(body).digest('base64');
  const headers = { ...genuine.standard, 'webhook-signature': `v1,${signature}` };
  expect(isSigned(schemes.standard, { headers, body }, [given], now)).toBe(holds);
});

it('finds the signature that it knows among others', () => {
  const { stripe, standard } = genuine;
  const [v1] = stripe['stripe-signature'].split(',').slice(1);
  const many = { 'stripe-signature': `t=${seconds},v1=00,v0=11,${v1}` };
  expect(isSigned(schemes.stripe, { headers: many, body }, [secret], now)).toBe(true);
  const both = { ...standard, 'webhook-signature': `v1a,AAAA v1,BBBB ${standard['webhook-signature']}` };
  expect(isSigned(schemes.standard, { headers: both, body }, [secret], now)).toBe(true);
});
