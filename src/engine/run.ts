/**
 * A run of suites: first the corpus, then each suite in turn. It ends when the runs or the time are used up, when enough
 * distinct causes were found, when it is interrupted, or on a defect of the machinery; in every case the report holds what was
 * found until then.
 */
import type { Suite } from '../../properties/suite.ts';
import type { TargetChoice } from '../scenario/scenario.ts';
import { Control, type StopSignal } from './control.ts';
import { readCorpus } from './corpus.ts';
import { InternalError, UsageError, messageOf } from './errors.ts';
import { requireWritableDirectory } from './files.ts';
import { emptyReport, huntCorpus, huntSuite, type Hunt, type Listener } from './hunt.ts';
import { internalFailure } from './internal-failure.ts';
import type { Near } from './near.ts';
import type { Parts } from './parts.ts';
import { requireKnownNames } from './scenario-file.ts';
import type { Threads } from './suite-runs.ts';
import { verdictOf, type InternalFailure, type RunReport, type SuiteReport } from './results.ts';

/** Name of the corpus in the table and in the JSON. */
export const CORPUS_NAME = 'corpus';

/** What is to be run. */
export interface RunOptions {
  parts: Parts;
  /** Written into every scenario: what `replay` will use. */
  choice: TargetChoice;
  seed: number;
  /** Suites by name, in this order; empty for all. */
  suites: readonly string[];
  /** Ids of the properties that judge; empty for those that each suite names. */
  properties: readonly string[];
  /** What the suites of `parts` draw variations of, for the report; null where they draw from nothing. */
  near: Near | null;
  /** Runs of each suite; null for each suite's own number. */
  runs: number | null;
  /** All suites together, in milliseconds; null for no limit. Without `runs` it takes the place of a number of runs. */
  timeMs: number | null;
  failuresMax: number;
  /** Directory of the corpus, read and written; null for neither. */
  corpus: string | null;
  /** Switches of the reference pager, which scenarios of the corpus may name. */
  switches: readonly string[];
  checkDeterminism: boolean;
  /**
   * Whether a suite must reach what it declares; a simple pager cannot reach every path of the reference pager. Runs near given
   * scenarios need not.
   */
  requireReach: boolean;
  /** Who makes the runs of the suites; null if they are made in the calling thread. */
  threads: Threads | null;
}

/** A suite with the properties that will judge it. */
interface Plan {
  suite: Suite;
  properties: string[];
}

/** Chooses suites and properties. @throws UsageError if nothing is left */
function planOf(options: RunOptions): Plan[] {
  const { parts, properties } = options;
  const chosen = options.suites.length === 0 ? parts.suites.map((suite) => suite.name) : options.suites;
  const plans = chosen.map((name): Plan => {
    const suite = parts.suites.find((one) => one.name === name);
    if (suite === undefined) throw new UsageError(`there is no suite ${name}`);
    const judging =
      properties.length === 0
        ? [...suite.properties]
        : suite.properties.filter((id) => properties.includes(id));
    return { suite, properties: judging };
  });
  const judged = plans.filter((plan) => plan.properties.length > 0);
  if (judged.length === 0) {
    const ofSuites = parts.properties.find(({ id, kind }) => kind === 'sometimes' && properties.includes(id));
    if (ofSuites !== undefined) {
      throw new UsageError(
        `${ofSuites.id}: is judged of whole suites, in every run of theirs, and of no scenario; leave it away`,
      );
    }
    throw new UsageError(
      `${properties.join(', ')}: judges none of the suites ${chosen.join(', ')}; leave --suite away`,
    );
  }
  return judged;
}

/**
 * Runs the corpus and the suites. @throws UsageError before anything is run: an unknown name, a broken corpus file, a corpus
 * that cannot be written
 */
export async function runSuites(
  options: RunOptions,
  listener: Listener = {},
  signal?: StopSignal,
): Promise<RunReport> {
  const { parts, corpus } = options;
  const plans = planOf(options);
  const target = parts.makeTarget();
  if (options.checkDeterminism && !target.capabilities.deterministic) {
    throw new UsageError(`--check-determinism: the target ${target.name} does not claim to be deterministic`);
  }
  const entries = corpus === null ? [] : readCorpus(corpus);
  const known = { switches: options.switches, properties: parts.properties.map(({ id }) => id) };
  for (const { file, scenario } of entries) requireKnownNames(scenario, file, known);
  if (corpus !== null) requireWritableDirectory(corpus, '--corpus');

  const control = new Control(signal);
  const hunt: Hunt = {
    parts,
    target,
    choice: options.choice,
    seed: options.seed,
    corpus,
    failuresMax: options.failuresMax,
    checkDeterminism: options.checkDeterminism,
    requireReach: options.requireReach && options.near === null,
    threads: options.threads,
    control,
    listener,
    known: [],
  };
  const suites: SuiteReport[] = [];
  let internal: InternalFailure | null = null;

  /** Does one row of the table; what it throws ends the run but not the report. */
  const row = async (report: SuiteReport, work: () => Promise<void>): Promise<void> => {
    suites.push(report);
    try {
      await work();
    } catch (thrown) {
      if (thrown instanceof UsageError) throw thrown;
      internal = failureOf(thrown, report, corpus);
      control.stop('internal-error');
    }
    listener.suiteEnd?.(report);
  };

  if (entries.length > 0) {
    const judging = options.properties.length > 0 ? options.properties : allProperties(parts);
    const report = emptyReport(CORPUS_NAME, entries.length, judging);
    await row(report, () => huntCorpus(hunt, entries, judging, report));
  }
  const startedMs = performance.now();
  for (const [index, { suite, properties }] of plans.entries()) {
    if (control.stopped !== 'done') break;
    const isTimed = options.timeMs !== null;
    if (isTimed) control.setDeadline(startedMs + (options.timeMs! * (index + 1)) / plans.length);
    // suites before it have used up its share as well: with no run at all it would seem to hold
    if (index > 0 && control.isTimeUp) continue;
    const planned = options.runs ?? (isTimed ? null : suite.runs);
    const report = emptyReport(suite.name, planned, properties);
    await row(report, () => huntSuite(hunt, suite, properties, report));
  }
  const notRun = plans
    .map(({ suite }) => suite.name)
    .filter((name) => !suites.some((one) => one.name === name));
  if (
    control.stopped === 'done' &&
    options.timeMs !== null &&
    (suites.some((one) => one.runs !== one.runsPlanned) || notRun.length > 0)
  ) {
    control.stop('time');
  }
  const found = {
    seed: options.seed,
    near: options.near?.path ?? null,
    target: options.choice,
    stopped: control.stopped,
    suites,
    notRun,
    internal,
    elapsedMs: performance.now() - control.startedMs,
  };
  return { verdict: verdictOf(found), ...found };
}

/** Every property that can be violated: *sometimes* properties speak of suites, not of single scenarios. */
export function allProperties(parts: Parts): string[] {
  return parts.properties.filter((property) => property.kind !== 'sometimes').map((property) => property.id);
}

/** Turns what was thrown into data, and saves the scenario that was running. */
function failureOf(thrown: unknown, report: SuiteReport, corpus: string | null): InternalFailure {
  const { scenario, cause } = thrown instanceof InternalError ? thrown : { scenario: null, cause: thrown };
  const stack = cause instanceof Error ? (cause.stack ?? '') : '';
  const what = { message: messageOf(thrown), stack, suite: report.name, run: report.runs };
  return internalFailure(what, scenario, corpus, 'Running this scenario threw');
}
