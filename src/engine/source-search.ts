/**
 * The part of a hunt through C text that takes the time: running a suite's scenarios on the text until one fails in a way that is
 * news. The text cannot be repaired, so most of its violations are due to what is known already; the reference pager, which does
 * the same as the text, tells which: it is run once more with these defects repaired.
 */
import { Random } from '../../properties/arbitraries/random.ts';
import type { Violation } from '../../properties/property.ts';
import type { Scenario, TargetChoice } from '../scenario/scenario.ts';
import type { Target } from '../targets/target.ts';
import { Digest } from '../trace/digest.ts';
import type { StopSignal } from './control.ts';
import { isSameFailure, judge } from './execute.ts';
import type { Judge, Parts } from './parts.ts';
import { allProperties } from './run.ts';
import { REPAIRED, withoutDirectCalls, type Failing, type SearchRange } from './search.ts';
import { seedOfRun } from './seeds.ts';

/** What is to be searched. */
export interface SourceRequest extends SearchRange {
  /** The reference pager without the defects that are known: what it shows of the text's violations is news. */
  left: TargetChoice;
  /** Properties of which a violation was reported where text and reference part: one mistake has many causes. */
  ignored: readonly string[];
}

/** What came of it. */
export interface SourceResult {
  /** Runs made: fewer than asked for if one failed, which is counted. */
  runs: number;
  operations: number;
  /** A violation of the text that known defects do not explain. */
  failing: Failing | null;
  /** What the reference pager without any known defect does too. The first of each cause. */
  unexplained: Failing[];
  /** What the text does and the reference does not. The first of each property. */
  parted: Failing[];
}

type Failure = Pick<Violation, 'property' | 'cause'>;

/** A target with a judge, and the digest of its last run. */
class Side {
  private readonly by: Judge;
  private readonly target: Target;
  readonly digest = new Digest();

  constructor(parts: Parts) {
    this.by = parts.makeJudge(allProperties(parts), [this.digest]);
    this.target = parts.makeTarget();
  }

  /** What the judge says; valid until the next run. */
  run(scenario: Scenario, choice: TargetChoice): readonly Violation[] {
    judge(this.target, { ...scenario, target: choice }, this.by);
    return this.by.violations;
  }

  find(scenario: Scenario, choice: TargetChoice, as: Failure): Violation | undefined {
    return this.run(scenario, choice).find((one) => isSameFailure(one, as));
  }
}

/** The text and the reference pager side by side; worlds are reused from one search to the next. */
export class SourceSearcher {
  private readonly random = new Random(0);
  private readonly parts: Parts;
  private readonly text: Side;
  private readonly reference: Side;
  private readonly choice: TargetChoice;
  private readonly form: TargetChoice;

  /** `choice` names the text, `form` is the form of the reference pager that does the same. */
  constructor(parts: Parts, referenceParts: Parts, choice: TargetChoice, form: TargetChoice) {
    this.parts = parts;
    this.text = new Side(parts);
    this.reference = new Side(referenceParts);
    this.choice = choice;
    this.form = form;
  }

  /** A stop ends it after the run that is going on. @throws InternalError as `judge` */
  search(request: SourceRequest, signal?: StopSignal): SourceResult {
    const { suite: name, direct, seed, from, step, runs, left, ignored } = request;
    const suite = this.parts.suites.find((one) => one.name === name)!;
    const result: SourceResult = { runs: 0, operations: 0, failing: null, unexplained: [], parted: [] };
    const ignoredHere = new Set(ignored);
    for (let i = 0; i < runs && result.failing === null; i++) {
      if (signal?.aborted === true) break;
      const run = from + i * step;
      this.random.seed(seedOfRun(seed, name, run));
      const drawn = suite.generate(this.random);
      const scenario = direct ? drawn : withoutDirectCalls(drawn);
      const violations = [...this.text.run(scenario, this.choice)];
      result.runs++;
      result.operations += scenario.operations.length;
      if (violations.length === 0) continue;
      const known = [...this.reference.run(scenario, this.form)];
      const parts = !this.isSameTrace();
      const news: Violation[] = [];
      for (const violation of violations) {
        if (parts && ignoredHere.has(violation.property)) continue;
        if (known.some((one) => isSameFailure(one, violation))) {
          news.push(violation);
        } else {
          ignoredHere.add(violation.property);
          result.parted.push({ run, scenario, violation });
        }
      }
      if (news.length === 0) continue;
      const still = [...this.reference.run(scenario, left)];
      const unsettled = news.filter((violation) => still.some((one) => isSameFailure(one, violation)));
      if (unsettled.length === 0) continue;
      const repaired = this.reference.run(scenario, REPAIRED);
      for (const violation of unsettled) {
        const failing = { run, scenario, violation };
        if (!repaired.some((one) => isSameFailure(one, violation))) result.failing ??= failing;
        else if (!result.unexplained.some((one) => one.violation.cause === violation.cause))
          result.unexplained.push(failing);
      }
    }
    return result;
  }

  /** Whether the last runs of both had the same trace. */
  private isSameTrace(): boolean {
    const { text, reference } = this;
    return text.digest.value === reference.digest.value && text.digest.events === reference.digest.events;
  }

  /** The violation as the text shows it, if it does. */
  shown(scenario: Scenario, as: Failure): Violation | undefined {
    const found = this.text.find(scenario, this.choice, as);
    return found === undefined ? undefined : { ...found };
  }

  /** Whether a form of the reference pager shows the violation. */
  occurs(scenario: Scenario, choice: TargetChoice, as: Failure): boolean {
    return this.reference.find(scenario, choice, as) !== undefined;
  }

  /** Whether text and reference have the same trace, and both the violation. */
  agrees(scenario: Scenario, as: Failure): boolean {
    return (
      this.text.find(scenario, this.choice, as) !== undefined &&
      this.reference.find(scenario, this.form, as) !== undefined &&
      this.isSameTrace()
    );
  }
}
