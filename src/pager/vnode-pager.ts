/**
 * The reference pager: every function of the original vnode pager over the simulated kernel, in the form that the switches in
 * `defects.ts` choose. This file has the life of pagers, sizes, and the completion routine; reading and writing pages are in
 * `input.ts` and `output.ts`. Line numbers are the original's.
 */
import {
  B_ASYNC,
  B_DONE,
  B_ERROR,
  OBJ_CANPERSIST,
  OBJ_DEAD,
  PG_BUSY,
  PG_REFERENCED,
  PG_VNODE,
  PG_WANTED,
  VM_PAGER_FAIL,
  VREG,
  VTEXT,
  VVMIO,
} from '../trace/codes.ts';
import type { PagerKernel } from '../kernel/boundary.ts';
import type { Pager } from '../kernel/pager.ts';
import type { Buf, Mount, Page, Sleeps, VmObject, VmPager, VnPager, Vnode } from '../kernel/structures.ts';
import { Context, LARGEST } from './context.ts';
import type { Defects } from './defects.ts';
import { Input } from './input.ts';
import { Output } from './output.ts';

/** The reference pager. */
export class VnodePager implements Pager {
  private readonly kernel: PagerKernel;
  private readonly defects: Defects;
  private readonly context: Context;
  private readonly reading: Input;
  private readonly writing: Output;
  /** Vnodes whose pager is being made; later kernels have a vnode flag for it. */
  private readonly allocating = new Set<Vnode>();

  constructor(kernel: PagerKernel, defects: Defects) {
    this.kernel = kernel;
    this.defects = defects;
    this.context = new Context(kernel, defects);
    const iodone = (bp: Buf): void => this.iodone(bp);
    this.reading = new Input(this.context, iodone);
    this.writing = new Output(this.context, iodone);
  }

  /** `vnode_pager_init` (117-121). */
  init(): void {
    this.kernel.vnodePagerList.init();
    this.allocating.clear();
  }

  /** `vnode_pager_alloc` (127-209): a pager that is there at once, or what waits for it or makes it. */
  alloc(handle: Vnode | null): VmPager | null | Sleeps<VmPager | null> {
    if (handle === null) return null;
    if (this.obstacle(handle) !== null) return this.allocLater(handle);
    return this.found(handle) ?? this.make(handle);
  }

  /** What an alloc has to wait for: the end of the old object, or of another alloc. */
  private obstacle(vp: Vnode): VmObject | Vnode | null {
    const object = vp.vVmdata;
    if (object !== null && (object.flags & OBJ_DEAD) !== 0) return object;
    return !this.defects.allocRace && this.allocating.has(vp) ? vp : null;
  }

  private *allocLater(vp: Vnode): Sleeps<VmPager | null> {
    const { kernel } = this;
    for (let channel = this.obstacle(vp); channel !== null; channel = this.obstacle(vp))
      if (kernel.tsleep(channel) === null) yield* kernel.blocked();
    return this.found(vp) ?? (yield* this.make(vp));
  }

  /** The pager that the vnode has, with one more reference to its object. */
  private found(vp: Vnode): VmPager | null {
    const pager = vp.vVmdata === null ? null : vp.vVmdata.pager;
    if (pager !== null) this.kernel.vmObjectLookup(pager);
    return pager;
  }

  private *make(vp: Vnode): Sleeps<VmPager | null> {
    const { kernel, defects } = this;
    if (!defects.allocRace) this.allocating.add(vp);
    const pager = yield* this.create(vp);
    if (!defects.allocRace) {
      this.allocating.delete(vp);
      kernel.wakeup(vp);
    }
    return pager;
  }

  private *create(vp: Vnode): Sleeps<VmPager | null> {
    const { kernel, defects } = this;
    const pager = kernel.mallocPager() ?? (yield* kernel.blocked<VmPager>());
    const vnp = kernel.mallocVnPager() ?? (yield* kernel.blocked<VnPager>());
    const vattr = { vaSize: 0 };
    let object: VmObject | null = null;
    // repaired: the size is asked for after everything else that sleeps
    if (!defects.allocStaleSize) object = yield* this.makeObject(0, pager);
    const rtval = kernel.vopGetattr(vp, vattr) ?? (yield* kernel.blocked<number>());
    if (rtval !== 0) {
      kernel.printf(`Error in getattr: ${rtval}`);
      if (object !== null) {
        object.flags &= ~OBJ_CANPERSIST;
        if (kernel.vmObjectDeallocate(object) === null) yield* kernel.blocked();
      }
      kernel.free(vnp);
      kernel.free(pager);
      return null;
    }
    const wraps = defects.allocSizeWraps;
    if (object === null) object = yield* this.makeObject(this.roundPage(vattr.vaSize, wraps), pager);
    else object.size = this.roundPage(vattr.vaSize, wraps);
    kernel.vmObjectSetpager(object, pager, 0);
    kernel.vref(vp);
    vnp.vnpFlags = 0;
    vnp.vnpCuts = 0;
    vnp.vnpVp = vp;
    vnp.vnpSize = this.fileSize(vattr.vaSize, wraps);
    kernel.vnodePagerList.insertTail(pager);
    pager.pgHandle = vp;
    pager.pgType = PG_VNODE;
    pager.pgData = vnp;
    vp.vVmdata = object;
    return pager;
  }

  private *makeObject(size: number, pager: VmPager): Sleeps<VmObject> {
    const { kernel } = this;
    const object = kernel.vmObjectAllocate(size) ?? (yield* kernel.blocked<VmObject>());
    if (kernel.vmObjectEnter(object, pager) === null) yield* kernel.blocked();
    return object;
  }

  /**
   * A 64-bit size as u32: cut off as written, else clamped to the largest page-aligned value. A size within the last page of the
   * 4 GiB is clamped too: no object reaches it, and vm_object_page_remove cannot name its end.
   */
  private fileSize(size: number, wraps: boolean): number {
    if (wraps) return size % LARGEST;
    return Math.min(size, LARGEST - this.kernel.pageSize);
  }

  /** `round_page`, u32: the cast comes first and the sum wraps as written. */
  private roundPage(size: number, wraps: boolean): number {
    const { pageSize } = this.kernel;
    if (wraps) return (Math.ceil((size % LARGEST) / pageSize) * pageSize) % LARGEST;
    return Math.min(Math.ceil(size / pageSize) * pageSize, LARGEST - pageSize);
  }

  /** `vnode_pager_dealloc` (211-238). */
  *dealloc(pager: VmPager): Sleeps<void> {
    const { kernel, defects } = this;
    const vnp = pager.pgData!;
    const vp = vnp.vnpVp;
    if (vp !== null) {
      const s = kernel.splbio();
      const object = vp.vVmdata;
      if (object !== null) {
        while (object.pagingInProgress !== 0) if (kernel.tsleep(object) === null) yield* kernel.blocked();
      }
      kernel.splx(s);
      vp.vVmdata = null;
      vp.vFlag &= ~(VTEXT | VVMIO);
      if (defects.deallocLateUnlink && kernel.vrele(vp) === null) yield* kernel.blocked();
    }
    kernel.vnodePagerList.remove(pager);
    kernel.free(vnp);
    kernel.free(pager);
    // repaired: the last reference can sleep and must find the pager gone
    if (vp !== null && !defects.deallocLateUnlink && kernel.vrele(vp) === null) yield* kernel.blocked();
  }

  /** `vnode_pager_getmulti` (240-250). */
  getmulti(pager: VmPager, m: Page[], count: number, reqpage: number): Sleeps<number> {
    return this.reading.input(pager.pgData!, m, count, reqpage);
  }

  /** `vnode_pager_getpage` (252-266). */
  *getpage(pager: VmPager | null, m: Page): Sleeps<number> {
    if (pager === null) return this.defects.getpageNullOk ? 0 : VM_PAGER_FAIL;
    return yield* this.reading.input(pager.pgData!, [m], 1, 0);
  }

  /** `vnode_pager_putpage` (268-282). */
  *putpage(pager: VmPager | null, m: Page | null): Sleeps<number> {
    if (pager === null) return 0;
    // where the text writes no status it answers with what an uninitialised word holds
    const rtvals = new Int32Array(1).fill(-1);
    yield* this.writing.output(pager.pgData!, [m!], 1, rtvals);
    return rtvals[0]!;
  }

  /** `vnode_pager_putmulti` (284-293). */
  putmulti(pager: VmPager, m: Page[], count: number, _sync: boolean, rtvals: Int32Array): Sleeps<number> {
    return this.writing.output(pager.pgData!, m, count, rtvals);
  }

  /** `vnode_pager_haspage` (296-327). */
  haspage(pager: VmPager, offset: number): boolean | null {
    const vnp = pager.pgData!;
    const vp = vnp.vnpVp!;
    if (vp.vMount === null || offset >= vnp.vnpSize) return false;
    const bsize = vp.vMount.fIosize;
    const block = Math.floor(offset / bsize);
    let last = block;
    if (!this.defects.haspageFirstBlockOnly) {
      last = Math.floor((Math.min(offset + this.kernel.pageSize, vnp.vnpSize) - 1) / bsize);
    }
    return this.hasBlock(vp, block, last);
  }

  /** Whether any of the blocks is in core, there, or cannot be told. Null: blocked. */
  private hasBlock(vp: Vnode, first: number, last: number): boolean | null {
    const { kernel } = this;
    for (let block = first; block <= last; block++) {
      if (kernel.incore(vp, block)) return true;
      const error = kernel.vopBmap(vp, block, this.context.answer);
      if (error === null) return kernel.defer(this.hasBlockLater(vp, block, last));
      if (error !== 0 || this.context.answer.bn >= 0) return true;
    }
    return false;
  }

  private *hasBlockLater(vp: Vnode, block: number, last: number): Sleeps<boolean> {
    const { kernel } = this;
    const error = yield* kernel.blocked<number>();
    if (vp.vMount === null && !this.defects.addressUnmounted) return false;
    if (error !== 0 || this.context.answer.bn >= 0) return true;
    if (block === last) return false;
    return this.hasBlock(vp, block + 1, last) ?? (yield* kernel.blocked<boolean>());
  }

  /** `vnode_pager_setsize` (338-406): 0, or null: blocked. */
  setsize(vp: Vnode | null, size: number): 0 | null {
    const { kernel, defects } = this;
    if (vp === null || vp.vType !== VREG || vp.vVmdata === null) return 0;
    const { pager } = vp.vVmdata;
    if (pager === null) return 0;
    const vnp = pager.pgData!;
    const nsize = this.fileSize(size, defects.setsizeWraps);
    const osize = vnp.vnpSize;
    if (nsize === osize) return 0;
    const object = kernel.vmObjectLookup(pager);
    if (object === null) {
      // being terminated: no page is touched, but what is still to be written obeys the new size
      if (!defects.setsizeDying) vnp.vnpSize = nsize;
      // nor is one waited for: a write that waits now must not trust the address that it has
      if (nsize < osize) vnp.vnpCuts++;
      return 0;
    }
    if (nsize > osize) return this.resized(object, vnp, nsize, defects.setsizeGrowStale ? 0 : osize);
    const rounded = this.roundPage(nsize, defects.setsizeWraps);
    // repaired: nobody brings pages in that are about to go
    if (!defects.setsizeLate) {
      vnp.vnpSize = nsize;
      object.size = rounded;
    }
    if (rounded < osize && kernel.vmObjectPageRemove(object, rounded, osize) === null)
      return kernel.defer(this.resizedLater(object, vnp, nsize));
    return this.resized(object, vnp, nsize, nsize);
  }

  private *resizedLater(object: VmObject, vnp: VnPager, nsize: number): Sleeps<0> {
    yield* this.kernel.blocked();
    return this.resized(object, vnp, nsize, nsize) ?? (yield* this.kernel.blocked<0>());
  }

  /** No page past EOF is left: the tail from the lesser size on, then the sizes. 0, or null: blocked. */
  private resized(object: VmObject, vnp: VnPager, nsize: number, edge: number): 0 | null {
    if (edge % this.kernel.pageSize !== 0 && this.zeroTail(object, edge, edge !== nsize) === null)
      return this.kernel.defer(this.tailZeroed(object, vnp, nsize));
    return this.setSizes(object, vnp, nsize);
  }

  private *tailZeroed(object: VmObject, vnp: VnPager, nsize: number): Sleeps<0> {
    yield* this.kernel.blocked();
    return this.setSizes(object, vnp, nsize) ?? (yield* this.kernel.blocked<0>());
  }

  private setSizes(object: VmObject, vnp: VnPager, nsize: number): 0 | null {
    vnp.vnpSize = nsize;
    object.size = this.roundPage(nsize, this.defects.setsizeWraps);
    return this.kernel.vmObjectDeallocate(object);
  }

  /** Gets rid of what lies between `from` and the end of its page in a resident page (385-400). 0, or null: blocked. */
  private zeroTail(object: VmObject, from: number, growing: boolean): 0 | null {
    const { kernel } = this;
    const m = kernel.vmPageLookup(object, from - (from % kernel.pageSize));
    if (m === null) return 0;
    const kva = this.tailBusy(m) ? null : kernel.vmPagerMapPage(m);
    if (kva === null) return kernel.defer(this.zeroTailLater(object, from, growing, m));
    this.zeroFrom(m, kva, from, growing);
    return 0;
  }

  private tailBusy(m: Page): boolean {
    return !this.defects.setsizeBusyTail && ((m.flags & PG_BUSY) !== 0 || m.busy > 0);
  }

  /** The page with the tail is busy, or has to wait for room in the map. */
  private *zeroTailLater(object: VmObject, from: number, growing: boolean, found: Page): Sleeps<0> {
    const { kernel, defects } = this;
    const offset = from - (from % kernel.pageSize);
    let m: Page | null = found;
    let mapped: number | null = null;
    let isBusy = this.tailBusy(found);
    while (mapped === null) {
      if (isBusy) {
        // a transfer that ends between the question and the sleep would wake nobody
        const s = kernel.splbio();
        if (this.tailBusy(m)) {
          m.flags |= PG_WANTED;
          if (kernel.tsleep(m) === null) yield* kernel.blocked();
        }
        kernel.splx(s);
      } else {
        const kva = yield* kernel.blocked<number>();
        // it slept: the page may be another's by now
        if (defects.setsizeLostPage || (kernel.vmPageLookup(object, offset) === m && !this.tailBusy(m))) {
          mapped = kva;
          break;
        }
        kernel.vmPagerUnmapPage(kva);
      }
      m = kernel.vmPageLookup(object, offset);
      if (m === null) return 0;
      isBusy = this.tailBusy(m);
      if (!isBusy) mapped = kernel.vmPagerMapPage(m);
    }
    this.zeroFrom(m, mapped, from, growing);
    return 0;
  }

  private zeroFrom(m: Page, kva: number, from: number, growing: boolean): void {
    const { kernel } = this;
    const inPage = from % kernel.pageSize;
    kernel.bzero(kva + inPage, kernel.pageSize - inPage);
    kernel.vmPagerUnmapPage(kva);
    // the zeros belong to the file now, and the disk may have other bytes there
    if (growing && !this.defects.setsizeCleanTail)
      m.dirty |= kernel.vmPageBits(inPage, kernel.pageSize - inPage) & m.valid;
  }

  /** `vnode_pager_umount` (408-428). */
  *umount(mp: Mount | null): Sleeps<void> {
    const { kernel } = this;
    if (this.defects.umountStaleNext) {
      let pager = kernel.vnodePagerList.first;
      while (pager !== null) {
        const vp: Vnode = pager.pgData!.vnpVp!;
        const next: VmPager | null = pager.pgListNext;
        if (mp === null || vp.vMount === mp) yield* this.uncacheOne(vp);
        pager = next;
      }
      return;
    }
    // uncache may change the list in any way: start over each time, with those that were there at first
    const waiting = new Set<VmPager>();
    for (let pager = kernel.vnodePagerList.first; pager !== null; pager = pager.pgListNext)
      waiting.add(pager);
    for (;;) {
      let pager = kernel.vnodePagerList.first;
      while (pager !== null && !waiting.has(pager)) pager = pager.pgListNext;
      if (pager === null) return;
      waiting.delete(pager);
      const vp = pager.pgData!.vnpVp!;
      if (mp === null || vp.vMount === mp) yield* this.uncacheOne(vp);
    }
  }

  private *uncacheOne(vp: Vnode): Sleeps<void> {
    const going = this.uncache(vp);
    if (typeof going !== 'boolean') yield* going;
  }

  /** `vnode_pager_uncache` (436-477): whether nobody uses the object, or what finds out. */
  uncache(vp: Vnode): boolean | Sleeps<boolean> {
    if (vp.vVmdata === null) return true;
    const { pager } = vp.vVmdata;
    return pager === null ? true : this.uncachePager(vp, pager);
  }

  private *uncachePager(vp: Vnode, pager: VmPager): Sleeps<boolean> {
    const { kernel, defects } = this;
    const locked = defects.uncacheForeignLock ? kernel.vopIslocked(vp) : kernel.vopHoldsLock(vp);
    if (!defects.uncacheNoReference) kernel.vref(vp);
    if (locked) kernel.vopUnlock(vp);
    const object = kernel.vmObjectLookup(pager);
    let uncached = true;
    if (object !== null) {
      uncached = object.refCount <= 1;
      if (kernel.pagerCache(object, false) === null) yield* kernel.blocked();
    }
    if (locked && kernel.vopLock(vp) === null) yield* kernel.blocked();
    if (!defects.uncacheNoReference && kernel.vrele(vp) === null) yield* kernel.blocked();
    return uncached;
  }

  /** `vnode_pager_iodone` (524-566). */
  iodone(bp: Buf): void {
    const { kernel, defects } = this;
    bp.bFlags |= B_DONE;
    kernel.wakeup(bp);
    if ((bp.bFlags & B_ASYNC) === 0) return;
    const { pageSize } = kernel;
    const paddr = bp.bData;
    const npages = Math.floor((bp.bBufsize + pageSize - 1) / pageSize);
    const failed = (bp.bFlags & B_ERROR) !== 0;
    let good = !failed || defects.iodoneErrorValid;
    let data = bp.bBcount;
    if (!defects.iodoneShortValid || !defects.iodoneSectorTail) {
      const below = this.belowEof(bp);
      if (!failed && !defects.iodoneShortValid && bp.bBcount - bp.bResid < below) good = false;
      if (!defects.iodoneSectorTail) data = Math.min(data, below);
    }
    if (bp.bBufsize !== data && (good || defects.iodoneErrorValid))
      kernel.bzero(bp.bData + data, bp.bBufsize - data);
    let object: VmObject | null = null;
    for (let i = 0; i < npages; i++) {
      const m = kernel.physToVmPage(kernel.pmapKextract(paddr + i * pageSize));
      ({ object } = m);
      if (good) {
        m.dirty = 0;
        m.valid = kernel.allBits;
        if ((m.flags & PG_WANTED) !== 0) m.flags |= PG_REFERENCED;
        kernel.pageWakeup(m);
      } else {
        this.context.freepage(m);
      }
    }
    kernel.pmapQremove(paddr, npages);
    const owner = object ?? kernel.panic('vnode_pager_iodone: object is gone???');
    owner.subtractPagingInProgress(1);
    if (owner.pagingInProgress === 0) kernel.wakeup(owner);
    kernel.relpbuf(bp);
  }

  /** Bytes of an asynchronous read that lie below EOF. */
  private belowEof(bp: Buf): number {
    const { kernel } = this;
    const first = kernel.physToVmPage(kernel.pmapKextract(bp.bData));
    const object = first.object ?? kernel.panic('vnode_pager_iodone: object is gone???');
    return Math.max(0, Math.min(bp.bBufsize, object.pager!.pgData!.vnpSize - first.offset));
  }
}
