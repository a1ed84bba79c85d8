import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { CreditNote } from '../../shared/commerce/credit-note.ts';
import {
  documentKey,
  paperOfCreditNote,
  paperOfInvoice,
  sendCreditNote,
  sendInvoice,
} from '../../shared/commerce/documents.ts';
import { Invoice } from '../../shared/commerce/invoice.ts';
import { type InvoiceDocument, invoicePdf } from '../../shared/commerce/invoice-pdf.ts';
import { Settings } from '../../shared/core/settings.ts';
import { consumer } from '../../shared/events/consume.ts';
import { run } from '../../shared/store/command.ts';
import { given } from '../../shared/store/surroundings.ts';

const bucket = new S3Client({ forcePathStyle: true });

/** Puts what was issued on paper, once, and has it sent. The same event twice writes nothing twice. */
export const handler = consumer('documents', async (event, { store, policies }, on) => {
  const settings = await policies.inForce(Settings, on.now);
  const once = { ...on, once: { key: `documents#${event.id}`, fingerprint: event.id } };
  if (event.type === 'invoice.issued') {
    await keep(event.recordId, paperOfInvoice(await store.load(Invoice, event.recordId), settings));
    await run(store, policies, once, sendInvoice, { id: event.recordId });
  } else {
    await keep(event.recordId, paperOfCreditNote(await store.load(CreditNote, event.recordId), settings));
    await run(store, policies, once, sendCreditNote, { id: event.recordId });
  }
});

/** A document is made once: the bucket refuses a second one under its key. */
async function keep(recordId: string, document: InvoiceDocument): Promise<void> {
  const put = new PutObjectCommand({
    Bucket: given('DOCUMENTS_BUCKET'),
    Key: documentKey(recordId),
    Body: await invoicePdf(document),
    ContentType: 'application/pdf',
    IfNoneMatch: '*',
  });
  await bucket.send(put).catch((error: Error) => {
    if (error.name !== 'PreconditionFailed') throw error;
  });
}
