/**
 * The interface of everything that executes scenarios: the reference pager, a pager of one's own, one in C. The engine knows
 * targets only by this file.
 */
import type { Ending } from '../trace/codes.ts';
import type { ComposedObserver } from '../trace/compose.ts';
import type { PartialObserver } from '../trace/observer.ts';
import type { Level } from '../scenario/operations.ts';
import type { Scenario } from '../scenario/scenario.ts';

/**
 * What a target can do. All that there are run on the simulated kernel and can do everything, so that each is judged by every
 * property; only the determinism check asks, for `deterministic`.
 */
export interface Capabilities {
  /** Levels of operations that it executes; others are no-ops. */
  levels: readonly Level[];
  /** Whether it emits page, object and transfer events and offers the view, or only what a process sees. */
  kernelView: boolean;
  /** Whether the same scenario gives the same trace. */
  deterministic: boolean;
  /** Whether it obeys schedule and faults. */
  schedulable: boolean;
}

/** What every pager on the simulated kernel can do, whatever it is written in. */
export const ON_SIMULATED_KERNEL: Capabilities = {
  levels: ['pager', 'process', 'file-system'],
  kernelView: true,
  deterministic: true,
  schedulable: true,
};

/** What one run came to, besides what observers saw. The record is reused by the next run of the same target. */
export interface RunResult {
  /** How it ended. */
  ending: Ending;
  /** Who waits for what, or what the trap was; empty when completed. */
  detail: string;
  /** Operations begun, and how many of them did nothing. */
  operations: number;
  /** See `operations`. */
  noops: number;
  /** Transfers started, by the pager and by the kernel around it. */
  transfers: number;
}

/** How much of a source was executed. */
export interface Coverage {
  /** Lines that were executed, ascending. */
  linesReached: number[];
  /** Lines that hold code, ascending. */
  lines: number[];
  /** Ways through the code that were taken, from one step of control flow to the next. */
  branchesReached: number;
  /** All of them. */
  branches: number;
}

/** A line of source text. */
export interface SourceLine {
  /** `file:line`. */
  place: string;
  text: string;
}

/** Where a pager has called the kernel. */
export interface CallLines {
  /** Where the function that runs, or was left last, has last called the kernel; null if it has not, or it is not known. */
  lastCall(): SourceLine | null;
  /** The same for the completion routine that was left last. */
  lastCallOfCompletion(): SourceLine | null;
  /** More than before if a completion routine has run since. */
  readonly completions: number;
  /** What must be told of the run for that, before anybody asks. */
  readonly observer?: PartialObserver;
}

/** What a target knows that executes source text with lines. */
export interface SourceInfo extends CallLines {
  /** What was executed since the target was made. The first time, the source may be compiled once more for it. */
  coverage(): Promise<Coverage>;
}

/** Something that executes scenarios. Not re-entrant; worlds are reused between runs. */
export interface Target {
  /** `reference`, or what the user calls it. */
  readonly name: string;
  /** What it can do. */
  readonly capabilities: Capabilities;
  /** Present if the target has source lines. */
  readonly source?: SourceInfo;
  /** What follows the lines of a target that has none by itself, at a price. */
  readonly followLines?: () => CallLines;
  /**
   * Runs the scenario to its settlement, or to a trap, panic or deadlock of the simulated kernel (those do not throw). With
   * observer `null` nothing is emitted.
   * @throws only on a defect of the target itself.
   */
  execute(scenario: Scenario, observer: ComposedObserver | null): RunResult;
}
