/**
 * Hunts for defects in a thread of its own, so that the one that waits for signals is never busy with making a scenario small. A
 * wish to stop is heard between two candidates, in the threads that search as well; what was told until then is the report of a
 * hunt that does not hear it.
 */
import { Worker } from 'node:worker_threads';
import { nothingFound, type HuntListener, type HuntReport } from '../engine/hunting.ts';
import { InternalError, UsageError, messageOf } from '../engine/errors.ts';
import type { TargetChoice } from '../scenario/scenario.ts';
import type { DefectInput, DefectMessage } from './defect-worker.ts';
import { makeWords, WORD_STOP } from './hunt-words.ts';
import { STOP_PATIENCE_MS } from './watch.ts';

/** What is hunted, as plain data. */
export interface DefectRequest {
  choice: TargetChoice;
  /** The form of the reference pager that does the same, where C text is hunted in; null where `choice` is such a form. */
  form: TargetChoice | null;
  switches: readonly string[];
  suites: readonly string[];
  seed: number;
  timeMs: number;
  settleMs: number | null;
  corpus: string;
}

/** The report of a hunt that was known until now, with what it has told since. */
export function hear(known: HuntReport, message: DefectMessage): HuntReport {
  switch (message.kind) {
    case 'defect': {
      const [found] = message.args;
      // a map keeps the order in which its keys came
      const defects = new Map(known.defects.map((one) => [one.id, one])).set(found.id, found);
      return {
        ...known,
        defects: [...defects.values()],
        notFound: known.notFound.filter((id) => id !== found.id),
      };
    }
    case 'unknown':
      return { ...known, unknown: [...known.unknown, message.args[0]] };
    case 'repaired': {
      const [id] = message.args;
      return {
        ...known,
        repaired: [...known.repaired, id],
        notFound: known.notFound.filter((one) => one !== id),
      };
    }
    case 'progress':
      return message.args[0];
    case 'done':
    case 'usage':
    case 'internal':
      return known;
  }
}

/** Hunts. @throws UsageError; InternalError from the thread */
export async function huntGuarded(
  request: DefectRequest,
  listener: HuntListener,
  signal: AbortSignal,
): Promise<HuntReport> {
  const words = makeWords(0);
  const input: DefectInput = { request, words };
  const file = import.meta.url.endsWith('.ts') ? './defect-worker.ts' : './defect-worker.js';
  // with the memory of the first thread: making scenarios small leaves much behind
  const worker = new Worker(new URL(file, import.meta.url), { workerData: input });
  const startedMs = performance.now();
  let last = nothingFound(request, request.form ?? request.choice);
  let hasBegun = false;
  let timer: NodeJS.Timeout | undefined;
  let stop = (): void => {};
  try {
    return await new Promise<HuntReport>((resolve, reject) => {
      worker.on('message', (message: DefectMessage) => {
        hasBegun = true;
        last = hear(last, message);
        switch (message.kind) {
          case 'defect':
            listener.defect?.(...message.args);
            break;
          case 'unknown':
            listener.unknown?.(...message.args);
            break;
          case 'repaired':
            listener.repaired?.(...message.args);
            break;
          case 'progress':
            listener.progress?.(...message.args);
            break;
          case 'done':
            resolve(message.report);
            break;
          case 'usage':
            reject(new UsageError(message.message));
            break;
          case 'internal':
            reject(
              new InternalError(
                message.message,
                null,
                Object.assign(new Error(message.message), { stack: message.stack }),
              ),
            );
        }
      });
      const fail = (why: string, cause?: unknown): void =>
        reject(new InternalError(`the thread that hunted ended: ${why}`, null, cause));
      worker.on('error', (thrown: unknown) => fail(messageOf(thrown), thrown));
      worker.on('exit', () => fail('something in it called process.exit'));
      stop = (): void => {
        Atomics.store(words, WORD_STOP, 1);
        const giveUp = (): void =>
          resolve({ ...last, stopped: 'interrupted', seconds: (performance.now() - startedMs) / 1000 });
        // threads that are still being loaded hear nothing, and have nothing to tell
        if (hasBegun) timer = setTimeout(giveUp, STOP_PATIENCE_MS);
        else giveUp();
      };
      if (signal.aborted) stop();
      else signal.addEventListener('abort', stop, { once: true });
    });
  } finally {
    signal.removeEventListener('abort', stop);
    clearTimeout(timer);
    await worker.terminate();
  }
}
