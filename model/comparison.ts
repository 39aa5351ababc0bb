/**
 * Compares what a target holds with what the abstract files say: pages in memory below and past EOF, and the disk through the
 * model's own block map. The comparison comes first and is fast; only a byte that differs is looked at closely for a reason
 * why it may: a doubt, a window of a truncation, a write on its way. Bytes in doubt that are seen are believed from then on.
 */
import { agreeing } from '../src/trace/bytes.ts';
import type { View } from '../src/trace/view.ts';
import type { AbstractFiles } from './abstract-file.ts';
import { HOLE } from './blocks.ts';
import { copyBytes, zeros } from './bytes.ts';
import { NONE, type PageStore } from './page-store.ts';

/** Nothing is wrong. */
export const RIGHT = -1;

/** The comparing half of the abstract files. */
export class Comparison {
  view!: View;
  private readonly files: AbstractFiles;
  private readonly store: PageStore;
  private scratch = Buffer.alloc(1);

  constructor(files: AbstractFiles) {
    this.files = files;
    this.store = files.store;
  }

  /**
   * Page offset of the first byte below EOF, in the chunks of `mask`, that is not what the page must hold; `RIGHT` if none is.
   * What the model does not know yet about the chunks it learns first (`lookAt`).
   */
  firstWrong(frame: number, mask: number): number {
    const { store, files } = this;
    const file = store.frameFile[frame]!;
    if (file < 0 || mask === 0 || this.unjudged(file)) return RIGHT;
    const record = files.recordIn(frame);
    const base = store.framePage[frame]! * store.pageSize;
    const strict = Math.min(store.pageSize, files.strict[file]! - base);
    const overlay = store.frameOverlay[frame]!;
    // between the size that is certain and the greatest there is a window: look closely
    const inWindow = files.strict[file] !== files.high[file] && base + store.pageSize > files.strict[file]!;
    const doubtful =
      store.frameDoubt[frame] !== NONE || (overlay === NONE && store.recordDoubt[record] !== NONE);
    if (!inWindow && !doubtful) {
      if (strict <= 0) return RIGHT;
      const slot = overlay === NONE ? store.recordSlot[record]! : overlay;
      const wrong = this.firstDifference(frame, slot, mask, strict);
      if (wrong === RIGHT) return RIGHT;
    }
    return this.examine(frame, record, mask);
  }

  private firstDifference(frame: number, slot: number, mask: number, end: number): number {
    const { store, view } = this;
    const { memory } = view;
    const address = view.pageAddress(frame);
    const { bytes } = store.arena;
    const at = slot * store.pageSize;
    if (mask === store.allBits) {
      const same = agreeing(memory, address, bytes, at, end);
      return same === end ? RIGHT : same;
    }
    for (let from = store.runStart(mask, 0), to = 0; from < end; from = store.runStart(mask, to)) {
      to = store.runEnd(mask, from);
      const length = Math.min(to, end) - from;
      const same = agreeing(memory, address + from, bytes, at + from, length);
      if (same !== length) return from + same;
    }
    return RIGHT;
  }

  /** Byte by byte: which differences are allowed. Adopts what was in doubt. */
  private examine(frame: number, record: number, mask: number): number {
    const { store, files, view } = this;
    const file = store.frameFile[frame]!;
    const base = store.framePage[frame]! * store.pageSize;
    const end = Math.min(store.pageSize, Math.max(0, files.high[file]! - base)) | 0;
    const address = view.pageAddress(frame);
    const { memory } = view;
    const strict = Math.min(store.pageSize, Math.max(0, files.strict[file]! - base)) | 0;
    for (let b = 0; b < end; b++) {
      const isFirst = (b & (store.sectorSize - 1)) === 0;
      if (isFirst && ((mask & store.chunkOf(b)) === 0 || this.isPlain(frame, record, b, strict))) {
        b += store.sectorSize - 1;
        continue;
      }
      const seen = memory[address + b]!;
      const overlay = store.frameOverlay[frame]!;
      const must =
        store.arena.bytes[(overlay === NONE ? store.recordSlot[record]! : overlay) * store.pageSize + b]!;
      if (b >= strict) {
        if (!this.windowAllows(frame, record, b, seen, must)) return b;
      } else if (store.doubtsFrame(frame, b)) {
        this.adoptPage(frame, record, b, seen);
      } else if (overlay === NONE && store.doubtsRecord(record, b)) {
        store.arena.bytes[store.recordSlot[record]! * store.pageSize + b] = seen;
        store.trustRecord(record, b, b + 1);
      } else if (seen !== must) {
        return b;
      }
    }
    return RIGHT;
  }

  /** Whether a chunk, from its first byte on, is in no doubt, what it must be, and nothing to be learned from. */
  private isPlain(frame: number, record: number, from: number, strict: number): boolean {
    const { store, files, view } = this;
    const { sectorSize } = store;
    if (store.frameDoubt[frame] !== NONE) return false;
    // between the inode's size and the least EOF what is seen is noted
    const uncertain = store.framePage[frame]! * store.pageSize + Math.max(from, strict);
    if (from + sectorSize > strict && uncertain < files.low[store.frameFile[frame]!]!) return false;
    const overlay = store.frameOverlay[frame]!;
    if (overlay === NONE && store.recordDoubt[record] !== NONE) return false;
    const at = (overlay === NONE ? store.recordSlot[record]! : overlay) * store.pageSize + from;
    const address = view.pageAddress(frame) + from;
    return agreeing(view.memory, address, store.arena.bytes, at, sectorSize) === sectorSize;
  }

  /** A byte of a page in doubt is believed; if it is not what the disk must hold, it is owed to the disk. */
  private adoptPage(frame: number, record: number, b: number, seen: number): void {
    const { store } = this;
    store.arena.bytes[store.frameOverlay[frame]! * store.pageSize + b] = seen;
    const isInherited = store.inheritsDoubt(frame, b);
    store.trustFrame(frame, b, b + 1);
    if (isInherited && store.doubtsRecord(record, b)) {
      store.arena.bytes[store.recordSlot[record]! * store.pageSize + b] = seen;
      store.trustRecord(record, b, b + 1);
      return;
    }
    const chunk = store.chunkOf(b);
    const differs = store.arena.bytes[store.recordSlot[record]! * store.pageSize + b] !== seen;
    if (differs && (store.frameDivergent[frame]! & chunk) === 0) store.framePending[frame]! |= chunk;
  }

  /** In the window of a size change a page may show old bytes or zeros (kernel-notes 11.5). */
  private windowAllows(frame: number, record: number, b: number, seen: number, must: number): boolean {
    const { store, files } = this;
    const file = store.frameFile[frame]!;
    const position = store.framePage[frame]! * store.pageSize + b;
    const below = position < files.inode[file]!;
    const inDoubt =
      store.doubtsFrame(frame, b) || (store.frameOverlay[frame] === NONE && store.doubtsRecord(record, b));
    if (seen !== 0 && seen !== must && !inDoubt) {
      if (below || seen !== this.diskByte(file, position)) return false;
    }
    if (seen === must && (store.framePending[frame]! & store.chunkOf(b)) !== 0) return true;
    if (position < files.low[file]! || seen !== must) {
      // what was seen in a window says nothing about the disk afterwards
      const overlay = files.ensureOverlay(frame, record);
      store.arena.bytes[overlay * store.pageSize + b] = seen;
      const chunk = store.chunkOf(b);
      store.frameDivergent[frame]! |= chunk;
    }
    return true;
  }

  /** Byte of the disk at a file's place, also one that a truncation has taken and the pager does not know of; -1 in a hole. */
  private diskByte(file: number, position: number): number {
    const { files, store } = this;
    let address = files.blocks.address(file, position);
    if (address === HOLE) {
      const blocks = files.blocks.files[file]!;
      const block = Math.floor(position / blocks.blockSize);
      const within = position - block * blocks.blockSize;
      const sector = blocks.truncatedSector(block, Math.floor(within / store.sectorSize));
      if (sector === HOLE) return -1;
      address = sector * store.sectorSize + (within % store.sectorSize);
    }
    this.view.readDisk(address, 1, this.scratch, 0);
    return this.scratch[0]!;
  }

  /** Page offset of the first byte past EOF, in the chunks of `mask`, that is neither zero nor stored there; or `RIGHT`. */
  firstPastEof(frame: number, mask: number): number {
    const { store, files, view } = this;
    const file = store.frameFile[frame]!;
    if (file < 0) return RIGHT;
    const past = files.high[file]! - store.framePage[frame]! * store.pageSize;
    if (past >= store.pageSize || this.unjudged(file) || files.untouched[file] !== 0) return RIGHT;
    // sizes are doubles, and loops over integers several times faster
    const start = past > 0 ? past | 0 : 0;
    const looked = mask & store.chunksOf(start, store.pageSize - start);
    if (looked === 0) return RIGHT;
    const address = view.pageAddress(frame);
    const { memory } = view;
    if (zeros(memory, address + start, store.pageSize - start) === store.pageSize - start) return RIGHT;
    for (let from = start; from < store.pageSize;) {
      const end = store.chunkEnd(from);
      if ((looked & store.chunkOf(from)) !== 0) {
        const wrong = this.neitherZeroNorStored(frame, address, from, end);
        if (wrong !== RIGHT) return wrong;
      }
      from = end;
    }
    return RIGHT;
  }

  /** Page offset of the first byte from `from` to `to` that is neither zero nor what the overlay has; or `RIGHT`. */
  private neitherZeroNorStored(frame: number, address: number, from: number, to: number): number {
    const { store } = this;
    const { memory } = this.view;
    const length = to - from;
    if (zeros(memory, address + from, length) === length) return RIGHT;
    const overlay = store.frameOverlay[frame]!;
    const { bytes } = store.arena;
    const at = overlay * store.pageSize;
    if (overlay !== NONE && agreeing(memory, address + from, bytes, at + from, length) === length)
      return RIGHT;
    for (let b = from; b < to; b++) {
      const seen = memory[address + b]!;
      if (seen !== 0 && (overlay === NONE || seen !== bytes[at + b])) return b;
    }
    return RIGHT;
  }

  /** Contents are not judged once the file system is gone, nor of a file that is. */
  unjudged(file: number): boolean {
    return (this.files.disconnected[file]! | this.files.removed[file]!) !== 0;
  }

  /** What the page must hold at an offset, for messages. */
  expectedByte(frame: number, b: number): number {
    const { store, files } = this;
    const file = store.frameFile[frame]!;
    if (file < 0 || store.framePage[frame]! * store.pageSize + b >= files.low[file]!) return 0;
    const overlay = store.frameOverlay[frame]!;
    const slot = overlay === NONE ? store.recordSlot[files.recordIn(frame)]! : overlay;
    return store.arena.bytes[slot * store.pageSize + b]!;
  }

  /**
   * Page offset of the first byte below EOF of a record, from `from` to `to`, that the disk does not hold as a read-back must
   * give it; `RIGHT` if none, or if a dirty buffer covers it.
   */
  diskWrong(record: number, from: number, to: number): number {
    const { store, files } = this;
    const file = store.recordFile[record]!;
    const base = store.recordPage[record]! * store.pageSize;
    const end = Math.min(to, files.inode[file]! - base);
    const { blockSize } = files.blocks.files[file]!;
    let done = this.rightAtOnce(record, file, base, from, end);
    while (done < end) {
      const block = Math.floor((base + done) / blockSize);
      const piece = Math.min(end, (block + 1) * blockSize - base) - done;
      let wrong = this.pieceWrong(record, file, base, done, piece);
      // what a dirty buffer has is still to come
      if (wrong !== RIGHT && this.view.bufferDirty(file, block)) wrong = RIGHT;
      while (wrong !== RIGHT && store.doubtsRecord(record, wrong)) {
        const next = this.adoptDisk(record, file, base, wrong, done + piece);
        wrong = this.pieceWrong(record, file, base, next, done + piece - next);
      }
      if (wrong !== RIGHT) return wrong;
      done += piece;
    }
    return RIGHT;
  }

  /** Where to begin to look closely: most pages lie in one piece, and are right. */
  private rightAtOnce(record: number, file: number, base: number, from: number, end: number): number {
    const { store, files } = this;
    if (from >= end) return from;
    const first = files.blocks.address(file, base + from);
    if (first === HOLE || !files.blocks.inOneRun(file, base + from, end - from)) return from;
    const at = store.recordSlot[record]! * store.pageSize + from;
    return this.view.diskDiffers(first, end - from, store.arena.bytes, at) < 0 ? end : from;
  }

  private pieceWrong(record: number, file: number, base: number, from: number, length: number): number {
    if (length <= 0) return RIGHT;
    const { store } = this;
    const at = store.recordSlot[record]! * store.pageSize + from;
    const address = this.files.blocks.address(file, base + from);
    if (address === HOLE) {
      const same = zeros(store.arena.bytes, at, length);
      return same === length ? RIGHT : from + same;
    }
    const wrong = this.view.diskDiffers(address, length, store.arena.bytes, at);
    return wrong < 0 ? RIGHT : from + wrong;
  }

  /**
   * Bytes in doubt from `from` on that differ from the disk are what it has; `to` is the end of the block at most. @returns the
   * first byte behind them that is in no doubt
   */
  private adoptDisk(record: number, file: number, base: number, from: number, to: number): number {
    const { store } = this;
    let end = from + 1;
    while (end < to && store.doubtsRecord(record, end)) end++;
    const length = end - from;
    if (this.scratch.length < length) this.scratch = Buffer.alloc(length);
    const address = this.files.blocks.address(file, base + from);
    if (address === HOLE) this.scratch.fill(0, 0, length);
    else this.view.readDisk(address, length, this.scratch, 0);
    const at = store.recordSlot[record]! * store.pageSize + from;
    const { bytes } = store.arena;
    for (let i = 0; i < length; i++) {
      if (bytes[at + i] === this.scratch[i]) continue;
      bytes[at + i] = this.scratch[i]!;
      store.trustRecord(record, from + i, from + i + 1);
    }
    return end;
  }

  /**
   * Chunks of a frame that are valid and clean although what was stored there is not on disk (G17). What has reached the disk
   * is remembered as saved.
   */
  unsound(frame: number): number {
    const { store, files, view } = this;
    const pending = store.framePending[frame]!;
    if (pending === 0) return 0;
    const file = store.frameFile[frame]!;
    if (file < 0 || this.unjudged(file) || view.pageModified(frame)) return 0;
    const clean = pending & view.pageValid(frame) & ~view.pageDirty(frame);
    if (clean === 0) return 0;
    const record = files.recordIn(frame);
    const base = store.framePage[frame]! * store.pageSize;
    const end = Math.min(store.pageSize, files.strict[file]! - base);
    let bad = 0;
    for (let from = 0, bits = clean, bit = 1; bits !== 0; bits >>>= 1, bit <<= 1, from += store.sectorSize) {
      if ((bits & 1) === 0) continue;
      const length = Math.min(store.sectorSize, end - from);
      // in the window of a truncation it is still the file's, and may be on the disk or not
      if (length <= 0 && base + from < files.inode[file]!) continue;
      if (length <= 0 || !this.chunkUnsaved(frame, record, file, base, from, length)) {
        store.framePending[frame]! &= ~bit;
      } else if ((store.frameDivergent[frame]! & bit) === 0) {
        // what may differ is only looked at because a buffer may have brought it to the disk
        bad |= bit;
      }
    }
    return bad;
  }

  /** Dirty chunks that a buffer has brought to the disk all the same, with what was stored there, are remembered as saved. */
  findFlushed(frame: number): void {
    const { store, files, view } = this;
    const flushed = store.framePending[frame]! & view.pageValid(frame) & view.pageDirty(frame);
    const file = store.frameFile[frame]!;
    if (flushed === 0 || file < 0 || this.unjudged(file)) return;
    const record = files.recordIn(frame);
    const base = store.framePage[frame]! * store.pageSize;
    const end = Math.min(store.pageSize, files.strict[file]! - base);
    for (let from = 0, bits = flushed; bits !== 0 && from < end; bits >>>= 1, from += store.sectorSize) {
      if ((bits & 1) === 0) continue;
      this.chunkUnsaved(frame, record, file, base, from, Math.min(store.sectorSize, end - from));
    }
  }

  private chunkUnsaved(
    frame: number,
    record: number,
    file: number,
    base: number,
    from: number,
    length: number,
  ): boolean {
    const { store, files, view } = this;
    files.settleDoubts(frame, from, length);
    const at = store.frameOverlay[frame]! * store.pageSize + from;
    const block = Math.floor((base + from) / files.blocks.files[file]!.blockSize);
    const address = files.blocks.address(file, base + from);
    const { bytes } = store.arena;
    const same =
      address === HOLE
        ? zeros(bytes, at, length) === length
        : view.diskDiffers(address, length, bytes, at) < 0;
    if (!same) return !view.bufferDirty(file, block);
    copyBytes(bytes, at, store.recordSlot[record]! * store.pageSize + from, length);
    store.trustRecord(record, from, from + length);
    return false;
  }

  /**
   * Offset in the file of the first byte that a read delivered wrongly, -1 if none. A page with shared buffers is what the
   * buffer cache reads; without them it is the disk. What changed after `since` may be seen before or after the change.
   */
  deliveredWrong(file: number, offset: number, length: number, address: number, since: number): number {
    const { store, files, view } = this;
    if (this.unjudged(file)) return RIGHT;
    const shares = files.sharesBuffers(file);
    let done = 0;
    while (done < length) {
      const page = Math.floor((offset + done) / store.pageSize);
      const from = offset + done - page * store.pageSize;
      const piece = Math.min(length - done, store.pageSize - from);
      const record = files.recordOf(file, page);
      const frame = files.residentFrame(file, page);
      const ours = frame !== NONE && store.frameFile[frame] === file && store.framePage[frame] === page;
      const overlay = ours && shares ? store.frameOverlay[frame]! : NONE;
      const slot = overlay === NONE ? store.recordSlot[record]! : overlay;
      // a page that was freed since may have been read before that, and held what the record has not
      const changed = store.recordTick[record]! >= since || store.recordApartTick[record]! >= since;
      if (changed || (ours && store.frameStoreTick[frame]! >= since)) {
        done += piece;
        continue;
      }
      let same = agreeing(
        view.memory,
        address + done,
        store.arena.bytes,
        slot * store.pageSize + from,
        piece,
      );
      while (
        same < piece &&
        this.mayDeliver(record, ours ? frame : NONE, from + same, view.memory[address + done + same]!, since)
      ) {
        same++;
        const rest = slot * store.pageSize + from + same;
        same += agreeing(view.memory, address + done + same, store.arena.bytes, rest, piece - same);
      }
      if (same < piece) return offset + done + same;
      done += piece;
    }
    return RIGHT;
  }

  /**
   * Whether a read may give something else: bytes in doubt, past the size, or a put on its way. What it gives of bytes in doubt
   * is what the disk has, unless it comes from a page that was freed since.
   */
  private mayDeliver(record: number, frame: number, b: number, seen: number, since: number): boolean {
    const { store, files } = this;
    const file = store.recordFile[record]!;
    if (store.recordPage[record]! * store.pageSize + b >= files.inode[file]!) return true;
    if (store.doubtsRecord(record, b)) {
      if (frame === NONE && store.recordFreedTick[record]! < since) {
        store.arena.bytes[store.recordSlot[record]! * store.pageSize + b] = seen;
        store.trustRecord(record, b, b + 1);
      }
      return true;
    }
    if (frame === NONE) return false;
    if (store.doubtsFrame(frame, b)) return true;
    const chunk = store.chunkOf(b);
    const overlay = store.frameOverlay[frame]!;
    if (overlay === NONE || ((store.framePut[frame]! | store.frameDivergent[frame]!) & chunk) === 0)
      return false;
    return store.arena.bytes[overlay * store.pageSize + b] === seen;
  }
}
