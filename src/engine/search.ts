/**
 * The part of a defect hunt that takes the time: running one suite's scenarios against the pager with some defects repaired,
 * until one fails. A search is plain data and its result too, so that other threads can do it; which thread does it, and when,
 * makes no difference to what is found.
 */
import { Random } from '../../properties/arbitraries/random.ts';
import type { Violation } from '../../properties/property.ts';
import type { Coverage, Suite } from '../../properties/suite.ts';
import { OPERATIONS } from '../scenario/operations.ts';
import type { Scenario, TargetChoice } from '../scenario/scenario.ts';
import type { Target } from '../targets/target.ts';
import type { StopSignal } from './control.ts';
import { findFailure, judge } from './execute.ts';
import type { Judge, Parts } from './parts.ts';
import { allProperties } from './run.ts';
import { seedOfRun } from './seeds.ts';
import { keepOperations } from './shrink-removal.ts';

/** Runs of a suite that are to be searched. */
export interface SearchRange {
  suite: string;
  /** Whether scenarios keep the operations that call the pager directly. */
  direct: boolean;
  seed: number;
  /** First run, how far it is to the next, and how many. */
  from: number;
  step: number;
  runs: number;
}

/** What is to be searched. */
export interface SearchRequest extends SearchRange {
  choice: TargetChoice;
  /** What this form does too is no failure: the repaired pager, or one with defects that are known. */
  explained: TargetChoice;
  /** Scenarios of which each run is a variation of one; empty where they are drawn from nothing. */
  parents: readonly Scenario[];
  /** Situations of which a scenario is wanted, if one comes; null where nothing is to be counted. */
  wanted: readonly string[] | null;
}

/** What failures are told apart by. */
type Failure = Pick<Violation, 'property' | 'cause'>;

/** A scenario that fails. */
export interface Failing {
  run: number;
  scenario: Scenario;
  violation: Violation;
}

/** What came of it. */
export interface SearchResult {
  /** Runs made: fewer than asked for if one failed, which is counted, or on a stop. */
  runs: number;
  operations: number;
  /** What the form that explains does not do. */
  failing: Failing | null;
  /** What the pager without any known defect does too: nothing explains it. The first of each property and cause. */
  unexplained: Failing[];
  /** In how many runs each situation came, if that was to be counted. */
  reached: ReadonlyMap<string, number>;
  /** The last scenario that came to each of the wanted situations. */
  shown: ReadonlyMap<string, Scenario>;
}

/** The reference pager without any known defect. */
export const REPAIRED: TargetChoice = { name: 'reference', form: 'repaired', switches: [] };

/** A judge that also says which situations each run came to, and which transitions it took. */
class Sightings {
  private readonly coverage: Coverage;
  private readonly by: Judge;
  private before: ReadonlyMap<string, number> = new Map();

  constructor(parts: Parts, suite: Suite) {
    this.coverage = suite.coverage();
    this.by = parts.makeJudge(allProperties(parts), [this.coverage]);
  }

  violations(target: Target, scenario: Scenario, choice: TargetChoice): Violation[] {
    this.coverage.begin(scenario);
    judge(target, { ...scenario, target: choice }, this.by);
    return [...this.by.violations];
  }

  /** What the last run came to. */
  reached(): string[] {
    const now = new Map([...this.coverage.counts(), ...this.by.counts()]);
    const reached: string[] = [];
    for (const [name, count] of now) if (count > (this.before.get(name) ?? 0)) reached.push(name);
    this.before = now;
    return reached;
  }
}

/** Searches; worlds are reused from one search to the next. */
export class Searcher {
  private readonly random = new Random(0);
  private readonly parts: Parts;
  private readonly by: Judge;
  private readonly target: Target;
  private readonly sightings = new Map<string, Sightings>();

  constructor(parts: Parts) {
    this.parts = parts;
    this.by = parts.makeJudge(allProperties(parts), []);
    this.target = parts.makeTarget();
  }

  /** A stop ends it after the run that is going on. @throws InternalError as `judge` */
  search(request: SearchRequest, signal?: StopSignal): SearchResult {
    const { suite: name, direct, seed, from, step, runs, choice, explained, parents, wanted } = request;
    const suite = this.parts.suites.find((one) => one.name === name)!;
    const isRepaired = explained.form === 'repaired' && explained.switches.length === 0;
    const seen = wanted === null ? null : this.sightingsOf(suite);
    const result = {
      runs: 0,
      operations: 0,
      failing: null as Failing | null,
      unexplained: [] as Failing[],
      reached: new Map<string, number>(),
      shown: new Map<string, Scenario>(),
    };
    for (let i = 0; i < runs && result.failing === null; i++) {
      if (signal?.aborted === true) break;
      const run = from + i * step;
      this.random.seed(seedOfRun(seed, name, run));
      const drawn =
        parents.length === 0
          ? suite.generate(this.random)
          : suite.vary(this.random, this.random.pick(parents));
      const scenario = direct ? drawn : withoutDirectCalls(drawn);
      const violations =
        seen === null ? this.violations(scenario, choice) : seen.violations(this.target, scenario, choice);
      result.runs++;
      result.operations += scenario.operations.length;
      if (seen !== null) {
        for (const one of seen.reached()) {
          result.reached.set(one, (result.reached.get(one) ?? 0) + 1);
          if (wanted!.includes(one)) result.shown.set(one, scenario);
        }
      }
      if (violations.length === 0) continue;
      this.violations(scenario, explained);
      for (const violation of violations) {
        const failing = { run, scenario, violation };
        if (findFailure(this.by, violation) === undefined) result.failing ??= failing;
        else if (isRepaired && !result.unexplained.some((one) => one.violation.cause === violation.cause))
          result.unexplained.push(failing);
      }
    }
    return result;
  }

  private sightingsOf(suite: Suite): Sightings {
    let sightings = this.sightings.get(suite.name);
    if (sightings === undefined)
      this.sightings.set(suite.name, (sightings = new Sightings(this.parts, suite)));
    return sightings;
  }

  /** What the judge says of a scenario on a form of the pager. */
  private violations(scenario: Scenario, choice: TargetChoice): Violation[] {
    judge(this.target, { ...scenario, target: choice }, this.by);
    return [...this.by.violations];
  }

  /** Whether a scenario fails in the same way on a form of the pager. */
  fails(scenario: Scenario, choice: TargetChoice, as: Failure): boolean {
    judge(this.target, { ...scenario, target: choice }, this.by);
    return findFailure(this.by, as) !== undefined;
  }

  /** A violation that a form of the pager shows in a scenario and another form does not. */
  difference(scenario: Scenario, choice: TargetChoice, without: TargetChoice): Violation | undefined {
    const shown = this.violations(scenario, choice);
    if (shown.length === 0) return undefined;
    judge(this.target, { ...scenario, target: without }, this.by);
    return shown.find((one) => findFailure(this.by, one) === undefined);
  }

  /** The explanation of a violation as that form of the pager shows it now. */
  explain(scenario: Scenario, choice: TargetChoice, as: Failure): Violation | undefined {
    judge(this.target, { ...scenario, target: choice }, this.by);
    const found = findFailure(this.by, as);
    return found === undefined ? undefined : { ...found };
  }
}

/** Whether no operation calls the pager directly. */
export function isCallerLevel({ operations }: Scenario): boolean {
  return operations.every(({ kind }) => OPERATIONS[kind].level !== 'pager');
}

/** The scenario without its direct calls; any subsequence of a scenario is one. */
export function withoutDirectCalls(scenario: Scenario): Scenario {
  return keepOperations(scenario, (i) => OPERATIONS[scenario.operations[i]!.kind].level !== 'pager');
}
