/**
 * Storage of the abstract files: a record for each file page that was ever looked at, and what is known of each frame. Bytes
 * lie in arenas and are addressed by slots; nothing is proportional to a file, and a run is forgotten by what it touched.
 */
import type { Geometry } from '../src/scenario/scenario.ts';
import { zeroBytes } from './bytes.ts';

/** Files of a scenario at most (`BOUNDS.files`). */
export const FILES_MAX = 64;

/** No record, no slot, no page. */
export const NONE = -1;

/** Pages of a file below this number are found in an array, others in a map. */
const DENSE_PAGES = 256;

/** Why it is unknown what a frame holds: the contracts leave it open, or nobody knows what the disk held. */
const OPEN = 1;
export const INHERITED = 2;

/** A frame whose record was not needed yet. */
const UNRESOLVED = -2;

/** Slots of one page each. `bytes` is replaced when it grows: read it anew. */
export class Arena {
  bytes: Buffer = Buffer.alloc(0);
  private pageSize = 0;
  private next = 0;
  private readonly free: number[] = [];

  /** All slots are free again. */
  reset(pageSize: number): void {
    this.pageSize = pageSize;
    this.next = 0;
    if (this.free.length > 0) this.free.length = 0;
  }

  /** A slot with arbitrary contents. */
  take(): number {
    const slot = this.free.pop();
    if (slot !== undefined) return slot;
    const needed = (this.next + 1) * this.pageSize;
    if (needed > this.bytes.length) {
      const grown = Buffer.alloc(Math.max(4096, 2 * needed));
      this.bytes.copy(grown);
      this.bytes = grown;
    }
    return this.next++;
  }

  give(slot: number): void {
    this.free.push(slot);
  }
}

/** Number of the lowest bit that is set; one is. */
const lowest = (bits: number): number => 31 - Math.clz32(bits & -bits);

function larger(array: Int32Array): Int32Array<ArrayBuffer> {
  const grown = new Int32Array(Math.max(64, array.length * 2)).fill(NONE);
  grown.set(array);
  return grown;
}

/** Records by (file, page), and frames. */
export class PageStore {
  pageSize = 1;
  sectorSize = 1;
  /** `1 << sectorShift` is the sector size. */
  sectorShift = 0;
  /** All chunks of a page. */
  allBits = 1;
  /** Bytes: the file's (by record) and what a page holds that differs from them (by frame). */
  readonly arena = new Arena();
  /** One byte per byte of a page, not 0 where it is unknown what stands there. */
  readonly doubt = new Arena();
  /** By slot: how many bytes are unknown. */
  private readonly doubts: number[] = [];

  /** Number of records; they are never given back during a run. */
  records = 0;
  recordFile = new Int32Array(0);
  recordPage = new Float64Array(0);
  /** Slot of the bytes that a read-back must give. */
  recordSlot = new Int32Array(0);
  /** Slot of doubts about them, or `NONE`. */
  recordDoubt = new Int32Array(0);
  /**
   * When a read-back of it last changed, when a process last wrote to it, when a buffer of it was last lost; where buffers share
   * pages also when a page of it was last freed, and one that held something else than the record.
   */
  recordTick = new Int32Array(0);
  recordWriteTick = new Int32Array(0);
  recordLostTick = new Int32Array(0);
  recordFreedTick = new Int32Array(0);
  recordApartTick = new Int32Array(0);
  private readonly dense = new Int32Array(FILES_MAX * DENSE_PAGES).fill(NONE);
  private readonly far: Map<number, number>[] = [];

  /** File and page of the page tabled in a frame; file `NONE` if it is none of ours. */
  frameFile = new Int32Array(0);
  framePage = new Int32Array(0);
  private frameRecord = new Int32Array(0);
  /** Slot of what the page holds, where that is more than the file's bytes; `NONE`: it holds the file's. */
  frameOverlay = new Int32Array(0);
  /** Slot of doubts about that, or `NONE`. */
  frameDoubt = new Int32Array(0);
  /** Chunks whose contents are in force: valid as of the last look. */
  frameKnown = new Int32Array(0);
  /** Chunks stored to (or zeroed by a growth) and not known to be on disk. */
  framePending = new Int32Array(0);
  /** Chunks that differ from the disk by design: the file was written under them, or they were seen in a window. */
  frameDivergent = new Int32Array(0);
  /** Chunks that a put in progress has to bring to the disk. */
  framePut = new Int32Array(0);
  /** When it was last stored to, and when a chunk last became valid. */
  frameStoreTick = new Int32Array(0);
  /** First byte, and the one behind the last, of what was stored since a setsize of the file last began. */
  frameStoreFrom = new Int32Array(0);
  frameStoreTo = new Int32Array(0);
  frameValidTick = new Int32Array(0);
  /** When kernel code last made it busy. */
  frameBusiedTick = new Int32Array(0);
  /** Status of the last put of the page, `NONE` if there was none. */
  frameStatus = new Int32Array(0);
  /** Frames below this number have been in use in this run. */
  framesUsed = 0;

  begin(geometry: Geometry, files: number): void {
    this.pageSize = geometry.pageSize;
    this.sectorSize = geometry.sectorSize;
    this.sectorShift = Math.log2(geometry.sectorSize);
    this.allBits = 2 ** (geometry.pageSize / geometry.sectorSize) - 1;
    this.arena.reset(this.pageSize);
    this.doubt.reset(this.pageSize);
    for (let i = 0; i < this.records; i++) {
      const page = this.recordPage[i]!;
      if (page < DENSE_PAGES) this.dense[this.recordFile[i]! * DENSE_PAGES + page] = NONE;
      else this.far[this.recordFile[i]!]!.clear();
    }
    this.records = 0;
    while (this.far.length < files) this.far.push(new Map());
    this.resizeFrames(geometry.frames);
  }

  private resizeFrames(frames: number): void {
    if (this.frameFile.length < frames) {
      this.frameFile = new Int32Array(frames);
      this.framePage = new Int32Array(frames);
      this.frameRecord = new Int32Array(frames);
      this.frameOverlay = new Int32Array(frames);
      this.frameDoubt = new Int32Array(frames);
      this.frameKnown = new Int32Array(frames);
      this.framePending = new Int32Array(frames);
      this.frameDivergent = new Int32Array(frames);
      this.framePut = new Int32Array(frames);
      this.frameStoreTick = new Int32Array(frames);
      this.frameStoreFrom = new Int32Array(frames);
      this.frameStoreTo = new Int32Array(frames);
      this.frameValidTick = new Int32Array(frames);
      this.frameBusiedTick = new Int32Array(frames);
      this.frameStatus = new Int32Array(frames);
      this.framesUsed = frames;
    }
    for (let frame = 0; frame < this.framesUsed; frame++) this.clearFrame(frame);
    this.framesUsed = 0;
  }

  private clearFrame(frame: number): void {
    this.frameFile[frame] = NONE;
    this.framePage[frame] = NONE;
    this.frameRecord[frame] = NONE;
    this.frameOverlay[frame] = NONE;
    this.frameDoubt[frame] = NONE;
    this.frameKnown[frame] = 0;
    this.framePending[frame] = 0;
    this.frameDivergent[frame] = 0;
    this.framePut[frame] = 0;
    this.frameStoreTick[frame] = NONE;
    this.frameValidTick[frame] = NONE;
    this.frameBusiedTick[frame] = NONE;
    this.frameStatus[frame] = NONE;
  }

  /** The frame now holds that page; nothing of it is valid. */
  table(frame: number, file: number, page: number): void {
    if (frame >= this.framesUsed) this.framesUsed = frame + 1;
    this.untable(frame);
    this.frameFile[frame] = file;
    this.framePage[frame] = page;
    this.frameRecord[frame] = file < 0 ? NONE : UNRESOLVED;
  }

  /** The frame holds nothing. */
  untable(frame: number): void {
    const overlay = this.frameOverlay[frame]!;
    if (overlay !== NONE) this.arena.give(overlay);
    const doubt = this.frameDoubt[frame]!;
    if (doubt !== NONE) this.doubt.give(doubt);
    this.clearFrame(frame);
  }

  /** Record of a file page, `NONE` if nobody looked at it yet. */
  find(file: number, page: number): number {
    if (page < DENSE_PAGES) return this.dense[file * DENSE_PAGES + page]!;
    return this.far[file]!.get(page) ?? NONE;
  }

  /** A new record of a file page; its bytes are the caller's to fill. */
  create(file: number, page: number): number {
    const record = this.records++;
    if (record >= this.recordFile.length) {
      this.recordFile = larger(this.recordFile);
      this.recordSlot = larger(this.recordSlot);
      this.recordDoubt = larger(this.recordDoubt);
      this.recordTick = larger(this.recordTick);
      this.recordWriteTick = larger(this.recordWriteTick);
      this.recordLostTick = larger(this.recordLostTick);
      this.recordFreedTick = larger(this.recordFreedTick);
      this.recordApartTick = larger(this.recordApartTick);
      const pages = new Float64Array(this.recordFile.length);
      pages.set(this.recordPage);
      this.recordPage = pages;
    }
    this.recordFile[record] = file;
    this.recordPage[record] = page;
    this.recordSlot[record] = this.arena.take();
    this.recordDoubt[record] = NONE;
    this.recordTick[record] = NONE;
    this.recordWriteTick[record] = NONE;
    this.recordLostTick[record] = NONE;
    this.recordFreedTick[record] = NONE;
    this.recordApartTick[record] = NONE;
    if (page < DENSE_PAGES) this.dense[file * DENSE_PAGES + page] = record;
    else this.far[file]!.set(page, record);
    return record;
  }

  /** Record of the page in a frame: its number, `NONE`, or `UNRESOLVED` as a negative number other than `NONE`. */
  rawRecord(frame: number): number {
    return this.frameRecord[frame]!;
  }

  setRecord(frame: number, record: number): void {
    this.frameRecord[frame] = record;
  }

  /** Chunks that `length` (at least 1) bytes from page offset `from` touch. */
  chunksOf(from: number, length: number): number {
    const first = from >> this.sectorShift;
    const last = (from + length - 1) >> this.sectorShift;
    return ((2 << (last - first)) - 1) << first;
  }

  /** The first byte behind the chunk that a byte lies in. */
  chunkEnd(at: number): number {
    return ((at >> this.sectorShift) + 1) << this.sectorShift;
  }

  /**
   * Where a mask's first run of chunks begins that lies at or behind page offset `at`, the edge of a chunk; `pageSize` if there
   * is none.
   */
  runStart(mask: number, at: number): number {
    const rest = mask >>> (at >> this.sectorShift);
    return rest === 0 || at >= this.pageSize ? this.pageSize : at + (lowest(rest) << this.sectorShift);
  }

  /** The first byte behind the run of chunks of a mask that begins at page offset `at`. */
  runEnd(mask: number, at: number): number {
    const end = at + (lowest(~(mask >>> (at >> this.sectorShift))) << this.sectorShift);
    return Math.min(end, this.pageSize);
  }

  /** The chunk that a byte lies in. */
  chunkOf(at: number): number {
    return 1 << (at >> this.sectorShift);
  }

  /** Marks bytes of a record as unknown. */
  doubtRecord(record: number, from: number, to: number): void {
    if (this.recordDoubt[record] === NONE) this.recordDoubt[record] = this.takeDoubt();
    this.raise(this.recordDoubt[record]!, from, to, OPEN);
  }

  /** Marks bytes of what a frame holds as unknown; `kind` says why. */
  doubtFrame(frame: number, from: number, to: number, kind: 1 | 2 = OPEN): void {
    if (this.frameDoubt[frame] === NONE) this.frameDoubt[frame] = this.takeDoubt();
    this.raise(this.frameDoubt[frame]!, from, to, kind);
  }

  private takeDoubt(): number {
    const slot = this.doubt.take();
    zeroBytes(this.doubt.bytes, slot * this.pageSize, this.pageSize);
    while (this.doubts.length <= slot) this.doubts.push(0);
    this.doubts[slot] = 0;
    return slot;
  }

  private raise(slot: number, from: number, to: number, kind: number): void {
    const { bytes } = this.doubt;
    let count = this.doubts[slot]!;
    for (let i = slot * this.pageSize + from; i < slot * this.pageSize + to; i++) {
      if (bytes[i] === 0) count++;
      bytes[i] = kind;
    }
    this.doubts[slot] = count;
  }

  /** Bytes of a record are known again. */
  trustRecord(record: number, from: number, to: number): void {
    const slot = this.recordDoubt[record]!;
    if (slot !== NONE && this.settle(slot, from, to)) this.recordDoubt[record] = NONE;
  }

  /** Bytes of what a frame holds are known again. */
  trustFrame(frame: number, from: number, to: number): void {
    const slot = this.frameDoubt[frame]!;
    if (slot !== NONE && this.settle(slot, from, to)) this.frameDoubt[frame] = NONE;
  }

  /** Clears doubts; true if none is left, and then the slot is given back. */
  private settle(slot: number, from: number, to: number): boolean {
    const { bytes } = this.doubt;
    let count = this.doubts[slot]!;
    for (let i = slot * this.pageSize + from; i < slot * this.pageSize + to; i++) {
      if (bytes[i] === 0) continue;
      bytes[i] = 0;
      count--;
    }
    this.doubts[slot] = count;
    if (count > 0) return false;
    this.doubt.give(slot);
    return true;
  }

  /** Whether a byte of a record, of a frame is unknown. */
  doubtsRecord(record: number, at: number): boolean {
    const slot = this.recordDoubt[record]!;
    return slot !== NONE && this.doubt.bytes[slot * this.pageSize + at] !== 0;
  }

  /** Whether it is unknown only because it was read from a disk that is. */
  inheritsDoubt(frame: number, at: number): boolean {
    const slot = this.frameDoubt[frame]!;
    return slot !== NONE && this.doubt.bytes[slot * this.pageSize + at] === INHERITED;
  }

  doubtsFrame(frame: number, at: number): boolean {
    const slot = this.frameDoubt[frame]!;
    return slot !== NONE && this.doubt.bytes[slot * this.pageSize + at] !== 0;
  }
}
