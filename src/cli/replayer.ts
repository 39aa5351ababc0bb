/**
 * Replays a scenario as plain data, here or in a thread of its own. A pager that is not the reference may loop without ever
 * calling the kernel; then the thread is ended, and the one who waits is told.
 */
import { Worker } from 'node:worker_threads';
import { InternalError, UsageError, messageOf } from '../engine/errors.ts';
import { replayScenario, type ReplayOutcome } from '../engine/replay.ts';
import { allProperties } from '../engine/run.ts';
import { catalogueParts } from '../engine/setup.ts';
import { timelineOf, type Timeline } from '../report/timeline.ts';
import type { Scenario } from '../scenario/scenario.ts';
import { formatRecord } from '../trace/text.ts';
import type { ReplayAnswer } from './replay-worker.ts';
import { REFERENCE } from './names.ts';
import { openTarget } from './targets.ts';
import { THREAD_LIMITS } from './thread-limits.ts';
import { loops } from './loops.ts';

/** What is to be replayed. */
export interface ReplayRequest {
  scenario: Scenario;
  /** Whether the trace is wanted. */
  isVerbose: boolean;
}

/** What it came to. */
export interface Replayed {
  outcome: Omit<ReplayOutcome, 'trace'>;
  /** The trace, line by line; empty if nobody wants it. */
  trace: string[];
  /** How it came to what was violated; null if nothing was. */
  timeline: Timeline | null;
}

/** Replays here. @throws UsageError; InternalError */
export async function replayHere({ scenario, isVerbose }: ReplayRequest): Promise<Replayed> {
  const parts = catalogueParts(await openTarget(scenario.target));
  const { trace: records, ...outcome } = replayScenario(parts, scenario, allProperties(parts));
  const trace = isVerbose ? records.map((record, index) => formatRecord(record, index)) : [];
  return { outcome, trace, timeline: timelineOf({ trace: records, ...outcome }) };
}

/** Replays, in a thread unless the pager is known to end. @throws UsageError; InternalError, also when the pager loops */
export async function replayGuarded(request: ReplayRequest, patienceMs: number): Promise<Replayed> {
  if (request.scenario.target.name === REFERENCE) return replayHere(request);
  const file = import.meta.url.endsWith('.ts') ? './replay-worker.ts' : './replay-worker.js';
  const worker = new Worker(new URL(file, import.meta.url), {
    workerData: request,
    resourceLimits: THREAD_LIMITS,
  });
  const internal = (message: string, cause?: unknown): InternalError =>
    new InternalError(message, request.scenario, cause);
  let timer: NodeJS.Timeout | undefined;
  try {
    return await new Promise<Replayed>((resolve, reject) => {
      worker.on('message', (answer: ReplayAnswer) => {
        if (answer.kind === 'done') resolve(answer.replayed);
        else if (answer.kind === 'usage') reject(new UsageError(answer.message));
        else
          reject(internal(answer.message, Object.assign(new Error(answer.message), { stack: answer.stack })));
      });
      worker.on('error', (thrown: unknown) => reject(internal(messageOf(thrown), thrown)));
      worker.on('exit', () =>
        reject(internal('the thread that replayed ended: something in it called process.exit')),
      );
      timer = setTimeout(() => {
        void loops(worker, patienceMs, true).then((message) => reject(internal(message)));
      }, patienceMs);
    });
  } finally {
    clearTimeout(timer);
    await worker.terminate();
  }
}
