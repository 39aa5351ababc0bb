/**
 * What puts come to: which chunks of a page are on the disk when a put has ended, which may be, and which nobody knows. The
 * disk is looked at only for what may lawfully be there or not.
 */
import type { PagerCall } from '../src/trace/observer.ts';
import { VM_PAGER_AGAIN, VM_PAGER_BAD, VM_PAGER_OK } from '../src/trace/codes.ts';
import type { AbstractFiles } from './abstract-file.ts';
import { HOLE } from './blocks.ts';
import { copyBytes } from './bytes.ts';
import { NONE, type PageStore } from './page-store.ts';

/** The half of the abstract files that follows puts. */
export class Puts {
  private readonly files: AbstractFiles;
  private readonly store: PageStore;

  constructor(files: AbstractFiles) {
    this.files = files;
    this.store = files.store;
  }

  /** A put begins: its pages' valid and dirty chunks are to come to the disk. */
  begins(call: PagerCall): void {
    const { store, files } = this;
    for (let i = 0; i < call.count; i++) {
      const frame = call.frames[i]!;
      if (frame < 0 || store.frameFile[frame]! < 0) continue;
      files.recordIn(frame);
      files.lookAt(frame);
      // what has no block is written through the buffer cache
      const position = store.framePage[frame]! * store.pageSize;
      const length = Math.min(store.pageSize, files.high[call.file]! - position);
      if (length > 0 && !files.blocks.everyBlock(call.file, position, length)) files.cached[call.file] = 1;
      store.framePut[frame] = files.view.pageValid(frame) & files.view.pageDirty(frame);
    }
  }

  /**
   * Chunks that the page has otherwise than the disk, and that are not dirty, may have gone to the disk with the others: nothing
   * forbids a pager to write a whole page. If they are there now, that is what a read-back gives.
   */
  private divergentPut(frame: number, mask: number): void {
    const { store, files } = this;
    const record = files.recordIn(frame);
    const file = store.recordFile[record]!;
    const base = store.recordPage[record]! * store.pageSize;
    const end = Math.min(store.pageSize, files.strict[file]! - base);
    const at = store.frameOverlay[frame]! * store.pageSize;
    const { sectorSize } = store;
    if (store.frameOverlay[frame] === NONE) return;
    for (let from = 0, bit = 1; from < end; from += sectorSize, bit <<= 1) {
      const address = (mask & bit) === 0 ? HOLE : files.blocks.address(file, base + from);
      if (address === HOLE) continue;
      const length = Math.min(sectorSize, end - from);
      files.settleDoubts(frame, from, length);
      if (this.saveSeen(record, from, length, address, at + from)) store.frameDivergent[frame]! &= ~bit;
    }
  }

  /** Chunks of a page, saved or not owed to the disk, that the disk may lawfully have otherwise. */
  private apartFromDisk(frame: number): number {
    const { store, files } = this;
    // what a buffer lost may have been found missing on the disk since, and the page has it still
    const lost =
      store.frameOverlay[frame] !== NONE && store.recordLostTick[files.recordIn(frame)] !== NONE
        ? store.frameKnown[frame]! & ~store.framePending[frame]!
        : 0;
    return store.frameDivergent[frame]! | lost;
  }

  /** Saves those bytes of a page, in the arena at `source`, that are on the disk at `address` now; true if all of them are. */
  private saveSeen(record: number, from: number, length: number, address: number, source: number): boolean {
    const { store, files } = this;
    const { bytes } = store.arena;
    const into = store.recordSlot[record]! * store.pageSize + from;
    let done = 0;
    let isAll = true;
    while (done < length) {
      const differing = files.view.diskDiffers(address + done, length - done, bytes, source + done);
      const same = differing < 0 ? length - done : differing;
      if (same > 0) {
        copyBytes(bytes, source + done, into + done, same);
        store.trustRecord(record, from + done, from + done + same);
        store.recordTick[record] = files.tick;
      }
      done += same + 1;
      if (differing >= 0) isAll = false;
    }
    return isAll;
  }

  /** A put of the page has ended with a status; `callTick` is when it began, `minEof` the least EOF since. */
  ends(frame: number, status: number, callTick: number, minEof: number): void {
    const { store, files } = this;
    if (store.frameFile[frame]! < 0) return;
    const chunks = store.framePut[frame]!;
    store.framePut[frame] = 0;
    // nothing was started for it: what an earlier put came to still holds
    if (status === VM_PAGER_AGAIN) return;
    store.frameStatus[frame] = status;
    const apart = this.apartFromDisk(frame) & ~chunks;
    if (apart !== 0) this.divergentPut(frame, apart);
    if (chunks === 0) return;
    const record = files.recordIn(frame);
    const file = store.recordFile[record]!;
    const base = store.recordPage[record]! * store.pageSize;
    const end = Math.min(store.pageSize, files.strict[file]! - base, minEof - base);
    // between the least and the greatest EOF nobody knows whether it was written
    const reach = Math.min(store.pageSize, files.high[file]! - base, files.inode[file]! - base);
    if (status !== VM_PAGER_OK || files.disconnected[file] !== 0) {
      files.doubtChunks(record, chunks, 0, reach);
      if (status === VM_PAGER_BAD && minEof <= base) {
        // past the EOF that the pager knew: nobody owes this to the disk, also if the file is longer by now
        store.framePending[frame]! &= ~chunks;
        store.frameDivergent[frame]! |= chunks;
      }
      return;
    }
    // what was stored since the call began may have missed it; a file write through shared buffers is in a dirty buffer
    const shares = files.sharesBuffers(file);
    const changed = store.frameStoreTick[frame]! >= callTick && !shares;
    const dirty = files.view.pageModified(frame) ? store.allBits : files.view.pageDirty(frame);
    const raced = changed ? chunks & dirty : 0;
    // a file write under the page may have reached the disk before it or after it
    let under =
      store.recordWriteTick[record]! >= callTick && !shares ? chunks & store.frameDivergent[frame]! : 0;
    // the file system accepted it, and then lost its buffer
    if (store.recordLostTick[record]! >= callTick) under = chunks;
    const saved = chunks & ~raced & ~under;
    files.saveChunks(frame, record, saved, end);
    // a write may carry the whole page, and zeros from the EOF that it knew to the end of its last sector
    files.doubtChunks(record, store.frameKnown[frame]! | saved, Math.max(0, end), reach);
    files.doubtChunks(record, raced | under, 0, reach);
    store.framePending[frame]! &= ~(saved | under);
    store.frameDivergent[frame]! &= ~saved;
    // what was past the EOF in between is owed to nobody, whatever it shows; growth clears the page with EOF, but not that of
    // a dying object
    if (minEof <= base || (minEof < files.high[file]! && files.isDying(files.view.pageObject(frame)))) {
      const past = Math.ceil(Math.max(0, minEof - base) / store.sectorSize) * store.sectorSize;
      if (past < store.pageSize)
        store.frameDivergent[frame]! |= chunks & store.chunksOf(past, store.pageSize - past);
    }
  }
}
