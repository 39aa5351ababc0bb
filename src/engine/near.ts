/**
 * Runs near given scenarios: their suites draw variations of these instead of scenarios from nothing. What a scenario came close
 * to, its variations come close to far more often. The scenarios are read once, before anything runs, so that a counterexample
 * that is kept in the same directory changes nothing of what is drawn.
 */
import type { Suite } from '../../properties/suite.ts';
import type { Scenario } from '../scenario/scenario.ts';
import { readCorpus } from './corpus.ts';
import { UsageError } from './errors.ts';

/** Scenarios whose neighbourhood is searched, as plain data. */
export interface Near {
  /** Where they were read from, as it was given. */
  directory: string;
  /** At least one. */
  scenarios: readonly Scenario[];
}

/** Reads the scenarios of a directory; their targets and expectations do not matter. @throws UsageError if there are none */
export function readNear(directory: string): Near {
  const scenarios = readCorpus(directory, '--near').map(({ scenario }) => scenario);
  if (scenarios.length === 0)
    throw new UsageError(`--near: there are no scenarios in ${directory}; name a directory with .yaml files`);
  return { directory, scenarios };
}

/** The same suites, drawing variations; as they are where there is nothing to vary. */
export function suitesNear(suites: readonly Suite[], near: Near | null): readonly Suite[] {
  if (near === null) return suites;
  return suites.map((suite) => ({
    ...suite,
    generate: (random) => suite.vary(random, random.pick(near.scenarios)),
  }));
}
