import { parse } from 'csv-parse/sync';
import { describe, expect, it } from 'vitest';
import type { Json } from '../../infra/local/client.ts';
import { eventually } from '../support/eventually.ts';
import { access, api, unique } from '../support/stack.ts';

/** An import whose file is there. */
async function uploaded(object: string, csv: string | Uint8Array, options: object = {}): Promise<Json> {
  const made = await api.post('/v1/imports', { object, options });
  const { method, url, headers } = made.upload;
  const put = await fetch(url, { method, headers, body: csv as string });
  expect(put.status).toBe(200);
  return made;
}

const ended = (id: string, ...states: string[]): Promise<Json> =>
  eventually(async () => {
    const found = await api.get(`/v1/imports/${id}`);
    if (!states.includes(found.status)) throw new Error(`${id} is ${found.status}: ${JSON.stringify(found.counts)}`);
    return found;
  }, 30_000);

async function imported(object: string, csv: string, mapping?: object, options: object = {}): Promise<Json> {
  const { id } = await uploaded(object, csv, options);
  const preview = await api.post(`/v1/imports/${id}/preview`, mapping ? { mapping } : {});
  await api.post(`/v1/imports/${id}/run`);
  return { ...(await ended(id, 'succeeded')), preview };
}

async function results(id: string, kind: string): Promise<Record<string, string>[]> {
  const answer = await fetch(`${access.apiUrl}/v1/imports/${id}/results?kind=${kind}`, {
    headers: { authorization: `Bearer ${access.apiKey}` },
  });
  expect(answer.status).toBe(200);
  return parse(await answer.text(), { columns: true });
}

describe('an import', () => {
  it('looks at a file, runs it, tells what became of each row, and takes it back', async () => {
    const word = unique('acme');
    const csv = [
      'Company;Website;Sector;Employees;Country;Legacy ID',
      `${word} One GmbH;https://www.${word}-one.example/en;retail;12;Germany;${word}-1`,
      `${word} Two;${word}-two.example;=cmd();many;Kenya;${word}-2`,
      `${word} Three;;medical;;United States;${word}-3`,
    ].join('\r\n');
    const made = await uploaded('accounts', csv);
    expect(made).toMatchObject({ status: 'uploaded', object: 'accounts', upload: { method: 'PUT' } });

    const preview = await api.post(`/v1/imports/${made.id}/preview`);
    expect(preview).toMatchObject({
      status: 'ready',
      dialect: { delimiter: ';', header: true },
      mapping: { Company: 'name', Website: 'domain', Sector: 'industry', Employees: 'size' },
      rows: 3,
      wouldCreate: 2,
      wouldUpdate: 0,
      wouldSkip: 0,
      faults: [{ row: 2, column: 'Employees', code: 'number.invalid', value: 'many' }],
      duplicates: { inFile: 0, existing: 0 },
    });
    expect(preview.columns[0]).toMatchObject({ name: 'Company', suggested: 'name' });

    await api.post(`/v1/imports/${made.id}/run`);
    const done = await ended(made.id, 'succeeded');
    expect(done.counts).toEqual({ rows: 3, created: 2, updated: 0, skipped: 0, failed: 1 });

    const created = await results(made.id, 'created');
    expect(created.map(({ row, Company }) => [row, Company])).toEqual([
      ['1', `${word} One GmbH`],
      ['3', `${word} Three`],
    ]);
    const account = await api.get(`/v1/accounts/${created[0]?.['id']}`);
    expect(account).toMatchObject({
      name: `${word} One GmbH`,
      domain: `${word}-one.example`,
      industry: 'retail',
      size: 12,
      billingAddress: { country: 'DE' },
      externalIds: [{ source: 'import', id: `${word}-1` }],
      origin: { importId: made.id, runWorkflows: false },
    });
    const [failed] = await results(made.id, 'failed');
    expect(failed).toMatchObject({ row: '2', id: '', code: 'number.invalid', Sector: "'=cmd()", Employees: 'many' });

    await api.post(`/v1/imports/${made.id}/undo`);
    await ended(made.id, 'undone');
    expect(await api.get(`/v1/accounts/${created[0]?.['id']}`)).toHaveProperty('archivedAt');
  });

  it('skips, updates or creates what is there, and gives old values back unless they changed since', async () => {
    const word = unique('dup');
    const mapping = { name: 'name', size: 'size', id: { field: 'externalId', source: 'x' } };
    const file = (size: number) => `id,name,size\n${word}-1,${word} A,${size}\n${word}-2,${word} B,${size}\n`;
    const first = await imported('accounts', file(1), mapping);
    const ids = (await results(first.id, 'created')).map(({ id }) => id);

    const skipped = await imported('accounts', file(2), mapping, { onDuplicate: 'skip' });
    expect(skipped.preview).toMatchObject({ wouldSkip: 2, duplicates: { existing: 2 } });
    expect(skipped.counts).toMatchObject({ created: 0, skipped: 2 });

    const again = await imported('accounts', file(1), mapping, { onDuplicate: 'update' });
    expect(again.counts).toMatchObject({ updated: 0, skipped: 2 });

    const updated = await imported('accounts', file(3), mapping, { onDuplicate: 'update' });
    expect(updated.preview).toMatchObject({ wouldUpdate: 2, duplicates: { existing: 2 } });
    expect(updated.counts).toMatchObject({ updated: 2 });
    expect(await api.get(`/v1/accounts/${ids[0]}`)).toMatchObject({ size: 3 });

    const refused = await imported('accounts', file(4), mapping, { onDuplicate: 'create' });
    expect(refused.counts).toMatchObject({ created: 0, failed: 2 });
    expect((await results(refused.id, 'failed'))[0]).toMatchObject({ code: 'record.duplicate', id: ids[0] });

    await api.patch(`/v1/accounts/${ids[1]}`, { size: 99 });
    await api.post(`/v1/imports/${updated.id}/undo`);
    const undone = await ended(updated.id, 'undone');
    expect(undone.counts.kept).toBe(1);
    expect(await api.get(`/v1/accounts/${ids[0]}`)).toMatchObject({ size: 1 });
    expect(await api.get(`/v1/accounts/${ids[1]}`)).toMatchObject({ size: 99 });
    expect(await results(updated.id, 'kept')).toMatchObject([{ row: '2', id: ids[1], code: 'record.changedSince' }]);
  });

  it('looks up what rows name, makes a stand-in once, and keeps the dates of history', async () => {
    const word = unique('deal');
    const user = await api.post('/v1/users', { name: `${word} Frase`, email: `${word}@ours.example`, role: 'agent' });
    const product = await api.post('/v1/products', {
      sku: word,
      name: `${word} Pro`,
      price: { amount: 482_100, currency: 'USD' },
    });
    const csv = [
      'opportunity_id,sales_agent,product,account,deal_stage,engage_date,close_date,close_value',
      `${word}1,${word} Frase,${word}Pro,,Won,2016-10-20,2017-03-01,1054`,
      `${word}2,${word} Frase,${word} Pro,,Lost,2016-10-25,2017-03-11,0`,
      `${word}3,Nobody,${word} Pro,,Engaging,2016-10-25,,`,
      `${word}4,${word} Frase,${word} Pro,,Engaging,2016-13-25,,`,
      `${word}5,${word} Frase,${word} Pro,,Prospecting,,,`,
    ].join('\n');
    const { id, counts, preview } = await imported('opportunities', csv, {
      opportunity_id: { field: 'externalId', source: 'legacy' },
      account: { field: 'accountId', lookup: 'name', default: `(${word})` },
      sales_agent: { field: 'ownerId', lookup: 'name' },
      product: { field: 'products', lookup: 'name', aliases: { [`${word}Pro`]: `${word} Pro` } },
      deal_stage: { field: 'stage', values: { Engaging: 'discovery', Prospecting: 'new', Won: 'won', Lost: 'lost' } },
      engage_date: 'openedOn',
      close_date: 'closeOn',
      close_value: { field: 'amount', currency: 'USD', unit: 'major' },
    });
    expect(preview.faults).toEqual([
      { row: 3, column: 'sales_agent', code: 'lookup.notFound', value: 'Nobody' },
      { row: 4, column: 'engage_date', code: 'date.invalid', value: '2016-13-25' },
    ]);
    expect(preview).toMatchObject({ rows: 5, wouldCreate: 3, faultCount: 2 });
    expect(counts).toMatchObject({ rows: 5, created: 3, failed: 2 });
    const [won, lost, open] = await results(id, 'created');
    expect(await api.get(`/v1/opportunities/${won?.['id']}`)).toMatchObject({
      status: 'won',
      stage: 'won',
      openedOn: '2016-10-20',
      closeOn: '2017-03-01',
      closedOn: '2017-03-01',
      amount: { amount: 105_400, currency: 'USD' },
      ownerId: user.id,
      products: [product.id],
    });
    expect(await api.get(`/v1/opportunities/${lost?.['id']}`)).toMatchObject({
      status: 'lost',
      closedOn: '2017-03-11',
    });
    const { accountId } = await api.get(`/v1/opportunities/${open?.['id']}`);
    const { data } = await api.get(`/v1/accounts?name=${encodeURIComponent(`(${word})`)}`);
    expect(data.map((one: Json) => one.id)).toEqual([accountId]);

    await api.post(`/v1/imports/${id}/undo`);
    await ended(id, 'undone');
    expect(await api.get(`/v1/opportunities/${won?.['id']}`)).toHaveProperty('archivedAt');
    expect(await api.get(`/v1/accounts/${accountId}`)).toHaveProperty('archivedAt');
  });
});
