/**
 * The kernel as a pager sees it: every function and macro that the original calls, by its own name in camelCase. Each call is a
 * moment at which finished transfers may interrupt, and is reported to those who watch calls. Functions that may sleep return
 * null when they really do: write `kernel.vopBmap(..) ?? (yield* kernel.blocked<number>())`.
 */
import { OBJ_INTERNAL, type KernelFunction } from '../trace/codes.ts';
import type { Uio } from './file-access.ts';
import type { BmapAnswer } from './file-systems.ts';
import type { Kernel } from './kernel.ts';
import {
  VmPager,
  type Buf,
  type Channel,
  type Counters,
  type Page,
  type PagerList,
  type Process,
  type Sleeps,
  type Ucred,
  type VmObject,
  type VnPager,
  type Vnode,
} from './structures.ts';
import { SPLBIO, channelId } from './threads.ts';
import { panic, trap } from './trap.ts';
import type { Attributes } from './vnodes.ts';

/** What a pager may use of the kernel. */
export class PagerKernel {
  /** Page-out accounting, raised by the pager. */
  readonly cnt: Counters;
  /** `vnode_pager_list`. */
  readonly vnodePagerList: PagerList;
  private readonly kernel: Kernel;

  constructor(kernel: Kernel) {
    this.kernel = kernel;
    this.cnt = kernel.make.counters();
    this.vnodePagerList = kernel.make.pagerList();
  }

  private enter(name: KernelFunction, a: number, b: number, c: number): void {
    const { threads } = this.kernel;
    if (++threads.steps > threads.quietSteps) this.enterWatched(name, a, b, c);
  }

  private enterWatched(name: KernelFunction, a: number, b: number, c: number): void {
    const { threads, calls } = this.kernel;
    threads.watchedStep();
    if (calls !== null) calls.call(threads.current === null ? -1 : threads.current.id, name, a, b, c);
  }

  /** Reports the result of a call; that of a blocked one when it goes on. */
  private leave<T extends number | null>(name: KernelFunction, result: T): T {
    const { calls, threads } = this.kernel;
    if (calls === null) return result;
    if (result === null) return threads.defer(this.leaveLater(name)) as T;
    calls.return(threads.current === null ? -1 : threads.current.id, name, result);
    return result;
  }

  /** A vnode that nobody refers to is on the free list, and may be another file's any time: who works on it then traps. */
  private inUse(name: KernelFunction, vp: Vnode): void {
    if (vp.vUsecount > 0) return;
    trap(`${name}: nobody refers to the vnode of ${vp.file < 0 ? 'the disk' : `file ${vp.file}`}`);
  }

  private *leaveLater(name: KernelFunction): Sleeps<number> {
    const { calls, threads } = this.kernel;
    const result = yield* threads.blocked<number>();
    calls?.return(threads.current === null ? -1 : threads.current.id, name, result);
    return result;
  }

  /** Bytes in a page, and in a sector (`PAGE_SIZE`, `DEV_BSIZE`), and the mask of all chunks (`VM_PAGE_BITS_ALL`). */
  get pageSize(): number {
    return this.kernel.pages.pageSize;
  }
  /** `DEV_BSIZE`. */
  get sectorSize(): number {
    return this.kernel.pages.sectorSize;
  }
  /** `VM_PAGE_BITS_ALL`: a bit for each sector of a page. */
  get allBits(): number {
    return this.kernel.pages.allBits;
  }

  /** The running process; null when an interrupt came while idle. */
  get curproc(): Process | null {
    return this.kernel.threads.current;
  }

  /** Goes on with a call that returned null. */
  blocked<T>(): Sleeps<T> {
    return this.kernel.threads.blocked<T>();
  }

  /** Makes a plain function of the pager block: see `Threads.defer`. */
  defer(rest: Generator<void, unknown, void>): null {
    return this.kernel.threads.defer(rest);
  }

  /** Sleeps until somebody wakes the channel, perhaps for another reason: test again. 0 when awake, null: blocked. */
  tsleep(channel: Channel): 0 | null {
    this.enter('tsleep', channelId(channel), 0, 0);
    const { exceptions, threads } = this.kernel;
    if (exceptions.at(threads.current, 'wakeup', 0) !== null) return threads.sleepInVain(channel);
    return threads.tsleep(channel);
  }

  /** Makes everybody runnable who sleeps on the channel now. Never sleeps. */
  wakeup(channel: Channel): void {
    this.enter('wakeup', channelId(channel), 0, 0);
    this.kernel.threads.wakeup(channel);
  }

  /** Holds completions back; returns the mask to give to `splx`. */
  splbio(): number {
    this.enter('splbio', 0, 0, 0);
    return this.kernel.threads.raise(SPLBIO);
  }

  /** Sets the mask; interrupts that it lets in run before this returns. */
  splx(mask: number): void {
    const { threads } = this.kernel;
    threads.mask = mask;
    this.enter('splx', mask, 0, 0);
  }

  /** `malloc(sizeof(struct pager), M_VMPAGER, M_WAITOK)`: never null in the end; null here: blocked. */
  mallocPager(): VmPager | null {
    this.enter('malloc', 36, 0, 0);
    return this.allocate(() => this.kernel.make.pager());
  }

  /** `malloc(sizeof(struct vnpager), M_VMPGDATA, M_WAITOK)`; contents are garbage. */
  mallocVnPager(): VnPager | null {
    this.enter('malloc', 37, 0, 0);
    return this.allocate(() => this.kernel.make.vnPager());
  }

  private allocate<T>(make: () => T): T | null {
    const { kernel } = this;
    const makeAndCount = (): T => {
      kernel.memoryHeld++;
      return make();
    };
    return kernel.mallocSleeps() ? this.defer(kernel.mallocLater(makeAndCount)) : makeAndCount();
  }

  /** `malloc` of anything else by a pager with a memory of its own; null: blocked. */
  mallocThing<T>(size: number, make: () => T): T | null {
    this.enter('malloc', 0, size, 0);
    return this.allocate(make);
  }

  /** `free` of such a thing. */
  freeThing(address: number): void {
    this.enter('free', 0, address, 0);
    this.kernel.memoryHeld--;
  }

  /** `malloc(PAGE_SIZE, M_TEMP, M_WAITOK)`: a kernel address; null: blocked. */
  mallocPage(): number | null {
    this.enter('malloc', 0, this.pageSize, 0);
    const { kernel } = this;
    return this.allocate(() => kernel.space.takeHeapPage(kernel.heapFrame));
  }

  /** Gives a page of `mallocPage` back. */
  freePage(kva: number): void {
    this.enter('free', 0, kva, 0);
    this.kernel.space.returnHeapPage(kva);
    this.kernel.memoryHeld--;
  }

  /** `free`: the thing traps when it is used again. */
  free(thing: VmPager | VnPager): void {
    this.enter('free', thing instanceof VmPager ? 36 : 37, 0, 0);
    if (thing.freed) trap('free of a thing that is free already');
    thing.freed = true;
    this.kernel.memoryHeld--;
    if (thing instanceof VmPager) {
      thing.pgData = null;
      thing.pgHandle = null;
    } else {
      thing.vnpVp = null;
    }
  }

  /** Zeros `length` bytes; an address where nothing is mapped traps. */
  bzero(kva: number, length: number): void {
    this.enter('bzero', kva, length, 0);
    this.kernel.space.zero(kva, length);
  }

  /** Copies `length` bytes; an address where nothing is mapped traps. */
  bcopy(from: number, to: number, length: number): void {
    this.enter('bcopy', from, to, length);
    this.kernel.space.copy(from, to, length);
  }

  /** One more reference to a credential. */
  crhold(credential: Ucred): void {
    this.enter('crhold', credential.id, 0, 0);
    credential.crRef++;
  }

  /** A line on the console. */
  printf(text: string): void {
    this.enter('printf', 0, 0, 0);
    this.kernel.observer?.message(text);
  }

  /** `Debugger`: logged, and the run goes on. */
  debugger(text: string): void {
    this.enter('Debugger', 0, 0, 0);
    this.kernel.observer?.message(`Debugger(${text})`);
  }

  /** Ends the run. */
  panic(text: string): never {
    this.enter('panic', 0, 0, 0);
    panic(text);
  }

  /** `offset` in bytes, u32. */
  vmPageLookup(object: VmObject, offset: number): Page | null {
    this.enter('vm_page_lookup', object.id, offset, 0);
    return this.kernel.pages.lookup(object, offset);
  }

  /** To the tail of the active queue; panics if it is there already. */
  vmPageActivate(m: Page): void {
    this.enter('vm_page_activate', m.frame, 0, 0);
    this.kernel.pages.activate(m);
  }

  /** To the tail of the inactive queue, also if it is busy; not if wired or held. */
  vmPageDeactivate(m: Page): void {
    this.enter('vm_page_deactivate', m.frame, 0, 0);
    this.kernel.pages.deactivate(m);
  }

  /** Frees a page and wakes who waits for it; panics if it is busy, claimed or mapped by a buffer. */
  vmPageFree(m: Page): void {
    this.enter('vm_page_free', m.frame, 0, 0);
    this.kernel.pages.release(m);
  }

  /** `PAGE_WAKEUP`. */
  pageWakeup(m: Page): void {
    this.enter('PAGE_WAKEUP', m.frame, 0, 0);
    this.kernel.pages.wakeup(m);
  }

  /** All of the page is dirty if its mapping was modified. */
  vmPageTestDirty(m: Page): void {
    this.enter('vm_page_test_dirty', m.frame, 0, 0);
    this.kernel.pages.testDirty(m);
  }

  /** `vm_page_bits`; pure. */
  vmPageBits(base: number, size: number): number {
    return this.kernel.pages.bits(base, size);
  }

  /** The sectors from `base` on, `size` bytes, are valid. */
  vmPageSetValid(m: Page, base: number, size: number): void {
    m.valid = m.valid | this.kernel.pages.bits(base, size);
  }

  /** They are not dirty; a whole page also loses the modified bit of its mapping. */
  vmPageSetClean(m: Page, base: number, size: number): void {
    this.kernel.pages.setClean(m, base, size);
  }

  /** Clears the modified bit of the mapping. */
  pmapClearModify(m: Page): void {
    this.enter('pmap_clear_modify', m.frame, 0, 0);
    m.modified = false;
  }

  /** Maps `count` pages of `m` from index `first` on at `kva` and the pages behind it. */
  pmapQenter(kva: number, m: readonly Page[], first: number, count: number): void {
    this.enter('pmap_qenter', kva, count, 0);
    for (let i = 0; i < count; i++) this.kernel.space.enter(kva + i * this.pageSize, m[first + i]!.frame);
  }

  /** Unmaps `count` pages from `kva` on. */
  pmapQremove(kva: number, count: number): void {
    this.enter('pmap_qremove', kva, count, 0);
    for (let i = 0; i < count; i++) this.kernel.space.remove(kva + i * this.pageSize);
  }

  /** Physical address mapped at `kva`; the offset in the page when nothing is. */
  pmapKextract(kva: number): number {
    this.enter('pmap_kextract', kva, 0, 0);
    return this.kernel.space.extract(kva);
  }

  /** `PHYS_TO_VM_PAGE`; pure. */
  physToVmPage(address: number): Page {
    return this.kernel.space.physicalPage(address);
  }

  /** A kernel address for the page; sleeps while pager_map is full. */
  vmPagerMapPage(m: Page): number | null {
    this.enter('vm_pager_map_page', m.frame, 0, 0);
    return this.leave('vm_pager_map_page', this.kernel.mapPage(m));
  }

  /** Gives an address of `vmPagerMapPage` back, and wakes who waits for room. */
  vmPagerUnmapPage(kva: number): void {
    this.enter('vm_pager_unmap_page', kva, 0, 0);
    this.kernel.space.returnMapPage(kva);
  }

  /** One page of addresses with a zeroed page of memory behind it; 0 when pager_map is full. */
  kmemAlloc(): number | null {
    this.enter('kmem_alloc', 0, 0, 0);
    return this.leave('kmem_alloc', this.kernel.kmemAlloc());
  }

  /** Gives a page of `kmemAlloc` back, and wakes who waits for room. */
  kmemFreeWakeup(kva: number): void {
    this.enter('kmem_free_wakeup', kva, 0, 0);
    this.kernel.space.returnMapPage(kva);
  }

  /** A new object of `size` bytes (u32) with one reference; null: blocked. */
  vmObjectAllocate(size: number): VmObject | null {
    this.enter('vm_object_allocate', size, 0, 0);
    const { kernel } = this;
    if (kernel.mallocSleeps()) return this.defer(kernel.mallocLater(() => kernel.objects.allocate(size)));
    return kernel.objects.allocate(size);
  }

  /** Enters object and pager in the hash; a lookup finds it once the object's `pager` is set. */
  vmObjectEnter(object: VmObject, pager: VmPager): 0 | null {
    this.enter('vm_object_enter', object.id, 0, 0);
    const { kernel } = this;
    if (kernel.mallocSleeps()) {
      return this.defer(
        kernel.mallocLater(() => {
          kernel.objects.enter(object, pager);
          return 0;
        }),
      );
    }
    kernel.objects.enter(object, pager);
    return 0;
  }

  /** Ties the object to its pager; panics if it has another. */
  vmObjectSetpager(object: VmObject, pager: VmPager, pagingOffset: number): void {
    this.enter('vm_object_setpager', object.id, 0, 0);
    this.kernel.objects.setPager(object, pager, pagingOffset);
    object.flags &= ~OBJ_INTERNAL;
  }

  /** The object of a pager with one more reference, taken out of the cache; null if it dies or is not entered. */
  vmObjectLookup(pager: VmPager): VmObject | null {
    this.enter('vm_object_lookup', 0, 0, 0);
    return this.kernel.objects.lookup(pager);
  }

  /** Drops a reference; the last one caches the object or terminates it, which may take long. Null: blocked. */
  vmObjectDeallocate(object: VmObject): 0 | null {
    this.enter('vm_object_deallocate', object.id, 0, 0);
    return this.leave('vm_object_deallocate', this.kernel.objects.deallocate(object));
  }

  /** Offsets in bytes, u32. */
  vmObjectPageRemove(object: VmObject, start: number, end: number): 0 | null {
    this.enter('vm_object_page_remove', object.id, start, end);
    return this.leave('vm_object_page_remove', this.kernel.objects.pageRemove(object, start, end));
  }

  /** Says whether the object may be cached, then drops a reference. Null: blocked. */
  pagerCache(object: VmObject | null, keep: boolean): 0 | null {
    this.enter('pager_cache', object === null ? -1 : object.id, keep ? 1 : 0, 0);
    return this.leave('pager_cache', this.kernel.objects.pagerCache(object, keep));
  }

  /** A pbuf; sleeps while the pool is empty. */
  getpbuf(): Buf | null {
    this.enter('getpbuf', 0, 0, 0);
    return this.kernel.pbufs.get();
  }

  /** A pbuf, or null when the pool is empty (it never blocks). */
  trypbuf(): Buf | null {
    this.enter('trypbuf', 0, 0, 0);
    return this.kernel.pbufs.try();
  }

  /** Gives a pbuf back, with its credentials and its vnode. Its window must be unmapped. Never sleeps. */
  relpbuf(bp: Buf): void {
    this.enter('relpbuf', bp.id, 0, 0);
    this.kernel.pbufs.release(bp);
  }

  /** Attaches a pbuf to a vnode, which it holds until `relpbuf`. */
  pbgetvp(vp: Vnode, bp: Buf): void {
    this.enter('pbgetvp', vp.file, bp.id, 0);
    this.kernel.pbufs.attach(vp, bp);
  }

  /** `HOLDRELE`. */
  holdrele(vp: Vnode): void {
    this.enter('HOLDRELE', vp.file, 0, 0);
    this.kernel.vnodes.releaseHold(vp);
  }

  /** Whether the buffer cache has the block. */
  incore(vp: Vnode, block: number): boolean {
    this.enter('incore', vp.file, block, 0);
    return this.kernel.buffers.incore(vp, block);
  }

  /** One more reference to a vnode that has one. */
  vref(vp: Vnode): void {
    this.enter('VREF', vp.file, 0, 0);
    this.inUse('VREF', vp);
    this.kernel.vnodes.reference(vp);
  }

  /** Drops a reference; the last may truncate and free the file. Null: blocked. */
  vrele(vp: Vnode): 0 | null {
    this.enter('vrele', vp.file, 0, 0);
    return this.leave('vrele', this.kernel.vnodes.release(vp));
  }

  /** Attributes of a file; an errno, or null: blocked. */
  vopGetattr(vp: Vnode, into: Attributes): number | null {
    this.enter('VOP_GETATTR', vp.file, 0, 0);
    this.inUse('VOP_GETATTR', vp);
    return this.leave('VOP_GETATTR', this.kernel.vnodes.getAttributes(vp, into));
  }

  /** An errno; `answer` gets device and block (see `FileSystems.bmap`). `block` is a signed 32-bit number. */
  vopBmap(vp: Vnode, block: number, answer: BmapAnswer): number | null {
    this.enter('VOP_BMAP', vp.file, block, 0);
    this.inUse('VOP_BMAP', vp);
    return this.leave('VOP_BMAP', this.kernel.fileSystems.bmap(vp, block | 0, answer));
  }

  /** `VOP_BMAP` with null block pointer: an errno; `answer.dvp` gets the device. Never sleeps. */
  vopBmapDevice(vp: Vnode, answer: BmapAnswer): number {
    this.enter('VOP_BMAP', vp.file, 0, 1);
    this.inUse('VOP_BMAP', vp);
    return this.leave('VOP_BMAP', this.kernel.fileSystems.device(vp, answer));
  }

  /** Starts a transfer, whose end may come before this returns; what became of it is in `bp`. Null: blocked. */
  vopStrategy(bp: Buf): 0 | null {
    this.enter('VOP_STRATEGY', bp.id, bp.bBlkno, bp.bBcount);
    if (bp.bVp !== null) this.inUse('VOP_STRATEGY', bp.bVp);
    return this.leave('VOP_STRATEGY', this.kernel.disk.strategy(bp));
  }

  /** Reads from the file, perhaps less than asked for (`uioResid`); an errno, or null: blocked. */
  vopRead(vp: Vnode, uio: Uio): number | null {
    this.enter('VOP_READ', vp.file, uio.uioOffset, uio.uioResid);
    this.inUse('VOP_READ', vp);
    return this.leave('VOP_READ', this.kernel.fileAccess.read(vp, uio));
  }

  /** Writes to the file, allocating blocks; an errno, or null: blocked. */
  vopWrite(vp: Vnode, uio: Uio): number | null {
    this.enter('VOP_WRITE', vp.file, uio.uioOffset, uio.uioResid);
    this.inUse('VOP_WRITE', vp);
    return this.leave('VOP_WRITE', this.kernel.fileAccess.write(vp, uio));
  }

  /** Writes the inode if it is marked; an errno, or null: blocked. */
  vopUpdate(vp: Vnode): number | null {
    this.enter('VOP_UPDATE', vp.file, 0, 0);
    this.inUse('VOP_UPDATE', vp);
    return this.leave('VOP_UPDATE', this.kernel.vnodes.update(vp));
  }

  /** Whether anybody holds the lock. */
  vopIslocked(vp: Vnode): boolean {
    this.enter('VOP_ISLOCKED', vp.file, 0, 0);
    this.inUse('VOP_ISLOCKED', vp);
    return this.kernel.vnodes.isLocked(vp);
  }

  /** Whether the running process holds the lock (locks record their owner). */
  vopHoldsLock(vp: Vnode): boolean {
    this.inUse('VOP_ISLOCKED', vp);
    return this.kernel.vnodes.heldBy(vp, this.kernel.threads.current);
  }

  /** Takes the exclusive lock; not recursive. Null: blocked. */
  vopLock(vp: Vnode): 0 | null {
    this.enter('VOP_LOCK', vp.file, 0, 0);
    this.inUse('VOP_LOCK', vp);
    return this.leave('VOP_LOCK', this.kernel.vnodes.lock(vp));
  }

  /** Releases the lock; panics if nobody holds it. */
  vopUnlock(vp: Vnode): void {
    this.enter('VOP_UNLOCK', vp.file, 0, 0);
    this.inUse('VOP_UNLOCK', vp);
    this.kernel.vnodes.unlock(vp);
  }
}
