import type { Json } from '../client.ts';
import type { Access } from '../stack.ts';
import type { Customer } from './sale.ts';
import { type Telling, until } from './telling.ts';

/** From a mail to support to a resolved case, all of it by mail for the customer. */
export async function askForHelp(telling: Telling, { accountId }: Customer, { mailDomain }: Access): Promise<void> {
  const { api, step, person, jo, users } = telling;
  const opened = await step(`Jo writes to support@${mailDomain}: a case is opened`, async () => {
    await person.writes(jo, `support@${mailDomain}`, 'It hums', 'One desk hums when it rises.\n\n-- \nJo Ruiz, Acme');
    return (await until(api, `/v1/cases?accountId=${accountId}`, ({ data: [one] }) => Boolean(one))).data[0];
  });
  const owner = await step('`case-resolution` finds it an owner', async () => {
    const { ownerId } = await until(api, `/v1/cases/${opened.id}`, ({ ownerId }) => Boolean(ownerId));
    return users.find(({ id }) => id === ownerId);
  });
  const asOwner = api.as(owner.id);
  const answered = await step(`${owner.name} answers; Jo gets a mail`, async () => {
    await asOwner.post(`/v1/cases/${opened.id}/reply`, { body: 'Which one? We send somebody tomorrow.', public: true });
    return person.reads(jo, opened.number);
  });
  await step('Jo answers the mail: it stands in the thread of the case', async () => {
    await person.writes(
      jo,
      answered,
      `Re: ${answered.subject}`,
      'The one at the window.\n\nOn Monday we wrote:\n> Which one?',
    );
    const words = ({ body, direction }: Json) => direction === 'inbound' && body === 'The one at the window.';
    return until(api, `/v1/activities?recordId=${opened.id}`, ({ data }) => data.some(words));
  });
  await step(`The case ${opened.number} is resolved`, () =>
    asOwner.post(`/v1/cases/${opened.id}/resolve`, { summary: 'Motor replaced.' }),
  );
}
