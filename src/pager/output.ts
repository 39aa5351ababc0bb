/**
 * The output half of the reference pager: `vnode_pager_output` and the small-block and old routines behind it (999-1329). The
 * form is chosen by the switches in `defects.ts`; without any the contracts of 13.6 hold.
 */
import {
  EINVAL,
  EIO,
  MOUNT_NFS,
  PG_BUSY,
  VM_PAGER_AGAIN,
  VM_PAGER_BAD,
  VM_PAGER_ERROR,
  VM_PAGER_FAIL,
  VM_PAGER_OK,
  VVMIO,
} from '../trace/codes.ts';
import { Uio } from '../kernel/file-access.ts';
import type { Buf, Page, Sleeps, VnPager, Vnode } from '../kernel/structures.ts';
import { Context, FAILED, HOLE, LARGEST } from './context.ts';

/** Writes pages. */
export class Output {
  private readonly context: Context;
  private readonly iodone: (bp: Buf) => void;

  constructor(context: Context, iodone: (bp: Buf) => void) {
    this.context = context;
    this.iodone = iodone;
  }

  /** `vnode_pager_output` (1143-1329). */
  output(vnp: VnPager, m: readonly Page[], owned: number, rtvals: Int32Array): Sleeps<number> {
    return this.attempt(vnp, m, owned, owned, rtvals);
  }

  /** One attempt with the first `tried` of the `owned` pages of the call, all of which are busy. */
  private *attempt(
    vnp: VnPager,
    m: readonly Page[],
    tried: number,
    owned: number,
    rtvals: Int32Array,
  ): Sleeps<number> {
    const { context } = this;
    const { kernel, defects } = context;
    const { pageSize } = kernel;
    const first = m[0]!;
    const vp = vnp.vnpVp!;
    let count = tried;
    if (vp.vMount === null) {
      if (defects.outputRtvalsUnset) return VM_PAGER_FAIL;
      return this.all(rtvals, count, VM_PAGER_FAIL);
    }
    const bsize = vp.vMount.fIosize;
    this.all(rtvals, count, VM_PAGER_AGAIN);
    if (defects.outputLargeOffset && (first.offset | 0) < 0) {
      kernel.printf(`vnode_pager_output: attempt to write meta-data!!! -- 0x${first.offset.toString(16)}`);
      first.dirty = 0;
      rtvals[0] = VM_PAGER_OK;
      return VM_PAGER_OK;
    }
    if (!defects.outputOldPastEof) {
      count = this.belowEof(vnp, m, count, rtvals);
      if (count === 0) return rtvals[0]!;
    }
    const inBlock = first.offset % bsize;
    const mapped =
      kernel.vopBmap(vp, (first.offset - inBlock) / bsize, context.answer) ??
      (yield* kernel.blocked<number>());
    if (vp.vMount === null && !defects.outputUnmounted) return this.all(rtvals, count, VM_PAGER_FAIL);
    const dp = context.answer.dvp!;
    const block = context.answer.bn;
    const cuts = vnp.vnpCuts;
    if (mapped !== 0 || block === -1) {
      rtvals[0] = yield* this.old(vnp, m, owned);
      if (defects.outputOldCleanOnError) first.dirty = 0;
      this.count(1, tried < owned);
      return rtvals[0];
    }
    if (kernel.vopUpdate(vp) === null) yield* kernel.blocked();
    if (vp.vMount === null && !defects.outputUnmounted) return this.all(rtvals, count, VM_PAGER_FAIL);

    if (bsize < pageSize && vp.vMount.fType !== MOUNT_NFS) {
      for (let i = 0; i < count; i++) rtvals[i] = yield* this.smallPage(vnp, m, i, owned);
      this.count(count, tried < owned);
      return rtvals[0]!;
    }
    count = this.belowEof(vnp, m, count, rtvals);
    if (count === 0) return rtvals[0]!;
    if (first.valid !== kernel.allBits && !defects.outputPartial) {
      rtvals[0] = yield* this.chunks(vnp, m, 0, owned);
      this.count(1, tried < owned);
      return rtvals[0];
    }
    // the address is asked for again as written; repaired, the answer that chose this path is used
    let reqaddr = block * kernel.sectorSize + inBlock;
    if (defects.outputBmapError)
      reqaddr = context.addr(vp, first.offset) ?? (yield* kernel.blocked<number>());
    if (defects.addressWraps) reqaddr >>>= 0;
    for (let i = 1; i < count; i++) {
      const found = context.addr(vp, m[i]!.offset) ?? (yield* kernel.blocked<number>());
      const wanted = reqaddr + i * pageSize;
      const follows = defects.addressWraps ? found >>> 0 === wanted % LARGEST : found === wanted;
      if (!follows || (m[i]!.valid !== kernel.allBits && !defects.outputPartial)) count = i;
    }
    const result = yield* this.direct(vnp, vp, dp, m, count, tried < owned, reqaddr, cuts, rtvals);
    if (result === CUT) return yield* this.attempt(vnp, m, tried, owned, rtvals);
    // an error with more than one page: once more with the first alone (1321-1324)
    return result === RETRY ? yield* this.attempt(vnp, m, 1, owned, rtvals) : result;
  }

  /** One more page-out operation; the second attempt of one is none. */
  private count(pages: number, isRetry: boolean): void {
    const { kernel, defects } = this.context;
    if (isRetry && !defects.outputRetryCounts) return;
    kernel.cnt.vVnodeout++;
    kernel.cnt.vVnodepgsout += pages;
  }

  /** One status for every page; the result of the function. */
  private all(rtvals: Int32Array, count: number, status: number): number {
    for (let i = 0; i < count; i++) rtvals[i] = status;
    return status;
  }

  /** Pages at or past EOF are BAD (1219-1227); how many are left. */
  private belowEof(vnp: VnPager, m: readonly Page[], count: number, rtvals: Int32Array): number {
    let below = 0;
    while (below < count && m[below]!.offset < vnp.vnpSize) below++;
    for (let i = below; i < count; i++) rtvals[i] = VM_PAGER_BAD;
    return below;
  }

  /** One synchronous write of a contiguous run (1245-1328). */
  private *direct(
    vnp: VnPager,
    vp: Vnode,
    dp: Vnode,
    m: readonly Page[],
    contiguous: number,
    isRetry: boolean,
    reqaddr: number,
    cuts: number,
    rtvals: Int32Array,
  ): Sleeps<number> {
    const { context } = this;
    const { kernel, defects } = context;
    const { pageSize } = kernel;
    let count = contiguous;
    let { vnpSize } = vnp;
    const bp = kernel.getpbuf() ?? (yield* kernel.blocked<Buf>());
    // repaired: what depends on the file's size is decided after the last sleep
    if (!defects.outputTruncatedAsleep) {
      if (vp.vMount === null) {
        kernel.relpbuf(bp);
        return this.all(rtvals, count, VM_PAGER_FAIL);
      }
      if (vnp.vnpCuts !== cuts && !defects.outputStaleAddress) {
        kernel.relpbuf(bp);
        return CUT;
      }
      count = this.belowEof(vnp, m, count, rtvals);
      ({ vnpSize } = vnp);
      if (count === 0) {
        kernel.relpbuf(bp);
        return rtvals[0]!;
      }
    }
    const foff = m[0]!.offset;
    const below = context.sizeBelowEof(foff, count * pageSize, vnpSize, defects.outputSizeWraps);
    const size = context.deviceSize(dp, below);
    const kva = bp.bData;
    kernel.pmapQenter(kva, m, 0, count);
    if (!defects.outputTail && size > below) kernel.bzero(kva + below, size - below);
    const blkno = defects.addressWraps ? Math.floor(reqaddr / kernel.sectorSize) | 0 : context.block(reqaddr);
    context.header(bp, 0, dp, blkno, size, size, this.iodone);
    this.count(count, isRetry);
    if (kernel.vopStrategy(bp) === null) yield* kernel.blocked();
    if (context.waitDone(bp) === null) yield* kernel.blocked();
    const error = context.outcome(bp, below, defects.outputShort);
    kernel.pmapQremove(kva, count);
    kernel.relpbuf(bp);
    if (defects.holdReleaseOutput) kernel.holdrele(vp);
    if (error === 0) {
      for (let i = 0; i < count; i++) {
        kernel.pmapClearModify(m[i]!);
        m[i]!.dirty = 0;
        rtvals[i] = VM_PAGER_OK;
      }
      return VM_PAGER_OK;
    }
    if (count !== 1) {
      // what was tried has not been left alone: only the first is tried again
      if (!defects.outputRetryAgain) for (let i = 1; i < count; i++) rtvals[i] = VM_PAGER_ERROR;
      return RETRY;
    }
    if (!defects.outputErrorAgain) rtvals[0] = VM_PAGER_ERROR;
    kernel.printf('vnode_pager_output: I/O write error');
    return VM_PAGER_ERROR;
  }

  /** A page on small blocks, with what its caller adds (1209-1214). */
  private *smallPage(vnp: VnPager, m: readonly Page[], index: number, count: number): Sleeps<number> {
    const { kernel } = this.context;
    const page = m[index]!;
    const result = yield* this.chunks(vnp, m, index, count);
    if (result === VM_PAGER_OK) kernel.pmapClearModify(page);
    return result;
  }

  /** `vnode_pager_output_smlfs` (1062-1138): block by block, within one page. */
  private *chunks(vnp: VnPager, m: readonly Page[], index: number, count: number): Sleeps<number> {
    const { context } = this;
    const { kernel, defects } = context;
    const page = m[index]!;
    const vp = vnp.vnpVp!;
    if (vp.vMount === null && !defects.outputUnmounted) return VM_PAGER_FAIL;
    if (page.offset >= vnp.vnpSize && !defects.outputSmallPastEof) return VM_PAGER_BAD;
    const bsize = vp.vMount!.fIosize;
    const blockLength = Math.min(bsize, kernel.pageSize);
    context.answer.dvp = null;
    kernel.vopBmapDevice(vp, context.answer);
    const dp = context.answer.dvp!;
    let kva = kernel.vmPagerMapPage(page) ?? (yield* kernel.blocked<number>());
    let result = VM_PAGER_OK;
    this.takeModified(page);
    const { dirty } = page;
    for (let at = 0; at < kernel.pageSize && result === VM_PAGER_OK; at += blockLength) {
      if ((kernel.vmPageBits(page.offset + at, blockLength) & page.valid & page.dirty) === 0) continue;
      if (!defects.outputSmallTail && page.offset + at >= vnp.vnpSize) break;
      const fileaddr = context.addr(vp, page.offset + at) ?? (yield* kernel.blocked<number>());
      if (vp.vMount === null && !defects.addressUnmounted) {
        result = VM_PAGER_FAIL;
      } else if (fileaddr === FAILED || fileaddr === HOLE) {
        if (defects.outputSmallHole) continue;
        // only the file system can give the block a place; it may wait for those who wait for the map
        kernel.vmPagerUnmapPage(kva);
        result = yield* this.throughFile(vnp, m, index, count, at, blockLength);
        kva = kernel.vmPagerMapPage(page) ?? (yield* kernel.blocked<number>());
      } else {
        const error = yield* this.smallBlock(vnp, page, dp, kva, at, blockLength, fileaddr);
        if (error === CUT) at -= blockLength;
        else if (error !== 0) result = VM_PAGER_ERROR;
      }
    }
    kernel.vmPagerUnmapPage(kva);
    // a page of which a part could not be written is as dirty as it was
    if (result !== VM_PAGER_OK && !defects.outputSmallCleanOnError) page.dirty |= dirty;
    if (result === VM_PAGER_OK && !defects.outputSmallPastEof) {
      this.cleanPastEof(vnp, page);
    }
    return result;
  }

  /**
   * Moves what the mappings know of modifications to the page before anything is written: it is write-protected now, and a
   * mapping that goes away later must not bring dirty bits back.
   */
  private takeModified(page: Page): void {
    const { kernel, defects } = this.context;
    if (defects.outputLateClear) return;
    kernel.vmPageTestDirty(page);
    kernel.pmapClearModify(page);
  }

  /** All that is below EOF is written; what is dirty past it has nowhere to go. */
  private cleanPastEof(vnp: VnPager, page: Page): void {
    this.context.kernel.pmapClearModify(page);
    if (this.dirtyBelowEof(vnp, page) === 0) page.dirty = 0;
  }

  /** Valid and dirty chunks that begin below EOF. */
  private dirtyBelowEof(vnp: VnPager, page: Page): number {
    const { kernel } = this.context;
    const below = this.context.bytesBelowEof(vnp, page);
    return below === 0 ? 0 : kernel.vmPageBits(0, below) & page.valid & page.dirty;
  }

  /** Writes what is valid and dirty of a block; an errno or `CUT`. As written the whole block. */
  private *smallBlock(
    vnp: VnPager,
    page: Page,
    dp: Vnode,
    kva: number,
    at: number,
    length: number,
    fileaddr: number,
  ): Sleeps<number> {
    const { kernel, defects } = this.context;
    const cuts = vnp.vnpCuts;
    if (defects.outputSmallInvalidBytes)
      return yield* this.transfer(vnp, page, dp, kva, at, length, fileaddr, cuts);
    const { sectorSize } = kernel;
    for (let from = at; from < at + length;) {
      const to = this.runEnd(page, from, at + length);
      if (to === from) {
        from += sectorSize;
        continue;
      }
      const error = yield* this.transfer(vnp, page, dp, kva, from, to - from, fileaddr + (from - at), cuts);
      if (error !== 0) return error;
      from = to;
    }
    return 0;
  }

  /** End of the run of valid and dirty chunks that begins at `from`; `from` if there is none. */
  private runEnd(page: Page, from: number, limit: number): number {
    const { kernel } = this.context;
    const mask = page.valid & page.dirty;
    let to = from;
    while (to < limit && (kernel.vmPageBits(to, kernel.sectorSize) & mask) !== 0) to += kernel.sectorSize;
    return to;
  }

  /** One synchronous write of `length` bytes of the page from `at` on (1091-1130); an errno, or `CUT` if nothing was started. */
  private *transfer(
    vnp: VnPager,
    page: Page,
    dp: Vnode,
    kva: number,
    at: number,
    length: number,
    fileaddr: number,
    cuts: number,
  ): Sleeps<number> {
    const { context } = this;
    const { kernel, defects } = context;
    const bp = kernel.getpbuf() ?? (yield* kernel.blocked<Buf>());
    if (vnp.vnpCuts !== cuts && !defects.outputStaleAddress) {
      kernel.relpbuf(bp);
      return CUT;
    }
    let below = length;
    if (!defects.outputSmallTail) below = Math.max(0, Math.min(length, vnp.vnpSize - (page.offset + at)));
    if (below === 0) {
      // past EOF, perhaps only since the pbuf was waited for
      kernel.relpbuf(bp);
      return 0;
    }
    const size = defects.outputSmallTail ? length : context.deviceSize(dp, below);
    if (size > below) kernel.bzero(kva + at + below, size - below);
    bp.bData = kva + at;
    context.header(bp, 0, dp, context.block(fileaddr), size, size, this.iodone);
    if (kernel.vopStrategy(bp) === null) yield* kernel.blocked();
    if (context.waitDone(bp) === null) yield* kernel.blocked();
    const error = context.outcome(bp, below, defects.outputSmallShort);
    if (error === 0 || defects.outputSmallCleanOnError) kernel.vmPageSetClean(page, at, length);
    kernel.relpbuf(bp);
    if (defects.holdReleaseOutputSmall) kernel.holdrele(vnp.vnpVp!);
    return error;
  }

  /** `vnode_pager_output_old` (1002-1057): through VOP_WRITE. */
  private *old(vnp: VnPager, m: readonly Page[], count: number): Sleeps<number> {
    const { context } = this;
    const { kernel, defects } = context;
    const page = m[0]!;
    if (page.offset >= vnp.vnpSize) return defects.outputOldPastEof ? VM_PAGER_OK : VM_PAGER_BAD;
    const size = context.sizeBelowEof(page.offset, kernel.pageSize, vnp.vnpSize, defects.outputSizeWraps);
    if (defects.outputOldTwoMaps || defects.outputOldKmem) return yield* this.copied(vnp, m, count, size);
    return yield* this.whole(vnp, m, count);
  }

  /** The whole first page. */
  private *whole(vnp: VnPager, m: readonly Page[], count: number): Sleeps<number> {
    const { kernel } = this.context;
    const page = m[0]!;
    this.takeModified(page);
    const result = yield* this.throughFile(vnp, m, 0, count, 0, kernel.pageSize);
    if (result === VM_PAGER_OK) this.cleanPastEof(vnp, page);
    return result;
  }

  /** As written: the page is copied to a second one, and that is what VOP_WRITE gets. */
  private *copied(vnp: VnPager, m: readonly Page[], count: number, size: number): Sleeps<number> {
    const { context } = this;
    const { kernel, defects } = context;
    const page = m[0]!;
    const kva2 = kernel.kmemAlloc() ?? (yield* kernel.blocked<number>());
    if (kva2 === 0 && !defects.outputOldKmem) return VM_PAGER_AGAIN;
    if (kva2 !== 0 && !defects.outputOldTwoMaps) {
      // only the check is missing: where there is room all goes well
      kernel.kmemFreeWakeup(kva2);
      return yield* this.whole(vnp, m, count);
    }
    const kva = kernel.vmPagerMapPage(page) ?? (yield* kernel.blocked<number>());
    kernel.bcopy(kva, kva2, size);
    kernel.vmPagerUnmapPage(kva);
    const { dirty } = page;
    kernel.pmapClearModify(page);
    if (!defects.outputOldUnprotected) page.dirty = 0;
    const lent = this.lend(vnp, m, 0, count);
    const uio = new Uio();
    uio.iovBase = kva2;
    uio.uioOffset = page.offset;
    uio.uioResid = size;
    let error = kernel.vopWrite(vnp.vnpVp!, uio) ?? (yield* kernel.blocked<number>());
    this.takeBack(m, lent);
    kernel.kmemFreeWakeup(kva2);
    if (error === 0 && size - uio.uioResid === 0) error = EINVAL;
    if (error === 0 && uio.uioResid > 0 && !defects.outputOldShort) error = EIO;
    if (error !== 0) page.dirty |= dirty;
    else if (!defects.outputOldUnprotected) page.dirty = 0;
    return error === 0 ? VM_PAGER_OK : VM_PAGER_ERROR;
  }

  /**
   * Writes what is valid and dirty in `length` bytes of a page from `at` on with VOP_WRITE, which allocates blocks. It gets the
   * page itself, at an address that is nobody else's, so that no part of pager_map is held meanwhile: a copy would bring back
   * what a file write through shared buffers has replaced since. File system code waits for busy pages of files whose buffers
   * share them: those are lent, under a claim.
   */
  private *throughFile(
    vnp: VnPager,
    m: readonly Page[],
    index: number,
    count: number,
    at: number,
    length: number,
  ): Sleeps<number> {
    const { kernel, defects } = this.context;
    const page = m[index]!;
    const base = kernel.mallocPage() ?? (yield* kernel.blocked<number>());
    if (defects.outputOldStaleCopy) {
      const kva = kernel.vmPagerMapPage(page) ?? (yield* kernel.blocked<number>());
      kernel.bcopy(kva + at, base + at, length);
      kernel.vmPagerUnmapPage(kva);
    } else {
      kernel.pmapQenter(base, m, index, 1);
    }
    const result = yield* this.writeOut(vnp, m, index, count, base, at, length);
    kernel.freePage(base);
    return result;
  }

  private *writeOut(
    vnp: VnPager,
    m: readonly Page[],
    index: number,
    count: number,
    base: number,
    at: number,
    length: number,
  ): Sleeps<number> {
    const { kernel, defects } = this.context;
    const page = m[index]!;
    const vp = vnp.vnpVp!;
    const before = page.dirty;
    for (let from = at; from < at + length;) {
      let to = this.runEnd(page, from, at + length);
      if (defects.outputOldInvalidBytes) to = at + length;
      const end = Math.min(to, vnp.vnpSize - page.offset);
      if (end <= from) {
        from = Math.max(to, from + kernel.sectorSize);
        continue;
      }
      const bits = kernel.vmPageBits(from, to - from);
      // cleared first: what others change through mappings from now on stays dirty
      page.dirty &= ~bits;
      const lent = this.lend(vnp, m, index, count);
      const uio = new Uio();
      uio.iovBase = base + from;
      uio.uioOffset = page.offset + from;
      uio.uioResid = end - from;
      const error = kernel.vopWrite(vp, uio) ?? (yield* kernel.blocked<number>());
      this.takeBack(m, lent);
      if (error !== 0 || (uio.uioResid > 0 && !defects.outputOldShort)) {
        page.dirty |= before;
        return vp.vMount === null ? VM_PAGER_FAIL : VM_PAGER_ERROR;
      }
      // with shared buffers VOP_WRITE marks what it copied, but that is the buffer's to write now
      page.dirty &= ~bits;
      from = to;
    }
    return VM_PAGER_OK;
  }

  /** Un-busies pages for file system code, with a claim so that they stay; a bit per page lent. */
  private lend(vnp: VnPager, m: readonly Page[], index: number, count: number): number {
    const { kernel, defects } = this.context;
    if (defects.outputOldUnprotected) {
      kernel.pageWakeup(m[index]!);
      return 0;
    }
    if ((vnp.vnpVp!.vFlag & VVMIO) === 0) return 0;
    let lent = 0;
    for (let i = 0; i < count; i++) {
      if (i !== index && defects.outputOldNeighbours) continue;
      m[i]!.busy++;
      kernel.pageWakeup(m[i]!);
      lent |= 1 << i;
    }
    return lent;
  }

  /** Makes lent pages busy again. */
  private takeBack(m: readonly Page[], lent: number): void {
    for (let i = 0; lent >> i !== 0; i++) {
      if (((lent >> i) & 1) === 0) continue;
      m[i]!.flags |= PG_BUSY;
      m[i]!.busy--;
    }
  }
}

/** Not a result code: try once more with one page. */
const RETRY = -1;
/** Not a result code: the file became shorter, and no address is good any more. */
const CUT = -2;
