/** News of a defect hunt: a bar that fills as the time goes on a terminal, a line now and then in a pipe; on standard error. */
import cliProgress from 'cli-progress';
import type { HuntReport } from '../engine/defect-hunt.ts';
import { count, duration } from '../report/words.ts';
import type { Console } from './console.ts';

/** How often a pipe gets a line. */
const LINE_INTERVAL_MS = 10_000;

/** Shows how far it is. */
export class HuntProgress {
  private readonly console: Console;
  private readonly totalMs: number;
  private readonly bar: cliProgress.SingleBar | null;
  private readonly startedMs = performance.now();
  private lastLineMs = performance.now();
  private said = '';

  /** `totalMs`: how long the hunt may last. */
  constructor(console: Console, stream: NodeJS.WriteStream, totalMs: number) {
    this.console = console;
    this.totalMs = totalMs;
    this.bar =
      stream.isTTY && !console.isQuiet
        ? new cliProgress.SingleBar({
            stream,
            format: '{bar} {said}',
            barsize: 30,
            barCompleteChar: '=',
            barIncompleteChar: '.',
            clearOnComplete: true,
            hideCursor: true,
            gracefulExit: false,
            fps: 10,
            linewrap: false,
          })
        : null;
    this.start();
  }

  private start(): void {
    this.bar?.start(this.totalMs, this.elapsedMs, { said: this.said });
  }

  private get elapsedMs(): number {
    return Math.min(this.totalMs, performance.now() - this.startedMs);
  }

  /** A search has ended. */
  readonly show = (report: HuntReport): void => {
    this.said = `${count(report.defects.length, 'defect')} in ${count(report.runs, 'run')}`;
    this.bar?.update(this.elapsedMs, { said: this.said });
    if (this.bar !== null || performance.now() - this.lastLineMs < LINE_INTERVAL_MS) return;
    this.lastLineMs = performance.now();
    this.console.news(`${this.said} after ${duration(this.elapsedMs)}`);
  };

  /** Takes the bar away while something else is printed. */
  pause(print: () => void): void {
    this.bar?.stop();
    print();
    this.start();
  }

  /** Takes the bar away for good. */
  stop(): void {
    this.bar?.stop();
  }
}
