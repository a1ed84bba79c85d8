import { describe, expect, it, test } from 'vitest';
import { Email } from '../../../shared/core/contact-points.ts';
import { suppressionId } from '../../../shared/marketing/suppression.ts';
import { userEmailKey } from '../../../shared/people/user.ts';
import { emailKey } from '../../../shared/sales/contact.ts';

describe('an e-mail address', () => {
  test.each([
    [' I@Exämple.example ', 'i@xn--exmple-cua.example'],
    ['i@XN--EXMPLE-CUA.example', 'i@xn--exmple-cua.example'],
    ['jo@例え。テスト', 'jo@xn--r8jz45g.xn--zckzah'],
    ["o'neil+x@acme.example", "o'neil+x@acme.example"],
  ])('%j is stored as %j', (said, email) => {
    expect(Email.parse(said)).toBe(email);
    expect(Email.parse(email)).toBe(email);
  });

  test.each([
    'jö@acme.example',
    'jo@ämple',
    'jo@ä/b.example',
    'jo@ä%2e.example',
    'jo@ä b.example',
    'jo@ä@b.example',
    'ä',
    '@ä.example',
  ])('%j is none', (said) => expect(Email.safeParse(said).success).toBe(false));

  it('is found in any spelling', () => {
    const [said, email] = ['I@Exämple.example', 'i@xn--exmple-cua.example'];
    for (const keyOf of [emailKey, userEmailKey, suppressionId]) expect(keyOf(said)).toBe(keyOf(email));
  });
});
