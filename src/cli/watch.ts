/** Watches a thread in which a pager under test may loop: whether it shows life, and whether it stops when it is told to. */
import type { StopSignal } from '../engine/control.ts';
import { WORD_COUNT, WORD_STOP } from './hunt-words.ts';
import { PATIENCE_MS } from './patience.ts';

/** How long an interrupted thread may take to stop by itself. */
export const STOP_PATIENCE_MS = 3000;

const TICK_MS = 250;

/**
 * Passes the wish to stop on, and calls `giveUp` once when the thread shows no life, with how long it has not and
 * whether any run had begun. Ticks are counted
 * instead of reading a clock, so that a machine which slept does not take its own sleep for the thread's.
 * @returns what ends the watch
 */
export function watch(
  words: Int32Array<SharedArrayBuffer>,
  signal: StopSignal,
  patienceMs: number,
  giveUp: (isInterrupted: boolean, quietMs: number, hasBegun: boolean) => void,
): () => void {
  let last = -1;
  let quietMs = 0;
  let stoppingMs = 0;
  const timer = setInterval(() => {
    if (signal.aborted) {
      Atomics.store(words, WORD_STOP, 1);
      stoppingMs += TICK_MS;
      if (stoppingMs <= STOP_PATIENCE_MS) return;
      clearInterval(timer);
      giveUp(true, quietMs, last > 0);
      return;
    }
    const now = Atomics.load(words, WORD_COUNT);
    quietMs = now === last ? quietMs + TICK_MS : 0;
    last = now;
    // Before the first run everything is still being loaded, which takes as long as the machine is busy.
    if (quietMs < (now === 0 ? Math.max(patienceMs, PATIENCE_MS) : patienceMs)) return;
    clearInterval(timer);
    giveUp(false, quietMs, now > 0);
  }, TICK_MS);
  return () => clearInterval(timer);
}
