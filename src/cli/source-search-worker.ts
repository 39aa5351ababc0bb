/** A thread that does the searches of a hunt through C text, one after the other, on targets of its own. */
import { parentPort, workerData } from 'node:worker_threads';
import { messageOf } from '../engine/errors.ts';
import { catalogueParts } from '../engine/setup.ts';
import { SourceSearcher, type SourceRequest, type SourceResult } from '../engine/source-search.ts';
import type { TargetChoice } from '../scenario/scenario.ts';
import { createReferenceTarget } from '../targets/reference.ts';
import { stopSignal } from './hunt-words.ts';
import { openTarget } from './targets.ts';

/** What the thread is given: the text, and the wish to stop. */
export interface SourceSearchInput {
  choice: TargetChoice;
  /** Shared with all threads of the hunt: see `hunt-words.ts`. */
  words: Int32Array<SharedArrayBuffer>;
}

/** What it answers: the result, or the message of what was thrown. */
export type SourceAnswer = { result: SourceResult } | { thrown: string };

if (parentPort !== null) {
  const port = parentPort;
  const { choice, words } = workerData as SourceSearchInput;
  const signal = stopSignal(words);
  const searcher = new SourceSearcher(
    catalogueParts(await openTarget(choice)),
    catalogueParts(createReferenceTarget),
    choice,
  );
  port.on('message', (request: SourceRequest) => {
    let answer: SourceAnswer;
    try {
      answer = { result: searcher.search(request, signal) };
    } catch (thrown) {
      answer = { thrown: messageOf(thrown) };
    }
    port.postMessage(answer);
  });
}
