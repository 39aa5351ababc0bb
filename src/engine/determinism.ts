/**
 * The determinism check: every scenario is executed twice and the traces are compared. The first execution is judged and the
 * second is not, so that a monitor which disturbs the run shows up as well. A difference is reported once per suite, by its
 * first event; it says that a run was not a pure function of its scenario, not why.
 */
import type { Scenario } from '../scenario/scenario.ts';
import type { RunResult, Target } from '../targets/target.ts';
import { compose } from '../trace/compose.ts';
import type { PartialObserver } from '../trace/observer.ts';
import { compareTraces, Recorder, type TraceDifference, type TraceRecord } from '../trace/recorder.ts';
import { formatRecord } from '../trace/text.ts';
import { writeScenario } from './corpus.ts';
import { execute, judge } from './execute.ts';
import type { Judge, Parts } from './parts.ts';
import type { DifferenceReport, SuiteReport } from './results.ts';

/** Executes scenarios twice. */
export class DeterminismCheck {
  /** The judge of the first executions. */
  readonly judge: Judge;
  private readonly first = new Recorder();
  private readonly second = new Recorder();
  private readonly watching = compose([this.second]);

  constructor(parts: Parts, properties: readonly string[], extra: readonly PartialObserver[]) {
    this.judge = parts.makeJudge(properties, [...extra, this.first]);
  }

  /** Runs twice, and puts a difference into the report. @returns the result of the first run */
  run(target: Target, scenario: Scenario, run: number, report: Pick<SuiteReport, 'difference'>): RunResult {
    const result = { ...judge(target, scenario, this.judge) };
    execute(target, scenario, this.watching);
    const difference = compareTraces(this.first.records, this.second.records);
    if (difference !== null) {
      report.difference = {
        run,
        event: difference.index,
        first: lineOf(difference.first, difference.index),
        second: lineOf(difference.second, difference.index),
        file: null,
      };
    }
    return result;
  }
}

/** Writes the scenario of a difference and names the file in it. @throws UsageError if it cannot be written */
export function keepDifference(difference: DifferenceReport, scenario: Scenario, corpus: string): void {
  difference.file = writeScenario(
    corpus,
    'not-deterministic',
    scenario,
    () => `Two runs of this scenario gave different traces, from line ${difference.event + 1} on.`,
  );
}

function lineOf(record: TraceRecord | undefined, index: number): string {
  return record === undefined ? '' : formatRecord(record, index).trimEnd();
}

/** Executes a scenario on two targets and says where the traces part; null if they do not. */
export function compareTargets(first: Target, second: Target, scenario: Scenario): TraceDifference | null {
  const a = new Recorder();
  const b = new Recorder();
  execute(first, scenario, compose([a]));
  execute(second, scenario, compose([b]));
  return compareTraces(a.records, b.records);
}
