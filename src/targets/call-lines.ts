/**
 * Where a pager of one's own calls the kernel: by thread the stack of the last call, and its line when somebody asks. It costs
 * more than the call itself, and is for runs that are explained; what a line has to do with a violation, others say.
 */
import { readFileSync } from 'node:fs';
import type { PagerCall, PartialObserver } from '../trace/observer.ts';
import type { CallLines, SourceLine } from './target.ts';
import { callerIn, framesOf, placeAt } from './thrown.ts';

/** Frames that a stack keeps: those of observers, of the kernel's call and of what the pager has called in turn. */
const FRAMES_MAX = 60;

/** Follows one run after the other. */
export class ModuleLines implements CallLines {
  /** Those that have called the kernel. */
  completions = 0;
  readonly observer: PartialObserver;
  private readonly texts = new Map<string, readonly string[]>();
  private readonly last = new Map<number, Error | null>();
  private thread = -1;
  private isInterrupt = false;
  private ofCompletion: Error | null = null;

  constructor() {
    this.observer = {
      pagerCall: ({ thread }: PagerCall) => {
        this.thread = thread;
        this.last.set(thread, null);
      },
      resume: (thread) => {
        this.thread = thread;
      },
      call: (thread) => this.called(thread),
      transferEnd: () => {
        this.isInterrupt = true;
        this.ofCompletion = null;
      },
      interruptEnd: () => {
        this.isInterrupt = false;
      },
    };
  }

  private called(thread: number): void {
    const { stackTraceLimit } = Error;
    Error.stackTraceLimit = FRAMES_MAX;
    // made into a text only when somebody looks, which is most of what it costs
    const here = new Error('a call of the kernel');
    Error.stackTraceLimit = stackTraceLimit;
    if (this.isInterrupt) {
      this.ofCompletion = here;
      this.completions++;
    } else {
      this.thread = thread;
      this.last.set(thread, here);
    }
  }

  lastCall(): SourceLine | null {
    return this.lineOf(this.isInterrupt ? this.ofCompletion : this.last.get(this.thread));
  }

  lastCallOfCompletion(): SourceLine | null {
    return this.lineOf(this.ofCompletion);
  }

  /** The line of a call; null if code of the pager has no part in it. */
  private lineOf(call: Error | null | undefined): SourceLine | null {
    const frame = callerIn(framesOf(call?.stack ?? ''));
    if (frame === null) return null;
    return { place: placeAt(frame), text: this.linesOf(frame.file)[frame.line - 1]?.trim() ?? '' };
  }

  private linesOf(file: string): readonly string[] {
    let lines = this.texts.get(file);
    if (lines === undefined) {
      lines = read(file).split('\n');
      this.texts.set(file, lines);
    }
    return lines;
  }
}

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    // a module need not be a file that lies there still: its line is told without its text
    return '';
  }
}
