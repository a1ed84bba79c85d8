import { describe, expect, it } from 'vitest';
import { type Link, linkIn, signedToken } from '../../../shared/platform/links.ts';

const now = new Date('2026-03-02T10:00:00Z');
const secrets = async () => ['new', 'old'];
const link: Link = { purpose: 'unsubscribe', id: 'con_1', action: 'news', expiresAt: '2026-03-03T00:00:00.000Z' };

describe('a link in a mail', () => {
  it('says what was signed, with the secret before too', async () => {
    for (const signing of ['new', 'old'])
      expect(await linkIn(await signedToken(link, async () => [signing]), 'unsubscribe', secrets, now)).toEqual(link);
  });

  it('is good as it stands alone: whatever is changed, added or left out', async () => {
    const token = await signedToken(link, secrets);
    const [body = '', signature = ''] = token.split('.');
    const other = Buffer.from(JSON.stringify({ ...link, id: 'con_2' })).toString('base64url');
    const tampered = [
      ...Array.from(token, (_, at) => token.slice(0, at) + (token[at] === 'A' ? 'B' : 'A') + token.slice(at + 1)),
      ...Array.from(token, (_, at) => token.slice(0, at)),
      ...['.', '=', '.x', ' ', '%00', '\n'].map((more) => token + more),
      `${other}.${signature}`,
      `${body}.`,
      `.${signature}`,
      `${signature}.${body}`,
    ];
    for (const one of tampered)
      await expect(linkIn(one, 'unsubscribe', secrets, now), one).rejects.toMatchObject({ code: 'link.expired' });
  });

  it('opens nothing else, and nothing once it has expired or its secret is gone', async () => {
    const token = await signedToken(link, secrets);
    const refused = { code: 'link.expired' };
    for (const purpose of ['task', 'quote', 'click', 'consent', 'form'] as const)
      await expect(linkIn(token, purpose, secrets, now)).rejects.toMatchObject(refused);
    await expect(linkIn(token, 'unsubscribe', secrets, new Date(link.expiresAt))).rejects.toMatchObject(refused);
    await expect(linkIn(token, 'unsubscribe', async () => ['other'], now)).rejects.toMatchObject(refused);
  });
});
