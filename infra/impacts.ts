/** Workflow -> what users lose when one of its executions fails. */
export const impacts: Record<string, string> = {
  'lead-qualification': 'A lead has no owner, or nobody is reminded of it. Mend the cause, then redrive the process.',
  'quote-approval': 'A quote waits for an approval that nobody is asked for. Mend the cause, then redrive the process.',
  'order-to-cash': 'What was fulfilled of an order is not invoiced. Mend the cause, then redrive the process.',
  collection: 'An open invoice is neither reminded nor closed. Mend the cause, then redrive the process.',
  'case-resolution': 'Nobody is warned when an answer is due to a customer. Mend the cause, then redrive the process.',
  'campaign-send': 'A campaign stands still: nobody more gets its mail. Mend the cause, then redrive the process.',
  'export-run': 'An export stands still half-way: its file is not there. Mend the cause, then redrive the process.',
  'import-run': 'An import stands still half-way: no row is lost or doubled. Mend the cause, then redrive the process.',
  nurture: 'A contact on a journey gets no further mails. Mend the cause, then redrive the process.',
};
