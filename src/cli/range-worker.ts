/** A thread that makes runs for `run --jobs`, range after range, on its own target; the shared words say which run it is in. */
import { parentPort, workerData } from 'node:worker_threads';
import type { Near } from '../engine/near.ts';
import { catalogueParts } from '../engine/setup.ts';
import { RangeMaker, type RangeRequest } from '../engine/suite-runs.ts';
import type { TargetChoice } from '../scenario/scenario.ts';
import { WORD_COUNT, stopSignal } from './hunt-words.ts';
import { openTarget } from './targets.ts';

/** What the thread is given. */
export interface RangeWorkerInput {
  choice: TargetChoice;
  near: Near | null;
  words: Int32Array<SharedArrayBuffer>;
  /** Index of this thread's own word: the run that it is in, or -1. */
  word: number;
}

if (parentPort !== null) {
  const port = parentPort;
  const { choice, near, words, word } = workerData as RangeWorkerInput;
  const maker = new RangeMaker(catalogueParts(await openTarget(choice), near));
  const signal = stopSignal(words);
  const onRun = (run: number): void => {
    Atomics.store(words, word, run);
    Atomics.add(words, WORD_COUNT, 1);
  };
  port.on('message', (request: RangeRequest) => {
    const result = maker.make(request, onRun, signal);
    Atomics.store(words, word, -1);
    port.postMessage(result);
  });
}
