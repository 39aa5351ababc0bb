/**
 * What the parts of the reference pager share: the kernel, the switches, disk addresses of file offsets, and headers for
 * transfers. Sleeping follows the kernel's idiom: a plain call that returns null has blocked.
 */
import { B_BUSY, B_CALL, B_DONE, B_ERROR, B_READ, EIO, VBLK, VCHR } from '../trace/codes.ts';
import type { BmapAnswer } from '../kernel/file-systems.ts';
import type { PagerKernel } from '../kernel/boundary.ts';
import { NOCRED, type Buf, type Page, type Sleeps, type VnPager, type Vnode } from '../kernel/structures.ts';
import type { Defects } from './defects.ts';

/** An address that could not be had: the block map failed (lines 504-514). */
export const FAILED = -1;
/** Repaired form: there is no block. Never a multiple of anything, so that it is contiguous with nothing. */
export const HOLE = -2.5;

/** u32 arithmetic of `vm_offset_t`. */
export const LARGEST = 0x100000000;

/** Shared parts of the reference pager. */
export class Context {
  readonly kernel: PagerKernel;
  readonly defects: Defects;
  /** `dp` and `bn` of the last BMAP; what a failed call does not set stays wild. */
  readonly answer: BmapAnswer = { dvp: null, bn: 0 };

  constructor(kernel: PagerKernel, defects: Defects) {
    this.kernel = kernel;
    this.defects = defects;
  }

  /** `vnode_pager_freepage` (481-486). */
  freepage(m: Page): void {
    this.kernel.pageWakeup(m);
    this.kernel.vmPageFree(m);
  }

  /** Gives back every page but the requested one. */
  freeOthers(m: readonly Page[], count: number, reqpage: number): void {
    for (let i = 0; i < count; i++) if (i !== reqpage) this.freepage(m[i]!);
  }

  /**
   * `vnode_pager_addr` (493-519): disk address in bytes of a file offset, `FAILED`, or (repaired) `HOLE`. Null: blocked, go on
   * with `addrLater`. As written the result is an int.
   */
  addr(vp: Vnode, address: number): number | null {
    const { defects } = this;
    if (defects.addressSign && (address | 0) < 0) return FAILED;
    if (vp.vMount === null && !defects.addressUnmounted) return FAILED;
    const bsize = vp.vMount!.fIosize;
    const voffset = address % bsize;
    const error = this.kernel.vopBmap(vp, (address - voffset) / bsize, this.answer);
    if (error === null) return this.kernel.defer(this.addrRest(voffset));
    return this.addrOf(error, voffset);
  }

  private *addrRest(voffset: number): Sleeps<number> {
    return this.addrOf(yield* this.kernel.blocked<number>(), voffset);
  }

  private addrOf(error: number, voffset: number): number {
    if (error !== 0) return FAILED;
    const { bn } = this.answer;
    if (bn === -1 && !this.defects.addressHole) return HOLE;
    const address = bn * this.kernel.sectorSize + voffset;
    return this.defects.addressWraps ? address | 0 : address;
  }

  /** Block of a byte address, as an int division gives it. */
  block(address: number): number {
    return Math.trunc(address / this.kernel.sectorSize) | 0;
  }

  /** Rounds a transfer up to sectors on real devices (873-876). */
  deviceSize(dp: Vnode, size: number): number {
    if (dp.vType !== VBLK && dp.vType !== VCHR) return size;
    const { sectorSize } = this.kernel;
    return ((size + sectorSize - 1) & ~(sectorSize - 1)) | 0;
  }

  /** `foff + size` against the file's size (868-870): u32 as written, and the result an int. */
  sizeBelowEof(foff: number, size: number, vnpSize: number, wraps: boolean): number {
    const end = wraps ? (foff + size) % LARGEST : foff + size;
    if (end <= vnpSize) return size;
    return wraps ? (vnpSize - foff) | 0 : vnpSize - foff;
  }

  /** The minimal header of a transfer (599-616 and its likes): process, credentials, vnode, place and length. */
  header(
    bp: Buf,
    flags: number,
    dp: Vnode,
    blkno: number,
    bcount: number,
    bufsize: number,
    iodone: (bp: Buf) => void,
  ): void {
    const { kernel } = this;
    bp.bFlags = B_BUSY | B_CALL | flags;
    bp.bIodone = iodone;
    bp.bProc = kernel.curproc;
    bp.bRcred = kernel.curproc!.pUcred;
    bp.bWcred = bp.bRcred;
    if (bp.bRcred !== NOCRED) kernel.crhold(bp.bRcred);
    if (bp.bWcred !== NOCRED) kernel.crhold(bp.bWcred);
    bp.bBlkno = blkno;
    kernel.pbgetvp(dp, bp);
    if ((flags & B_READ) === 0) {
      dp.vNumoutput++;
      bp.bDirtyoff = 0;
      bp.bDirtyend = bcount;
    }
    bp.bBcount = bcount;
    bp.bBufsize = bufsize;
  }

  /** Waits for a synchronous transfer (620-626 and its likes); 0, or null: blocked. */
  waitDone(bp: Buf): 0 | null {
    const s = this.kernel.splbio();
    if ((bp.bFlags & B_DONE) === 0) {
      const slept = this.kernel.tsleep(bp);
      if (slept === null || (bp.bFlags & B_DONE) === 0)
        return this.kernel.defer(this.waitLonger(bp, s, slept === null));
    }
    this.kernel.splx(s);
    return 0;
  }

  private *waitLonger(bp: Buf, s: number, asleep: boolean): Sleeps<0> {
    if (asleep) yield* this.kernel.blocked();
    while ((bp.bFlags & B_DONE) === 0) if (this.kernel.tsleep(bp) === null) yield* this.kernel.blocked();
    this.kernel.splx(s);
    return 0;
  }

  /** Outcome of a finished transfer that should have moved `wanted` bytes: 0 or EIO. As written only the error flag counts. */
  outcome(bp: Buf, wanted: number, ignoresShort: boolean): number {
    if ((bp.bFlags & B_ERROR) !== 0) return EIO;
    if (ignoresShort) return 0;
    return bp.bBcount - bp.bResid < wanted ? EIO : 0;
  }

  /** EOF as the pager knows it, relative to a page: bytes of the page below it, 0 to a page. */
  bytesBelowEof(vnp: VnPager, m: Page): number {
    return Math.max(0, Math.min(this.kernel.pageSize, vnp.vnpSize - m.offset));
  }
}
