/**
 * The disk and the network server: VOP_STRATEGY, the moving of bytes when a transfer finishes, and biodone (kernel-notes 7.3,
 * 7.4, 10). Sectors are kept in page-sized chunks that come into being when they are first touched, so that a disk of terabytes
 * costs what is used of it. Never-written sectors hold a pattern, sectors of files their initial contents.
 */
import { B_ASYNC, B_CALL, B_DONE, B_ERROR, B_READ, EINVAL, EIO, VBLK, VBWAIT } from '../trace/codes.ts';
import { STAMP_DISK, STAMP_FAILED } from '../scenario/pattern.ts';
import type { MediaFault } from '../scenario/scenario.ts';
import type { Kernel } from './kernel.ts';
import type { Buf, Sleeps, Vnode } from './structures.ts';
import { HOLE } from './block-map.ts';
import { SPLBIO } from './threads.ts';
import { panic } from './trap.ts';

/** Up to this many chunks an array says where they are, beyond it a map. */
const INDEX_MAX = 1 << 16;

/** The disk. Addresses are bytes from its beginning, up to 2^41. */
export class Disk {
  sectorSize = 0;
  sectors = 0;
  private chunkSize = 0;
  private chunkShift = 0;
  private readonly index = new Int32Array(INDEX_MAX).fill(-1);
  private readonly far = new Map<number, number>();
  /** Chunk numbers in `index` that exist, for the reset; the first `touchedCount`. */
  private readonly touched: number[] = [];
  private touchedCount = 0;
  private media: readonly MediaFault[] = [];
  /** Transfers started in this run. */
  transfers = 0;
  private readonly kernel: Kernel;

  constructor(kernel: Kernel) {
    this.kernel = kernel;
  }

  reset(sectorSize: number, sectors: number, media: readonly MediaFault[]): void {
    this.sectorSize = sectorSize;
    this.sectors = sectors;
    this.chunkSize = this.kernel.pages.pageSize;
    this.chunkShift = this.kernel.pages.pageShift;
    for (let i = 0; i < this.touchedCount; i++) this.index[this.touched[i]!] = -1;
    this.touchedCount = 0;
    if (this.far.size > 0) this.far.clear();
    this.media = media;
    this.transfers = 0;
  }

  /** Index in the machine's memory of a byte of the disk; bytes up to the end of its chunk follow it. */
  locate(address: number): number {
    // a double division costs ten times the shift that most addresses allow
    const chunk = address <= 0x7fffffff ? address >> this.chunkShift : Math.floor(address / this.chunkSize);
    let at = chunk < INDEX_MAX ? this.index[chunk]! : (this.far.get(chunk) ?? -1);
    if (at < 0) at = this.materialize(chunk);
    return at + (address - chunk * this.chunkSize);
  }

  private materialize(chunk: number): number {
    const { memory, fileSystems } = this.kernel;
    const at = memory.allocateChunk(this.chunkSize);
    if (chunk < INDEX_MAX) {
      this.index[chunk] = at;
      this.touched[this.touchedCount++] = chunk;
    } else {
      this.far.set(chunk, at);
    }
    const address = chunk * this.chunkSize;
    memory.stamp(STAMP_DISK, address, at, this.chunkSize);
    fileSystems.fillInitial(address, this.chunkSize, at);
    return at;
  }

  /** Bytes from `address` to the end of their chunk. */
  room(address: number): number {
    return (
      this.chunkSize - (address <= 0x7fffffff ? address & (this.chunkSize - 1) : address % this.chunkSize)
    );
  }

  /** Copies bytes of the disk to the machine's memory at `to`. */
  copyOut(address: number, to: number, length: number): void {
    let done = 0;
    while (done < length) {
      const piece = Math.min(length - done, this.room(address + done));
      this.kernel.memory.copy(this.locate(address + done), to + done, piece);
      done += piece;
    }
  }

  /** Copies bytes of the machine's memory at `from` to the disk. */
  copyIn(from: number, address: number, length: number): void {
    let done = 0;
    while (done < length) {
      const piece = Math.min(length - done, this.room(address + done));
      // locate may replace the array, never move what is in it
      const at = this.locate(address + done);
      this.kernel.memory.copy(from + done, at, piece);
      done += piece;
    }
  }

  /** Zeros on the disk. */
  zero(address: number, length: number): void {
    let done = 0;
    while (done < length) {
      const piece = Math.min(length - done, this.room(address + done));
      this.kernel.memory.zero(this.locate(address + done), piece);
      done += piece;
    }
  }

  /** A stamp's bytes on the disk; `position` belongs to the first. */
  stamp(stamp: number, position: number, address: number, length: number): void {
    let done = 0;
    while (done < length) {
      const piece = Math.min(length - done, this.room(address + done));
      this.kernel.memory.stamp(stamp, position + done, this.locate(address + done), piece);
      done += piece;
    }
  }

  /** How many of `count` sectors from `sector` on can be accessed before the first faulty one. */
  goodSectors(sector: number, count: number, write: boolean): number {
    let good = count;
    for (const fault of this.media) {
      if (fault.access === (write ? 'read' : 'write')) continue;
      if (sector < fault.sector + fault.count && fault.sector < sector + good)
        good = Math.max(0, fault.sector - sector);
    }
    return good;
  }

  /** Whether any of the sectors that hold these bytes fails. */
  faulty(address: number, length: number, write: boolean): boolean {
    if (this.media.length === 0) return false;
    const first = Math.floor(address / this.sectorSize);
    const count = Math.ceil((address + length) / this.sectorSize) - first;
    return this.goodSectors(first, count, write) < count;
  }

  /** `VOP_STRATEGY`. Returns 0, or null when the calling process has to do the work itself and sleeps (network). */
  strategy(bp: Buf): 0 | null {
    const vp = bp.bVp;
    if (vp === null) panic('strategy: the buffer has no vnode');
    this.transfers++;
    const { kernel } = this;
    this.describe(bp, vp);
    if (kernel.observer !== null) kernel.observer.transferStart(bp.transfer);
    const { flight } = bp;
    flight.fails = false;
    flight.shortBy = 0;
    if (vp.vType === VBLK) return this.diskStrategy(bp);
    return this.networkStrategy(bp, vp);
  }

  private describe(bp: Buf, vp: Vnode): void {
    const { space, pages, threads } = this.kernel;
    const { transfer } = bp;
    transfer.thread = threads.current === null ? -1 : threads.current.id;
    transfer.file = vp.file >= 0 ? vp.file : this.kernel.pagerCalls.fileOf(threads.current);
    transfer.device = vp.vType === VBLK ? 'disk' : 'network';
    transfer.write = (bp.bFlags & B_READ) === 0;
    transfer.async = (bp.bFlags & B_ASYNC) !== 0;
    transfer.block = bp.bBlkno;
    transfer.byteCount = bp.bBcount;
    transfer.bufferSize = bp.bBufsize;
    transfer.dirtyOffset = bp.bDirtyoff;
    transfer.dirtyEnd = bp.bDirtyend;
    transfer.pageOffset = bp.bData & (pages.pageSize - 1);
    transfer.failed = false;
    transfer.error = 0;
    transfer.resid = 0;
    const touched = bp.bBcount > 0 ? Math.ceil((transfer.pageOffset + bp.bBcount) / pages.pageSize) : 0;
    transfer.frameCount = Math.min(transfer.frames.length, touched);
    for (let i = 0; i < transfer.frameCount; i++) {
      const frame = space.frameAt(bp.bData - transfer.pageOffset + i * pages.pageSize);
      transfer.frames[i] = frame < pages.count ? frame : -1;
    }
  }

  private fail(bp: Buf, error: number): 0 {
    bp.bFlags |= B_ERROR;
    bp.bError = error;
    bp.bResid = bp.bBcount;
    this.done(bp);
    return 0;
  }

  private diskStrategy(bp: Buf): 0 {
    const { bBlkno, bBcount } = bp;
    if (bBcount < 0 || bBcount % this.sectorSize !== 0 || bBlkno < 0 || bBlkno > this.sectors)
      return this.fail(bp, EINVAL);
    if (bBlkno === this.sectors) {
      bp.bResid = bBcount;
      this.done(bp);
      return 0;
    }
    if (bBlkno + bBcount / this.sectorSize > this.sectors)
      bp.bBcount = (this.sectors - bBlkno) * this.sectorSize;
    this.launch(bp);
    return 0;
  }

  /** Takes the choices about this transfer and puts it under way, or ends it at once. */
  private launch(bp: Buf): void {
    const { kernel } = this;
    const { flight } = bp;
    const { current } = kernel.threads;
    const file = Math.max(0, bp.transfer.file);
    let delay = 0;
    let immediate = false;
    const choice = kernel.exceptions.at(current, 'transfer', file);
    if (choice !== null) {
      if (choice.take === 'error') flight.fails = true;
      else if (choice.take === 'short') flight.shortBy = Math.max(1, choice.amount);
      else if (choice.take === 'delay') delay = choice.amount + 0.5;
      else if (choice.take === 'immediate') immediate = true;
    }
    if (immediate) this.finish(bp);
    else kernel.threads.launch(flight, delay);
  }

  private networkStrategy(bp: Buf, vp: Vnode): 0 | null {
    if (vp.vMount === null || this.kernel.fileSystems.of(vp).blockMap !== 'network')
      return this.fail(bp, EIO);
    if ((bp.bFlags & B_ASYNC) !== 0) {
      this.launch(bp);
      return 0;
    }
    const { kernel } = this;
    const choice = kernel.exceptions.at(kernel.threads.current, 'transfer', Math.max(0, bp.transfer.file));
    if (choice !== null) {
      if (choice.take === 'error') bp.flight.fails = true;
      else if (choice.take === 'short') bp.flight.shortBy = Math.max(1, choice.amount);
      else if (choice.take === 'sleep' || choice.take === 'delay')
        return kernel.threads.defer(this.finishAfterAWhile(bp));
    }
    this.finish(bp);
    return 0;
  }

  private *finishAfterAWhile(bp: Buf): Sleeps<0> {
    yield* this.kernel.threads.waitAWhile();
    this.finish(bp);
    return 0;
  }

  /** The transfer ends: bytes move, then biodone. Called at interrupt level, or from strategy. */
  finish(bp: Buf): void {
    const vp = bp.bVp!;
    if (vp.vType === VBLK) this.finishDisk(bp);
    else this.finishNetwork(bp, vp);
    this.done(bp);
  }

  private finishDisk(bp: Buf): void {
    const write = (bp.bFlags & B_READ) === 0;
    const wanted = bp.bBcount / this.sectorSize;
    let good = wanted;
    if (this.media.length > 0) good = this.goodSectors(bp.bBlkno, wanted, write);
    let failed = good < wanted;
    if (bp.flight.fails) {
      failed = true;
      good = Math.min(good, wanted >> 1);
    } else if (bp.flight.shortBy > 0 && !failed) {
      good = Math.max(0, wanted - bp.flight.shortBy);
    }
    this.move(bp, bp.bBlkno * this.sectorSize, good * this.sectorSize, write);
    bp.bResid = bp.bBcount - good * this.sectorSize;
    if (failed) {
      this.markFailed(bp);
      // what a failed read leaves in memory is unspecified
      if (!write && good < wanted) this.garble(bp, good * this.sectorSize, this.sectorSize);
    }
  }

  private garble(bp: Buf, from: number, length: number): void {
    const { space, memory, pages } = this.kernel;
    let done = from;
    while (done < from + length) {
      const at = bp.bData + done;
      const piece = Math.min(from + length - done, pages.pageSize - (at & (pages.pageSize - 1)));
      memory.stamp(STAMP_FAILED, done, space.translate(at), piece);
      done += piece;
    }
  }

  private move(bp: Buf, address: number, length: number, write: boolean): void {
    const { space, pages } = this.kernel;
    let done = 0;
    while (done < length) {
      const at = bp.bData + done;
      const piece = Math.min(length - done, pages.pageSize - (at & (pages.pageSize - 1)));
      const memory = space.translate(at);
      if (write) this.copyIn(memory, address + done, piece);
      else this.copyOut(address + done, memory, piece);
      done += piece;
    }
  }

  private finishNetwork(bp: Buf, vp: Vnode): void {
    const { fileSystems } = this.kernel;
    const write = (bp.bFlags & B_READ) === 0;
    const start = bp.bBlkno * this.sectorSize;
    const from = write ? bp.bDirtyoff : 0;
    let to = Math.min(write ? bp.bDirtyend : bp.bBcount, vp.size - start);
    if (bp.bBcount < 0 || start < 0 || to < from) to = from;
    const wanted = to;
    const { fails, shortBy } = bp.flight;
    if (fails) to = from + ((to - from) >> 1);
    else if (shortBy > 0) to = Math.max(from, to - shortBy * this.sectorSize);
    let failed = fails;
    let done = from;
    while (done < to) {
      const at = bp.bData + done;
      const { pageSize } = this.kernel.pages;
      const piece = Math.min(
        to - done,
        pageSize - (at & (pageSize - 1)),
        fileSystems.roomInBlock(vp, start + done),
      );
      const memory = this.kernel.space.translate(at);
      const sector = fileSystems.addressOf(vp, start + done, write);
      if (sector === HOLE) {
        if (write) {
          failed = true;
          break;
        }
        this.kernel.memory.zero(memory, piece);
      } else if (this.faulty(sector, piece, write)) {
        failed = true;
        break;
      } else if (write) {
        this.copyIn(memory, sector, piece);
      } else {
        this.copyOut(sector, memory, piece);
      }
      done += piece;
    }
    bp.bResid = write ? Math.max(0, wanted - done) : Math.max(0, bp.bBcount - done);
    if (failed) this.markFailed(bp);
  }

  /** After an error nobody may go by what a driver leaves in `b_resid` (7.3): what remains, or, at odd places, nothing. */
  private markFailed(bp: Buf): void {
    bp.bFlags |= B_ERROR;
    bp.bError = EIO;
    if ((bp.bBlkno & 1) !== 0) bp.bResid = 0;
  }

  /** `biodone`. */
  private done(bp: Buf): void {
    const { kernel } = this;
    const { transfer } = bp;
    transfer.failed = (bp.bFlags & B_ERROR) !== 0;
    transfer.error = bp.bError;
    transfer.resid = bp.bResid;
    if (kernel.observer !== null) kernel.observer.transferEnd(transfer);
    const mask = kernel.threads.raise(SPLBIO);
    bp.bFlags |= B_DONE;
    if ((bp.bFlags & B_READ) === 0 && bp.bVp !== null) this.outputDone(bp.bVp);
    if ((bp.bFlags & B_CALL) !== 0) {
      bp.bFlags &= ~B_CALL;
      kernel.pagerCalls.iodone(bp);
    } else {
      kernel.threads.wakeup(bp);
    }
    kernel.threads.mask = mask;
  }

  private outputDone(vp: Vnode): void {
    if (--vp.vNumoutput < 0) panic('vwakeup: v_numoutput is below zero');
    if (vp.vNumoutput === 0 && (vp.vFlag & VBWAIT) !== 0) {
      vp.vFlag &= ~VBWAIT;
      // output waiters sleep on another address than lock waiters; waking both is a lawful spurious wakeup
      this.kernel.threads.wakeup(vp);
    }
  }
}
