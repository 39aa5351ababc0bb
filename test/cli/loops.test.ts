/**
 * Guards that a thread which cannot be asked any more does not keep anybody from going on, whatever holds it; that the line is found
 * is guarded by process.test.ts, where a pager loops.
 */
import { Worker } from 'node:worker_threads';
import { expect, it } from 'vitest';
import { loops } from '../../src/cli/loops.ts';

const SAYS = 'a run has not ended after 60 s: the pager under test loops';
const SAYS_EARLY =
  'no run has begun after 60 s: the machine is too busy; try again later, or set PAGERCHECK_PATIENCE to more seconds';

it.each([
  ['waits for what never comes', 'Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);'],
  ['waits for nothing', ''],
  ['loops in code of nobody', 'for (;;);'],
])('a thread that %s', { timeout: 30_000 }, async (_, code) => {
  const worker = new Worker(`require('node:worker_threads').parentPort.postMessage(0);\n${code}`, {
    eval: true,
  });
  const ended = new Promise((resolve) => worker.once('exit', resolve));
  await new Promise((resolve) => worker.once('message', resolve));
  expect(await loops(worker, 60_000, true)).toBe(SAYS);
  expect(await loops(worker, 60_000, false)).toBe(SAYS_EARLY);
  await worker.terminate();
  await ended;
});
