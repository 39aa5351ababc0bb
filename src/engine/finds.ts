/**
 * What a defect hunt has found so far, and the files that show it: one scenario a defect, the best one known. A better one
 * takes the place of the one before, and its file that of the other file, if this hunt wrote that. Counterexamples matter more
 * than their files: one that cannot be written is kept without.
 */
import { unlinkSync } from 'node:fs';
import type { Violation } from '../../properties/property.ts';
import type { Scenario } from '../scenario/scenario.ts';
import { explain, keepScenario, replayCommand } from './corpus.ts';
import { UsageError } from './errors.ts';
import { isCallerLevel } from './search.ts';
import { compareMeasures, measure, type Measure } from './shrink-measure.ts';

/** Operations that a counterexample should not need more than; a longer one is looked for again. */
export const OPERATIONS_GOOD = 6;

/** A defect that was found. */
export interface FoundDefect {
  id: string;
  /** Shown by operations of processes and file systems alone, or so far only with direct calls of the pager. */
  reachable: 'caller' | 'direct';
  property: string;
  cause: string;
  /** Operations of its best scenario. */
  operations: number;
  /** Defects without which the scenario does not show it. */
  needs: readonly string[];
  file: string | null;
  /** The suite and the run whose scenario showed it. */
  suite: string;
  run: number;
  /** That run varied another scenario, which only the hunt knew: suite and run do not lead back to it. */
  varied: boolean;
  /** Runs and time until it was found first, all suites together. */
  runs: number;
  seconds: number;
  scenario: Scenario;
  explanation: Violation;
}

/** A violation that no repair explains. */
export interface Unexplained {
  property: string;
  cause: string;
  /** Whether it is one of C text that does not do what the reference pager does. */
  parted: boolean;
  operations: number;
  file: string | null;
  scenario: Scenario;
  explanation: Violation;
}

/** How much a scenario leaves to be wished for; smaller is better. */
export function wishes(needs: readonly string[], scenario: Scenario): Measure {
  const isLong = scenario.operations.length > OPERATIONS_GOOD;
  return [needs.length, isLong ? 1 : 0, isCallerLevel(scenario) ? 0 : 1, ...measure(scenario)];
}

/** Whether there is nothing to be wished for but luck: it shows its defect alone, in few operations. */
export function isGood({ needs, operations }: FoundDefect): boolean {
  return needs.length === 0 && operations <= OPERATIONS_GOOD;
}

/** Whether the first shows its defect better than the second. */
export function isBetter(
  one: { needs: readonly string[]; scenario: Scenario },
  other: { needs: readonly string[]; scenario: Scenario },
): boolean {
  return compareMeasures(wishes(one.needs, one.scenario), wishes(other.needs, other.scenario)) < 0;
}

/** The counterexamples of one hunt as files. */
export class Keeper {
  /** Why a file could not be written, the first time. */
  trouble: string | null = null;
  private readonly directory: string | null;
  /** Files that were not there before the hunt. */
  private readonly own = new Set<string>();

  constructor(directory: string | null) {
    this.directory = directory;
  }

  /** Writes a scenario; @returns its file, or null if there is none. */
  keep(name: string, scenario: Scenario, explanation: Violation): string | null {
    if (this.directory === null) return null;
    try {
      const head = (path: string): string => explain(explanation, replayCommand(path));
      const { file, isNew } = keepScenario(this.directory, name, scenario, head);
      if (isNew) this.own.add(file);
      return file;
    } catch (thrown) {
      if (!(thrown instanceof UsageError)) throw thrown;
      this.trouble ??= thrown.message;
      return null;
    }
  }

  /** Takes away a file that another has taken the place of; one that was there before stays. */
  supersede(file: string | null): void {
    if (file === null || !this.own.delete(file)) return;
    try {
      unlinkSync(file);
    } catch {
      // Somebody else took it away, or nobody may: one file more than needed does no harm.
    }
  }
}
