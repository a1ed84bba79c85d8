import { parse } from 'csv-parse/sync';
import { describe, expect, it } from 'vitest';
import type { Json } from '../../infra/local/client.ts';
import { invoke } from '../../infra/local/invoke.ts';
import { opportunityKey } from '../../shared/sales/opportunity.ts';
import { eventually } from '../support/eventually.ts';
import { refusal } from '../support/refusal.ts';
import { access, api, around, processOf, unique } from '../support/stack.ts';

/** An import whose file is there. */
async function uploaded(object: string, csv: string | Uint8Array, options: object = {}): Promise<Json> {
  const made = await api.post('/v1/imports', { object, options });
  const { method, url, headers } = made.upload;
  const put = await fetch(url, { method, headers, body: csv as string });
  expect(put.status).toBe(200);
  return made;
}

/** What is asked of the processes is behind the events of everything before it. */
const patience = 100_000;

const ended = (id: string, ...states: string[]): Promise<Json> =>
  eventually(async () => {
    const found = await api.get(`/v1/imports/${id}`);
    if (!states.includes(found.status)) throw new Error(`${id} is ${found.status}: ${JSON.stringify(found.counts)}`);
    return found;
  }, patience);

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

/** What the schedule does every hour. */
const reconciled = () => invoke('functions/scheduled/reconcile.ts');

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

  it('takes a file as a German spreadsheet writes it: titles, empty lines, cells too many or too few', async () => {
    const word = unique('excel');
    const csv = [
      'Offene Chancen;;;;',
      ';;;;',
      'Verkaufschance;Firma;Betrag;Erstellt am;',
      `${word} A;${word} GmbH;1.500;03.04.2024;`,
      `${word} B;${word} GmbH;2.750,50 €;43101`,
      ';;;;',
      `${word} C;${word} GmbH;-;01/02/2024;;;;`,
      `${word} D;${word} GmbH`,
      `${word} E;${word} GmbH;3;01/13/2024;;x`,
      `${word} F;${word} GmbH;viel;01/13/2024;`,
    ].join('\r\n');
    const done = await imported('opportunities', csv);
    expect(done.preview).toMatchObject({
      mapping: { Verkaufschance: 'name', Firma: { field: 'accountId' }, Betrag: 'amount', 'Erstellt am': 'openedOn' },
      rows: 6,
      faults: [
        { row: 4, code: 'row.ragged' },
        { row: 5, code: 'row.ragged' },
        { row: 6, column: 'Betrag', code: 'number.invalid' },
      ],
    });
    expect(done.counts).toMatchObject({ rows: 6, created: 3, failed: 3 });
    const deals = await Promise.all(
      (await results(done.id, 'created')).map(({ id }) => api.get(`/v1/opportunities/${id}`)),
    );
    expect(deals).toMatchObject([
      { name: `${word} A`, amount: { amount: 150_000 }, openedOn: '2024-04-03' },
      { name: `${word} B`, amount: { amount: 275_050 }, openedOn: '2018-01-01' },
      { name: `${word} C`, openedOn: '2024-01-02' },
    ]);
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
    // What was theirs who have left is history all the same.
    await api.post(`/v1/users/${user.id}/deactivate`);
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

  it('finds the account that a row is of by what the two have in common, in the table and in the file', async () => {
    const word = unique('kids');
    const mapping = { name: 'name', street: 'billingAddress.street', zip: 'billingAddress.postalCode', phone: 'phone' };
    const csv = [
      'name,street,zip,phone',
      `Henry Booth House ${word},518 W 103RD STREET,60628,2339445`,
      `"${word} Nursery Center, Inc.",518 W. 103rd St.,,2339445`,
      `${word} of another place,9 Oak St,60628,2339445`,
    ].join('\n');
    const first = await imported('accounts', csv, mapping);
    expect(first.preview).toMatchObject({ wouldCreate: 2, wouldSkip: 1, duplicates: { inFile: 1, existing: 0 } });
    expect(first.counts).toMatchObject({ created: 2, skipped: 1 });
    const [one] = await results(first.id, 'created');
    expect((await results(first.id, 'skipped'))[0]).toMatchObject({
      row: '2',
      code: 'record.duplicate',
      id: one?.['id'],
    });

    const again = await imported('accounts', csv, mapping);
    expect(again.preview).toMatchObject({ wouldCreate: 0, duplicates: { existing: 2 } });
    expect(again.counts).toMatchObject({ created: 0, skipped: 3 });

    const made = await api.post('/v1/accounts', {
      name: `${word} GmbH`,
      phone: '233-9445',
      billingAddress: { street: '518 West 103rd' },
    });
    const { data } = await api.get(`/v1/accounts/${made.id}/duplicates`);
    expect(data).toMatchObject([{ id: one?.['id'], score: 97, keys: expect.arrayContaining(['phone', 'place']) }]);
  });

  it('tells before what it will do, and leaves nothing behind of a row that fails', async () => {
    const word = unique('told');
    const told = async (object: string, csv: string) => {
      const done = await imported(object, csv);
      const { wouldCreate: created, wouldSkip: skipped, wouldFail: failed } = done.preview;
      expect(done.counts, object).toMatchObject({ created, skipped, failed });
      return done;
    };
    const deals = await told(
      'opportunities',
      `Name,Account Name,Stage\n${word} A,${word} Good,new\n${word} B,${word} Bad,Appointment Scheduled\n`,
    );
    expect(deals.counts).toMatchObject({ created: 1, failed: 1 });
    expect(deals.preview.faults).toMatchObject([{ row: 2, column: 'Stage', code: 'opportunity.stageUnknown' }]);
    expect((await results(deals.id, 'failed'))[0]?.['fault']).toMatch(/^Stage: /);
    const named = async (name: string) =>
      (await api.get(`/v1/accounts?name=${encodeURIComponent(`${word} ${name}`)}`)).data.length;
    expect([await named('Good'), await named('Bad')]).toEqual([1, 0]);

    const lead = `lead@${word}.example`;
    const leads = await told('leads', `Email,Company\n${lead},${word}\n${lead.toUpperCase()},${word}\n`);
    expect(leads.counts).toMatchObject({ created: 1, skipped: 1 });
    const smiths = await told('contacts', `Full Name,Company\nJo Smith,${word} One\nJo Smith,${word} Two\n`);
    expect(smiths.counts).toMatchObject({ created: 2 });
    // Nothing but a name says who they are: at one account that is one person.
    const again = await told(
      'contacts',
      `Full Name,Company\nJo Smith,${word} One\nJo  SMITH,${word} Two\nAl Smith,${word} One\nAl Smith,${word} One\n`,
    );
    expect(again.counts).toMatchObject({ created: 1, skipped: 3 });
    const teams = await told('teams', `Team\n${word} North\n${word} South\n${word} North\n`);
    expect(teams.counts).toMatchObject({ created: 2, skipped: 1 });
    const boss = await told('users', `Name,Email,Manager\n${word},${word}@x.example,${word} Nobody\n`);
    expect(boss.counts).toMatchObject({ failed: 1 });
  });

  it('lets a row name one that stands before or behind it, and fails one that names nobody', async () => {
    const word = unique('crew');
    const agents = Array.from(
      { length: 12 },
      (_, n) => `${word} Agent ${n},a${n}@${word}.example,boss@${word}.example`,
    );
    const csv = [
      'Name,Email,Manager',
      `${word} Lost,lost@${word}.example,nobody@${word}.example`,
      ...agents.slice(0, 6),
      `${word} Boss,boss@${word}.example,head@${word}.example`,
      `${word} Head,head@${word}.example,`,
      ...agents.slice(6),
      `${word} Alone,alone@${word}.example,nobody@${word}.example`,
    ].join('\n');
    const { id, counts, preview } = await imported('users', csv, {
      Name: 'name',
      Email: 'email',
      Manager: { field: 'managerId', lookup: 'email' },
    });
    expect(preview).toMatchObject({ rows: 16, wouldCreate: 14, wouldFail: 2 });
    expect(counts).toMatchObject({ rows: 16, created: 14, failed: 2 });
    const [boss] = (await api.get(`/v1/users?email=boss@${word}.example`)).data;
    const [first] = (await api.get(`/v1/users?email=a0@${word}.example`)).data;
    expect(first.managerId).toBe(boss.id);
    const fault = `Manager: nobody@${word}.example`;
    expect(await results(id, 'failed')).toMatchObject([
      { row: '1', code: 'lookup.notFound', fault },
      { row: '16', code: 'lookup.notFound', fault },
    ]);
  });

  it('takes users, teams, products, contacts, leads, activities, consents, orders, invoices, payments and cases', async () => {
    const word = unique('all');
    const done = async (object: string, csv: string, mapping?: object) => {
      const { id, counts } = await imported(object, csv, mapping);
      expect(counts, `${object}: ${JSON.stringify(await results(id, 'failed'))}`).toMatchObject({
        created: 1,
        failed: 0,
      });
      const [row] = await results(id, 'created');
      return row!['id']!;
    };
    const teamId = await done('teams', `Team\n${word} North\n`);
    const userId = await done('users', `Name,Email,Team\n${word} Lee,${word}@ours.example,${word} North\n`);
    expect(await api.get(`/v1/users/${userId}`)).toMatchObject({ teamId, role: 'agent' });
    const accountId = await done('accounts', `Company,Website\n${word} Sites,No\n`);
    expect((await api.get(`/v1/accounts/${accountId}`)).domain).toBeUndefined();
    const productId = await done('products', `Product,Sales price\n${word} Plus,12.50\n`);
    expect(await api.get(`/v1/products/${productId}`)).toMatchObject({
      sku: `${word.toUpperCase()}-PLUS`,
      price: { amount: 1_250 },
    });
    const contactId = await done(
      'contacts',
      `First name,Last name,Email,Company\nJo,Ruiz,Jo@${word}.example,${word} Ltd\n`,
    );
    const contact = await api.get(`/v1/contacts/${contactId}`);
    expect(contact).toMatchObject({ firstName: 'Jo', emails: [`jo@${word}.example`] });
    const leadId = await done('leads', `Email,Company,Message\nal@${word}.example,${word} Works,Hello\n`);
    expect(await api.get(`/v1/leads/${leadId}`)).toMatchObject({ status: 'new', source: 'import' });
    const byName = { accountId: { field: 'accountId', lookup: 'name' } };
    const activityId = await done('activities', `kind,subject,when,accountId\ncall,Hi,2020-02-03 10:00,${word} Ltd\n`, {
      ...byName,
      kind: 'kind',
      subject: 'subject',
      when: 'occurredAt',
    });
    expect(await api.get(`/v1/activities/${activityId}`)).toMatchObject({
      occurredAt: '2020-02-03T09:00:00.000Z',
      status: 'done',
    });
    await done('consents', `email,topic,status,at\njo@${word}.example,newsletter,granted,2020-01-02\n`);
    const orderId = await done('orders', `number,total,account\n${word}-O1,1000,${word} Ltd\n`);
    expect(await api.get(`/v1/orders/${orderId}`)).toMatchObject({
      number: `${word}-O1`,
      status: 'closed',
      totals: { gross: { amount: 100_000 } },
    });
    const invoiceId = await done(
      'invoices',
      `number,gross,tax,issuedOn,status,account\n${word}-I1,119,19,2020-05-06,paid,${word} Ltd\n`,
    );
    expect(await api.get(`/v1/invoices/${invoiceId}`)).toMatchObject({
      number: `${word}-I1`,
      status: 'paid',
      issuedOn: '2020-05-06',
      totals: { net: { amount: 10_000 }, open: { amount: 0 } },
    });
    const paymentId = await done(
      'payments',
      `reference,amount,method,account,date\n${word}-P1,119,transfer,${word} Ltd,2020-05-20\n`,
    );
    expect(await api.get(`/v1/payments/${paymentId}`)).toMatchObject({ unapplied: { amount: 11_900 } });
    const caseId = await done(
      'cases',
      `subject,account,status,opened,resolved\nIt hums,${word} Ltd,closed,2020-06-01,2020-06-02\n`,
    );
    expect(await api.get(`/v1/cases/${caseId}`)).toMatchObject({
      status: 'closed',
      openedAt: '2020-05-31T22:00:00.000Z',
    });
  });

  it('starts no process for history, not even when processes are reconciled; and one if workflows run', async () => {
    const word = unique('quiet');
    const lead = (who: string) => `Email,Company\n${who}@${word}.example,${word}\n`;
    const quiet = await imported('leads', lead('a'), undefined, { runWorkflows: false });
    const loud = await imported('leads', lead('b'), undefined, { runWorkflows: true });
    const [[silent], [told]] = [await results(quiet.id, 'created'), await results(loud.id, 'created')];
    await processOf(told!['id']!, 'lead-qualification', 'running', 'waiting');
    await reconciled();
    const { data } = await api.get(`/v1/processes?recordId=${silent?.['id']}`);
    expect(data).toEqual([]);
    const lead1 = await api.post(`/v1/leads/${silent?.['id']}/qualify`);
    expect(lead1.origin).toBeUndefined();
    await processOf(silent!['id']!, 'lead-qualification', 'running', 'waiting');
  });
});

describe('an export', () => {
  it('comes back as it went out, byte by byte, with what a spreadsheet would run made harmless', async () => {
    const word = unique('out');
    const names = ['=cmd()', '+49 30', "'=quoted", '@x', 'a;b,"c"', 'Ünï', '\u202eevil', '-5'].map(
      (name) => `${name} ${word}`,
    );
    for (const [n, name] of names.entries())
      await api.post('/v1/accounts', {
        name,
        industry: word,
        tags: ['a;b', 'c'],
        size: n,
        phone: `+49 30 1234${n}`,
        custom: { note: '=1+1' },
        externalIds: [{ source: 'x:y', id: `${word}${n}` }],
      });
    const exported = async () => {
      const { id } = await api.post('/v1/exports', { object: 'accounts', filter: { industry: word } });
      const done = await eventually(async () => {
        const found = await api.get(`/v1/exports/${id}`);
        if (!found.download) throw new Error(found.status);
        return found;
      }, patience);
      expect(done).toMatchObject({ status: 'succeeded', counts: { rows: names.length } });
      return (await fetch(done.download.url)).text();
    };
    const csv = await exported();
    const rows: Record<string, string>[] = parse(csv, { columns: true });
    expect(rows.map(({ name }) => name).sort()).toEqual(
      names.map((name) => (/^'?[=+@-]/.test(name) ? `'${name}` : name.replace('\u202e', ''))).sort(),
    );
    const back = await imported('accounts', csv, undefined, { onDuplicate: 'update' });
    expect(back.counts, JSON.stringify(back.preview.faults)).toMatchObject({
      rows: names.length,
      updated: 0,
      skipped: names.length,
      failed: 0,
    });
    const { data } = await api
      .get(`/v1/accounts?externalId=${encodeURIComponent(`x:y:${word}0`)}`)
      .catch(() => ({ data: [] }));
    expect(data.every((one: Json) => one.name === names[0])).toBe(true);
    expect(await exported()).toBe(csv);
  });

  it('refuses what there is not, and asks only for some', async () => {
    const { body: refused } = await refusal(
      api.post('/v1/exports', { object: 'accounts', columns: ['name', 'nothing'] }),
    );
    expect(refused).toMatchObject({ code: 'request.invalid', errors: [{ pointer: '#/columns/1' }] });
  });
});

// Last: whatever comes after it waits behind the events of its rows.
describe('an import of many rows', () => {
  it('is killed twice on its way, and loses and doubles nothing', async () => {
    const word = unique('kill');
    const count = 800;
    const rows = Array.from({ length: count }, (_, n) => `${word} deal ${n},${word} account ${n % 7},${n}`);
    const made = await uploaded('opportunities', ['name,account,id', ...rows].join('\n'));
    await api.post(`/v1/imports/${made.id}/preview`, {
      mapping: {
        name: 'name',
        account: { field: 'accountId', lookup: 'name', create: true },
        id: { field: 'externalId', source: word },
      },
    });
    await api.post(`/v1/imports/${made.id}/run`);
    const prc = await processOf(made.id, 'import-run', 'running');
    for (const beyond of [0, 500]) {
      await eventually(async () => {
        const { counts, status } = await api.get(`/v1/imports/${made.id}`);
        if (counts.rows < beyond && status === 'running') throw new Error(`${counts.rows} rows`);
      });
      await api.post(`/v1/processes/${prc.id}/stop`).catch(() => undefined);
      await eventually(() => api.post(`/v1/processes/${prc.id}/redrive`)).catch(() => undefined);
    }
    const { counts } = await ended(made.id, 'succeeded');
    expect(counts).toEqual({ rows: count, created: count, updated: 0, skipped: 0, failed: 0 });
    const created = await results(made.id, 'created');
    expect(created.map(({ row }) => Number(row))).toEqual(Array.from({ length: count }, (_, n) => n + 1));
    expect(new Set(created.map(({ id }) => id)).size).toBe(count);
    const { store } = around();
    const keys = Array.from({ length: count }, (_, n) => opportunityKey(word, String(n)));
    const holders = await store.holdersOf(keys);
    expect(keys.map((key) => holders.get(key))).toEqual(created.map(({ id }) => id));
    const { data } = await api.get(`/v1/accounts?name=${encodeURIComponent(`${word} account 3`)}`);
    expect(data).toHaveLength(1);
  });
});
