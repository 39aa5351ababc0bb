/** Words that the threads of `run` see at once, messages or not: the heartbeat, the wish to stop, and the run that each is in. */

/** The run begun last by the thread that runs the suites. */
export const WORD_RUN = 0;
/** Executions begun, by whichever thread. */
export const WORD_COUNT = 1;
/** Whether to stop. */
export const WORD_STOP = 2;
/** Length of the JSON of the candidate that is being shrunk. */
export const WORD_CANDIDATE = 3;
/** Then come the runs that the threads with ranges of runs are in; -1 for none. */
export const WORD_THREADS = 4;

/** Words for so many threads with ranges of runs. */
export function makeWords(threads: number): Int32Array<SharedArrayBuffer> {
  const words = new Int32Array(new SharedArrayBuffer(4 * (WORD_THREADS + threads)));
  return words.fill(-1, WORD_THREADS);
}

/** The run that does not end: the other threads finish theirs, and the first that is left is what one thread would meet. */
export function runGoingOn(words: Int32Array<SharedArrayBuffer>): number {
  const runs = Array.from(words.subarray(WORD_THREADS)).filter((run) => run >= 0);
  return runs.length > 0 ? Math.min(...runs) : Atomics.load(words, WORD_RUN);
}
