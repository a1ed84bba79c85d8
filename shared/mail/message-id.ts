/** SES gives every mail a Message-ID of its own: the id that it answers, at its domain of the region. */
export const messageIdOf = (sesId: string, region: string): string =>
  `<${sesId}@${region === 'us-east-1' ? 'email' : region}.amazonses.com>`;

/** The id that SES answered when it took the mail with this Message-ID (without angle brackets); undefined where SES did not send it. */
export const sesIdIn = (messageId: string): string | undefined =>
  /^([\w-]{10,200})@(?:email|[a-z]{2}(?:-[a-z]+)+-\d)\.amazonses\.com$/i.exec(messageId)?.[1];
