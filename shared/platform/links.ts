import { createHmac, hkdfSync, timingSafeEqual } from 'node:crypto';
import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import * as z from 'zod';
import { Refusal } from '../core/refusal.ts';

/** What a link in a mail is good for: whose step it is, on which record, until when. A GET shows it, a POST does it. */
export const Link = z.object({
  purpose: z.enum(['task', 'quote', 'unsubscribe', 'click', 'consent', 'form', 'survey']),
  id: z.string(),
  action: z.string().optional(),
  /** What the mail was of that the link stood in: the recipient of a campaign, the journey through a sequence. */
  about: z.string().optional(),
  /** Whom the link acts as; a customer's link acts as the customer. */
  assigneeId: z.string().optional(),
  /** Where a click leads: fixed when the mail is written, so that it leads nowhere else. */
  to: z.string().optional(),
  expiresAt: z.string(),
});
export type Link = z.infer<typeof Link>;
/** Links that lead to a page of ours; a click leads on, and the token of a form's page comes back with the form. */
export type PagePurpose = Exclude<Link['purpose'], 'click' | 'form'>;

/** The end of a link that works as long as somebody keeps the mail. */
export const never = '9999-12-31T23:59:59.999Z';

const paths = { task: 't', quote: 'q', unsubscribe: 'u', click: 'c', consent: 'confirm', survey: 's' } as const;

/** Secrets that sign links: the current one, and the one before during a rotation. */
export type Secrets = () => Promise<readonly string[]>;

const freshForMilliseconds = 5 * 60_000;

/** The link secrets from Secrets Manager, kept for five minutes. */
export function secretsIn(arn: string, client = new SecretsManagerClient({})): Secrets {
  let read: Promise<string[]> | undefined;
  let readAt = 0;
  const version = (VersionStage: string) =>
    client
      .send(new GetSecretValueCommand({ SecretId: arn, VersionStage }))
      .then(({ SecretString = '' }) => SecretString);
  return () => {
    if (!read || Date.now() - readAt > freshForMilliseconds) {
      readAt = Date.now();
      read = Promise.all([version('AWSCURRENT'), version('AWSPREVIOUS').catch(() => '')]).then((all) =>
        all.filter(Boolean),
      );
      read.catch(() => {
        read = undefined;
      });
    }
    return read;
  };
}

/** The address of a link: signed for its purpose alone. */
export const signedUrl = async (
  baseUrl: string,
  link: Link & { purpose: keyof typeof paths },
  secrets: Secrets,
): Promise<string> => `${baseUrl}/${paths[link.purpose]}/${await signedToken(link, secrets)}`;

/** What a link says, signed for its purpose alone. */
export async function signedToken(link: Link, secrets: Secrets): Promise<string> {
  const [secret = ''] = await secrets();
  const body = Buffer.from(JSON.stringify(link)).toString('base64url');
  return `${body}.${signature(secret, link.purpose, body)}`;
}

/** What a token says, if we signed it for this purpose and it has not expired; 410 `link.expired` otherwise. */
export async function linkIn(token: string, purpose: Link['purpose'], secrets: Secrets, now: Date): Promise<Link> {
  const [body = '', given = '', ...more] = token.split('.');
  const ours = !more.length && (await secrets()).some((secret) => same(signature(secret, purpose, body), given));
  const link = ours ? Link.safeParse(JSON.parse(Buffer.from(body, 'base64url').toString())).data : undefined;
  if (link?.purpose === purpose && Date.parse(link.expiresAt) > now.getTime()) return link;
  throw new Refusal('link.expired', 'This link is not valid, or not any more');
}

/** A key per purpose, so that a link for one thing opens no other. */
function signature(secret: string, purpose: string, body: string): string {
  const key = Buffer.from(hkdfSync('sha256', secret, '', `stepwise link ${purpose}`, 32));
  return createHmac('sha256', key).update(body).digest('base64url');
}

function same(a: string, b: string): boolean {
  const [one, other] = [Buffer.from(a), Buffer.from(b)];
  return one.length === other.length && timingSafeEqual(one, other);
}
