/**
 * What all progress has in common: a bar where standard error is a terminal, a line now and then where it is a pipe. What is
 * said, and how far it is, is the commands'.
 */
import cliProgress from 'cli-progress';
import type { Console } from './console.ts';

/** How often a pipe gets a line. */
const LINE_INTERVAL_MS = 10_000;

/** A bar that is drawn when it is told to; null where nobody would see it. */
export function makeBar(
  console: Console,
  stream: NodeJS.WriteStream,
  format: string,
): cliProgress.SingleBar | null {
  if (!stream.isTTY || console.isQuiet) return null;
  return new cliProgress.SingleBar({
    stream,
    format,
    barsize: 30,
    barCompleteChar: '=',
    barIncompleteChar: '.',
    clearOnComplete: true,
    hideCursor: true,
    gracefulExit: false,
    // A timer of its own would not fire during long work anyway.
    fps: 20,
    linewrap: false,
  });
}

/** Says something every ten seconds at most. */
export class Lines {
  private readonly console: Console;
  private lastMs = performance.now();

  constructor(console: Console) {
    this.console = console;
  }

  /** Says it, if it is time. */
  offer(text: () => string): void {
    const now = performance.now();
    if (now - this.lastMs < LINE_INTERVAL_MS) return;
    this.lastMs = now;
    this.console.news(text());
  }
}
