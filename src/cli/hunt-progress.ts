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
  private isShown = false;

  /** `totalMs`: how long the hunt may last. Nothing is drawn before `start`. */
  constructor(console: Console, stream: NodeJS.WriteStream, totalMs: number) {
    this.totalMs = totalMs;
    this.lines = new Lines(console);
    this.bar = makeBar(console, stream, '{bar} {said}');
  }

  /** Draws the bar. What is printed from now on, it must be taken away for: see `pause`. */
  start(): void {
    this.isShown = true;
    this.draw();
  }

  private draw(): void {
    this.bar?.start(this.totalMs, this.elapsedMs, { said: this.said });
  }

  private get elapsedMs(): number {
    return Math.min(this.totalMs, performance.now() - this.startedMs);
  }

  /** A search has ended. */
  readonly show = (report: HuntReport): void => {
    this.said = `${count(report.defects.length, 'defect')} in ${count(report.runs, 'run')}`;
    if (this.isShown) this.bar?.update(this.elapsedMs, { said: this.said });
    if (this.bar === null) this.lines.offer(() => `${this.said} after ${duration(this.elapsedMs)}`);
  };

  /** Takes the bar away while something else is printed. */
  pause(print: () => void): void {
    this.bar?.stop();
    print();
    if (this.isShown) this.draw();
  }

  /** Takes the bar away for good. */
  stop(): void {
    this.isShown = false;
    this.bar?.stop();
  }
}
