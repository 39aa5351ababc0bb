/**
 * What a size change does to resident pages (kernel-notes 13.9): pages past EOF go, the page with the new EOF shows zeros from
 * there on, bytes that a growth exposes in a resident page read as zero and are owed to the disk. Pages of an object that is
 * being terminated are left alone. Called when the inode's size has changed or setsize has returned; rare, so that it may look
 * at every frame.
 */
import { copyAcross } from '../src/trace/bytes.ts';
import { PG_BUSY } from '../src/trace/codes.ts';
import type { AbstractFiles } from './abstract-file.ts';
import { zeroBytes } from './bytes.ts';
import { NONE, type PageStore } from './page-store.ts';

/** The half of the abstract files that follows setsize. */
export class SizeChanges {
  private readonly files: AbstractFiles;
  private readonly store: PageStore;

  constructor(files: AbstractFiles) {
    this.files = files;
    this.store = files.store;
  }

  /** The file system changed the inode's size. */
  resized(file: number, size: number): void {
    const { files } = this;
    const old = files.inode[file]!;
    files.inode[file] = size;
    if (size < files.shortest[file]!) files.shortest[file] = size;
    // the pager may have been told first
    if (files.high[file]! <= size) files.least[file] = files.shortest[file]!;
    if (files.view.fileObject(file) < 0) {
      files.blocks.files[file]!.forgetTruncated();
      files.setEof(file, size);
    } else {
      files.strict[file] = Math.min(files.low[file]!, size);
    }
    if (size > old) this.learnGrown(file, old, size);
  }

  /** Bytes that were past the end are below it now: they are what the disk holds there. */
  private learnGrown(file: number, old: number, size: number): void {
    const { store } = this;
    const { pageSize } = store;
    const first = Math.floor(old / pageSize);
    const end = Math.ceil(size / pageSize);
    if (end - first <= store.records) {
      for (let page = first; page < end; page++) {
        const record = store.find(file, page);
        if (record !== NONE) this.learnRecord(record, file, old, size);
      }
      return;
    }
    for (let record = 0; record < store.records; record++) {
      const page = store.recordPage[record]!;
      if (store.recordFile[record] === file && page >= first && page < end)
        this.learnRecord(record, file, old, size);
    }
  }

  private learnRecord(record: number, file: number, old: number, size: number): void {
    const { store, files } = this;
    const { pageSize } = store;
    const base = store.recordPage[record]! * pageSize;
    const from = Math.max(0, old - base);
    const to = Math.min(pageSize, size - base);
    files.readBack(record, from, to);
    const frame = files.residentFrame(file, store.recordPage[record]!);
    // a write under way carries zeros to the end of its last sector
    if (frame !== NONE && store.framePut[frame] !== 0) store.doubtRecord(record, from, to);
    // so does a buffer that is written before setsize has returned, or the page of a dying object by it
    else if (frame !== NONE && base + from === old) this.doubtBuffered(record, from, to);
  }

  /**
   * A dirty buffer with the old EOF in it brings what its page holds to the disk, up to the end of a sector and in the chunks
   * past the old EOF that were written before it was there: until setsize has returned nobody owes these bytes, and of a dying
   * object nobody ever does.
   */
  private doubtBuffered(record: number, from: number, to: number): void {
    const { store, files } = this;
    const file = store.recordFile[record]!;
    const base = store.recordPage[record]! * store.pageSize;
    const { blockSize } = files.blocks.files[file]!;
    const block = Math.floor((base + from) / blockSize);
    const end = Math.min(to, (block + 1) * blockSize - base);
    if (from < end && files.view.bufferDirty(file, block)) store.doubtRecord(record, from, end);
  }

  /** setsize has returned, but the file has another object by now, which has the size that the inode had. */
  objectReplaced(file: number): void {
    const { files } = this;
    files.untouched[file] = 0;
    files.setEof(file, files.inode[file]!);
    files.sizeClamped(file);
    files.blocks.files[file]!.forgetTruncated();
  }

  /** setsize has returned: the pager knows the size, resident pages show zeros where the contracts say so. */
  sizeSet(file: number, size: number, callTick: number): void {
    const { store, files } = this;
    const old = files.eof[file]!;
    files.setEof(file, size);
    files.sizeClamped(file);
    files.blocks.files[file]!.forgetTruncated();
    const now = files.eof[file]!;
    if (now === old) return;
    if (this.isDying(file)) files.untouched[file] = 1;
    if (now < old) this.keepBeyond(file, now);
    const edge = Math.min(old, now);
    const page = Math.floor(edge / store.pageSize);
    const from = (edge - page * store.pageSize) | 0;
    if (from === 0) return;
    const frame = files.residentFrame(file, page);
    if (frame === NONE || store.frameFile[frame] !== file || store.framePage[frame] !== page) return;
    files.lookAt(frame);
    if (this.isDying(file)) {
      this.leavePage(frame, from);
      return;
    }
    if (now < old) this.cutPage(frame, from, callTick);
    else this.growPage(frame, from, Math.min(store.pageSize, now - page * store.pageSize), callTick);
  }

  /**
   * 13.9 Q3: pages past EOF that are still there are mapped by buffers, were brought in meanwhile, or belong to an object that is
   * being terminated; they keep what they hold.
   */
  private keepBeyond(file: number, size: number): void {
    const { store, files } = this;
    const { view } = files;
    for (let frame = 0; frame < store.framesUsed; frame++) {
      if (store.frameFile[frame] !== file || store.framePage[frame]! * store.pageSize < size) continue;
      if (store.frameKnown[frame] === 0) {
        // on its way into a dying object: it becomes what was read, even if the file is long again by then
        if (this.isDying(file)) {
          files.ensureOverlay(frame, files.recordIn(frame));
          store.doubtFrame(frame, 0, store.pageSize);
          store.frameDivergent[frame] = store.allBits;
        }
        continue;
      }
      const at = files.ensureOverlay(frame, files.recordIn(frame)) * store.pageSize;
      const address = view.pageAddress(frame);
      copyAcross(view.memory, address, store.arena.bytes, at, store.pageSize);
      store.frameDivergent[frame] = store.allBits;
      store.framePending[frame] = 0;
    }
  }

  private isDying(file: number): boolean {
    const { files } = this;
    return files.isDying(files.view.fileObject(file));
  }

  /** 13.9 Q1: while its object is terminated no page is touched; from EOF on it holds what it held. */
  private leavePage(frame: number, from: number): void {
    const { store, files } = this;
    const { view } = files;
    const overlay = files.ensureOverlay(frame, files.recordIn(frame));
    const address = view.pageAddress(frame);
    const at = overlay * store.pageSize + from;
    copyAcross(view.memory, address + from, store.arena.bytes, at, store.pageSize - from);
    const chunks = store.chunksOf(from, store.pageSize - from);
    store.frameDivergent[frame]! |= chunks;
  }

  private cutPage(frame: number, from: number, callTick: number): void {
    const { store } = this;
    if (store.frameOverlay[frame] === NONE) return;
    this.zeroPage(frame, from, store.allBits, callTick);
    store.trustFrame(frame, from, store.pageSize);
  }

  /**
   * The page must show zeros in these chunks from `from` on, but for what was stored there since setsize began: the pager may
   * have zeroed it before or after.
   */
  private zeroPage(frame: number, from: number, mask: number, callTick: number): void {
    const { store, files } = this;
    const { memory } = files.view;
    const { bytes } = store.arena;
    const at = store.frameOverlay[frame]! * store.pageSize;
    const address = files.view.pageAddress(frame);
    const raced = store.frameStoreTick[frame]! >= callTick;
    const first = raced ? store.frameStoreFrom[frame]! : store.pageSize;
    const last = raced ? store.frameStoreTo[frame]! : store.pageSize;
    for (let start = from; start < store.pageSize;) {
      const end = store.chunkEnd(start);
      if ((mask & store.chunkOf(start)) === 0) {
        // what is not valid shows nothing
      } else if (end <= first || start >= last) {
        zeroBytes(bytes, at + start, end - start);
      } else {
        for (let b = start; b < end; b++)
          if (b < first || b >= last || memory[address + b] !== bytes[at + b]) bytes[at + b] = 0;
      }
      start = end;
    }
  }

  /** 13.9 Q4: in a page resident then, the bytes between old and new EOF read as zero, and reach the disk (G17). */
  private growPage(frame: number, from: number, to: number, callTick: number): void {
    const { store, files } = this;
    const chunks = store.chunksOf(from, to - from);
    const wasThere = store.frameValidTick[frame]! < callTick ? store.frameKnown[frame]! : 0;
    const busy = (files.view.pageFlags(frame) & PG_BUSY) !== 0;
    if ((chunks & wasThere) === 0 && !busy && store.frameKnown[frame] === 0) return;
    files.ensureOverlay(frame, files.recordIn(frame));
    store.framePending[frame]! |= chunks & store.frameKnown[frame]!;
    this.zeroPage(frame, from, wasThere, callTick);
    for (let at = from; at < to; at = store.chunkEnd(at)) {
      // on its way in: what was read with the old EOF in mind is zero, what was read later is what the disk held
      if ((store.chunkOf(at) & wasThere) === 0) store.doubtFrame(frame, at, Math.min(store.chunkEnd(at), to));
    }
  }
}
