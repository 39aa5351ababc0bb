/**
 * How a run of the simulated kernel ends early: a fatal fault (bad address, freed thing), a panic, a deadlock, or the bound on
 * steps. It is thrown through whatever was running and turned into the run's result; nothing else is thrown on purpose.
 */
import type { Ending } from '../trace/codes.ts';

/** The end of a run; `ending` says which kind. */
export class KernelStop extends Error {
  readonly ending: Ending;

  constructor(ending: Ending, detail: string) {
    super(detail);
    this.ending = ending;
  }
}

/** A fatal fault of the processor: an address without memory, or a thing used after it was freed. */
export function trap(detail: string): never {
  throw new KernelStop('trap', detail);
}

/** `panic(9)`. */
export function panic(detail: string): never {
  throw new KernelStop('panic', detail);
}
