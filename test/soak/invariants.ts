import { GetQueueAttributesCommand, ListQueuesCommand, SQSClient } from '@aws-sdk/client-sqs';
import type { Json } from '../../infra/local/client.ts';
import type { Access } from '../../infra/local/stack.ts';
import { eventually } from '../support/eventually.ts';
import type { Ended } from './lifecycle.ts';
import type { UnsureClient } from './unsure-client.ts';

/** What must hold whatever clients did (design: what it is measured by). Answers what does not. */
export async function broken(api: UnsureClient, access: Access, ends: readonly Ended[]): Promise<string[]> {
  const faults: string[] = [];
  const numbers: number[] = [];
  for (const one of ends) {
    faults.push(...(await stuck(api, one)), ...(await gapsIn(api, one)), ...(await doubled(api, one)));
    const invoice = await api.get(`/v1/invoices/${one.invoiceId}`);
    numbers.push(Number(String(invoice.number).slice(5)));
    faults.push(...(await unbalanced(api, invoice)));
  }
  const sorted = numbers.sort((a, b) => a - b);
  if (sorted.some((number, n) => number !== n + 1)) faults.push(`Invoice numbers: ${sorted.join(',')}`);
  return [...faults, ...(await mailsTwice(access)), ...(await parked())];
}

/** Lines, taxes, payments and credits come to the same, and the figures of the customer too: each event was applied once. */
async function unbalanced(
  api: UnsureClient,
  { id, number, status, totals, taxes, lines, accountId }: Json,
): Promise<string[]> {
  const { net, tax, gross, paid, credited, open } = totals;
  const sum = (all: Json[], of: (one: Json) => number) => all.reduce((total, one) => total + of(one), 0);
  const { data: credits } = await api.get(`/v1/credit-notes?invoiceId=${id}`);
  const { data: payments } = await api.get(`/v1/payments?invoiceId=${id}`);
  const allocated = sum(payments, ({ allocations }) =>
    sum(allocations, (one) => (one.invoiceId === id ? one.amount.amount : 0)),
  );
  const holds =
    net.amount + tax.amount === gross.amount &&
    sum(lines, (line) => line.net.amount) === net.amount &&
    sum(taxes, (one) => one.tax.amount) === tax.amount &&
    sum(credits, (credit) => credit.totals.gross.amount) === credited.amount &&
    allocated === paid.amount &&
    paid.amount + credited.amount + open.amount === gross.amount &&
    open.amount === 0 &&
    status === 'paid';
  const revenue = net.amount - sum(credits, (credit) => credit.totals.net.amount);
  const counted = await eventually(async () => {
    const { figures } = await api.get(`/v1/accounts/${accountId}/overview`);
    if (figures.revenue.amount !== revenue || figures.openReceivables.amount !== 0)
      throw new Error(JSON.stringify(figures));
    return '';
  }).catch(({ message }: Error) => `The figures of ${accountId} say ${message}, its invoices ${revenue}`);
  return [
    ...(holds ? [] : [`${number} does not balance: ${status} ${JSON.stringify(totals)}`]),
    ...(counted ? [counted] : []),
  ];
}

/** Every process has ended well, or waits with a deadline. */
async function stuck(api: UnsureClient, { records }: Ended): Promise<string[]> {
  const faults: string[] = [];
  for (const recordId of records) {
    const processes: Json[] = await eventually(async () => {
      const { data } = await api.get(`/v1/processes?recordId=${recordId}`);
      if (data.some(({ state }: Json) => state === 'running')) throw new Error(JSON.stringify(data));
      return data;
    }, 60_000).catch(({ message }: Error) => [{ workflow: 'A process', state: `stuck: ${message}` }]);
    for (const { state, workflow, dueAt } of processes)
      if (state !== 'succeeded' && !(state === 'waiting' && dueAt && workflow === 'case-resolution'))
        faults.push(`${workflow} of ${recordId}: ${state}`);
  }
  return faults;
}

/** Every version of every record has exactly one event. */
async function gapsIn(api: UnsureClient, { accountId }: Ended): Promise<string[]> {
  const versions = new Map<string, number[]>();
  for (let cursor = ''; ; ) {
    const page = await api.get(`/v1/accounts/${accountId}/timeline?limit=200${cursor && `&cursor=${cursor}`}`);
    for (const { recordId, recordVersion } of page.data)
      versions.set(recordId, [...(versions.get(recordId) ?? []), recordVersion]);
    if (!page.nextCursor) break;
    cursor = page.nextCursor;
  }
  return [...versions].flatMap(([recordId, all]) => {
    const sorted = all.sort((a, b) => a - b);
    return sorted.some((version, n) => version !== n + 1) ? [`${recordId} has events ${sorted.join(',')}`] : [];
  });
}

/** An address, a payment's reference, an order of a quote: once each, however often it was asked for. */
async function doubled(api: UnsureClient, { accountId, email, references }: Ended): Promise<string[]> {
  const once: [what: string, list: string][] = [
    [email, `/v1/contacts?email=${email}`],
    [`An order of ${accountId}`, `/v1/orders?accountId=${accountId}`],
    [`A lead of ${accountId}`, `/v1/leads?accountId=${accountId}`],
    ...references.map((reference): [string, string] => [reference, `/v1/payments?reference=${reference}`]),
  ];
  const counts = await Promise.all(
    once.map(async ([what, list]) => [what, (await api.get(list)).data.length] as const),
  );
  return counts.flatMap(([what, count]) => (count === 1 ? [] : [`${what} is there ${count} times`]));
}

/** No mail twice: what stands in one differs from what stands in any other. */
async function mailsTwice({ mailboxUrl }: Access): Promise<string[]> {
  const seen = new Map<string, number>();
  for (let after: string | undefined = ''; after !== undefined; ) {
    const answer = await fetch(`${mailboxUrl}/messages?limit=200${after && `&after=${after}`}`);
    const { data, nextCursor } = (await answer.json()) as { data: Json[]; nextCursor: string | null };
    for (const { to, subject, text } of data) {
      // The token of a link is signed anew in each mail.
      const said = JSON.stringify([to, subject, String(text).replaceAll(/https?:\S+/g, '')]);
      seen.set(said, (seen.get(said) ?? 0) + 1);
    }
    after = nextCursor ? data.at(-1)?.id : undefined;
  }
  return [...seen].flatMap(([said, count]) => (count > 1 ? [`${count} times: ${said.slice(0, 200)}`] : []));
}

/** Nothing lies in a parking queue. */
async function parked(): Promise<string[]> {
  const sqs = new SQSClient({});
  const { QueueUrls = [] } = await sqs.send(new ListQueuesCommand({ MaxResults: 1_000 }));
  const counts = await Promise.all(
    QueueUrls.filter((url) => url.includes('Parking')).map(async (QueueUrl) => {
      const { Attributes } = await sqs.send(
        new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['ApproximateNumberOfMessages'] }),
      );
      return [QueueUrl, Number(Attributes?.ApproximateNumberOfMessages)] as const;
    }),
  );
  return counts.flatMap(([url, count]) => (count ? [`${count} messages are parked in ${url}`] : []));
}
