/**
 * Page frames: allocation, the (object, offset) hash, the paging queues, busy bits and masks (kernel-notes 3). Nothing here
 * blocks. Frames hold a poison pattern when they are handed out, so that bytes nobody filled are noticed.
 */
import {
  PG_ACTIVE,
  PG_BUSY,
  PG_CACHE,
  PG_FREE,
  PG_INACTIVE,
  PG_REFERENCED,
  PG_TABLED,
  PG_WANTED,
} from '../trace/codes.ts';
import { STAMP_POISON } from '../scenario/pattern.ts';
import type { Kernel } from './kernel.ts';
import type { Page, VmObject } from './structures.ts';
import { panic, trap } from './trap.ts';

/** A queue of pages in order of arrival; what would corrupt it, because somebody has changed flags of a page, traps. */
export class PageQueue {
  head: Page | null = null;
  private tail: Page | null = null;
  count = 0;
  private readonly flag: number;

  /** `flag`: what pages on it have in their flags. */
  constructor(flag: number) {
    this.flag = flag;
  }

  clear(): void {
    this.head = null;
    this.tail = null;
    this.count = 0;
  }

  append(page: Page): void {
    if (page.queue !== 0)
      trap(`frame ${page.frame} is put on a queue while it is on one that its flags do not name`);
    page.queueNext = null;
    page.queuePrevious = this.tail;
    if (this.tail === null) this.head = page;
    else this.tail.queueNext = page;
    this.tail = page;
    page.queue = this.flag;
    this.count++;
  }

  remove(page: Page): void {
    if (page.queue !== this.flag)
      trap(`frame ${page.frame} is taken off a queue that its flags name and that it is not on`);
    if (page.queuePrevious === null) this.head = page.queueNext;
    else page.queuePrevious.queueNext = page.queueNext;
    if (page.queueNext === null) this.tail = page.queuePrevious;
    else page.queueNext.queuePrevious = page.queuePrevious;
    page.queueNext = null;
    page.queuePrevious = null;
    page.queue = 0;
    this.count--;
  }
}

const ON_QUEUE = PG_ACTIVE | PG_INACTIVE | PG_CACHE;

/** All page frames of the machine. */
export class Pages {
  readonly frames: Page[] = [];
  readonly free = new PageQueue(PG_FREE);
  readonly active = new PageQueue(PG_ACTIVE);
  readonly inactive = new PageQueue(PG_INACTIVE);
  readonly cache = new PageQueue(PG_CACHE);
  /** Frames of this run; `frames` may hold more from earlier runs. */
  count = 0;
  pageSize = 0;
  pageShift = 0;
  sectorSize = 0;
  private sectorShift = 0;
  /** `VM_PAGE_BITS_ALL`. */
  allBits = 0;
  /** The hash: a power of two of chains; the array may be longer. */
  private buckets = new Int32Array(0);
  private bucketMask = 0;
  private readonly kernel: Kernel;

  constructor(kernel: Kernel) {
    this.kernel = kernel;
  }

  /** Frees all frames. Cost: one visit per frame. */
  reset(frames: number, pageSize: number, sectorSize: number): void {
    while (this.frames.length < frames) this.frames.push(this.kernel.make.page(this.frames.length));
    this.count = frames;
    this.pageSize = pageSize;
    this.pageShift = Math.log2(pageSize);
    this.sectorSize = sectorSize;
    this.sectorShift = Math.log2(sectorSize);
    this.allBits = 2 ** (pageSize / sectorSize) - 1;
    const size = 2 ** Math.ceil(Math.log2(frames + 1));
    if (this.buckets.length < size) this.buckets = new Int32Array(size);
    this.bucketMask = size - 1;
    this.buckets.fill(-1, 0, size);
    this.free.clear();
    this.active.clear();
    this.inactive.clear();
    this.cache.clear();
    for (let i = 0; i < frames; i++) {
      const page = this.frames[i]!;
      page.flags = PG_FREE;
      page.queue = 0;
      page.object = null;
      page.busy = 0;
      page.bmapped = 0;
      page.wireCount = 0;
      page.holdCount = 0;
      this.free.append(page);
    }
  }

  /** Index of the page within its object. */
  indexOf(page: Page): number {
    return page.offset >>> this.pageShift;
  }

  private bucketOf(object: VmObject, index: number): number {
    return (object.id * 37 + index) & this.bucketMask;
  }

  /** `vm_page_lookup`: the page tabled there, or null; `offset` in bytes, u32. */
  lookup(object: VmObject, offset: number): Page | null {
    let frame = this.buckets[this.bucketOf(object, offset >>> this.pageShift)]!;
    while (frame >= 0) {
      const page = this.frames[frame]!;
      if (page.object === object && page.offset === offset) return page;
      frame = page.hashNext;
    }
    return null;
  }

  /** `vm_page_alloc`: a busy page, counts 0, contents poison; null when memory is short. */
  allocate(object: VmObject, offset: number): Page | null {
    const { kernel } = this;
    const { current } = kernel.threads;
    if (kernel.exceptions.at(current, 'page', 0) !== null) return null;
    const page = this.free.head ?? this.takeCached();
    if (page === null) return null;
    this.free.remove(page);
    page.object = object;
    page.offset = offset >>> 0;
    page.flags = PG_BUSY | PG_TABLED;
    page.wireCount = 0;
    page.holdCount = 0;
    page.actCount = 0;
    page.busy = 0;
    page.bmapped = 0;
    page.cutOff = false;
    page.valid = 0;
    page.dirty = 0;
    page.mapped = false;
    page.writable = false;
    page.modified = false;
    page.referenced = false;
    const bucket = this.bucketOf(object, offset >>> this.pageShift);
    page.hashNext = this.buckets[bucket]!;
    this.buckets[bucket] = page.frame;
    page.listNext = null;
    page.listPrevious = object.lastPage;
    if (object.lastPage === null) object.firstPage = page;
    else object.lastPage.listNext = page;
    object.lastPage = page;
    object.residentPageCount++;
    const address = kernel.memory.frameBase + page.frame * this.pageSize;
    kernel.memory.stamp(STAMP_POISON, page.frame * this.pageSize, address, this.pageSize);
    const { observer } = kernel;
    if (observer !== null) {
      observer.pageAllocated(
        current === null ? -1 : current.id,
        page.frame,
        object.id,
        page.offset >>> this.pageShift,
      );
    }
    return page;
  }

  /** Clean pages on the cache queue are as good as free. */
  private takeCached(): Page | null {
    const page = this.cache.head;
    if (page === null) return null;
    this.release(page);
    return this.free.head;
  }

  /** Whether somebody owns the page or does I/O on it. */
  isBusy(page: Page): boolean {
    return (page.flags & PG_BUSY) !== 0 || page.busy > 0;
  }

  /** Makes a resident page busy for the running process; the caller has tested it without blocking since. */
  makeBusy(page: Page): void {
    page.flags |= PG_BUSY;
    const { observer, threads } = this.kernel;
    if (observer !== null)
      observer.pageBusied(threads.current === null ? -1 : threads.current.id, page.frame);
  }

  /** `PAGE_WAKEUP`. */
  wakeup(page: Page): void {
    page.flags &= ~PG_BUSY;
    const { observer } = this.kernel;
    if (observer !== null) observer.pageWakeup(page.frame);
    if ((page.flags & PG_WANTED) !== 0) {
      page.flags &= ~PG_WANTED;
      this.kernel.threads.wakeup(page);
    }
  }

  /** Takes the page off its paging queue, if it is on one. */
  unqueue(page: Page): void {
    if ((page.flags & ON_QUEUE) === 0) return;
    if ((page.flags & PG_ACTIVE) !== 0) this.active.remove(page);
    else if ((page.flags & PG_INACTIVE) !== 0) this.inactive.remove(page);
    else this.cache.remove(page);
    page.flags &= ~ON_QUEUE;
  }

  /** `vm_page_activate`. */
  activate(page: Page): void {
    if ((page.flags & PG_ACTIVE) !== 0) panic('vm_page_activate: already active');
    this.unqueue(page);
    if (page.wireCount === 0) {
      page.flags |= PG_ACTIVE;
      this.active.append(page);
    }
    if (page.actCount < 1) page.actCount = 1;
  }

  /** `vm_page_deactivate`: nothing if inactive, wired or held; works on busy pages. */
  deactivate(page: Page): void {
    if ((page.flags & PG_INACTIVE) !== 0 || page.wireCount > 0 || page.holdCount > 0) return;
    page.referenced = false;
    page.flags &= ~PG_REFERENCED;
    this.unqueue(page);
    page.flags |= PG_INACTIVE;
    this.inactive.append(page);
  }

  /** `vm_page_free`: a page that is busy or mapped by buffers panics; mappings are the caller's business. */
  release(page: Page): void {
    if ((page.flags & PG_FREE) !== 0) panic(`vm_page_free: ${this.nameOf(page)} is free already`);
    if ((page.flags & PG_BUSY) !== 0 || page.busy > 0 || page.bmapped > 0) {
      panic(`vm_page_free: ${this.nameOf(page)} is ${page.bmapped > 0 ? 'mapped by buffers' : 'busy'}`);
    }
    if (page.wireCount > 1) panic('vm_page_free: wired more than once');
    const { kernel } = this;
    if (kernel.observer !== null) kernel.observer.pageFreed(page.frame);
    this.untable(page);
    this.unqueue(page);
    if ((page.flags & PG_WANTED) !== 0) kernel.threads.wakeup(page);
    page.flags = PG_FREE;
    page.wireCount = 0;
    page.mapped = false;
    page.modified = false;
    page.writable = false;
    this.free.append(page);
    if (kernel.memoryWanted) {
      kernel.memoryWanted = false;
      kernel.threads.wakeup(kernel.memoryChannel);
    }
  }

  private untable(page: Page): void {
    const { object } = page;
    if (object === null || (page.flags & PG_TABLED) === 0) trap('a page without an object is freed');
    const bucket = this.bucketOf(object, page.offset >>> this.pageShift);
    let frame = this.buckets[bucket]!;
    if (frame === page.frame) {
      this.buckets[bucket] = page.hashNext;
    } else {
      while (this.frames[frame]!.hashNext !== page.frame) frame = this.frames[frame]!.hashNext;
      this.frames[frame]!.hashNext = page.hashNext;
    }
    page.hashNext = -1;
    if (page.listPrevious === null) object.firstPage = page.listNext;
    else page.listPrevious.listNext = page.listNext;
    if (page.listNext === null) object.lastPage = page.listPrevious;
    else page.listNext.listPrevious = page.listPrevious;
    object.residentPageCount--;
    // the fields of a freed page are stale, not cleared; `object` goes so that the hash cannot find it
    page.object = null;
    page.flags &= ~PG_TABLED;
  }

  /** Takes all tracked mappings away; a modified one leaves the page dirty (kernel-notes 4.1). */
  unmap(page: Page): void {
    if (page.modified) {
      page.dirty = this.allBits;
      page.modified = false;
    }
    page.mapped = false;
    page.writable = false;
  }

  /** Throws a page away that nobody owns: no mapping and no object has it any more. */
  discard(page: Page): void {
    this.unmap(page);
    this.wakeup(page);
    this.release(page);
  }

  /** `vm_page_test_dirty`. */
  testDirty(page: Page): void {
    if (page.dirty !== this.allBits && page.modified) page.dirty = this.allBits;
  }

  /** `vm_page_bits`: the chunks that `size` bytes from `base` touch. */
  bits(base: number, size: number): number {
    if (size >= this.pageSize) size = this.pageSize;
    const chunks = (size + this.sectorSize - 1) >>> this.sectorShift;
    const first = (base & (this.pageSize - 1)) >>> this.sectorShift;
    return (((1 << chunks) - 1) << first) & this.allBits;
  }

  /** `vm_page_set_clean`; a whole page from base 0 also loses its modified bit. */
  setClean(page: Page, base: number, size: number): void {
    page.dirty &= ~this.bits(base, size);
    if (base === 0 && size === this.pageSize) page.modified = false;
  }

  /** `vm_page_zero_fill`, of the chunks that are not valid; the page is then valid. */
  zeroInvalid(page: Page): void {
    const { memory } = this.kernel;
    if (page.valid === 0) {
      memory.zero(this.addressOf(page), this.pageSize);
    } else {
      for (let at = 0; at < this.pageSize; at += this.sectorSize) {
        if ((page.valid & this.bits(at, this.sectorSize)) === 0)
          memory.zero(this.addressOf(page) + at, this.sectorSize);
      }
    }
    page.valid = this.allBits;
  }

  /** Where the page's bytes are in the machine's memory. */
  addressOf(page: Page): number {
    return this.kernel.memory.frameBase + page.frame * this.pageSize;
  }

  nameOf(page: Page): string {
    if (page.object === null) return `frame ${page.frame}`;
    return `page ${this.indexOf(page)} of ${this.kernel.nameOf(page.object)}`;
  }
}
