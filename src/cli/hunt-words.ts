/**
 * What the threads of `run`, `diff` and `hunt` see at once, messages or not: the heartbeat, the wish to stop, the run that
 * each is in, and the scenario that is executed.
 */
import type { StopSignal } from '../engine/control.ts';
import type { Scenario } from '../scenario/scenario.ts';

/** The run begun last by the thread that runs the suites. */
export const WORD_RUN = 0;
/** Executions begun, by whichever thread. */
export const WORD_COUNT = 1;
/** Whether to stop. */
export const WORD_STOP = 2;
/** Length of the JSON of the scenario that is executed, where that cannot be told by the run. */
export const WORD_CANDIDATE = 3;
/** Then come the runs that the threads with ranges of runs are in; -1 for none. */
export const WORD_THREADS = 4;

/** Words for so many threads with ranges of runs. */
export function makeWords(threads: number): Int32Array<SharedArrayBuffer> {
  const words = new Int32Array(new SharedArrayBuffer(4 * (WORD_THREADS + threads)));
  return words.fill(-1, WORD_THREADS);
}

/** The wish to stop, as a thread sees it. */
export function stopSignal(words: Int32Array<SharedArrayBuffer>): StopSignal {
  return {
    get aborted(): boolean {
      return Atomics.load(words, WORD_STOP) !== 0;
    },
  };
}

/** The run that does not end: the other threads finish theirs, and the first that is left is what one thread would meet. */
export function runGoingOn(words: Int32Array<SharedArrayBuffer>): number {
  const runs = Array.from(words.subarray(WORD_THREADS)).filter((run) => run >= 0);
  return runs.length > 0 ? Math.min(...runs) : Atomics.load(words, WORD_RUN);
}

/** Room for the largest scenario as JSON; memory that is not touched costs nothing. */
const CANDIDATE_BYTES = 16 * 1024 * 1024;

/** Room for a scenario that is executed. */
export const makeCandidate = (): Uint8Array<SharedArrayBuffer> =>
  new Uint8Array(new SharedArrayBuffer(CANDIDATE_BYTES));

/** What tells which scenario is executed, and that another is. */
export function candidateTeller(
  words: Int32Array<SharedArrayBuffer>,
  candidate: Uint8Array<SharedArrayBuffer>,
): (scenario: Scenario) => void {
  const room = Buffer.from(candidate.buffer);
  return (scenario) => {
    Atomics.add(words, WORD_COUNT, 1);
    Atomics.store(words, WORD_CANDIDATE, room.write(JSON.stringify(scenario)));
  };
}

/** The scenario that is executed; null if none was told. */
export function readCandidate(
  words: Int32Array<SharedArrayBuffer>,
  candidate: Uint8Array<SharedArrayBuffer>,
): Scenario | null {
  const length = Atomics.load(words, WORD_CANDIDATE);
  if (length === 0) return null;
  try {
    return JSON.parse(Buffer.from(candidate.slice(0, length)).toString()) as Scenario;
  } catch {
    // Cut off: larger than the room for it, which no bounded scenario is.
    return null;
  }
}
