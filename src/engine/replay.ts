/**
 * The replay of one scenario: executed once under its own target, judged by everything, and compared with what the file
 * says it shows.
 */
import type { Violation } from '../../properties/property.ts';
import type { Scenario } from '../scenario/scenario.ts';
import type { RunResult } from '../targets/target.ts';
import { Recorder, type TraceRecord } from '../trace/recorder.ts';
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
  /** Everything that happened, up to `TRACE_EVENTS_MAX` events. */
  trace: readonly TraceRecord[];
  /** Whether there were more. */
  truncated: boolean;
}

/** Executes a scenario once. @throws InternalError */
export function replayScenario(
  parts: Parts,
  scenario: Scenario,
  properties: readonly string[],
): ReplayOutcome {
  const target = parts.makeTarget();
  const recorder = new Recorder();
  const places = new Places(target, recorder);
  const by = parts.makeJudge(properties, [recorder, places.observer]);
  places.judge = by;
  const result = { ...judge(target, scenario, by) };
  const violations = places.explained();
  const { expect } = scenario;
  const reproduced =
    (expect === undefined ? violations[0] : violations.find((one) => isSameFailure(one, expect))) ?? null;
  let verdict: ReplayVerdict = 'held';
  if (reproduced !== null) verdict = 'reproduced';
  else if (violations.length > 0) verdict = 'differs';
  const { records: trace, truncated } = recorder;
  return {
    verdict,
    reproduced: reproduced === null ? null : { ...reproduced },
    violations,
    result,
    trace,
    truncated,
  };
}
