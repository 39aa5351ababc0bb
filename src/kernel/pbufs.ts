/**
 * The pool of physical I/O buffers (kernel-notes 7.2). Headers are reused last in, first out; a waiter sleeps on the pool's one
 * channel and is woken when a header comes back.
 */
import { B_READ, PBUF_POISON } from '../trace/codes.ts';
import type { Transfer } from '../trace/observer.ts';
import type { Kernel } from './kernel.ts';
import { WINDOW_PAGES } from './address-space.ts';
import { NOCRED, type Buf, type Sleeps, type Ucred, type Vnode } from './structures.ts';
import { panic, trap } from './trap.ts';

/** What a null pointer is in `header`; -1 is the disk, or NOCRED. */
const NOBODY = -2;

function transferRecord(pbuf: number): Transfer {
  return {
    pbuf,
    thread: -1,
    file: -1,
    device: 'disk',
    write: false,
    async: false,
    block: 0,
    byteCount: 0,
    bufferSize: 0,
    dirtyOffset: 0,
    dirtyEnd: 0,
    pageOffset: 0,
    frames: new Int32Array(WINDOW_PAGES + 1).fill(-1),
    frameCount: 0,
    failed: false,
    error: 0,
    resid: 0,
  };
}

/** The pool. */
export class Pbufs {
  readonly headers: Buf[] = [];
  /** Headers of this run; `headers` may hold more. */
  count = 0;
  /** A stack; the first `freeCount` are free. */
  private readonly free: Buf[] = [];
  freeCount = 0;
  private wanted = false;
  private readonly kernel: Kernel;

  constructor(kernel: Kernel) {
    this.kernel = kernel;
  }

  reset(count: number): void {
    const { space } = this.kernel;
    this.count = count;
    this.wanted = false;
    this.freeCount = count;
    for (let i = 0; i < count; i++) {
      const bp = (this.headers[i] ??= this.kernel.make.buf(i, space.windowOf(i), transferRecord(i)));
      bp.window = space.windowOf(i);
      bp.bVp = null;
      bp.bRcred = NOCRED;
      bp.bWcred = NOCRED;
      bp.free = true;
      Pbufs.poison(bp);
      bp.flight.flying = false;
      this.free[count - 1 - i] = bp;
    }
  }

  /** `getpbuf`: sleeps while the pool is empty. Null: blocked, see `Threads.defer`. */
  get(): Buf | null {
    const { kernel } = this;
    if (kernel.exceptions.at(kernel.threads.current, 'pbuf', 0) !== null)
      return kernel.threads.defer(this.getAfterAWhile());
    return this.try() ?? kernel.threads.defer(this.getSlowly());
  }

  private *getAfterAWhile(): Sleeps<Buf> {
    yield* this.kernel.threads.waitAWhile();
    return this.try() ?? (yield* this.getSlowly());
  }

  private *getSlowly(): Sleeps<Buf> {
    const { threads } = this.kernel;
    for (;;) {
      this.wanted = true;
      if (threads.tsleep(this.kernel.poolChannel) === null) yield* threads.blocked();
      const bp = this.try();
      if (bp !== null) return bp;
    }
  }

  /** `trypbuf`: null when the pool is empty. */
  try(): Buf | null {
    if (this.freeCount === 0) return null;
    const bp = this.free[--this.freeCount]!;
    if (!Pbufs.isPoison(bp)) trap(`getpbuf: pbuf ${bp.id} was changed after it was given back`);
    bp.free = false;
    bp.bFlags = 0;
    bp.bData = bp.window;
    bp.bBcount = 0;
    bp.bBufsize = 0;
    bp.bResid = 0;
    bp.bError = 0;
    bp.bBlkno = 0;
    bp.bDirtyoff = 0;
    bp.bDirtyend = 0;
    bp.bVp = null;
    bp.bIodone = null;
    bp.bProc = null;
    bp.bRcred = NOCRED;
    bp.bWcred = NOCRED;
    return bp;
  }

  /** `relpbuf`: drops credentials and vnode, and returns the header. */
  release(bp: Buf): void {
    if (bp.free) panic(`relpbuf: pbuf ${bp.id} is free already`);
    if (bp.bRcred !== NOCRED) this.releaseCredential(bp.bRcred);
    if (bp.bWcred !== NOCRED) this.releaseCredential(bp.bWcred);
    bp.bRcred = NOCRED;
    bp.bWcred = NOCRED;
    if (bp.bVp !== null) this.detach(bp);
    bp.free = true;
    Pbufs.poison(bp);
    this.free[this.freeCount++] = bp;
    if (this.wanted) {
      this.wanted = false;
      this.kernel.threads.wakeup(this.kernel.poolChannel);
    }
  }

  /** Fills a header that is free, so that it shows who writes to it: all but the window, which is its own for ever. */
  private static poison(bp: Buf): void {
    bp.bFlags = PBUF_POISON;
    bp.bData = bp.window;
    bp.bBcount = PBUF_POISON;
    bp.bBufsize = PBUF_POISON;
    bp.bResid = PBUF_POISON;
    bp.bError = PBUF_POISON;
    bp.bBlkno = PBUF_POISON;
    bp.bDirtyoff = PBUF_POISON;
    bp.bDirtyend = PBUF_POISON;
    bp.bIodone = null;
    bp.bProc = null;
  }

  /** Whether a header that is free is as `poison` left it. */
  private static isPoison(bp: Buf): boolean {
    return (
      bp.bFlags === PBUF_POISON &&
      bp.bData === bp.window &&
      bp.bBcount === PBUF_POISON &&
      bp.bBufsize === PBUF_POISON &&
      bp.bResid === PBUF_POISON &&
      bp.bError === PBUF_POISON &&
      bp.bBlkno === PBUF_POISON &&
      bp.bDirtyoff === PBUF_POISON &&
      bp.bDirtyend === PBUF_POISON &&
      bp.bVp === null &&
      bp.bIodone === null &&
      bp.bProc === null &&
      bp.bRcred === NOCRED &&
      bp.bWcred === NOCRED
    );
  }

  /** See `View.pbufHeader`. */
  header(pbuf: number, into: Int32Array): void {
    const bp = this.headers[pbuf]!;
    const { free } = bp;
    into[0] = bp.bFlags;
    // the window of a header that is free is where it always is
    into[1] = free && bp.bData === bp.window ? PBUF_POISON : bp.bData;
    into[2] = bp.bBcount;
    into[3] = bp.bBufsize;
    into[4] = bp.bResid;
    into[5] = bp.bError;
    into[6] = bp.bBlkno;
    into[7] = bp.bDirtyoff;
    into[8] = bp.bDirtyend;
    into[9] = free && bp.bVp === null ? PBUF_POISON : (bp.bVp?.file ?? NOBODY);
    into[10] = free && bp.bIodone === null ? PBUF_POISON : Number(bp.bIodone !== null);
    into[11] = free && bp.bProc === null ? PBUF_POISON : (bp.bProc?.id ?? NOBODY);
    into[12] = free && bp.bRcred === NOCRED ? PBUF_POISON : (bp.bRcred?.id ?? NOBODY);
    into[13] = free && bp.bWcred === NOCRED ? PBUF_POISON : (bp.bWcred?.id ?? NOBODY);
  }

  private releaseCredential(credential: Ucred | null): void {
    if (credential !== null) credential.crRef--;
  }

  /** `pbgetvp`: the header holds the vnode. */
  attach(vp: Vnode, bp: Buf): void {
    if (bp.bVp !== null) panic('pbgetvp: the buffer has a vnode already');
    vp.vHoldcnt++;
    bp.bVp = vp;
  }

  /** `pbrelvp`. */
  detach(bp: Buf): void {
    if (bp.bVp === null) panic('pbrelvp: the buffer has no vnode');
    this.kernel.vnodes.releaseHold(bp.bVp);
    bp.bVp = null;
  }

  /** Whether a write to any of these sectors of the disk is under way: nobody else may have them before it ends. */
  writesTo(sector: number, count: number): boolean {
    for (let i = 0; i < this.count; i++) {
      const bp = this.headers[i]!;
      if (bp.free || bp.bVp === null || bp.bVp.file >= 0 || (bp.bFlags & B_READ) !== 0) continue;
      const end = bp.bBlkno + bp.bBcount / this.kernel.disk.sectorSize;
      if (bp.bBlkno < sector + count && sector < end) return true;
    }
    return false;
  }

  /** Whether any page of the window is mapped. */
  windowMapped(pbuf: number): boolean {
    const { space, pages } = this.kernel;
    const window = space.windowOf(pbuf);
    for (let i = 0; i < WINDOW_PAGES; i++)
      if (space.frameAt(window + (i << pages.pageShift)) >= 0) return true;
    return false;
  }
}
