/**
 * How `npm run coverage:pager` measures which branches of the reference pager generated scenarios reach, no other test helping.
 * What they cannot reach, and why, is in docs/coverage.md; tools/pager-branches.ts compares the two afterwards.
 */
import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/pager/generated.test.ts'],
    env: { PAGER_RUNS: '1500' },
    // Ten suites of many runs each, on a loaded two-core machine.
    testTimeout: 600_000,
    reporters: process.env['CI'] === undefined ? ['default'] : ['dot'],
    coverage: {
      provider: 'v8',
      include: ['src/pager/**/*.ts'],
      reporter: ['text', 'html', 'json'],
      reportsDirectory: 'coverage/pager',
      thresholds: { branches: 98, functions: 100, lines: 99 },
    },
  },
});
