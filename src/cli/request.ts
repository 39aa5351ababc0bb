/** A run as plain data, so that it can be handed to another thread, and its execution in whatever thread that is. */
import { catalogueParts } from '../engine/setup.ts';
import { runSuites, type RunOptions } from '../engine/run.ts';
import type { StopSignal } from '../engine/control.ts';
import { messageOf } from '../engine/errors.ts';
import type { Listener } from '../engine/hunt.ts';
import type { RunReport } from '../engine/results.ts';
import { ThreadEnded, type RangeRequest, type RangeResult } from '../engine/suite-runs.ts';
import { WORD_THREADS } from './hunt-words.ts';
import type { RangeWorkerInput } from './range-worker.ts';
import { openTarget } from './targets.ts';
import { ThreadPool } from './thread-pool.ts';

/** What `run` was asked for. */
export type RunRequest = Omit<RunOptions, 'parts' | 'threads'> & {
  /** Threads that make the runs of the suites; with one, the thread that is called makes them. */
  jobs: number;
};

/** Does it here, or in `jobs` threads that share the words. @throws UsageError */
export async function perform(
  request: RunRequest,
  words: Int32Array<SharedArrayBuffer>,
  listener: Listener,
  signal: StopSignal,
): Promise<RunReport> {
  const { jobs, ...options } = request;
  const { choice, near } = options;
  const parts = catalogueParts(await openTarget(choice), near);
  if (jobs === 1) return runSuites({ ...options, parts, threads: null }, listener, signal);
  const pool = new ThreadPool<RangeRequest, RangeResult>(
    jobs,
    'range-worker',
    (thread): RangeWorkerInput => ({ choice, near, words, word: WORD_THREADS + thread }),
    (thread, reason) => {
      const why = reason === undefined ? 'something in it called process.exit' : messageOf(reason);
      return new ThreadEnded(
        `the thread that ran the suites ended: ${why}`,
        Atomics.load(words, WORD_THREADS + thread),
      );
    },
  );
  try {
    const threads = { count: jobs, make: pool.ask };
    return await runSuites({ ...options, parts, threads }, listener, signal);
  } finally {
    await pool.end();
  }
}
