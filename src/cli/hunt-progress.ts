/** News of a defect hunt: a bar that fills as the time goes on a terminal, a line now and then in a pipe; on standard error. */
import type { SingleBar } from 'cli-progress';
import type { HuntReport } from '../engine/hunting.ts';
import { count, duration } from '../report/words.ts';
import type { Console } from './console.ts';
import { Lines, makeBar } from './news.ts';

/** Shows how far it is. */
export class HuntProgress {
  private readonly lines: Lines;
  private readonly totalMs: number;
  private readonly bar: SingleBar | null;
  private readonly startedMs = performance.now();
  private said = '';

  /** `totalMs`: how long the hunt may last. */
  constructor(console: Console, stream: NodeJS.WriteStream, totalMs: number) {
    this.totalMs = totalMs;
    this.lines = new Lines(console);
    this.bar = makeBar(console, stream, '{bar} {said}');
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
    if (this.bar === null) this.lines.offer(() => `${this.said} after ${duration(this.elapsedMs)}`);
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
