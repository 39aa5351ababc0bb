/**
 * Guards that situations which the generators take pains to bring about are worth it: each pager here is wrong in one of them, and
 * in the same scenarios without the situation nobody notices.
 */
import { expect, it } from 'vitest';
import type { PagerKernel } from '../../src/kernel/boundary.ts';
import type { Sleeps, VmPager, Vnode } from '../../src/kernel/structures.ts';
import type { Scenario } from '../../src/scenario/scenario.ts';
import { BasePager } from '../../src/targets/base-pager.ts';
import { PG_BUSY, PG_WANTED } from '../../src/trace/codes.ts';
import { violatedBy } from './support/violated.ts';

/** Lets no setsize in while the pager of the file is being made, not even the one that VOP_GETATTR makes. */
class Waits extends BasePager {
  private readonly making = new Set<Vnode>();

  override init(): void {
    super.init();
    this.making.clear();
  }

  override *alloc(handle: Vnode | null, size: number, prot: number, offset: number): Sleeps<VmPager | null> {
    if (handle === null || this.making.has(handle)) return yield* super.alloc(handle, size, prot, offset);
    this.making.add(handle);
    const pager = yield* super.alloc(handle, size, prot, offset);
    this.making.delete(handle);
    this.kernel.wakeup(handle);
    return pager;
  }

  override *setsize(vp: Vnode | null, size: number): Sleeps<void> {
    const { kernel } = this;
    while (this.making.has(vp!)) if (kernel.tsleep(vp!) === null) yield* kernel.blocked();
    const going = super.setsize(vp, size);
    if (going === null) yield* kernel.blocked();
    else if (going !== 0) yield* going;
  }
}

/** Lets no uncache in while pages of the file are written, not even the one that VOP_WRITE makes. */
class WritesAlone extends BasePager {
  private readonly writing: Vnode[] = [];

  override init(): void {
    super.init();
    this.writing.length = 0;
  }

  override *putmulti(...[pager, m, count, sync, rtvals]: Parameters<BasePager['putmulti']>): Sleeps<number> {
    const vp = pager.pgHandle!;
    this.writing.push(vp);
    const result = yield* super.putmulti(pager, m, count, sync, rtvals);
    this.writing.splice(this.writing.indexOf(vp), 1);
    this.kernel.wakeup(vp);
    return result;
  }

  override *uncache(vp: Vnode): Sleeps<boolean> {
    const { kernel } = this;
    while (this.writing.includes(vp)) if (kernel.tsleep(vp) === null) yield* kernel.blocked();
    return yield* super.uncache(vp);
  }
}

/** Takes the page with the EOF, for whose transfer it sleeps in setsize, for one that is there when it is awake again. */
class SleepsOnce extends BasePager {
  override *setsize(vp: Vnode | null, size: number): Sleeps<void> {
    const { kernel } = this;
    const object = vp?.vVmdata ?? null;
    const end = Math.min(size, object?.pager?.pgData?.vnpSize ?? 0);
    const offset = end - (end % kernel.pageSize);
    const page = object === null ? null : kernel.vmPageLookup(object, offset);
    if (page !== null && (page.flags & PG_BUSY) !== 0 && page.valid === 0) {
      page.flags |= PG_WANTED;
      if (kernel.tsleep(page) === null) yield* kernel.blocked();
      if (kernel.vmPageLookup(object!, offset) === page) page.valid = kernel.allBits;
    }
    const going = super.setsize(vp, size);
    if (going === null) yield* kernel.blocked();
    else if (going !== 0) yield* going;
  }
}

/** Asks the block map alone, which does not know what waits in a buffer for its place. */
class AsksNoBuffers extends BasePager {
  constructor(kernel: PagerKernel) {
    super(Object.create(kernel, { incore: { value: () => false } }) as PagerKernel);
  }
}

const without =
  (list: 'schedule' | 'faults', take: Scenario['schedule'][number]['take']) =>
  (scenario: Scenario): Scenario => ({
    ...scenario,
    [list]: scenario[list].filter((exception) => exception.take !== take),
  });

/** Nobody else changes files on the server. */
const unchanged = without('schedule', 'resize');

const notUncached = without('schedule', 'uncache');

/** Who wakes a sleeper has done what it waits for. */
const notInVain = without('schedule', 'spurious');

/** Blocks have their places as soon as they are written. */
const inPlace = (scenario: Scenario): Scenario => ({
  ...scenario,
  fileSystems: scenario.fileSystems.map((fs) => ({ ...fs, delayedBlocks: false })),
});

it.each([
  ['no-deadlock', 'put', 'waits in uncache for the put that calls it', WritesAlone, notUncached],
  ['page-contents', 'exhaustion', 'sleeps once for a page in setsize', SleepsOnce, notInVain],
  ['no-deadlock', 'lifetime', 'waits in setsize for the alloc that calls it', Waits, unchanged],
  [
    'haspage-answer',
    'get',
    'says of data that is only in the buffer cache that there is none',
    AsksNoBuffers,
    inPlace,
  ],
])('%s is violated in %s by a pager that %s, and only there', (property, suite, _wrong, pager, change) => {
  expect([...violatedBy(suite, pager)]).toContain(property);
  expect([...violatedBy(suite, pager, change)]).toEqual([]);
});
