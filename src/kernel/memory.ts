/**
 * All bytes of the simulated machine in one array: the pattern table, the page frames, a scratch area and the disk's touched
 * chunks. Moving bytes is then one call without views. It knows addresses and nothing of pages or sectors.
 */
import { PATTERN, patternPhase } from '../scenario/pattern.ts';
import { LOOP_MAX, copyRun, wordsOf, zeroRun } from '../trace/bytes.ts';

/** Pages of scratch area that a read(2) can fill. */
const SCRATCH_PAGES = 8;

/** The array and where its parts begin. Addresses are indices into `bytes`. */
export class Memory {
  bytes: Uint8Array = new Uint8Array(0);
  private words = wordsOf(this.bytes);
  frameBase = PATTERN.length;
  scratchBase = 0;
  /** Bytes of one thread's scratch area. */
  scratchSize = 0;
  private chunkBase = 0;
  private chunkEnd = 0;

  /** Lays the parts out anew; contents of frames and scratch are then garbage. */
  reset(frames: number, pageSize: number, threads: number): void {
    this.scratchBase = this.frameBase + frames * pageSize;
    this.scratchSize = SCRATCH_PAGES * pageSize;
    this.chunkBase = this.scratchBase + threads * this.scratchSize;
    this.chunkEnd = this.chunkBase;
    if (this.bytes.length < this.chunkBase + 64 * pageSize) this.grow(this.chunkBase + 64 * pageSize);
  }

  private grow(length: number): void {
    const bytes = new Uint8Array(Math.max(length, this.bytes.length * 2));
    bytes.set(this.bytes);
    if (this.bytes.length === 0) bytes.set(PATTERN);
    this.bytes = bytes;
    this.words = wordsOf(bytes);
  }

  /** Room for another chunk of the disk; returns its address. */
  allocateChunk(size: number): number {
    const address = this.chunkEnd;
    this.chunkEnd += size;
    if (this.chunkEnd > this.bytes.length) this.grow(this.chunkEnd);
    return address;
  }

  copy(from: number, to: number, length: number): void {
    if (length > LOOP_MAX) this.bytes.copyWithin(to, from, from + length);
    else copyRun(this.words, from, this.words, to, length);
  }

  zero(at: number, length: number): void {
    if (length > LOOP_MAX) this.bytes.fill(0, at, at + length);
    else zeroRun(this.words, at, length);
  }

  /** Fills with the bytes of a stamp; `position` is the stamp's position of the first byte. */
  stamp(stamp: number, position: number, at: number, length: number): void {
    this.copy(patternPhase(stamp, position), at, length);
  }
}
