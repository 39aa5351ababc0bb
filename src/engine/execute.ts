/**
 * One run: a scenario, a target, a judge. Everything else in the engine goes through here, so that nothing that a target or a
 * monitor throws can be lost.
 */
import type { Violation } from '../../properties/property.ts';
import type { Scenario } from '../scenario/scenario.ts';
import type { RunResult, Target } from '../targets/target.ts';
import type { ComposedObserver } from '../trace/compose.ts';
import { InternalError, messageOf } from './errors.ts';
import type { Judge } from './parts.ts';

/** Executes with an observer. @throws InternalError with the scenario, if the target or an observer throws */
export function execute(target: Target, scenario: Scenario, observer: ComposedObserver | null): RunResult {
  try {
    return target.execute(scenario, observer);
  } catch (thrown) {
    throw new InternalError(messageOf(thrown), scenario, thrown);
  }
}

/** Executes and judges; the violations are those of the judge. @throws InternalError as `execute` */
export function judge(target: Target, scenario: Scenario, by: Judge): RunResult {
  try {
    by.begin(scenario);
  } catch (thrown) {
    throw new InternalError(messageOf(thrown), scenario, thrown);
  }
  return execute(target, scenario, by.observer);
}

/** Whether two failures are the same for the shrinker: same property, same cause (design rule 8). */
export function isSameFailure(
  a: { property: string; cause: string },
  b: { property: string; cause: string },
): boolean {
  return a.property === b.property && a.cause === b.cause;
}

/** The violation of that property and cause in the judge's last run. */
export function findFailure(by: Judge, wanted: { property: string; cause: string }): Violation | undefined {
  return by.violations.find((violation) => isSameFailure(violation, wanted));
}
