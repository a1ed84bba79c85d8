import { expect, it } from 'vitest';
import { currentReadme, workflowsReadme } from '../../infra/workflow-pictures.ts';

it('workflows/README.md shows the workflows as they are (node infra/workflow-pictures.ts)', () => {
  expect(currentReadme()).toBe(workflowsReadme());
});
