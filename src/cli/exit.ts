/** How a command ends, as a number that scripts can test. Where several apply, the lowest that is not zero is used. */
import type { ReplayVerdict } from '../engine/replay.ts';
import type { Verdict } from '../engine/results.ts';

export const EXIT_HELD = 0;
/** A property was violated; for `replay`: the violation was reproduced. */
export const EXIT_VIOLATED = 1;
/** Wrong usage or input. */
export const EXIT_USAGE = 2;
/** A defect of pagercheck or of a user's module. */
export const EXIT_INTERNAL = 3;
/** A suite did not reach what it declares. */
export const EXIT_NOT_REACHED = 4;
export const EXIT_NOT_DETERMINISTIC = 5;
/** `replay` only: something is violated, but not what the file says. */
export const EXIT_DIFFERS = 6;
export const EXIT_INTERRUPTED = 130;

const OF_VERDICT: Record<Verdict, number> = {
  held: EXIT_HELD,
  violated: EXIT_VIOLATED,
  'internal-error': EXIT_INTERNAL,
  'not-reached': EXIT_NOT_REACHED,
  'not-deterministic': EXIT_NOT_DETERMINISTIC,
  interrupted: EXIT_INTERRUPTED,
};

/** The exit code of a command that may have failed to write its output: the lowest, so that what was found comes first. */
export function exitWith(code: number, isWritten: boolean): number {
  if (isWritten) return code;
  return code === EXIT_HELD ? EXIT_USAGE : Math.min(code, EXIT_USAGE);
}

/** The exit code of a run of suites. */
export function exitOfRun(verdict: Verdict): number {
  return OF_VERDICT[verdict];
}

/** The exit code of a replay. */
export function exitOfReplay(verdict: ReplayVerdict): number {
  switch (verdict) {
    case 'held':
      return EXIT_HELD;
    case 'reproduced':
      return EXIT_VIOLATED;
    case 'differs':
      return EXIT_DIFFERS;
  }
}
