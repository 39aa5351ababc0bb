/** How `npm test` and `npm run coverage` run; the mutation runs have a leaner file of their own. */
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

export default defineConfig({
  // Examples import the package by its name, as its users do; here that is the sources.
  resolve: { alias: { pagercheck: fileURLToPath(new URL('src/index.ts', import.meta.url)) } },
  test: {
    // The second are pagers that somebody made with `pagercheck new`, wherever they put them.
    include: ['test/**/*.test.ts', '**/pager.test.ts'],
    // Processes, not threads: some tests start worker threads and change process-wide state.
    pool: 'forks',
    maxWorkers: 2,
    // Generous, for a loaded two-core machine; a test that needs more says so itself.
    testTimeout: 60_000,
    hookTimeout: 60_000,
    teardownTimeout: 10_000,
    // A stray `.only` is an error everywhere, not just where CI is set.
    allowOnly: false,
    passWithNoTests: false,
    coverage: {
      provider: 'v8',
      include: ['src/**/*.ts', 'model/**/*.ts', 'properties/**/*.ts'],
      reporter: ['text', 'html', 'json-summary'],
      reportsDirectory: 'coverage',
      // What tests reach that run in their own process: workers and commands that are started do not count.
      thresholds: { statements: 94, branches: 90, functions: 93, lines: 95 },
    },
  },
});
