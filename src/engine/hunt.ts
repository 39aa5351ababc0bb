/**
 * The hunt of one suite: generate, execute, judge, run after run. What fails for a new cause is shrunk, confirmed on a target
 * that has run nothing else, and written to the corpus; what fails for a known cause is counted.
 */
import type { Violation } from '../../properties/property.ts';
import { TRANSITION } from '../../model/machines/transitions.ts';
import type { Suite } from '../../properties/suite.ts';
import type { Scenario, TargetChoice } from '../scenario/scenario.ts';
import type { Target } from '../targets/target.ts';
import { Control } from './control.ts';
import { explain, howToReplay, writeScenario } from './corpus.ts';
import { DeterminismCheck, keepDifference } from './determinism.ts';
import { InternalError, messageOf } from './errors.ts';
import { findFailure, isSameFailure, judge } from './execute.ts';
import { Company } from './groups.ts';
import type { Judge, Parts } from './parts.ts';
import { Recorder } from '../trace/recorder.ts';
import { Places } from './places.ts';
import { noEndings, type SuiteReport, type ViolationReport } from './results.ts';
import { addTally, SuiteRuns, tally, ThreadEnded, type RangeResult, type Threads } from './suite-runs.ts';

/** Runs that a thread is asked for at once: enough to make asking cheap, few enough to stop soon. */
const RANGE_RUNS = 32;

/** Ranges for each thread that are asked for ahead of the one whose result is waited for. */
const RANGES_AHEAD = 3;

/** What the hunts of one run share. */
export interface Hunt {
  parts: Parts;
  /** One target for all runs: worlds are reused. */
  target: Target;
  /** Who makes the runs of the suites; null if they are made here, on `target`. */
  threads: Threads | null;
  /** Put into every scenario. */
  choice: TargetChoice;
  seed: number;
  /** Directory for counterexamples, or null. */
  corpus: string | null;
  failuresMax: number;
  checkDeterminism: boolean;
  requireReach: boolean;
  control: Control;
  listener: Listener;
  /** Violations of every suite so far, one for each cause. */
  known: ViolationReport[];
}

/** How far a suite has come. */
export type Done = Pick<SuiteReport, 'runs' | 'operations' | 'noops' | 'transfers'> & {
  /** Distinct violations. */
  causes: number;
};

/** What is told while it goes on. All of it is optional, and none of it can change anything. */
export interface Listener {
  /** Runs planned is null under a time limit. */
  suiteBegin?: (name: string, runsPlanned: number | null) => void;
  /** Some more runs were made; not called for every one. */
  progress?: (name: string, done: Done, runsPlanned: number | null) => void;
  /** A run begins; called for every one, so it must cost next to nothing. */
  run?: (name: string, run: number) => void;
  /** A candidate of the shrinker is about to be executed. */
  candidate?: (scenario: Scenario) => void;
  /** A new cause was seen, in this scenario, and is being shrunk. */
  shrinking?: (suite: string, violation: Violation, scenario: Scenario) => void;
  /** A cause was shrunk, confirmed and written. */
  violation?: (suite: string, report: ViolationReport) => void;
  suiteEnd?: (report: SuiteReport) => void;
}

/** An empty report. */
export function emptyReport(
  name: string,
  runsPlanned: number | null,
  properties: readonly string[],
): SuiteReport {
  return {
    name,
    runs: 0,
    runsPlanned,
    operations: 0,
    noops: 0,
    transfers: 0,
    violations: [],
    reached: [],
    notReached: [],
    ways: {},
    endings: noEndings(),
    properties: [...properties],
    difference: null,
    elapsedMs: 0,
  };
}

function doneOf({ runs, operations, noops, transfers, violations }: SuiteReport): Done {
  return { runs, operations, noops, transfers, causes: violations.length };
}

/**
 * Runs a suite until it is done or the control says stop; however short the time, a run is made. The report grows in place, so
 * that an interrupt loses nothing.
 */
export async function huntSuite(
  hunt: Hunt,
  suite: Suite,
  properties: readonly string[],
  report: SuiteReport,
): Promise<void> {
  const startedMs = performance.now();
  const { seed, choice, checkDeterminism } = hunt;
  const runs = new SuiteRuns(hunt.parts, suite, {
    suite: suite.name,
    properties,
    seed,
    choice,
    checkDeterminism,
  });
  hunt.listener.suiteBegin?.(suite.name, report.runsPlanned);
  try {
    if (hunt.threads === null) await runHere(hunt, runs, report);
    else await runInThreads(hunt, hunt.threads, runs, report);
  } finally {
    countReached(report, suite, hunt.requireReach ? suite.reach : {}, runs.reached());
    report.elapsedMs = performance.now() - startedMs;
  }
}

/** Tells how far it is and lets the event loop turn, if it is time. */
async function breathe(hunt: Hunt, report: SuiteReport): Promise<void> {
  if (!hunt.control.mustBreathe) return;
  hunt.listener.progress?.(report.name, doneOf(report), report.runsPlanned);
  await hunt.control.breathe();
}

/** Makes the runs of a suite one after the other. */
async function runHere(hunt: Hunt, runs: SuiteRuns, report: SuiteReport): Promise<void> {
  const planned = report.runsPlanned ?? Infinity;
  for (let run = 0; run < planned; run++) {
    // asked first: a promise for every run would cost more than it gives
    if (hunt.control.mustBreathe) await breathe(hunt, report);
    if (hunt.control.stopped !== 'done' || (run > 0 && hunt.control.isTimeUp)) break;
    hunt.listener.run?.(report.name, run);
    const scenario = runs.scenario(run);
    const violations = runs.execute(hunt.target, scenario, run, report);
    if (report.difference?.run === run) nameDifference(hunt, report, scenario);
    if (violations.length > 0) collect(hunt, report, scenario, [...violations], run);
  }
}

/**
 * Has the runs of a suite made by threads, in ranges, and takes what comes of them in the order of the runs. A range ends with
 * the first run that fails for a new cause, and what is left of it is made again, so that the report is what `runHere` makes.
 */
async function runInThreads(
  hunt: Hunt,
  threads: Threads,
  runs: SuiteRuns,
  report: SuiteReport,
): Promise<void> {
  const { control } = hunt;
  const planned = report.runsPlanned ?? Infinity;
  interface Range {
    first: number;
    runs: number;
    result: Promise<RangeResult>;
  }
  const begin = (first: number, count: number): Range => {
    const result = threads.make({
      ...runs.course,
      checkDeterminism: hunt.checkDeterminism && report.difference === null,
      first,
      runs: count,
      known: report.violations.map(({ property, cause }) => ({ property, cause })),
    });
    // one that nobody waits for any more may fail unheard
    result.catch(() => {});
    return { first, runs: count, result };
  };
  const ranges: Range[] = [];
  let next = 0;
  for (;;) {
    while (
      ranges.length < RANGES_AHEAD * threads.count &&
      next < planned &&
      (next === 0 || !control.isTimeUp)
    ) {
      ranges.push(begin(next, Math.min(RANGE_RUNS, planned - next)));
      next += ranges.at(-1)!.runs;
    }
    const range = ranges.shift();
    if (range === undefined) break;
    const { counted, reached, failing, thrown } = await resultOf(range.result, runs, report);
    const { runs: done, difference } = counted;
    addTally(report, counted);
    runs.addReached(reached);
    if (difference !== null && report.difference === null) {
      report.difference = difference;
      nameDifference(hunt, report, runs.scenario(difference.run));
    }
    for (const { run, violations } of failing) collect(hunt, report, runs.scenario(run), violations, run);
    if (thrown !== null) {
      throw new InternalError(thrown.message, runs.scenario(range.first + done), thrown.cause);
    }
    await breathe(hunt, report);
    if (control.stopped !== 'done') break;
    if (done < range.runs) ranges.unshift(begin(range.first + done, range.runs - done));
  }
}

/** What came of a range. @throws InternalError with the scenario that ended the thread, if it was in a run */
async function resultOf(
  result: Promise<RangeResult>,
  runs: SuiteRuns,
  report: SuiteReport,
): Promise<RangeResult> {
  try {
    return await result;
  } catch (thrown) {
    if (!(thrown instanceof ThreadEnded)) throw thrown;
    // while it was being loaded, say
    if (thrown.run < 0) throw new InternalError(thrown.message, null, thrown);
    report.runs = thrown.run;
    throw new InternalError(thrown.message, runs.scenario(thrown.run), thrown);
  }
}

function nameFile({ difference }: SuiteReport, file: string): void {
  if (difference !== null) difference.file = file;
}

function nameDifference(hunt: Hunt, { difference }: SuiteReport, scenario: Scenario): void {
  if (difference !== null && hunt.corpus !== null) keepDifference(difference, scenario, hunt.corpus);
}

function countReached(
  report: SuiteReport,
  { wayTo }: Suite,
  required: Suite['reach'],
  counts: ReadonlyMap<string, number>,
): void {
  // transitions are counted where the properties of the state machines judge
  const wanted = Object.keys(required).filter((name) => !name.startsWith(TRANSITION) || counts.has(name));
  const names = new Set([...wanted, ...counts.keys()]);
  report.reached = [...names].map((name) => ({
    name,
    count: counts.get(name) ?? 0,
    requiredAfter: required[name] ?? null,
  }));
  report.notReached = report.reached
    .filter(
      ({ count, requiredAfter }) => count === 0 && requiredAfter !== null && report.runs >= requiredAfter,
    )
    .map(({ name }) => name);
  for (const name of report.notReached) {
    const way = wayTo?.(name) ?? null;
    if (way !== null) report.ways[name] = way;
  }
}

/** Counts the violations of known causes; shrinks, confirms, writes and reports those of new ones. */
function collect(
  hunt: Hunt,
  report: SuiteReport,
  scenario: Scenario,
  violations: readonly Violation[],
  run: number,
): void {
  for (const violation of violations) {
    const here = report.violations.find((one) => isSameFailure(one, violation));
    if (here !== undefined) {
      here.runs += 1;
      continue;
    }
    const elsewhere = hunt.known.find((one) => isSameFailure(one, violation));
    if (elsewhere !== undefined) {
      report.violations.push({ ...elsewhere, runs: 1, firstRun: run });
      continue;
    }
    if (hunt.known.length >= hunt.failuresMax) break;
    hunt.listener.shrinking?.(report.name, violation, scenario);
    const { found, trouble } = shrinkViolation(hunt, report.properties, scenario, violation, run);
    hunt.known.push(found);
    report.violations.push(found);
    hunt.listener.violation?.(report.name, found);
    if (trouble !== null) throw trouble;
  }
  if (hunt.known.length >= hunt.failuresMax) hunt.control.stop('max-failures');
}

/**
 * Makes a failing scenario small and says what is wrong with it. A candidate that makes the machinery throw is not the same
 * failure; the trouble is handed back, to be told after the violation.
 */
function shrinkViolation(
  hunt: Hunt,
  properties: readonly string[],
  scenario: Scenario,
  violation: Violation,
  run: number,
): { found: ViolationReport; trouble: InternalError | null } {
  const { parts, control } = hunt;
  const by = parts.makeJudge(properties, []);
  let target = parts.makeTarget();
  let trouble: InternalError | null = null;
  const company = new Company(violation);
  const fails = (candidate: Scenario): boolean => {
    // An interrupted shrink keeps what it has: refusing every candidate ends it soon.
    if (control.stopped === 'interrupted') return false;
    hunt.listener.candidate?.(candidate);
    try {
      judge(target, candidate, by);
    } catch (thrown) {
      if (!(thrown instanceof InternalError)) throw thrown;
      trouble ??= thrown;
      target = parts.makeTarget();
      return false;
    }
    if (findFailure(by, violation) === undefined) return false;
    company.meet(by.violations);
    return true;
  };
  let smallest = scenario;
  if (fails(scenario)) smallest = parts.shrink(scenario, fails).scenario;
  let confirmed: ReturnType<typeof confirm> = null;
  try {
    confirmed =
      confirm(parts, properties, smallest, violation) ?? confirm(parts, properties, scenario, violation);
  } catch (thrown) {
    if (!(thrown instanceof InternalError)) throw thrown;
    trouble ??= thrown;
  }
  const { property, cause } = violation;
  const kept: Scenario = {
    ...(confirmed?.scenario ?? scenario),
    target: hunt.choice,
    expect: { property, cause },
  };
  const explanation = confirmed?.explanation ?? violation;
  const found: ViolationReport = {
    property,
    cause,
    operations: kept.operations.length,
    ...keep(hunt.corpus, property, kept, explanation),
    runs: 1,
    firstRun: run,
    operationsBefore: scenario.operations.length,
    reproduced: confirmed !== null,
    company: company.offences,
    explanation,
    scenario: kept,
  };
  return { found, trouble };
}

/** Writes a counterexample. That it cannot be written must not lose the violation: the report holds the scenario as well. */
function keep(
  corpus: string | null,
  property: string,
  scenario: Scenario,
  explanation: Violation,
): { file: string | null; fileError: string | null } {
  if (corpus === null) return { file: null, fileError: null };
  try {
    return {
      file: writeScenario(corpus, property, scenario, (path) =>
        explain(explanation, howToReplay(path, scenario.target)),
      ),
      fileError: null,
    };
  } catch (thrown) {
    return { file: null, fileError: messageOf(thrown) };
  }
}

/** Executes a scenario on a target that has run nothing else; the violation as it shows there, or null. */
function confirm(
  parts: Parts,
  properties: readonly string[],
  scenario: Scenario,
  violation: Violation,
): { scenario: Scenario; explanation: Violation } | null {
  const target = parts.makeTarget();
  const recorder = new Recorder();
  const places = new Places(target, recorder);
  const by: Judge = parts.makeJudge(properties, [recorder, places.observer]);
  places.judge = by;
  judge(target, scenario, by);
  const explanation = places.explained().find((one) => isSameFailure(one, violation));
  return explanation === undefined ? null : { scenario, explanation };
}

/** Runs the corpus under the run's own target; its files are not shrunk again unless they fail in a new way. */
export async function huntCorpus(
  hunt: Hunt,
  entries: readonly { file: string; scenario: Scenario }[],
  properties: readonly string[],
  report: SuiteReport,
): Promise<void> {
  const startedMs = performance.now();
  const by = hunt.parts.makeJudge(properties, []);
  const determinism = hunt.checkDeterminism ? new DeterminismCheck(hunt.parts, properties, []) : null;
  hunt.listener.suiteBegin?.(report.name, report.runsPlanned);
  try {
    for (const [run, entry] of entries.entries()) {
      await breathe(hunt, report);
      if (hunt.control.stopped !== 'done') break;
      hunt.listener.run?.(report.name, run);
      const { expect, ...rest } = entry.scenario;
      const scenario: Scenario = { ...rest, target: hunt.choice };
      let active = by;
      if (determinism !== null && report.difference === null) {
        active = determinism.judge;
        tally(report, determinism.run(hunt.target, scenario, run, report));
        nameFile(report, entry.file);
      } else {
        tally(report, judge(hunt.target, scenario, by));
      }
      const violations = [...active.violations];
      for (const violation of violations) {
        if (expect === undefined || !isSameFailure(expect, violation)) continue;
        // Made for another target, the file would not replay this failure: then it is shrunk and written like a new one.
        if (!isSameTarget(entry.scenario.target, hunt.choice)) continue;
        if (hunt.known.some((one) => isSameFailure(one, violation))) continue;
        const found = fromFile(
          hunt.parts,
          properties,
          scenario,
          violation,
          violations,
          entry,
          hunt.choice,
          run,
        );
        hunt.known.push(found);
        report.violations.push(found);
        hunt.listener.violation?.(report.name, found);
      }
      collect(hunt, report, scenario, violations, run);
    }
  } finally {
    report.elapsedMs = performance.now() - startedMs;
  }
}

function isSameTarget(a: TargetChoice, b: TargetChoice): boolean {
  return (
    a.name === b.name &&
    a.form === b.form &&
    a.switches.length === b.switches.length &&
    a.switches.every((one) => b.switches.includes(one))
  );
}

/** The report of a corpus file that fails as it says: it is its own counterexample. */
function fromFile(
  parts: Parts,
  properties: readonly string[],
  scenario: Scenario,
  violation: Violation,
  violations: readonly Violation[],
  entry: { file: string; scenario: Scenario },
  choice: TargetChoice,
  run: number,
): ViolationReport {
  const { property, cause } = violation;
  const confirmed = confirm(parts, properties, scenario, violation);
  const company = new Company(violation);
  company.meet(violations);
  return {
    property,
    cause,
    operations: scenario.operations.length,
    file: entry.file,
    fileError: null,
    // `collect` counts the run.
    runs: 0,
    firstRun: run,
    operationsBefore: scenario.operations.length,
    reproduced: confirmed !== null,
    company: company.offences,
    explanation: confirmed?.explanation ?? violation,
    scenario: { ...scenario, target: choice, expect: { property, cause } },
  };
}
