import type { Fact } from '../events/event.ts';
import type { ReceivedMail } from '../mail/received-mail.ts';
import type { Action } from '../store/store.ts';
import type { OwnMail } from './find-threads.ts';
import type { InboundMail } from './inbound-mail.ts';
import type { MailIntakeRules } from './mail-policies.ts';

/** A mail as it lies in the intake bucket. */
export interface ArrivedMail {
  mail: ReceivedMail;
  key: string;
  sizeBytes: number;
  /** SHA-256 of what stands below its headers. */
  contentHash: string;
  own: OwnMail;
}

/** What everything that a mail may become is made of. */
export interface Arrived extends ArrivedMail {
  /** Its record, and what is known for it by now. */
  id: string;
  rules: MailIntakeRules;
  automatic: boolean;
  authenticated: boolean;
  /** It may be answered by a machine. */
  mayAnswer: boolean;
  contactId: string | undefined;
}

/** What a mail becomes: what its record says of that, and the facts that are committed with it. */
export interface Became {
  as: Pick<
    InboundMail,
    'status' | 'accountId' | 'threadId' | 'recordId' | 'activityId' | 'openTaskId' | 'contactId'
  > & {
    reasons?: string[];
  };
  facts: Fact[];
  also?: Action[];
}
