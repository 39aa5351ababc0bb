/**
 * The kernel's own addresses: the windows of the pbufs and the temporary area of pager_map, with quick mappings that are not
 * tracked (kernel-notes 4.2, 4.3). Addresses are bytes; page 0 is never mapped, so that null pointers trap.
 */
import type { Kernel } from './kernel.ts';
import type { Page } from './structures.ts';
import { trap } from './trap.ts';

/** Pages of one pbuf window (`MAXPHYS`). */
export const WINDOW_PAGES = 16;
/** First page of kernel addresses in use. */
const FIRST_PAGE = 16;
/** Physical address of frame 0, in pages: physical address 0 belongs to nobody. */
const FIRST_PHYSICAL = 1;

/** Kernel addresses and what is mapped there. */
export class AddressSpace {
  private table = new Int32Array(0);
  private mapBase = 0;
  private mapPages = 0;
  /** Pages behind the temporary area: one that each thread can have from malloc at a time, and more for nested calls. */
  private heapBase = 0;
  private heapPages = 0;
  private readonly heapTaken: boolean[] = [];
  /** 0 free, 1 address only, 2 with a page of its own (`kmem_alloc`). */
  private readonly mapState: number[] = [];
  /** Pages of the temporary area in use. */
  used = 0;
  private pageSize = 0;
  private pageShift = 0;
  private readonly kernel: Kernel;

  constructor(kernel: Kernel) {
    this.kernel = kernel;
  }

  reset(pbufs: number, mapPages: number, heapPages: number): void {
    const { pages } = this.kernel;
    this.pageSize = pages.pageSize;
    this.pageShift = pages.pageShift;
    this.mapBase = FIRST_PAGE + pbufs * WINDOW_PAGES;
    this.mapPages = mapPages;
    this.heapBase = this.mapBase + mapPages;
    this.heapPages = heapPages;
    for (let i = 0; i < heapPages; i++) this.heapTaken[i] = false;
    const length = this.heapBase + heapPages;
    if (this.table.length < length) this.table = new Int32Array(length);
    this.table.fill(-1);
    for (let i = 0; i < mapPages; i++) this.mapState[i] = 0;
    this.used = 0;
  }

  /** Address of a pbuf's window. */
  windowOf(pbuf: number): number {
    return (FIRST_PAGE + pbuf * WINDOW_PAGES) << this.pageShift;
  }

  private slot(kva: number): number {
    const slot = kva >>> this.pageShift;
    if (slot < FIRST_PAGE || slot >= this.heapBase + this.heapPages)
      trap(`address 0x${(kva >>> 0).toString(16)} is no kernel address`);
    return slot;
  }

  /** `pmap_kenter`. */
  enter(kva: number, frame: number): void {
    this.table[this.slot(kva)] = frame;
  }

  /** `pmap_kremove`. */
  remove(kva: number): void {
    this.table[this.slot(kva)] = -1;
  }

  /** Frame mapped at that address, -1 if none. */
  frameAt(kva: number): number {
    const slot = kva >>> this.pageShift;
    return slot < this.table.length ? this.table[slot]! : -1;
  }

  /** `pmap_kextract`: physical address, 0 plus the offset in the page when nothing is mapped. */
  extract(kva: number): number {
    const frame = this.frameAt(kva);
    const offset = kva & (this.pageSize - 1);
    return frame < 0 ? offset : ((frame + FIRST_PHYSICAL) << this.pageShift) + offset;
  }

  /** `PHYS_TO_VM_PAGE`: pure arithmetic in the original; an address outside memory is a fatal fault here. */
  physicalPage(address: number): Page {
    const page = this.kernel.pages.frames[(address >>> this.pageShift) - FIRST_PHYSICAL];
    if (page === undefined) trap(`physical address 0x${(address >>> 0).toString(16)} is no memory`);
    return page;
  }

  /** Index in the machine's memory of the byte at a kernel address; unmapped addresses trap. */
  translate(kva: number): number {
    const frame = this.frameAt(kva);
    if (frame < 0) trap(`kernel address 0x${(kva >>> 0).toString(16)} is not mapped`);
    return this.kernel.memory.frameBase + frame * this.pageSize + (kva & (this.pageSize - 1));
  }

  /** `bzero` through current mappings; `length` counts as unsigned. */
  zero(kva: number, length: number): void {
    let left = length >>> 0;
    let at = kva;
    while (left > 0) {
      const piece = Math.min(left, this.pageSize - (at & (this.pageSize - 1)));
      this.kernel.memory.zero(this.translate(at), piece);
      at += piece;
      left -= piece;
    }
  }

  /** `bcopy` through current mappings. */
  copy(from: number, to: number, length: number): void {
    let left = length >>> 0;
    let source = from;
    let target = to;
    while (left > 0) {
      const room = Math.min(
        this.pageSize - (source & (this.pageSize - 1)),
        this.pageSize - (target & (this.pageSize - 1)),
      );
      const piece = Math.min(left, room);
      this.kernel.memory.copy(this.translate(source), this.translate(target), piece);
      source += piece;
      target += piece;
      left -= piece;
    }
  }

  /** One page of addresses of the temporary area, or 0 when it is full. */
  takeMapPage(state: 1 | 2): number {
    for (let i = 0; i < this.mapPages; i++) {
      if (this.mapState[i] === 0) {
        this.mapState[i] = state;
        this.used++;
        return (this.mapBase + i) << this.pageShift;
      }
    }
    return 0;
  }

  /** A page of kernel memory (`malloc`), mapped; its bytes are garbage. `frame` is the first of the heap's frames. */
  takeHeapPage(frame: number): number {
    let free = 0;
    while (free < this.heapPages && this.heapTaken[free] === true) free++;
    if (free === this.heapPages) trap('more pages from malloc than threads can have');
    this.heapTaken[free] = true;
    this.table[this.heapBase + free] = frame + free;
    return (this.heapBase + free) << this.pageShift;
  }

  /** Gives a page of the heap back. */
  returnHeapPage(kva: number): void {
    const slot = this.slot(kva) - this.heapBase;
    if (slot < 0 || this.heapTaken[slot] !== true)
      trap(`address 0x${(kva >>> 0).toString(16)} is freed but not allocated`);
    this.heapTaken[slot] = false;
    this.table[slot + this.heapBase] = -1;
  }

  /** Number of a page of the temporary area. */
  mapIndex(kva: number): number {
    return (kva >>> this.pageShift) - this.mapBase;
  }

  /** Gives one back and wakes those who wait for the map. */
  returnMapPage(kva: number): void {
    const slot = this.slot(kva) - this.mapBase;
    if (slot < 0 || this.mapState[slot] === 0)
      trap(`pager_map address 0x${(kva >>> 0).toString(16)} is given back but not taken`);
    this.table[slot + this.mapBase] = -1;
    this.mapState[slot] = 0;
    this.used--;
    this.kernel.threads.wakeup(this.kernel.mapChannel);
  }
}
