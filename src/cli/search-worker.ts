/** A thread that does the searches of a defect hunt, one after the other, on a target of its own. */
import { parentPort, workerData } from 'node:worker_threads';
import { messageOf } from '../engine/errors.ts';
import { Searcher, type SearchRequest, type SearchResult } from '../engine/search.ts';
import { catalogueParts } from '../engine/setup.ts';
import type { TargetChoice } from '../scenario/scenario.ts';
import { stopSignal } from './hunt-words.ts';
import { openTarget } from './targets.ts';

/** What the thread is given. */
export interface SearchInput {
  choice: TargetChoice;
  /** Shared with all threads of the hunt: see `hunt-words.ts`. */
  words: Int32Array<SharedArrayBuffer>;
}

/** What it answers: the result, or the message of what was thrown. */
export type SearchAnswer = { result: SearchResult } | { thrown: string };

if (parentPort !== null) {
  const port = parentPort;
  const { choice, words } = workerData as SearchInput;
  const searcher = new Searcher(catalogueParts(await openTarget(choice)));
  const signal = stopSignal(words);
  port.on('message', (request: SearchRequest) => {
    let answer: SearchAnswer;
    try {
      answer = { result: searcher.search(request, signal) };
    } catch (thrown) {
      answer = { thrown: messageOf(thrown) };
    }
    port.postMessage(answer);
  });
}
