import { defineConfig } from 'vitest/config';

/** One project a kind of test; `integration` and `e2e` share one local cloud, started by their global set-up. */
const project = (name: string, more: object = {}) => ({
  test: { name, include: [`test/${name}/**/*.test.ts`], ...more },
});
const onTheCloud = {
  globalSetup: 'test/support/cloud-setup.ts',
  testTimeout: 120_000,
  hookTimeout: 300_000,
  fileParallelism: false,
};

export default defineConfig({
  test: {
    projects: [
      project('unit', { testTimeout: 60_000 }),
      project('workflows', { testTimeout: 60_000 }),
      project('infra', { testTimeout: 60_000, hookTimeout: 120_000 }),
      project('integration', onTheCloud),
      project('e2e', onTheCloud),
      project('auth', onTheCloud),
    ],
  },
});
