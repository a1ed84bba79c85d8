import { expect, it } from 'vitest';
import type { Json } from '../../infra/local/client.ts';
import { eventually } from '../support/eventually.ts';
import { api, unique } from '../support/stack.ts';

/** Rows are looked up by statements, files are read by their version, results are put: each by a grant of its own. */
it('takes accounts in, compared with those that are there, and gives them out again', async () => {
  const word = unique('Chairs');
  const imported = async (): Promise<Json> => {
    const options = { runWorkflows: false, onDuplicate: 'skip' };
    const { id, upload } = await api.post('/v1/imports', { object: 'accounts', options });
    const body = `name,website,phone\n${word} Ltd,${word}.example,+49 30 1234567\n`;
    expect((await fetch(upload.url, { method: upload.method, headers: upload.headers, body })).ok).toBe(true);
    await api.post(`/v1/imports/${id}/preview`);
    await api.post(`/v1/imports/${id}/run`);
    return eventually(async () => {
      const found = await api.get(`/v1/imports/${id}`);
      if (found.status !== 'succeeded') throw new Error(`The import is ${found.status}`);
      return found;
    });
  };
  expect((await imported()).counts).toMatchObject({ created: 1, failed: 0 });
  expect((await imported()).counts).toMatchObject({ created: 0, skipped: 1, failed: 0 });
  const { id } = await api.post('/v1/exports', { object: 'accounts' });
  const { download } = await eventually(async () => {
    const found = await api.get(`/v1/exports/${id}`);
    if (found.status !== 'succeeded') throw new Error(`The export is ${found.status}`);
    return found;
  });
  expect(await (await fetch(download.url)).text()).toContain(`${word} Ltd`);
});
