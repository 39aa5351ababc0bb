/**
 * All suites, in the order in which reports list them. Each is judged by every property that a single run can violate; the
 * numbers of runs are fixed, and together take about half a minute.
 */
import { scenarios } from '../arbitraries/scenario.ts';
import { variations } from '../arbitraries/variation.ts';
import type { Profile } from '../arbitraries/profile.ts';
import { PROPERTIES } from '../catalogue.ts';
import type { Suite } from '../suite.ts';
import { ReachCounter } from './coverage.ts';
import * as profiles from './profiles.ts';
import { wayTo } from '../machines.ts';
import { operationsOfProfile, REACH, transitionsOfSuite } from './reach.ts';

const GENERAL = PROPERTIES.filter(({ kind }) => kind !== 'sometimes').map(({ id }) => id);

const suite = (name: string, does: string, profile: Profile, runs: number): Suite => ({
  name,
  does,
  generate: scenarios(profile),
  vary: variations(profile),
  properties: GENERAL,
  runs,
  reach: { ...REACH[name], ...operationsOfProfile(profile), ...transitionsOfSuite(name) },
  coverage: () => new ReachCounter(),
  wayTo,
});

/** All suites. */
export const SUITES: readonly Suite[] = [
  suite('get', 'page-ins of every count, position and mask', profiles.GET, 2_500),
  suite('put', 'page-outs of every count, position and mask', profiles.PUT, 2_500),
  suite('size', 'files that shrink and grow under everything else', profiles.SIZE, 2_500),
  suite('process', 'processes, without anybody calling the pager by hand', profiles.PROCESSES, 2_500),
  suite('lifetime', 'objects, pagers and vnodes that come and go', profiles.LIFETIME, 2_500),
  suite('threads', 'threads that meet inside the pager', profiles.THREADS, 2_500),
  suite('faults', 'calls and transfers that fail or fall short', profiles.FAULTS, 2_500),
  suite('large', 'files and disks beyond 2 GiB and 4 GiB', profiles.LARGE, 2_500),
  suite('exhaustion', 'hardly any buffers, memory and disk', profiles.EXHAUSTION, 2_500),
  suite('mixed', 'everything that the generators know, in swarms', profiles.MIXED, 2_500),
];
