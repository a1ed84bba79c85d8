import { expect, it } from 'vitest';
import { makeHouse } from '../../infra/local/sample-company.ts';
import { tellStory } from '../../infra/local/story/story.ts';
import { access, api } from '../support/stack.ts';

/** Every function has its own role, and the cloud refuses what the role does not allow: what a grant lacks, a step of the story lacks. */
it('takes a lead through the whole lifecycle with the roles of functions enforced', async () => {
  await makeHouse(api);
  const accountId = await tellStory(access, () => {});
  const { account, figures, processes } = await api.get(`/v1/accounts/${accountId}/overview`);
  expect(account.stage).toBe('customer');
  expect(figures.openReceivables).toMatchObject({ amount: 0 });
  expect(processes.every(({ state }: { state: string }) => state !== 'failed')).toBe(true);
});
