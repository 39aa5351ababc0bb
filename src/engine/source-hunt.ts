/**
 * The hunt through C text. It finds what is wrong with the text as `defect-hunt.ts` finds it in the reference pager, but nothing
 * can be repaired in C: a violation is attributed by the reference pager where both come to it by the same events, and what known
 * defects explain is not reported again. Where both part and repairs of the reference make them one, the text has these repairs:
 * the reference has them too from there on. What the reference does not explain, because it does not do the same or because
 * no repair helps, is kept as unknown. Scenarios that are kept name the text, and fail on it.
 */
import type { Violation } from '../../properties/property.ts';
import type { Scenario, TargetChoice } from '../scenario/scenario.ts';
import { culpritsOf, needsOf, type Culprit, type Occurs } from './attribute.ts';
import type { StopSignal } from './control.ts';
import { Hunting, type Course, type HuntBasics, type HuntListener, type HuntReport } from './hunting.ts';
import type { Parts } from './parts.ts';
import { isCallerLevel, type Failing } from './search.ts';
import type { Failure } from './traced-judge.ts';
import { SourceSearcher, type Knowledge, type SourceRequest, type SourceResult } from './source-search.ts';

/** Runs of one search. */
const SEARCH_RUNS = 100;

/** Leaps from a scenario that is long to one with fewer operations, at most. */
const LEAPS_MAX = 2000;

/** Runs without a repair of the text coming to light, after which what parts from the reference is told. */
const CALM_RUNS = 200;

/** Violations of a search, of those to which both come by other ways, that are looked into. */
const LOOKED_INTO_MAX = 2;

/** How often what parts is made small again because something known explains what was left. */
const ROUNDS_MAX = 8;

/** After so many scenarios in vain, only what a repair takes away from the text is still taken for a sign of a defect. */
const VAIN_MAX = 2;

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
  /** What was known to be present when the search of a course began. */
  private readonly begun = new Map<Course<Lane>, readonly string[]>();
  /** The last run of each course that was asked in vain for repairs, and with what present. */
  private readonly asked = new Map<Course<Lane>, { present: readonly string[]; run: number }>();
  /** What parts from the reference and nothing known explains, as far as is known; the first of each property. */
  private readonly suspects = new Map<string, Failing>();
  /** The same of what is like something known, for a text that does nothing as the reference does. */
  private readonly alike = new Map<string, Failing>();
  /** How often violations of a property were looked into. */
  private readonly looks = new Map<string, number>();
  /** Defects that were believed to be absent, and are not. */
  private readonly back = new Set<string>();
  /** Runs since it was last learned what the text has repaired. */
  private calm = 0;
  /** How often each defect showed apart from the others what the text shows without it. */
  private readonly vain = new Map<string, number>();

  constructor(options: SourceHuntOptions, listener: HuntListener) {
    const { parts, referenceParts, choice, form } = options;
    super(options, form, LANES, listener);
    this.options = options;
    this.searcher = new SourceSearcher(parts, referenceParts, choice);
  }

  protected override isComplete(): boolean {
    return this.present.length > 0 && this.wanted('caller').length === 0 && this.isCalm;
  }

  /** Whether what is suspected will hardly be explained by a repair that is still to come to light. */
  private get isCalm(): boolean {
    return this.calm >= CALM_RUNS;
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

  private knowledge(lane: Lane): Knowledge {
    const wanted = this.wanted(lane);
    const apart = wanted.filter((one) => (this.vain.get(one) ?? 0) < VAIN_MAX);
    return { present: this.present, wanted, apart };
  }

  protected override async begin(course: Course<Lane>): Promise<SourceResult> {
    const { seed, search } = this.options;
    const { suite, lane, next } = course;
    this.begun.set(course, this.present);
    const asked = this.asked.get(course);
    return search({
      suite,
      direct: lane === 'all',
      seed,
      from: next,
      step: this.step,
      runs: SEARCH_RUNS,
      ...this.knowledge(lane),
      unseen: this.present.filter((one) => !this.found.has(one) && !this.back.has(one)),
      asked: asked?.present === this.present ? asked.run : -1,
      ignored: this.report.unknown.filter(({ parted }) => parted).map(({ property }) => property),
    });
  }

  protected override take(course: Course<Lane>, result: SourceResult): void {
    const { failing, repaired, unexplained, parted } = result;
    const first = course.next;
    this.count(course, result);
    if (this.begun.get(course) !== this.present) {
      // what the text has repaired has become known since: all of it is to be judged anew
      course.next = first;
      return;
    }
    this.asked.set(course, { present: this.present, run: result.asked });
    if (repaired.length > 0) {
      // they were seen together: if one of them was found meanwhile, the others are not shown to be repaired
      if (!repaired.some((one) => this.found.has(one))) this.learn(repaired);
      course.next = first;
      return;
    }
    if (!this.lookInto(parted)) {
      course.next = first;
      return;
    }
    this.calm += result.runs;
    if (this.isCalm) this.tellSuspects();
    for (const one of unexplained) this.keepUnexplained(one);
    // the same run again, when what is found now is known: there may be more in it
    if (failing !== null && this.attribute(course, failing)) course.next = failing.run;
  }

  /** The text has these repairs: what was not explained may be, now. */
  private learn(repaired: readonly string[]): void {
    for (const one of repaired) this.keepRepaired(one);
    this.calm = 0;
    for (const one of this.report.unknown.filter(({ parted }) => parted))
      if (this.explanationOf(one.scenario, one) !== null) this.dropUnknown(one);
  }

  private explanationOf(scenario: Scenario, as: Failure): ReturnType<SourceSearcher['explanationOf']> {
    const { present, searcher, options } = this;
    const absent = options.switches.filter((one) => !present.includes(one));
    return searcher.explanationOf(scenario, present, absent, as);
  }

  /** Looks into some of what parts from the reference. @returns false if a defect is there that was believed to be absent */
  private lookInto(parted: readonly Failing[]): boolean {
    const { suspects, looks, alike } = this;
    const looksAt = ({ violation }: Failing): number => looks.get(violation.property) ?? 0;
    const chosen = parted
      .filter(({ violation }) => !suspects.has(violation.property))
      .toSorted((a, b) => looksAt(a) - looksAt(b))
      .slice(0, LOOKED_INTO_MAX);
    for (const one of chosen) {
      const { property } = one.violation;
      looks.set(property, looksAt(one) + 1);
      const explanation = this.explanationOf(one.scenario, one.violation);
      if (explanation === null) suspects.set(property, one);
      else if ('by' in explanation) alike.set(property, alike.get(property) ?? one);
      else {
        this.back.add(explanation.back);
        this.takeBack(explanation.back);
        return false;
      }
    }
    return true;
  }

  /** Tells what parts from the reference and is not explained by what has become known meanwhile. */
  private tellSuspects(): void {
    for (const [property, one] of this.suspects) {
      this.suspects.delete(property);
      this.tell(one);
    }
  }

  /** Makes it small, around everything that turns out to explain what is left, and keeps it if something is. */
  private tell(one: Failing): void {
    const { searcher, present } = this;
    const { violation } = one;
    const forms: (readonly string[])[] = [present];
    for (let round = 0; round < ROUNDS_MAX; round++) {
      const isLeft = (candidate: Scenario): boolean => searcher.isOnlyInText(candidate, forms, violation);
      if (!isLeft(one.scenario)) return;
      const scenario = this.leaps(this.shrink(one.scenario, isLeft), isLeft, LEAPS_MAX);
      const explanation = this.explanationOf(scenario, violation);
      if (explanation === null) {
        this.keepParted({ ...one, scenario });
        return;
      }
      forms.push('by' in explanation ? explanation.by : [...present, explanation.back]);
    }
  }

  /** What is still suspected when the time is over may be explained by what is to come: it is told where nothing else is. */
  protected override finish(): void {
    const { report } = this;
    const isNothing = (): boolean => report.defects.length + report.unknown.length === 0;
    if (report.stopped === 'settled' || isNothing()) this.tellSuspects();
    report.alike = [...this.alike.keys()].toSorted();
    if (!isNothing()) return;
    // the text violates properties, but does nothing as the reference does: nothing could be attributed
    for (const { violation, ...one } of this.alike.values()) {
      const isShown = (candidate: Scenario): boolean =>
        this.searcher.shown(candidate, violation) !== undefined;
      this.keepParted({ ...one, violation, scenario: this.shrink(one.scenario, isShown) });
    }
  }

  /** Makes it small and finds the defects that it is due to. @returns whether more is known than when the search began */
  private attribute(course: Course<Lane>, failing: Failing): boolean {
    const { searcher } = this;
    const { scenario, violation } = failing;
    const { present } = this;
    const knowledge = this.knowledge(course.lane);
    const { apart } = knowledge;
    const isNews = (one: Scenario): boolean => searcher.isNews(one, knowledge, violation);
    const isShown = (one: Scenario): boolean => searcher.shares(one, apart, violation);
    // where both part before it, what is left of the scenario when it is small may still be the same on both
    const wants = searcher.agrees(scenario, present, violation) ? isNews : isShown;
    // its defect may have been found while the search was under way
    if (!wants(scenario)) return true;
    const small = this.shrink(scenario, wants);
    // by other ways the text may come to it for reasons of its own
    if (!this.heeding(isNews)(small)) {
      if (wants === isShown) this.alike.set(violation.property, { ...failing, scenario: small });
      return false;
    }
    const culprits = this.timed('attributing', () => this.culpritsOf(small, knowledge, violation));
    let isMore = false;
    for (const culprit of culprits)
      isMore = this.keepShown(course, { ...failing, scenario: small }, culprit) || isMore;
    return isMore;
  }

  /** The wanted defects that a violation is due to: each whose repair takes it away; if none does, those that show it apart. */
  private culpritsOf(
    scenario: Scenario,
    { present, wanted, apart }: Knowledge,
    violation: Violation,
  ): Culprit[] {
    const { searcher } = this;
    const occurs: Occurs = this.heeding(searcher.sharing(scenario, violation));
    const own = searcher.duesOf(scenario, present, wanted, violation);
    if (own.length === 0) return culpritsOf(occurs, apart);
    return own.map((defect) => ({
      defect,
      needs: needsOf(
        occurs,
        present.filter((one) => one !== defect),
        defect,
      ),
    }));
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
    const { searcher, options, present } = this;
    const { defect: id, needs } = culprit;
    const isOwn = (one: Scenario): boolean => searcher.duesOf(one, present, [id], violation).length > 0;
    const isShared = (one: Scenario): boolean => searcher.isSharedBy(one, present, culprit, violation);
    const shows = [isOwn, isShared].find((one) => one(small));
    // another defect does the same to the text, and this one nothing on the way to it
    if (shows === undefined) {
      this.vain.set(id, 1 + (this.vain.get(id) ?? 0));
      return false;
    }
    const scenario = this.reduce(small, shows);
    return this.keep(
      { suite, run, varied: false, id, needs, scenario, target: options.choice, violation },
      (one) => searcher.shown(one, violation),
    );
  }

  /** Keeps what only the text does, once for each property: one mistake in the text has many causes. */
  private keepParted({ scenario, violation }: Failing): void {
    const { report, options } = this;
    const { property } = violation;
    if (report.unknown.some((one) => one.parted && one.property === property)) return;
    const shown = this.searcher.shown(scenario, violation) ?? violation;
    this.keepUnknown(scenario, options.choice, shown, true);
  }

  /** Keeps what the reference does too without any known defect, once for each cause. */
  private keepUnexplained({ scenario, violation }: Failing): void {
    const { searcher, report, options } = this;
    const { cause } = violation;
    if (report.unknown.some((one) => !one.parted && one.cause === cause)) return;
    const small = this.shrink(
      scenario,
      (one) => searcher.occurs(one, [], violation) && searcher.shown(one, violation) !== undefined,
    );
    this.keepUnknown(small, options.choice, searcher.shown(small, violation) ?? violation, false);
  }
}
