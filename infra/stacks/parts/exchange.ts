import { Duration } from 'aws-cdk-lib';
import {
  type Capability,
  readsBucket,
  readsLookUps,
  readsVersions,
  writesBucket,
} from '../../constructs/capability.ts';
import type { StepwiseFunctionProps } from '../../constructs/stepwise-function.ts';
import type { DataStack } from '../data-stack.ts';

/**
 * Files that come in and go out: also what an upload address of ours may do. A file is read as it was looked at: by its version. Its rows are
 * looked up many at a time.
 */
export const exchanges = ({ documents, table }: DataStack): Capability[] => [
  readsLookUps(table),
  ...['imports/', 'exports/'].flatMap((prefix) => [
    readsBucket('DOCUMENTS_BUCKET', documents, prefix),
    readsVersions(documents, prefix),
    writesBucket('DOCUMENTS_BUCKET', documents, prefix),
  ]),
];

/** A turn takes pages for twenty seconds, then puts the results together: all of a file of 150 MB at once. */
export const exchangeRun = (data: DataStack): Partial<StepwiseFunctionProps> => ({
  uses: exchanges(data),
  memory: 1769,
  timeout: Duration.seconds(90),
});
