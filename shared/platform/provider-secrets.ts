import * as z from 'zod';
import { type Secrets, secretsIn } from './links.ts';

/** The secrets by which a provider signs what it sends us: any of them is good, several during a rotation; none where it has none. */
export type ProviderSecrets = (provider: string) => Promise<readonly string[]>;

const Kept = z.record(z.string(), z.union([z.string(), z.array(z.string())]));

/** From one secret, a JSON object of provider -> its secrets; what its version before said still holds. */
export function providerSecretsIn(arn: string, secrets: Secrets = secretsIn(arn)): ProviderSecrets {
  return async (provider) =>
    (await secrets()).flatMap((text) => {
      const kept = Kept.parse(JSON.parse(text));
      return Object.hasOwn(kept, provider) ? [kept[provider] ?? []].flat() : [];
    });
}
