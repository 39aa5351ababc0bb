/**
 * News of a run: a bar on a terminal, a line now and then in a pipe. Both go to standard error, so that standard output is the
 * same for two runs with one seed, times aside.
 */
import cliProgress from 'cli-progress';
import type { Listener } from '../engine/hunt.ts';
import { count, duration, thousands } from '../report/words.ts';
import type { Console } from './console.ts';

/** How often a pipe gets a line. */
const LINE_INTERVAL_MS = 10_000;

/** Shows progress; `clear` before printing anything else, `stop` at the end. */
export class Progress {
  private readonly console: Console;
  private readonly bar: cliProgress.SingleBar | null;
  private readonly startedMs = performance.now();
  private lastLineMs = performance.now();
  private current: { name: string; planned: number | null; runs: number } | null = null;

  constructor(console: Console, stream: NodeJS.WriteStream) {
    this.console = console;
    this.bar =
      stream.isTTY && !console.isQuiet
        ? new cliProgress.SingleBar({
            stream,
            format: '{suite} {bar} {done}{note}',
            barsize: 30,
            barCompleteChar: '=',
            barIncompleteChar: '.',
            clearOnComplete: true,
            hideCursor: true,
            gracefulExit: false,
            // It draws when told to; a timer of its own would not fire during the hunt anyway.
            fps: 20,
            linewrap: false,
          })
        : null;
  }

  /** The parts of a listener that move the bar. */
  get listener(): Pick<Listener, 'suiteBegin' | 'progress' | 'suiteEnd' | 'shrinking'> {
    return {
      suiteBegin: (name, planned) => {
        this.current = { name, planned, runs: 0 };
        this.start();
      },
      progress: (name, { runs, causes }, planned) => {
        if (this.current !== null) this.current.runs = runs;
        const note = causes === 0 ? '' : `, ${count(causes, 'failure')}`;
        this.bar?.update(runs, { done: doneOf(runs, planned), note });
        this.line(
          `${name}: ${doneOf(runs, planned)}${note} after ${duration(performance.now() - this.startedMs)}`,
        );
      },
      shrinking: (_suite, violation, { operations }) => {
        this.bar?.update({
          note: `, shrinking ${violation.property} (${count(operations.length, 'operation')})`,
        });
      },
      suiteEnd: () => {
        this.current = null;
        this.bar?.stop();
      },
    };
  }

  /** Takes the bar away while something else is printed; the next progress brings it back. */
  pause(print: () => void): void {
    this.bar?.stop();
    print();
    this.start();
  }

  /** Takes the bar away for good. */
  stop(): void {
    this.bar?.stop();
  }

  private start(): void {
    if (this.bar === null || this.current === null) return;
    const { name, planned, runs } = this.current;
    this.bar.start(planned ?? 0, runs, { suite: name.padEnd(16), done: doneOf(runs, planned), note: '' });
  }

  private line(text: string): void {
    if (this.bar !== null || performance.now() - this.lastLineMs < LINE_INTERVAL_MS) return;
    this.lastLineMs = performance.now();
    this.console.news(text);
  }
}

function doneOf(runs: number, planned: number | null): string {
  return planned === null ? count(runs, 'run') : `${thousands(runs)} of ${count(planned, 'run')}`;
}
