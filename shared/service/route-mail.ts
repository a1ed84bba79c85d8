import type { Automatic } from '../mail/automatic.ts';

/** What is known of a mail that came in, before it is anything. */
export interface Arrival {
  /** Which of our addresses it came to; undefined for any other. */
  desk: 'support' | 'sales' | 'unsubscribe' | undefined;
  from: string | undefined;
  /** DMARC: passed for the author's domain, failed, or the domain does not say. */
  author: 'proven' | 'refuted' | 'unknown';
  /** The author is one of us. */
  isColleague: boolean;
  automatic: Automatic;
  isReport: boolean;
  spam: boolean;
  virus: boolean;
  /** Why it cannot be read. */
  unreadable: string | undefined;
  /** The same Message-ID came before with something else. */
  isReplay: boolean;
  tooMany: boolean;
  /** How satisfied its author is, from 1 to 5, if it says that and nothing else. */
  score: number | undefined;
}

/** A record that a mail may answer. */
export interface MailThread {
  recordId: string;
  /** The Message-ID of a mail of ours and an address that we signed prove that somebody got a mail about it; a number proves nothing. */
  by: 'messageId' | 'address' | 'number';
  /** Addresses of whom it is about. */
  participants: readonly string[];
  /** Of a case: whether it goes on, may be reopened, or is over. Everything else goes on. */
  state: 'active' | 'reopenable' | 'over';
  /** Its customer was asked how it went. */
  surveyed?: boolean;
}

/** What a mail becomes, and why. */
export type MailRoute = { reasons: string[] } & (
  | { to: 'bounce' }
  /** `rates`: how satisfied they are. */
  | { to: 'record'; recordId: string; wakes: boolean; reopens: boolean; rates?: number }
  /** `follows`: a case that is over. */
  | { to: 'case'; follows?: string }
  | { to: 'lead' }
  /** It asks for no more mails of a topic, by the token of one of ours. */
  | { to: 'leave' }
  /** `asks`: a person has to look at it. */
  | { to: 'parked'; asks: boolean; about?: string }
);

/**
 * Decides what a mail becomes. Mail is forgeable, so: a number in the subject leads to a case only for a participant whom DMARC proves, and
 * is a new case else; a proven thread is refused to an author whom DMARC refutes; a case is reopened for a proven participant alone, and
 * not by a figure that answers how it went; what a machine wrote opens nothing and wakes nobody.
 */
export function routeMail(mail: Arrival, threads: readonly MailThread[]): MailRoute {
  const aside = quarantined(mail);
  if (aside) return aside;
  if (mail.desk === 'unsubscribe') return { to: 'leave', reasons: ['It came to unsubscribe'] };
  const proven = threads.find(({ by }) => by !== 'number');
  const numbered = threads.filter(({ by }) => by === 'number');
  if (proven && mail.author === 'refuted')
    return parked(`It answers ${proven.recordId}, but its author is not who it says (DMARC)`, proven.recordId);
  const thread = proven ?? numbered.find(({ participants }) => isParticipant(mail, participants));
  if (thread) return answerTo(mail, thread);
  if (!mail.from) return parked('It names no one author');
  if (mail.automatic.reasons.length) return { to: 'parked', asks: false, reasons: mail.automatic.reasons };
  if (numbered.length)
    return {
      to: 'case',
      reasons: [`It names ${numbered[0]?.recordId}, but its author is no proven participant of that`],
    };
  if (mail.desk === 'support') return { to: 'case', reasons: ['It came to support'] };
  if (mail.desk === 'sales') return { to: 'lead', reasons: ['It came to sales'] };
  return parked('It answers nothing that we know, and came to no desk');
}

const parked = (reason: string, about?: string): MailRoute => ({
  to: 'parked',
  asks: true,
  reasons: [reason],
  ...(about && { about }),
});

/** What is not looked into any further. */
function quarantined(mail: Arrival): MailRoute | undefined {
  const quietly = (reason: string): MailRoute => ({ to: 'parked', asks: false, reasons: [reason] });
  if (mail.virus) return quietly('It has a virus');
  if (mail.unreadable) return parked(`It cannot be read: ${mail.unreadable}`);
  if (mail.isReplay) return parked('Its Message-ID has come before, with another text');
  if (mail.isReport) return { to: 'bounce', reasons: ['It tells what became of a mail'] };
  if (mail.spam) return quietly('It is spam');
  return mail.tooMany ? quietly('Its author has written too often within an hour') : undefined;
}

const isParticipant = ({ from, author }: Arrival, participants: readonly string[]): boolean =>
  author === 'proven' && from !== undefined && participants.includes(from);

function answerTo(mail: Arrival, { recordId, by, participants, state, surveyed }: MailThread): MailRoute {
  const reasons = [
    `It answers ${recordId}, by its ${{ messageId: 'references', address: 'address', number: 'subject' }[by]}`,
  ];
  const { automatic, from, isColleague } = mail;
  if (automatic.reasons.length)
    return { to: 'record', recordId, wakes: false, reopens: false, reasons: [...reasons, ...automatic.reasons] };
  if (isColleague)
    return { to: 'record', recordId, wakes: false, reopens: false, reasons: [...reasons, 'A colleague wrote it'] };
  if (mail.score && surveyed && state !== 'active') {
    const says = `It says how satisfied they are: ${mail.score} of 5`;
    return { to: 'record', recordId, wakes: false, reopens: false, rates: mail.score, reasons: [...reasons, says] };
  }
  const known = isParticipant(mail, participants);
  if (participants.length && !(from && participants.includes(from))) reasons.push('Its author is no participant');
  if (state === 'active') return { to: 'record', recordId, wakes: true, reopens: false, reasons };
  if (state === 'reopenable' && known) return { to: 'record', recordId, wakes: true, reopens: true, reasons };
  if (!from) return { to: 'parked', asks: true, reasons: [...reasons, 'It names no one author'], about: recordId };
  if (known) return { to: 'case', follows: recordId, reasons: [...reasons, 'That is closed too long'] };
  return { to: 'case', reasons: [...reasons, 'That is closed, and its author is no proven participant'] };
}
