import { randomBytes } from 'node:crypto';
import { GetSecretValueCommand, PutSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';

const providers = ['stripe', 'generic', 'typeform', 'webflow', 'google-forms'] as const;
/** Provider -> the secrets of its stand-in. */
export type IntakeSecrets = Record<(typeof providers)[number], [string, ...string[]]>;

/** The secrets of the stand-ins of providers: those of the start before, else new ones, as an operator would put them there. */
export async function intakeSecretsIn(SecretId: string): Promise<IntakeSecrets> {
  const client = new SecretsManagerClient({});
  const { SecretString = '{}' } = await client.send(new GetSecretValueCommand({ SecretId }));
  const kept = JSON.parse(SecretString) as Partial<IntakeSecrets>;
  if (providers.every((provider) => kept[provider]?.[0])) return kept as IntakeSecrets;
  const made = Object.fromEntries(
    providers.map((provider) => [provider, [`whsec_${randomBytes(24).toString('base64')}`]]),
  ) as unknown as IntakeSecrets;
  await client.send(new PutSecretValueCommand({ SecretId, SecretString: JSON.stringify(made) }));
  return made;
}
