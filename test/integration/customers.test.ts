import { describe, expect, it } from 'vitest';
import { client, type Json, type Problem } from '../../infra/local/client.ts';
import { eventually } from '../support/eventually.ts';
import { codeOf, refusal } from '../support/refusal.ts';
import { access, api, unique } from '../support/stack.ts';

const anAccount = (more: object = {}): Promise<Json> => api.post('/v1/accounts', { name: unique('Acme '), ...more });
const ids = ({ data }: Json): string[] => data.map(({ id }: Json) => id);

describe('who leaves no address', () => {
  it('is known by their number and name together: neither alone tells who somebody is', async () => {
    const phone = `+49 30 ${String(Date.now()).slice(-7)}`;
    const lead = (details: object): Promise<Json> =>
      api.post('/v1/leads', { phone, message: 'Please call', ...details });
    const first = await lead({ firstName: 'Jo', lastName: unique('Ruiz') });
    const again = await lead({
      firstName: 'jo',
      lastName: first.lastName.toUpperCase(),
      phone: phone.replaceAll(' ', ''),
      company: 'Acme',
    });
    expect(again).toMatchObject({ id: first.id, contactId: first.contactId, company: 'Acme' });
    const other = await lead({ firstName: 'Al', lastName: first.lastName });
    expect(other.contactId).not.toBe(first.contactId);
    const elsewhere = await lead({ firstName: 'Jo', lastName: first.lastName, phone: '+49 30 1' });
    expect(elsewhere.contactId).not.toBe(first.contactId);
  });
});

describe('accounts', () => {
  it('are found by every key that a list names', async () => {
    const { id: ownerId } = await api.post('/v1/users', {
      name: 'Ada',
      email: `${unique('ada')}@ours.example`,
      role: 'agent',
    });
    const word = unique('acme');
    const account = await anAccount({
      name: `Ácme, ${word} GmbH`,
      domain: `${word}.example`,
      ownerId,
      stage: 'former',
      externalIds: [{ source: 'erp', id: `${word}:7` }],
    });
    for (const query of [
      `name=${encodeURIComponent(`acme ${word} gmbh`)}`,
      `domain=${word.toUpperCase()}.example`,
      `externalId=erp:${word}:7`,
      `ownerId=${ownerId}`,
    ])
      expect(ids(await api.get(`/v1/accounts?${query}`))).toEqual([account.id]);
    expect(ids(await api.get('/v1/accounts?stage=former&limit=200'))).toContain(account.id);
    expect(await codeOf(api.get('/v1/accounts?industry=steel'))).toBe('query.notIndexed');
    expect(await codeOf(api.get('/v1/accounts?externalId=erp'))).toBe('request.invalid');
  });

  it('refuse references that lead nowhere, all at once', async () => {
    const nobody = `usr_${'0'.repeat(26)}`;
    const { body } = await refusal(anAccount({ ownerId: nobody, teamId: `tea_${'0'.repeat(26)}` }));
    expect(body).toMatchObject({ code: 'reference.unknown', status: 422 });
    expect((body['errors'] as Json[]).map(({ pointer }) => pointer)).toEqual(['#/ownerId', '#/teamId']);
  });

  it("are nobody's who has left, or may only look", async () => {
    const someone = (role: string) =>
      api.post('/v1/users', { name: 'Al', email: `${unique('al')}@ours.example`, role });
    const [left, viewer] = [await someone('agent'), await someone('viewer')];
    await api.post(`/v1/users/${left.id}/deactivate`);
    const { id } = await anAccount();
    const lead = await api.post('/v1/leads', { email: `jo@${unique('acme')}.example` });
    const asked = (ownerId: string) => [
      () => anAccount({ ownerId }),
      () => api.patch(`/v1/accounts/${id}`, { ownerId }),
      () => api.post(`/v1/leads/${lead.id}/assign`, { ownerId }),
      () => api.post('/v1/opportunities', { accountId: id, name: 'Sale', ownerId }),
      () => api.post('/v1/cases', { accountId: id, subject: 'It hums', ownerId }),
      () => api.post('/v1/tasks', { title: 'Call', assigneeId: ownerId }),
    ];
    for (const ask of [...asked(left.id), ...asked(viewer.id)])
      expect((await refusal(ask())).body).toMatchObject({
        ...{ code: 'reference.unknown', status: 422 },
        errors: [{ pointer: expect.stringMatching(/^#.(ownerId|assigneeId)$/) }],
      });
  });

  it('say who has an external id', async () => {
    const externalIds = [{ source: 'erp', id: unique('x') }];
    const { id } = await anAccount({ externalIds });
    const { status, body } = await refusal(anAccount({ externalIds }));
    expect({ status, ...body }).toMatchObject({ status: 409, code: 'record.duplicate', existingId: id });
  });

  it('get the leads of their domain: the first one, and the next when it is archived', async () => {
    const domain = `${unique('acme')}.example`;
    const lead = () => api.post('/v1/leads', { email: `${unique('jo')}@${domain}` });
    const first = await anAccount({ domain });
    const second = await anAccount({ domain });
    expect(await lead()).toMatchObject({ accountId: first.id });
    await api.delete(`/v1/accounts/${first.id}`);
    expect(ids(await api.get(`/v1/accounts?domain=${domain}`))).toEqual([second.id]);
    expect(await lead()).toMatchObject({ accountId: second.id });
  });

  it('are archived and come back', async () => {
    const { id, name } = await anAccount();
    await api.delete(`/v1/accounts/${id}`);
    expect(ids(await api.get(`/v1/accounts?name=${encodeURIComponent(name)}`))).toEqual([]);
    expect(await codeOf(api.patch(`/v1/accounts/${id}`, { name: 'x' }))).toBe('record.wrongState');
    await api.post(`/v1/accounts/${id}/restore`);
    expect(ids(await api.get(`/v1/accounts?name=${encodeURIComponent(name)}`))).toEqual([id]);
  });

  it('stand under their new name after an edit, and not under the old one', async () => {
    const account = await anAccount();
    const name = unique('Renamed ');
    await api.patch(`/v1/accounts/${account.id}`, { name });
    expect(ids(await api.get(`/v1/accounts?name=${encodeURIComponent(name)}`))).toEqual([account.id]);
    expect(ids(await api.get(`/v1/accounts?name=${encodeURIComponent(account.name)}`))).toEqual([]);
  });
});

describe('contacts', () => {
  const aContact = async (more: object = {}) =>
    api.post('/v1/contacts', { accountId: (await anAccount()).id, firstName: 'Jo', ...more });

  it('are found by account, address and number, however the number is written', async () => {
    const email = `${unique('jo')}+x@acme.example`;
    const digits = String(Date.now()).slice(-8);
    const contact = await aContact({ emails: [email.toUpperCase(), email], phones: [`0151 ${digits}`] });
    expect(contact).toMatchObject({ emails: [email], phones: [`+49151${digits}`] });
    for (const query of [
      `accountId=${contact.accountId}`,
      `email=${encodeURIComponent(email)}`,
      `phone=${encodeURIComponent(`+49 151/${digits}`)}`,
      `phone=0151${digits}`,
    ])
      expect(ids(await api.get(`/v1/contacts?${query}`))).toEqual([contact.id]);
  });

  it('have an address to themselves, in the whole company', async () => {
    const emails = [`${unique('jo')}@acme.example`];
    const { id } = await aContact({ emails });
    const { status, body } = await refusal(aContact({ emails }));
    expect({ status, ...body }).toMatchObject({ status: 409, code: 'record.duplicate', existingId: id });
    const other = await aContact();
    expect(await codeOf(api.patch(`/v1/contacts/${other.id}`, { emails }))).toBe('record.duplicate');
    await api.delete(`/v1/contacts/${id}`);
    await api.patch(`/v1/contacts/${other.id}`, { emails });
    expect(await codeOf(api.post(`/v1/contacts/${id}/restore`))).toBe('record.duplicate');
  });

  it('are made once where many ask at the same time', async () => {
    const { id: accountId } = await anAccount();
    const emails = [`${unique('jo')}@acme.example`];
    const answers = await Promise.allSettled(
      Array.from({ length: 8 }, () => api.post('/v1/contacts', { accountId, emails })),
    );
    expect(answers.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    const codes = answers.flatMap((one) => (one.status === 'rejected' ? [(one.reason as Problem).body['code']] : []));
    expect(new Set(codes)).toEqual(new Set(['record.duplicate']));
  });

  it('are created or edited by their address', async () => {
    const { id: accountId } = await anAccount();
    const email = `${unique('jo')}@acme.example`;
    const path = `/v1/contacts/by-email/${encodeURIComponent(email)}`;
    expect(await codeOf(api.put(path, { firstName: 'Jo' }))).toBe('request.invalid');
    const made = await api.put(path, { accountId, firstName: 'Jo', phones: ['+34612345678'] });
    expect(made).toMatchObject({ version: 1, accountId, emails: [email] });
    const edited = await api.put(path, { lastName: 'Ruiz' });
    expect(edited).toMatchObject({ id: made.id, version: 2, firstName: 'Jo', lastName: 'Ruiz', phones: made.phones });
    expect(await api.put(path, { lastName: 'Ruiz' })).toMatchObject({ version: 2 });
    const more = await api.put(path, { emails: [`${unique('other')}@acme.example`] });
    expect(more.emails).toHaveLength(2);
    expect(await codeOf(api.put(path, { accountId: (await anAccount()).id }))).toBe('request.invalid');
    expect(await codeOf(api.put('/v1/contacts/by-email/nobody', { accountId }))).toBe('request.invalid');
  });

  it('answer 201 where an address was new, 200 where it was known', async () => {
    const { id: accountId } = await anAccount();
    const put = () =>
      fetch(`${access.apiUrl}/v1/contacts/by-email/${unique('status')}@acme.example`, {
        method: 'PUT',
        headers: { authorization: `Bearer ${access.apiKey}`, 'content-type': 'application/json' },
        body: JSON.stringify({ accountId }),
      });
    const answer = await put();
    expect(answer.status).toBe(201);
    expect(answer.headers.get('etag')).toBe('"1"');
  });

  it('move to another account with their addresses, in one step', async () => {
    const email = `${unique('jo')}@acme.example`;
    const externalIds = [{ source: 'erp', id: unique('c') }];
    const contact = await aContact({ emails: [email], phones: ['+34612345679'], externalIds });
    const { id: accountId } = await anAccount();
    const moved = await api.post(`/v1/contacts/${contact.id}/move`, { accountId });
    expect(moved).toMatchObject({ accountId, firstName: 'Jo', emails: [email], externalIds, movedFrom: contact.id });
    expect(ids(await api.get(`/v1/contacts?email=${email}`))).toEqual([moved.id]);
    expect(await api.get(`/v1/contacts/${contact.id}`)).toMatchObject({ movedTo: moved.id });
    expect(await codeOf(api.post(`/v1/contacts/${contact.id}/restore`))).toBe('record.wrongState');
    expect(await api.post(`/v1/contacts/${moved.id}/move`, { accountId })).toMatchObject({ id: moved.id, version: 1 });
    expect(await codeOf(api.post(`/v1/contacts/${moved.id}/move`, { accountId: `acc_${'0'.repeat(26)}` }))).toBe(
      'reference.unknown',
    );
  });

  it('are not there for who asks with the id of another kind', async () => {
    const { id } = await anAccount();
    expect(await codeOf(api.get(`/v1/contacts/${id}`))).toBe('record.notFound');
  });

  it('are only for those who may', async () => {
    const { secret } = await api.post('/v1/api-keys', { name: unique('key'), role: 'viewer' });
    const viewer = client(access.apiUrl, secret);
    expect((await viewer.get('/v1/contacts?limit=1')).data).toHaveLength(1);
    expect(await codeOf(viewer.post('/v1/contacts', { accountId: (await anAccount()).id }))).toBe('access.forbidden');
  });
});

describe('a lead', () => {
  it("that is archived is nobody's work: its task goes with it", async () => {
    const company = unique('gone');
    const { id } = await api.post('/v1/leads', { source: 'api', email: `jo@${company}.example`, company });
    const { openTaskId } = await eventually(async () => {
      const lead = await api.get(`/v1/leads/${id}`);
      expect(lead).toHaveProperty('openTaskId');
      return lead;
    });
    await api.delete(`/v1/leads/${id}`);
    expect(await api.get(`/v1/tasks/${openTaskId}`)).toMatchObject({ status: 'cancelled' });
  });
});
