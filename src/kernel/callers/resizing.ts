/**
 * Changes of a file's size: truncation, extension, writes past EOF, removal; in both orders between telling the pager and
 * changing the blocks (kernel-notes 11.5). Callers hold the vnode lock.
 */
import { EIO, ENOSPC, PG_BUSY, PG_WANTED } from '../../trace/codes.ts';
import { HOLE } from '../block-map.ts';
import { Uio } from '../file-access.ts';
import type { Kernel } from '../kernel.ts';
import { NOT_ANNOUNCED, type Page, type Sleeps, type Vnode, type VmObject } from '../structures.ts';

/** Size changes. */
export class Resizing {
  private readonly kernel: Kernel;
  private readonly requests: Uio[] = [];

  constructor(kernel: Kernel) {
    this.kernel = kernel;
  }

  /** Makes the file shorter. */
  *shrink(vp: Vnode, size: number): Sleeps<void> {
    const { fileSystems, pagerCalls, buffers, threads } = this.kernel;
    // pages that buffers map are not the pager's to remove
    if (buffers.invalidate(vp, size) === null) yield* threads.blocked();
    if (fileSystems.of(vp).truncateOrder === 'setsize-first') {
      const told = vp.vVmdata;
      if (this.announce(vp, size) === null) yield* threads.blocked();
      // a put that was under way may have made buffers of the range meanwhile
      if (buffers.invalidate(vp, size) === null) yield* threads.blocked();
      fileSystems.shrink(vp, size);
      if (!this.endAnnouncement(vp, told, size) && pagerCalls.setsize(vp, size) === null)
        yield* threads.blocked();
    } else {
      yield* this.cut(vp, size);
    }
  }

  /** Tells the pager of a size before the file has it. 0, or null when blocked. */
  private announce(vp: Vnode, size: number): 0 | null {
    if (vp.vVmdata !== null) vp.vVmdata.announcedSize = size;
    return this.kernel.pagerCalls.setsize(vp, size);
  }

  /**
   * The change that `told` was told of is over. Whether nobody is left to be told: an object made meanwhile has the size that the
   * inode had. One that a pager has lost from its vnode forgets it too.
   */
  private endAnnouncement(vp: Vnode, told: VmObject | null, size: number): boolean {
    const object = vp.vVmdata;
    const isTold = object === null || object.announcedSize === size;
    if (object !== null) object.announcedSize = NOT_ANNOUNCED;
    if (told !== null && told.pager?.pgHandle === vp) told.announcedSize = NOT_ANNOUNCED;
    return isTold;
  }

  /** The blocks go first; freed ones stay the file's own until setsize has returned. */
  private *cut(vp: Vnode, size: number): Sleeps<void> {
    const { fileSystems, pagerCalls, threads } = this.kernel;
    fileSystems.withhold(vp);
    fileSystems.shrink(vp, size);
    if (pagerCalls.setsize(vp, size) === null) yield* threads.blocked();
    fileSystems.releaseWithheld(vp);
  }

  /**
   * An answer of the server has another size of the file than is known here; that is the size from now on. Only network file
   * systems have a server, and while a change of this file is under way here the answer says nothing new.
   */
  *follow(vp: Vnode, size: number): Sleeps<void> {
    const { fileSystems, pagerCalls, buffers, threads } = this.kernel;
    if (fileSystems.of(vp).blockMap !== 'network' || vp.vMount === null || vp.resizer !== -1) return;
    vp.resizer = threads.current!.id;
    if (size < vp.size) {
      if (buffers.invalidate(vp, size) === null) yield* threads.blocked();
      yield* this.cut(vp, size);
    } else if (size > vp.size) {
      if (this.waitForTail(vp, size) === null) yield* threads.blocked();
      if (fileSystems.grow(vp, size, false) && pagerCalls.setsize(vp, size) === null)
        yield* threads.blocked();
    }
    this.unlock(vp);
  }

  /** Makes the file longer; an errno, nothing having changed on failure. */
  *grow(vp: Vnode, size: number): Sleeps<number> {
    const { fileSystems, pagerCalls, threads } = this.kernel;
    if (this.waitForTail(vp, size) === null) yield* threads.blocked();
    if (vp.vMount === null) return EIO;
    if (fileSystems.of(vp).truncateOrder === 'setsize-first' && this.mayAnnounce(vp)) {
      const before = vp.size;
      const told = vp.vVmdata;
      if (this.announce(vp, size) === null) yield* threads.blocked();
      if (this.waitForTail(vp, size) === null) yield* threads.blocked();
      const grew = fileSystems.grow(vp, size, false);
      const isTold = this.endAnnouncement(vp, told, size);
      if (!grew) {
        if (pagerCalls.setsize(vp, before) === null) yield* threads.blocked();
        return ENOSPC;
      }
      if (!isTold && pagerCalls.setsize(vp, size) === null) yield* threads.blocked();
    } else {
      if (!fileSystems.grow(vp, size, false)) return ENOSPC;
      if (pagerCalls.setsize(vp, size) === null) yield* threads.blocked();
    }
    return 0;
  }

  /**
   * Makes the file as long as it is. FFS, which tells the pager first, returns at once then; msdosfs, and NFS when it sets
   * attributes, tell the pager all the same.
   */
  *keep(vp: Vnode): Sleeps<void> {
    const { fileSystems, pagerCalls, threads } = this.kernel;
    const { truncateOrder, blockMap } = fileSystems.of(vp);
    if (truncateOrder === 'setsize-first' && blockMap !== 'network') return;
    if (pagerCalls.setsize(vp, vp.size) === null) yield* threads.blocked();
  }

  /**
   * Whether the pager can be told of a growth before the blocks are there: not where the block map answers for bytes that are not
   * the file's, past the end or behind the fragments of the last block.
   */
  private mayAnnounce(vp: Vnode): boolean {
    const { pastEnd, fragmentSize } = this.kernel.fileSystems.of(vp);
    return pastEnd !== 'address' && fragmentSize === 0;
  }

  /** The tail of the file is about to move: transfers of its pages end first. 0, or null when blocked. */
  private waitForTail(vp: Vnode, size: number): 0 | null {
    const block = this.kernel.fileSystems.movingBlock(vp, size);
    if (block < 0 || this.busyIn(vp, block) === null) return 0;
    return this.kernel.threads.defer(this.waitForBlock(vp, block));
  }

  private *waitForBlock(vp: Vnode, block: number): Sleeps<0> {
    const { threads } = this.kernel;
    for (let page = this.busyIn(vp, block); page !== null; page = this.busyIn(vp, block)) {
      page.flags |= PG_WANTED;
      if (threads.tsleep(page) === null) yield* threads.blocked();
    }
    return 0;
  }

  /** The first busy page of a block of the file, or null. */
  private busyIn(vp: Vnode, block: number): Page | null {
    const { fileSystems, pages } = this.kernel;
    const object = vp.vVmdata;
    if (object === null) return null;
    const { blockSize } = fileSystems.of(vp);
    const first = block * blockSize - ((block * blockSize) % pages.pageSize);
    for (let offset = first; offset < (block + 1) * blockSize; offset += pages.pageSize) {
      const page = pages.lookup(object, offset);
      if (page !== null && (page.flags & PG_BUSY) !== 0) return page;
    }
    return null;
  }

  /** write(2) of `length` bytes of a stamp at `offset`, growing the file piece by piece. An errno. */
  *write(vp: Vnode, offset: number, length: number, stamp: number): Sleeps<number> {
    const { kernel } = this;
    const { fileSystems, pagerCalls, fileAccess, threads } = kernel;
    const { truncateOrder } = fileSystems.of(vp);
    const sizeBefore = truncateOrder === 'setsize-last' && this.mayAnnounce(vp);
    let at = offset;
    const end = offset + length;
    while (at < end) {
      if (vp.vMount === null) return EIO;
      const pieceEnd = fileAccess.requestEnd(at, Math.min(end, at + fileSystems.roomInBlock(vp, at)));
      if (pieceEnd > vp.size) {
        if (this.waitForTail(vp, pieceEnd) === null) yield* threads.blocked();
        const before = vp.size;
        const told = vp.vVmdata;
        if (sizeBefore) {
          if (this.announce(vp, pieceEnd) === null) yield* threads.blocked();
          if (this.waitForTail(vp, pieceEnd) === null) yield* threads.blocked();
        }
        const grew = fileSystems.grow(vp, pieceEnd, !fileSystems.delays(vp, pieceEnd));
        const isTold = sizeBefore && this.endAnnouncement(vp, told, pieceEnd);
        if (!grew) {
          if (sizeBefore && pagerCalls.setsize(vp, before) === null) yield* threads.blocked();
          return ENOSPC;
        }
        if (!isTold && pagerCalls.setsize(vp, pieceEnd) === null) yield* threads.blocked();
        if (truncateOrder === 'setsize-first' && pagerCalls.uncache(vp) === null) yield* threads.blocked();
      } else if (!fileSystems.delays(vp, pieceEnd) && fileSystems.addressOf(vp, at, true) === HOLE) {
        return ENOSPC;
      }
      if (vp.vMount === null) return EIO;
      const uio = (this.requests[threads.current!.id] ??= new Uio());
      uio.uioOffset = at;
      uio.uioResid = pieceEnd - at;
      uio.stamp = stamp;
      uio.scratch = -1;
      const error = fileAccess.write(vp, uio) ?? (yield* threads.blocked<number>());
      if (error !== 0) return error;
      // a short write ends the call, as a partial write(2) does
      if (uio.uioResid > 0) return 0;
      at = pieceEnd;
    }
    return 0;
  }

  /** `VOP_INACTIVE` of an unlinked file: truncated to 0, gone. */
  *inactive(vp: Vnode): Sleeps<0> {
    const { kernel } = this;
    vp.removed = true;
    if (kernel.observer !== null) kernel.observer.removed(vp.file);
    const locked = this.lock(vp) ?? (yield* kernel.threads.blocked<boolean>());
    if (vp.size > 0 && vp.vMount !== null) yield* this.shrink(vp, 0);
    if (locked) this.unlock(vp);
    return 0;
  }

  /**
   * Locks the vnode unless the running process has it already; true if it did. Network file systems have no vnode lock, but they
   * too do one change of a file at a time. Null when blocked.
   */
  lock(vp: Vnode): boolean | null {
    const { vnodes, threads, fileSystems } = this.kernel;
    if (fileSystems.of(vp).blockMap === 'network') {
      const { id } = threads.current!;
      if (vp.resizer === id) return false;
      if (vp.resizer !== -1) return threads.defer(this.waitForResizer(vp, id));
      vp.resizer = id;
      return true;
    }
    if (vnodes.heldBy(vp, threads.current)) return false;
    if (vnodes.lock(vp) === null) return threads.defer(this.locked());
    return true;
  }

  private *waitForResizer(vp: Vnode, thread: number): Sleeps<true> {
    const { threads } = this.kernel;
    while (vp.resizer !== -1) if (threads.tsleep(vp) === null) yield* threads.blocked();
    vp.resizer = thread;
    return true;
  }

  private *locked(): Sleeps<true> {
    yield* this.kernel.threads.blocked();
    return true;
  }

  /** Undoes a `lock` that returned true. */
  unlock(vp: Vnode): void {
    const { vnodes, threads, fileSystems } = this.kernel;
    if (fileSystems.of(vp).blockMap !== 'network') {
      vnodes.unlock(vp);
      return;
    }
    vp.resizer = -1;
    threads.wakeup(vp);
  }
}
