/** How `npm run test:c-mutants` shows that the differential suite notices changes of the original C text. */
import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: { include: ['test/c-mutants/**/*.check.ts'], pool: 'forks', maxWorkers: 1 },
});
