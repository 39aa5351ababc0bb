/**
 * A simulated kernel whose threads run scripts of the test: the pager is a correct one, except that the operation `nullpager`
 * runs the script of its thread. Scripts use the kernel's parts and the pager's boundary directly, sleep included.
 */
import { Kernel, type WorldResult } from '../../../src/kernel/kernel.ts';
import type { PagerKernel } from '../../../src/kernel/boundary.ts';
import { NOCRED, type Buf, type Sleeps, type VmPager, type Vnode } from '../../../src/kernel/structures.ts';
import { operation } from '../../../src/scenario/operations.ts';
import {
  SCENARIO_VERSION,
  SMALL_GEOMETRY,
  type Exception,
  type FileSystem,
  type Geometry,
  type Scenario,
} from '../../../src/scenario/scenario.ts';
import { BasePager } from '../../../src/targets/base-pager.ts';
import { B_BUSY, B_CALL, B_READ } from '../../../src/trace/codes.ts';
import { compose } from '../../../src/trace/compose.ts';
import type { PartialObserver } from '../../../src/trace/observer.ts';

/** What one thread does. A plain function does not sleep. */
export type Script = (kernel: Kernel) => Sleeps<unknown> | void;

/** A world that a test may shape. */
export type Changes = Partial<Omit<Scenario, 'geometry' | 'options'>> & {
  geometry?: Partial<Geometry>;
  options?: Partial<Scenario['options']>;
};

export const fileSystem = (changes: Partial<FileSystem> = {}): FileSystem => ({
  blockMap: 'disk',
  blockSize: 64,
  pastEnd: 'hole',
  fragmentSize: 0,
  sharedBuffers: false,
  truncateOrder: 'setsize-last',
  tail: 'zeros',
  clearsTail: false,
  delayedBlocks: false,
  ...changes,
});

/** A scenario of one file of four pages on a small machine. */
export function makeScenario({ geometry, options, ...rest }: Changes = {}): Scenario {
  return {
    version: SCENARIO_VERSION,
    geometry: { ...SMALL_GEOMETRY, ...geometry },
    options: { diagnostic: false, faultChecksSize: false, ...options },
    fileSystems: [fileSystem()],
    files: [{ fileSystem: 0, size: 256 }],
    threads: 1,
    operations: [],
    schedule: [],
    faults: [],
    media: [],
    target: { name: 'reference', form: 'repaired', switches: [] },
    ...rest,
  };
}

/** An exception of a script; the operation of thread `n` has the id `n + 1`. */
export const exception = (
  choice: Exception['choice'],
  take: Exception['take'],
  changes: Partial<Exception> = {},
): Exception => ({
  operation: (changes.thread ?? 0) + 1,
  thread: 0,
  choice,
  subject: 0,
  ordinal: 0,
  take,
  amount: 0,
  ...changes,
});

class ScriptedPager extends BasePager {
  private readonly play: (thread: number) => Sleeps<void>;

  constructor(kernel: PagerKernel, play: (thread: number) => Sleeps<void>) {
    super(kernel);
    this.play = play;
  }

  override *alloc(handle: Vnode | null, size: number, prot: number, offset: number): Sleeps<VmPager | null> {
    if (handle !== null) return yield* super.alloc(handle, size, prot, offset);
    yield* this.play(this.kernel.curproc!.id);
    return null;
  }
}

/** A kernel, reused from run to run as targets do. */
export class World {
  readonly kernel: Kernel;
  private scripts: readonly Script[] = [];

  constructor() {
    this.kernel = new Kernel((boundary) => new ScriptedPager(boundary, (thread) => this.perform(thread)));
  }

  private *perform(thread: number): Sleeps<void> {
    const going = this.scripts[thread]?.(this.kernel);
    if (going !== undefined) yield* going;
  }

  /** Runs one script in each thread. What a script throws, a failed expectation say, comes out. */
  play(scripts: readonly Script[], changes: Changes = {}, observer: PartialObserver = {}): WorldResult {
    this.scripts = scripts;
    const scenario = makeScenario({
      threads: scripts.length,
      operations: scripts.map((_, thread) => operation(thread + 1, thread, 'nullpager')),
      ...changes,
    });
    return { ...this.kernel.run(scenario, compose([observer])) };
  }
}

/** A header for a transfer of `count` bytes at sector `block`, its window mapped onto frames from `frame` on. */
export function prepare(
  kernel: Kernel,
  bp: Buf,
  request: { write: boolean; block: number; count: number; frame?: number; vp?: Vnode; flags?: number },
): Buf {
  const { vp = kernel.vnodes.disk, write, block, count, frame = 0, flags = 0 } = request;
  const { pageSize } = kernel.pages;
  for (let i = 0; i * pageSize < count; i++) kernel.space.enter(bp.window + i * pageSize, frame + i);
  bp.bFlags = B_BUSY | B_CALL | flags | (write ? 0 : B_READ);
  bp.bIodone = (done) => kernel.threads.wakeup(done);
  bp.bRcred = NOCRED;
  bp.bWcred = NOCRED;
  bp.bBlkno = block;
  bp.bBcount = count;
  bp.bBufsize = count;
  bp.bDirtyoff = 0;
  bp.bDirtyend = count;
  kernel.pbufs.attach(vp, bp);
  if (write) vp.vNumoutput++;
  return bp;
}

/** Returns the header, its window unmapped. */
export function putBack(kernel: Kernel, bp: Buf): void {
  for (let i = 0; i < 16; i++) kernel.space.remove(bp.window + i * kernel.pages.pageSize);
  kernel.pbufs.release(bp);
}
