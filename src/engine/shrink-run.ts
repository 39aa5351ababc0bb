/**
 * Makes a failing scenario as small as it gets: fast-check searches, with the shrinker's candidates, for the smallest scenario
 * that fails the same way. What "the same way" is, the caller's predicate says (design rule 8: a shrink never changes the bug).
 */
import fc from 'fast-check';
import type { Scenario } from '../scenario/scenario.ts';
import { ScenarioArbitrary } from './arbitrary.ts';

/** Candidates that are executed at most. A scenario of a hundred operations needs some hundreds. */
export const SHRINK_RUNS_MAX = 4000;

/** The smallest scenario found. */
export interface Shrunk {
  scenario: Scenario;
  /** How often the predicate was asked. */
  executions: number;
}

/**
 * Shrinks a scenario for which `stillFails` holds. The result holds too; if `maxRuns` was not used up, none of its candidates
 * does. Deterministic if the predicate is.
 * @throws what the predicate throws
 */
export function shrinkScenario(
  scenario: Scenario,
  stillFails: (candidate: Scenario) => boolean,
  options: { maxRuns?: number } = {},
): Shrunk {
  const maxRuns = options.maxRuns ?? SHRINK_RUNS_MAX;
  let executions = 0;
  let smallest = scenario;
  let broken: { thrown: unknown } | null = null;
  const arbitrary = new ScenarioArbitrary(
    () => scenario,
    () => executions < maxRuns && broken === null,
  );
  const property = fc.property(arbitrary, (candidate) => {
    executions++;
    try {
      if (!stillFails(candidate)) return true;
    } catch (thrown) {
      // To fast-check a thrown error is a failure like any other; here it is the end.
      broken ??= { thrown };
      return true;
    }
    smallest = candidate;
    return false;
  });
  fc.check(property, { examples: [[scenario]], numRuns: 1, seed: 0 });
  rethrow(broken);
  return { scenario: smallest, executions };
}

function rethrow(broken: { thrown: unknown } | null): void {
  if (broken !== null) throw broken.thrown;
}
