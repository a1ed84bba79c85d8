import { describe, expect, it } from 'vitest';
import { outcomeAt, outcomeOfAll } from '../../../infra/local/mailbox/outcome.ts';

describe('the outcome at an address', () => {
  it.each([
    ['jo@acme.example', 'delivered'],
    ['success@simulator.amazonses.com', 'delivered'],
    ['bounce@simulator.amazonses.com', 'bounced'],
    ['bounce+any-label@simulator.amazonses.com', 'bounced'],
    ['Complaint+1@Simulator.AmazonSES.com', 'complained'],
    ['ooto@simulator.amazonses.com', 'outOfOffice'],
    ['suppressionlist@simulator.amazonses.com', 'suppressed'],
    ['constructor@simulator.amazonses.com', 'delivered'],
    ['bounce@ours.example', 'bounced'],
    ['success+a@ours.example', 'delivered'],
    ['bouncer@ours.example', 'inbound'],
    ['support@OURS.example', 'inbound'],
    ['r+abc@ours.example', 'inbound'],
    ['support@sub.ours.example', 'delivered'],
    ['bounce@acme.example', 'delivered'],
    ['"odd@name"@ours.example', 'inbound'],
    ['nobody', 'delivered'],
  ])('%s is %s', (address, outcome) => {
    expect(outcomeAt(address, 'Ours.example')).toBe(outcome);
  });

  it('is no inbound mail as long as no domain is ours', () => {
    expect(outcomeAt('support@ours.example', undefined)).toBe('delivered');
    expect(outcomeAt('no-domain', undefined)).toBe('delivered');
  });

  it('of a mail to several is the gravest', () => {
    expect(outcomeOfAll(['delivered', 'bounced', 'inbound'])).toBe('bounced');
    expect(outcomeOfAll(['delivered', 'inbound'])).toBe('inbound');
    expect(outcomeOfAll([])).toBe('delivered');
  });
});
