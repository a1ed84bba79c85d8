import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import type { Json, Problem } from '../../infra/local/client.ts';
import { takeToken } from '../../shared/store/rate-limit.ts';
import { otherPolicies } from '../e2e/cast.ts';
import { eventually } from '../support/eventually.ts';
import { type Signer, signs } from '../support/signing.ts';
import { access, act, api, around, linksIn, mailsTo, unique } from '../support/stack.ts';

const contactForm = (more: object = {}): Promise<Json> =>
  api.post('/v1/forms', {
    name: unique('Contact '),
    fields: [
      { key: 'email', required: true },
      { key: 'name', label: 'Your name' },
      { key: 'phone' },
      { key: 'company' },
      { key: 'message', label: 'What is it about?' },
      { key: 'seats', type: 'number', label: 'Seats' },
    ],
    consents: [{ topic: 'newsletter', text: 'Send me the newsletter.' }],
    allowedOrigins: ['https://www.acme.example'],
    ...more,
  });

const intake = (formId: string) => `${access.apiUrl}/v1/intake/forms/${formId}`;
const send = (formId: string, body: object, headers: Record<string, string> = {}): Promise<Response> =>
  fetch(intake(formId), {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  });
const submit = async (formId: string, body: object): Promise<string> => {
  const answer = await send(formId, body);
  const { submissionId } = (await answer.json()) as Json;
  expect(answer.status).toBe(202);
  return submissionId;
};
/** A submission once it is what is expected. */
const became = (id: string, status: string): Promise<Json> =>
  eventually(async () => {
    const submission = await api.get(`/v1/submissions/${id}`);
    if (submission.status !== status) throw new Error(`${id} is ${submission.status}: ${submission.reason}`);
    return submission;
  });
const leadOf = async (submissionId: string): Promise<Json> =>
  api.get(`/v1/leads/${(await became(submissionId, 'processed')).leadId}`);
const consentsOf = async (contactId: string): Promise<Json[]> =>
  (await api.get(`/v1/contacts/${contactId}/consents`)).consents;
const tasksOf = async (recordId: string): Promise<Json[]> =>
  (await api.get(`/v1/tasks?recordId=${recordId}&status=open`)).data;
const somebody = () => `${unique('jo')}@acme-${unique('x')}.example`;

describe('a form', () => {
  it('is live at once, has what follows from its keys, and its texts have versions', async () => {
    const form = await contactForm();
    expect(form).toMatchObject({ status: 'live', version: 1, honeypot: 'website', doubleOptIn: false });
    expect(form.fields.map(({ type, mapsTo }: Json) => [type, mapsTo])).toEqual([
      ['email', 'email'],
      ['text', 'name'],
      ['tel', 'phone'],
      ['text', 'company'],
      ['textarea', 'message'],
      ['number', 'custom'],
    ]);
    expect(form.consents[0]).toMatchObject({ version: 1, textHash: expect.stringMatching(/^[0-9a-f]{64}$/) });
    const consents = [{ ...form.consents[0], text: 'Send me all the news.' }];
    const edited = await api.patch(`/v1/forms/${form.id}`, { consents });
    expect(edited.consents[0]).toMatchObject({ version: 2 });
    expect(edited.consents[0].textHash).not.toBe(form.consents[0].textHash);
    expect((await api.patch(`/v1/forms/${form.id}`, { name: 'Other' })).consents).toEqual(edited.consents);
  });

  it('is published and closed: only a live one takes anything', async () => {
    const form = await contactForm({ status: 'draft' });
    const status = async () => [
      (await fetch(`${access.apiUrl}/f/${form.id}`)).status,
      (await send(form.id, { email: somebody() })).status,
    ];
    expect(await status()).toEqual([404, 404]);
    await api.post(`/v1/forms/${form.id}/publish`);
    expect(await status()).toEqual([200, 202]);
    await api.post(`/v1/forms/${form.id}/close`);
    expect(await status()).toEqual([410, 410]);
    expect((await api.get('/v1/forms?status=closed&limit=200')).data.map(({ id }: Json) => id)).toContain(form.id);
  });

  it('refuses what makes no form', async () => {
    const refused = (body: object) => contactForm(body).catch(({ body: { errors } }: Problem) => errors as Json[]);
    expect(await refused({ fields: [{ key: 'a' }, { key: 'a' }] })).toMatchObject([{ pointer: '#/fields' }]);
    expect(await refused({ honeypot: 'email' })).toMatchObject([{ pointer: '#/honeypot' }]);
    expect(await refused({ fields: [{ key: 'a', type: 'select' }] })).toMatchObject([
      { pointer: '#/fields/0/options' },
    ]);
    expect(await refused({ thankYou: { redirect: 'http://insecure.example' } })).toBeTruthy();
    expect(await refused({ status: 'closed' })).toMatchObject([{ pointer: '#/status' }]);
  });
});

describe('what is sent to a form', () => {
  it('becomes a lead also where it names a campaign that is not there', async () => {
    const form = await contactForm({ fields: [{ key: 'email', required: true }, { key: 'campaignId' }] });
    const answer = await send(form.id, { email: somebody(), campaignId: `cmp_${'0'.repeat(26)}` });
    const lead = await leadOf(((await answer.json()) as Json)['submissionId']);
    expect(lead).toMatchObject({ source: 'form', status: expect.any(String) });
    expect(lead.campaignId).toBeUndefined();
  });

  it('is taken at once, then becomes a lead with what was said', async () => {
    const { id } = await contactForm();
    const email = somebody();
    const answer = await fetch(`${intake(id)}?utm_source=spring`, {
      method: 'POST',
      body: new URLSearchParams({
        email: ` ${email.toUpperCase()} `,
        name: '  Jo \u0000  Ruiz ',
        phone: '+34 612 345 678',
        company: 'Acme',
        message: 'Twenty <b>desks</b>',
        seats: '20',
        newsletter: 'on',
      }),
    });
    expect(answer.status).toBe(202);
    const { submissionId } = (await answer.json()) as Json;
    const lead = await leadOf(submissionId);
    expect(lead).toMatchObject({
      source: 'form',
      email,
      firstName: 'Jo',
      lastName: 'Ruiz',
      phone: '+34612345678',
      company: 'Acme',
      message: 'Twenty <b>desks</b>',
      custom: { seats: 20 },
      utm: { source: 'spring' },
    });
    expect(await consentsOf(lead.contactId)).toMatchObject([
      {
        topic: 'newsletter',
        channel: 'email',
        status: 'pending',
        source: 'form',
        text: 'Send me the newsletter.',
        textVersion: 1,
        email,
        proof: { submission: submissionId, form: id },
      },
    ]);
    const { data } = await api.get(`/v1/activities?recordId=${lead.id}`);
    expect(data).toMatchObject([{ direction: 'inbound', body: expect.stringContaining('Seats: 20') }]);
    const raw = await fetch(`${access.apiUrl}/v1/submissions/${submissionId}/raw`, {
      headers: { authorization: `Bearer ${access.apiKey}` },
    });
    expect(await raw.text()).toContain('Twenty');
  });

  it('is one submission when it comes twice, and fills in the open lead when it says more', async () => {
    const { id } = await contactForm();
    const email = somebody();
    const first = await submit(id, { email, name: 'Jo Ruiz' });
    expect(await submit(id, { name: ' Jo Ruiz', email })).toBe(first);
    const lead = await leadOf(first);
    const second = await submit(id, { email, name: 'Joanna Other', company: 'Acme' });
    expect(second).not.toBe(first);
    expect(await leadOf(second)).toMatchObject({ id: lead.id, firstName: 'Jo', lastName: 'Ruiz', company: 'Acme' });
  });

  it('changes nothing of a contact or account that is there', async () => {
    const { id } = await contactForm();
    const domain = `${unique('acme')}.example`;
    const account = await api.post('/v1/accounts', { name: 'Acme', domain, stage: 'customer' });
    const email = `jo@${domain}`;
    const contact = await api.post('/v1/contacts', { accountId: account.id, emails: [email], lastName: 'Ruiz' });
    await api.put(`/v1/contacts/${contact.id}/consents`, { consents: [{ topic: 'newsletter', status: 'withdrawn' }] });
    const lead = await leadOf(
      await submit(id, { email, name: 'Mallory', phone: '+34 612 345 679', company: 'Evil', newsletter: true }),
    );
    expect(lead).toMatchObject({ contactId: contact.id, accountId: account.id, company: 'Evil' });
    expect(await api.get(`/v1/contacts/${contact.id}`)).toEqual(contact);
    expect(await api.get(`/v1/accounts/${account.id}`)).toEqual(account);
    expect(await consentsOf(contact.id)).toMatchObject([{ status: 'withdrawn' }]);
  });

  it('names each field that is missing', async () => {
    const { id } = await contactForm({ consents: [{ topic: 'terms', text: 'I accept the terms.', required: true }] });
    const answer = await send(id, { email: ' ' });
    expect(answer.status).toBe(400);
    expect(await answer.json()).toMatchObject({
      code: 'request.invalid',
      errors: [
        { pointer: '#/email', code: 'required' },
        { pointer: '#/terms', code: 'required' },
      ],
    });
  });

  it('is parked with a task where it cannot be read, and read again once the form is mended', async () => {
    const { id } = await contactForm({ fields: [{ key: 'note' }, { key: 'who' }] });
    const submissionId = await submit(id, {
      note: 'Call me',
      who: 'jo@parked.example',
      newsletter: 'on',
      offers: 'on',
    });
    expect(await became(submissionId, 'parked')).toMatchObject({ reason: expect.stringContaining('identity.missing') });
    const [task] = await eventually(async () => {
      const tasks = await tasksOf(submissionId);
      if (!tasks.length) throw new Error('No task');
      return tasks;
    });
    expect(task).toMatchObject({ queue: 'forms', actions: [{ key: 'retry' }, { key: 'discard' }] });
    await api.patch(`/v1/forms/${id}`, {
      fields: [
        { key: 'note', mapsTo: 'message' },
        { key: 'who', mapsTo: 'email' },
      ],
      consents: [
        { topic: 'newsletter', text: 'Send me all there is.' },
        { topic: 'offers', text: 'Send me offers.' },
      ],
    });
    await api.post(`/v1/tasks/${task.id}/complete`, { action: 'retry' });
    const lead = await leadOf(submissionId);
    expect(lead).toMatchObject({ email: 'jo@parked.example', message: 'Call me' });
    // Agreed to is what was shown then, not what the form says by now.
    expect((await consentsOf(lead.contactId)).map(({ text, textVersion }: Json) => [text, textVersion])).toEqual([
      ['Send me the newsletter.', 1],
    ]);
    expect(await api.get(`/v1/tasks/${task.id}`)).toMatchObject({ status: 'done' });
  });

  it('is parked where a value is none, or the form was another one', async () => {
    const { id } = await contactForm();
    const reasons = await Promise.all(
      [{ email: 'not an address' }, { email: somebody(), seats: 'many' }, { email: somebody(), _version: 99 }].map(
        async (body) => (await became(await submit(id, body), 'parked')).reason,
      ),
    );
    expect(reasons.map((reason) => String(reason).split(':')[0])).toEqual([
      'email.invalid',
      'number.invalid',
      'form.versionUnknown',
    ]);
  });

  it('goes to whom the form names', async () => {
    const owner = await api.post('/v1/users', { name: 'Ada', email: `${unique('ada')}@ours.example`, role: 'agent' });
    const mine = await contactForm({ assignment: { ownerId: owner.id } });
    const queued = await contactForm({ assignment: { queue: 'events' } });
    const [one, other] = await Promise.all(
      [mine, queued].map(async ({ id }) => leadOf(await submit(id, { email: somebody() }))),
    );
    await eventually(async () =>
      expect(await api.get(`/v1/leads/${one.id}`)).toMatchObject({ status: 'assigned', ownerId: owner.id }),
    );
    await eventually(async () => expect(await tasksOf(other.id)).toMatchObject([{ queue: 'events' }]));
  });

  it('is answered to the scripts of the sites that the form names alone', async () => {
    const { id } = await contactForm();
    const asked = async (origin: string) => {
      const headers = { origin, 'access-control-request-method': 'POST' };
      const preflight = await fetch(intake(id), { method: 'OPTIONS', headers });
      const answer = await send(id, { email: somebody() }, { origin });
      return [
        preflight.status,
        preflight.headers.get('access-control-allow-origin'),
        answer.headers.get('access-control-allow-origin'),
      ];
    };
    const ours = 'https://www.acme.example';
    expect(await asked(ours)).toEqual([204, ours, ours]);
    expect(await asked('https://evil.example')).toEqual([204, null, null]);
    await api.post(`/v1/forms/${id}/close`);
    expect(await asked(ours)).toEqual([204, ours, ours]);
  });

  it('is kept and does nothing where a machine fell into the trap', async () => {
    const { id } = await contactForm();
    const submissionId = await submit(id, { email: somebody(), website: 'https://spam.example' });
    expect(await became(submissionId, 'spam')).toMatchObject({ reason: 'honeypot' });
    await api.post(`/v1/submissions/${submissionId}/retry`);
    await became(submissionId, 'processed');
  });

  it('is refused where it is too large, of another kind, or no JSON', async () => {
    const { id } = await contactForm();
    const status = async (body: string, type: string) =>
      (await fetch(intake(id), { method: 'POST', body, headers: { 'content-type': type } })).status;
    expect(await status(JSON.stringify({ email: 'x'.repeat(66_000) }), 'application/json')).toBe(413);
    expect(await status('<form/>', 'text/xml')).toBe(415);
    expect(await status('{', 'application/json')).toBe(400);
    expect((await send(`frm_${'0'.repeat(26)}`, {})).status).toBe(404);
    expect((await fetch(intake(id))).status).toBe(405);
    const body = new FormData();
    body.set('email', somebody());
    body.set('plan', new File(['x'], 'plan.pdf'));
    expect((await fetch(intake(id), { method: 'POST', body })).status).toBe(202);
  });
});

describe('the page of a form', () => {
  it.each(['', '/'])(
    'is filled in by people at /f/{id}%s: shown again with what is wrong, then thanks',
    async (end) => {
      const { id } = await contactForm({
        fields: [
          { key: 'email', required: true, help: '<Where> we answer' },
          { key: 'lastName', label: 'Name' },
        ],
        minimumFillTime: 'PT0.2S',
      });
      const url = `${access.apiUrl}/f/${id}${end}?utm_source=leaflet&lastName=%3Cscript%3E&newsletter=on`;
      const shown = await (await fetch(url)).text();
      expect(shown).toContain('<label for="f-email">');
      expect(shown).toContain('autocomplete="family-name"');
      expect(shown).toContain('value="&#60;script&#62;"');
      expect(shown).not.toContain('<script');
      expect(shown).not.toContain('checked');
      const hidden = Object.fromEntries(
        [...shown.matchAll(/name="(_\w+)" value="([^"]*)"/g)].map(([, name, value]) => [name, value]),
      ) as Record<string, string>;
      const post = (answers: Record<string, string>) =>
        fetch(url, { method: 'POST', redirect: 'manual', body: new URLSearchParams({ ...hidden, ...answers }) });
      await setTimeout(300);
      const again = await post({ email: 'jo@', lastName: 'O’"<Ruiz>' });
      const page = await again.text();
      expect(again.status).toBe(400);
      expect(page).toContain('aria-invalid="true"');
      expect(page).toContain('id="f-email-fault"');
      expect(page).toContain('value="O’&#34;&#60;Ruiz&#62;"');
      const email = somebody();
      const sent = await post({ email, lastName: 'Ruiz' });
      expect(sent.status).toBe(303);
      const thanks = await fetch(new URL(sent.headers.get('location') ?? '', url));
      expect(await thanks.text()).toContain('Thank you');
      const lead = await eventually(async () => {
        const { data } = await api.get(`/v1/contacts?email=${encodeURIComponent(email)}`);
        const leads = await api.get(`/v1/leads?accountId=${data[0].accountId}`);
        return leads.data[0];
      });
      expect(lead).toMatchObject({ lastName: 'Ruiz', utm: { source: 'leaflet' } });
    },
  );

  it('does not believe that a person was so fast, nor a token of somebody else', async () => {
    const { id } = await contactForm({ minimumFillTime: 'PT1M' });
    const shown = await (await fetch(`${access.apiUrl}/f/${id}`)).text();
    const [, token = ''] = /name="_token" value="([^"]*)"/.exec(shown) ?? [];
    const fast = await send(id, { email: somebody(), _token: token });
    expect([fast.status, Number(fast.headers.get('retry-after')) > 50]).toEqual([429, true]);
    expect((await send(id, { email: somebody(), _token: `${token}x` })).status).toBe(400);
    expect((await send((await contactForm()).id, { email: somebody(), _token: token })).status).toBe(400);
  });
});

describe('what is agreed to in a form', () => {
  it('is pending until whoever has the address confirms it, once', async () => {
    const { id } = await contactForm({ doubleOptIn: true });
    const email = somebody();
    const lead = await leadOf(await submit(id, { email, newsletter: true }));
    expect(await consentsOf(lead.contactId)).toMatchObject([{ status: 'pending' }]);
    const [mail] = await mailsTo(email, 1, 'confirm');
    const link = linksIn(mail).get('Confirm') ?? '';
    expect(await (await fetch(link)).text()).toContain('Send me the newsletter.');
    expect(await consentsOf(lead.contactId)).toMatchObject([{ status: 'pending' }]);
    expect((await act(link)).done).toContain('Confirmed');
    const granted = await consentsOf(lead.contactId);
    expect(granted).toMatchObject([{ status: 'granted', proof: { confirmedBy: 'link', form: id } }]);
    expect((await act(link)).status).toBe(200);
    expect(await consentsOf(lead.contactId)).toEqual(granted);
    await api.put(`/v1/contacts/${lead.contactId}/consents`, {
      consents: [{ topic: 'newsletter', status: 'withdrawn' }],
    });
    expect((await act(link)).status).toBe(410);
    expect(await consentsOf(lead.contactId)).toMatchObject([{ status: 'withdrawn' }]);
  });

  it('goes with a contact who moves, as does the link that confirms it', async () => {
    const { id: formId } = await contactForm({ doubleOptIn: true });
    const email = somebody();
    const { contactId } = await leadOf(await submit(formId, { email, newsletter: true }));
    await api.put(`/v1/contacts/${contactId}/consents`, { consents: [{ topic: 'offers', status: 'withdrawn' }] });
    const account = await api.post('/v1/accounts', { name: unique('Other ') });
    const moved = await api.post(`/v1/contacts/${contactId}/move`, { accountId: account.id });
    const statuses = async () => (await consentsOf(moved.id)).map(({ topic, status }: Json) => [topic, status]);
    expect(await statuses()).toEqual([
      ['newsletter', 'pending'],
      ['offers', 'withdrawn'],
    ]);
    const [mail] = await mailsTo(email, 1, 'confirm');
    await act(linksIn(mail).get('Confirm') ?? '');
    expect(await statuses()).toEqual([
      ['newsletter', 'granted'],
      ['offers', 'withdrawn'],
    ]);
  });

  it('is read and set by the API: what is named, an event for each change', async () => {
    const account = await api.post('/v1/accounts', { name: unique('Acme ') });
    const { id } = await api.post('/v1/contacts', { accountId: account.id, emails: [somebody()] });
    const put = (...consents: object[]) => api.put(`/v1/contacts/${id}/consents`, { consents });
    expect(await api.get(`/v1/contacts/${id}/consents`)).toEqual({ consents: [] });
    const at = '2026-01-02T03:04:05.000Z';
    await put({ topic: 'newsletter', channel: 'email', status: 'granted', source: 'fair', textHash: 'abc', at });
    await put({ topic: 'offers', channel: 'sms', status: 'pending' });
    const { consents } = await put({ topic: 'newsletter', channel: 'email', status: 'withdrawn' });
    expect(consents).toMatchObject([
      { topic: 'newsletter', channel: 'email', status: 'withdrawn' },
      { topic: 'offers', channel: 'sms', status: 'pending', source: 'api' },
    ]);
    expect(await put(...consents)).toEqual({ consents });
    const { data } = await api.get(`/v1/accounts/${account.id}/timeline?types=consent.granted,consent.withdrawn`);
    expect(data.map(({ type }: Json) => type)).toEqual(['consent.withdrawn', 'consent.granted']);
    await expect(put({ topic: 'no topic!', status: 'granted' })).rejects.toMatchObject({ status: 400 });
    await expect(api.get(`/v1/contacts/con_${'0'.repeat(40)}/consents`)).rejects.toMatchObject({ status: 404 });
  });
});

describe('the forms of other services', () => {
  const call = (provider: Signer, body: object, secret = access.intakeSecrets[provider][0]) => {
    const text = JSON.stringify(body);
    return fetch(`${access.apiUrl}/v1/intake/webhooks/${provider}`, {
      method: 'POST',
      body: text,
      headers: { 'content-type': 'application/json', ...signs[provider](text, secret, new Date()) },
    });
  };
  const taken = async (provider: Signer, body: object): Promise<string> => {
    const answer = await call(provider, body);
    expect(answer.status).toBe(202);
    return ((await answer.json()) as Json).submissionId;
  };

  it('come the same way: once an event, to the form that is for them', async () => {
    const formId = unique('tf');
    const form = await contactForm({ provider: { name: 'typeform', formId } });
    const email = somebody();
    const response = { form_id: formId, answers: [{ type: 'email', email, field: { id: 'x', type: 'email' } }] };
    const event = { event_id: unique('E'), form_response: response };
    const first = await taken('typeform', event);
    expect(await taken('typeform', event)).toBe(first);
    expect(await leadOf(first)).toMatchObject({ email, source: 'form' });
    expect(await became(first, 'processed')).toMatchObject({ formId: form.id, provider: 'typeform' });
    await expect(contactForm({ provider: { name: 'typeform', formId } })).rejects.toMatchObject({
      body: { code: 'record.duplicate', existingId: form.id },
    });
  });

  it('are parked where no form is for them, until there is one', async () => {
    const name = unique('Webflow ');
    const email = somebody();
    const id = await taken('webflow', { name, site: unique('s'), data: { Email: email }, _id: unique('w') });
    expect(await became(id, 'parked')).toMatchObject({ reason: expect.stringContaining('form.unknown') });
    await contactForm({ provider: { name: 'webflow', formId: name } });
    await api.post(`/v1/submissions/${id}/retry`);
    expect(await leadOf(id)).toMatchObject({ email });
  });

  it('are nobody’s without their signature', async () => {
    const status = async (answer: Promise<Response>) => (await answer).status;
    for (const provider of Object.keys(signs) as Signer[]) {
      expect(await status(call(provider, {}, 'whsec_QUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFB'))).toBe(401);
      expect(await status(call(provider, { responseId: unique('r'), event_id: unique('e'), id: unique('i') }))).toBe(
        202,
      );
    }
    expect(await status(fetch(`${access.apiUrl}/v1/intake/webhooks/nobody`, { method: 'POST', body: '{}' }))).toBe(404);
  });
});

describe('who sends too much', () => {
  it('waits for the next token', async () => {
    const { store } = around();
    const rate = { burst: 3, perHour: 3_600 };
    const key = unique('test');
    const at = (seconds: number) => takeToken(store, key, rate, new Date(1_800_000_000_000 + seconds * 1_000));
    expect([await at(0), await at(0), await at(0), await at(0)]).toEqual([0, 0, 0, 1]);
    expect([await at(1), await at(1)]).toEqual([0, 1]);
    expect([await at(60), await at(60), await at(60), await at(60)]).toEqual([0, 0, 0, 1]);
  });

  it('is told so, with the time to wait', async () => {
    const form = await contactForm();
    const restored = await otherPolicies({ 'form-intake': { perForm: { burst: 2, perHour: 60 } } });
    try {
      const answers: Response[] = [];
      for (let n = 0; n < 3; n++) answers.push(await send(form.id, { email: somebody() }));
      expect(answers.map(({ status }) => status)).toEqual([202, 202, 429]);
      expect(Number(answers[2]?.headers.get('retry-after'))).toBeGreaterThan(30);
      expect(await answers[2]?.json()).toMatchObject({ code: 'request.tooMany' });
    } finally {
      await restored();
    }
  });
});

describe('whatever people write', () => {
  const file = join(import.meta.dirname, '../../../shared/data/edge/blns.json');
  it.skipIf(!existsSync(file))('is taken and kept as it is (needs ../shared/data/edge)', async () => {
    const strings = (JSON.parse(readFileSync(file, 'utf8')) as string[]).filter((_, n) => n % 24 === 0);
    const { id } = await contactForm();
    const sent = await Promise.all(
      strings.map(
        async (message) => [message, await submit(id, { email: somebody(), name: message, message })] as const,
      ),
    );
    for (const [message, submissionId] of sent)
      expect((await leadOf(submissionId)).message).toBe(message.trim() ? message : undefined);
  });
});
