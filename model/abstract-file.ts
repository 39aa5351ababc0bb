/**
 * The abstract files: the bytes that a reader must see, whatever a pager does.
 *
 * For every file F is what a read-back must give below EOF: the initial bytes, then what processes wrote and what puts that
 * were reported OK brought to the disk. For every resident page O (the overlay) is what the page must hold where that is not F:
 * stores that no put has saved yet, zeros that a growth exposed, and pages of files without shared buffers that were written
 * under their page. F and O know nothing of how a pager works. Where the contracts leave bytes open they are in doubt, and the
 * next look adopts what is there (`comparison.ts`).
 *
 * EOF has two readings. `inode` is the file's size; `eof` is what the pager must obey: the size given to the last setsize, or
 * the inode's while the file has no object. Between the two steps of a truncation they differ; while setsize runs, EOF is
 * anything from `low` to `high`. Past the inode's size F is undefined until the file grows.
 */
import type { Scenario } from '../src/scenario/scenario.ts';
import type { PagerCall } from '../src/trace/observer.ts';
import type { View } from '../src/trace/view.ts';
import { OBJ_DEAD, PG_BUSY, VM_PAGER_AGAIN, VM_PAGER_OK, VVMIO } from '../src/trace/codes.ts';
import { PATTERN, patternPhase, STAMP_FILE } from '../src/scenario/pattern.ts';
import { agreeing, copyAcross } from '../src/trace/bytes.ts';
import { Blocks, HOLE } from './blocks.ts';
import { copyBytes, stampBytes, zeroBytes } from './bytes.ts';
import { FILES_MAX, INHERITED, NONE, PageStore } from './page-store.ts';

/** The largest size that a pager can know: 32 bits. */
const SIZE_MAX = 0xffffffff;

/** Whether a page holds a stamp's bytes. */
function holdsStamp(
  view: View,
  frame: number,
  from: number,
  length: number,
  stamp: number,
  position: number,
): boolean {
  const address = view.pageAddress(frame) + from;
  return agreeing(view.memory, address, PATTERN, patternPhase(stamp, position), length) === length;
}

/** All files of a run. */
export class AbstractFiles {
  readonly store = new PageStore();
  readonly blocks: Blocks;
  view!: View;
  /** Raised at every pager call; orders stores, validations and calls. */
  tick = 0;
  count = 0;
  /** Size in the inode. */
  readonly inode = new Float64Array(FILES_MAX);
  /** Size that the pager must obey. */
  readonly eof = new Float64Array(FILES_MAX);
  /** Least and greatest EOF at this moment: they differ while setsize runs. */
  readonly low = new Float64Array(FILES_MAX);
  readonly high = new Float64Array(FILES_MAX);
  /** Below this F is defined and a page must hold what the model says. */
  readonly strict = new Float64Array(FILES_MAX);
  /** Smallest size that the inode ever had: beyond it the initial contents are gone. */
  readonly least = new Float64Array(FILES_MAX);
  /** The same, but of truncations too of which the pager does not know yet: there a page may still show the old bytes. */
  readonly shortest = new Float64Array(FILES_MAX);
  /** The vnode was disconnected; the file was removed. Neither's contents are judged any more. */
  readonly disconnected = new Uint8Array(FILES_MAX);
  readonly removed = new Uint8Array(FILES_MAX);
  /** Its size changed while its object was being terminated: what its pages hold past EOF is nobody's business. */
  readonly untouched = new Uint8Array(FILES_MAX);
  /** When a setsize of it last began. */
  readonly sizeTick = new Int32Array(FILES_MAX);
  /** Whether the buffer cache may hold something of the file: it was read, written or filled from. */
  readonly cached = new Uint8Array(FILES_MAX);
  /** Its file system lets buffers share pages. */
  private readonly mayShare = new Uint8Array(FILES_MAX);

  constructor(blocks: Blocks) {
    this.blocks = blocks;
  }

  begin(scenario: Scenario): void {
    this.store.begin(scenario.geometry, scenario.files.length);
    this.tick = 0;
    this.count = scenario.files.length;
    for (let file = 0; file < this.count; file++) {
      const { size, fileSystem } = scenario.files[file]!;
      this.mayShare[file] = scenario.fileSystems[fileSystem]!.sharedBuffers ? 1 : 0;
      this.inode[file] = size;
      this.least[file] = size;
      this.shortest[file] = size;
      this.disconnected[file] = 0;
      this.removed[file] = 0;
      this.cached[file] = 0;
      this.sizeTick[file] = 0;
      this.untouched[file] = 0;
      this.setEof(file, size);
    }
  }

  /** What the pager can know of a size: 32 bits, clamped to whole pages, never wrapped. */
  clamp(size: number): number {
    return size > SIZE_MAX ? SIZE_MAX + 1 - this.store.pageSize : size;
  }

  /**
   * A size in the last page of 32 bits fits, but rounded up to pages it does not: a pager may clamp it or not. The file has
   * just got its object, or setsize has returned: EOF is what the pager made of it.
   */
  sizeClamped(file: number): void {
    const largest = SIZE_MAX + 1 - this.store.pageSize;
    if (this.eof[file]! > largest && this.view.pagerSize(file) === largest) this.setEof(file, largest);
  }

  /** Nothing is in flux: EOF is `size`. */
  setEof(file: number, size: number): void {
    const eof = this.clamp(size);
    this.eof[file] = eof;
    this.low[file] = eof;
    this.high[file] = eof;
    this.strict[file] = Math.min(eof, this.inode[file]!);
    this.least[file] = this.shortest[file]!;
  }

  /** While setsize to `size` runs, EOF may be the old or the new one. */
  widen(file: number, size: number): void {
    const eof = this.clamp(size);
    if (eof < this.low[file]!) this.low[file] = eof;
    if (eof > this.high[file]!) this.high[file] = eof;
    this.strict[file] = Math.min(this.low[file]!, this.inode[file]!);
  }

  /** Whether buffers of the file share its pages now. */
  sharesBuffers(file: number): boolean {
    return this.mayShare[file] !== 0 && (this.view.fileFlags(file) & VVMIO) !== 0;
  }

  /** Whether an object, -1 for none, is being terminated: setsize leaves its pages alone. */
  isDying(object: number): boolean {
    return object >= 0 && (this.view.objectFlags(object) & OBJ_DEAD) !== 0;
  }

  /** Frame that holds that page of the file now, or `NONE`. */
  residentFrame(file: number, page: number): number {
    const object = this.view.fileObject(file);
    return object < 0 ? NONE : this.view.lookup(object, page);
  }

  /** Record of a file page; made from the scenario, or from the disk where the run has changed it, if it is new. */
  recordOf(file: number, page: number): number {
    const known = this.store.find(file, page);
    if (known !== NONE) return known;
    const record = this.store.create(file, page);
    this.fill(record);
    return record;
  }

  /** Record of the page in a frame, `NONE` if it is no page of a file. */
  recordIn(frame: number): number {
    const { store } = this;
    const raw = store.rawRecord(frame);
    if (raw >= NONE) return raw;
    const record = this.recordOf(store.frameFile[frame]!, store.framePage[frame]!);
    store.setRecord(frame, record);
    return record;
  }

  /** Initial contents of a new record. */
  private fill(record: number): void {
    const { store } = this;
    const file = store.recordFile[record]!;
    const base = store.recordPage[record]! * store.pageSize;
    const at = store.recordSlot[record]! * store.pageSize;
    const { bytes } = store.arena;
    const end = Math.min(store.pageSize, Math.max(0, this.inode[file]! - base));
    const initial = Math.min(store.pageSize, Math.max(0, this.least[file]! - base));
    const blocks = this.blocks.files[file]!;
    let done = 0;
    while (done < initial) {
      const block = Math.floor((base + done) / blocks.blockSize);
      const piece = Math.min(initial, (block + 1) * blocks.blockSize - base) - done;
      if (blocks.initialSector(block) === HOLE) zeroBytes(bytes, at + done, piece);
      else stampBytes(STAMP_FILE + file, base + done, bytes, at + done, piece);
      done += piece;
    }
    this.readBack(record, initial, end);
    const known = Math.max(initial, end);
    zeroBytes(bytes, at + known, store.pageSize - known);
  }

  /** Puts what the disk holds into a record: for bytes that nobody but the file system has touched since it gave them. */
  readBack(record: number, from: number, to: number): void {
    const { store } = this;
    const file = store.recordFile[record]!;
    const base = store.recordPage[record]! * store.pageSize;
    const at = store.recordSlot[record]! * store.pageSize;
    const { blockSize } = this.blocks.files[file]!;
    let done = from;
    while (done < to) {
      const piece = Math.min(to, (Math.floor((base + done) / blockSize) + 1) * blockSize - base) - done;
      const address = this.blocks.address(file, base + done);
      if (address === HOLE) zeroBytes(store.arena.bytes, at + done, piece);
      else this.view.readDisk(address, piece, store.arena.bytes, at + done);
      done += piece;
    }
    if (from < to) store.trustRecord(record, from, to);
  }

  /** Gives a frame an overlay that holds what the page must hold now. */
  ensureOverlay(frame: number, record: number): number {
    const { store } = this;
    const known = store.frameOverlay[frame]!;
    if (known !== NONE) return known;
    const slot = store.arena.take();
    store.frameOverlay[frame] = slot;
    const file = store.recordFile[record]!;
    const base = store.recordPage[record]! * store.pageSize;
    const end =
      Math.min(store.pageSize, Math.max(0, Math.min(this.inode[file]!, this.high[file]!) - base)) | 0;
    const { bytes } = store.arena;
    const at = slot * store.pageSize;
    copyBytes(bytes, store.recordSlot[record]! * store.pageSize, at, end);
    zeroBytes(bytes, at + end, store.pageSize - end);
    const address = this.view.pageAddress(frame);
    // in the window of a size change the page is the only witness
    const window = Math.min(store.pageSize, this.high[file]! - base);
    const { memory } = this.view;
    if (end < window) copyAcross(memory, address + end, bytes, at + end, window - end);
    if (store.recordDoubt[record] !== NONE) {
      // and of bytes that are in doubt
      for (let b = 0; b < end; b++) if (store.doubtsRecord(record, b)) bytes[at + b] = memory[address + b]!;
    }
    return slot;
  }

  // --- pages ---

  /**
   * A get begins. What a growth has brought in is known from the disk only, and a truncation may clear it there before the get
   * returns with what it has read: it is learned now.
   */
  expectRead(call: PagerCall): void {
    const { file, count } = call;
    if (count === 0 || file < 0 || this.inode[file]! <= this.least[file]!) return;
    const { store } = this;
    for (let i = 0; i < count; i++) {
      const frame = call.frames[i]!;
      if (frame < 0 || store.frameFile[frame] !== file) continue;
      if ((store.framePage[frame]! + 1) * store.pageSize > this.least[file]!) this.recordIn(frame);
    }
  }

  pageAllocated(frame: number, object: number, page: number): void {
    this.store.table(frame, this.view.objectFile(object), page);
  }

  pageFreed(frame: number): void {
    const { store } = this;
    const file = store.frameFile[frame]!;
    if (file >= 0) {
      this.dismiss(frame);
      // without shared buffers no read has anything from a page
      const record = this.mayShare[file] === 0 ? NONE : store.find(file, store.framePage[frame]!);
      if (record !== NONE) {
        store.recordFreedTick[record] = this.tick;
        if (store.frameOverlay[frame] !== NONE) store.recordApartTick[record] = this.tick;
      }
    }
    store.untable(frame);
  }

  /** A page goes: what it held and no put has saved is lost, lawfully or not. */
  private dismiss(frame: number): void {
    const { store, view } = this;
    const owed = (store.framePending[frame]! | view.pageDirty(frame)) & store.frameKnown[frame]!;
    if (owed === 0) return;
    const record = this.recordIn(frame);
    const file = store.recordFile[record]!;
    const base = store.recordPage[record]! * store.pageSize;
    const end = Math.max(0, Math.min(store.pageSize, this.low[file]! - base));
    const reach = Math.min(store.pageSize, this.high[file]! - base, this.inode[file]! - base);
    const status = store.frameStatus[frame]!;
    const excused =
      (status > VM_PAGER_OK && status !== VM_PAGER_AGAIN) ||
      this.disconnected[file] !== 0 ||
      this.removed[file] !== 0;
    if (excused) this.doubtChunks(record, owed, 0, reach);
    else {
      // under pages that were written as a file nobody knows which bytes were the later ones
      const divergent = store.frameDivergent[frame]!;
      this.saveChunks(frame, record, owed & store.framePending[frame]! & ~divergent, end);
      this.doubtChunks(record, owed & store.framePending[frame]! & divergent, 0, end);
    }
    // in the window of a size change it may have been past EOF
    if (!excused && end < reach) this.doubtChunks(record, owed, end, reach);
  }

  /** What the page holds in these chunks, up to `end`, is from now on what a read-back must give. */
  saveChunks(frame: number, record: number, mask: number, end: number): void {
    const { store } = this;
    store.recordTick[record] = this.tick;
    const overlay = store.frameOverlay[frame]!;
    for (let from = store.runStart(mask, 0), to = 0; from < end; from = store.runStart(mask, to)) {
      to = store.runEnd(mask, from);
      const length = Math.min(to, end) - from;
      if (overlay !== NONE) {
        const source = overlay * store.pageSize + from;
        this.settleDoubts(frame, from, length);
        copyBytes(store.arena.bytes, source, store.recordSlot[record]! * store.pageSize + from, length);
      } else if (store.recordDoubt[record] !== NONE) {
        this.adoptMemory(frame, record, from, length);
      }
      store.trustRecord(record, from, from + length);
    }
  }

  /** Bytes of the file that are in doubt are what the page holds, which has them from the disk. */
  private adoptMemory(frame: number, record: number, from: number, length: number): void {
    const { store, view } = this;
    const at = store.recordSlot[record]! * store.pageSize;
    const address = view.pageAddress(frame);
    for (let b = from; b < from + length; b++)
      if (store.doubtsRecord(record, b)) store.arena.bytes[at + b] = view.memory[address + b]!;
  }

  /** Bytes of a page that are in doubt are what the page holds. */
  settleDoubts(frame: number, from: number, length: number): void {
    const { store, view } = this;
    if (store.frameDoubt[frame] === NONE) return;
    const overlay = store.frameOverlay[frame]! * store.pageSize;
    const address = view.pageAddress(frame);
    for (let b = from; b < from + length; b++) {
      if (store.doubtsFrame(frame, b)) store.arena.bytes[overlay + b] = view.memory[address + b]!;
    }
  }

  /** Nobody knows what a read-back gives in these chunks, from `start` to `end`. */
  doubtChunks(record: number, mask: number, start: number, end: number): void {
    const { store } = this;
    for (let from = store.runStart(mask, 0), to = 0; from < end; from = store.runStart(mask, to)) {
      to = store.runEnd(mask, from);
      if (to > start) store.doubtRecord(record, Math.max(from, start), Math.min(to, end));
    }
  }

  /** Chunks may have become valid or invalid since the last look: those that became valid must hold the file's bytes. */
  lookAt(frame: number): void {
    this.believe(frame, this.view.pageValid(frame));
  }

  /** Exactly these chunks are said to be valid. */
  believe(frame: number, valid: number): void {
    const { store } = this;
    const known = store.frameKnown[frame]!;
    if (valid === known || store.frameFile[frame]! < 0) return;
    const added = valid & ~known;
    if (added !== 0) {
      store.frameValidTick[frame] = this.tick;
      // what it must hold is settled now: a file write that comes later may reach the disk before it is told
      this.recordIn(frame);
      if (store.frameOverlay[frame]! !== NONE) this.takeFile(frame, added);
    }
    const gone = known & ~valid;
    if (gone !== 0) {
      store.framePending[frame]! &= ~gone;
      store.frameDivergent[frame]! &= ~gone;
    }
    store.frameKnown[frame] = valid;
  }

  /** Chunks of a frame hold the file's bytes (zeros past EOF), except where they are in doubt. */
  private takeFile(frame: number, mask: number): void {
    const { store } = this;
    const record = this.recordIn(frame);
    const file = store.recordFile[record]!;
    const base = store.recordPage[record]! * store.pageSize;
    // in the window of a size change F still has the old bytes
    const end = this.high[file]! - base;
    const at = store.frameOverlay[frame]! * store.pageSize;
    const source = store.recordSlot[record]! * store.pageSize;
    for (let from = store.runStart(mask, 0), to = 0; from < store.pageSize; from = store.runStart(mask, to)) {
      to = store.runEnd(mask, from);
      const middle = Math.min(to, Math.max(from, end));
      copyBytes(store.arena.bytes, source + from, at + from, middle - from);
      zeroBytes(store.arena.bytes, at + middle, to - middle);
      if (store.recordDoubt[record] !== NONE) {
        const certain = this.low[file]! - base;
        for (let b = from; b < middle; b++) {
          if (!store.doubtsRecord(record, b)) continue;
          if (b < certain) store.doubtFrame(frame, b, b + 1, INHERITED);
          else {
            // zeros of who was told of a truncation already say nothing of the disk
            store.doubtFrame(frame, b, b + 1);
            const chunk = store.chunkOf(b);
            store.frameDivergent[frame]! |= chunk;
          }
        }
      }
    }
  }

  // --- what processes and the buffer cache do ---

  stored(file: number, frame: number, offset: number, length: number, stamp: number): void {
    const { store } = this;
    if (store.frameFile[frame] !== file || length <= 0) return;
    const record = this.recordIn(frame);
    const overlay = this.ensureOverlay(frame, record);
    const from = offset - store.framePage[frame]! * store.pageSize;
    if (from < 0 || from + length > store.pageSize) return;
    stampBytes(stamp, offset, store.arena.bytes, overlay * store.pageSize + from, length);
    store.trustFrame(frame, from, from + length);
    const chunks = store.chunksOf(from, length);
    store.framePending[frame]! |= chunks;
    store.frameKnown[frame]! |= chunks;
    const isFirst = store.frameStoreTick[frame]! < this.sizeTick[file]!;
    store.frameStoreFrom[frame] = isFirst ? from : Math.min(from, store.frameStoreFrom[frame]!);
    store.frameStoreTo[frame] = isFirst ? from + length : Math.max(from + length, store.frameStoreTo[frame]!);
    store.frameStoreTick[frame] = this.tick;
  }

  filled(frame: number, mask: number): void {
    const { store } = this;
    const file = store.frameFile[frame]!;
    if (file < 0) return;
    this.cached[file] = 1;
    this.recordIn(frame);
    store.framePending[frame]! &= ~mask;
    store.frameDivergent[frame]! &= ~mask;
    if (store.frameOverlay[frame] !== NONE) {
      for (
        let from = store.runStart(mask, 0), to = 0;
        from < store.pageSize;
        from = store.runStart(mask, to)
      ) {
        to = store.runEnd(mask, from);
        store.trustFrame(frame, from, to);
      }
      this.takeFile(frame, mask);
    }
    store.frameKnown[frame]! |= mask;
    store.frameValidTick[frame] = this.tick;
  }

  written(file: number, offset: number, length: number, stamp: number): void {
    this.cached[file] = 1;
    const { pageSize } = this.store;
    let done = 0;
    while (done < length) {
      const page = Math.floor((offset + done) / pageSize);
      const from = offset + done - page * pageSize;
      const piece = Math.min(length - done, pageSize - from);
      this.writtenPage(file, page, from, piece, stamp);
      done += piece;
    }
  }

  private writtenPage(file: number, page: number, from: number, length: number, stamp: number): void {
    const { store } = this;
    const { pageSize } = store;
    const record = this.recordOf(file, page);
    const frame = this.residentFrame(file, page);
    const ours = frame !== NONE && store.frameFile[frame] === file && store.framePage[frame] === page;
    const position = page * store.pageSize + from;
    // whether the write went through shared buffers is seen in the page
    const shared =
      ours && this.mayShare[file] !== 0 && holdsStamp(this.view, frame, from, length, stamp, position);
    const chunks = store.chunksOf(from, length);
    if (ours && !shared) this.keepUnder(frame, record, from, length, chunks);
    store.recordTick[record] = this.tick;
    store.recordWriteTick[record] = this.tick;
    stampBytes(stamp, position, store.arena.bytes, store.recordSlot[record]! * store.pageSize + from, length);
    store.trustRecord(record, from, from + length);
    if (ours && !shared && store.framePut[frame] !== 0) {
      // a put on its way may land before or after it
      store.doubtRecord(record, from, from + length);
    }
    if (!shared) return;
    const overlay = store.frameOverlay[frame]!;
    if (overlay !== NONE) {
      stampBytes(stamp, position, store.arena.bytes, overlay * store.pageSize + from, length);
      const behind = from + length;
      this.saveBeside(frame, record, from & ~(store.sectorSize - 1), from);
      if (behind < pageSize)
        this.saveBeside(frame, record, behind, Math.min(store.chunkEnd(behind - 1), pageSize));
    }
    store.trustFrame(frame, from, from + length);
    store.frameKnown[frame]! |= chunks;
    store.frameStoreTick[frame] = this.tick;
  }

  /**
   * A buffer that shares the page is written in whole chunks: what the page shows beside the bytes of a write goes to the disk
   * with them, also if an earlier write of it was lost. What was stored there is the put's to save.
   */
  private saveBeside(frame: number, record: number, from: number, to: number): void {
    if (from >= to) return;
    const { store } = this;
    const chunk = store.chunkOf(from);
    const saved = store.frameKnown[frame]! & ~store.framePending[frame]! & ~store.frameDivergent[frame]!;
    if ((saved & chunk) === 0) return;
    const end = Math.min(
      to,
      this.low[store.recordFile[record]!]! - store.recordPage[record]! * store.pageSize,
    );
    for (let b = from; b < end; b++) {
      if (store.doubtsFrame(frame, b)) {
        store.doubtRecord(record, b, b + 1);
        continue;
      }
      const { bytes } = store.arena;
      bytes[store.recordSlot[record]! * store.pageSize + b] =
        bytes[store.frameOverlay[frame]! * store.pageSize + b]!;
      store.trustRecord(record, b, b + 1);
    }
  }

  /** A file without shared buffers was written under a resident page: the page keeps what it holds. */
  private keepUnder(frame: number, record: number, from: number, length: number, chunks: number): void {
    const { store } = this;
    const known = store.frameKnown[frame]! & chunks;
    if (known !== 0) {
      this.ensureOverlay(frame, record);
      store.frameDivergent[frame]! |= known;
    }
    if (known !== chunks && (this.view.pageFlags(frame) & PG_BUSY) !== 0) {
      // a read on its way may see the old or the new bytes
      this.ensureOverlay(frame, record);
      for (let at = from; at < from + length; at = store.chunkEnd(at)) {
        if ((known & store.chunkOf(at)) === 0)
          store.doubtFrame(frame, at, Math.min(store.chunkEnd(at), from + length));
      }
      store.frameDivergent[frame]! |= chunks & ~known;
    }
  }

  lost(file: number, offset: number, length: number): void {
    const { store } = this;
    const { pageSize } = store;
    let done = 0;
    while (done < length) {
      const page = Math.floor((offset + done) / pageSize);
      const from = offset + done - page * pageSize;
      const to = Math.min(pageSize, from + length - done);
      const record = this.recordOf(file, page);
      const frame = this.residentFrame(file, page);
      // the page keeps what it holds; the disk holds nobody knows what
      if (frame !== NONE && store.frameFile[frame] === file) this.ensureOverlay(frame, record);
      store.doubtRecord(record, from, to);
      store.recordLostTick[record] = this.tick;
      done += to - from;
    }
  }

  // --- the file system ---

  allocated(file: number, block: number, sector: number, sectors: number): void {
    this.blocks.allocate(file, block, sector, sectors);
  }

  freed(file: number, block: number, sector: number, sectors: number): void {
    const blocks = this.blocks.files[file]!;
    const first = blocks.sector(block);
    const lead = first === HOLE || sector < first ? 0 : (sector - first) * this.store.sectorSize;
    // without an object there is no pager to be told
    const known = this.view.fileObject(file) < 0 || block * blocks.blockSize + lead >= this.high[file]!;
    blocks.free(block, sector, sectors, known);
  }

  disconnect(file: number): void {
    this.disconnected[file] = 1;
    const { store } = this;
    for (let record = 0; record < store.records; record++) {
      if (store.recordFile[record] !== file) continue;
      const frame = this.residentFrame(file, store.recordPage[record]!);
      if (frame === NONE || store.frameFile[frame] !== file) continue;
      const owed = store.framePending[frame]! | store.framePut[frame]! | this.view.pageDirty(frame);
      this.doubtChunks(record, owed, 0, store.pageSize);
    }
  }

  remove(file: number): void {
    this.removed[file] = 1;
  }

  // --- the pager ---

  /** The file lost its object: EOF is the inode's again. */
  objectGone(file: number): void {
    if (this.view.fileObject(file) >= 0) return;
    this.untouched[file] = 0;
    this.setEof(file, this.inode[file]!);
  }
}
