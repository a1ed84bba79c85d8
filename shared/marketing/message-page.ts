import { compiled } from './layouts/compiled.ts';
import type { MessageTemplate } from './message-template.ts';
import { isMjml, mjmlToHtml } from './mjml.ts';

/** Where the body stands in a layout, and the way out that every layout has. */
const slot = '%content%';
const layoutsWayOut = /<a href="\{\{ unsubscribeUrl \}\}"[^>]*>[^<]*<\/a>/;
const wayOut = '<p style="font-size:12px;color:#666666"><a href="{{ unsubscribeUrl }}">Unsubscribe</a></p>';

/**
 * The page that is filled for each reader: a whole page as it is, anything else in its layout; with a way out, the body's own or ours.
 * Throws `MjmlError` for MJML that we do not compile.
 */
export function messagePage({ body, layout }: Pick<MessageTemplate, 'body' | 'layout'>): string {
  const content = isMjml(body) ? mjmlToHtml(body) : body;
  const own = /\bunsubscribeUrl\b/.test(content);
  if (!/<html[\s>]/i.test(content)) {
    const frame = own ? compiled[layout].replace(layoutsWayOut, '') : compiled[layout];
    return frame.replace(slot, () => content);
  }
  if (own) return content;
  const end = content.toLowerCase().lastIndexOf('</body>');
  return end < 0 ? `${content}${wayOut}` : `${content.slice(0, end)}${wayOut}${content.slice(end)}`;
}
