/**
 * The hunt through C text. It finds what is wrong with the text as `defect-hunt.ts` finds it in the reference pager, but nothing
 * can be repaired in C: a violation is attributed by the reference pager where both have the same trace, and what known
 * defects explain is not reported again. What the reference does not explain, because it does not do the same or because no
 * repair helps, is kept as unknown. Scenarios that are kept name the text, and fail on it.
 */
import type { Scenario, TargetChoice } from '../scenario/scenario.ts';
import { culpritsOf, type Culprit, type Occurs } from './attribute.ts';
import type { StopSignal } from './control.ts';
import type { Unexplained } from './finds.ts';
import { Hunting, type Course, type HuntBasics, type HuntListener, type HuntReport } from './hunting.ts';
import type { Parts } from './parts.ts';
import { isCallerLevel, REPAIRED, type Failing } from './search.ts';
import { SourceSearcher, type SourceRequest, type SourceResult } from './source-search.ts';

/** Runs of one search. */
const SEARCH_RUNS = 100;

/** Leaps from a scenario that is long to one with fewer operations, at most. */
const LEAPS_MAX = 2000;

/** What is looked for, by turns: what was not found yet, and what callers have not shown yet, without direct calls. */
const LANES = ['all', 'caller'] as const;

type Lane = (typeof LANES)[number];

/** What is hunted: the text that `choice` names and `parts` execute. */
export interface SourceHuntOptions extends HuntBasics {
  /** Parts whose target is the reference pager. */
  referenceParts: Parts;
  /** The form of the reference pager that does the same as the text. */
  form: TargetChoice;
  /** Does a search, in whatever thread. */
  search: (request: SourceRequest) => Promise<SourceResult>;
}

/** Hunts until the time is over. @throws InternalError from a search */
export async function huntSource(
  options: SourceHuntOptions,
  listener: HuntListener = {},
  signal?: StopSignal,
): Promise<HuntReport> {
  return new SourceHunt(options, listener).run(signal);
}

class SourceHunt extends Hunting<Lane, SourceResult> {
  private readonly options: SourceHuntOptions;
  private readonly searcher: SourceSearcher;

  constructor(options: SourceHuntOptions, listener: HuntListener) {
    const { parts, referenceParts, choice, form } = options;
    super(options, form, LANES, listener);
    this.options = options;
    this.searcher = new SourceSearcher(parts, referenceParts, choice, form);
  }

  protected override isComplete(): boolean {
    return this.present.length > 0 && this.wanted('caller').length === 0;
  }

  /** Both lanes also look for what nothing explains. */
  protected override isOpen(): boolean {
    return true;
  }

  /** Defects that a lane looks for. */
  private wanted(lane: Lane): string[] {
    const { present, found } = this;
    return present.filter((one) =>
      lane === 'all' ? !found.has(one) : found.get(one)?.reachable !== 'caller',
    );
  }

  protected override async begin({ suite, lane, next }: Course<Lane>): Promise<SourceResult> {
    const { seed, search } = this.options;
    return search({
      suite,
      direct: lane === 'all',
      seed,
      from: next,
      step: this.step,
      runs: SEARCH_RUNS,
      left: this.choiceOf(this.wanted(lane)),
      ignored: this.report.unknown.filter(({ parted }) => parted).map(({ property }) => property),
    });
  }

  /** The reference pager with exactly these defects. */
  private choiceOf(defects: readonly string[]): TargetChoice {
    return { ...REPAIRED, switches: [...defects] };
  }

  protected override take(course: Course<Lane>, result: SourceResult): void {
    const { searcher } = this;
    const { failing, unexplained, parted } = result;
    this.count(course, result);
    for (const one of parted) {
      const { form } = this.options;
      this.keepUnexplained(one, true, (candidate) => !searcher.occurs(candidate, form, one.violation));
    }
    for (const one of unexplained)
      this.keepUnexplained(one, false, (candidate) => searcher.occurs(candidate, REPAIRED, one.violation));
    // the same run again, when what is found now is known: there may be more in it
    if (failing !== null && this.attribute(course, failing)) course.next = failing.run;
  }

  /** Makes it small and finds the defects that it is due to. @returns whether more is known than when the search began */
  private attribute(course: Course<Lane>, failing: Failing): boolean {
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
    if (!this.heeding(isNews)(small))
      return this.keepUnexplained({ ...failing, scenario: small }, true, isShown);
    const occurs: Occurs = this.heeding((defects: readonly string[]) =>
      searcher.occurs(small, this.choiceOf(defects), violation),
    );
    const culprits = this.timed('attributing', () => culpritsOf(occurs, wanted));
    let isMore = false;
    for (const culprit of culprits)
      isMore = this.keepShown(course, { ...failing, scenario: small }, culprit) || isMore;
    return isMore;
  }

  /** Makes a scenario smaller by steps, and by leaps where these are not enough. */
  private reduce(scenario: Scenario, fails: (candidate: Scenario) => boolean): Scenario {
    const isCaller = isCallerLevel(scenario);
    const small = this.shrink(scenario, (one) => (!isCaller || isCallerLevel(one)) && fails(one));
    return this.leaps(small, fails, LEAPS_MAX);
  }

  /** Keeps a scenario of a defect, if none is known or it is better. @returns whether anything changed */
  private keepShown(
    { suite }: Course<Lane>,
    { run, scenario: small, violation }: Failing,
    culprit: Culprit,
  ): boolean {
    const { searcher, options } = this;
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
    return this.keep(
      { suite, run, varied: false, id, needs, scenario, target: options.choice, violation },
      (one) => searcher.shown(one, violation),
    );
  }

  /**
   * Keeps what the reference does not explain, once for each cause, and where both part once for each property: one mistake in
   * the text has many causes. @returns whether it is news
   */
  private keepUnexplained(
    { scenario, violation }: Failing,
    parted: boolean,
    isUnknown: (one: Scenario) => boolean,
  ): boolean {
    const { searcher, report, options } = this;
    const { property, cause } = violation;
    const isKnown = (one: Unexplained): boolean =>
      one.parted === parted && (parted ? one.property === property : one.cause === cause);
    if (report.unknown.some(isKnown)) return false;
    const small = this.shrink(
      scenario,
      (one) => isUnknown(one) && searcher.shown(one, violation) !== undefined,
    );
    this.keepUnknown(small, options.choice, searcher.shown(small, violation) ?? violation, parted);
    return true;
  }
}
