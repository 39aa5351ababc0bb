/**
 * The hunt of one suite: generate, execute, judge, run after run. What fails for a new cause is shrunk, confirmed on a target
 * that has run nothing else, and written to the corpus; what fails for a known cause is counted.
 */
import type { Violation } from '../../properties/property.ts';
import type { Coverage, Suite } from '../../properties/suite.ts';
import { Random } from '../../properties/arbitraries/random.ts';
import type { Scenario, TargetChoice } from '../scenario/scenario.ts';
import type { RunResult, Target } from '../targets/target.ts';
import { Control } from './control.ts';
import { explain, writeScenario } from './corpus.ts';
import { DeterminismCheck } from './determinism.ts';
import { InternalError, messageOf } from './errors.ts';
import { findFailure, isSameFailure, judge } from './execute.ts';
import type { Judge, Parts } from './parts.ts';
import { Places } from './places.ts';
import { noEndings, type SuiteReport, type ViolationReport } from './results.ts';
import { seedOfRun } from './seeds.ts';

/** What the hunts of one run share. */
export interface Hunt {
  parts: Parts;
  /** One target for all runs: worlds are reused. */
  target: Target;
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
    endings: noEndings(),
    properties: [...properties],
    difference: null,
    elapsedMs: 0,
  };
}

function doneOf({ runs, operations, noops, transfers, violations }: SuiteReport): Done {
  return { runs, operations, noops, transfers, causes: violations.length };
}

/** Adds one run to a report. */
export function tally(report: SuiteReport, result: RunResult): void {
  report.runs += 1;
  report.operations += result.operations;
  report.noops += result.noops;
  report.transfers += result.transfers;
  report.endings[result.ending] += 1;
}

/** Runs a suite until it is done or the control says stop. The report grows in place, so that an interrupt loses nothing. */
export async function huntSuite(
  hunt: Hunt,
  suite: Suite,
  properties: readonly string[],
  report: SuiteReport,
): Promise<void> {
  const startedMs = performance.now();
  const coverage = suite.coverage();
  const by = hunt.parts.makeJudge(properties, [coverage]);
  const determinism = hunt.checkDeterminism ? new DeterminismCheck(hunt.parts, properties, [coverage]) : null;
  const random = new Random(0);
  const planned = report.runsPlanned ?? Infinity;
  hunt.listener.suiteBegin?.(suite.name, report.runsPlanned);
  try {
    for (let run = 0; run < planned; run++) {
      if (hunt.control.mustBreathe) {
        hunt.listener.progress?.(suite.name, doneOf(report), report.runsPlanned);
        await hunt.control.breathe();
      }
      if (hunt.control.stopped !== 'done' || hunt.control.isTimeUp) break;
      hunt.listener.run?.(suite.name, run);
      const scenario = generate(suite, random, seedOfRun(hunt.seed, suite.name, run));
      scenario.target = hunt.choice;
      coverage.begin(scenario);
      let active = by;
      if (determinism !== null && report.difference === null) {
        active = determinism.judge;
        tally(report, determinism.run(hunt.target, scenario, run, report, hunt.corpus));
      } else {
        tally(report, judge(hunt.target, scenario, by));
      }
      if (active.violations.length > 0) {
        collect(hunt, suite.name, properties, report, scenario, [...active.violations], run);
      }
    }
  } finally {
    countReached(report, hunt.requireReach ? suite.reach : {}, coverage);
    report.elapsedMs = performance.now() - startedMs;
  }
}

function generate(suite: Suite, random: Random, seed: number): Scenario {
  try {
    random.seed(seed);
    return suite.generate(random);
  } catch (thrown) {
    throw new InternalError(
      `the generator of suite ${suite.name} (seed ${seed}): ${messageOf(thrown)}`,
      null,
      thrown,
    );
  }
}

function countReached(report: SuiteReport, required: Suite['reach'], coverage: Coverage): void {
  const counts = coverage.counts();
  const names = new Set([...Object.keys(required), ...counts.keys()]);
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
}

/** Counts the violations of known causes; shrinks, confirms, writes and reports those of new ones. */
function collect(
  hunt: Hunt,
  suite: string,
  properties: readonly string[],
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
    hunt.listener.shrinking?.(suite, violation, scenario);
    const { found, trouble } = shrinkViolation(hunt, properties, scenario, violation, run);
    hunt.known.push(found);
    report.violations.push(found);
    hunt.listener.violation?.(suite, found);
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
    return findFailure(by, violation) !== undefined;
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
      file: writeScenario(corpus, property, scenario, (path) => explain(explanation, path)),
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
  const places = new Places(target);
  const by: Judge = parts.makeJudge(properties, [places.observer]);
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
      if (hunt.control.mustBreathe) {
        hunt.listener.progress?.(report.name, doneOf(report), report.runsPlanned);
        await hunt.control.breathe();
      }
      if (hunt.control.stopped !== 'done') break;
      hunt.listener.run?.(report.name, run);
      const { expect, ...rest } = entry.scenario;
      const scenario: Scenario = { ...rest, target: hunt.choice };
      let active = by;
      if (determinism !== null && report.difference === null) {
        active = determinism.judge;
        tally(report, determinism.run(hunt.target, scenario, run, report, null));
        nameDifference(report, entry.file);
      } else {
        tally(report, judge(hunt.target, scenario, by));
      }
      const violations = [...active.violations];
      for (const violation of violations) {
        if (expect === undefined || !isSameFailure(expect, violation)) continue;
        // Made for another target, the file would not replay this failure: then it is shrunk and written like a new one.
        if (!isSameTarget(entry.scenario.target, hunt.choice)) continue;
        if (hunt.known.some((one) => isSameFailure(one, violation))) continue;
        const found = fromFile(hunt.parts, properties, scenario, violation, entry, hunt.choice, run);
        hunt.known.push(found);
        report.violations.push(found);
        hunt.listener.violation?.(report.name, found);
      }
      collect(hunt, report.name, properties, report, scenario, violations, run);
    }
  } finally {
    report.elapsedMs = performance.now() - startedMs;
  }
}

function nameDifference(report: SuiteReport, file: string): void {
  if (report.difference !== null) report.difference.file = file;
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
  entry: { file: string; scenario: Scenario },
  choice: TargetChoice,
  run: number,
): ViolationReport {
  const { property, cause } = violation;
  const confirmed = confirm(parts, properties, scenario, violation);
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
    explanation: confirmed?.explanation ?? violation,
    scenario: { ...scenario, target: choice, expect: { property, cause } },
  };
}
