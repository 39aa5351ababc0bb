/**
 * Runs near given scenarios: their suites draw variations of these instead of scenarios from nothing. What a scenario came close
 * to, its variations come close to far more often. The scenarios are read once, before anything runs, so that a counterexample
 * that is kept in the same directory changes nothing of what is drawn.
 */
import type { Suite } from '../../properties/suite.ts';
import type { Scenario } from '../scenario/scenario.ts';
import { existsSync, statSync } from 'node:fs';
import { readCorpus } from './corpus.ts';
import { UsageError } from './errors.ts';
import { readScenarioFile } from './scenario-file.ts';

/** Scenarios whose neighbourhood is searched, as plain data. */
export interface Near {
  /** The directory or file that they were read from, as it was given. */
  path: string;
  /** At least one. */
  scenarios: readonly Scenario[];
}

/** Whether a path is a plain file: one scenario, whatever its name. What cannot be looked at is left to who reads it. */
function isFile(path: string): boolean {
  try {
    return statSync(path).isFile();
  } catch {
    return false;
  }
}

/**
 * Reads the scenarios of a directory, or the one of a file; their targets and expectations do not matter.
 * @throws UsageError if it is not there, or there are none
 */
export function readNear(path: string): Near {
  if (!existsSync(path))
    throw new UsageError(`--near: there is no ${path}; name a directory with scenarios, or one of them`);
  const scenarios = isFile(path)
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
