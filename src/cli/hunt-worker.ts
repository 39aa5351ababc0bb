/**
 * The thread in which suites run. A pager under test may loop for ever, and then the thread that waits for signals must not be
 * the one that loops. Everything that the engine tells is passed on; a heartbeat counts runs.
 */
import { parentPort, workerData } from 'node:worker_threads';
import { UsageError } from '../engine/errors.ts';
import type { Listener } from '../engine/hunt.ts';
import type { RunReport } from '../engine/results.ts';
import { candidateTeller, WORD_COUNT, WORD_RUN, stopSignal } from './hunt-words.ts';
import { perform, type RunRequest } from './request.ts';

/** What the thread is given. */
export interface WorkerInput {
  request: RunRequest;
  /** Shared with this thread and all others: see `hunt-words.ts`. */
  words: Int32Array<SharedArrayBuffer>;
  /** The candidate that the shrinker is executing, as JSON of `WORD_CANDIDATE` bytes. */
  candidate: Uint8Array<SharedArrayBuffer>;
}

/** Events that become messages; the others are too frequent. */
type Told = Exclude<keyof Listener, 'run' | 'candidate'>;

/** What it tells: events of the listener as they come, and its end. */
export type WorkerMessage =
  | { [K in Told]: { kind: K; args: Parameters<NonNullable<Listener[K]>> } }[Told]
  | { kind: 'done'; report: RunReport }
  | { kind: 'usage'; message: string };

async function main(
  port: NonNullable<typeof parentPort>,
  { request, words, candidate }: WorkerInput,
): Promise<void> {
  const signal = stopSignal(words);
  const tell = (message: WorkerMessage): void => port.postMessage(message);
  const listener: Listener = {
    run: (_name, run) => {
      Atomics.store(words, WORD_RUN, run);
      Atomics.add(words, WORD_COUNT, 1);
    },
    candidate: candidateTeller(words, candidate),
    suiteBegin: (...args) => tell({ kind: 'suiteBegin', args }),
    progress: (...args) => tell({ kind: 'progress', args }),
    shrinking: (...args) => tell({ kind: 'shrinking', args }),
    violation: (...args) => tell({ kind: 'violation', args }),
    suiteEnd: (...args) => tell({ kind: 'suiteEnd', args }),
  };
  try {
    tell({ kind: 'done', report: await perform(request, words, listener, signal) });
  } catch (thrown) {
    if (!(thrown instanceof UsageError)) throw thrown;
    tell({ kind: 'usage', message: thrown.message });
  } finally {
    port.close();
  }
}

if (parentPort !== null) await main(parentPort, workerData as WorkerInput);
