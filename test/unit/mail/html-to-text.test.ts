import fc from 'fast-check';
import { expect, it } from 'vitest';
import { htmlToText } from '../../../shared/mail/html-to-text.ts';

it.each([
  ['<p>One</p><p>Two<br>lines</p>', 'One\n\nTwo\nlines'],
  [
    '<div>Hello<br><br><div class="gmail_quote">On Monday Us wrote:<blockquote>Hi<p>there</p></blockquote></div></div>',
    'Hello\n\nOn Monday Us wrote:\n>\n> Hi\n>\n> there\n>',
  ],
  ['<ul><li>a</li><li>b</li></ul>', '- a\n- b'],
  ['<style>p { color: red }</style><script>alert(1)</script>x<!-- <b>no</b> -->y', 'xy'],
  ['a &amp;&nbsp;b &#228;&#x20AC; &uuml; &unknown; 1 < 2', 'a & b ä€ ü &unknown; 1 < 2'],
  ['<table><tr><td>Net</td><td>5</td></tr><tr><td>Gross</td><td>6</td></tr></table>', 'Net 5\nGross 6'],
  ['<head><title>No</title></head><body>Yes', 'Yes'],
  ['unclosed <b', 'unclosed'],
])('%s', (html, text) => {
  expect(htmlToText(html)).toBe(text);
});

it('takes any HTML within time', () => {
  fc.assert(fc.property(fc.string({ maxLength: 500 }), (html) => typeof htmlToText(html) === 'string'));
  for (const piece of ['<', '<div>', '<blockquote>', '<!--', '<style>', '<p', '&#', '<br>', '</', '<a href="']) {
    const startedAt = performance.now();
    htmlToText(piece.repeat(1_000_000 / piece.length));
    expect(performance.now() - startedAt, piece).toBeLessThan(1_500);
  }
});
