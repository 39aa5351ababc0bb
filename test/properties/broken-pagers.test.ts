/**
 * Guards that no property is vacuous on the simulated kernel: each is violated by the scenario of a known defect, or by one of the
 * pagers here, which are right but for one thing. A property that neither violates must say here why not.
 */
import { describe, expect, it, vi } from 'vitest';
import { Judge } from '../../properties/judge.ts';
import { fileOfDefect, readKnownDefects } from '../../src/engine/known-defects.ts';
import { readScenarioFile } from '../../src/engine/scenario-file.ts';
import type { PagerKernel } from '../../src/kernel/boundary.ts';
import type { Buf, Mount, Page, Sleeps, VmPager, VnPager, Vnode } from '../../src/kernel/structures.ts';
import { VmObject } from '../../src/kernel/structures.ts';
import { Context } from '../../src/pager/context.ts';
import { VnodePager } from '../../src/pager/vnode-pager.ts';
import { BasePager } from '../../src/targets/base-pager.ts';
import { createReferenceTarget } from '../../src/targets/reference.ts';
import {
  B_DONE,
  EIO,
  OBJ_CANPERSIST,
  OBJ_DEAD,
  PG_ACTIVE,
  PG_BUSY,
  PG_WANTED,
  VM_PAGER_AGAIN,
  VM_PAGER_BAD,
  VM_PAGER_ERROR,
  VM_PAGER_FAIL,
  VM_PAGER_OK,
  VTEXT,
  VVMIO,
} from '../../src/trace/codes.ts';
import { IDS, violatedBy } from './support/violated.ts';

/** Sizes beyond this are left to the pager that is right. */
const LARGE = 2 ** 30;

/** Violated by nothing that runs on the simulated kernel, and why. Doctored traces violate them. */
const REFUSED_BY_THE_KERNEL = new Set([
  // tsleep at interrupt level is a trap before anybody hears of the sleep
  'no-sleep-in-completion',
]);

type Get = Parameters<BasePager['getmulti']>;
type Put = Parameters<BasePager['putmulti']>;
type Alloc = Parameters<BasePager['alloc']>;

/** A pager that does something more when a get is over. */
const afterGet = (
  breaks: (kernel: PagerKernel, page: Page, m: readonly Page[], reqpage: number) => void,
): typeof BasePager =>
  class extends BasePager {
    override *getmulti(...[pager, m, count, reqpage, sync]: Get): Sleeps<number> {
      const run = m.slice(0, count);
      const result = yield* super.getmulti(pager, m, count, reqpage, sync);
      breaks(this.kernel, run[reqpage]!, run, reqpage);
      return result;
    }
  };

/** A pager that does something to the neighbours of a get before it begins, and reads the page alone. */
const insteadOfNeighbours = (breaks: (kernel: PagerKernel, neighbour: Page) => void): typeof BasePager =>
  class extends BasePager {
    override *getmulti(...[pager, m, count, reqpage, sync]: Get): Sleeps<number> {
      for (let i = 0; i < count; i++) if (i !== reqpage) breaks(this.kernel, m[i]!);
      return yield* super.getmulti(pager, [m[reqpage]!], 1, 0, sync);
    }
  };

/** Takes a pbuf, does something with it and does not wait for one. */
function withPbuf(kernel: PagerKernel, use: (bp: Buf) => void): void {
  const bp = kernel.getpbuf();
  if (bp !== null) use(bp);
}

/** Whether nobody does anything with the page now. */
const isAtRest = (page: Page): boolean =>
  (page.flags & PG_BUSY) === 0 && page.busy === 0 && page.bmapped === 0;

const addClaims = (page: Page, count: number): void => {
  const object = page.object!;
  object.pagingInProgress = (object.pagingInProgress + count) & 0xffff;
};

const KEEPS_REFERENCE = afterGet((_kernel, page) => {
  page.object!.refCount++;
});

/** Reads the first sector of a page before each get, with a completion routine of its own. */
class ReadsFirst extends BasePager {
  override *getmulti(...[pager, m, count, reqpage, sync]: Get): Sleeps<number> {
    const vnp = pager.pgData!;
    if (this.isOnDisk(vnp)) yield* this.readBlock(vnp, m[reqpage]!, 0, this.kernel.sectorSize);
    return yield* super.getmulti(pager, m, count, reqpage, sync);
  }
}

/** What is wrong with each pager: the property that must notice it, and the suite whose scenarios show it. */
const BROKEN: Record<string, [suite: string, wrong: string, pager: typeof BasePager]> = {
  'neighbours-given-back': ['get', 'keeps the neighbours', insteadOfNeighbours(() => {})],
  'busy-pages-owned': ['get', 'forgets the neighbours, busy', insteadOfNeighbours(() => {})],
  'neighbour-states': [
    'get',
    'un-busies neighbours that hold nothing',
    insteadOfNeighbours((kernel, neighbour) => kernel.pageWakeup(neighbour)),
  ],
  'requested-page-kept': [
    'get',
    'queues the requested page',
    afterGet((kernel, page) => kernel.vmPageDeactivate(page)),
  ],
  'paging-in-progress': [
    'get',
    'claims and does not give back',
    afterGet((_kernel, page) => addClaims(page, 5)),
  ],
  'paging-in-progress-below-zero': [
    'get',
    'gives back what it did not claim',
    afterGet((_kernel, page) => addClaims(page, -9)),
  ],
  'object-freed-unclaimed': [
    'lifetime',
    'claims while it is taken down',
    class extends BasePager {
      override *dealloc(pager: VmPager): Sleeps<void> {
        const object = pager.pgHandle!.vVmdata!;
        yield* super.dealloc(pager);
        object.pagingInProgress = 1;
      }
    },
  ],
  'memory-freed': [
    'lifetime',
    'forgets memory when it goes',
    class extends BasePager {
      override *dealloc(pager: VmPager): Sleeps<void> {
        yield* super.dealloc(pager);
        if (this.kernel.mallocVnPager() === null) yield* this.kernel.blocked<VnPager>();
      }
    },
  ],
  'pbufs-returned': ['get', 'keeps a pbuf', afterGet((kernel) => withPbuf(kernel, () => {}))],
  'windows-unmapped': [
    'get',
    'returns a pbuf whose window is mapped',
    afterGet((kernel, page) =>
      withPbuf(kernel, (bp) => {
        kernel.pmapQenter(bp.bData, [page], 0, 1);
        kernel.relpbuf(bp);
      }),
    ),
  ],
  'map-pages-returned': [
    'get',
    'keeps a page of pager_map',
    afterGet((kernel, page) => void kernel.vmPagerMapPage(page)),
  ],
  'write-counts': [
    'get',
    'counts a write that it does not start',
    afterGet((kernel, page) => {
      const answer: { dvp: Vnode | null; bn: number } = { dvp: null, bn: 0 };
      kernel.vopBmapDevice(page.object!.pager!.pgHandle!, answer);
      if (answer.dvp !== null) answer.dvp.vNumoutput++;
    }),
  ],
  'credentials-returned': [
    'get',
    'keeps a credential',
    afterGet((kernel) => kernel.crhold(kernel.curproc!.pUcred)),
  ],
  'interrupt-mask-restored': ['get', 'leaves interrupts masked', afterGet((kernel) => void kernel.splbio())],
  'uncache-answer': [
    'lifetime',
    'says the contrary',
    class extends BasePager {
      override *uncache(vp: Vnode): Sleeps<boolean> {
        return !(yield* super.uncache(vp));
      }
    },
  ],
  'vnodes-let-go': [
    'lifetime',
    'refers to the vnode once more',
    class extends BasePager {
      override *alloc(...[handle, size, prot, offset]: Alloc): Sleeps<VmPager | null> {
        const pager = yield* super.alloc(handle, size, prot, offset);
        if (pager !== null) handle!.vUsecount++;
        return pager;
      }
    },
  ],
  'umount-uncaches': [
    'lifetime',
    'leaves everything as it is when a file system goes',
    class extends BasePager {
      override *umount(): Sleeps<void> {}
    },
  ],
  'umount-reaches-all': [
    'lifetime',
    'leaves files in use as they are when a file system goes',
    class extends BasePager {
      override *umount(mp: Mount | null): Sleeps<void> {
        const used: VmObject[] = [];
        for (let pager = this.kernel.vnodePagerList.first; pager !== null; pager = pager.pgListNext) {
          const object = pager.pgHandle!.vVmdata;
          if (object !== null && object.refCount > 0 && (object.flags & OBJ_CANPERSIST) !== 0)
            used.push(object);
        }
        yield* super.umount(mp);
        for (const object of used) if (object.refCount > 0) object.flags |= OBJ_CANPERSIST;
      }
    },
  ],
  'pbuf-headers-owned': [
    'get',
    'clears what it knows of a transfer when that has ended, whoever waits for it',
    class extends ReadsFirst {
      override iodone(bp: Buf): void {
        super.iodone(bp);
        bp.bBlkno = 0;
      }
    },
  ],
  'pagers-lead-back': [
    'lifetime',
    'takes the pager of a file in use off the list when uncache is called',
    class extends BasePager {
      override *uncache(vp: Vnode): Sleeps<boolean> {
        const gone = yield* super.uncache(vp);
        const pager = vp.vVmdata?.pager ?? null;
        if (!gone && pager !== null && pager.listed) this.kernel.vnodePagerList.remove(pager);
        return gone;
      }
    },
  ],
  'setsize-removes-pages': [
    'size',
    'learns the new size and keeps the pages',
    class extends BasePager {
      override setsize(vp: Vnode | null, nsize: number): 0 | null | Sleeps<void> {
        const object = vp?.vVmdata ?? null;
        if (object === null || object.pager === null || nsize > LARGE) return super.setsize(vp, nsize);
        object.pager.pgData!.vnpSize = nsize;
        object.size = Math.ceil(nsize / this.kernel.pageSize) * this.kernel.pageSize;
        return 0;
      }
    },
  ],
  'uncache-keeps-lock': [
    'lifetime',
    'lets go of the lock that its caller holds',
    class extends BasePager {
      override *uncache(vp: Vnode): Sleeps<boolean> {
        const holds = this.kernel.vopHoldsLock(vp);
        const gone = yield* super.uncache(vp);
        if (holds && this.kernel.vopHoldsLock(vp)) this.kernel.vopUnlock(vp);
        return gone;
      }
    },
  ],
  'lock-left-alone': [
    'lifetime',
    'locks the vnode that it reads from',
    afterGet((kernel, page) => {
      const vp = page.object!.pager!.pgHandle!;
      if (!kernel.vopIslocked(vp)) kernel.vopLock(vp);
    }),
  ],
  'pages-let-go': ['get', 'holds the page that it has read', afterGet((_kernel, page) => page.holdCount++)],
  'haspage-changes-nothing': [
    'get',
    'puts the page that it is asked about on a queue',
    class extends BasePager {
      override haspage(pager: VmPager, offset: number): ReturnType<BasePager['haspage']> {
        const page = this.kernel.vmPageLookup(pager.pgHandle!.vVmdata!, offset);
        if (page !== null && isAtRest(page) && (page.flags & PG_ACTIVE) === 0)
          this.kernel.vmPageActivate(page);
        return super.haspage(pager, offset);
      }
    },
  ],
  'setsize-keeps-object': [
    'size',
    'lets no object be cached again whose file changes its size',
    class extends BasePager {
      override setsize(vp: Vnode | null, nsize: number): 0 | null | Sleeps<void> {
        const object = vp?.vVmdata ?? null;
        if (object !== null && object.refCount === 0) object.flags &= ~OBJ_CANPERSIST;
        return super.setsize(vp, nsize);
      }
    },
  ],
  'setsize-keeps-pages': [
    'size',
    'frees the first page when the file grows',
    class extends BasePager {
      override setsize(vp: Vnode | null, nsize: number): 0 | null | Sleeps<void> {
        const object = vp?.vVmdata ?? null;
        if (object !== null && object.pager !== null && nsize > object.pager.pgData!.vnpSize) {
          const page = this.kernel.vmPageLookup(object, 0);
          if (page !== null && isAtRest(page) && page.dirty === 0 && !page.modified)
            this.kernel.vmPageFree(page);
        }
        return super.setsize(vp, nsize);
      }
    },
  ],
  'setsize-to-same-size': [
    'size',
    'dirties the last page although the size is the same',
    class extends BasePager {
      override setsize(vp: Vnode | null, nsize: number): 0 | null | Sleeps<void> {
        const object = vp?.vVmdata ?? null;
        if (object !== null && object.pager !== null && nsize === object.pager.pgData!.vnpSize) {
          const last = Math.max(0, nsize - 1);
          const page = this.kernel.vmPageLookup(object, last - (last % this.kernel.pageSize));
          if (page !== null && isAtRest(page)) page.dirty = page.valid;
        }
        return super.setsize(vp, nsize);
      }
    },
  ],
  'read-contents': [
    'mixed',
    'clears what it has read',
    afterGet((kernel, page) => {
      const kva = kernel.vmPagerMapPage(page);
      if (kva === null) return;
      kernel.bzero(kva, kernel.pageSize);
      kernel.vmPagerUnmapPage(kva);
    }),
  ],
  'page-events': ['get', 'un-busies the requested page', afterGet((kernel, page) => kernel.pageWakeup(page))],
  'queues-as-flagged': [
    'get',
    'sets the flag of a queue and no more',
    afterGet((_kernel, page) => {
      page.flags |= PG_ACTIVE;
    }),
  ],
  'resident-pages-counted': [
    'get',
    'counts a page that is not there',
    afterGet((_kernel, page) => {
      page.object!.residentPageCount++;
    }),
  ],
  'references-kept': ['get', 'keeps a reference to the object', KEEPS_REFERENCE],
  'idle-when-settled': ['get', 'keeps a reference to the object, which so never goes', KEEPS_REFERENCE],
  'haspage-obliges': [
    'process',
    'has no data of pages that it says exist',
    class extends BasePager {
      override *getmulti(_pager: VmPager, m: Page[], count: number, reqpage: number): Sleeps<number> {
        for (let i = 0; i < count; i++) if (i !== reqpage) this.giveBack(m[i]!);
        return VM_PAGER_FAIL;
      }
    },
  ],
  'init-empties-list': [
    'lifetime',
    'takes no pager off the list, and does not begin with an empty one',
    class extends BasePager {
      override init(): void {}
      override *dealloc(pager: VmPager): Sleeps<void> {
        const { vnodePagerList } = this.kernel;
        yield* super.dealloc(pager);
        vnodePagerList.insertTail(pager);
      }
    },
  ],
  'sleepers-announced': [
    'threads',
    'forgets that somebody waits for the page',
    afterGet((_kernel, page) => {
      page.flags &= ~PG_WANTED;
    }),
  ],
  'last-claim-wakes': [
    'threads',
    'wakes nobody who waits for an object',
    class extends BasePager {
      constructor(kernel: PagerKernel) {
        const deaf = Object.create(kernel) as PagerKernel;
        deaf.wakeup = (channel): void => {
          if (!(channel instanceof VmObject)) kernel.wakeup(channel);
        };
        super(deaf);
      }
    },
  ],
  'buffer-events': [
    'get',
    'starts a transfer from within its completion',
    class extends ReadsFirst {
      override iodone(bp: Buf): void {
        super.iodone(bp);
        if (this.isAgain) return;
        this.isAgain = true;
        this.kernel.vopStrategy(bp);
      }
      private isAgain = false;
      override init(): void {
        this.isAgain = false;
        super.init();
      }
    },
  ],
  'object-events': [
    'lifetime',
    'hands out the pager of an object that dies',
    class extends BasePager {
      override *alloc(...[handle, size, prot, offset]: Alloc): Sleeps<VmPager | null> {
        const object = handle?.vVmdata ?? null;
        if (object === null || object.pager === null || (object.flags & OBJ_DEAD) === 0)
          return yield* super.alloc(handle, size, prot, offset);
        object.refCount++;
        return object.pager;
      }
    },
  ],
};

/** A pager that does something more when a get is over during which it gave up the processor. */
const afterWaiting = (breaks: (kernel: PagerKernel, object: VmObject) => void): typeof BasePager =>
  class extends BasePager {
    override *getmulti(...[pager, m, count, reqpage, sync]: Get): Sleeps<number> {
      const object = m[reqpage]!.object!;
      const steps = super.getmulti(pager, m, count, reqpage, sync);
      let step = steps.next();
      const waits = step.done !== true;
      while (step.done !== true) {
        yield;
        step = steps.next();
      }
      if (waits) breaks(this.kernel, object);
      return step.value;
    }
  };

/** A pager that does something more with the statuses of a put. */
const afterPut = (
  breaks: (statuses: Int32Array, kernel: PagerKernel, isGone: boolean) => void,
): typeof BasePager =>
  class extends BasePager {
    override *putmulti(...[pager, m, count, sync, rtvals]: Put): Sleeps<number> {
      const vp = pager.pgHandle!;
      const wasThere = vp.vMount !== null;
      const result = yield* super.putmulti(pager, m, count, sync, rtvals);
      breaks(rtvals.subarray(0, count), this.kernel, wasThere && vp.vMount === null);
      return result;
    }
  };

/** A pager that gets another result than FAIL if the file system goes during a get. */
const failsWith = (code: number): typeof BasePager =>
  class extends BasePager {
    override *getmulti(...[pager, m, count, reqpage, sync]: Get): Sleeps<number> {
      const wasThere = pager.pgHandle!.vMount !== null;
      const result = yield* super.getmulti(pager, m, count, reqpage, sync);
      return wasThere && result === VM_PAGER_FAIL && pager.pgHandle!.vMount === null ? code : result;
    }
  };

/** A pager that does something to the first page of a file, which it does not work on, when the file's size changes. */
const afterSetsize = (breaks: (page: Page) => void): typeof BasePager =>
  class extends BasePager {
    override *setsize(vp: Vnode | null, nsize: number): Sleeps<void> {
      const steps = super.setsize(vp, nsize);
      if (steps !== 0) yield* steps ?? this.kernel.blocked();
      const object = vp?.vVmdata ?? null;
      const page = object === null ? null : this.kernel.vmPageLookup(object, 0);
      if (page !== null && isAtRest(page)) breaks(page);
    }
  };

/** Pagers that are wrong only where others may have been at work, or something failed, which is no excuse. */
const UNEXCUSED: [property: string, suite: string, wrong: string, pager: typeof BasePager][] = [
  [
    'references-kept',
    'threads',
    'keeps a reference after others ran',
    afterWaiting((_kernel, object) => object.refCount++),
  ],
  [
    'operations-counted',
    'threads',
    'counts once more after others ran',
    afterWaiting((kernel) => kernel.cnt.vVnodein++),
  ],
  [
    'queues-as-flagged',
    'size',
    'sets the flag of a queue of a page that no call is about',
    afterSetsize((page) => (page.flags |= PG_ACTIVE)),
  ],
  [
    'resident-pages-counted',
    'size',
    'forgets a page of the object whose size changes',
    afterSetsize((page) => page.object!.residentPageCount--),
  ],
  [
    'operations-counted',
    'put',
    'counts a put that it refuses',
    afterPut((statuses, { cnt }) => {
      if (!statuses.every((status) => status === VM_PAGER_BAD)) return;
      cnt.vVnodeout++;
      cnt.vVnodepgsout++;
    }),
  ],
  [
    'pages-let-go',
    'put',
    'holds the first page of a put',
    class extends BasePager {
      override *putmulti(...[pager, m, count, sync, rtvals]: Put): Sleeps<number> {
        const page = m[0]!;
        const result = yield* super.putmulti(pager, m, count, sync, rtvals);
        page.holdCount++;
        return result;
      }
    },
  ],
  [
    'lock-left-alone',
    'mixed',
    'lets go of the lock that the caller of a put holds',
    class extends BasePager {
      override *putmulti(...[pager, m, count, sync, rtvals]: Put): Sleeps<number> {
        const result = yield* super.putmulti(pager, m, count, sync, rtvals);
        const vp = pager.pgHandle!;
        if (this.kernel.vopHoldsLock(vp)) this.kernel.vopUnlock(vp);
        return result;
      }
    },
  ],
  [
    'null-refused',
    'lifetime',
    'counts a put without a pager',
    class extends BasePager {
      override *putpage(...[pager, m, sync]: Parameters<BasePager['putpage']>): Sleeps<number> {
        if (pager === null) this.kernel.cnt.vVnodeout++;
        return yield* super.putpage(pager, m, sync);
      }
    },
  ],
  [
    'operations-counted',
    'size',
    'counts a size change',
    class extends BasePager {
      override setsize(vp: Vnode | null, nsize: number): 0 | null | Sleeps<void> {
        if (vp !== null) this.kernel.cnt.vVnodeout++;
        return super.setsize(vp, nsize);
      }
    },
  ],
  [
    'haspage-answer',
    'threads',
    'says TRUE although the file system went while it slept',
    class extends BasePager {
      override *haspage(pager: VmPager, offset: number): Sleeps<boolean> {
        const vp = pager.pgHandle!;
        const wasThere = vp.vMount !== null;
        const answer = super.haspage(pager, offset);
        const found = typeof answer === 'boolean' || answer === null ? answer === true : yield* answer;
        return found || (wasThere && vp.vMount === null);
      }
    },
  ],
  [
    'put-status',
    'put',
    'gives ERROR to pages that no transfer carried, because another one failed',
    afterPut((statuses) => {
      if (!statuses.includes(VM_PAGER_ERROR)) return;
      for (let i = 0; i < statuses.length; i++)
        if (statuses[i] === VM_PAGER_AGAIN) statuses[i] = VM_PAGER_ERROR;
    }),
  ],
  [
    'put-status',
    'threads',
    'says ERROR if the file system goes during a put',
    afterPut((statuses, _kernel, isGone) => {
      for (let i = 0; i < statuses.length; i++)
        if (isGone && statuses[i] === VM_PAGER_FAIL) statuses[i] = VM_PAGER_ERROR;
    }),
  ],
  ['get-result', 'threads', 'says ERROR if the file system goes during a get', failsWith(VM_PAGER_ERROR)],
  ['get-result', 'threads', 'says BAD if the file system goes during a get', failsWith(VM_PAGER_BAD)],
  [
    'get-page-masks',
    'get',
    'leaves a page that was stored to through a mapping looking modified',
    class extends BasePager {
      override *getmulti(...[pager, m, count, reqpage, sync]: Get): Sleeps<number> {
        const page = m[reqpage]!;
        const { modified } = page;
        const result = yield* super.getmulti(pager, m, count, reqpage, sync);
        if (result === VM_PAGER_OK && modified) page.modified = true;
        return result;
      }
    },
  ],
  [
    'hold-counts',
    'process',
    'holds the file once more after a get',
    afterGet((_kernel, page) => page.object!.pager!.pgHandle!.vHoldcnt++),
  ],
  [
    'alloc-result',
    'threads',
    'keeps a vnode reference if others took the object up while alloc slept',
    class extends BasePager {
      override *alloc(...[vp, size, prot, offset]: Alloc): Sleeps<VmPager | null> {
        const before = vp?.vVmdata ?? null;
        const pager = yield* super.alloc(vp, size, prot, offset);
        const object = vp?.vVmdata ?? null;
        if (pager !== null && object !== null && object !== before && object.refCount > 1) vp!.vUsecount++;
        return pager;
      }
    },
  ],
  [
    'alloc-result',
    'lifetime',
    'makes pagers of no type',
    class extends BasePager {
      override *alloc(...[vp, size, prot, offset]: Alloc): Sleeps<VmPager | null> {
        const pager = yield* super.alloc(vp, size, prot, offset);
        if (pager !== null) pager.pgType = 0;
        return pager;
      }
    },
  ],
  [
    'pagers-lead-back',
    'lifetime',
    'forgets whose its pager is once somebody tells it a size',
    class extends BasePager {
      override *setsize(vp: Vnode | null, nsize: number): Sleeps<void> {
        const steps = super.setsize(vp, nsize);
        if (steps !== 0) yield* steps ?? this.kernel.blocked();
        const data = vp?.vVmdata?.pager?.pgData ?? null;
        if (data !== null) data.vnpVp = null;
      }
    },
  ],
  [
    'no-trap',
    'lifetime',
    'writes the inode of the vnode that it has let go of',
    class extends BasePager {
      override *dealloc(pager: VmPager): Sleeps<void> {
        const vp = pager.pgHandle!;
        yield* super.dealloc(pager);
        if (this.kernel.vopUpdate(vp) === null) yield* this.kernel.blocked();
      }
    },
  ],
  [
    'no-trap',
    'get',
    'marks a buffer as done that it has given back',
    afterGet((kernel) =>
      withPbuf(kernel, (bp) => {
        kernel.relpbuf(bp);
        bp.bFlags |= B_DONE;
      }),
    ),
  ],
  [
    'umount-uncaches',
    'lifetime',
    'does nothing at shutdown',
    class extends BasePager {
      override *umount(mp: Mount | null): Sleeps<void> {
        if (mp !== null) yield* super.umount(mp);
      }
    },
  ],
  [
    'umount-reaches-all',
    'lifetime',
    'leaves out what was disconnected at shutdown',
    class extends BasePager {
      override *umount(mp: Mount | null): Sleeps<void> {
        const persistent: VmObject[] = [];
        for (let pager = this.kernel.vnodePagerList.first; pager !== null; pager = pager.pgListNext) {
          const vp = pager.pgHandle!;
          if (vp.vMount !== null || vp.vVmdata === null || (vp.vVmdata.flags & OBJ_CANPERSIST) === 0)
            continue;
          if (vp.vVmdata.refCount > 0) persistent.push(vp.vVmdata);
        }
        yield* super.umount(mp);
        if (mp !== null) return;
        for (const object of persistent) if (object.refCount > 0) object.flags |= OBJ_CANPERSIST;
      }
    },
  ],
  [
    'pbufs-returned',
    'get',
    'keeps a pbuf when it is asked about a page',
    class extends BasePager {
      private kept: Buf | null = null;
      override init(): void {
        this.kept = null;
        super.init();
      }
      override haspage(pager: VmPager, offset: number): ReturnType<BasePager['haspage']> {
        this.kept ??= this.kernel.trypbuf();
        return super.haspage(pager, offset);
      }
    },
  ],
  [
    'interrupt-mask-restored',
    'get',
    'masks interrupts in haspage, so that every other call finds and leaves them so',
    class extends BasePager {
      override haspage(pager: VmPager, offset: number): ReturnType<BasePager['haspage']> {
        this.kernel.splbio();
        return super.haspage(pager, offset);
      }
    },
  ],
];

/** Takes the vnode's flags back but for one, which stays if it was there. */
const leavesFlag = (flag: number): typeof BasePager =>
  class extends BasePager {
    override *dealloc(pager: VmPager): Sleeps<void> {
      const vp = pager.pgHandle!;
      const before = vp.vFlag & flag;
      yield* super.dealloc(pager);
      vp.vFlag |= before;
    }
  };

/** Properties that the scenarios of the known defects violate, with their defects alone and as written. */
function violatedByDefects(): Set<string> {
  const target = createReferenceTarget();
  const judge = new Judge(IDS);
  const found = new Set<string>();
  for (const { id } of readKnownDefects()) {
    const scenario = readScenarioFile(fileOfDefect(id));
    for (const choice of [
      scenario.target,
      { name: 'reference', form: 'as-written', switches: [] } as const,
    ]) {
      judge.begin(scenario);
      target.execute({ ...scenario, target: { ...choice, switches: [...choice.switches] } }, judge.observer);
      for (const { property } of judge.violations) found.add(property);
    }
  }
  return found;
}

it.each([
  ['text', VTEXT],
  ['shared with buffers', VVMIO],
])('a vnode that stays %s when its pager goes is noticed', (_, flag) => {
  expect([...violatedBy('lifetime', leavesFlag(flag))]).toEqual(['dealloc-undoes']);
});

it('who goes by the count of a transfer and not by its error is noticed', () => {
  const byCount = vi
    .spyOn(Context.prototype, 'outcome')
    .mockImplementation((bp, wanted) => (bp.bBcount - bp.bResid < wanted ? EIO : 0));
  try {
    expect(violatedBy('faults', BasePager).size).toBeGreaterThan(0);
  } finally {
    byCount.mockRestore();
  }
  expect([...violatedBy('faults', BasePager)]).toEqual([]);
});

it('who marks a buffer as done that its completion has given back is noticed', () => {
  const { iodone } = VnodePager.prototype;
  const marks = vi.spyOn(VnodePager.prototype, 'iodone').mockImplementation(function (this: VnodePager, bp) {
    iodone.call(this, bp);
    bp.bFlags |= B_DONE;
  });
  try {
    expect([...violatedBy('get', BasePager)].toSorted()).toEqual(['no-trap', 'pbuf-headers-owned']);
  } finally {
    marks.mockRestore();
  }
});

it('who sleeps once for a transfer, whatever wakes it, is noticed', () => {
  const once = vi.spyOn(Context.prototype, 'waitDone').mockImplementation(function (this: Context, bp) {
    const { kernel } = this;
    const mask = kernel.splbio();
    if ((bp.bFlags & B_DONE) === 0 && kernel.tsleep(bp) === null) {
      return kernel.defer(
        (function* () {
          yield* kernel.blocked();
          kernel.splx(mask);
          return 0;
        })(),
      );
    }
    kernel.splx(mask);
    return 0;
  });
  try {
    expect(violatedBy('get', BasePager).size).toBeGreaterThan(0);
  } finally {
    once.mockRestore();
  }
});

describe('every property', () => {
  it('is violated by a known defect, by a broken pager, or says why not', () => {
    const known = violatedByDefects();
    const rest = IDS.filter((id) => !known.has(id) && !REFUSED_BY_THE_KERNEL.has(id));
    // a pager too many does no harm: which defect shows what changes with the catalogue
    expect(rest.filter((id) => BROKEN[id] === undefined)).toEqual([]);
  });

  it.each(
    Object.entries(BROKEN).map(([property, [suite, wrong, pager]]) => ({ property, suite, wrong, pager })),
  )('$property is violated by a pager that $wrong', ({ property, suite, pager }) => {
    expect([...violatedBy(suite, pager)]).toContain(property);
  });

  it.each(UNEXCUSED)('%s is violated in %s by a pager that %s', (property, suite, _wrong, pager) => {
    expect([...violatedBy(suite, pager)]).toContain(property);
  });
});
