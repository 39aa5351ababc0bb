/**
 * What a run of suites comes to, as plain data: it can be written as JSON, sent between threads and compared. Times are the
 * only fields that differ between two runs with one seed.
 */
import type { Violation } from '../../properties/property.ts';
import type { Scenario, TargetChoice } from '../scenario/scenario.ts';
import type { Ending } from '../trace/codes.ts';

/** In the order in which they win: the first that applies is the verdict. */
export const VERDICTS = [
  'violated',
  'internal-error',
  'not-reached',
  'not-deterministic',
  'interrupted',
  'held',
] as const;
/** What a run of suites comes to. */
export type Verdict = (typeof VERDICTS)[number];

/** Why no more runs were made than were made. */
export type StopReason = 'done' | 'time' | 'max-failures' | 'interrupted' | 'internal-error';

/** Violations of one cause, explained on the smallest scenario that still shows it. */
export interface ViolationReport {
  /** Id of the property. */
  property: string;
  /** What violations are grouped by: property, kind of operation, pager function. */
  cause: string;
  /** Operations of the shrunk scenario. */
  operations: number;
  /** Where the counterexample lies; null if nothing was to be written. */
  file: string | null;
  /** Why it could not be written, if it could not. */
  fileError: string | null;
  /** How many runs of this suite showed it. */
  runs: number;
  /** Index of the first such run within its suite; for the corpus, of the file. */
  firstRun: number;
  /** Operations of the scenario before it was shrunk. */
  operationsBefore: number;
  /** Whether a target that had run nothing else shows it too. */
  reproduced: boolean;
  /** What was violated too, as `PROPERTY/FUNCTION`, whenever this was, from the scenario that was found to the shrunk one. */
  company: string[];
  /** What was expected and observed, on the shrunk scenario. */
  explanation: Violation;
  /** The shrunk scenario. */
  scenario: Scenario;
}

/** How often a suite reached a situation, and how often it must be reached; `required` null means that it is only counted. */
export interface ReachReport {
  /** The situation. */
  name: string;
  /** How often it was reached. */
  count: number;
  /** After how many runs it must have been reached at least once; null if it need not. */
  requiredAfter: number | null;
}

/** The first event that differed between two runs of one scenario. */
export interface DifferenceReport {
  /** Index of the run within its suite. */
  run: number;
  /** Index of the event in the trace, from 0. */
  event: number;
  /** Both events as lines of a trace; empty where that trace had ended. */
  first: string;
  /** See `first`. */
  second: string;
  /** The scenario, if it could be saved. */
  file: string | null;
}

/** Something threw that must not. */
export interface InternalFailure {
  /** What was thrown. */
  message: string;
  /** Where it was thrown, as far as the stack tells. */
  stack: string;
  /** Suite that was running. */
  suite: string;
  /** Index of the run within it. */
  run: number;
  /** The scenario that was running, if it could be saved. */
  file: string | null;
  /** That scenario, if one was running and it could not. */
  scenario: Scenario | null;
}

/** One row of the table: a suite, or the corpus. */
export interface SuiteReport {
  /** Of the suite; `corpus` for the corpus. */
  name: string;
  /** Runs made, and runs meant to be made (null: as many as the time allows). */
  runs: number;
  /** See `runs`. */
  runsPlanned: number | null;
  /** Operations begun, and how many of them did nothing. */
  operations: number;
  /** See `operations`. */
  noops: number;
  /** Transfers between memory and a device. */
  transfers: number;
  /** One entry for each cause. */
  violations: ViolationReport[];
  /** Every situation that the suite counts. */
  reached: ReachReport[];
  /** Required names that were not reached although the runs were made. */
  notReached: string[];
  /** The events that lead to some of those, by name. */
  ways: Record<string, readonly string[]>;
  /** How the runs ended. */
  endings: Record<Ending, number>;
  /** Properties that judged. */
  properties: string[];
  /** Under a check of determinism, the first difference. */
  difference: DifferenceReport | null;
  /** Milliseconds; for people, never for decisions. */
  elapsedMs: number;
}

/** All of it. */
export interface RunReport {
  /** The first of `VERDICTS` that applies. */
  verdict: Verdict;
  /** What the scenarios were drawn with. */
  seed: number;
  /** The directory of whose scenarios variations were drawn; null if they were drawn from nothing. */
  near: string | null;
  /** What was run. */
  target: TargetChoice;
  /** Why no more was run. */
  stopped: StopReason;
  /** In the order in which they ran; suites that were not begun are not here. */
  suites: SuiteReport[];
  /** Names of suites that were not begun. */
  notRun: string[];
  /** What was thrown that must not be, if anything. */
  internal: InternalFailure | null;
  /** All of it, in milliseconds. */
  elapsedMs: number;
}

/** An empty tally of endings. */
export function noEndings(): Record<Ending, number> {
  return { completed: 0, trap: 0, panic: 0, deadlock: 0, bound: 0 };
}

/** The first verdict that applies to what was found. */
export function verdictOf(report: Omit<RunReport, 'verdict'>): Verdict {
  if (report.suites.some((suite) => suite.violations.length > 0)) return 'violated';
  if (report.internal !== null) return 'internal-error';
  if (report.suites.some((suite) => suite.notReached.length > 0)) return 'not-reached';
  if (report.suites.some((suite) => suite.difference !== null)) return 'not-deterministic';
  if (report.stopped === 'interrupted') return 'interrupted';
  return 'held';
}
