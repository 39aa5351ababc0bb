/**
 * The input half of the reference pager: `vnode_pager_input` and the small-block and old routines behind it (568-997). The form
 * is chosen by the switches in `defects.ts`; without any the contracts of 13.4 hold.
 */
import {
  B_ASYNC,
  B_READ,
  EINVAL,
  EIO,
  MOUNT_NFS,
  VM_PAGER_BAD,
  VM_PAGER_ERROR,
  VM_PAGER_FAIL,
  VM_PAGER_OK,
} from '../trace/codes.ts';
import { Uio } from '../kernel/file-access.ts';
import type { Buf, Page, Sleeps, VnPager, Vnode } from '../kernel/structures.ts';
import { Context, FAILED, HOLE } from './context.ts';

/** Reads pages. */
export class Input {
  private readonly context: Context;
  private readonly iodone: (bp: Buf) => void;

  constructor(context: Context, iodone: (bp: Buf) => void) {
    this.context = context;
    this.iodone = iodone;
  }

  /** `vnode_pager_input` (715-997): chooses the path, which does not sleep, and hands out what does the work. */
  input(vnp: VnPager, m: Page[], count: number, reqpage: number): Sleeps<number> {
    const { context } = this;
    const { kernel, defects } = context;
    const requested = m[reqpage]!;
    const vp = vnp.vnpVp!;
    if (vp.vMount === null && !defects.inputUnmounted) {
      return this.answer(this.refuse(m, count, reqpage, VM_PAGER_FAIL));
    }
    const bsize = vp.vMount!.fIosize;

    // without a block map only VOP_READ can tell where the data is
    if (kernel.vopBmapDevice(vp, context.answer) !== 0) {
      context.freeOthers(m, count, reqpage);
      this.countPage();
      return this.old(vnp, requested);
    }
    const dp = context.answer.dvp!;
    if (Math.trunc(kernel.pageSize / bsize) > 1 && vp.vMount!.fType !== MOUNT_NFS) {
      context.freeOthers(m, count, reqpage);
      if (defects.inputSmallCounts) this.countPage();
      return this.small(vnp, requested);
    }
    if (requested.valid !== 0) {
      if (defects.inputPartial) requested.valid = kernel.allBits;
      context.freeOthers(m, count, reqpage);
      if (requested.valid === kernel.allBits) return this.answer(VM_PAGER_OK);
      if (requested.offset >= vnp.vnpSize) return this.answer(VM_PAGER_BAD);
      if (defects.inputSmallCounts) this.countPage();
      return this.small(vnp, requested);
    }
    return this.direct(vnp, vp, dp, bsize, m, count, reqpage);
  }

  /** One more page-in operation, of one page. */
  private countPage(): void {
    const { cnt } = this.context.kernel;
    cnt.vVnodein++;
    cnt.vVnodepgsin++;
  }

  /** An answer for which nothing had to be waited. */
  private *answer(result: number): Sleeps<number> {
    return result;
  }

  /** Gives the neighbours back and answers without having read anything. */
  private refuse(m: readonly Page[], count: number, reqpage: number, result: number): number {
    this.context.freeOthers(m, count, reqpage);
    return result;
  }

  /** Direct device I/O of a contiguous run (795-997). */
  private *direct(
    vnp: VnPager,
    vp: Vnode,
    dp: Vnode,
    bsize: number,
    m: Page[],
    given: number,
    wanted: number,
  ): Sleeps<number> {
    const { context } = this;
    const { kernel, defects } = context;
    const { pageSize } = kernel;
    const requested = m[wanted]!;
    const reqaddr = context.addr(vp, requested.offset) ?? (yield* kernel.blocked<number>());
    if (vp.vMount === null && !defects.addressUnmounted) return this.refuse(m, given, wanted, VM_PAGER_FAIL);
    if (requested.offset >= vnp.vnpSize && !defects.inputBad)
      return this.refuse(m, given, wanted, VM_PAGER_BAD);
    if (reqaddr === HOLE && !defects.inputHole) {
      context.freeOthers(m, given, wanted);
      return yield* this.zeroPage(vnp, requested);
    }
    if (reqaddr === FAILED) {
      if (!defects.inputBmapError) return this.refuse(m, given, wanted, VM_PAGER_ERROR);
      if (requested.offset < vnp.vnpSize) {
        kernel.printf(`reqaddr: -1, foff: ${requested.offset | 0}, vnp_size: ${vnp.vnpSize | 0}`);
        kernel.debugger('');
      }
    }

    // the run of contiguous pages around the requested one; the others go back
    const s = kernel.splbio();
    let failflag = false;
    let first = wanted;
    for (let i = wanted - 1; i >= 0; i--) {
      if (!failflag) {
        const found = context.addr(vp, m[i]!.offset) ?? (yield* kernel.blocked<number>());
        failflag = !this.same(found, reqaddr + (i - wanted) * pageSize);
      }
      if (failflag) context.freepage(m[i]!);
      else first = i;
    }
    failflag = false;
    let last = wanted + 1;
    for (let i = wanted + 1; i < given; i++) {
      if (!failflag) {
        const found = context.addr(vp, m[i]!.offset) ?? (yield* kernel.blocked<number>());
        failflag = !this.same(found, reqaddr + (i - wanted) * pageSize);
        if (m[i]!.offset >= vnp.vnpSize && !defects.inputNeighbourPastEof) failflag = true;
      }
      if (failflag) context.freepage(m[i]!);
      else last = i + 1;
    }
    kernel.splx(s);
    let count = last;
    let reqpage = wanted;
    if (first !== 0) {
      for (let i = first; i < count; i++) m[i - first] = m[i]!;
      count -= first;
      reqpage -= first;
    }
    const foff = m[0]!.offset;
    let firstaddr = reqaddr - reqpage * pageSize;
    if (defects.inputBmapError) firstaddr = context.addr(vp, foff) ?? (yield* kernel.blocked<number>());

    // repaired: everything that depends on the file's size is decided after the last sleep
    let bp: Buf | null = null;
    let bpa: Buf | null = null;
    if (!defects.inputTruncatedAsleep) {
      if (!defects.inputTwoPbufs) bp = kernel.getpbuf() ?? (yield* kernel.blocked<Buf>());
      const answer = this.changed(vnp, vp, m, count, reqpage);
      if (answer !== VM_PAGER_OK) {
        if (bp !== null) kernel.relpbuf(bp);
        return this.refuse(m, count, reqpage, answer);
      }
      while (count > reqpage + 1 && m[count - 1]!.offset >= vnp.vnpSize && !defects.inputNeighbourPastEof) {
        context.freepage(m[--count]!);
      }
    }

    // the transfer, up to EOF; on devices in whole sectors
    const below = context.sizeBelowEof(foff, count * pageSize, vnp.vnpSize, defects.inputSizeWraps);
    let size = context.deviceSize(dp, below);

    // what follows the requested page may come later, by itself
    let counta = 0;
    if (count * pageSize > bsize) counta = count - reqpage - 1;
    let sizea = 0;
    if (counta > 0) {
      // one pbuf must be enough: a second one is only taken when it is there
      if (defects.inputTwoPbufs) {
        bpa = kernel.getpbuf() ?? (yield* kernel.blocked<Buf>());
      } else {
        bp ??= kernel.getpbuf() ?? (yield* kernel.blocked<Buf>());
        bpa = kernel.trypbuf();
      }
      if (bpa === null) {
        counta = 0;
      } else {
        count -= counta;
        sizea = size - count * pageSize;
        size = count * pageSize;
      }
    }
    bp ??= kernel.getpbuf() ?? (yield* kernel.blocked<Buf>());
    const kva = bp.bData;
    kernel.pmapQenter(kva, m, 0, count);
    context.header(bp, B_READ, dp, context.block(firstaddr), size, size, this.iodone);
    kernel.cnt.vVnodein++;
    kernel.cnt.vVnodepgsin += count;
    if (kernel.vopStrategy(bp) === null) yield* kernel.blocked();

    if (bpa !== null) {
      for (let i = 0; i < counta; i++) kernel.vmPageDeactivate(m[count + i]!);
      kernel.pmapQenter(bpa.bData, m, count, counta);
      const object = m[count]!.object!;
      object.pagingInProgress = (object.pagingInProgress + 1) & 0xffff;
      const behind = firstaddr + count * pageSize;
      const blkno = context.block(defects.addressWraps ? behind | 0 : behind);
      context.header(bpa, B_READ | B_ASYNC, dp, blkno, sizea, counta * pageSize, this.iodone);
      kernel.cnt.vVnodepgsin += counta;
      if (kernel.vopStrategy(bpa) === null) yield* kernel.blocked();
    }
    if (context.waitDone(bp) === null) yield* kernel.blocked();
    const data = Math.min(below, size);
    const error = context.outcome(bp, data, defects.inputShort);
    if (error === 0) {
      const from = defects.inputSectorTail ? size : data;
      if (from !== count * pageSize) kernel.bzero(kva + from, count * pageSize - from);
    }
    kernel.pmapQremove(kva, count);
    kernel.relpbuf(bp);
    if (defects.holdReleaseInput) kernel.holdrele(vp);
    return this.finish(m, count, reqpage, error);
  }

  /** Whether an address is the one that makes the run go on; as written the sum wraps like the address. */
  private same(found: number, wanted: number): boolean {
    return found === (this.context.defects.addressWraps ? wanted | 0 : wanted);
  }

  /** Whether the file changed while something was waited for: OK, or what to answer. */
  private changed(vnp: VnPager, vp: Vnode, m: readonly Page[], count: number, reqpage: number): number {
    if (vp.vMount === null) return VM_PAGER_FAIL;
    if (count > 0 && m[reqpage]!.offset >= vnp.vnpSize && !this.context.defects.inputBad) return VM_PAGER_BAD;
    return VM_PAGER_OK;
  }

  /** `finishup` (963-997): pages of the synchronous part get their final state. */
  private finish(m: readonly Page[], count: number, reqpage: number, error: number): number {
    const { context } = this;
    const { kernel, defects } = context;
    for (let i = 0; i < count; i++) {
      const page = m[i]!;
      kernel.pmapClearModify(page);
      page.dirty = 0;
      if (error === 0 || defects.inputErrorValid) page.valid = kernel.allBits;
      if (i === reqpage) continue;
      if (error === 0) {
        if (i !== reqpage - 1) kernel.vmPageDeactivate(page);
        else kernel.vmPageActivate(page);
        kernel.pageWakeup(page);
      } else {
        context.freepage(page);
      }
    }
    if (error !== 0) kernel.printf('vnode_pager_input: I/O read error');
    return error === 0 ? VM_PAGER_OK : VM_PAGER_ERROR;
  }

  /** A page of a hole: zeros, valid. */
  private *zeroPage(vnp: VnPager, m: Page): Sleeps<number> {
    const { kernel } = this.context;
    const kva = kernel.vmPagerMapPage(m) ?? (yield* kernel.blocked<number>());
    kernel.bzero(kva, kernel.pageSize);
    kernel.vmPagerUnmapPage(kva);
    kernel.pmapClearModify(m);
    m.dirty = 0;
    // truncated while the map was waited for
    if (m.offset >= vnp.vnpSize && !this.context.defects.inputBad) return this.pastEof(vnp);
    m.valid = kernel.allBits;
    return VM_PAGER_OK;
  }

  /** `vnode_pager_input_smlfs` (571-653): block by block, within one page. */
  private *small(vnp: VnPager, m: Page): Sleeps<number> {
    const { context } = this;
    const { kernel, defects } = context;
    const vp = vnp.vnpVp!;
    const bsize = vp.vMount!.fIosize;
    const blockLength = Math.min(bsize, kernel.pageSize);
    const before = m.valid;
    const partial = before !== 0 && !defects.inputSmallPartial;
    if (partial) this.takeModified(m);
    // the original does not look at the result; what a failed call leaves in dp is wild
    context.answer.dvp = null;
    kernel.vopBmapDevice(vp, context.answer);
    const dp = context.answer.dvp!;
    const kva = kernel.vmPagerMapPage(m) ?? (yield* kernel.blocked<number>());
    let result = VM_PAGER_OK;
    let counted = defects.inputSmallCounts;
    if (!defects.inputSmallBad && m.offset >= vnp.vnpSize) result = VM_PAGER_BAD;
    for (let at = 0; at < kernel.pageSize && result === VM_PAGER_OK; at += blockLength) {
      const bits = kernel.vmPageBits(m.offset + at, blockLength);
      if (defects.inputSmallPartial ? (bits & m.valid) !== 0 : (bits & m.valid) === bits) continue;
      if (!defects.inputSmallPastEof && m.offset + at >= vnp.vnpSize) {
        this.zeroChunks(m, kva, at, blockLength);
        continue;
      }
      const fileaddr = context.addr(vp, m.offset + at) ?? (yield* kernel.blocked<number>());
      if (vp.vMount === null && !defects.addressUnmounted) {
        result = VM_PAGER_FAIL;
      } else if (fileaddr === HOLE || (fileaddr === FAILED && defects.inputSmallBmapError)) {
        if (defects.inputSmallInvalidZeros) {
          kernel.vmPageSetClean(m, at, blockLength);
          kernel.bzero(kva + at, blockLength);
        } else {
          this.zeroChunks(m, kva, at, blockLength);
        }
      } else if (fileaddr === FAILED) {
        result = VM_PAGER_ERROR;
      } else {
        const error = yield* this.smallBlock(vnp, m, dp, kva, at, blockLength, fileaddr);
        if (error !== NOTHING && !counted) {
          this.countPage();
          counted = true;
        }
        if (error > 0) result = VM_PAGER_ERROR;
      }
    }
    kernel.vmPagerUnmapPage(kva);
    if (!partial) kernel.pmapClearModify(m);
    // truncated while a block map was waited for
    if (m.offset >= vnp.vnpSize && !defects.inputSmallBad) return this.pastEof(vnp);
    return result;
  }

  /**
   * Moves what the mappings know of modifications to a page that is valid in part, before anything is read: a mapping that
   * goes away later must not make dirty what came from the disk. Chunks that are not valid hold nothing to keep.
   */
  private takeModified(m: Page): void {
    const { kernel } = this.context;
    kernel.vmPageTestDirty(m);
    kernel.pmapClearModify(m);
    m.dirty &= m.valid;
  }

  /** What to answer for a page past EOF: a file system that has gone meanwhile takes precedence. */
  private pastEof(vnp: VnPager): number {
    return vnp.vnpVp!.vMount === null ? VM_PAGER_FAIL : VM_PAGER_BAD;
  }

  /** Zeros the chunks of a range that are not valid, and makes them valid. */
  private zeroChunks(m: Page, kva: number, at: number, length: number): void {
    const { kernel } = this.context;
    for (let chunk = at; chunk < at + length; chunk += kernel.sectorSize) {
      if ((kernel.vmPageBits(chunk, kernel.sectorSize) & m.valid) !== 0) continue;
      kernel.bzero(kva + chunk, kernel.sectorSize);
      kernel.vmPageSetClean(m, chunk, kernel.sectorSize);
      kernel.vmPageSetValid(m, chunk, kernel.sectorSize);
    }
  }

  /** Reads what is not valid of a block; an errno, or `NOTHING` if nothing had to be read. As written the whole block. */
  private *smallBlock(
    vnp: VnPager,
    m: Page,
    dp: Vnode,
    kva: number,
    at: number,
    length: number,
    fileaddr: number,
  ): Sleeps<number> {
    const { context } = this;
    const { kernel, defects } = context;
    if (defects.inputSmallPartial) return yield* this.transfer(vnp, m, dp, kva, at, length, fileaddr);
    const { sectorSize } = kernel;
    let outcome = NOTHING;
    for (let from = at; from < at + length;) {
      if ((kernel.vmPageBits(from, sectorSize) & m.valid) !== 0) {
        from += sectorSize;
        continue;
      }
      let to = from + sectorSize;
      while (to < at + length && (kernel.vmPageBits(to, sectorSize) & m.valid) === 0) to += sectorSize;
      if (!defects.inputSmallPastEof && m.offset + from >= vnp.vnpSize) {
        this.zeroChunks(m, kva, from, to - from);
      } else {
        const error = yield* this.transfer(vnp, m, dp, kva, from, to - from, fileaddr + (from - at));
        if (error > 0) return error;
        if (error !== NOTHING) outcome = 0;
      }
      from = to;
    }
    return outcome;
  }

  /** One synchronous read of `length` bytes of the page from `at` on (600-639); an errno, or `NOTHING` if it lies past EOF. */
  private *transfer(
    vnp: VnPager,
    m: Page,
    dp: Vnode,
    kva: number,
    at: number,
    length: number,
    fileaddr: number,
  ): Sleeps<number> {
    const { context } = this;
    const { kernel, defects } = context;
    const bp = kernel.getpbuf() ?? (yield* kernel.blocked<Buf>());
    let below = length;
    if (!defects.inputSmallPastEof) below = Math.max(0, Math.min(length, vnp.vnpSize - (m.offset + at)));
    if (below === 0) {
      // truncated while the pbuf was waited for
      kernel.relpbuf(bp);
      this.zeroChunks(m, kva, at, length);
      return NOTHING;
    }
    const size = defects.inputSmallPastEof ? length : context.deviceSize(dp, below);
    bp.bData = kva + at;
    context.header(bp, B_READ, dp, context.block(fileaddr), size, size, this.iodone);
    if (kernel.vopStrategy(bp) === null) yield* kernel.blocked();
    if (context.waitDone(bp) === null) yield* kernel.blocked();
    const error = context.outcome(bp, below, defects.inputSmallShort);
    kernel.relpbuf(bp);
    if (defects.holdReleaseInputSmall) kernel.holdrele(vnp.vnpVp!);
    if (error !== 0) return error;
    if (below < length) kernel.bzero(kva + at + below, length - below);
    kernel.vmPageSetClean(m, at, length);
    kernel.vmPageSetValid(m, at, length);
    return 0;
  }

  /** `vnode_pager_input_old` (659-710): through VOP_READ. */
  private *old(vnp: VnPager, m: Page): Sleeps<number> {
    const { context } = this;
    const { kernel, defects } = context;
    const { pageSize } = kernel;
    if (m.offset >= vnp.vnpSize) return VM_PAGER_BAD;
    const size = context.sizeBelowEof(m.offset, pageSize, vnp.vnpSize, defects.inputSizeWraps);
    const partial = m.valid !== 0 && !defects.inputOldPartial;
    let kva = 0;
    // bytes that are valid already are not overwritten: the file goes to a page of its own first
    if (partial) {
      this.takeModified(m);
      kva = kernel.kmemAlloc() ?? (yield* kernel.blocked<number>());
      if (kva === 0) return VM_PAGER_ERROR;
    } else {
      kva = kernel.vmPagerMapPage(m) ?? (yield* kernel.blocked<number>());
    }
    const uio = new Uio();
    uio.iovBase = kva;
    uio.uioOffset = m.offset;
    uio.uioResid = size;
    let error = kernel.vopRead(vnp.vnpVp!, uio) ?? (yield* kernel.blocked<number>());
    const gone = vnp.vnpVp!.vMount === null;
    if (error === 0) {
      const count = size - uio.uioResid;
      // the file may have become shorter meanwhile
      const wanted = Math.min(size, Math.max(1, vnp.vnpSize - m.offset));
      if (count === 0) error = EINVAL;
      else if (count < wanted && !defects.inputOldShort) error = EIO;
      else if (count !== pageSize) kernel.bzero(kva + count, pageSize - count);
    }
    if (partial) {
      if (error === 0) yield* this.takeInvalid(m, kva);
      kernel.kmemFreeWakeup(kva);
    } else {
      kernel.vmPagerUnmapPage(kva);
    }
    if (!partial) {
      kernel.pmapClearModify(m);
      m.dirty = 0;
    }
    if (error === 0 && !defects.inputOldInvalid) m.valid = kernel.allBits;
    if (error === 0) return VM_PAGER_OK;
    return gone && !defects.inputUnmounted ? VM_PAGER_FAIL : VM_PAGER_ERROR;
  }

  /** Copies the chunks that the page has not from `from`. */
  private *takeInvalid(m: Page, from: number): Sleeps<void> {
    const { kernel } = this.context;
    // pager_map may have room for one page only: the copy goes through a pbuf's window
    const bp = kernel.getpbuf() ?? (yield* kernel.blocked<Buf>());
    kernel.pmapQenter(bp.bData, [m], 0, 1);
    for (let at = 0; at < kernel.pageSize; at += kernel.sectorSize) {
      if ((kernel.vmPageBits(at, kernel.sectorSize) & m.valid) === 0)
        kernel.bcopy(from + at, bp.bData + at, kernel.sectorSize);
    }
    kernel.pmapQremove(bp.bData, 1);
    kernel.relpbuf(bp);
  }
}

/** Nothing had to be read. */
const NOTHING = -1;
