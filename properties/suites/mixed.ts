/** The default mixture: everything that the generators know, in swarms. Benchmarks use it. */
import { BASE } from '../arbitraries/profile.ts';
import { scenarios } from '../arbitraries/scenario.ts';
import type { Suite } from '../suite.ts';
import { ReachCounter } from './coverage.ts';

export const mixed: Suite = {
  name: 'mixed',
  does: 'everything that the generators know, in swarms',
  generate: scenarios(BASE),
  properties: [],
  runs: 20_000,
  reach: {},
  coverage: () => new ReachCounter(),
};
