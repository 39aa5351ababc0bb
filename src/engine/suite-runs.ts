/**
 * The runs of one suite, wherever they are made: draw, execute, judge, count. A range of them is asked for and answered as plain
 * data, so that other threads can do it; which thread does a range makes no difference to what comes of it.
 */
import { Random } from '../../properties/arbitraries/random.ts';
import type { Violation } from '../../properties/property.ts';
import type { Coverage, Suite } from '../../properties/suite.ts';
import type { Scenario, TargetChoice } from '../scenario/scenario.ts';
import type { RunResult, Target } from '../targets/target.ts';
import type { Ending } from '../trace/codes.ts';
import type { StopSignal } from './control.ts';
import { DeterminismCheck } from './determinism.ts';
import { InternalError, messageOf } from './errors.ts';
import { isSameFailure, judge } from './execute.ts';
import type { Judge, Parts } from './parts.ts';
import { noEndings, type SuiteReport } from './results.ts';
import { seedOfRun } from './seeds.ts';

/** What is counted of runs. */
export type Tally = Pick<
  SuiteReport,
  'runs' | 'operations' | 'noops' | 'transfers' | 'endings' | 'difference'
>;

function add(to: Map<string, number>, counts: ReadonlyMap<string, number>): void {
  for (const [name, count] of counts) to.set(name, (to.get(name) ?? 0) + count);
}

/** Adds one run. */
export function tally(report: Tally, result: RunResult): void {
  report.runs += 1;
  report.operations += result.operations;
  report.noops += result.noops;
  report.transfers += result.transfers;
  report.endings[result.ending] += 1;
}

/** Adds the tally of several runs. */
export function addTally(report: Tally, more: Tally): void {
  report.runs += more.runs;
  report.operations += more.operations;
  report.noops += more.noops;
  report.transfers += more.transfers;
  for (const ending of Object.keys(more.endings) as Ending[]) report.endings[ending] += more.endings[ending];
}

/** What fixes every run of a suite but its number. */
export interface Course {
  /** Name of the suite. */
  suite: string;
  /** Properties that judge. */
  properties: readonly string[];
  seed: number;
  choice: TargetChoice;
  checkDeterminism: boolean;
}

/** Makes runs, one at a time, all of them judged by one judge. */
export class SuiteRuns {
  private readonly coverage: Coverage;
  /** What runs have reached that were made elsewhere. */
  private readonly elsewhere = new Map<string, number>();
  private readonly suite: Suite;
  readonly course: Course;
  private readonly by: Judge;
  private readonly determinism: DeterminismCheck | null;
  private readonly random = new Random(0);

  constructor(parts: Parts, suite: Suite, course: Course) {
    this.suite = suite;
    this.course = course;
    this.coverage = suite.coverage();
    const { properties, checkDeterminism } = course;
    this.by = parts.makeJudge(properties, [this.coverage]);
    this.determinism = checkDeterminism ? new DeterminismCheck(parts, properties, [this.coverage]) : null;
  }

  /** What was reached, name to number of times: situations, and transitions of the state machines if those judge. */
  reached(): Map<string, number> {
    const reached = new Map(this.coverage.counts());
    const judges = this.determinism === null ? [this.by] : [this.by, this.determinism.judge];
    for (const one of judges) add(reached, one.counts());
    add(reached, this.elsewhere);
    return reached;
  }

  /** Adds what runs reached that were made elsewhere. */
  addReached(reached: ReadonlyMap<string, number>): void {
    add(this.elsewhere, reached);
  }

  /** Draws the scenario of a run. @throws InternalError */
  scenario(run: number): Scenario {
    const seed = seedOfRun(this.course.seed, this.suite.name, run);
    try {
      this.random.seed(seed);
      const scenario = this.suite.generate(this.random);
      scenario.target = this.course.choice;
      return scenario;
    } catch (thrown) {
      throw new InternalError(
        `the generator of suite ${this.suite.name} (seed ${seed}): ${messageOf(thrown)}`,
        null,
        thrown,
      );
    }
  }

  /**
   * Executes it and adds it to the report. @returns its violations, valid until the next run. @throws InternalError, and then
   * nothing was added
   */
  execute(target: Target, scenario: Scenario, run: number, report: Tally): readonly Violation[] {
    this.coverage.begin(scenario);
    if (this.determinism === null || report.difference !== null) {
      tally(report, judge(target, scenario, this.by));
      return this.by.violations;
    }
    tally(report, this.determinism.run(target, scenario, run, report));
    return this.determinism.judge.violations;
  }
}

/** A range of runs. */
export interface RangeRequest extends Course {
  first: number;
  runs: number;
  /** Causes that were seen already: a run that fails for another one is the last. */
  known: readonly Pick<Violation, 'property' | 'cause'>[];
}

/** What came of a range. */
export interface RangeResult {
  /** Fewer runs than were asked for, after a stop, a new cause, or when something was thrown. */
  counted: Tally;
  /** What these runs reached. */
  reached: ReadonlyMap<string, number>;
  /** Runs with violations. */
  failing: { run: number; violations: Violation[] }[];
  /** What the run after those that were counted threw, if it threw. */
  thrown: { message: string; cause: unknown } | null;
}

/** Who makes ranges of runs elsewhere. */
export interface Threads {
  /** How many ranges are made at once. */
  readonly count: number;
  /** @throws ThreadEnded */
  make(request: RangeRequest): Promise<RangeResult>;
}

/** A thread is no more, and only the number of the run is known in which that happened. */
export class ThreadEnded extends Error {
  /** For those who cannot use `instanceof`. */
  override name = 'ThreadEnded';
  /** The run; -1 if it was in none. */
  readonly run: number;

  constructor(message: string, run: number) {
    super(message);
    this.run = run;
  }
}

/** Makes ranges of runs for somebody else. Worlds are reused, and so are judges while the suite stays the same. */
export class RangeMaker {
  private readonly parts: Parts;
  private target: Target;
  private runs: SuiteRuns | null = null;
  private course = '';
  private reached: ReadonlyMap<string, number> = new Map();

  constructor(parts: Parts) {
    this.parts = parts;
    this.target = parts.makeTarget();
  }

  /** Makes a range, or its beginning; `onRun` is called before each run. */
  make(
    { first, runs: wanted, known, ...course }: RangeRequest,
    onRun: (run: number) => void,
    signal: StopSignal,
  ): RangeResult {
    const counted: Tally = {
      runs: 0,
      operations: 0,
      noops: 0,
      transfers: 0,
      endings: noEndings(),
      difference: null,
    };
    const result: RangeResult = { counted, reached: new Map(), failing: [], thrown: null };
    const runs = this.runsOf(course);
    try {
      for (let run = first; run < first + wanted && !signal.aborted; run++) {
        onRun(run);
        const violations = [...runs.execute(this.target, runs.scenario(run), run, counted)];
        if (violations.length === 0) continue;
        result.failing.push({ run, violations });
        if (violations.some((one) => !known.some((other) => isSameFailure(one, other)))) break;
      }
    } catch (thrown) {
      const cause = thrown instanceof InternalError ? thrown.cause : thrown;
      result.thrown = { message: messageOf(thrown), cause: cause instanceof Error ? cause : undefined };
    }
    const before = this.reached;
    this.reached = runs.reached();
    result.reached = new Map(
      [...this.reached].map(([name, count]) => [name, count - (before.get(name) ?? 0)]),
    );
    if (result.thrown !== null) {
      // nobody knows what state they are in
      this.target = this.parts.makeTarget();
      this.runs = null;
    }
    return result;
  }

  private runsOf(course: Course): SuiteRuns {
    const text = JSON.stringify(course);
    if (this.runs === null || this.course !== text) {
      this.course = text;
      this.reached = new Map();
      this.runs = new SuiteRuns(
        this.parts,
        this.parts.suites.find(({ name }) => name === course.suite)!,
        course,
      );
    }
    return this.runs;
  }
}
