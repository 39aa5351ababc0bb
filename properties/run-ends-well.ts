/**
 * The run itself ends well: no trap, no panic, no deadlock, no endless loop, and nothing is left over when everything is settled.
 *
 * Verified: how the run ended; at settlement, that no page is busy, no transfer is under way, no object is left
 * and no memory of the pager.
 * Not verified: that a sleeper was woken as soon as it could have been, only that it was woken at all.
 */
import type { Ending } from '../src/trace/codes.ts';
import type { PagerCall } from '../src/trace/observer.ts';
import type { Property } from './property.ts';
import { counted, Watcher } from './watcher.ts';

const TRAP = 'no-trap';
const PANIC = 'no-panic';
const DEADLOCK = 'no-deadlock';
const BOUND = 'no-endless-loop';
const SETTLED = 'idle-when-settled';
const FREED = 'memory-freed';

class RunEndsWell extends Watcher {
  /** Memory that the pager has had since init, and may keep. */
  private kept = 0;

  protected override reset(): void {
    this.kept = 0;
  }

  pagerReturn(call: PagerCall): void {
    if (call.function === 'init') this.kept = this.view.memoryHeld();
  }

  runEnd(ending: Ending, detail: string): void {
    switch (ending) {
      case 'completed':
        break;
      case 'trap':
        this.blame(
          TRAP,
          'the processor trapped: something was used that is not there, or no longer, or cannot be computed',
          'no trap',
          detail,
        );
        break;
      case 'panic':
        this.blame(
          PANIC,
          'the kernel panicked, or the pager found one of its assertions broken',
          'no panic',
          detail,
        );
        break;
      case 'deadlock':
        this.blame(
          DEADLOCK,
          'nothing can run, nothing is under way, and somebody waits',
          'everybody who waits is woken',
          detail,
        );
        break;
      case 'bound':
        this.blame(BOUND, 'an operation does not come to an end', 'every operation ends', detail);
        break;
    }
  }

  private blame(property: string, what: string, expected: string, detail: string): void {
    this.report(property, () => ({ what, expected, observed: detail }));
  }

  settled(): void {
    this.judgeMemory();
    const { claims } = this.model;
    const left: string[] = [];
    for (let i = 0; i < claims.ownedCount; i++) left.push(`${this.pageName(claims.ownedFrame(i))} is busy`);
    if (claims.inFlight > 0)
      left.push(`${counted(claims.inFlight, 'transfer is', 'transfers are')} under way`);
    for (const object of claims.objects) left.push(`${this.objectName(object)} exists`);
    if (left.length === 0) return;
    this.report(SETTLED, () => ({
      what: 'something is left over after everything was unmapped, closed and given up',
      expected: 'nothing',
      observed: left.join('; '),
    }));
  }

  private judgeMemory(): void {
    const held = this.view.memoryHeld() - this.kept;
    if (held <= 0) return;
    this.report(FREED, () => ({
      what: 'everything was unmapped, closed and given up, and the pager still has memory from malloc',
      expected: 'all that it did not take in init is freed',
      observed: `${held} pieces are not`,
    }));
  }
}

const monitor = (): RunEndsWell => new RunEndsWell();

/** Properties of how runs end. */
export const RUN_ENDS_WELL: readonly Property[] = [
  {
    id: TRAP,
    kind: 'always',
    statement:
      'Nothing that was freed, nothing that is not mapped, and no vnode to which nobody refers, is used.',
    source: 'G21, 2.5, 4.2',
    observes: 'the end of the run',
    doesNotVerify: 'use after free that a target does not trap',
    monitor,
  },
  {
    id: PANIC,
    kind: 'always',
    statement: 'The kernel does not panic, and the pager throws nothing: its assertions hold.',
    source: '3.4, 7.2, 7.3, 9.1, G1, G8',
    observes: 'the end of the run',
    doesNotVerify: 'conditions under which only a diagnostic kernel panics, unless the scenario asks for one',
    monitor,
  },
  {
    id: DEADLOCK,
    kind: 'eventually',
    statement: 'If transfers complete and threads are scheduled, everybody who waits goes on.',
    source: 'G6, G20',
    observes: 'the end of the run',
    doesNotVerify: 'starvation while others go on',
    monitor,
  },
  {
    id: BOUND,
    kind: 'eventually',
    statement: 'Every operation comes to an end.',
    source: '13.6 Q9 (1320-1324), G20',
    observes: 'the end of the run',
    doesNotVerify: 'loops that never call the kernel',
    monitor,
  },
  {
    id: SETTLED,
    kind: 'always',
    statement:
      'When everything was unmapped, closed and given up, no page is busy, nothing is under way and no object is left.',
    source: 'G1, G5, 13.3',
    observes: 'the state at settlement',
    doesNotVerify: 'memory (memory-freed), counts of references (vnodes-let-go)',
    monitor,
  },
  {
    id: FREED,
    kind: 'always',
    statement:
      'When everything was unmapped, closed and given up, the pager has freed all memory that it took since init.',
    source: '13.2 Q6 (164-183), 13.3 Q1 (236-237)',
    observes: 'pieces of memory from malloc at settlement',
    doesNotVerify: 'which call should have freed it; memory that a target does not count',
    monitor,
  },
];
