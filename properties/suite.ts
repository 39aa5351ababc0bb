/**
 * What a suite is: a generator of scenarios, the properties that judge them, and what it must have reached after how many runs.
 */
import type { PartialObserver } from '../src/trace/observer.ts';
import type { Scenario } from '../src/scenario/scenario.ts';
import type { Random } from './arbitraries/random.ts';

/** Counts what the runs of a suite reached; lives across runs. */
export interface Coverage extends PartialObserver {
  /** Called before each run. */
  begin(scenario: Scenario): void;
  /** Name to number of times reached so far; a name that was never reached is there with 0. */
  counts(): ReadonlyMap<string, number>;
}

/** A suite. */
export interface Suite {
  name: string;
  /** One sentence for people. */
  does: string;
  /** Draws one scenario; a pure function of the random source. Target and switches are filled in by the engine. */
  generate(random: Random): Scenario;
  /** Draws a scenario near another one; a pure function of both. */
  vary(random: Random, parent: Scenario): Scenario;
  /** Ids of the properties that judge it. */
  properties: readonly string[];
  /** Runs of a default `run`. */
  runs: number;
  /** Names (of `Coverage`) that must have been reached after that many runs. */
  reach: Readonly<Record<string, number>>;
  coverage: () => Coverage;
  /** The events that lead to something that must be reached, if that is known: told when it was not. */
  wayTo?: (name: string) => readonly string[] | null;
}
