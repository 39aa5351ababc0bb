/**
 * VOP_READ and VOP_WRITE (kernel-notes 9.2). Files whose buffers share the object's pages (`VVMIO`) are read and written in those
 * pages; all others are read from and written through to the disk at once. Device time is spent only where the schedule says that
 * a call sleeps. Files grow and shrink elsewhere (`callers/resizing.ts`).
 */
import { EIO, ENOSPC, OBJ_DEAD } from '../trace/codes.ts';
import { HOLE } from './block-map.ts';
import type { Kernel } from './kernel.ts';
import type { Sleeps, Vnode } from './structures.ts';

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

/** Which of the two. */
type Way = 'read' | 'write';

/** Reads and writes of files. */
export class FileAccess {
  private readonly kernel: Kernel;

  constructor(kernel: Kernel) {
    this.kernel = kernel;
  }

  /**
   * Where a request from `offset` on that would end at `end` has to stop, so that it is wholly in the object or wholly
   * behind it.
   */
  requestEnd(offset: number, end: number): number {
    const { objectEnd } = this.kernel.buffers;
    return offset < objectEnd ? Math.min(end, objectEnd) : end;
  }

  /** `VOP_READ`: an errno; advances the request. Null when blocked. */
  read(vp: Vnode, uio: Uio): number | null {
    return this.access(vp, uio, 'read');
  }

  /** `VOP_WRITE` within the file's size: an errno; advances the request. Growing the file is the caller's. Null when blocked. */
  write(vp: Vnode, uio: Uio): number | null {
    return this.access(vp, uio, 'write');
  }

  private access(vp: Vnode, uio: Uio, way: Way): number | null {
    const { exceptions, threads, buffers } = this.kernel;
    const choice = exceptions.at(threads.current, way, vp.file);
    // decided before it sleeps: whoever called knows whether to lend its pages
    const shared = buffers.shares(vp, uio.uioOffset + uio.uioResid);
    if (choice === null) {
      if (!shared) return this.through(vp, uio, way, 0);
      return threads.defer(this.shared(vp, uio, way, 0));
    }
    if (choice.take === 'error') return EIO;
    if (choice.take === 'uncache') return threads.defer(this.uncaching(vp, uio, shared));
    const short = choice.take === 'short' ? Math.max(1, choice.amount) : 0;
    return threads.defer(this.oddly(vp, uio, way, shared, short));
  }

  private *oddly(vp: Vnode, uio: Uio, way: Way, shared: boolean, short: number): Sleeps<number> {
    if (short === 0) yield* this.kernel.threads.waitAWhile();
    return yield* this.plainly(vp, uio, way, shared, short);
  }

  private *plainly(vp: Vnode, uio: Uio, way: Way, shared: boolean, short: number): Sleeps<number> {
    return shared ? yield* this.shared(vp, uio, way, short) : this.through(vp, uio, way, short);
  }

  /**
   * Writes as the file systems of 1994 did: the pager is told that the file changes, also if it is the pager that writes. An
   * object that nobody refers to would be terminated then, and wait for the claims of the put that brought it here: it is left
   * alone.
   */
  private *uncaching(vp: Vnode, uio: Uio, shared: boolean): Sleeps<number> {
    const { pagerCalls, threads } = this.kernel;
    const object = vp.vVmdata;
    if (object !== null && (object.refCount > 0 || (object.flags & OBJ_DEAD) !== 0)) {
      if (pagerCalls.uncache(vp) === null) yield* threads.blocked();
    }
    return yield* this.plainly(vp, uio, 'write', shared, 0);
  }

  private through(vp: Vnode, uio: Uio, way: Way, short: number): number {
    return way === 'read' ? this.readThrough(vp, uio, short) : this.writeThrough(vp, uio, short);
  }

  private shared(vp: Vnode, uio: Uio, way: Way, short: number): Sleeps<number> {
    return way === 'read' ? this.readShared(vp, uio, short) : this.writeShared(vp, uio, short);
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
      this.kernel.buffers.remember(vp, Math.floor(uio.uioOffset / fileSystems.of(vp).blockSize));
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
    const { fileSystems, pages, buffers } = this.kernel;
    let left = this.readable(vp, uio, short);
    while (left > 0) {
      if (vp.vMount === null || !buffers.shares(vp, uio.uioOffset + uio.uioResid)) return EIO;
      const block = Math.floor(uio.uioOffset / fileSystems.of(vp).blockSize);
      const error = buffers.getBlock(vp, block) ?? (yield* this.kernel.threads.blocked<number>());
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
      this.kernel.buffers.remember(vp, Math.floor(uio.uioOffset / fileSystems.of(vp).blockSize));
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
    const { fileSystems, pages, buffers } = this.kernel;
    if (vp.vMount === null || uio.uioOffset + uio.uioResid > vp.size) return EIO;
    let left = Math.max(0, uio.uioResid - short);
    while (left > 0) {
      if (vp.vMount === null || !buffers.shares(vp, uio.uioOffset + uio.uioResid)) return EIO;
      const { blockSize } = fileSystems.of(vp);
      const block = Math.floor(uio.uioOffset / blockSize);
      const error = buffers.getBlock(vp, block) ?? (yield* this.kernel.threads.blocked<number>());
      if (error !== 0) return error;
      if (uio.uioOffset + left > vp.size) return EIO;
      if (!fileSystems.delays(vp, uio.uioOffset) && fileSystems.addressOf(vp, uio.uioOffset, true) === HOLE)
        return ENOSPC;
      const page = pages.lookup(vp.vVmdata!, uio.uioOffset - (uio.uioOffset % pages.pageSize));
      if (page === null) return EIO;
      const inPage = uio.uioOffset % pages.pageSize;
      const piece = Math.min(left, fileSystems.roomInBlock(vp, uio.uioOffset), pages.pageSize - inPage);
      const { uioOffset } = uio;
      this.fetch(uio, pages.addressOf(page) + inPage, piece);
      const bits = pages.bits(inPage - (inPage % pages.sectorSize), piece + (inPage % pages.sectorSize));
      buffers.dirtied(vp, block, page, bits);
      this.tell(vp, uio, uioOffset, piece);
      left -= piece;
    }
    return 0;
  }
}
