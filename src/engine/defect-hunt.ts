/**
 * The hunt through a pager with known defects: search until something fails, make it small, find out which defects it is due to,
 * repair these, and search on, so that what they hid comes to light. What no repair explains is kept as unknown. The result
 * depends on the seed and on how long it lasts, not on how fast the searches are: their results are taken in the order in
 * which they were asked for.
 */
import type { Violation } from '../../properties/property.ts';
import type { Scenario, TargetChoice } from '../scenario/scenario.ts';
import { culpritsOf, type Occurs } from './attribute.ts';
import { explain, writeScenario } from './corpus.ts';
import type { StopSignal } from './control.ts';
import type { Parts } from './parts.ts';
import {
  isCallerLevel,
  REPAIRED,
  Searcher,
  type Failing,
  type Lane,
  type SearchRequest,
  type SearchResult,
} from './search.ts';

/** Searches under way at once; fixed, so that the result does not depend on the number of processors. */
export const SEARCHES = 2;

/** Runs of one search. */
const SEARCH_RUNS = 200;

/** A defect that was found. */
export interface FoundDefect {
  id: string;
  /** Found by operations of processes and file systems alone, or only with direct calls of the pager. */
  reachable: 'caller' | 'direct';
  property: string;
  cause: string;
  /** Operations of its smallest scenario. */
  operations: number;
  /** Defects without which the scenario does not show it. */
  needs: readonly string[];
  file: string | null;
  /** The suite and the run whose scenario showed it. */
  suite: string;
  run: number;
  /** Runs and time until then, all suites together. */
  runs: number;
  seconds: number;
  scenario: Scenario;
  explanation: Violation;
}

/** A violation that no repair explains. */
export interface Unexplained {
  property: string;
  cause: string;
  operations: number;
  file: string | null;
  scenario: Scenario;
  explanation: Violation;
}

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
  runs: number;
  operations: number;
  seconds: number;
}

/** What is told while it goes on. */
export interface HuntListener {
  /** A defect was found, or one that was found by direct calls was found by callers. */
  defect?: (found: FoundDefect, isNew: boolean) => void;
  unknown?: (found: Unexplained) => void;
  progress?: (report: HuntReport) => void;
}

/** What is hunted. */
export interface HuntOptions {
  parts: Parts;
  /** The form to begin with: as written, less some repairs. */
  choice: TargetChoice;
  /** All switches of the pager. */
  switches: readonly string[];
  suites: readonly string[];
  seed: number;
  timeMs: number;
  /** Ends after so long without news; null for never. */
  settleMs: number | null;
  /** Directory for counterexamples; null for none. */
  corpus: string | null;
  /** Does a search, in whatever thread. */
  search: (request: SearchRequest) => Promise<SearchResult>;
}

/** One suite in one lane, and how far it has come. */
interface Course {
  suite: string;
  lane: Lane;
  next: number;
}

/** Hunts until the time is over. @throws InternalError from a search; UsageError if a file cannot be written */
export async function huntDefects(
  options: HuntOptions,
  listener: HuntListener = {},
  signal?: StopSignal,
): Promise<HuntReport> {
  return new DefectHunt(options, listener).run(signal);
}

class DefectHunt {
  private readonly options: HuntOptions;
  private readonly listener: HuntListener;
  private readonly searcher: Searcher;
  private readonly startedMs = performance.now();
  private newsMs = this.startedMs;
  private readonly report: HuntReport;
  /** Defects of the form that was asked for. */
  private readonly present: readonly string[];
  /** What was found in each lane, and is repaired there. */
  private readonly repaired: Record<Lane, Set<string>> = { all: new Set(), caller: new Set() };
  private readonly courses: Course[];

  constructor(options: HuntOptions, listener: HuntListener) {
    const { choice, switches, suites, seed, parts } = options;
    this.options = options;
    this.listener = listener;
    this.searcher = new Searcher(parts);
    this.present = switches.filter((one) => choice.switches.includes(one) === (choice.form === 'repaired'));
    this.courses = (['all', 'caller'] as const).flatMap((lane) =>
      suites.map((suite): Course => ({ suite, lane, next: 0 })),
    );
    this.report = {
      seed,
      target: choice,
      stopped: 'time',
      defects: [],
      unknown: [],
      notFound: [...this.present],
      runs: 0,
      operations: 0,
      seconds: 0,
    };
  }

  async run(signal: StopSignal | undefined): Promise<HuntReport> {
    const { report } = this;
    const underWay: { course: Course; result: Promise<SearchResult> }[] = [];
    for (let turn = 0; ;) {
      while (underWay.length < Math.min(SEARCHES, this.courses.length)) {
        const course = this.courses[turn++ % this.courses.length]!;
        // a suite is searched by one at a time: its next run is known when the last search has ended
        if (underWay.some((one) => one.course === course)) continue;
        underWay.push({ course, result: this.search(course) });
      }
      const { course, result } = underWay.shift()!;
      // who asked is told of an error when its turn comes, not before
      for (const other of underWay) other.result.catch(() => {});
      this.take(course, await result);
      report.seconds = (performance.now() - this.startedMs) / 1000;
      this.listener.progress?.(report);
      const stopped = this.stopReason(signal);
      if (stopped === null) continue;
      report.stopped = stopped;
      return report;
    }
  }

  private stopReason(signal: StopSignal | undefined): HuntStop | null {
    const { timeMs, settleMs } = this.options;
    const now = performance.now();
    if (signal?.aborted === true) return 'interrupted';
    if (this.repaired.caller.size === this.present.length) return 'complete';
    if (now - this.startedMs >= timeMs) return 'time';
    if (settleMs !== null && now - this.newsMs >= settleMs) return 'settled';
    return null;
  }

  private search({ suite, lane, next }: Course): Promise<SearchResult> {
    const { seed, search } = this.options;
    const choice = this.choiceOf(this.presentIn(lane));
    return search({ suite, lane, seed, from: next, runs: SEARCH_RUNS, choice });
  }

  /** Defects that are still there in a lane. */
  private presentIn(lane: Lane): string[] {
    return this.present.filter((one) => !this.repaired[lane].has(one));
  }

  /** The pager with exactly these defects, said in as few switches as it takes. */
  private choiceOf(defects: readonly string[]): TargetChoice {
    const { switches } = this.options;
    if (2 * defects.length < switches.length) return { ...REPAIRED, switches: [...defects] };
    return { ...REPAIRED, form: 'as-written', switches: switches.filter((one) => !defects.includes(one)) };
  }

  private take(course: Course, { runs, operations, failing, unexplained }: SearchResult): void {
    this.report.runs += runs;
    this.report.operations += operations;
    course.next += runs;
    for (const one of unexplained) this.keepUnexplained(one);
    if (failing === null) return;
    // the same run again, under the repairs of what is found now: there may be more in it
    course.next = failing.run;
    this.attribute(course, failing);
  }

  /** Makes it small, finds the defects that it is due to, and has them repaired from now on. */
  private attribute({ suite, lane }: Course, { run, scenario, violation }: Failing): void {
    const { searcher, options } = this;
    const present = this.presentIn(lane);
    const choice = this.choiceOf(present);
    // its defect may have been repaired while the search was under way
    if (!searcher.fails(scenario, choice, violation)) return;
    const small = options.parts.shrink(
      scenario,
      (one) => searcher.fails(one, choice, violation) && !searcher.fails(one, REPAIRED, violation),
    ).scenario;
    const occurs: Occurs = (defects) => searcher.fails(small, this.choiceOf(defects), violation);
    for (const { defect, needs } of culpritsOf(occurs, present)) {
      this.repaired[lane].add(defect);
      this.found(lane, { suite, run, scenario: small, violation }, defect, needs);
    }
  }

  private found(lane: Lane, from: Failing & { suite: string }, id: string, needs: readonly string[]): void {
    const { searcher, options, report } = this;
    const { violation } = from;
    const choice = this.choiceOf([...needs, id]);
    const without = this.choiceOf(needs);
    const { scenario } = options.parts.shrink(
      from.scenario,
      (one) => searcher.fails(one, choice, violation) && !searcher.fails(one, without, violation),
    );
    const isCaller = lane === 'caller' || isCallerLevel(scenario);
    if (isCaller) for (const each of ['all', 'caller'] as const) this.repaired[each].add(id);
    const known = report.defects.findIndex((one) => one.id === id);
    if (known >= 0 && (report.defects[known]!.reachable === 'caller' || !isCaller)) return;
    const { property, cause } = violation;
    const kept: Scenario = { ...scenario, target: choice, expect: { property, cause } };
    const explanation = searcher.explain(scenario, choice, violation) ?? violation;
    const found: FoundDefect = {
      id,
      reachable: isCaller ? 'caller' : 'direct',
      property,
      cause,
      operations: kept.operations.length,
      needs,
      file: this.write(id, kept, explanation),
      suite: from.suite,
      run: from.run,
      runs: report.runs,
      seconds: (performance.now() - this.startedMs) / 1000,
      scenario: kept,
      explanation,
    };
    this.newsMs = performance.now();
    if (known >= 0) report.defects[known] = found;
    else report.defects.push(found);
    report.notFound = report.notFound.filter((one) => one !== id);
    this.listener.defect?.(found, known < 0);
  }

  private keepUnexplained({ scenario, violation }: Failing): void {
    const { searcher, options, report } = this;
    const { property, cause } = violation;
    if (report.unknown.some((one) => one.cause === cause)) return;
    const small = options.parts.shrink(scenario, (one) => searcher.fails(one, REPAIRED, violation)).scenario;
    const kept: Scenario = { ...small, target: REPAIRED, expect: { property, cause } };
    const explanation = searcher.explain(small, REPAIRED, violation) ?? violation;
    const unknown: Unexplained = {
      property,
      cause,
      operations: kept.operations.length,
      file: this.write(`unknown-${property}`, kept, explanation),
      scenario: kept,
      explanation,
    };
    this.newsMs = performance.now();
    report.unknown.push(unknown);
    this.listener.unknown?.(unknown);
  }

  private write(name: string, scenario: Scenario, explanation: Violation): string | null {
    const { corpus } = this.options;
    if (corpus === null) return null;
    return writeScenario(corpus, name, scenario, (file) => explain(explanation, file));
  }
}
