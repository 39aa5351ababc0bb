/**
 * Memory objects: references, the pager-keyed hash, the cache of unreferenced objects, termination, removing and cleaning of
 * pages, and claims of paging in progress (kernel-notes 5).
 */
import { OBJ_CANPERSIST, OBJ_DEAD, OBJ_INTERNAL, PG_WANTED, VM_PAGER_AGAIN } from '../trace/codes.ts';
import type { Kernel } from './kernel.ts';
import { NOT_ANNOUNCED, type Page, type Sleeps, type VmObject, type VmPager } from './structures.ts';
import { SPLBIO } from './threads.ts';
import { KernelStop, panic, trap } from './trap.ts';

/** How often one cleaning offers a page again that the pager answers AGAIN for, before it is held to be for ever (13.6 Q9). */
const AGAIN_MAX = 32;

/** All memory objects. */
export class Objects {
  /** By number; dead ones are reused. */
  readonly all: VmObject[] = [];
  /** Unreferenced objects that are kept, oldest first. */
  readonly cached: VmObject[] = [];
  /** Object numbers in use so far. */
  used = 0;
  private limit = 0;
  private readonly kernel: Kernel;

  constructor(kernel: Kernel) {
    this.kernel = kernel;
  }

  reset(limit: number): void {
    for (let i = 0; i < this.used; i++) {
      const object = this.all[i]!;
      object.alive = false;
      object.pager = null;
      object.hashedUnder = null;
      object.firstPage = null;
      object.lastPage = null;
    }
    this.used = 0;
    if (this.cached.length > 0) this.cached.length = 0;
    this.limit = limit;
  }

  /** `vm_object_allocate` without the sleep: size in bytes, one reference. */
  allocate(size: number): VmObject {
    let object: VmObject | undefined;
    for (let i = 0; i < this.used && object === undefined; i++) if (!this.all[i]!.alive) object = this.all[i];
    if (object === undefined) {
      object = this.all[this.used] ??= this.kernel.make.object(this.used);
      this.used++;
    }
    object.alive = true;
    object.refCount = 1;
    object.flags = OBJ_INTERNAL;
    object.pagingInProgress = 0;
    object.pager = null;
    object.pagingOffset = 0;
    object.size = size >>> 0;
    object.residentPageCount = 0;
    object.firstPage = null;
    object.lastPage = null;
    object.hashedUnder = null;
    object.cached = false;
    object.announcedSize = NOT_ANNOUNCED;
    if (this.kernel.observer !== null) this.kernel.observer.objectCreated(object.id);
    return object;
  }

  /** `vm_object_enter` without the sleep. */
  enter(object: VmObject, pager: VmPager): void {
    object.hashedUnder = pager;
    object.flags |= OBJ_CANPERSIST;
  }

  /** `vm_object_setpager`. */
  setPager(object: VmObject, pager: VmPager, pagingOffset: number): void {
    if (object.pager !== null && object.pager !== pager)
      panic('vm_object_setpager: the object has another pager');
    object.pager = pager;
    object.pagingOffset = pagingOffset;
    object.flags &= ~OBJ_INTERNAL;
  }

  /** `vm_object_lookup`: one more reference, off the cached list; null when no object is hashed under the pager. */
  lookup(pager: VmPager): VmObject | null {
    const object = this.find(pager);
    if (object === null) return null;
    if (object.refCount === 0) this.uncached(object);
    object.refCount++;
    return object;
  }

  /** The object that is hashed under the pager, or null. */
  find(pager: VmPager): VmObject | null {
    for (let i = 0; i < this.used; i++) {
      const object = this.all[i]!;
      if (object.alive && object.hashedUnder === pager && object.pager === pager) return object;
    }
    return null;
  }

  private uncached(object: VmObject): void {
    const at = this.cached.indexOf(object);
    if (at >= 0) this.cached.splice(at, 1);
    object.cached = false;
  }

  /** Another reference to an object that has one. */
  reference(object: VmObject): void {
    if (!object.alive) trap(`${this.nameOf(object)} is referenced after it was freed`);
    object.refCount++;
  }

  /** `vm_object_deallocate`: 0, or null when the last reference sets work off that sleeps. */
  deallocate(object: VmObject): 0 | null {
    if (!object.alive) trap(`${this.nameOf(object)} is released after it was freed`);
    object.refCount--;
    if (object.refCount !== 0) return 0;
    if ((object.flags & OBJ_CANPERSIST) !== 0) {
      if (object.cached) trap(`${this.nameOf(object)} is on the list of cached objects twice`);
      this.cached.push(object);
      object.cached = true;
      if (this.cached.length <= this.limit) return 0;
      return this.kernel.threads.defer(this.trim());
    }
    return this.kernel.threads.defer(this.terminate(object));
  }

  /** `pager_cache`: sets or clears "keep it", and consumes a reference. */
  pagerCache(object: VmObject | null, keep: boolean): 0 | null {
    if (object === null) return 0;
    if (keep) object.flags |= OBJ_CANPERSIST;
    else object.flags &= ~OBJ_CANPERSIST;
    return this.deallocate(object);
  }

  private *trim(): Sleeps<0> {
    while (this.cached.length > this.limit) yield* this.giveUp(this.cached[0]!);
    return 0;
  }

  /** Terminates a cached object. */
  *giveUp(object: VmObject): Sleeps<void> {
    const { pager } = object;
    const found = pager === null ? null : this.lookup(pager);
    // one that is not hashed, or whose references a pager has upset, would stay for ever: who trims would never end
    if (object.cached) this.uncached(object);
    if (found === null) return;
    if (this.pagerCache(found, false) === null) yield* this.kernel.threads.blocked();
  }

  /** `vm_object_terminate`. */
  private *terminate(object: VmObject): Sleeps<0> {
    const { kernel } = this;
    const { pages, threads } = kernel;
    object.flags |= OBJ_DEAD;
    object.hashedUnder = null;
    if (kernel.observer !== null) kernel.observer.objectDying(object.id);
    if (object.pagingInProgress !== 0) yield* this.waitForPaging(object);
    const vp = object.pager === null ? null : object.pager.pgHandle;
    if (vp !== null && vp.vVmdata === object) kernel.buffers.releaseFile(vp);
    for (let page = object.firstPage; page !== null; page = page.listNext) pages.unqueue(page);
    if (object.pager !== null && object.firstPage !== null) yield* this.clean(object, 0, 0);
    // cleaning may have gone through buffers
    if (vp !== null && vp.vVmdata === object) kernel.buffers.releaseFile(vp);
    while (object.firstPage !== null) {
      const page = object.firstPage;
      if (pages.isBusy(page)) {
        page.flags |= PG_WANTED;
        if (threads.tsleep(page) === null) yield* threads.blocked();
        continue;
      }
      pages.discard(page);
    }
    if (object.pager !== null) yield* kernel.pagerCalls.dealloc(object.pager, object.id);
    if (kernel.observer !== null) kernel.observer.objectFreed(object.id);
    object.alive = false;
    threads.wakeup(object);
    return 0;
  }

  private *waitForPaging(object: VmObject): Sleeps<void> {
    const { threads } = this.kernel;
    const mask = threads.raise(SPLBIO);
    while (object.pagingInProgress !== 0) if (threads.tsleep(object) === null) yield* threads.blocked();
    threads.restore(mask);
  }

  /** `vm_object_page_remove`: 0, or null when it has to wait for a busy page. Offsets are u32 bytes. */
  pageRemove(object: VmObject, start: number, end: number): 0 | null {
    const { pages } = this.kernel;
    const from = (start >>> 0) - ((start >>> 0) % pages.pageSize);
    const to = (Math.ceil((end >>> 0) / pages.pageSize) * pages.pageSize) >>> 0;
    this.claim(object, 1);
    if (!this.removeFree(object, from, to))
      return this.kernel.threads.defer(this.removeSlowly(object, from, to));
    this.unclaim(object, 1);
    return 0;
  }

  /** Frees what is not busy; false, with the busy page marked as wanted in `removeBlockedBy`, if one is in the way. */
  private removeFree(object: VmObject, from: number, to: number): boolean {
    const { pages } = this.kernel;
    for (let page = object.firstPage; page !== null;) {
      const next = page.listNext;
      if (page.offset >= from && page.offset < to && page.bmapped === 0) {
        if (pages.isBusy(page)) {
          this.removeBlockedBy = page;
          return false;
        }
        pages.discard(page);
      }
      page = next;
    }
    return true;
  }
  private removeBlockedBy: Page | null = null;

  private *removeSlowly(object: VmObject, from: number, to: number): Sleeps<0> {
    const { threads } = this.kernel;
    do {
      const page = this.removeBlockedBy!;
      page.flags |= PG_WANTED;
      if (threads.tsleep(page) === null) yield* threads.blocked();
    } while (!this.removeFree(object, from, to));
    this.unclaim(object, 1);
    return 0;
  }

  /**
   * `vm_object_page_clean`: writes dirty pages of the range (all if `start === end`) through the pager. Returns how many
   * it offered.
   */
  *clean(object: VmObject, start: number, end: number): Sleeps<number> {
    const { kernel } = this;
    const { pages, threads } = kernel;
    if (object.pagingInProgress !== 0) yield* this.waitForPaging(object);
    if (!this.needsCleaning(object, start, end)) return 0;
    const given = new Map<number, number>();
    let offered = 0;
    for (let page = object.firstPage; page !== null;) {
      const { offset } = page;
      if (start !== end && (offset < start || offset >= end)) {
        page = page.listNext;
        continue;
      }
      const tries = given.get(offset) ?? 0;
      if (tries < 0 || !this.mayBeDirty(page)) {
        page = page.listNext;
        continue;
      }
      if (pages.isBusy(page)) {
        page.flags |= PG_WANTED;
        if (threads.tsleep(page) === null) yield* threads.blocked();
        page = object.firstPage;
        continue;
      }
      // the masks of a busy page are its owner's
      pages.testDirty(page);
      if ((page.valid & page.dirty) === 0 || page.wireCount > 0) {
        page = page.listNext;
        continue;
      } else {
        const count = yield* kernel.pageout.clean(page, true, given);
        offered += count;
        for (let i = 0; i < count; i++) {
          const at = offset + i * pages.pageSize;
          const again = kernel.pageout.statuses[i] === VM_PAGER_AGAIN;
          // pages behind the first wait for their turn
          if (again && i > 0) continue;
          const before = given.get(at) ?? 0;
          if (again && before >= AGAIN_MAX)
            throw new KernelStop('bound', `puts of one page answered AGAIN ${AGAIN_MAX} times`);
          given.set(at, again ? before + 1 : -1);
        }
        if (count === 0) given.set(offset, -1);
      }
      page = object.firstPage;
    }
    return offered;
  }

  private needsCleaning(object: VmObject, start: number, end: number): boolean {
    for (let page = object.firstPage; page !== null; page = page.listNext) {
      if (start !== end && (page.offset < start || page.offset >= end)) continue;
      if (this.mayBeDirty(page)) return true;
    }
    return false;
  }

  private mayBeDirty(page: Page): boolean {
    return page.modified || (page.valid & page.dirty) !== 0;
  }

  /** Takes claims of paging in progress for kernel code. */
  claim(object: VmObject, count: number): void {
    object.pagingInProgress = (object.pagingInProgress + count) & 0xffff;
    const { observer, threads } = this.kernel;
    if (observer !== null)
      observer.claim(threads.current === null ? -1 : threads.current.id, object.id, count);
  }

  /** Gives claims back; at 0 those who wait for the object are woken. */
  unclaim(object: VmObject, count: number): void {
    object.subtractPagingInProgress(count);
    const { observer, threads } = this.kernel;
    if (observer !== null)
      observer.release(threads.current === null ? -1 : threads.current.id, object.id, count);
    if (object.pagingInProgress === 0) threads.wakeup(object);
  }

  nameOf(object: VmObject): string {
    const file = object.pager?.pgHandle?.file;
    return file === undefined ? `object ${object.id}` : `file ${file}`;
  }
}
