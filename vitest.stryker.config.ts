/**
 * The tests that judge mutants of the pager: only those that exercise it in memory and quickly. Tests that start
 * processes, build packages or read the whole tree would cost minutes and could not kill a mutant of the pager.
 */
import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/pager/**/*.test.ts', 'test/kernel/**/*.test.ts', 'test/properties/**/*.test.ts'],
    // Pagers that are broken on purpose run all of the pager for each mutant, and are asked for what is wrong with them.
    exclude: ['test/properties/broken-pagers.test.ts'],
    setupFiles: ['test/support/fixed-seed.ts'],
    // Each mutant is shown few scenarios; what they miss the smallest scenarios of the defects see.
    env: { PAGER_RUNS: '20' },
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
});
