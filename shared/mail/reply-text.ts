/** A reply is in the first characters of a text: what stands below is history, and costs time. */
const longest = 262_144;
/** A line tells what it is in its first characters: no longer stretch of one is looked at. */
const telling = 400;
/** Lines over which mail programs break "On ... wrote:". */
const brokenOver = 4;
/** A signature is short, else it is what somebody had to say. */
const longestSignature = 20;

/**
 * What the sender of a reply wrote: without what they quote, the line that introduces it, and the signature. Lines are classified one by
 * one, so it is linear in the length of the text. Where nothing would be left, all of it is answered.
 */
export function replyIn(text: string): string {
  const lines = text
    .slice(0, longest)
    .replaceAll(/\r\n?/g, '\n')
    .split('\n')
    .map((line) => line.trimEnd());
  const kept = withoutSignature(withoutQuotes(lines));
  const reply = kept
    .join('\n')
    .replaceAll(/\n{3,}/g, '\n\n')
    .trim();
  return reply || text.trim();
}

/** The lines down to where only history follows, without quoted ones and those that introduce them. */
function withoutQuotes(lines: readonly string[]): string[] {
  const kept: string[] = [];
  const named = lines.map(fieldOf);
  for (let at = 0; at < lines.length; ) {
    const line = (lines[at] ?? '').slice(0, telling);
    if (!line) {
      kept.push('');
      at++;
      continue;
    }
    if (endsReply(line) || isHeaderBlock(named, at)) break;
    const introduced = introductionAt(lines, at);
    if (introduced) {
      const next = nextFilled(lines, at + introduced);
      // Nothing is marked as quoted: everything below is.
      if (next === undefined || !isQuoted(lines[next] ?? '')) break;
      at = next;
    } else {
      if (!isQuoted(line)) kept.push(lines[at] ?? '');
      at++;
    }
  }
  // A line drawn above the history.
  while (/^[\s_*=-]*$/.test((kept.at(-1) ?? '.').slice(0, telling))) kept.pop();
  return kept;
}

const isQuoted = (line: string): boolean => /^\s{0,4}[>＞]/.test(line);

function nextFilled(lines: readonly string[], from: number): number | undefined {
  for (let at = from; at < lines.length; at++) if (lines[at]) return at;
  return undefined;
}

const original = [
  'original message',
  'original appointment',
  'reply message',
  'ursprüngliche nachricht',
  'urspr. nachricht',
  'originalnachricht',
  'original-nachricht',
  "message d'origine",
  'message d’origine',
  'message original',
  'mensaje original',
  'messaggio originale',
  'messaggio originario',
  'mensagem original',
  'oorspronkelijk bericht',
  'исходное сообщение',
  'пересылаемое сообщение',
  '元のメッセージ',
  'original email',
];

/** Lines below which nothing is the sender's own. */
function endsReply(line: string): boolean {
  const lower = line.toLowerCase();
  const bare = lower.replaceAll(/^[\s>_*=-]+|[\s_*=:-]+$/g, '');
  if (/^\s*[-_*=]{2,}/.test(line) && original.includes(bare)) return true;
  return above.some((words) => lower.includes(words));
}
const above = [
  'type above this line',
  'type your reply above',
  'reply above this line',
  'respond above this line',
  'write above this line',
  'above this line to reply',
  'above this line to add',
  'oberhalb dieser linie',
  'über dieser linie',
  'au-dessus de cette ligne',
  'encima de esta línea',
  'sopra questa riga',
  'acima desta linha',
  'boven deze regel',
  'выше этой строки',
  'この行より上',
];

/** The first word of an introduction, by language, and what its end holds. */
const introductions: readonly (readonly [begins: RegExp, ends: RegExp])[] = [
  [/^on\s/i, /\b(?:wrote|writes|said)\s*:$/i],
  [/^am\s/i, /\bschrieb\b.*:$/i],
  [/^le\s/i, /a écrit\s*:$/i],
  [/^el\s/i, /escribi[óo]\s*:$/i],
  [/^(?:il\s|in data\s)/i, /ha scritto\s*:$/i],
  [/^em\s/i, /escreveu\s*:$/i],
  [/^op\s/i, /\b(?:schreef|geschreven)\b.*:$/i],
  [/\d/, /(?:написал(?:а|\(а\))?|пишет)\s*:$/i],
  [/\d/, /(?:のメール|さんは書きました|wrote)\s*[:：]$/i],
  [/^\d{4}\s*[年/-]/, /[:：]$/],
  // Anything with a date and an address that ends with a colon.
  [/\d/, /<[^<>\s]+@[^<>\s]+>\s*[:：]$/],
  [/./, /\b(?:wrote|schrieb|a écrit|escribió|ha scritto|escreveu|schreef)\s*:$/i],
];

/** How many lines from here on introduce a quote; 0 where they do not. */
function introductionAt(lines: readonly string[], at: number): number {
  let joined = '';
  for (let count = 1; count <= brokenOver; count++) {
    const line = (lines[at + count - 1] ?? '').trim().slice(0, telling);
    if (!line || isQuoted(line)) return 0;
    joined = joined ? `${joined} ${line}` : line;
    if (/[:：]$/.test(joined) && isIntroduction(joined, count)) return count;
    // Only what begins as one goes on as one.
    if (count === 1 && !mayBegin(joined)) return 0;
  }
  return 0;
}

const isIntroduction = (text: string, linesOfIt: number): boolean =>
  introductions.some(([begins, ends]) => begins.test(text) && ends.test(text)) &&
  // A sentence that happens to end so has no date and no address.
  (/\d|@/.test(text) || linesOfIt === 1);

const mayBegin = (line: string): boolean =>
  /^(?:on|am|le|el|il|in data|em|op)\s/i.test(line) || /^\p{L}{0,12}[.,]?\s?\d/u.test(line);

/** The fields of a forwarded or answered message, as Outlook writes them, in its languages. */
const fields = {
  from: ['from', 'von', 'de', 'da', 'van', 'от', '差出人'],
  sent: [
    'sent',
    'date',
    'gesendet',
    'datum',
    'envoyé',
    'enviado',
    'enviada',
    'fecha',
    'inviato',
    'data',
    'verzonden',
  ].concat(['отправлено', 'дата', '送信日時', '日時']),
  more: [
    'to',
    'subject',
    'an',
    'betreff',
    'à',
    'objet',
    'para',
    'asunto',
    'assunto',
    'a',
    'oggetto',
    'aan',
    'onderwerp',
  ].concat(['кому', 'тема', '宛先', '件名', 'cc']),
};

const fieldOf = (line: string): string | undefined =>
  line && /^\s*\*?([\p{L}]{1,12})\*?\s?[:：]/u.exec(line.slice(0, 40))?.[1]?.toLowerCase();

/** From, then a date and one more field within the next five lines. */
function isHeaderBlock(named: readonly (string | undefined)[], at: number): boolean {
  const first = named[at];
  if (!first || !fields.from.includes(first)) return false;
  const next = named.slice(at + 1, at + 7);
  return (
    next.some((field) => field && fields.sent.includes(field)) &&
    next.some((field) => field && fields.more.includes(field))
  );
}

const device =
  /^(?:sent from|sent via|sent with|get outlook for|von meinem .{0,40}gesendet|gesendet (?:von|mit)|diese nachricht wurde von meinem|envoyé (?:de|depuis)|télécharger outlook|enviado (?:desde|do|de|a partir)|inviato da|ottieni outlook|verstuurd vanaf|verzonden (?:met|vanaf)|отправлено (?:с|из))\s?.{0,100}$/i;
const closing =
  /^(?:(?:best|kind|kindest|warm|warmest|many) regards|regards|yours (?:sincerely|faithfully|truly)|sincerely|mit freundlichen grü(?:ß|ss)en|(?:viele|beste|freundliche|liebe|herzliche) grü(?:ß|ss)e|mfg|cordialement|bien à vous|bien cordialement|(?:un )?saludos?(?: cordial(?:es)?)?|atentamente|cordiali saluti|distinti saluti|atenciosamente|cumprimentos|met vriendelijke groet(?:en)?|с уважением)\s?[,.!]?$/i;
/** Name, title, company, telephone: what follows a closing is short. */
const linesAfterClosing = 8;
const deviceAtEnd = /(?:から送信|から送信されました)$/;

/** Without what the sender's program or habit puts below every mail. */
function withoutSignature(lines: readonly string[]): string[] {
  const own = lines.filter((line) => !line || !isDevice(line.trim().slice(0, telling)));
  const mark = own.findLastIndex((line) => /^\s?--\s*$/.test(line) || line === '—');
  const isMarked = mark > 0 && own.length - mark - 1 <= longestSignature;
  const above = isMarked && own.slice(0, mark).some(Boolean) ? own.slice(0, mark) : own;
  const filled = above.map((line, at) => ({ line: line.trim(), at })).filter(({ line }) => line);
  const closes = filled.slice(1).findLast(({ line }) => closing.test(line.slice(0, telling)));
  if (!closes || filled.filter(({ line, at }) => at > closes.at && line).length > linesAfterClosing) return above;
  return above.slice(0, closes.at);
}

const isDevice = (line: string): boolean => device.test(line) || deviceAtEnd.test(line);

/** Whether a mail hands another one on: what stands below is what it is about. */
export const isForward = (subject: string, text: string): boolean =>
  /^\s*(?:fwd?|wg|tr|rv|enc|i|пересл)\s*:/i.test(subject) ||
  /^\s*-{2,}\s*forwarded message/im.test(text.slice(0, 4_000));
