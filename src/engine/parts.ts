/**
 * What the engine is put together from. It knows targets, suites, judges and the shrinker by these interfaces alone; `setup.ts`
 * fills them with the ones of the catalogue, tests with small ones of their own.
 */
import type { Property, Violation } from '../../properties/property.ts';
import type { Suite } from '../../properties/suite.ts';
import type { Scenario } from '../scenario/scenario.ts';
import type { Target } from '../targets/target.ts';
import type { ComposedObserver } from '../trace/compose.ts';
import type { PartialObserver } from '../trace/observer.ts';
import type { Shrunk } from './shrink-run.ts';

/** Feeds monitors during a run and holds what they found. One judge serves many runs. */
export interface Judge {
  /** What the target is given for a run. */
  readonly observer: ComposedObserver;
  /** Called before each run. */
  begin(scenario: Scenario): void;
  /** Violations of the last run, the first of each property, or the first few; valid until the next `begin`. */
  readonly violations: readonly Violation[];
  /** What was counted in all runs, by name. */
  counts(): ReadonlyMap<string, number>;
}

/** Makes a failing scenario smaller while `fails` says that a candidate shows the same failure. */
export type Shrink = (scenario: Scenario, fails: (candidate: Scenario) => boolean) => Shrunk;

/** Everything that the engine calls. */
export interface Parts {
  /** A target in its first state; a run uses one, confirmations use new ones. */
  makeTarget: () => Target;
  suites: readonly Suite[];
  properties: readonly Property[];
  /** A judge by the named properties that feeds `extra` observers after its own, and keeps `most` violations of each, or one. */
  makeJudge: (properties: readonly string[], extra: readonly PartialObserver[], most?: number) => Judge;
  shrink: Shrink;
}
