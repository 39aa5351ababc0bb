/**
 * A target with a judge that also knows how far the trace had come when each violation was found. Two pagers come to a violation
 * in the same way if the traces until then are the same; what they do afterwards is of no account. What follows from that is
 * for others to say.
 */
import type { Violation } from '../../properties/property.ts';
import type { Scenario, TargetChoice } from '../scenario/scenario.ts';
import type { Target } from '../targets/target.ts';
import { compose, type ComposedObserver } from '../trace/compose.ts';
import { Digest } from '../trace/digest.ts';
import { OBSERVER_METHODS, type PartialObserver } from '../trace/observer.ts';
import { execute, isSameFailure, judge } from './execute.ts';
import type { Judge, Parts } from './parts.ts';
import { allProperties } from './run.ts';

/** What violations are found again by when a scenario changes. */
export type Failure = Pick<Violation, 'property' | 'cause'>;

/** A violation, and the trace until it was found. */
export interface Sight {
  violation: Violation;
  /** Events until then, and their digest. */
  events: number;
  digest: number;
}

/** See `compare`. */
export type Way = 'same' | 'other' | 'gone';

/** Whether two runs of one scenario came to a violation by the same events. */
export function isSameWay(a: Sight, b: Sight): boolean {
  return a.events === b.events && a.digest === b.digest && isSameSubject(a.violation, b.violation);
}

/** Whether two runs of one scenario show the same violation of the same thing, whatever they did before. */
export function isSameSubject(a: Violation, b: Violation): boolean {
  return isAlike(a, b) && a.what === b.what;
}

/** Whether two runs of one scenario violate the same property in the same operation and function. */
export function isAlike(a: Violation, b: Violation): boolean {
  return isSameFailure(a, b) && a.operation === b.operation;
}

/** Runs scenarios on one target, one after the other. */
export class TracedJudge {
  private readonly by: Judge;
  private readonly target: Target;
  private readonly unjudged: ComposedObserver;
  private readonly digest = new Digest();
  /** Of each violation of the run. */
  private readonly moments: { events: number; digest: number }[] = [];
  /** Digest after each event, where that is asked for. */
  private readonly history: number[] = [];
  private keepsHistory = false;

  /** `most`: how many violations of each property it keeps in a run. */
  constructor(parts: Parts, most = 1) {
    const look: PartialObserver = {};
    for (const name of OBSERVER_METHODS) look[name] = this.look;
    look.runBegin = this.begin;
    this.by = parts.makeJudge(allProperties(parts), [this.digest, look], most);
    this.unjudged = compose([this.digest, look]);
    this.target = parts.makeTarget();
  }

  private readonly begin = (): void => {
    this.moments.length = 0;
    this.history.length = 0;
    this.look();
  };

  private readonly look = (): void => {
    const { digest, moments, by } = this;
    if (this.keepsHistory) this.history.push(digest.value);
    while (moments.length < by.violations.length)
      moments.push({ events: digest.events, digest: digest.value });
  };

  /** What the judge says; valid until the next run. @throws InternalError as `judge` */
  run(scenario: Scenario, choice: TargetChoice): readonly Violation[] {
    judge(this.target, { ...scenario, target: choice }, this.by);
    return this.by.violations;
  }

  /** The violations of a run, each with its moment. @throws InternalError as `judge` */
  sights(scenario: Scenario, choice: TargetChoice): Sight[] {
    const violations = this.run(scenario, choice);
    // monitors hear of events alone, so that each has its moment
    return violations.map((violation, i) => ({ violation: { ...violation }, ...this.moments[i]! }));
  }

  /** The violation of that property and cause, if the run has it. */
  sight(scenario: Scenario, choice: TargetChoice, as: Failure): Sight | undefined {
    return this.sights(scenario, choice).find(({ violation }) => isSameFailure(violation, as));
  }

  /** The digest of the last run. */
  get trace(): { events: number; digest: number } {
    return { events: this.digest.events, digest: this.digest.value };
  }

  /**
   * How a run comes to each of the violations that another run of the scenario has come to: by the `same` events, by `other`
   * ones, or not at all to one that is alike, which is `gone`.
   */
  compare(scenario: Scenario, choice: TargetChoice, sights: readonly Sight[]): Way[] {
    this.keepsHistory = true;
    try {
      const violations = this.run(scenario, choice);
      return sights.map(({ events, digest, violation }) => {
        if (!violations.some((one) => isAlike(one, violation))) return 'gone';
        return this.history[events - 1] === digest ? 'same' : 'other';
      });
    } finally {
      this.keepsHistory = false;
    }
  }

  /** The digests after each event of a run, which is not judged; valid until the next run. @throws InternalError as `execute` */
  historyOf(scenario: Scenario, choice: TargetChoice): readonly number[] {
    this.keepsHistory = true;
    try {
      execute(this.target, { ...scenario, target: choice }, this.unjudged);
      return this.history;
    } finally {
      this.keepsHistory = false;
    }
  }
}
