/**
 * What every hunt does, whatever it hunts in: searches of suites in lanes by turns, their results taken in the order in which
 * they were asked for; the best scenario of each defect, and what nothing explains; news, time, and when to end. What a search
 * looks for, and to which defect a failure is due, is the hunt's own.
 */
import { Random } from '../../properties/arbitraries/random.ts';
import type { Violation } from '../../properties/property.ts';
import type { Scenario, TargetChoice } from '../scenario/scenario.ts';
import type { StopSignal } from './control.ts';
import { isBetter, Keeper, OPERATIONS_GOOD, type FoundDefect, type Unexplained } from './finds.ts';
import type { Parts } from './parts.ts';
import { isCallerLevel } from './search.ts';
import { leap } from './shrink-leaps.ts';

/** Searches under way at once; fixed, so that the result does not depend on the number of processors. */
export const SEARCHES = 2;

/** Why it ended: the time is over, there was no news for long enough, all is found by callers alone, or it was interrupted. */
export type HuntStop = 'time' | 'settled' | 'complete' | 'interrupted';

/** What the hunt came to. */
export interface HuntReport {
  seed: number;
  target: TargetChoice;
  stopped: HuntStop;
  /** In the order in which they were found. */
  defects: FoundDefect[];
  unknown: Unexplained[];
  /** Switches that were on and were not found. */
  notFound: string[];
  /** Switches that were on although C text does not have their defects: there it does what the repaired pager does. */
  repaired: string[];
  /** Properties that C text violates by other ways than the reference, as known defects do: to which it is due is not known. */
  alike: string[];
  runs: number;
  operations: number;
  seconds: number;
  /** What the thread that takes the results did in that time, in seconds: the rest is waiting for searches. */
  spent: { shrinking: number; attributing: number };
  /** Why a file could not be written, if one could not. */
  fileError: string | null;
}

/** What is told while it goes on. */
export interface HuntListener {
  /** A defect was found for the first time, or a better scenario of one. */
  defect?: (found: FoundDefect, isNew: boolean) => void;
  unknown?: (found: Unexplained) => void;
  /** C text was seen to have a repair. */
  repaired?: (id: string, seconds: number) => void;
  progress?: (report: HuntReport) => void;
}

/** What every hunt is given. */
export interface HuntBasics {
  parts: Parts;
  /** What is hunted in. */
  choice: TargetChoice;
  /** All switches of the reference pager. */
  switches: readonly string[];
  suites: readonly string[];
  seed: number;
  timeMs: number;
  /** Ends after so long without news; null for never. */
  settleMs: number | null;
  /** Directory for counterexamples; null for none. */
  corpus: string | null;
}

/** One suite in one lane, and how far it has come. */
export interface Course<Lane> {
  suite: string;
  lane: Lane;
  next: number;
}

/** A scenario of a defect, and how it came about. */
interface Catch {
  suite: string;
  run: number;
  varied: boolean;
  /** The switch, and those without which the scenario does not show it. */
  id: string;
  needs: readonly string[];
  scenario: Scenario;
  /** What the file names as its target. */
  target: TargetChoice;
  violation: Violation;
}

/** What was searched. */
interface Searched {
  runs: number;
  operations: number;
}

/** The report of a hunt that has not begun; `form`: the form of the reference pager that does what is hunted in. */
export function nothingFound(
  { choice, switches, seed }: Pick<HuntBasics, 'choice' | 'switches' | 'seed'>,
  form: TargetChoice,
): HuntReport {
  return {
    seed,
    target: choice,
    stopped: 'time',
    defects: [],
    unknown: [],
    notFound: switches.filter((one) => form.switches.includes(one) === (form.form === 'repaired')),
    repaired: [],
    alike: [],
    runs: 0,
    operations: 0,
    seconds: 0,
    spent: { shrinking: 0, attributing: 0 },
    fileError: null,
  };
}

/** Somebody does not want to wait any more. */
class Interrupted extends Error {}

/** Does it, or what is left to do where that was interrupted. */
function unlessInterrupted<T>(work: () => T, otherwise: () => T): T {
  try {
    return work();
  } catch (thrown) {
    if (!(thrown instanceof Interrupted)) throw thrown;
    return otherwise();
  }
}

/** A hunt that is going on. */
export abstract class Hunting<Lane extends string, Result> {
  protected readonly report: HuntReport;
  protected readonly found = new Map<string, FoundDefect>();
  protected readonly random: Random;
  /** Defects of the form that does what is hunted in, as far as that is known; another list when it is known better. */
  protected present: readonly string[];
  private readonly basics: HuntBasics;
  private readonly listener: HuntListener;
  private readonly lanes: readonly Lane[];
  private readonly courses: Course<Lane>[];
  private readonly keeper: Keeper;
  private readonly startedMs = performance.now();
  private signal: StopSignal | undefined;
  private newsMs = this.startedMs;

  /** `form`: the form of the reference pager that does what is hunted in. */
  constructor(basics: HuntBasics, form: TargetChoice, lanes: readonly Lane[], listener: HuntListener) {
    const { suites, seed, corpus } = basics;
    this.basics = basics;
    this.listener = listener;
    this.lanes = lanes;
    this.keeper = new Keeper(corpus);
    this.random = new Random(seed);
    this.courses = lanes.flatMap((lane, first) =>
      suites.map((suite): Course<Lane> => ({ suite, lane, next: first })),
    );
    this.report = nothingFound(basics, form);
    this.present = [...this.report.notFound];
  }

  /** Asks for a search. */
  protected abstract begin(course: Course<Lane>): Promise<Result>;
  /** Takes what came of it. */
  protected abstract take(course: Course<Lane>, result: Result): void;
  /** Whether nothing is left to be wished for. */
  protected abstract isComplete(): boolean;
  /** What is left to be told when it is over. */
  protected finish(): void {}
  /** Whether there is anything to be looked for in a lane; always, in at least as many courses as are searched at once. */
  protected abstract isOpen(lane: Lane): boolean;

  /**
   * Hunts until it is over. Who interrupts it gets the scenario that is being made small as small as it is by then.
   * @throws InternalError from a search
   */
  async run(signal: StopSignal | undefined): Promise<HuntReport> {
    const { report, courses } = this;
    this.signal = signal;
    const atOnce = Math.min(SEARCHES, courses.length);
    const pending: { course: Course<Lane>; result: Promise<Result> }[] = [];
    for (let turn = 0; ;) {
      while (pending.length < atOnce) {
        const course = courses[turn++ % courses.length]!;
        // a course is searched by one at a time: its next run is known when the last search has ended
        if (pending.some((one) => one.course === course) || !this.isOpen(course.lane)) continue;
        pending.push({ course, result: this.begin(course) });
      }
      const { course, result } = pending.shift()!;
      // who asked is told of an error when its turn comes, not before
      for (const other of pending) other.result.catch(() => {});
      const searched = await result;
      // what is not attributed yet, nobody knows by name: it is found again by who goes on
      if (!this.isInterrupted) {
        unlessInterrupted(
          () => this.take(course, searched),
          () => {},
        );
      }
      report.seconds = this.elapsedSeconds;
      report.fileError = this.keeper.trouble;
      this.listener.progress?.(report);
      const stopped = this.stopReason();
      if (stopped === null) continue;
      report.stopped = stopped;
      unlessInterrupted(
        () => this.finish(),
        () => {},
      );
      return report;
    }
  }

  private get elapsedSeconds(): number {
    return (performance.now() - this.startedMs) / 1000;
  }

  private get isInterrupted(): boolean {
    return this.signal?.aborted === true;
  }

  private stopReason(): HuntStop | null {
    const { timeMs, settleMs } = this.basics;
    const now = performance.now();
    if (this.isInterrupted) return 'interrupted';
    if (this.isComplete()) return 'complete';
    if (now - this.startedMs >= timeMs) return 'time';
    if (settleMs !== null && now - this.newsMs >= settleMs) return 'settled';
    return null;
  }

  /** Counts a search that has ended. */
  protected count(course: Course<Lane>, { runs, operations }: Searched): void {
    this.report.runs += runs;
    this.report.operations += operations;
    course.next += runs * this.step;
  }

  /** How far it is from one run of a course to the next. */
  protected get step(): number {
    return this.lanes.length;
  }

  /** Does what its time is counted for. */
  protected timed<T>(what: keyof HuntReport['spent'], work: () => T): T {
    const startedMs = performance.now();
    try {
      return work();
    } finally {
      this.report.spent[what] += (performance.now() - startedMs) / 1000;
    }
  }

  /** A question that is not asked any more after an interrupt. @throws Interrupted */
  protected heeding<T>(question: (of: T) => boolean): (of: T) => boolean {
    return (of) => {
      if (this.isInterrupted) throw new Interrupted();
      return question(of);
    };
  }

  /** Makes a scenario smaller, step by step; after an interrupt it stays as small as it is. */
  protected shrink(scenario: Scenario, fails: (candidate: Scenario) => boolean): Scenario {
    let smallest = scenario;
    const failsToo = this.heeding((one: Scenario) => {
      const isSmaller = fails(one);
      if (isSmaller) smallest = one;
      return isSmaller;
    });
    const { parts } = this.basics;
    return this.timed('shrinking', () =>
      unlessInterrupted(
        () => parts.shrink(scenario, failsToo).scenario,
        () => smallest,
      ),
    );
  }

  /** Makes a scenario smaller that steps do not make small enough; one without direct calls stays so. */
  protected leaps(
    scenario: Scenario,
    fails: (candidate: Scenario) => boolean,
    attemptsMax: number,
  ): Scenario {
    const isCaller = isCallerLevel(scenario);
    const failsToo = (one: Scenario): boolean => (!isCaller || isCallerLevel(one)) && fails(one);
    let smallest = scenario;
    let rest = attemptsMax;
    while (smallest.operations.length > OPERATIONS_GOOD && rest > 0) {
      const from = smallest;
      const { found, attempts } = this.timed('shrinking', () =>
        unlessInterrupted(
          () => leap(from, this.heeding(failsToo), this.random, rest),
          () => ({ found: null, attempts: 0 }),
        ),
      );
      rest -= attempts;
      if (found === null) break;
      smallest = this.shrink(found, failsToo);
    }
    return smallest;
  }

  /** Keeps a scenario of a defect, if none is known or it is better. @returns whether anything changed */
  protected keep(caught: Catch, explain: (scenario: Scenario) => Violation | undefined): boolean {
    const { report, keeper, found } = this;
    const { suite, run, varied, id, needs, scenario, target, violation } = caught;
    const known = found.get(id);
    const reachable = isCallerLevel(scenario) || known?.reachable === 'caller' ? 'caller' : 'direct';
    if (known !== undefined && !isBetter({ needs, scenario }, known)) {
      if (known.reachable === reachable) return false;
      known.reachable = reachable;
      this.newsMs = performance.now();
      return true;
    }
    const { property, cause } = violation;
    const kept: Scenario = { ...scenario, target, expect: { property, cause } };
    const explanation = explain(scenario) ?? violation;
    const file = keeper.keep(id, kept, explanation);
    if (known !== undefined && known.file !== file) keeper.supersede(known.file);
    const { runs, seconds } = known ?? { runs: report.runs, seconds: this.elapsedSeconds };
    const one: FoundDefect = {
      id,
      reachable,
      property,
      cause,
      operations: kept.operations.length,
      needs,
      file,
      suite,
      run,
      varied,
      runs,
      seconds,
      scenario: kept,
      explanation,
    };
    this.newsMs = performance.now();
    found.set(id, one);
    // a map keeps the order in which its keys came
    report.defects = [...found.values()];
    report.notFound = report.notFound.filter((other) => other !== id);
    this.listener.defect?.(one, known === undefined);
    return true;
  }

  /** What is hunted in does not have this defect. */
  protected keepRepaired(id: string): void {
    const { report } = this;
    this.present = this.present.filter((one) => one !== id);
    report.notFound = report.notFound.filter((one) => one !== id);
    report.repaired.push(id);
    this.newsMs = performance.now();
    this.listener.repaired?.(id, this.elapsedSeconds);
  }

  /** It has it all the same: it was not repaired, or not everywhere. */
  protected takeBack(id: string): void {
    const { report, basics } = this;
    const isBack = (one: string): boolean => one === id || this.present.includes(one);
    this.present = basics.switches.filter(isBack);
    report.repaired = report.repaired.filter((one) => one !== id);
    report.notFound = basics.switches.filter((one) => one === id || report.notFound.includes(one));
  }

  /** Something that nothing explained has been explained. */
  protected dropUnknown(one: Unexplained): void {
    const { report, keeper } = this;
    report.unknown = report.unknown.filter((other) => other !== one);
    keeper.supersede(one.file);
  }

  /** Keeps what no repair explains. */
  protected keepUnknown(
    scenario: Scenario,
    target: TargetChoice,
    explanation: Violation,
    parted: boolean,
  ): void {
    const { property, cause } = explanation;
    const kept: Scenario = { ...scenario, target, expect: { property, cause } };
    const unknown: Unexplained = {
      property,
      cause,
      parted,
      operations: kept.operations.length,
      file: this.keeper.keep(`unknown-${property}`, kept, explanation),
      scenario: kept,
      explanation,
    };
    this.newsMs = performance.now();
    this.report.unknown.push(unknown);
    this.listener.unknown?.(unknown);
  }
}
