/**
 * The buffer cache, VOP_READ and VOP_WRITE (kernel-notes 8, 9.2). Files whose buffers share the object's pages (`VVMIO`) are read
 * and written in those pages, and delayed writes reach the disk when a buffer is flushed; all other files are read from and
 * written through to the disk at once. Device time is spent only where the schedule says that a call sleeps.
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

/** A transfer request of a file system call (`struct uio` with one iovec). */
export class Uio {
  /** Kernel address of the bytes; not used when `stamp` or `scratch` says otherwise. */
  iovBase = 0;
  uioOffset = 0;
  uioResid = 0;
  /** Writes by a process: the bytes are this stamp's; -1 for bytes at `iovBase`. */
  stamp = -1;
  /** Reads by a process go to the scratch area; how many bytes are there already. */
  scratch = -1;
}

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

  /**
   * Where a request from `offset` on that would end at `end` has to stop, so that it is wholly in the object or wholly
   * behind it.
   */
  requestEnd(offset: number, end: number): number {
    return offset < this.objectEnd ? Math.min(end, this.objectEnd) : end;
  }

  private remember(vp: Vnode, block: number): void {
    if (this.privateBlocks.some((entry) => entry.vnode === vp && entry.block === block)) return;
    if (this.privateBlocks.length >= BUFFERS_MAX) this.privateBlocks.shift();
    this.privateBlocks.push({ vnode: vp, block });
  }

  /** `VOP_READ`: an errno; advances the request. Null when blocked. */
  read(vp: Vnode, uio: Uio): number | null {
    const { kernel } = this;
    const choice = kernel.exceptions.at(kernel.threads.current, 'read', vp.file);
    // decided before it sleeps: whoever called knows whether to lend its pages
    const shared = this.shares(vp, uio.uioOffset + uio.uioResid);
    if (choice === null) {
      if (!shared) return this.readThrough(vp, uio, 0);
      return kernel.threads.defer(this.readShared(vp, uio, 0));
    }
    if (choice.take === 'error') return EIO;
    return kernel.threads.defer(
      this.readOddly(vp, uio, shared, choice.take === 'short' ? Math.max(1, choice.amount) : 0),
    );
  }

  private *readOddly(vp: Vnode, uio: Uio, shared: boolean, short: number): Sleeps<number> {
    if (short === 0) yield* this.kernel.threads.waitAWhile();
    if (!shared) return this.readThrough(vp, uio, short);
    return yield* this.readShared(vp, uio, short);
  }

  /** Bytes that can be read: below EOF, less what is cut off. */
  private readable(vp: Vnode, uio: Uio, short: number): number {
    return Math.max(0, Math.min(uio.uioResid, vp.size - uio.uioOffset) - short);
  }

  private readThrough(vp: Vnode, uio: Uio, short: number): number {
    if (vp.vMount === null) return EIO;
    const { fileSystems, disk } = this.kernel;
    let left = this.readable(vp, uio, short);
    while (left > 0) {
      const room = Math.min(left, fileSystems.roomInBlock(vp, uio.uioOffset));
      const address = fileSystems.addressOf(vp, uio.uioOffset, false);
      const piece = address === HOLE ? room : Math.min(room, disk.room(address));
      if (address !== HOLE && disk.faulty(address, piece, false)) return EIO;
      this.remember(vp, Math.floor(uio.uioOffset / fileSystems.of(vp).blockSize));
      this.deliver(uio, address === HOLE ? -1 : disk.locate(address), piece);
      left -= piece;
    }
    return 0;
  }

  /** Moves bytes of memory (zeros if `from` is -1) to where the request wants them. */
  private deliver(uio: Uio, from: number, length: number): void {
    const { memory, space, pages } = this.kernel;
    let done = 0;
    while (done < length) {
      let to: number;
      let piece = length - done;
      if (uio.scratch >= 0) {
        to = memory.scratchBase + uio.scratch;
        uio.scratch += piece;
      } else {
        piece = Math.min(piece, pages.pageSize - (uio.iovBase & (pages.pageSize - 1)));
        to = space.translate(uio.iovBase);
        uio.iovBase += piece;
      }
      if (from < 0) memory.zero(to, piece);
      else memory.copy(from + done, to, piece);
      done += piece;
    }
    uio.uioOffset += length;
    uio.uioResid -= length;
  }

  /** Moves bytes of the request to memory at `to`. */
  private fetch(uio: Uio, to: number, length: number): void {
    const { memory, space, pages } = this.kernel;
    if (uio.stamp >= 0) {
      memory.stamp(uio.stamp, uio.uioOffset, to, length);
    } else {
      let done = 0;
      while (done < length) {
        const piece = Math.min(length - done, pages.pageSize - (uio.iovBase & (pages.pageSize - 1)));
        memory.copy(space.translate(uio.iovBase), to + done, piece);
        uio.iovBase += piece;
        done += piece;
      }
    }
    uio.uioOffset += length;
    uio.uioResid -= length;
  }

  private *readShared(vp: Vnode, uio: Uio, short: number): Sleeps<number> {
    const { fileSystems, pages } = this.kernel;
    let left = this.readable(vp, uio, short);
    while (left > 0) {
      if (vp.vMount === null || !this.shares(vp, uio.uioOffset + uio.uioResid)) return EIO;
      const block = Math.floor(uio.uioOffset / fileSystems.of(vp).blockSize);
      const error = this.getBlock(vp, block) ?? (yield* this.kernel.threads.blocked<number>());
      if (error !== 0) return error;
      left = Math.min(left, this.readable(vp, uio, short));
      if (left <= 0) break;
      const page = pages.lookup(vp.vVmdata!, uio.uioOffset - (uio.uioOffset % pages.pageSize));
      if (page === null) return EIO;
      const inPage = uio.uioOffset % pages.pageSize;
      const piece = Math.min(left, fileSystems.roomInBlock(vp, uio.uioOffset), pages.pageSize - inPage);
      this.deliver(uio, pages.addressOf(page) + inPage, piece);
      left -= piece;
    }
    return 0;
  }

  /** `VOP_WRITE` within the file's size: an errno; advances the request. Growing the file is the caller's. Null when blocked. */
  write(vp: Vnode, uio: Uio): number | null {
    const { kernel } = this;
    const choice = kernel.exceptions.at(kernel.threads.current, 'write', vp.file);
    // decided before it sleeps: whoever called knows whether to lend its pages
    const shared = this.shares(vp, uio.uioOffset + uio.uioResid);
    if (choice === null) {
      if (!shared) return this.writeThrough(vp, uio, 0);
      return kernel.threads.defer(this.writeShared(vp, uio, 0));
    }
    if (choice.take === 'error') return EIO;
    return kernel.threads.defer(
      this.writeOddly(vp, uio, shared, choice.take === 'short' ? Math.max(1, choice.amount) : 0),
    );
  }

  private *writeOddly(vp: Vnode, uio: Uio, shared: boolean, short: number): Sleeps<number> {
    if (short === 0) yield* this.kernel.threads.waitAWhile();
    if (!shared) return this.writeThrough(vp, uio, short);
    return yield* this.writeShared(vp, uio, short);
  }

  private writeThrough(vp: Vnode, uio: Uio, short: number): number {
    if (vp.vMount === null || uio.uioOffset + uio.uioResid > vp.size) return EIO;
    const { fileSystems, disk } = this.kernel;
    let left = Math.max(0, uio.uioResid - short);
    while (left > 0) {
      const room = Math.min(left, fileSystems.roomInBlock(vp, uio.uioOffset));
      const address = fileSystems.addressOf(vp, uio.uioOffset, true);
      if (address === HOLE) return ENOSPC;
      const piece = Math.min(room, disk.room(address));
      if (disk.faulty(address, piece, true)) return EIO;
      this.remember(vp, Math.floor(uio.uioOffset / fileSystems.of(vp).blockSize));
      const { uioOffset } = uio;
      this.fetch(uio, disk.locate(address), piece);
      this.tell(vp, uio, uioOffset, piece);
      left -= piece;
    }
    return 0;
  }

  private tell(vp: Vnode, uio: Uio, offset: number, length: number): void {
    const { observer, threads } = this.kernel;
    if (uio.stamp < 0 || observer === null) return;
    observer.written(threads.current === null ? -1 : threads.current.id, vp.file, offset, length, uio.stamp);
  }

  private *writeShared(vp: Vnode, uio: Uio, short: number): Sleeps<number> {
    const { fileSystems, pages } = this.kernel;
    if (vp.vMount === null || uio.uioOffset + uio.uioResid > vp.size) return EIO;
    let left = Math.max(0, uio.uioResid - short);
    while (left > 0) {
      if (vp.vMount === null || !this.shares(vp, uio.uioOffset + uio.uioResid)) return EIO;
      const { blockSize } = fileSystems.of(vp);
      const block = Math.floor(uio.uioOffset / blockSize);
      const error = this.getBlock(vp, block) ?? (yield* this.kernel.threads.blocked<number>());
      if (error !== 0) return error;
      if (uio.uioOffset + left > vp.size) return EIO;
      if (fileSystems.addressOf(vp, uio.uioOffset, true) === HOLE) return ENOSPC;
      const page = pages.lookup(vp.vVmdata!, uio.uioOffset - (uio.uioOffset % pages.pageSize));
      if (page === null) return EIO;
      const inPage = uio.uioOffset % pages.pageSize;
      const piece = Math.min(left, fileSystems.roomInBlock(vp, uio.uioOffset), pages.pageSize - inPage);
      const { uioOffset } = uio;
      this.fetch(uio, pages.addressOf(page) + inPage, piece);
      const bits = pages.bits(inPage - (inPage % pages.sectorSize), piece + (inPage % pages.sectorSize));
      page.dirty |= bits;
      const buffer = this.find(vp, block);
      if (buffer !== undefined) buffer.dirty[buffer.pages.indexOf(page)]! |= bits;
      this.tell(vp, uio, uioOffset, piece);
      left -= piece;
    }
    return 0;
  }

  /** `getblk` and `bread`: attaches the block's pages to a buffer and fills what is not valid. An errno; null when blocked. */
  private getBlock(vp: Vnode, block: number): number | null {
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
    if (error !== 0) this.abandon(found);
    else if (found.length > 0) this.attach(vp, block, found);
    return error;
  }

  /**
   * The pages of a buffer that comes to nothing. Those that a truncation has cut off meanwhile are not the pager's to remove any
   * more: they leave memory, as those of invalidated buffers do.
   */
  private abandon(found: Page[]): void {
    const { pages } = this.kernel;
    for (const page of found) {
      const { object } = page;
      page.bmapped--;
      if (page.bmapped === 0 && object !== null && page.offset >= object.size && !pages.isBusy(page))
        pages.discard(page);
    }
    found.length = 0;
  }

  private letGo(found: Page[]): void {
    for (const page of found) page.bmapped--;
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
    let filled = 0;
    for (let at = from; at < to; at += pages.sectorSize) {
      const bit = pages.bits(at - pageStart, pages.sectorSize);
      if ((page.valid & bit) !== 0) continue;
      const memoryAt = pages.addressOf(page) + (at - pageStart);
      const below = Math.max(0, Math.min(pages.sectorSize, vp.size - at));
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
    for (const page of buffer.pages) page.bmapped--;
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
  }

  /** A page was thrown away unsaved: until the size has changed as well, whoever reads its place finds what the disk has. */
  private tellLost(vp: Vnode, offset: number): void {
    const { observer, pages } = this.kernel;
    const length = Math.min(pages.pageSize, vp.size - offset);
    if (observer !== null && length > 0) observer.lost(vp.file, offset, length, true);
  }

  /** A busy page from `end` on that a buffer of the file maps. */
  private busyPast(vp: Vnode, end: number): Page | null {
    for (const buffer of this.list) {
      if (buffer.vnode !== vp) continue;
      for (const page of buffer.pages) if (page.offset >= end && this.kernel.pages.isBusy(page)) return page;
    }
    return null;
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
