/**
 * What a property is: a named statement about runs, with a monitor that watches one run at a time and reports to a judge. A
 * violation is data that explains itself; grouping, counting and keeping the first per property is the judge's.
 */
import type { PartialObserver } from '../src/trace/observer.ts';
import type { View } from '../src/trace/view.ts';
import type { Scenario } from '../src/scenario/scenario.ts';
import type { Turns } from '../model/calls.ts';
import type { Model } from '../model/model.ts';

/** Safety, liveness, or proof that the run was not vacuous. */
export type PropertyKind = 'always' | 'eventually' | 'sometimes';

/** One thing that did not hold. */
export interface Violation {
  /** Id of the property. */
  property: string;
  /** What violations are grouped by: `property/operation kind/pager function`. */
  cause: string;
  /** Id and kind of the operation that was running; 0 and `settlement` afterwards. */
  operation: number;
  /** See `operation`. */
  operationKind: string;
  /** Pager function that was running, or `-`. */
  function: string;
  /** One sentence: what is wrong, with file, page and bytes named symbolically. */
  what: string;
  /** What should have been there, in words or bytes. */
  expected: string;
  /** What was there. */
  observed: string;
  /** Where the wrong bytes came from, if bytes were wrong and their stamp was recognised. */
  origin?: string;
  /** Number of the event of the trace at which it was found; added by the engine, where the run is recorded. */
  event?: number;
  /** File, line and text from which the pager has last called the kernel; added by the engine, if that is known. */
  place?: string;
}

/** What a monitor says when its property does not hold. */
export interface Finding {
  what: string;
  expected: string;
  observed: string;
  origin?: string;
  /** Thread on whose behalf it happened, if not the running one. */
  thread?: number;
}

/** What a monitor is given for one run. */
export interface Context {
  readonly scenario: Scenario;
  readonly view: View;
  /** The abstract files, claims and owners, already up to date when a monitor's method is called. */
  readonly model: Model;
  /** Whether a violation of that property would be kept; what explains it need not be put together otherwise. */
  wants(property: string): boolean;
  /** Reports a violation; only the first of each property and run is kept. Cheap to call again. */
  violate(property: string, finding: Finding): void;
}

/** A watcher of runs; one instance serves many runs, `begin` starts a new one (and must forget the last by what it touched). */
export interface Monitor extends PartialObserver, Turns {
  begin(context: Context): void;
  /** Adds what it has counted in all runs so far, by name: what was reached, not what was wrong. */
  count?(into: Map<string, number>): void;
}

/** A named statement. */
export interface Property {
  id: string;
  kind: PropertyKind;
  /** The statement in one sentence. */
  statement: string;
  /**
   * Contract ids of kernel-notes (`13.4 Q3`, `G16`), with lines of the seed in parentheses where it is about these alone
   * (`13.4 Q3 (951-953)`). The lines of the others are in seed-lines.ts; `sourceText` adds them.
   */
  source: string;
  /** What it looks at, and when. */
  observes: string;
  /** What a pass does not say. */
  doesNotVerify: string;
  /** Several properties may share one monitor; the factory is then the same function. */
  monitor: () => Monitor;
}
