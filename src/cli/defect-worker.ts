/** The thread in which a hunt for defects goes on, with threads of its own that search; see `defect-hunter.ts`. */
import { parentPort, workerData } from 'node:worker_threads';
import { huntDefects } from '../engine/defect-hunt.ts';
import { InternalError, UsageError, messageOf } from '../engine/errors.ts';
import { SEARCHES, type HuntListener, type HuntReport } from '../engine/hunting.ts';
import { catalogueParts } from '../engine/setup.ts';
import { huntSource } from '../engine/source-hunt.ts';
import { createReferenceTarget } from '../targets/reference.ts';
import type { DefectRequest } from './defect-hunter.ts';
import { stopSignal } from './hunt-words.ts';
import { searchReference, searchSource } from './search-pool.ts';
import { openTarget } from './targets.ts';

/** What the thread is given. */
export interface DefectInput {
  request: DefectRequest;
  /** Shared with all threads of the hunt: see `hunt-words.ts`. */
  words: Int32Array<SharedArrayBuffer>;
}

/** What it tells: events of the listener as they come, and its end. */
export type DefectMessage =
  | {
      [K in keyof HuntListener]-?: { kind: K; args: Parameters<NonNullable<HuntListener[K]>> };
    }[keyof HuntListener]
  | { kind: 'done'; report: HuntReport }
  | { kind: 'usage'; message: string }
  | { kind: 'internal'; message: string; stack: string };

async function hunt({ request, words }: DefectInput, listener: HuntListener): Promise<HuntReport> {
  const { form, ...rest } = request;
  const { choice } = rest;
  const common = { ...rest, parts: catalogueParts(await openTarget(choice)) };
  const signal = stopSignal(words);
  if (form === null) {
    const pool = searchReference(SEARCHES, { choice, words });
    try {
      return await huntDefects({ ...common, search: pool.search }, listener, signal);
    } finally {
      await pool.end();
    }
  }
  const pool = searchSource(SEARCHES, { choice, words });
  try {
    const referenceParts = catalogueParts(createReferenceTarget);
    return await huntSource({ ...common, referenceParts, form, search: pool.search }, listener, signal);
  } finally {
    await pool.end();
  }
}

async function main(input: DefectInput, tell: (message: DefectMessage) => void): Promise<void> {
  const listener: HuntListener = {
    defect: (...args) => tell({ kind: 'defect', args }),
    unknown: (...args) => tell({ kind: 'unknown', args }),
    repaired: (...args) => tell({ kind: 'repaired', args }),
    progress: (...args) => tell({ kind: 'progress', args }),
  };
  try {
    tell({ kind: 'done', report: await hunt(input, listener) });
  } catch (thrown) {
    const message = messageOf(thrown);
    if (thrown instanceof UsageError) return tell({ kind: 'usage', message });
    const origin = thrown instanceof InternalError ? thrown.cause : thrown;
    tell({ kind: 'internal', message, stack: origin instanceof Error ? (origin.stack ?? '') : '' });
  }
}

if (parentPort !== null) {
  const port = parentPort;
  await main(workerData as DefectInput, (message) => port.postMessage(message));
  port.close();
}
