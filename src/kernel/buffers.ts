/**
 * The buffer cache (kernel-notes 8): which blocks of files are in core. Buffers of files with `VVMIO` hold pages of the file's
 * object, and what was written there reaches the disk when they are flushed; of all other files it is only known which blocks
 * were touched. Reading and writing by means of it is for `file-access.ts`.
 */
import { EIO, ENOSPC, PG_BUSY, PG_WANTED, VVMIO } from '../trace/codes.ts';
import { HOLE } from './block-map.ts';
import type { Kernel } from './kernel.ts';
import type { Page, Sleeps, VmObject, Vnode } from './structures.ts';

/** Buffers kept before the oldest is given up. */
const BUFFERS_MAX = 3;

/** What the pages of a block have to wait for: a busy page, or a free frame. */
const WANTS_PAGE = -1;
const WANTS_MEMORY = -2;

/** Offsets in objects are u32. */
const OBJECT_MAX = 0x100000000;

/** One buffer of a file with shared buffers. */
interface Buffer {
  vnode: Vnode;
  block: number;
  pages: Page[];
  /** Per page, the chunks that a write put there and that are not on the disk. */
  dirty: number[];
}

/** The buffer cache. */
export class Buffers {
  private readonly list: Buffer[] = [];
  /** Blocks of files without shared buffers that were read or written: in core, as private copies. */
  private readonly privateBlocks: { vnode: Vnode; block: number }[] = [];
  /** Pages of buffers to be, whose makers sleep. */
  private readonly gathered: { vnode: Vnode; pages: Page[] }[] = [];
  private readonly kernel: Kernel;

  constructor(kernel: Kernel) {
    this.kernel = kernel;
  }

  reset(): void {
    if (this.list.length > 0) this.list.length = 0;
    if (this.privateBlocks.length > 0) this.privateBlocks.length = 0;
    if (this.gathered.length > 0) this.gathered.length = 0;
  }

  /** `incore`. */
  incore(vp: Vnode, block: number): boolean {
    return (
      this.find(vp, block) !== undefined ||
      this.privateBlocks.some((entry) => entry.vnode === vp && entry.block === block)
    );
  }

  private find(vp: Vnode, block: number): Buffer | undefined {
    const { list } = this;
    for (let i = 0; i < list.length; i++) {
      const buffer = list[i]!;
      if (buffer.vnode === vp && buffer.block === block) return buffer;
    }
    return undefined;
  }

  /** Chunks of a page were written in the block's buffer. */
  dirtied(vp: Vnode, block: number, page: Page, chunks: number): void {
    page.dirty |= chunks;
    const buffer = this.find(vp, block);
    if (buffer !== undefined) buffer.dirty[buffer.pages.indexOf(page)]! |= chunks;
  }

  /** Whether the block has data that is not on the disk. */
  isDirty(vp: Vnode, block: number): boolean {
    return this.find(vp, block)?.dirty.some((mask) => mask !== 0) ?? false;
  }

  /** Whether file I/O that ends at that offset goes through the object's pages at this moment; objects end at 4 GiB. */
  shares(vp: Vnode, end: number): boolean {
    if ((vp.vFlag & VVMIO) === 0 || vp.vVmdata === null) return false;
    return this.kernel.fileSystems.of(vp).sharedBuffers && end <= this.objectEnd;
  }

  /** Objects cover offsets below this: the last page of the 4 GiB cannot be in one. */
  get objectEnd(): number {
    return OBJECT_MAX - this.kernel.pages.pageSize;
  }

  /** The file system has a private copy of the block by now. */
  remember(vp: Vnode, block: number): void {
    if (this.privateBlocks.some((entry) => entry.vnode === vp && entry.block === block)) return;
    if (this.privateBlocks.length >= BUFFERS_MAX) this.privateBlocks.shift();
    this.privateBlocks.push({ vnode: vp, block });
  }

  /** `getblk` and `bread`: attaches the block's pages to a buffer and fills what is not valid. An errno; null when blocked. */
  getBlock(vp: Vnode, block: number): number | null {
    const found: Page[] = [];
    const object = vp.vVmdata!;
    const error = this.findPages(vp, object, block, found);
    if (error < 0) {
      return this.kernel.threads.defer(this.getBlockLater(vp, object, block, found, error === WANTS_MEMORY));
    }
    return this.fillBlock(vp, block, found, error);
  }

  /** First page of a block. */
  private firstPage(vp: Vnode, block: number): number {
    return Math.floor((block * this.kernel.fileSystems.of(vp).blockSize) / this.kernel.pages.pageSize);
  }

  private *getBlockLater(
    vp: Vnode,
    object: VmObject,
    block: number,
    found: Page[],
    forMemory: boolean,
  ): Sleeps<number> {
    const { pages, pageout, threads } = this.kernel;
    // pages found so far are mapped by the buffer to be: the daemon does not take them while this process sleeps
    const gathered = { vnode: vp, pages: found };
    this.gathered.push(gathered);
    let error = forMemory ? WANTS_MEMORY : WANTS_PAGE;
    while (error < 0) {
      if (error === WANTS_MEMORY) {
        error = (yield* pageout.waitForMemory()) ? 0 : ENOSPC;
      } else {
        const index = this.firstPage(vp, block) + found.length;
        const busy = pages.lookup(object, index * pages.pageSize)!;
        this.letGo(found);
        busy.flags |= PG_WANTED;
        if (threads.tsleep(busy) === null) yield* threads.blocked();
        error = 0;
      }
      if (vp.vMount === null || vp.vVmdata !== object) error = EIO;
      if (error !== 0) break;
      // one that was free may be busy by now
      this.letGo(found);
      error = this.findPages(vp, object, block, found);
    }
    this.gathered.splice(this.gathered.indexOf(gathered), 1);
    return this.fillBlock(vp, block, found, error);
  }

  /** Finds or makes the pages that are not in `found` yet; an errno, or what has to be waited for. */
  private findPages(vp: Vnode, object: VmObject, block: number, found: Page[]): number {
    const { pages, fileSystems } = this.kernel;
    const { blockSize } = fileSystems.of(vp);
    const first = this.firstPage(vp, block);
    const end = Math.ceil(Math.min((block + 1) * blockSize, vp.size, this.objectEnd) / pages.pageSize);
    while (first + found.length < end) {
      const offset = (first + found.length) * pages.pageSize;
      const page = pages.lookup(object, offset);
      if (page === null) {
        const error = this.freshPage(vp, object, offset, block);
        if (error !== 0) return error;
        continue;
      }
      if ((page.flags & PG_BUSY) !== 0 || page.valid === 0) return WANTS_PAGE;
      page.bmapped++;
      found.push(page);
    }
    return 0;
  }

  private fillBlock(vp: Vnode, block: number, found: Page[], errorBefore: number): number {
    let error = errorBefore;
    for (let i = 0; i < found.length && error === 0; i++) error = this.fillPage(vp, found[i]!, block);
    if (error !== 0) this.letGo(found);
    else if (found.length > 0) this.attach(vp, block, found);
    return error;
  }

  /**
   * A page has one buffer less. One that a truncation has cut off while buffers mapped it is not the pager's to remove any more:
   * it leaves memory with the last of them, as those of invalidated buffers do; if it is busy then, when the truncation goes on.
   */
  private unmap(page: Page): void {
    const { pages } = this.kernel;
    const { object } = page;
    page.bmapped--;
    if (page.bmapped > 0 || object === null || page.offset < object.size) return;
    if (pages.isBusy(page)) page.cutOff = true;
    else pages.discard(page);
  }

  /** The pages that were found for a buffer, which comes to nothing or has to be looked for again. */
  private letGo(found: Page[]): void {
    for (const page of found) this.unmap(page);
    found.length = 0;
  }

  /**
   * Allocates and fills an absent page of the block; an errno, or `WANTS_MEMORY`. Nobody sees it invalid: it is filled before
   * anybody else runs.
   */
  private freshPage(vp: Vnode, object: VmObject, offset: number, block: number): number {
    const { pages } = this.kernel;
    const page = pages.allocate(object, offset);
    if (page === null) return WANTS_MEMORY;
    pages.activate(page);
    const error = this.fillPage(vp, page, block);
    pages.wakeup(page);
    if (error !== 0) pages.release(page);
    return error;
  }

  /** How many buffers are attached to a vnode. */
  attachedTo(vp: Vnode): number {
    let count = 0;
    for (const { vnode } of this.list) if (vnode === vp) count++;
    return count;
  }

  /** Makes mapped pages the block's buffer. */
  private attach(vp: Vnode, block: number, found: readonly Page[]): void {
    let buffer = this.find(vp, block);
    if (buffer === undefined) {
      this.makeRoom(vp);
      buffer = { vnode: vp, block, pages: [], dirty: [] };
      this.list.push(buffer);
      vp.vHoldcnt++;
    }
    for (const page of found) {
      if (buffer.pages.includes(page)) {
        page.bmapped--;
      } else {
        buffer.pages.push(page);
        buffer.dirty.push(0);
      }
    }
  }

  /** Fills the chunks of a page that the block covers and that are not valid: file bytes, zeros in holes and past EOF. */
  private fillPage(vp: Vnode, page: Page, block: number): number {
    const { pages, disk, memory, fileSystems, observer } = this.kernel;
    const { blockSize } = fileSystems.of(vp);
    const pageStart = pages.indexOf(page) * pages.pageSize;
    const from = Math.max(pageStart, block * blockSize);
    const to = Math.min(pageStart + pages.pageSize, (block + 1) * blockSize);
    // a truncation clears what is behind the new end, also what it finds in a buffer that was made meanwhile; the pager of an
    // object made meanwhile has the old end
    const end = Math.min(vp.size, page.object!.announcedSize);
    let filled = 0;
    for (let at = from; at < to; at += pages.sectorSize) {
      const bit = pages.bits(at - pageStart, pages.sectorSize);
      if ((page.valid & bit) !== 0) continue;
      const memoryAt = pages.addressOf(page) + (at - pageStart);
      const below = Math.max(0, Math.min(pages.sectorSize, end - at));
      const address = below === 0 ? HOLE : fileSystems.addressOf(vp, at, false);
      if (address === HOLE) {
        memory.zero(memoryAt, pages.sectorSize);
      } else {
        if (disk.faulty(address, pages.sectorSize, false)) {
          // the read of a block fails as a whole
          page.valid &= ~filled;
          return EIO;
        }
        disk.copyOut(address, memoryAt, below);
        memory.zero(memoryAt + below, pages.sectorSize - below);
      }
      page.valid |= bit;
      filled |= bit;
    }
    if (filled !== 0 && observer !== null) observer.filled(page.frame, filled);
    return 0;
  }

  /** Fills chunks of a page from the file, as buffers of its blocks would (for the preparation of direct calls). An errno. */
  fillChunks(vp: Vnode, page: Page, mask: number): number {
    const { pages, fileSystems } = this.kernel;
    const { blockSize } = fileSystems.of(vp);
    const wanted = mask & pages.allBits & ~page.valid;
    if (wanted === 0) return 0;
    const hidden = pages.allBits & ~wanted & ~page.valid;
    page.valid |= hidden;
    const pageStart = pages.indexOf(page) * pages.pageSize;
    let error = 0;
    const lastBlock = Math.floor((pageStart + pages.pageSize - 1) / blockSize);
    for (let block = Math.floor(pageStart / blockSize); block <= lastBlock && error === 0; block++) {
      error = this.fillPage(vp, page, block);
    }
    page.valid &= ~hidden;
    return error;
  }

  /** Gives the oldest buffer up when there are too many. */
  private makeRoom(vp: Vnode): void {
    if (this.list.length < BUFFERS_MAX) return;
    const oldest = this.list.find((buffer) => buffer.vnode === vp) ?? this.list[0]!;
    this.flushBuffer(oldest);
    this.drop(oldest);
  }

  private drop(buffer: Buffer): void {
    for (const page of buffer.pages) this.unmap(page);
    const at = this.list.indexOf(buffer);
    if (at >= 0) this.list.splice(at, 1);
    this.kernel.vnodes.releaseHold(buffer.vnode);
  }

  /** Writes the file's delayed buffers. Returns how many there were. */
  flushFile(vp: Vnode): number {
    let written = 0;
    for (const buffer of this.list) {
      if (buffer.vnode !== vp || buffer.dirty.every((mask) => mask === 0)) continue;
      this.flushBuffer(buffer);
      written++;
    }
    return written;
  }

  /** Brings what was written into the buffer to the disk; what cannot be written is lost, and said to be. */
  private flushBuffer(buffer: Buffer): void {
    const { vnode: vp, block } = buffer;
    const { pages, disk, fileSystems, observer } = this.kernel;
    const { blockSize } = fileSystems.of(vp);
    for (let i = 0; i < buffer.pages.length; i++) {
      const page = buffer.pages[i]!;
      const mask = buffer.dirty[i]!;
      buffer.dirty[i] = 0;
      if (mask === 0) continue;
      const pageStart = pages.indexOf(page) * pages.pageSize;
      const from = Math.max(pageStart, block * blockSize);
      const to = Math.min(pageStart + pages.pageSize, (block + 1) * blockSize, vp.size);
      for (let at = from; at < to; at += pages.sectorSize) {
        const bit = pages.bits(at - pageStart, pages.sectorSize);
        if ((mask & bit) === 0) continue;
        const length = Math.min(pages.sectorSize, vp.size - at);
        const address = vp.vMount === null ? HOLE : fileSystems.addressOf(vp, at, true);
        if (address === HOLE || disk.faulty(address, pages.sectorSize, true)) {
          if (observer !== null) observer.lost(vp.file, at, length, false);
          continue;
        }
        disk.copyIn(pages.addressOf(page) + (at - pageStart), address, length);
        disk.zero(address + length, pages.sectorSize - length);
        // the dirty bits of a busy page are its owner's; a page modified through a mapping keeps its modified bit
        if (!pages.isBusy(page)) page.dirty &= ~bit;
      }
    }
  }

  /**
   * The file is about to end at `size`: pages wholly past it leave their buffers and memory, as invalidated buffers' pages do.
   * Busy ones are waited for first, so that all of them go at once and nobody sees a part of the truncation. Null when blocked.
   */
  invalidate(vp: Vnode, size: number): 0 | null {
    const { pageSize } = this.kernel.pages;
    const end = Math.ceil(size / pageSize) * pageSize;
    if (this.busyPast(vp, end) !== null) return this.kernel.threads.defer(this.invalidateLater(vp, end));
    this.removePast(vp, end);
    return 0;
  }

  private *invalidateLater(vp: Vnode, end: number): Sleeps<0> {
    const { threads } = this.kernel;
    for (let busy = this.busyPast(vp, end); busy !== null; busy = this.busyPast(vp, end)) {
      busy.flags |= PG_WANTED;
      if (threads.tsleep(busy) === null) yield* threads.blocked();
    }
    this.removePast(vp, end);
    return 0;
  }

  private removePast(vp: Vnode, end: number): void {
    const { pages } = this.kernel;
    for (const { vnode, pages: found } of this.gathered) if (vnode === vp) this.letGo(found);
    for (const buffer of this.list) {
      if (buffer.vnode !== vp) continue;
      for (let i = buffer.pages.length - 1; i >= 0; i--) {
        const page = buffer.pages[i]!;
        if (page.offset < end) continue;
        const unsaved = buffer.dirty[i]! | page.dirty | (page.modified ? pages.allBits : 0);
        const offset = pages.indexOf(page) * pages.pageSize;
        buffer.pages.splice(i, 1);
        buffer.dirty.splice(i, 1);
        if (--page.bmapped === 0) pages.discard(page);
        if (unsaved !== 0) this.tellLost(vp, offset);
      }
    }
    for (let page = this.cutOff(vp, end, false); page !== null; page = this.cutOff(vp, end, false)) {
      const unsaved = page.dirty !== 0 || page.modified;
      const offset = pages.indexOf(page) * pages.pageSize;
      pages.discard(page);
      if (unsaved) this.tellLost(vp, offset);
    }
  }

  /** A page from `end` on that was busy when its last buffer gave it up, and is so still or not; or null. */
  private cutOff(vp: Vnode, end: number, isBusy: boolean): Page | null {
    const { pages } = this.kernel;
    let page = vp.vVmdata?.firstPage ?? null;
    for (; page !== null; page = page.listNext) {
      if (page.cutOff && page.bmapped === 0 && page.offset >= end && pages.isBusy(page) === isBusy)
        return page;
    }
    return null;
  }

  /** A page was thrown away unsaved: until the size has changed as well, whoever reads its place finds what the disk has. */
  private tellLost(vp: Vnode, offset: number): void {
    const { observer, pages } = this.kernel;
    const length = Math.min(pages.pageSize, vp.size - offset);
    if (observer !== null && length > 0) observer.lost(vp.file, offset, length, true);
  }

  /** A busy page from `end` on that a buffer of the file maps, or that was busy when its last one gave it up. */
  private busyPast(vp: Vnode, end: number): Page | null {
    for (const buffer of this.list) {
      if (buffer.vnode !== vp) continue;
      for (const page of buffer.pages) if (page.offset >= end && this.kernel.pages.isBusy(page)) return page;
    }
    return this.cutOff(vp, end, true);
  }

  /** Gives up buffers of blocks from `block` on, without writing. */
  discardFrom(vp: Vnode, block: number): void {
    for (let i = this.list.length - 1; i >= 0; i--) {
      const buffer = this.list[i]!;
      if (buffer.vnode === vp && buffer.block >= block) this.drop(buffer);
    }
    for (let i = this.privateBlocks.length - 1; i >= 0; i--) {
      const entry = this.privateBlocks[i]!;
      if (entry.vnode === vp && entry.block >= block) this.privateBlocks.splice(i, 1);
    }
  }

  /** Writes and gives up all buffers of a file (before its object goes). */
  releaseFile(vp: Vnode): void {
    this.flushFile(vp);
    this.discardFrom(vp, 0);
  }
}
