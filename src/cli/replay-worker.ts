/** The thread in which a pager that may loop is replayed; see `replayer.ts`. What is thrown is told, with its stack. */
import { parentPort, workerData } from 'node:worker_threads';
import { InternalError, UsageError, messageOf } from '../engine/errors.ts';
import { replayHere, type Replayed, type ReplayRequest } from './replayer.ts';

/** What the thread answers. */
export type ReplayAnswer =
  | { kind: 'done'; replayed: Replayed }
  | { kind: 'usage'; message: string }
  | { kind: 'internal'; message: string; stack: string };

async function answerTo(request: ReplayRequest): Promise<ReplayAnswer> {
  try {
    return { kind: 'done', replayed: await replayHere(request) };
  } catch (thrown) {
    if (thrown instanceof UsageError) return { kind: 'usage', message: thrown.message };
    const origin = thrown instanceof InternalError ? thrown.cause : thrown;
    const stack = origin instanceof Error ? (origin.stack ?? '') : '';
    return { kind: 'internal', message: messageOf(thrown), stack };
  }
}

if (parentPort !== null) {
  const answer = await answerTo(workerData as ReplayRequest);
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread has no origin
  parentPort.postMessage(answer);
}
