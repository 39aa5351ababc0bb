/** The thread in which two pagers are compared, of which one may loop; see `differ.ts`. */
import { parentPort, workerData } from 'node:worker_threads';
import { SUITES } from '../../properties/suites/catalogue.ts';
import { diffTargets, type DiffReport, type Side } from '../engine/diff.ts';
import { InternalError, UsageError, messageOf } from '../engine/errors.ts';
import { suitesNear } from '../engine/near.ts';
import type { Scenario } from '../scenario/scenario.ts';
import type { DiffRequest } from './differ.ts';
import { candidateTeller, stopSignal } from './hunt-words.ts';
import { openTarget } from './targets.ts';

/** What the thread is given. */
export interface DiffInput {
  request: DiffRequest;
  /** Shared with the thread that waits: see `hunt-words.ts`. */
  words: Int32Array<SharedArrayBuffer>;
  candidate: Uint8Array<SharedArrayBuffer>;
}

/** What it tells. */
export type DiffMessage =
  | { kind: 'progress'; runs: number; operations: number }
  | { kind: 'done'; report: DiffReport }
  | { kind: 'usage'; message: string }
  | { kind: 'internal'; message: string; stack: string; scenario: Scenario | null };

async function main(
  tell: (message: DiffMessage) => void,
  { request, words, candidate }: DiffInput,
): Promise<void> {
  const { left, right, suites, near, ...rest } = request;
  const signal = stopSignal(words);
  try {
    const sides: Side[] = [];
    for (const choice of [left, right]) sides.push({ choice, target: (await openTarget(choice))() });
    const report = await diffTargets(
      {
        left: sides[0]!,
        right: sides[1]!,
        first: near?.scenarios ?? [],
        suites: suitesNear(SUITES, near).filter(({ name }) => suites.includes(name)),
        // what is varied needs the world that it was found in
        asDrawn: near !== null,
        watch: candidateTeller(words, candidate),
        ...rest,
      },
      signal,
      (runs, operations) => tell({ kind: 'progress', runs, operations }),
    );
    tell({ kind: 'done', report });
  } catch (thrown) {
    if (thrown instanceof UsageError) return tell({ kind: 'usage', message: thrown.message });
    const isInternal = thrown instanceof InternalError;
    const origin = isInternal ? thrown.cause : thrown;
    const stack = origin instanceof Error ? (origin.stack ?? '') : '';
    tell({
      kind: 'internal',
      message: messageOf(thrown),
      stack,
      scenario: isInternal ? thrown.scenario : null,
    });
  }
}

if (parentPort !== null) {
  const port = parentPort;
  await main((message) => port.postMessage(message), workerData as DiffInput);
  port.close();
}
