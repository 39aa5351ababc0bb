/**
 * The hunt through C text. It finds what is wrong with the text as `defect-hunt.ts` finds it in the reference pager, but nothing
 * can be repaired in C: a violation is attributed by the reference pager where both have the same trace, and what known
 * defects explain is not reported again. What the reference does not explain, because it does not do the same or because no
 * repair helps, is kept as unknown. Scenarios that are kept name the text, and fail on it.
 */
import { Random } from '../../properties/arbitraries/random.ts';
import type { Scenario, TargetChoice } from '../scenario/scenario.ts';
import { culpritsOf, type Culprit, type Occurs } from './attribute.ts';
import type { StopSignal } from './control.ts';
import { SEARCHES, type HuntListener, type HuntReport, type HuntStop } from './defect-hunt.ts';
import { isBetter, Keeper, OPERATIONS_GOOD, type FoundDefect, type Unexplained } from './finds.ts';
import type { Parts } from './parts.ts';
import { isCallerLevel, REPAIRED, type Failing } from './search.ts';
import { leap } from './shrink-leaps.ts';
import { SourceSearcher, type SourceRequest, type SourceResult } from './source-search.ts';

/** Runs of one search. */
const SEARCH_RUNS = 100;

/** Leaps from a scenario that is long to one with fewer operations, at most. */
const LEAPS_MAX = 2000;

/** What is looked for, by turns: what was not found yet, and what callers have not shown yet, without direct calls. */
const LANES = ['all', 'caller'] as const;

type Lane = (typeof LANES)[number];

/** What is hunted. */
export interface SourceHuntOptions {
  /** Parts whose target is the text, and parts whose target is the reference pager. */
  parts: Parts;
  referenceParts: Parts;
  /** The text, and the form of the reference pager that does the same. */
  choice: TargetChoice;
  form: TargetChoice;
  /** All switches of the reference pager. */
  switches: readonly string[];
  suites: readonly string[];
  seed: number;
  timeMs: number;
  /** Ends after so long without news; null for never. */
  settleMs: number | null;
  /** Directory for counterexamples; null for none. */
  corpus: string | null;
  /** Does a search, in whatever thread. */
  search: (request: SourceRequest) => Promise<SourceResult>;
}

/** One suite in one lane, and how far it has come. */
interface Course {
  suite: string;
  lane: Lane;
  next: number;
}

/** Hunts until the time is over. @throws InternalError from a search */
export async function huntSource(
  options: SourceHuntOptions,
  listener: HuntListener = {},
  signal?: StopSignal,
): Promise<HuntReport> {
  return new SourceHunt(options, listener).run(signal);
}

class SourceHunt {
  private readonly options: SourceHuntOptions;
  private readonly listener: HuntListener;
  private readonly searcher: SourceSearcher;
  private readonly keeper: Keeper;
  private readonly random: Random;
  private readonly startedMs = performance.now();
  private newsMs = this.startedMs;
  private readonly report: HuntReport;
  /** Defects of the form that does the same as the text. */
  private readonly present: readonly string[];
  private readonly found = new Map<string, FoundDefect>();
  private readonly courses: Course[];

  constructor(options: SourceHuntOptions, listener: HuntListener) {
    const { parts, referenceParts, choice, form, switches, suites, seed, corpus } = options;
    this.options = options;
    this.listener = listener;
    this.searcher = new SourceSearcher(parts, referenceParts, choice, form);
    this.keeper = new Keeper(corpus);
    this.random = new Random(seed);
    this.present = switches.filter((one) => form.switches.includes(one) === (form.form === 'repaired'));
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
    const { report, courses } = this;
    const atOnce = Math.min(SEARCHES, courses.length);
    const pending: { course: Course; result: Promise<SourceResult> }[] = [];
    for (let turn = 0; ;) {
      while (pending.length < atOnce) {
        const course = courses[turn++ % courses.length]!;
        // a course is searched by one at a time: its next run is known when the last search has ended
        if (!pending.some((one) => one.course === course))
          pending.push({ course, result: this.begin(course) });
      }
      const { course, result } = pending.shift()!;
      // who asked is told of an error when its turn comes, not before
      for (const other of pending) other.result.catch(() => {});
      this.take(course, await result);
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
    if (this.present.length > 0 && this.wanted('caller').length === 0) return 'complete';
    if (now - this.startedMs >= timeMs) return 'time';
    if (settleMs !== null && now - this.newsMs >= settleMs) return 'settled';
    return null;
  }

  /** Defects that a lane looks for. */
  private wanted(lane: Lane): string[] {
    const { present, found } = this;
    return present.filter((one) =>
      lane === 'all' ? !found.has(one) : found.get(one)?.reachable !== 'caller',
    );
  }

  private async begin({ suite, lane, next }: Course): Promise<SourceResult> {
    const { seed, search } = this.options;
    return search({
      suite,
      direct: lane === 'all',
      seed,
      from: next,
      step: LANES.length,
      runs: SEARCH_RUNS,
      left: this.choiceOf(this.wanted(lane)),
      ignored: this.report.unknown.filter(({ parted }) => parted).map(({ property }) => property),
    });
  }

  /** The reference pager with exactly these defects. */
  private choiceOf(defects: readonly string[]): TargetChoice {
    return { ...REPAIRED, switches: [...defects] };
  }

  private take(course: Course, result: SourceResult): void {
    const { report, searcher } = this;
    const { runs, operations, failing, unexplained, parted } = result;
    report.runs += runs;
    report.operations += operations;
    course.next += runs * LANES.length;
    for (const one of parted) {
      const { form } = this.options;
      this.keepUnknown(one, true, (candidate) => !searcher.occurs(candidate, form, one.violation));
    }
    for (const one of unexplained)
      this.keepUnknown(one, false, (candidate) => searcher.occurs(candidate, REPAIRED, one.violation));
    // the same run again, when what is found now is known: there may be more in it
    if (failing !== null && this.attribute(course, failing)) course.next = failing.run;
  }

  /** Makes it small and finds the defects that it is due to. @returns whether more is known than when the search began */
  private attribute(course: Course, failing: Failing): boolean {
    const { searcher } = this;
    const { scenario, violation } = failing;
    const wanted = this.wanted(course.lane);
    const left = this.choiceOf(wanted);
    const isNews = (one: Scenario): boolean =>
      searcher.occurs(one, left, violation) &&
      searcher.agrees(one, violation) &&
      !searcher.occurs(one, REPAIRED, violation);
    const isShown = (one: Scenario): boolean =>
      searcher.occurs(one, left, violation) && searcher.shown(one, violation) !== undefined;
    // its defect may have been found while the search was under way
    if (!isShown(scenario)) return true;
    // where both part somewhere, what is left of the scenario may still be the same on both
    const small = this.shrink(scenario, isNews(scenario) ? isNews : isShown);
    if (!isNews(small)) return this.keepUnknown({ ...failing, scenario: small }, true, isShown);
    const occurs: Occurs = (defects) => searcher.occurs(small, this.choiceOf(defects), violation);
    const startedMs = performance.now();
    const culprits = culpritsOf(occurs, wanted);
    this.report.spent.attributing += (performance.now() - startedMs) / 1000;
    let isMore = false;
    for (const culprit of culprits)
      isMore = this.keep(course, { ...failing, scenario: small }, culprit) || isMore;
    return isMore;
  }

  private shrink(scenario: Scenario, fails: (candidate: Scenario) => boolean): Scenario {
    const startedMs = performance.now();
    const small = this.options.parts.shrink(scenario, fails).scenario;
    this.report.spent.shrinking += (performance.now() - startedMs) / 1000;
    return small;
  }

  /** Makes a scenario smaller, by leaps where steps do not make it small enough; one without direct calls stays so. */
  private reduce(scenario: Scenario, fails: (candidate: Scenario) => boolean): Scenario {
    const isCaller = isCallerLevel(scenario);
    const failsToo = (one: Scenario): boolean => (!isCaller || isCallerLevel(one)) && fails(one);
    let smallest = this.shrink(scenario, failsToo);
    let rest = LEAPS_MAX;
    while (smallest.operations.length > OPERATIONS_GOOD && rest > 0) {
      const startedMs = performance.now();
      const { found, attempts } = leap(smallest, failsToo, this.random, rest);
      this.report.spent.shrinking += (performance.now() - startedMs) / 1000;
      rest -= attempts;
      if (found === null) break;
      smallest = this.shrink(found, failsToo);
    }
    return smallest;
  }

  /** Keeps a scenario of a defect, if none is known or it is better. @returns whether anything changed */
  private keep(course: Course, { run, scenario: small, violation }: Failing, culprit: Culprit): boolean {
    const { searcher, report, keeper, options } = this;
    const { defect: id, needs } = culprit;
    const without = this.choiceOf(this.present.filter((one) => one !== id));
    const left = this.choiceOf([...needs, id]);
    // the text shows it because of this defect alone, if its repair takes it away, whatever else is wrong
    const isOwn = (one: Scenario): boolean =>
      searcher.agrees(one, violation) && !searcher.occurs(one, without, violation);
    const isShown = (one: Scenario): boolean =>
      searcher.occurs(one, left, violation) &&
      !searcher.occurs(one, this.choiceOf(needs), violation) &&
      searcher.agrees(one, violation);
    const scenario = isOwn(small)
      ? this.reduce(small, isOwn)
      : isShown(small)
        ? this.reduce(small, isShown)
        : small;
    const known = this.found.get(id);
    const isCaller = isCallerLevel(scenario);
    const reachable = isCaller || known?.reachable === 'caller' ? 'caller' : 'direct';
    if (known !== undefined && !isBetter({ needs, scenario }, known)) {
      if (known.reachable === reachable) return false;
      known.reachable = reachable;
      this.newsMs = performance.now();
      return true;
    }
    const { property, cause } = violation;
    const kept: Scenario = { ...scenario, target: options.choice, expect: { property, cause } };
    const explanation = searcher.shown(scenario, violation) ?? violation;
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
    this.found.set(id, found);
    // a map keeps the order in which its keys came
    report.defects = [...this.found.values()];
    report.notFound = report.notFound.filter((one) => one !== id);
    this.listener.defect?.(found, known === undefined);
    return true;
  }

  /**
   * Keeps what the reference does not explain, once for each cause, and where both part once for each property: one mistake in
   * the text has many causes. @returns whether it is news
   */
  private keepUnknown(
    { scenario, violation }: Failing,
    parted: boolean,
    isUnknown: (one: Scenario) => boolean,
  ): boolean {
    const { searcher, keeper, report, options } = this;
    const { property, cause } = violation;
    const isKnown = (one: Unexplained): boolean =>
      one.parted === parted && (parted ? one.property === property : one.cause === cause);
    if (report.unknown.some(isKnown)) return false;
    const small = this.shrink(
      scenario,
      (one) => isUnknown(one) && searcher.shown(one, violation) !== undefined,
    );
    const kept: Scenario = { ...small, target: options.choice, expect: { property, cause } };
    const explanation = searcher.shown(small, violation) ?? violation;
    const unknown: Unexplained = {
      property,
      cause,
      parted,
      operations: kept.operations.length,
      file: keeper.keep(`unknown-${property}`, kept, explanation),
      scenario: kept,
      explanation,
    };
    this.newsMs = performance.now();
    report.unknown.push(unknown);
    this.listener.unknown?.(unknown);
    return true;
  }
}
