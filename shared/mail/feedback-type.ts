/**
 * Whether feedback of that type means that somebody wants no such mail (RFC 5965 section 7.3, and RFC 6650 for `not-spam`): the others say
 * that a mail is no spam, or how a domain's mails are signed. What gives no type complains.
 */
export const isComplaint = (type: string | undefined): boolean =>
  !['not-spam', 'auth-failure', 'dmarc'].includes(type?.trim().toLowerCase() || 'abuse');
