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
  const written: string[] = [];
  for (const stretch of withoutQuotes(lines)) written.push(...withoutSignature(stretch, written.some(Boolean)));
  const reply = written
    .join('\n')
    .replaceAll(/\n{3,}/g, '\n\n')
    .trim();
  return reply || text.trim();
}

/** The lines down to where only history follows, in stretches with quoted ones between them, without what introduces those. */
function withoutQuotes(lines: readonly string[]): string[][] {
  const stretches: string[][] = [[]];
  const named = lines.map(fieldOf);
  let at = 0;
  for (; at < lines.length; ) {
    const line = (lines[at] ?? '').slice(0, telling);
    if (endsReply(line) || isHeaderBlock(lines, named, at)) break;
    const introduced = line ? introductionAt(lines, at) : undefined;
    const next = introduced && nextFilled(lines, at + introduced.lines);
    const quotes = next !== undefined && isQuoted(lines[next] ?? '');
    // Nothing is marked as quoted: everything below is.
    if (introduced?.isCertain && !quotes) break;
    if (isQuoted(line)) {
      if (stretches.at(-1)?.length) stretches.push([]);
    } else if (!quotes) stretches.at(-1)?.push(lines[at] ?? '');
    at = quotes ? next : at + 1;
  }
  // A line drawn above the history, or a title of it.
  const drawn = at < lines.length ? /^(?:[\s_*=-]*|\s*[_*=-]{3,}[^_*=-]{1,60}[_*=-]{3,})$/ : /^[\s_*=-]*$/;
  const last = stretches.at(-1) ?? [];
  while (drawn.test((last.at(-1) ?? '.').slice(0, telling))) last.pop();
  return stretches;
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
  'mail original',
  '原始邮件',
  '原始郵件',
  '원본 메일',
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

/** By what mail programs say that somebody wrote, in their languages. */
const wrote =
  /(?<!\p{L})(?:wrote|writes|said|schrieb|a écrit|escribi[óo]|ha scritto|escreveu|schreef|geschreven|skrev|kirjoitti|pisze|napisał|napsal|a scris|ezt írta|yazdı|menulis|đã viết|написал|пишет?|έγραψε)(?!\p{L})|のメール|さんは書きました|写道|寫道|작성|เขียนว่า|כתב|كتابة/iu;
/** How an introduction begins: with a day, or the word before one. */
const begins =
  /^(?:(?:on|am|le|el|il|in data|em|op|den|dne|w dniu|în|vào|pada|στις|ในวันที่|בתאריך|في)\s|在|\p{L}{0,12}[.,]{0,2}\s?\p{Nd})/iu;
/** One that the lines above it cannot be part of. */
const beginsAnew =
  /^(?:On|Am|Le|El|Il|In data|Em|Op|Den|Dne|W dniu|În|Vào|Pada|Στις|ในวันที่|בתאריך|في|在)\s?.{0,60}\p{Nd}/u;
const clock = /\p{Nd}{1,2}[:.h]\p{Nd}{2}/u;
const date = /(?<!\p{Nd})\p{Nd}{4}(?!\p{Nd})|\p{Nd}{1,2}[./-]\p{Nd}{1,2}[./-]\p{Nd}{2}/u;
const address = /[^\s<>()"]@[^\s<>()"]+\.\p{L}/u;

/** Lines that introduce a quote; `isCertain`: no sentence of a person looks like that, so it needs no quote below to be one. */
interface Introduction {
  lines: number;
  isCertain: boolean;
}

/** What introduces a quote from here on. */
function introductionAt(lines: readonly string[], at: number, most = brokenOver): Introduction | undefined {
  let joined = '';
  for (let count = 1; count <= most; count++) {
    const line = spoken(lines[at + count - 1] ?? '');
    if (!line || isQuoted(line)) return undefined;
    joined = joined ? `${joined} ${line}` : line;
    const isCertain = certaintyOf(joined);
    // It is the last lines that introduce: what only happens to stand above is the sender's own.
    if (isCertain !== undefined) {
      const later = Array.from({ length: count - 1 }, (_, n) => n + 1);
      const isOwn = later.some(
        (n) => beginsAnew.test(spoken(lines[at + n] ?? '')) && introductionAt(lines, at + n, count - n),
      );
      return isOwn ? undefined : { lines: count, isCertain };
    }
    // Only what begins as one goes on as one.
    if (count === 1 && !begins.test(joined) && !/^[^<]{0,100}<[^<>\s]+@/.test(joined)) return undefined;
  }
  return undefined;
}

/** A line without what steers the direction of writing, and what is drawn around it. */
const spoken = (line: string): string =>
  line
    .slice(0, telling)
    .replaceAll(/[\u200e\u200f\u202a-\u202e\u2066-\u2069]/g, '')
    .replace(/^\s*-{2,}\s*(?=.*\s-{2,}\s*$)/, '')
    .replace(/(?<=\p{L})\s-{2,}\s*$/u, ':')
    .trim();

/** Whether a text introduces a quote for certain, or only may; undefined where it does not. */
function certaintyOf(text: string): boolean | undefined {
  if (!/[:：]$/.test(text)) return undefined;
  const [says, names, tells] = [wrote.test(text), address.test(text), clock.test(text)];
  const isDated = date.test(text);
  if (names && ((tells && isDated) || (says && /\p{Nd}/u.test(text)))) return true;
  if (says && tells && begins.test(text)) return true;
  return says || (names && isDated) || (tells && isDated) ? false : undefined;
}

/** The fields of a forwarded or answered message, as mail programs write them, in their languages. */
const words = (text: string): ReadonlySet<string> => new Set(text.split('|'));
const fields = {
  from: words(
    'from|von|absender|de|expéditeur|remitente|da|mittente|van|afzender|från|fra|lähettäjä|od|kimden|feladó|de la|από|от|від|发件人|寄件者|寄件人|差出人|送信者|보낸 사람|보낸사람|dari|từ|จาก|מאת|من',
  ),
  sent: words(
    'sent|date|gesendet|datum|envoyé|envoyé le|enviado|enviado el|enviado em|enviada|enviada em|enviada el|fecha|inviato|data|verzonden|skickat|sendt|dato|lähetetty|päiväys|päivämäärä|wysłano|odesláno|odoslané|poslano|gönderildi|gönderme tarihi|tarih|elküldve|dátum|trimis|στάλθηκε|ημερομηνία|отправлено|дата|надіслано|发送时间|日期|寄件日期|送信日時|日時|日付|보낸 날짜|보낸날짜|날짜|dikirim|tanggal|đã gửi|ngày|ส่ง|ส่งเมื่อ|วันที่|נשלח|תאריך|تاريخ الإرسال|التاريخ',
  ),
  to: words(
    'to|cc|an|kopie|à|para|a|aan|till|til|vastaanottaja|do|komu|kime|címzett|către|προς|кому|收件人|收件者|宛先|받는 사람|받는사람|kepada|đến|ถึง|אל|إلى',
  ),
  subject: words(
    'subject|betreff|objet|asunto|assunto|oggetto|onderwerp|ämne|emne|aihe|temat|předmět|predmet|konu|tárgy|subiect|θέμα|тема|主题|主題|主旨|件名|제목|subjek|chủ đề|เรื่อง|נושא|الموضوع',
  ),
};

const fieldOf = (line: string): string | undefined =>
  line && /^\s*\*?([\p{L}\p{M}]{1,15}(?: [\p{L}\p{M}]{1,15})?)\*?\s?[:：]/u.exec(line.slice(0, 50))?.[1]?.toLowerCase();

/** Who wrote and when, within some lines of each other, and of what, or to whom with an address: a date and two places are a journey. */
function isHeaderBlock(lines: readonly string[], named: readonly (string | undefined)[], at: number): boolean {
  const first = named[at];
  if (!first || !(fields.from.has(first) || fields.sent.has(first))) return false;
  const block = named.slice(at, at + 7);
  const place = (of: ReadonlySet<string>) => block.findIndex((field) => field && of.has(field));
  const from = place(fields.from);
  if (from < 0 || place(fields.sent) < 0) return false;
  return (
    place(fields.subject) > 0 || (place(fields.to) > 0 && address.test((lines[at + from] ?? '').slice(0, telling)))
  );
}

/** `Sent from my iPhone`, in the languages of those that write so: the line begins or ends with it. */
const sentBy =
  'sent|get|gesendet|hol dir|envoyé|télécharger|obtenir|enviado|obtener|obter|inviato|ottieni|scarica|verstuurd|verzonden|отправлено|надіслано|skickat|sendt|lähetetty|wysłan[eo]|odesláno|gönderildi|trimis|στάλθηκε|发自|發自|보냄|送信(?:されました)?';
const sent = new RegExp(`^\\P{L}*(?:${sentBy})(?![a-zа-яёα-ω])|(?<![a-zа-яёα-ω])(?:${sentBy})\\P{L}*$`, 'iu');
const device =
  /(?<!\p{L})(?:i(?:phone|pad|pod)|android|samsung|galaxy|huawei|xiaomi|redmi|oneplus|pixel|nokia|blackberry|smartphone|handy|mobiltelefon|(?:mobile|my|cell) ?phone|(?:my|meinem|mon|mi|mio|meu|mijn|min) (?:mobile?|móvil|portable|téléphone|telefoon|telefon|handy|tablet|cellulare|celular|telemóvel)|windows|outlook|(?:yahoo|gmx|proton|fair|aqua|hot|g|k-9) ?mail|mail[- ]app|mail\.ru|web\.de|t-online|airmail|superhuman|thunderbird)/iu;
const closing =
  /^(?:(?:best|kind|kindest|warm|warmest|many) regards|regards|yours (?:sincerely|faithfully|truly)|sincerely|mit freundlichen grü(?:ß|ss)en|(?:viele|beste|freundliche|liebe|herzliche) grü(?:ß|ss)e|mfg|cordialement|bien à vous|bien cordialement|(?:un )?saludos?(?: cordial(?:es)?)?|atentamente|cordiali saluti|distinti saluti|atenciosamente|cumprimentos|met vriendelijke groet(?:en)?|с уважением|з повагою|grü(?:ß|ss)e|gru(?:ß|ss)|lg|vg|(?:med )?(?:vänlig(?:a)?|bästa) hälsning(?:ar)?|mvh|(?:med )?ven(?:n)?lig hilsen|(?:ystävällisin )?terveisin|z poważaniem|pozdrawiam|s pozdravem|saygılarımla|üdvözlettel|cu stimă|με εκτίμηση)\s?[,.!]?$/i;
/** Name, title, company, telephone: what follows a closing is short. */
const linesAfterClosing = 8;

/** Without what the sender's program or habit puts below what they wrote. `isMore`: more of that stands above. */
function withoutSignature(lines: readonly string[], isMore: boolean): readonly string[] {
  const own = withoutDevice(lines);
  const mark = own.findLastIndex((line) => /^\s?--\s*$/.test(line) || line === '—');
  const isMarked = mark >= 0 && own.length - mark - 1 <= longestSignature;
  const above = isMarked && (isMore || own.slice(0, mark).some(Boolean)) ? withoutDevice(own.slice(0, mark)) : own;
  const filled = above.map((line, at) => ({ line: line.trim(), at })).filter(({ line }) => line);
  const closes = filled.slice(isMore ? 0 : 1).findLast(({ line }) => closing.test(line.slice(0, telling)));
  if (!closes) return above;
  // What was thought of later is no signature.
  const after = filled.find(({ line, at }) => at > closes.at && (postscript.test(line) || isSentence(line)));
  const signature = filled.filter(({ at }) => at > closes.at && at < (after?.at ?? above.length));
  if (signature.length > linesAfterClosing) return above;
  return withoutDevice([...above.slice(0, closes.at), ...(after ? above.slice(after.at) : [])]);
}

const postscript = /^p\.?\s?s\.?(?!\p{L})/iu;
const isSentence = (line: string): boolean =>
  /[.!?…]["”»)]?$/.test(line.slice(-telling)) && line.slice(0, telling).split(/\s+/).length >= 6;

/** Without what the program put at the end, unless that is all. */
function withoutDevice(lines: readonly string[]): readonly string[] {
  const last = lines.findLastIndex((line) => line && !isDevice(line.trim()));
  return last >= 0 && lines.slice(last + 1).some(Boolean) ? lines.slice(0, last + 1) : lines;
}

const isDevice = (line: string): boolean =>
  line.length <= 100 && !line.endsWith('?') && sent.test(line) && device.test(line);

/** Whether a mail hands another one on: what stands below is what it is about. */
export const isForward = (subject: string, text: string): boolean =>
  /^\s*(?:fwd?|wg|tr|rv|enc|i|vb|vl|pd|ilt|doorst|пересл|转发|轉寄|転送|전달)\s*[:：]/iu.test(subject) ||
  /^\s*(?:-{2,}\s*forwarded message|begin forwarded message|anfang der weitergeleiteten|début du message (?:réexpédié|transféré)|inizio messaggio inoltrato)/imu.test(
    text.slice(0, 4_000),
  );
