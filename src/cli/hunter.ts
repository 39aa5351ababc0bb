/**
 * Runs suites in a thread of their own and watches it. A request to stop is obeyed within a run or two; a thread that does not
 * obey, or that makes no progress at all, is ended, and what it had told until then becomes the report.
 */
import { Worker } from 'node:worker_threads';
import { Random } from '../../properties/arbitraries/random.ts';
import { SUITES } from '../../properties/suites/catalogue.ts';
import { readCorpus } from '../engine/corpus.ts';
import type { StopSignal } from '../engine/control.ts';
import { UsageError, messageOf } from '../engine/errors.ts';
import { emptyReport, type Listener } from '../engine/hunt.ts';
import { internalFailure } from '../engine/internal-failure.ts';
import { suitesNear } from '../engine/near.ts';
import { CORPUS_NAME } from '../engine/run.ts';
import { verdictOf, type InternalFailure, type RunReport, type SuiteReport } from '../engine/results.ts';
import { seedOfRun } from '../engine/seeds.ts';
import type { Scenario } from '../scenario/scenario.ts';
import { makeCandidate, makeWords, readCandidate, runGoingOn } from './hunt-words.ts';
import type { WorkerInput, WorkerMessage } from './hunt-worker.ts';
import { loops } from './loops.ts';
import { PATIENCE_MS } from './patience.ts';
import type { RunRequest } from './request.ts';
import { THREAD_LIMITS } from './thread-limits.ts';
import { watch } from './watch.ts';

/** What the thread has told so far. */
class Told {
  readonly startedMs = performance.now();
  readonly suites: SuiteReport[] = [];
  current: SuiteReport | null = null;
  /** The scenario that is being shrunk, if one is. */
  shrinking: Scenario | null = null;

  hear(message: WorkerMessage): void {
    switch (message.kind) {
      case 'suiteBegin':
        this.current = emptyReport(message.args[0], message.args[1], []);
        this.suites.push(this.current);
        break;
      case 'progress':
        if (this.current !== null) {
          const { causes: _, ...done } = message.args[1];
          Object.assign(this.current, done);
        }
        break;
      case 'shrinking':
        this.shrinking = message.args[2];
        break;
      case 'violation':
        this.shrinking = null;
        this.current?.violations.push(message.args[1]);
        break;
      case 'suiteEnd':
        this.suites[this.suites.length - 1] = message.args[0];
        this.current = null;
        break;
      case 'done':
      case 'usage':
        break;
    }
  }

  /** A report of what is known, for a thread that will not make one any more. */
  report(request: RunRequest, stopped: RunReport['stopped'], internal: InternalFailure | null): RunReport {
    const names = request.suites.length > 0 ? request.suites : SUITES.map((suite) => suite.name);
    const found = {
      seed: request.seed,
      near: request.near?.path ?? null,
      target: request.choice,
      stopped,
      suites: this.suites,
      notRun: names.filter((name) => !this.suites.some((suite) => suite.name === name)),
      internal,
      elapsedMs: performance.now() - this.startedMs,
    };
    return { verdict: verdictOf(found), ...found };
  }
}

/** The file of this module beside which the worker lies: TypeScript in a checkout, JavaScript in a package. */
const isSource = import.meta.url.endsWith('.ts');

/**
 * Runs suites. @throws UsageError before anything was run; what the thread itself throws, which no part of the engine does
 */
export async function hunt(
  request: RunRequest,
  listener: Listener,
  signal: StopSignal,
  patienceMs: number = PATIENCE_MS,
): Promise<RunReport> {
  const words = makeWords(request.jobs === 1 ? 0 : request.jobs);
  const candidate = makeCandidate();
  const input: WorkerInput = { request, words, candidate };
  const worker = new Worker(new URL(isSource ? './hunt-worker.ts' : './hunt-worker.js', import.meta.url), {
    workerData: input,
    resourceLimits: THREAD_LIMITS,
  });
  const told = new Told();
  let stopWatching = (): void => {};
  try {
    return await new Promise<RunReport>((resolve, reject) => {
      let isOver = false;
      worker.on('message', (message: WorkerMessage) => {
        told.hear(message);
        isOver ||= message.kind === 'done' || message.kind === 'usage';
        if (message.kind === 'done') resolve(message.report);
        else if (message.kind === 'usage') reject(new UsageError(message.message));
        else pass(message, listener);
      });
      const giveUp = (message: string): void => {
        if (isOver) return;
        isOver = true;
        try {
          resolve(told.report(request, 'internal-error', failure(told, request, input, message)));
        } catch (thrown) {
          reject(new Error(messageOf(thrown), { cause: thrown }));
        }
      };
      worker.on('error', (thrown: unknown) => {
        giveUp(`the thread that ran the suites ended: ${messageOf(thrown)}`);
      });
      worker.on('exit', () => {
        giveUp('the thread that ran the suites ended: something in it called process.exit');
      });
      stopWatching = watch(words, signal, patienceMs, (isInterrupted, quietMs, hasBegun) => {
        if (isInterrupted) resolve(told.report(request, 'interrupted', null));
        else void loops(worker, quietMs, hasBegun).then(giveUp);
      });
    });
  } finally {
    stopWatching();
    await worker.terminate();
  }
}

function pass(message: Exclude<WorkerMessage, { kind: 'done' | 'usage' }>, listener: Listener): void {
  switch (message.kind) {
    case 'suiteBegin':
      listener.suiteBegin?.(...message.args);
      break;
    case 'progress':
      listener.progress?.(...message.args);
      break;
    case 'shrinking':
      listener.shrinking?.(...message.args);
      break;
    case 'violation':
      listener.violation?.(...message.args);
      break;
    case 'suiteEnd':
      listener.suiteEnd?.(...message.args);
      break;
  }
}

/** The failure of a thread that cannot speak for itself; its scenario is made anew from what is known of the run. */
function failure(told: Told, request: RunRequest, input: WorkerInput, message: string): InternalFailure {
  const run = runGoingOn(input.words);
  const what = { message, stack: '', suite: told.current?.name ?? '(none)', run };
  const scenario = scenarioOf(told, request, input, run);
  return internalFailure(
    what,
    scenario === null ? null : { ...scenario, target: request.choice },
    request.corpus,
    'Running this scenario ended the run',
  );
}

function scenarioOf(told: Told, request: RunRequest, input: WorkerInput, run: number): Scenario | null {
  if (told.shrinking !== null) return readCandidate(input.words, input.candidate) ?? told.shrinking;
  const name = told.current?.name;
  if (name === undefined) return null;
  if (name === CORPUS_NAME)
    return request.corpus === null ? null : (readCorpus(request.corpus)[run]?.scenario ?? null);
  const suite = suitesNear(SUITES, request.near).find((one) => one.name === name);
  return suite?.generate(new Random(seedOfRun(request.seed, name, run))) ?? null;
}
