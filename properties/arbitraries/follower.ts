/**
 * An abstract state of the files while operations are generated: what a reader of the list so far would expect, not what a
 * run will find (schedules and faults change that). It exists so that few operations come to nothing: pages asked for are
 * probably absent, pages written back probably dirty, files truncated longer than the new length. It costs a few bytes per
 * followed page and nothing per byte of a file; pages outside the followed windows count as absent.
 */
import type { FileSpec, FileSystem, Geometry } from '../../src/scenario/scenario.ts';
import { LIMITS, watchedPages, WINDOW_PAGES, WINDOWS } from './files.ts';

/** Most files that a generated scenario has. */
export const FILES_MAX = 4;

const SLOTS = WINDOWS * WINDOW_PAGES;

/** What is believed of a page. */
export const RESIDENT = 1;
export const DIRTY = 2;
/** No block of it is there. */
export const HOLE = 4;
/** A fault on it would find it mapped. */
export const MAPPED = 8;

/** What an operation probably brings the kernel to, so that departures from the plain run can be addressed at it. */
export const MEETS_CREATE = 1;
export const MEETS_PAGE_IN = 2;
export const MEETS_PAGE_OUT = 4;
export const MEETS_RELEASE = 8;
export const MEETS_PART = 16;
export const MEETS_READ = 32;
export const MEETS_WRITE = 64;
export const MEETS_HASPAGE = 128;
/** The object goes, and what it has dirty is written then. */
export const MEETS_LAST_PAGE_OUT = 256;
/** Page-in of a hole, which comes about only if haspage cannot tell. */
export const MEETS_HOLE = 512;

/** How far a fault reads behind and ahead (kernel notes 11.2). */
export const FAULT_BEHIND = 3;
export const FAULT_AHEAD = 4;

/** A kernel keeps few buffers; pages in one are not taken away by a get. */
const BUFFERS = 3;

/** The state, reused from scenario to scenario. */
export class Follower {
  files = 0;
  pageSize = 0;
  /** What the operation being prepared meets (`MEETS_`), and about which file; its owner resets the first. */
  meets = 0;
  meetsFile = 0;
  private cachedObjects = 0;
  readonly size = new Float64Array(FILES_MAX);
  readonly fileSystem = new Int32Array(FILES_MAX);
  readonly maps = new Int32Array(FILES_MAX);
  readonly opens = new Int32Array(FILES_MAX);
  readonly named = new Uint8Array(FILES_MAX);
  /** The vnode has not been disconnected. */
  readonly connected = new Uint8Array(FILES_MAX);
  /** The file has lost its last name and reference. */
  private readonly removed = new Uint8Array(FILES_MAX);
  /** There is a pager. */
  readonly object = new Uint8Array(FILES_MAX);
  /** Nobody refers to the object, which is kept; numbered in the order of keeping, 0 if it is not. */
  readonly cached = new Int32Array(FILES_MAX);
  /** The object is kept when the last reference goes. */
  private readonly persists = new Uint8Array(FILES_MAX);
  /** Probably has delayed buffers. */
  readonly delayed = new Uint8Array(FILES_MAX);
  /** 0 free, 1 by the only thread, 2 by another process. */
  readonly locked = new Uint8Array(FILES_MAX);
  readonly dirty = new Int32Array(FILES_MAX);
  readonly resident = new Int32Array(FILES_MAX);
  /** Page that the last operation on the file went to. */
  readonly last = new Float64Array(FILES_MAX);
  readonly windows = new Int32Array(FILES_MAX);
  readonly bases = new Float64Array(FILES_MAX * WINDOWS);
  /** A get brings in neighbours. */
  private readonly clusters = new Uint8Array(FILES_MAX);
  /** Opening the file gives it a pager, and its reads and writes go through the pager's pages. */
  readonly shared = new Uint8Array(FILES_MAX);
  private readonly pages = new Uint8Array(FILES_MAX * SLOTS);
  private readonly bufferFile = new Int32Array(BUFFERS);
  private readonly bufferFirst = new Float64Array(BUFFERS);
  private readonly bufferLast = new Float64Array(BUFFERS);
  private nextBuffer = 0;
  private cachings = 0;
  private cachedCount = 0;
  private readonly scratch: number[] = [];

  /** Starts at the beginning of a scenario. */
  begin(geometry: Geometry, fileSystems: readonly FileSystem[], files: readonly FileSpec[]): void {
    this.files = files.length;
    this.pageSize = geometry.pageSize;
    this.cachedObjects = geometry.cachedObjects;
    this.cachings = 0;
    this.cachedCount = 0;
    this.bufferFile.fill(-1);
    this.pages.fill(0, 0, files.length * SLOTS);
    for (let f = 0; f < files.length; f++) {
      const file = files[f]!;
      const fs = fileSystems[file.fileSystem]!;
      this.size[f] = file.size;
      this.fileSystem[f] = file.fileSystem;
      this.maps[f] = 0;
      this.opens[f] = 0;
      this.named[f] = 1;
      this.connected[f] = 1;
      this.removed[f] = 0;
      this.object[f] = 0;
      this.cached[f] = 0;
      this.persists[f] = 1;
      this.delayed[f] = 0;
      this.locked[f] = 0;
      this.dirty[f] = 0;
      this.resident[f] = 0;
      this.last[f] = 0;
      this.shared[f] = fs.sharedBuffers ? 1 : 0;
      this.clusters[f] =
        fs.blockMap === 'network' || (fs.blockMap === 'disk' && fs.blockSize >= geometry.pageSize) ? 1 : 0;
      const bases = watchedPages(file.size, geometry.pageSize, this.scratch);
      this.windows[f] = bases.length;
      for (let w = 0; w < bases.length; w++) this.bases[f * WINDOWS + w] = bases[w]!;
      if (file.extents !== undefined && fs.blockMap === 'disk') this.markHoles(f, file, fs);
    }
  }

  private markHoles(f: number, file: FileSpec, fs: FileSystem): void {
    const from = f * SLOTS;
    this.pages.fill(HOLE, from, from + SLOTS);
    for (const extent of file.extents!) {
      const first = Math.floor((extent.block * fs.blockSize) / this.pageSize);
      const last = Math.floor(((extent.block + extent.count) * fs.blockSize - 1) / this.pageSize);
      for (let w = 0; w < this.windows[f]!; w++) {
        const base = this.bases[f * WINDOWS + w]!;
        const low = Math.max(first, base) - base;
        const high = Math.min(last, base + WINDOW_PAGES - 1) - base;
        for (let p = low; p <= high; p++) this.pages[from + w * WINDOW_PAGES + p] = 0;
      }
    }
  }

  private slot(f: number, page: number): number {
    for (let w = 0; w < this.windows[f]!; w++) {
      const at = page - this.bases[f * WINDOWS + w]!;
      if (at >= 0 && at < WINDOW_PAGES) return f * SLOTS + w * WINDOW_PAGES + at;
    }
    return -1;
  }

  /** Bits of a page; 0 outside the windows. */
  page(f: number, page: number): number {
    const slot = this.slot(f, page);
    return slot < 0 ? 0 : this.pages[slot]!;
  }

  /** The page that holds the last byte, 0 in an empty file. */
  lastPage(f: number): number {
    const size = this.size[f]!;
    return size === 0 ? 0 : Math.floor((size - 1) / this.pageSize);
  }

  /** The last page that a mapping of the file reaches: offsets have 32 bits, and the last of those pages is past every size. */
  lastMapped(f: number): number {
    return Math.min(this.lastPage(f), LIMITS[1] / this.pageSize - 2);
  }

  /** References to the file's object. */
  references(f: number): number {
    return this.maps[f]! + (this.shared[f] === 1 ? this.opens[f]! : 0);
  }

  /** System calls on the file get somewhere. */
  usable(f: number): boolean {
    return (
      this.connected[f] === 1 &&
      this.removed[f] === 0 &&
      (this.named[f] === 1 || this.opens[f]! > 0 || this.maps[f]! > 0)
    );
  }

  /** A mapping of it is there or can be made. */
  mappable(f: number): boolean {
    return this.maps[f]! > 0 || this.usable(f);
  }

  /** A mapping is used, and made if there is none. */
  useMapping(f: number): void {
    if (this.maps[f] === 0) this.map(f);
  }

  /** One more mapping. */
  map(f: number): void {
    this.obtain(f);
    this.maps[f]!++;
  }

  /** One mapping less. */
  unmap(f: number): void {
    this.maps[f]!--;
    if (this.maps[f] === 0) this.clear(f, MAPPED);
    this.released(f);
  }

  /** Opened once more. */
  open(f: number): void {
    this.opens[f]!++;
    if (this.shared[f] === 1) this.obtain(f);
  }

  /** Opened once less. */
  close(f: number): void {
    this.opens[f]!--;
    this.meet(f, MEETS_RELEASE);
    this.released(f);
  }

  /** Opened and closed as alloc and its caller do. */
  allocate(f: number): void {
    this.obtain(f);
    this.released(f);
  }

  /** The operation being prepared meets something about the file. */
  meet(f: number, what: number): void {
    this.meets |= what;
    this.meetsFile = f;
  }

  private obtain(f: number): void {
    this.meet(f, MEETS_RELEASE);
    if (this.object[f] === 0) {
      this.meet(f, MEETS_CREATE);
      this.object[f] = 1;
      this.persists[f] = 1;
    }
    if (this.cached[f] !== 0) {
      this.cached[f] = 0;
      this.cachedCount--;
    }
  }

  /** A reference was dropped: without any, the object is kept or goes. */
  private released(f: number): void {
    if (this.object[f] === 1 && this.references(f) === 0) {
      if (this.persists[f] === 0) this.terminate(f);
      else if (this.cached[f] === 0) {
        this.cached[f] = ++this.cachings;
        this.cachedCount++;
        while (this.cachedCount > this.cachedObjects) this.terminateOldest();
      }
    }
    this.removeIfUnused(f);
  }

  private terminateOldest(): void {
    let oldest = -1;
    for (let f = 0; f < this.files; f++) {
      if (this.cached[f] !== 0 && (oldest < 0 || this.cached[f]! < this.cached[oldest]!)) oldest = f;
    }
    this.terminate(oldest);
    this.removeIfUnused(oldest);
  }

  /** The object goes, with its pages. */
  terminate(f: number): void {
    this.meet(f, MEETS_RELEASE);
    if (this.dirty[f]! > 0) this.meet(f, MEETS_PAGE_OUT | MEETS_LAST_PAGE_OUT);
    if (this.cached[f] !== 0) this.cachedCount--;
    this.cached[f] = 0;
    this.object[f] = 0;
    this.evict(f, 0);
    this.unbuffer(f);
  }

  private removeIfUnused(f: number): void {
    if (this.named[f] === 0 && this.opens[f] === 0 && this.maps[f] === 0 && this.object[f] === 0)
      this.removed[f] = 1;
  }

  /** The object goes now, or with its last reference. */
  uncache(f: number): void {
    if (this.object[f] === 0) return;
    this.persists[f] = 0;
    if (this.references(f) === 0) this.terminate(f);
  }

  /** The page becomes resident, and dirty if it was stored to. */
  arrive(f: number, page: number, dirty: boolean): void {
    const slot = this.slot(f, page);
    if (slot < 0) return;
    const bits = this.pages[slot]!;
    if ((bits & RESIDENT) === 0) this.resident[f]!++;
    if (dirty && (bits & DIRTY) === 0) this.dirty[f]!++;
    this.pages[slot] = bits | RESIDENT | (dirty ? DIRTY : 0);
  }

  /** A get: the page becomes resident, and those of its neighbours that would be read with it. */
  bringIn(f: number, page: number, behind: number, ahead: number): void {
    const last = this.lastPage(f);
    if (page > last || this.connected[f] === 0) return;
    const bits = this.page(f, page);
    if ((bits & RESIDENT) === 0) this.meet(f, MEETS_PAGE_IN);
    if ((bits & (RESIDENT | HOLE)) === HOLE) this.meet(f, MEETS_HOLE);
    this.arrive(f, page, false);
    if (this.clusters[f] === 0) return;
    for (let p = page - 1; p >= 0 && p >= page - behind && (this.page(f, p) & (RESIDENT | HOLE)) === 0; p--) {
      this.arrive(f, p, false);
    }
    for (
      let p = page + 1;
      p <= last && p <= page + ahead && (this.page(f, p) & (RESIDENT | HOLE)) === 0;
      p++
    ) {
      this.arrive(f, p, false);
    }
  }

  /** The pages have been written back. */
  cleaned(f: number, page: number, count: number): void {
    for (let p = page; p < page + count; p++) {
      const slot = this.slot(f, p);
      if (slot < 0 || (this.pages[slot]! & DIRTY) === 0) continue;
      this.meet(f, MEETS_PAGE_OUT);
      this.pages[slot] = this.pages[slot]! & (RESIDENT | MAPPED);
      this.dirty[f]!--;
    }
  }

  /** All pages from this one on leave memory. */
  evict(f: number, from: number): void {
    if (this.resident[f] === 0) return;
    for (let w = 0; w < this.windows[f]!; w++) {
      const base = this.bases[f * WINDOWS + w]!;
      for (let at = Math.max(0, from - base); at < WINDOW_PAGES; at++)
        this.leave(f, f * SLOTS + w * WINDOW_PAGES + at);
    }
  }

  private leave(f: number, slot: number): void {
    const bits = this.pages[slot]!;
    if ((bits & RESIDENT) === 0) return;
    this.resident[f]!--;
    if ((bits & DIRTY) !== 0) this.dirty[f]!--;
    this.pages[slot] = bits & HOLE;
  }

  /** Up to `count` clean pages leave memory, dirty ones become clean. */
  reclaim(count: number): void {
    for (let f = 0; f < this.files; f++) {
      const end = f * SLOTS + this.windows[f]! * WINDOW_PAGES;
      for (let slot = f * SLOTS; slot < end && count > 0; slot++) {
        const bits = this.pages[slot]!;
        if ((bits & RESIDENT) === 0) continue;
        count--;
        if ((bits & DIRTY) === 0) this.leave(f, slot);
        else {
          this.meet(f, MEETS_PAGE_OUT);
          this.pages[slot] = bits & (RESIDENT | MAPPED);
          this.dirty[f]!--;
        }
      }
    }
  }

  /** A dirty page of the file at or after a slot chosen by the caller; -1 if there is none. */
  dirtyPage(f: number, start: number): number {
    if (this.dirty[f] === 0) return -1;
    const slots = this.windows[f]! * WINDOW_PAGES;
    for (let i = 0; i < slots; i++) {
      const at = (start + i) % slots;
      if ((this.pages[f * SLOTS + at]! & DIRTY) !== 0) {
        return this.bases[f * WINDOWS + Math.floor(at / WINDOW_PAGES)]! + (at % WINDOW_PAGES);
      }
    }
    return -1;
  }

  private clear(f: number, bits: number): void {
    const end = f * SLOTS + this.windows[f]! * WINDOW_PAGES;
    for (let slot = f * SLOTS; slot < end; slot++) this.pages[slot] = this.pages[slot]! & ~bits;
  }

  /** A fault has mapped the page. */
  mapPage(f: number, page: number): void {
    const slot = this.slot(f, page);
    if (slot >= 0) this.pages[slot] = this.pages[slot]! | MAPPED;
  }

  /** A system call read or wrote blocks that hold these pages. */
  buffer(f: number, first: number, last: number, written: boolean): void {
    if (this.shared[f] === 0) return;
    for (let page = first; page <= last; page++) this.arrive(f, page, written);
    this.bufferFile[this.nextBuffer] = f;
    this.bufferFirst[this.nextBuffer] = first;
    this.bufferLast[this.nextBuffer] = last;
    this.nextBuffer = (this.nextBuffer + 1) % BUFFERS;
    if (written) this.delayed[f] = 1;
  }

  /** Whether a buffer probably holds the page. */
  buffered(f: number, page: number): boolean {
    for (let i = 0; i < BUFFERS; i++) {
      if (this.bufferFile[i] === f && page >= this.bufferFirst[i]! && page <= this.bufferLast[i]!)
        return true;
    }
    return false;
  }

  private unbuffer(f: number): void {
    this.delayed[f] = 0;
    for (let i = 0; i < BUFFERS; i++) if (this.bufferFile[i] === f) this.bufferFile[i] = -1;
  }

  /** The file has a new size. */
  resize(f: number, size: number): void {
    this.meet(f, MEETS_RELEASE);
    if (size < this.size[f]!) this.evict(f, Math.ceil(size / this.pageSize));
    // The rest of a page with EOF in it is cleared through a map.
    const end = Math.min(size, this.size[f]!);
    if (end % this.pageSize !== 0 && (this.page(f, Math.floor(end / this.pageSize)) & RESIDENT) !== 0) {
      this.meet(f, MEETS_PART);
    }
    this.size[f] = size;
  }

  /** The vnode lock is needed: another process gives it back when nothing else can go on. */
  waitForLock(f: number): void {
    if (this.locked[f] === 2) this.locked[f] = 0;
  }

  /** The name is gone, and the object as far as nobody else has it. */
  unlink(f: number): void {
    this.waitForLock(f);
    this.uncache(f);
    this.named[f] = 0;
    this.removeIfUnused(f);
  }

  /** The vnode is disconnected; its object lives on. */
  disconnect(f: number): void {
    this.connected[f] = 0;
    this.unbuffer(f);
  }
}
