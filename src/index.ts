/**
 * The library: checks a pager of one's own from one's own tests, replays what was found, reads and writes scenarios.
 * Nothing here prints, and nothing is written unless a corpus is named.
 */
import { fileURLToPath } from 'node:url';
import { PROPERTIES } from '../properties/catalogue.ts';
import { SUITES } from '../properties/suites/catalogue.ts';
import { hunt } from './cli/hunter.ts';
import { patience } from './cli/patience.ts';
import { replayGuarded } from './cli/replayer.ts';
import { nameOfModule } from './cli/targets.ts';
import { requireCheckOptions, requireScenario } from './engine/check-options.ts';
import type { StopSignal } from './engine/control.ts';
import { UsageError, messageOf, unknownName } from './engine/errors.ts';
import { isFile } from './engine/files.ts';
import { replayScenario, type ReplayOutcome } from './engine/replay.ts';
import { groupsOf } from './engine/groups.ts';
import type { RunReport, ViolationReport } from './engine/results.ts';
import { FAILURES_MAX } from './engine/control.ts';
import { readNear } from './engine/near.ts';
import { allProperties, runSuites } from './engine/run.ts';
import { DEFAULT_SEED } from './engine/seeds.ts';
import { timeOf } from './engine/times.ts';
import { catalogueParts } from './engine/setup.ts';
import { NO_COLORS } from './report/colors.ts';
import { formatFindings, formatStory } from './report/replay.ts';
import { formatLike, formatRemarks, formatVerdict, formatViolation } from './report/terminal.ts';
import { timelineOf } from './report/timeline.ts';
import type { PagerKernel } from './kernel/boundary.ts';
import type { Pager } from './kernel/pager.ts';
import type { Scenario, TargetChoice } from './scenario/scenario.ts';
import { compile } from './targets/c-source/compile.ts';
import { CSourceTarget } from './targets/c-source/target.ts';
import { factoryOf, ModuleError } from './targets/module.ts';
import {
  createPagerTarget,
  createReferenceTarget,
  SWITCHES,
  type PagerFactory,
} from './targets/reference.ts';
import type { Target } from './targets/target.ts';

export type { Violation } from '../properties/property.ts';
export { UsageError } from './engine/errors.ts';
export { groupsOf, type FailureGroup } from './engine/groups.ts';
export type { ReplayOutcome, ReplayVerdict } from './engine/replay.ts';
export type { ReachReport, RunReport, SuiteReport, Verdict, ViolationReport } from './engine/results.ts';
export type { PagerKernel } from './kernel/boundary.ts';
export type { Pager } from './kernel/pager.ts';
export type { Buf, Mount, Page, Sleeps, VmObject, VmPager, VnPager, Vnode } from './kernel/structures.ts';
export {
  checkScenario,
  editScenario,
  formatProblem,
  formatScenario,
  parseScenario,
} from './scenario/codec.ts';
export type { ParseResult, Problem } from './scenario/codec.ts';
export { operation, OPERATIONS, type OperationKind } from './scenario/operations.ts';
export { scenarioJsonSchema } from './scenario/json-schema.ts';
export * from './scenario/scenario.ts';
export { BasePager, NO_ADDRESS, NO_BLOCK } from './targets/base-pager.ts';
export type { PagerFactory } from './targets/reference.ts';
export { CSourceError } from './targets/c-source/tools.ts';
export type { Capabilities, Coverage, RunResult, SourceInfo, Target } from './targets/target.ts';
export * from './trace/codes.ts';
export { compareTraces, Recorder, type TraceDifference, type TraceRecord } from './trace/recorder.ts';
export { formatRecord, TRACE_HEADER } from './trace/text.ts';

/** Runs of each suite unless told otherwise: a few seconds in all, for tests that run often. */
const RUNS = 500;

/** The suites that there are, with a sentence about each. */
export const suites: readonly { name: string; does: string }[] = SUITES.map(({ name, does }) => ({
  name,
  does,
}));

/** The properties that there are, with the statement of each. */
export const properties: readonly { id: string; statement: string }[] = PROPERTIES.map(
  ({ id, statement }) => ({
    id,
    statement,
  }),
);

/** What makes a pager: a function of the kernel, or a class whose constructor takes it. */
export type PagerSource = PagerFactory | (new (kernel: PagerKernel) => Pager);

/**
 * What makes a pager, or the module whose default export does: `new URL('./my-pager.ts', import.meta.url)`. A module is loaded in
 * a thread of its own, which is watched; a function or a class cannot be sent to another thread, and runs in this one.
 */
export type PagerOrModule = PagerSource | URL;

/** What to check, and how long. */
export interface CheckOptions {
  /**
   * Makes the pager over the kernel that it will use: `(kernel) => new MyPager(kernel)`, or the class. Used several times. Or the
   * module that it comes from, as a URL. Of these two only a module is guarded against a pager that loops without calling the
   * kernel: a thread that loops hears neither `signal` nor `time` nor a test's own timeout, and that must not be the caller's.
   * After a minute without life (PAGERCHECK_PATIENCE in seconds) the thread is ended, and the report is an internal error with
   * the scenario and, where the debugger can tell, the line.
   */
  pager: PagerOrModule;
  /** What the pager is called in reports and scenarios; a module is called by its path, which `replay` finds it by. */
  name?: string;
  /** Names of suites; all by default. */
  suites?: readonly string[];
  /** Ids of properties; by default those that each suite names. */
  properties?: readonly string[];
  /** From 0 to 2^32-1; the same seed gives the same run. */
  seed?: number;
  /** Scenarios of each suite; 500 unless a time is given. */
  runs?: number;
  /**
   * For how long, in all: `30s`, `10m`, `2h`, each suite getting an equal share. Without `runs` it takes the place of the number
   * of runs; how many are made then depends on the machine.
   */
  time?: string;
  /** Distinct causes after which to stop. */
  maxFailures?: number;
  /** A directory of scenarios to run first, and to keep counterexamples in; none by default. */
  corpus?: string;
  /** A directory of scenarios, or one file: variations of these are run instead of scenarios that are drawn from nothing. */
  near?: string;
  /** Executes every scenario twice and compares the traces. */
  checkDeterminism?: boolean;
  /**
   * Threads that make the runs, for a pager that is given as a module; 1 by default. The report does not depend on it, times
   * aside, unless `time` or `signal` ends the run.
   */
  jobs?: number;
  /** Stops the run early; what was found until then is in the report. */
  signal?: StopSignal;
}

function requireKnown(kind: string, names: readonly string[], known: readonly string[]): void {
  for (const name of names) {
    if (!known.includes(name))
      throw unknownName(kind, name, known, 'checkPager', `there are ${known.join(', ')}`);
  }
}

const A_MODULE = "pager: new URL('./my-pager.ts', import.meta.url)";

/** What makes targets of a pager, of which one was made already. @throws UsageError if it makes no pager; `who` was called */
function targetsOf(name: string, pager: PagerSource | undefined, who: string): () => Target {
  const how =
    who === 'checkPager'
      ? `write pager: (kernel) => new MyPager(kernel), or give its module, ${A_MODULE}`
      : 'write (kernel) => new MyPager(kernel)';
  if (pager === undefined) throw new UsageError(`${who}: there is no pager; ${how}`);
  try {
    const factory = factoryOf(pager, { where: who, what: 'pager', how });
    const makeTarget = (): Target => createPagerTarget(name, factory);
    makeTarget();
    return makeTarget;
  } catch (thrown) {
    if (!(thrown instanceof ModuleError)) throw thrown;
    throw new UsageError(thrown.message, { cause: thrown });
  }
}

/** A pager of one's own as a target: something that executes scenarios. @throws UsageError if `pager` makes none */
export function definePagerTarget(name: string, pager: PagerSource): Target {
  return targetsOf(name, pager, 'definePagerTarget')();
}

/**
 * The text of a pager in C as a target, compiled if it was not before.
 * @throws CSourceError, with the compiler's words, or because `pagercheck setup c` was not run
 */
export async function defineSourceTarget(path: string): Promise<Target> {
  return new CSourceTarget(path, await compile(path));
}

/** The reference pager as a target; each scenario says in which form. */
export function defineReferenceTarget(): Target {
  return createReferenceTarget();
}

/**
 * Runs the suites against a pager and reports what was found; it does not throw because a property was violated.
 * @throws UsageError for an option that there is not, a value that it does not take, an unknown suite or property, what makes no
 * pager, or a broken corpus
 */
export async function checkPager(options: CheckOptions): Promise<RunReport> {
  requireCheckOptions(options, 'checkPager');
  const name = options.name ?? 'pager';
  requireKnown(
    'suite',
    options.suites ?? [],
    SUITES.map((suite) => suite.name),
  );
  requireKnown(
    'property',
    options.properties ?? [],
    PROPERTIES.map((property) => property.id),
  );
  const run = {
    seed: options.seed ?? DEFAULT_SEED,
    suites: options.suites ?? [],
    properties: options.properties ?? [],
    runs: options.runs ?? (options.time === undefined ? RUNS : null),
    timeMs: options.time === undefined ? null : timeOf(options.time),
    failuresMax: options.maxFailures ?? FAILURES_MAX,
    corpus: options.corpus ?? null,
    switches: SWITCHES.map(({ id }) => id),
    checkDeterminism: options.checkDeterminism ?? false,
    requireReach: false,
  };
  try {
    const near = options.near === undefined ? null : readNear(options.near);
    if (isModule(options.pager)) {
      const choice = choiceOfModule(options.pager, options.name);
      const request = { ...run, near, choice, jobs: options.jobs ?? 1 };
      return await hunt(request, {}, options.signal ?? { aborted: false }, patience(process.env));
    }
    if (options.jobs !== undefined) {
      throw new UsageError(
        `checkPager: jobs: what makes the pager cannot be sent to other threads; give its module, ${A_MODULE}`,
      );
    }
    const choice: TargetChoice = { name, form: 'repaired', switches: [] };
    const parts = catalogueParts(targetsOf(name, options.pager, 'checkPager'), near);
    return await runSuites({ ...run, near, choice, parts, threads: null }, {}, options.signal);
  } catch (thrown) {
    throw thrown instanceof UsageError ? asCalled(thrown) : thrown;
  }
}

/** What is named as on a command line, as it is called here. */
function asCalled(thrown: UsageError): UsageError {
  const message = thrown.message
    .replace(/^--(target|source): /, 'checkPager: pager: ')
    .replace(/^--corpus: /, 'checkPager: corpus: ')
    .replace(/^--near: /, 'checkPager: near: ');
  return message === thrown.message ? thrown : new UsageError(message, { cause: thrown });
}

/** Whether it is a URL, perhaps not of Node's own class: some test environments have another. */
function isModule(pager: PagerOrModule | undefined): pager is URL {
  return typeof pager === 'object' && pager !== null && 'href' in pager && 'protocol' in pager;
}

/** A module as the target of scenarios. @throws UsageError if there is none */
function choiceOfModule(url: URL, name: string | undefined): TargetChoice {
  if (name !== undefined)
    throw new UsageError('checkPager: name: a module is called by its path; leave name away');
  const path = pathOf(url);
  if (!isFile(path)) throw new UsageError(`checkPager: pager: there is no module ${path}`);
  return { name: nameOfModule(path), form: 'repaired', switches: [] };
}

/** @throws UsageError if the URL is not that of a file */
function pathOf(url: URL): string {
  if (url.protocol !== 'file:') throw new UsageError(`checkPager: pager: ${url.href} is not a file`);
  try {
    return fileURLToPath(url);
  } catch (thrown) {
    throw new UsageError(`checkPager: pager: ${url.href} is not a file here: ${messageOf(thrown)}`, {
      cause: thrown,
    });
  }
}

/** How it came to what a scenario shows; nothing if it does not show it, or if the pager throws. */
function story(scenario: Scenario, pager: PagerSource): string[] {
  try {
    const timeline = timelineOf(replay(scenario, pager));
    return timeline === null ? [] : [formatStory(timeline, NO_COLORS, '  ')];
  } catch {
    // what a replay throws the run has met as well, and reported
    return [];
  }
}

/** The same of a pager whose module the scenario names, and which may loop. */
async function guardedStory(scenario: Scenario): Promise<string[]> {
  try {
    const { timeline } = await replayGuarded({ scenario, isVerbose: false }, patience(process.env));
    return timeline === null ? [] : [formatStory(timeline, NO_COLORS, '  ')];
  } catch {
    return [];
  }
}

/** A pager did not hold; the message explains one failure of each bug, and names the others, `report` has everything. */
export class PagerCheckError extends Error {
  /** For those who cannot use `instanceof`. */
  override name = 'PagerCheckError';
  /** Everything that was found. */
  readonly report: RunReport;

  /**
   * With the pager that was checked the message also tells how it came to each failure; `stories` tell that by cause, where it is
   * known already.
   */
  constructor(
    report: RunReport,
    pager?: PagerSource,
    stories: ReadonlyMap<string, readonly string[]> = new Map(),
  ) {
    const suiteOf = (found: ViolationReport): string =>
      report.suites.find(({ violations }) => violations.some(({ cause }) => cause === found.cause))!.name;
    const failures = groupsOf(report).flatMap(({ first, others, doubtful }) => [
      formatViolation(first, suiteOf(first), NO_COLORS),
      ...(stories.get(first.cause) ?? (pager === undefined ? [] : story(first.scenario, pager))),
      ...others.map((other) =>
        formatLike(other, suiteOf(other), first.cause, !doubtful.includes(other), NO_COLORS),
      ),
    ]);
    super([formatVerdict(report, NO_COLORS), ...formatRemarks(report), ...failures].join('\n\n'));
    this.report = report;
  }
}

/** `checkPager` for tests: @throws PagerCheckError, with everything explained, unless the pager holds */
export async function assertPager(options: CheckOptions): Promise<RunReport> {
  const report = await checkPager(options);
  if (report.verdict === 'held') return report;
  if (!isModule(options.pager)) throw new PagerCheckError(report, options.pager);
  const stories = new Map<string, string[]>();
  for (const { first } of groupsOf(report)) stories.set(first.cause, await guardedStory(first.scenario));
  throw new PagerCheckError(report, undefined, stories);
}

/**
 * Executes one scenario, judged by every property: with a pager of one's own, or with the reference pager in the scenario's form.
 * @throws UsageError for what is no scenario, or without the pager that it is about
 */
export function replay(scenario: Scenario, pager?: PagerSource): ReplayOutcome {
  requireScenario(scenario, 'replay');
  if (pager === undefined && scenario.target.name !== 'reference') {
    throw new UsageError(`replay: the scenario is about ${scenario.target.name}: hand its pager to replay`);
  }
  const parts = catalogueParts(
    pager === undefined ? createReferenceTarget : targetsOf(scenario.target.name, pager, 'replay'),
  );
  return replayScenario(parts, scenario, allProperties(parts));
}

/** What a replay came to as text of at most 100 columns: each violation explained, and how it came to that. */
export function formatReplay(outcome: ReplayOutcome): string {
  return formatFindings(outcome.violations, timelineOf(outcome), NO_COLORS);
}
