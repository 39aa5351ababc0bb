/**
 * Compares two pagers in a thread of its own and watches it, as `hunter.ts` does for suites: a pager that loops, throws or ends
 * the thread is told as that, and the scenario in which it did is kept.
 */
import { Worker } from 'node:worker_threads';
import { writeScenario } from '../engine/corpus.ts';
import { nothingCompared, type DiffReport } from '../engine/diff.ts';
import { InternalError, UsageError, messageOf } from '../engine/errors.ts';
import type { Near } from '../engine/near.ts';
import type { Scenario, TargetChoice } from '../scenario/scenario.ts';
import type { DiffInput, DiffMessage } from './diff-worker.ts';
import { makeCandidate, makeWords, readCandidate } from './hunt-words.ts';
import { THREAD_LIMITS } from './thread-limits.ts';
import { loops } from './loops.ts';
import { watch } from './watch.ts';

/** What is to be compared, as plain data. */
export interface DiffRequest {
  left: TargetChoice;
  right: TargetChoice;
  /** Names of suites. */
  suites: readonly string[];
  /** What is varied instead of drawing from nothing, null for nothing. */
  near: Near | null;
  seed: number;
  /** Runs of each suite; may be infinite. */
  runs: number;
  timeMs: number | null;
  corpus: string;
}

/** Compares. @throws UsageError; InternalError, also for a pager that loops or ends the thread */
export async function diffGuarded(
  request: DiffRequest,
  progress: (runs: number, operations: number) => void,
  signal: AbortSignal,
  patienceMs: number,
): Promise<DiffReport> {
  const startedMs = performance.now();
  const input: DiffInput = { request, words: makeWords(0), candidate: makeCandidate() };
  const file = import.meta.url.endsWith('.ts') ? './diff-worker.ts' : './diff-worker.js';
  const worker = new Worker(new URL(file, import.meta.url), {
    workerData: input,
    resourceLimits: THREAD_LIMITS,
  });
  const internal = (message: string, scenario: Scenario | null, cause?: unknown): InternalError => {
    const kept = keep(request, scenario, message);
    return new InternalError(kept === null ? message : `${message} (${kept})`, scenario, cause);
  };
  const executing = (): Scenario | null => readCandidate(input.words, input.candidate);
  let done = { runs: 0, operations: 0 };
  let stopWatching = (): void => {};
  try {
    return await new Promise<DiffReport>((resolve, reject) => {
      let isOver = false;
      const giveUp = (message: string, cause?: unknown): void => {
        if (!isOver) reject(internal(message, executing(), cause));
        isOver = true;
      };
      worker.on('message', (message: DiffMessage) => {
        if (message.kind === 'progress') {
          done = { runs: message.runs, operations: message.operations };
          progress(message.runs, message.operations);
          return;
        }
        isOver = true;
        if (message.kind === 'done') resolve(message.report);
        else if (message.kind === 'usage') reject(new UsageError(message.message));
        else {
          const cause = Object.assign(new Error(message.message), { stack: message.stack });
          reject(internal(message.message, message.scenario, cause));
        }
      });
      worker.on('error', (thrown: unknown) =>
        giveUp(`the thread that compared the pagers ended: ${messageOf(thrown)}`, thrown),
      );
      worker.on('exit', () =>
        giveUp('the thread that compared the pagers ended: something in it called process.exit'),
      );
      stopWatching = watch(input.words, signal, patienceMs, (isInterrupted, quietMs, hasBegun) => {
        if (!isInterrupted) void loops(worker, quietMs, hasBegun).then(giveUp);
        else
          resolve({
            ...nothingCompared(),
            ...done,
            isInterrupted: true,
            elapsedMs: performance.now() - startedMs,
          });
      });
    });
  } finally {
    stopWatching();
    await worker.terminate();
  }
}

/** Keeps the scenario in which something broke. @returns its file, or null if there is none or it cannot be written */
function keep(
  { corpus, left, right }: DiffRequest,
  scenario: Scenario | null,
  message: string,
): string | null {
  if (scenario === null) return null;
  // of two pagers it is most likely the one that is not built in
  const target = right.name === 'reference' ? left : right;
  try {
    const head = (): string => `Comparing pagers in this scenario ended the run: ${message}`;
    return writeScenario(corpus, 'internal-error', { ...scenario, target }, head);
  } catch {
    // The failure that is being reported matters more than that its scenario could not be saved.
    return null;
  }
}
