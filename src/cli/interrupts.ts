/** Ctrl-C and its relatives: the first asks the run to stop and to keep what it has, the second ends the process at once. */
import { EXIT_INTERRUPTED } from './exit.ts';

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/**
 * Signals so close together, in milliseconds, are one: who interrupts a process group reaches this process and its launcher,
 * which passes on what it gets.
 */
const AS_ONE_MS = 400;

/** Listens for signals until it is released. */
export class Interrupts {
  private readonly abort = new AbortController();
  private readonly handler: () => void;
  private firstMs = 0;

  /** `tell` is given what is to be said to the first; `tidy` is called before the process is ended at once. */
  constructor(tell: (message: string) => void, tidy: () => void) {
    this.handler = () => {
      if (this.abort.signal.aborted) {
        if (performance.now() - this.firstMs < AS_ONE_MS) return;
        tidy();
        process.exit(EXIT_INTERRUPTED);
      }
      this.firstMs = performance.now();
      this.abort.abort();
      tell('interrupted: stopping after this run, keeping what was found (again to give up)');
    };
    for (const signal of SIGNALS) process.on(signal, this.handler);
  }

  /** Aborted by the first signal. */
  get signal(): AbortSignal {
    return this.abort.signal;
  }

  /** Listens no more. */
  release(): void {
    for (const signal of SIGNALS) process.off(signal, this.handler);
  }
}
