/**
 * Who owns what while it is in transit: claims of paging in progress per object, owners of busy pages, asynchronous transfers
 * and what they hold. Kept from events alone; the target's own counters are what this is compared with.
 *
 * An owner is a thread (0 and up) or a transfer; a page or an object keeps its number of allocation, so that one that was freed
 * and handed out again is not taken for the old one.
 */
import type { Geometry } from '../src/scenario/scenario.ts';
import type { Transfer } from '../src/trace/observer.ts';
import { isThread, THREADS_MAX } from './calls.ts';
import { FILES_MAX } from './page-store.ts';

/** Nobody owns the page. */
export const NOBODY = -1;
/** Transfers as owners: `TRANSFER - pbuf`. */
const TRANSFER = -16;

/** Writes of pbufs: to the disk, or over the network to a file, whose number is added. */
const DISK_WRITE = 1;
const FILE_WRITE = 2;

/** Frames that one transfer can carry: a window and what it begins before. */
const CARRIED_MAX = 32;

/** Claims and owners. */
export class Claims {
  /** Claims that kernel code holds, by object. */
  private held = new Int32Array(16);
  /** Asynchronous transfers under way, by object. */
  private asynchronous = new Int32Array(16);
  private births = new Int32Array(16);
  private readonly alive: number[] = [];
  /** Pager calls that may be about to claim for an asynchronous transfer, by object. */
  private reading = new Int32Array(16);
  /** Number of the last allocation of an object or a page. */
  allocation = 0;

  private owners = new Int32Array(0);
  private frameBirths = new Int32Array(0);
  /** Owned frames, in no order; `place` says where each stands. */
  private owned = new Int32Array(0);
  private place = new Int32Array(0);
  ownedCount = 0;
  /** Frames that hold pages of objects. */
  framesUsed = 0;

  /** By pbuf: object (-1: no asynchronous transfer), thread, frames carried. */
  private asyncObject = new Int32Array(0);
  private asyncThread = new Int32Array(0);
  private asyncFrames = new Int32Array(0);
  private asyncCount = new Int32Array(0);
  /** Asynchronous transfers under way, of all threads and of each. */
  pending = 0;
  private readonly pendingOf = new Int32Array(THREADS_MAX);
  /** By pbuf: what it transfers is a write to the disk, one to a file (`FILE_WRITE` + file), or neither (0). */
  private writing = new Int32Array(0);
  diskWrites = 0;
  /** Writes over the network under way, by file. */
  readonly fileWrites = new Int32Array(FILES_MAX);
  private asyncWrite = new Uint8Array(0);
  /** Object of the asynchronous transfer whose completion routine ran last, -1 if that was a synchronous one. */
  completedObject = -1;
  /** Whether that transfer was a read. */
  completedRead = false;
  /** Transfers under way, of any kind. */
  inFlight = 0;
  private flying = new Uint8Array(0);

  begin(geometry: Geometry): void {
    this.held.fill(0);
    this.asynchronous.fill(0);
    this.reading.fill(0);
    if (this.alive.length > 0) this.alive.length = 0;
    this.allocation = 0;
    if (this.owners.length < geometry.frames) {
      this.owners = new Int32Array(geometry.frames);
      this.frameBirths = new Int32Array(geometry.frames);
      this.owned = new Int32Array(geometry.frames);
      this.place = new Int32Array(geometry.frames);
    }
    this.owners.fill(NOBODY);
    this.frameBirths.fill(0);
    this.ownedCount = 0;
    this.framesUsed = 0;
    if (this.asyncObject.length < geometry.pbufs) {
      this.asyncObject = new Int32Array(geometry.pbufs);
      this.asyncThread = new Int32Array(geometry.pbufs);
      this.asyncWrite = new Uint8Array(geometry.pbufs);
      this.asyncCount = new Int32Array(geometry.pbufs);
      this.asyncFrames = new Int32Array(geometry.pbufs * CARRIED_MAX);
      this.writing = new Int32Array(geometry.pbufs);
      this.flying = new Uint8Array(geometry.pbufs);
    }
    this.asyncObject.fill(-1);
    this.writing.fill(0);
    this.flying.fill(0);
    this.pending = 0;
    this.pendingOf.fill(0);
    this.diskWrites = 0;
    this.fileWrites.fill(0);
    this.inFlight = 0;
  }

  private room(object: number): void {
    if (object < this.held.length) return;
    const size = Math.max(object + 1, this.held.length * 2);
    const grow = (array: Int32Array): Int32Array<ArrayBuffer> => {
      const grown = new Int32Array(size);
      grown.set(array);
      return grown;
    };
    this.held = grow(this.held);
    this.asynchronous = grow(this.asynchronous);
    this.births = grow(this.births);
    this.reading = grow(this.reading);
  }

  // --- objects ---

  objectCreated(object: number): void {
    this.room(object);
    this.held[object] = 0;
    this.asynchronous[object] = 0;
    this.reading[object] = 0;
    this.births[object] = ++this.allocation;
    this.alive.push(object);
  }

  objectFreed(object: number): void {
    const at = this.alive.indexOf(object);
    if (at < 0) return;
    this.alive[at] = this.alive[this.alive.length - 1]!;
    this.alive.length--;
    this.births[object] = 0;
  }

  /** Objects that exist, in no order. */
  get objects(): readonly number[] {
    return this.alive;
  }

  /** Number of the allocation that made the object; 0 if it does not exist. */
  objectBirth(object: number): number {
    return object >= 0 && object < this.births.length ? this.births[object]! : 0;
  }

  claim(object: number, count: number): void {
    if (object < 0) return;
    this.room(object);
    this.held[object]! += count;
  }

  release(object: number, count: number): void {
    this.claim(object, -count);
  }

  /** Outstanding claims: of kernel code, and one for each asynchronous transfer under way. */
  outstanding(object: number): number {
    return object < this.held.length ? this.held[object]! + this.asynchronous[object]! : 0;
  }

  /** Get calls in progress on the object. */
  readers(object: number): number {
    return object < this.reading.length ? this.reading[object]! : 0;
  }

  reads(object: number, change: number): void {
    if (object < 0) return;
    this.room(object);
    this.reading[object]! += change;
  }

  // --- pages ---

  /** Thread that owns the page, a negative number below `NOBODY` for a transfer, or `NOBODY`. */
  ownerOf(frame: number): number {
    return this.owners[frame]!;
  }

  /** Number of the allocation that handed the frame out. */
  birthOf(frame: number): number {
    return frame >= 0 && frame < this.frameBirths.length ? this.frameBirths[frame]! : 0;
  }

  /** Whether the page belongs to the asynchronous transfer of that pbuf. */
  ownedByTransfer(frame: number, pbuf: number): boolean {
    return this.owners[frame] === TRANSFER - pbuf;
  }

  /** Whether an asynchronous transfer owns the page. */
  inTransit(frame: number): boolean {
    return this.owners[frame]! <= TRANSFER;
  }

  /** Frame number `i` of those that are owned. */
  ownedFrame(i: number): number {
    return this.owned[i]!;
  }

  pageAllocated(thread: number, frame: number): void {
    if (this.frameBirths[frame] === 0) this.framesUsed++;
    this.frameBirths[frame] = ++this.allocation;
    this.own(frame, Math.max(0, thread));
  }

  own(frame: number, owner: number): void {
    if (this.owners[frame] === NOBODY) {
      this.place[frame] = this.ownedCount;
      this.owned[this.ownedCount++] = frame;
    }
    this.owners[frame] = owner;
  }

  disown(frame: number): void {
    if (this.owners[frame] === NOBODY) return;
    this.owners[frame] = NOBODY;
    const last = this.owned[--this.ownedCount]!;
    this.owned[this.place[frame]!] = last;
    this.place[last] = this.place[frame]!;
  }

  pageFreed(frame: number): void {
    this.disown(frame);
    if (this.frameBirths[frame] !== 0) this.framesUsed--;
    this.frameBirths[frame] = 0;
  }

  // --- transfers ---

  transferStart(transfer: Transfer, object: number): void {
    const { pbuf } = transfer;
    if (pbuf < 0 || pbuf >= this.flying.length) return;
    if (this.flying[pbuf] === 0) {
      this.flying[pbuf] = 1;
      this.inFlight++;
    }
    if (transfer.write) {
      if (transfer.device === 'disk') {
        this.writing[pbuf] = DISK_WRITE;
        this.diskWrites++;
      } else if (transfer.file >= 0) {
        this.writing[pbuf] = FILE_WRITE + transfer.file;
        this.fileWrites[transfer.file]!++;
      }
    }
    if (transfer.async) this.launch(transfer, object);
  }

  private launch(transfer: Transfer, object: number): void {
    const { pbuf } = transfer;
    if (this.asyncObject[pbuf] !== -1) return;
    this.room(object);
    this.asyncObject[pbuf] = object < 0 ? -2 : object;
    this.asyncThread[pbuf] = transfer.thread;
    this.asyncWrite[pbuf] = transfer.write ? 1 : 0;
    this.pending++;
    if (transfer.thread >= 0) this.pendingOf[transfer.thread]!++;
    if (object >= 0) this.asynchronous[object]!++;
    const count = Math.min(transfer.frameCount, CARRIED_MAX);
    this.asyncCount[pbuf] = count;
    for (let i = 0; i < count; i++) {
      const frame = transfer.frames[i]!;
      this.asyncFrames[pbuf * CARRIED_MAX + i] = frame;
      if (frame >= 0 && this.owners[frame] !== NOBODY) this.own(frame, TRANSFER - pbuf);
    }
  }

  transferEnd(transfer: Transfer): void {
    const { pbuf } = transfer;
    if (pbuf < 0 || pbuf >= this.flying.length || this.flying[pbuf] === 0) return;
    this.flying[pbuf] = 0;
    this.inFlight--;
    const writing = this.writing[pbuf]!;
    if (writing === 0) return;
    this.writing[pbuf] = 0;
    if (writing === DISK_WRITE) this.diskWrites--;
    else this.fileWrites[writing - FILE_WRITE]!--;
  }

  /** The completion routine of an asynchronous transfer has run: it holds nothing any more. False if there was none. */
  completed(pbuf: number): boolean {
    this.completedObject = -1;
    if (pbuf < 0 || pbuf >= this.asyncObject.length) return false;
    const object = this.asyncObject[pbuf]!;
    if (object === -1) return false;
    this.asyncObject[pbuf] = -1;
    this.completedObject = object;
    this.completedRead = this.asyncWrite[pbuf] === 0;
    this.pending--;
    const thread = this.asyncThread[pbuf]!;
    if (thread >= 0) this.pendingOf[thread]!--;
    if (object >= 0 && object < this.asynchronous.length && this.asynchronous[object]! > 0)
      this.asynchronous[object]!--;
    return true;
  }

  /** Object of the asynchronous transfer of a pbuf; -1 if there is none. */
  objectOf(pbuf: number): number {
    return pbuf >= 0 && pbuf < this.asyncObject.length ? this.asyncObject[pbuf]! : -1;
  }

  /** Asynchronous transfers under way that the thread started. */
  pendingBy(thread: number): number {
    return isThread(thread) ? this.pendingOf[thread]! : 0;
  }

  /** Frames of a pbuf's last asynchronous transfer. */
  carriedCount(pbuf: number): number {
    return this.asyncCount[pbuf]!;
  }

  carriedFrame(pbuf: number, i: number): number {
    return this.asyncFrames[pbuf * CARRIED_MAX + i]!;
  }
}
