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
 * Files that come in: also what an upload address of ours may do. A file is read as it was looked at: by its version. Its rows are looked up
 * many at a time.
 */
export const imports = ({ documents, table }: DataStack): Capability[] => [
  readsLookUps(table),
  readsBucket('DOCUMENTS_BUCKET', documents, 'imports/'),
  readsVersions(documents, 'imports/'),
  writesBucket('DOCUMENTS_BUCKET', documents, 'imports/'),
];

/** Files that go out. */
export const exports = ({ documents }: DataStack): Capability[] => [
  readsBucket('DOCUMENTS_BUCKET', documents, 'exports/'),
  writesBucket('DOCUMENTS_BUCKET', documents, 'exports/'),
];

/** A turn takes pages for twenty seconds, then puts the results together: all of a file of 150 MB at once. */
export const exchangeRun = (uses: Capability[]): Partial<StepwiseFunctionProps> => ({
  uses,
  memory: 1769,
  timeout: Duration.seconds(90),
});
