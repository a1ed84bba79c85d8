/** What becomes of a mail at one recipient. `inbound`: it is for us, and lies in the intake bucket. */
export type Outcome = 'delivered' | 'bounced' | 'suppressed' | 'complained' | 'outOfOffice' | 'inbound';

const simulated: Readonly<Record<string, Outcome>> = {
  success: 'delivered',
  bounce: 'bounced',
  complaint: 'complained',
  ooto: 'outOfOffice',
  suppressionlist: 'suppressed',
};

/**
 * The outcome at an address. The simulator's addresses (with any `+label`) behave as those of SES, at its own
 * domain and at ours; every other address of ours is inbound mail, and everybody else just gets their mail.
 * https://docs.aws.amazon.com/ses/latest/dg/send-an-email-from-console.html#send-test-email-bounce-simulator
 */
export function outcomeAt(address: string, mailDomain: string | undefined): Outcome {
  const at = address.lastIndexOf('@');
  const [name = ''] = address.slice(0, at).toLowerCase().split('+');
  const domain = domainOf(address);
  const isOurs = domain === mailDomain?.toLowerCase();
  if ((isOurs || domain === 'simulator.amazonses.com') && Object.hasOwn(simulated, name)) return simulated[name]!;
  return isOurs ? 'inbound' : 'delivered';
}

/** The lower-case domain of an address; empty where it has none. */
export const domainOf = (address: string): string =>
  address.includes('@') ? address.slice(address.lastIndexOf('@') + 1).toLowerCase() : '';

const gravest: readonly Outcome[] = ['bounced', 'suppressed', 'complained', 'outOfOffice', 'inbound', 'delivered'];

/** The one word for a mail to several: what somebody should look at first. */
export const outcomeOfAll = (outcomes: readonly Outcome[]): Outcome =>
  gravest.find((outcome) => outcomes.includes(outcome)) ?? 'delivered';
