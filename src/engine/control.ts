/**
 * When to stop and when to breathe. The hunt is one long computation; between runs it asks here whether the user, the time or
 * the number of failures ends it, and now and then lets the event loop turn, so that signals arrive and progress shows.
 */
import type { StopReason } from './results.ts';

/** Distinct causes after which a run ends unless told otherwise. */
export const FAILURES_MAX = 10;

/** The most distinct causes that can be asked for. */
export const FAILURES_LIMIT = 1000;

/** The most runs of a suite that can be asked for. */
export const RUNS_LIMIT = 1_000_000_000;

/** The most threads that can be asked for. */
export const JOBS_LIMIT = 64;

/** How long the hunt may keep the event loop waiting, in milliseconds. */
const BREATH_MS = 50;

/** Says whether to stop: an `AbortSignal`, or a flag that another thread sets while this one never rests. */
export interface StopSignal {
  readonly aborted: boolean;
}

/** Limits of one run of suites. Time is consulted for `--time`, breathing and display only. */
export class Control {
  /** Milliseconds at which the run began. */
  readonly startedMs: number = performance.now();
  private readonly signal: StopSignal | undefined;
  private deadlineMs = Infinity;
  private lastBreathMs: number = this.startedMs;
  private reason: StopReason = 'done';

  constructor(signal?: StopSignal) {
    this.signal = signal;
  }

  /** Sets when the current suite's time is up; `Infinity` for never. */
  setDeadline(ms: number): void {
    this.deadlineMs = ms;
  }

  /** Ends the run for a reason of the engine's own. The first reason stays. */
  stop(reason: StopReason): void {
    if (this.reason === 'done') this.reason = reason;
  }

  /** Why the whole run ends; `done` while it does not. */
  get stopped(): StopReason {
    if (this.reason === 'done' && this.signal?.aborted === true) this.reason = 'interrupted';
    return this.reason;
  }

  /** Whether the time of the current suite is up. */
  get isTimeUp(): boolean {
    return performance.now() >= this.deadlineMs;
  }

  /** Whether it is time to breathe; cheap, called once a run. */
  get mustBreathe(): boolean {
    return performance.now() - this.lastBreathMs >= BREATH_MS;
  }

  /** Lets the event loop turn once. */
  async breathe(): Promise<void> {
    await new Promise<void>((resolve) => {
      setImmediate(resolve);
    });
    this.lastBreathMs = performance.now();
  }
}
