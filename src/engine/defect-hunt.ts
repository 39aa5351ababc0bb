/**
 * The hunt through a pager with known defects: search until something fails, make it small, find out which defects it is due to,
 * repair these, and search on, so that what they hid comes to light. What no repair explains is kept as unknown. The result
 * depends on the seed and on how long it lasts, not on how fast the searches are: their results are taken in the order in
 * which they were asked for.
 */
import type { Scenario, TargetChoice } from '../scenario/scenario.ts';
import { culpritsOf, type Occurs } from './attribute.ts';
import type { StopSignal } from './control.ts';
import { isGood, OPERATIONS_GOOD } from './finds.ts';
import { Hunting, type Course, type HuntBasics, type HuntListener, type HuntReport } from './hunting.ts';
import { Seldom } from './seldom.ts';
import { REPAIRED, Searcher, type Failing, type SearchRequest, type SearchResult } from './search.ts';

/** Runs of one search. */
const SEARCH_RUNS = 200;

/** Runs of one search near the scenario of a defect. */
const NEAR_RUNS = 50;

/**
 * What is looked for, by turns, each in runs of its own. `all`: defects that were not found yet. `caller`: those that were not
 * found by callers yet, without direct calls. `again`: better scenarios of defects whose only ones are long, or show them
 * only in company. `company`: defects that were not found yet, with some of those that were: some show only beside another.
 * `near`: the same in variations of the scenario of one that was found, with it or without it. `seldom`: defects that were not
 * found yet, in variations of scenarios that came to what runs seldom come to.
 */
const LANES = ['all', 'caller', 'again', 'company', 'near', 'seldom'] as const;

/** How often each lane has its turn: searches near one scenario are short, so that each of many has its turn soon. */
const TURNS: Readonly<Partial<Record<Lane, number>>> = { near: 4 };

/** One of them. */
export type Lane = (typeof LANES)[number];

/** How often a better scenario is looked for in vain before a defect is left alone. */
const TRIES_MAX = 12;

/** Leaps from a scenario that is long to one with fewer operations, at most. */
const LEAPS_MAX = 12_000;

/** What is hunted: a form of the reference pager. */
export interface HuntOptions extends HuntBasics {
  /** Does a search, in whatever thread. */
  search: (request: SearchRequest) => Promise<SearchResult>;
  /** Lanes that are left out, for comparisons. */
  without?: readonly Lane[];
}

/** What came of a search, and the found defects that were on in it. */
interface Searched {
  company: readonly string[];
  /** Whether its runs varied scenarios. */
  varied: boolean;
  result: SearchResult;
}

/** Hunts until the time is over. @throws InternalError from a search */
export async function huntDefects(
  options: HuntOptions,
  listener: HuntListener = {},
  signal?: StopSignal,
): Promise<HuntReport> {
  return new DefectHunt(options, listener).run(signal);
}

class DefectHunt extends Hunting<Lane, Searched> {
  private readonly options: HuntOptions;
  private readonly searcher: Searcher;
  /** Attempts at a better scenario since the last one. */
  private readonly tries = new Map<string, number>();
  private readonly seldom = new Seldom();

  constructor(options: HuntOptions, listener: HuntListener) {
    const { without = [] } = options;
    super(
      options,
      options.choice,
      LANES.filter((lane) => !without.includes(lane)).flatMap((lane) =>
        Array.from({ length: TURNS[lane] ?? 1 }, () => lane),
      ),
      listener,
    );
    this.options = options;
    this.searcher = new Searcher(options.parts);
  }

  protected override isComplete(): boolean {
    return this.wanted('caller').length === 0 && !this.isOpen('again');
  }

  /** Whether there is anything to be looked for; the first two lanes also look for what nothing explains. */
  protected override isOpen(lane: Lane): boolean {
    if (lane === 'all' || lane === 'caller') return true;
    return this.wanted(lane).length > 0 && (lane !== 'seldom' || !this.seldom.isEmpty);
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
      case 'seldom':
        return present.filter((one) => !found.has(one));
      case 'company':
      case 'near':
        return found.size === 0 ? [] : present.filter((one) => !found.has(one));
    }
  }

  protected override async begin({ suite, lane, next }: Course<Lane>): Promise<Searched> {
    const { seed, search } = this.options;
    let company: readonly string[] = [];
    let parents: readonly Scenario[] = [];
    if (lane === 'company') company = this.drawCompany();
    else if (lane === 'seldom') parents = this.seldom.next();
    else if (lane === 'near') ({ company, parents } = this.neighbour());
    const result = await search({
      suite,
      direct: lane !== 'caller',
      seed,
      from: next,
      step: this.step,
      runs: lane === 'near' ? NEAR_RUNS : SEARCH_RUNS,
      choice: this.choiceOf([...this.wanted(lane), ...company]),
      explained: this.choiceOf(company),
      parents,
      wanted: lane === 'all' && !this.options.without?.includes('seldom') ? this.seldom.names() : null,
    });
    return { company, varied: parents.length > 0, result };
  }

  /** The scenario of a defect that was found, and the defects that it shows or, in every other search, none. */
  private neighbour(): { company: readonly string[]; parents: readonly Scenario[] } {
    const { random, found } = this;
    const all = [...found.values()];
    // what shows only in company has others of its kind, which show in the same company
    const dependent = all.filter(({ needs: company }) => company.length > 0);
    const { id, needs, scenario } = random.pick(dependent.length > 0 && random.oneIn(2) ? dependent : all);
    const company = random.oneIn(2) ? [...needs, id].filter((one) => found.has(one)) : [];
    return { company, parents: [scenario] };
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

  protected override take(course: Course<Lane>, searched: Searched): void {
    const { result } = searched;
    const { failing, unexplained } = result;
    this.count(course, result);
    this.seldom.add(result.reached, result.shown);
    for (const one of unexplained) this.keepUnexplained(one);
    if (failing === null) return;
    const goesOn = this.attribute(course, searched, failing);
    // the same run again, under the repairs of what is found now: there may be more in it
    if (goesOn && (course.lane === 'all' || course.lane === 'caller')) course.next = failing.run;
  }

  /** Makes it small and finds the defects that it is due to. @returns whether more is known than when the search began */
  private attribute(course: Course<Lane>, { company, varied }: Searched, failing: Failing): boolean {
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
    const occurs: Occurs = this.heeding((defects: readonly string[]) =>
      searcher.fails(small, this.choiceOf(defects), violation),
    );
    const culprits = this.timed('attributing', () => culpritsOf(occurs, present));
    let isNews = false;
    for (const { defect, needs } of culprits) {
      if (company.includes(defect)) continue;
      isNews = this.keepShown({ ...failing, scenario: small }, course.suite, varied, defect, needs) || isNews;
    }
    return isNews;
  }

  /** Keeps a scenario of a defect, if none is known or it is better. @returns whether anything changed */
  private keepShown(
    failing: Failing,
    suite: string,
    varied: boolean,
    id: string,
    needs: readonly string[],
  ): boolean {
    const { searcher, tries } = this;
    const choice = this.choiceOf([...needs, id]);
    const without = this.choiceOf(needs);
    let violation = failing.violation;
    let scenario = this.shrink(
      failing.scenario,
      (one) => searcher.fails(one, choice, violation) && !searcher.fails(one, without, violation),
    );
    if (scenario.operations.length > OPERATIONS_GOOD) {
      // whose violation it is, is known now; which one shows it no longer matters
      scenario = this.leaps(
        scenario,
        (one) => searcher.difference(one, choice, without) !== undefined,
        LEAPS_MAX,
      );
      violation = searcher.difference(scenario, choice, without) ?? violation;
    }
    const best = this.found.get(id)?.scenario;
    const isChanged = this.keep(
      { suite, run: failing.run, varied, id, needs, scenario, target: choice, violation },
      (one) => searcher.explain(one, choice, violation),
    );
    tries.set(id, this.found.get(id)!.scenario === best ? (tries.get(id) ?? 0) + 1 : 0);
    return isChanged;
  }

  private keepUnexplained({ scenario, violation }: Failing): void {
    const { searcher, report } = this;
    if (report.unknown.some((one) => one.cause === violation.cause)) return;
    const small = this.shrink(scenario, (one) => searcher.fails(one, REPAIRED, violation));
    this.keepUnknown(small, REPAIRED, searcher.explain(small, REPAIRED, violation) ?? violation, false);
  }
}
