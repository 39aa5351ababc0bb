/**
 * Runs near given scenarios: their suites draw variations of these instead of scenarios from nothing. What a scenario came close
 * to, its variations come close to far more often. The scenarios are read once, before anything runs, so that a counterexample
 * that is kept in the same directory changes nothing of what is drawn.
 */
import { statSync, type Stats } from 'node:fs';
import type { Suite } from '../../properties/suite.ts';
import type { Scenario } from '../scenario/scenario.ts';
import { readCorpus } from './corpus.ts';
import { codeOf, reasonOf, UsageError } from './errors.ts';
import { readScenarioFile } from './scenario-file.ts';

/** Scenarios whose neighbourhood is searched, as plain data. */
export interface Near {
  /** The directory or file that they were read from, as it was given. */
  path: string;
  /** At least one. */
  scenarios: readonly Scenario[];
}

/** What lies there. @throws UsageError if nothing does, or it cannot be looked at */
function look(path: string): Stats {
  try {
    return statSync(path);
  } catch (thrown) {
    if (codeOf(thrown) !== 'ENOENT')
      throw new UsageError(`--near: cannot read ${path}: ${reasonOf(thrown)}`, { cause: thrown });
    throw new UsageError(`--near: there is no ${path}; name a directory with scenarios, or one of them`);
  }
}

/**
 * Reads the scenarios of a directory, or the one of a file; their targets and expectations do not matter.
 * @throws UsageError if it is not there, or there are none
 */
export function readNear(path: string): Near {
  const found = look(path);
  if (!found.isFile() && !found.isDirectory())
    throw new UsageError(`--near: ${path} is neither a directory nor a file; name one with scenarios`);
  const scenarios = found.isFile()
    ? [readScenarioFile(path)]
    : readCorpus(path, '--near').map(({ scenario }) => scenario);
  if (scenarios.length === 0)
    throw new UsageError(`--near: there are no scenarios in ${path}; name a directory with .yaml files`);
  return { path, scenarios };
}

/** The same suites, drawing variations; as they are where there is nothing to vary. */
export function suitesNear(suites: readonly Suite[], near: Near | null): readonly Suite[] {
  if (near === null) return suites;
  return suites.map((suite) => ({
    ...suite,
    generate: (random) => suite.vary(random, random.pick(near.scenarios)),
  }));
}
