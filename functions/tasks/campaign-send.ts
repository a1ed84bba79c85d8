import { log } from '../../shared/core/log.ts';
import { sendRawEmail } from '../../shared/mail/ses.ts';
import { advanceCampaign } from '../../shared/marketing/advance-campaign.ts';
import { answerOf } from '../../shared/marketing/mail-outcome.ts';
import type { Postman } from '../../shared/marketing/send-batch.ts';
import { acts } from '../../shared/platform/acts.ts';
import { secretsIn } from '../../shared/platform/links.ts';
import { given } from '../../shared/store/surroundings.ts';

let postman: Postman | undefined;

const ready = (): Postman => ({
  from: /<([^>]+)>/.exec(given('MAIL_FROM'))?.[1] ?? given('MAIL_FROM'),
  mailDomain: given('MAIL_DOMAIN'),
  configurationSet: process.env['MAIL_CONFIGURATION_SET'],
  baseUrl: given('API_URL'),
  secrets: secretsIn(given('LINK_SECRET_ARN')),
  post: async ({ raw, to }) => {
    try {
      return { took: await sendRawEmail(raw, to) };
    } catch (error) {
      const answer = answerOf(error);
      if ('holds' in answer) log.warn('SES took no mail', { fault: 'later' in answer ? answer.later : answer.lost });
      return answer;
    }
  },
});

export const handler = acts({
  advance: advanceCampaign(() => {
    postman ??= ready();
    return postman;
  }),
});
