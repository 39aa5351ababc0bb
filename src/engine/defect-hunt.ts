/**
 * The hunt through a pager with known defects: search until something fails, make it small, find out which defects it is due to,
 * repair these, and search on, so that what they hid comes to light. What no repair explains is kept as unknown. The result
 * depends on the seed and on how long it lasts, not on how fast the searches are: their results are taken in the order in
 * which they were asked for.
 */
import { Random } from '../../properties/arbitraries/random.ts';
import type { Scenario, TargetChoice } from '../scenario/scenario.ts';
import { culpritsOf, type Occurs } from './attribute.ts';
import type { StopSignal } from './control.ts';
import { isBetter, isGood, Keeper, OPERATIONS_GOOD, type FoundDefect, type Unexplained } from './finds.ts';
import type { Parts } from './parts.ts';
import { leap } from './shrink-leaps.ts';
import {
  isCallerLevel,
  REPAIRED,
  Searcher,
  type Failing,
  type SearchRequest,
  type SearchResult,
} from './search.ts';

/** Searches under way at once; fixed, so that the result does not depend on the number of processors. */
export const SEARCHES = 2;

/** Runs of one search. */
const SEARCH_RUNS = 200;

/**
 * What is looked for, by turns, each in runs of its own. `all`: defects that were not found yet. `caller`: those that were not
 * found by callers yet, without direct calls. `again`: better scenarios of defects whose only ones are long, or show them
 * only in company. `company`: defects that were not found yet, with some of those that were: some show only beside another.
 */
const LANES = ['all', 'caller', 'again', 'company'] as const;

type Lane = (typeof LANES)[number];

/** How often a better scenario is looked for in vain before a defect is left alone. */
const TRIES_MAX = 12;

/** Leaps from a scenario that is long to one with fewer operations, at most. */
const LEAPS_MAX = 12_000;

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

/** A search, and the found defects that were on in it. */
interface Pending {
  course: Course;
  company: readonly string[];
  result: Promise<SearchResult>;
}

/** Hunts until the time is over. @throws InternalError from a search */
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
  private readonly keeper: Keeper;
  private readonly random: Random;
  private readonly startedMs = performance.now();
  private newsMs = this.startedMs;
  private readonly report: HuntReport;
  /** Defects of the form that was asked for. */
  private readonly present: readonly string[];
  private readonly found = new Map<string, FoundDefect>();
  /** Attempts at a better scenario since the last one. */
  private readonly tries = new Map<string, number>();
  private readonly courses: Course[];

  constructor(options: HuntOptions, listener: HuntListener) {
    const { choice, switches, suites, seed, parts, corpus } = options;
    this.options = options;
    this.listener = listener;
    this.searcher = new Searcher(parts);
    this.keeper = new Keeper(corpus);
    this.random = new Random(seed);
    this.present = switches.filter((one) => choice.switches.includes(one) === (choice.form === 'repaired'));
    this.courses = LANES.flatMap((lane, first) =>
      suites.map((suite): Course => ({ suite, lane, next: first })),
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
      spent: { shrinking: 0, attributing: 0 },
      fileError: null,
    };
  }

  async run(signal: StopSignal | undefined): Promise<HuntReport> {
    const { report } = this;
    const pending: Pending[] = [];
    for (let turn = 0; ;) {
      while (pending.length < SEARCHES) {
        const course = this.courses[turn++ % this.courses.length]!;
        // a course is searched by one at a time: its next run is known when the last search has ended
        if (pending.some((one) => one.course === course) || !this.isOpen(course.lane)) continue;
        pending.push(this.begin(course));
      }
      const { course, company, result } = pending.shift()!;
      // who asked is told of an error when its turn comes, not before
      for (const other of pending) other.result.catch(() => {});
      this.take(course, company, await result);
      report.seconds = (performance.now() - this.startedMs) / 1000;
      report.fileError = this.keeper.trouble;
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
    if (this.wanted('caller').length === 0 && !this.isOpen('again')) return 'complete';
    if (now - this.startedMs >= timeMs) return 'time';
    if (settleMs !== null && now - this.newsMs >= settleMs) return 'settled';
    return null;
  }

  /** Whether there is anything to be looked for; the first two lanes also look for what nothing explains. */
  private isOpen(lane: Lane): boolean {
    return lane === 'all' || lane === 'caller' || this.wanted(lane).length > 0;
  }

  /** Defects that a lane looks for. */
  private wanted(lane: Lane): string[] {
    const { present, found, tries } = this;
    switch (lane) {
      case 'all':
        return present.filter((one) => !found.has(one));
      case 'caller':
        return present.filter((one) => found.get(one)?.reachable !== 'caller');
      case 'again':
        return present.filter((one) => {
          const known = found.get(one);
          return known !== undefined && !isGood(known) && (tries.get(one) ?? 0) < TRIES_MAX;
        });
      case 'company':
        return found.size === 0 ? [] : present.filter((one) => !found.has(one));
    }
  }

  private begin(course: Course): Pending {
    const { seed, search } = this.options;
    const { suite, lane, next } = course;
    const company = lane === 'company' ? this.drawCompany() : [];
    const result = search({
      suite,
      direct: lane !== 'caller',
      seed,
      from: next,
      step: LANES.length,
      runs: SEARCH_RUNS,
      choice: this.choiceOf([...this.wanted(lane), ...company]),
      explained: this.choiceOf(company),
    });
    return { course, company, result };
  }

  /** Some found defects, half of them at most: what these do by themselves does not hide much of what others do. */
  private drawCompany(): string[] {
    const { random, found } = this;
    const others = [...found.keys()];
    const company = new Set<string>();
    for (let i = 1 + random.below(Math.ceil(others.length / 2)); i > 0; i--) company.add(random.pick(others));
    return [...company];
  }

  /** The pager with exactly these defects, said in as few switches as it takes. */
  private choiceOf(defects: readonly string[]): TargetChoice {
    const { switches } = this.options;
    if (2 * defects.length < switches.length) return { ...REPAIRED, switches: [...defects] };
    return { ...REPAIRED, form: 'as-written', switches: switches.filter((one) => !defects.includes(one)) };
  }

  private take(course: Course, company: readonly string[], result: SearchResult): void {
    const { runs, operations, failing, unexplained } = result;
    this.report.runs += runs;
    this.report.operations += operations;
    course.next += runs * LANES.length;
    for (const one of unexplained) this.keepUnexplained(one);
    if (failing === null) return;
    const goesOn = this.attribute(course, company, failing);
    // the same run again, under the repairs of what is found now: there may be more in it
    if (goesOn && (course.lane === 'all' || course.lane === 'caller')) course.next = failing.run;
  }

  /** Makes it small and finds the defects that it is due to. @returns whether more is known than when the search began */
  private attribute(course: Course, company: readonly string[], failing: Failing): boolean {
    const { searcher } = this;
    const { scenario, violation } = failing;
    // those that are looked for first: of defects that only show together they are the news
    const present = [...this.wanted(course.lane), ...company];
    const choice = this.choiceOf(present);
    const explained = this.choiceOf(company);
    const fails = (one: Scenario): boolean =>
      searcher.fails(one, choice, violation) && !searcher.fails(one, explained, violation);
    // its defect may have been found while the search was under way
    if (!fails(scenario)) return true;
    const small = this.shrink(scenario, fails);
    const occurs: Occurs = (defects) => searcher.fails(small, this.choiceOf(defects), violation);
    const startedMs = performance.now();
    const culprits = culpritsOf(occurs, present);
    this.report.spent.attributing += (performance.now() - startedMs) / 1000;
    let isNews = false;
    for (const { defect, needs } of culprits) {
      if (company.includes(defect)) continue;
      isNews = this.keep(course, { ...failing, scenario: small }, defect, needs) || isNews;
    }
    return isNews;
  }

  private shrink(scenario: Scenario, fails: (candidate: Scenario) => boolean): Scenario {
    const startedMs = performance.now();
    const small = this.options.parts.shrink(scenario, fails).scenario;
    this.report.spent.shrinking += (performance.now() - startedMs) / 1000;
    return small;
  }

  /** Makes a scenario smaller that steps do not make small enough; one without direct calls stays so. */
  private leaps(scenario: Scenario, fails: (candidate: Scenario) => boolean): Scenario {
    const isCaller = isCallerLevel(scenario);
    const failsToo = (one: Scenario): boolean => (!isCaller || isCallerLevel(one)) && fails(one);
    let smallest = scenario;
    let left = LEAPS_MAX;
    while (smallest.operations.length > OPERATIONS_GOOD) {
      const startedMs = performance.now();
      const { found, attempts } = leap(smallest, failsToo, this.random, left);
      this.report.spent.shrinking += (performance.now() - startedMs) / 1000;
      left -= attempts;
      if (found === null) break;
      smallest = this.shrink(found, failsToo);
    }
    return smallest;
  }

  /** Keeps a scenario of a defect, if none is known or it is better. @returns whether anything changed */
  private keep(course: Course, failing: Failing, id: string, needs: readonly string[]): boolean {
    const { searcher, report, keeper } = this;
    const { run } = failing;
    const choice = this.choiceOf([...needs, id]);
    const without = this.choiceOf(needs);
    let violation = failing.violation;
    let scenario = this.shrink(
      failing.scenario,
      (one) => searcher.fails(one, choice, violation) && !searcher.fails(one, without, violation),
    );
    if (scenario.operations.length > OPERATIONS_GOOD) {
      // whose violation it is, is known now; which one shows it no longer matters
      scenario = this.leaps(scenario, (one) => searcher.difference(one, choice, without) !== undefined);
      violation = searcher.difference(scenario, choice, without) ?? violation;
    }
    const known = this.found.get(id);
    const isCaller = isCallerLevel(scenario);
    const reachable = isCaller || known?.reachable === 'caller' ? 'caller' : 'direct';
    if (known !== undefined && !isBetter({ needs, scenario }, known)) {
      this.tries.set(id, (this.tries.get(id) ?? 0) + 1);
      if (known.reachable === reachable) return false;
      known.reachable = reachable;
      this.newsMs = performance.now();
      return true;
    }
    const { property, cause } = violation;
    const kept: Scenario = { ...scenario, target: choice, expect: { property, cause } };
    const explanation = searcher.explain(scenario, choice, violation) ?? violation;
    const file = keeper.keep(id, kept, explanation);
    if (known !== undefined && known.file !== file) keeper.supersede(known.file);
    const { runs, seconds } = known ?? {
      runs: report.runs,
      seconds: (performance.now() - this.startedMs) / 1000,
    };
    const found: FoundDefect = {
      id,
      reachable,
      property,
      cause,
      operations: kept.operations.length,
      needs,
      file,
      suite: course.suite,
      run,
      runs,
      seconds,
      scenario: kept,
      explanation,
    };
    this.newsMs = performance.now();
    this.tries.set(id, 0);
    this.found.set(id, found);
    // a map keeps the order in which its keys came
    report.defects = [...this.found.values()];
    report.notFound = report.notFound.filter((one) => one !== id);
    this.listener.defect?.(found, known === undefined);
    return true;
  }

  private keepUnexplained({ scenario, violation }: Failing): void {
    const { searcher, keeper, report } = this;
    const { property, cause } = violation;
    if (report.unknown.some((one) => one.cause === cause)) return;
    const small = this.shrink(scenario, (one) => searcher.fails(one, REPAIRED, violation));
    const kept: Scenario = { ...small, target: REPAIRED, expect: { property, cause } };
    const explanation = searcher.explain(small, REPAIRED, violation) ?? violation;
    const unknown: Unexplained = {
      property,
      cause,
      parted: false,
      operations: kept.operations.length,
      file: keeper.keep(`unknown-${property}`, kept, explanation),
      scenario: kept,
      explanation,
    };
    this.newsMs = performance.now();
    report.unknown.push(unknown);
    this.listener.unknown?.(unknown);
  }
}
