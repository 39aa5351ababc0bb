/**
 * News of a run: a bar on a terminal, a line now and then in a pipe. Both go to standard error, so that standard output is the
 * same for two runs with one seed, times aside.
 */
import type { SingleBar } from 'cli-progress';
import type { Listener } from '../engine/hunt.ts';
import { count, duration, thousands } from '../report/words.ts';
import type { Console } from './console.ts';
import { Lines, makeBar } from './news.ts';

/** Shows progress; `clear` before printing anything else, `stop` at the end. */
export class Progress {
  private readonly lines: Lines;
  private readonly bar: SingleBar | null;
  private readonly startedMs = performance.now();
  private current: { name: string; planned: number | null; runs: number } | null = null;

  constructor(console: Console, stream: NodeJS.WriteStream) {
    this.lines = new Lines(console);
    this.bar = makeBar(console, stream, '{suite} {bar} {done}{note}');
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
        if (this.bar !== null) return;
        this.lines.offer(
          () =>
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
    this.current = null;
    this.bar?.stop();
  }

  private start(): void {
    if (this.bar === null || this.current === null) return;
    const { name, planned, runs } = this.current;
    this.bar.start(planned ?? 0, runs, { suite: name.padEnd(16), done: doneOf(runs, planned), note: '' });
  }
}

function doneOf(runs: number, planned: number | null): string {
  return planned === null ? count(runs, 'run') : `${thousands(runs)} of ${count(planned, 'run')}`;
}
