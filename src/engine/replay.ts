/**
 * The replay of one scenario: executed once under its own target, judged by everything, and compared with what the file
 * says it shows.
 */
import type { Violation } from '../../properties/property.ts';
import type { Scenario } from '../scenario/scenario.ts';
import type { RunResult } from '../targets/target.ts';
import type { PartialObserver } from '../trace/observer.ts';
import { isSameFailure, judge } from './execute.ts';
import type { Parts } from './parts.ts';
import { Places } from './places.ts';

/**
 * `reproduced`: the expected violation, or, if the file names none, any. `held`: none. `differs`: others than the expected one.
 */
export type ReplayVerdict = 'reproduced' | 'held' | 'differs';

/** What a replay came to. */
export interface ReplayOutcome {
  /** How it compares with what the scenario says. */
  verdict: ReplayVerdict;
  /** The violation that the file expects, as it showed this time. */
  reproduced: Violation | null;
  /** All violations, the first of each property, in the order in which they were found. */
  violations: Violation[];
  /** How the run ended. */
  result: RunResult;
}

/** Executes a scenario once; `watch` sees the run too. @throws InternalError */
export function replayScenario(
  parts: Parts,
  scenario: Scenario,
  properties: readonly string[],
  watch: readonly PartialObserver[] = [],
): ReplayOutcome {
  const target = parts.makeTarget();
  const places = new Places(target);
  const by = parts.makeJudge(properties, [...watch, places.observer]);
  places.judge = by;
  const result = { ...judge(target, scenario, by) };
  const violations = places.explained();
  const { expect } = scenario;
  const reproduced =
    (expect === undefined ? violations[0] : violations.find((one) => isSameFailure(one, expect))) ?? null;
  let verdict: ReplayVerdict = 'held';
  if (reproduced !== null) verdict = 'reproduced';
  else if (violations.length > 0) verdict = 'differs';
  return { verdict, reproduced: reproduced === null ? null : { ...reproduced }, violations, result };
}
