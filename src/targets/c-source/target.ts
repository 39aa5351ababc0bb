/** C source as a target: a world whose structures lie in the memory of the compiled code. */
import { Kernel } from '../../kernel/kernel.ts';
import type { Scenario } from '../../scenario/scenario.ts';
import type { ComposedObserver } from '../../trace/compose.ts';
import {
  ON_SIMULATED_KERNEL,
  type Coverage,
  type RunResult,
  type SourceInfo,
  type SourceLine,
  type Target,
} from '../target.ts';
import type { Compiled } from './compile.ts';
import { Machine } from './machine.ts';
import { CSourcePager } from './pager.ts';
import { windowMaker } from './maker.ts';

/** Executes scenarios on C source. */
export class CSourceTarget implements Target, SourceInfo {
  readonly name: string;
  readonly capabilities = ON_SIMULATED_KERNEL;
  private readonly compiled: Compiled;
  private readonly machine: Machine;
  private readonly world: Kernel;

  constructor(name: string, compiled: Compiled) {
    this.name = name;
    this.compiled = compiled;
    this.machine = new Machine(compiled);
    this.world = new Kernel(
      (kernel) => new CSourcePager(this.machine, kernel),
      windowMaker(this.machine, this.machine.variables, () => this.machine.reset()),
    );
  }

  execute(scenario: Scenario, observer: ComposedObserver | null): RunResult {
    return this.world.run(scenario, observer);
  }

  get source(): SourceInfo {
    return this;
  }

  lastCall(): SourceLine | null {
    return this.lineAt(this.machine.line);
  }

  lastCallOfCompletion(): SourceLine | null {
    return this.lineAt(this.machine.completionLine);
  }

  get completions(): number {
    return this.machine.completions;
  }

  private lineAt(line: number): SourceLine | null {
    if (line === 0) return null;
    const { name, lines } = this.compiled;
    return { place: `${name}:${line}`, text: lines[line - 1]?.trim() ?? '' };
  }

  async coverage(): Promise<Coverage> {
    const blocks = await this.compiled.blocks();
    const { reached } = this.machine;
    const lines = new Set<number>();
    const linesReached = new Set<number>();
    let branchesReached = 0;
    for (const block of blocks) {
      const hit = reached[block.word] !== 0;
      if (hit) branchesReached++;
      for (const line of block.lines) {
        lines.add(line);
        if (hit) linesReached.add(line);
      }
    }
    const sorted = (set: Set<number>): number[] => [...set].sort((a, b) => a - b);
    return {
      linesReached: sorted(linesReached),
      lines: sorted(lines),
      branchesReached,
      branches: blocks.length,
    };
  }
}
