/**
 * A complete, correct pager to build one's own on: everything that is not overridden behaves like the repaired reference pager.
 * Gets and puts of one page go through `getmulti` and `putmulti`, so that overriding those two is enough.
 */
import { B_READ, RTVAL_UNSET, VBLK, VM_PAGER_FAIL, VM_PAGER_OK } from '../trace/codes.ts';
import type { PagerKernel } from '../kernel/boundary.ts';
import type { Pager } from '../kernel/pager.ts';
import {
  VmPager,
  type Buf,
  type Mount,
  type Page,
  type Sleeps,
  type VnPager,
  type Vnode,
} from '../kernel/structures.ts';
import { Context, FAILED, HOLE } from '../pager/context.ts';
import { makeDefects } from '../pager/defects.ts';
import { VnodePager } from '../pager/vnode-pager.ts';

/** What `readBlock` answers where the file has no block, or ends: its bytes are zeros, and nothing was read. */
export const NO_BLOCK = -1;

/** What it answers where nobody says which block it is: the block map failed, or the file system is gone. Nothing was read. */
export const NO_ADDRESS = -2;

/** A pager to extend. */
export class BasePager implements Pager {
  /** What the pager may use of the kernel. */
  protected readonly kernel: PagerKernel;
  private readonly reference: VnodePager;
  private readonly context: Context;

  constructor(kernel: PagerKernel) {
    const defects = makeDefects(false);
    this.kernel = kernel;
    this.reference = new VnodePager(kernel, defects);
    this.context = new Context(kernel, defects);
  }

  init(): void {
    this.reference.init();
  }

  *alloc(handle: Vnode | null, _size: number, _prot: number, _offset: number): Sleeps<VmPager | null> {
    const pager = this.reference.alloc(handle);
    return pager === null || pager instanceof VmPager ? pager : yield* pager;
  }

  dealloc(pager: VmPager): Sleeps<void> {
    return this.reference.dealloc(pager);
  }

  *getpage(pager: VmPager | null, m: Page, sync: boolean): Sleeps<number> {
    return pager === null ? VM_PAGER_FAIL : yield* this.getmulti(pager, [m], 1, 0, sync);
  }

  getmulti(pager: VmPager, m: Page[], count: number, reqpage: number, _sync: boolean): Sleeps<number> {
    return this.reference.getmulti(pager, m, count, reqpage);
  }

  *putpage(pager: VmPager | null, m: Page | null, sync: boolean): Sleeps<number> {
    if (pager === null || m === null) return VM_PAGER_OK;
    const rtvals = new Int32Array(1).fill(RTVAL_UNSET);
    yield* this.putmulti(pager, [m], 1, sync, rtvals);
    return rtvals[0]!;
  }

  putmulti(pager: VmPager, m: Page[], count: number, sync: boolean, rtvals: Int32Array): Sleeps<number> {
    return this.reference.putmulti(pager, m, count, sync, rtvals);
  }

  haspage(pager: VmPager, offset: number): boolean | null | Sleeps<boolean> {
    return this.reference.haspage(pager, offset);
  }

  setsize(vp: Vnode | null, nsize: number): 0 | null | Sleeps<void> {
    return this.reference.setsize(vp, nsize);
  }

  umount(mp: Mount | null): Sleeps<void> {
    return this.reference.umount(mp);
  }

  *uncache(vp: Vnode): Sleeps<boolean> {
    const gone = this.reference.uncache(vp);
    return typeof gone === 'boolean' ? gone : yield* gone;
  }

  iodone(bp: Buf): void {
    this.reference.iodone(bp);
  }

  /** Wakes who waits for a page, and frees it: what becomes of a page that is not delivered. */
  protected giveBack(m: Page): void {
    this.context.freepage(m);
  }

  /** Whether the file's blocks lie on a disk, where `readBlock` finds them; not on the network, and not without a block map. */
  protected isOnDisk(vnp: VnPager): boolean {
    const vp = vnp.vnpVp!;
    if (vp.vMount === null || this.kernel.vopBmapDevice(vp, this.context.answer) !== 0) return false;
    return this.context.answer.dvp?.vType === VBLK;
  }

  /**
   * Reads bytes of the file from the disk into a page, and waits: `length` bytes from `at` on, which must lie in
   * one block and begin at a sector. Devices transfer whole sectors, so the rest of the last one is overwritten as well.
   * The file may change meanwhile; what is past its end by the time of the transfer is not read.
   * @returns 0 or an errno once there was a transfer, else `NO_BLOCK` or `NO_ADDRESS`
   */
  protected *readBlock(vnp: VnPager, m: Page, at: number, length: number): Sleeps<number> {
    const { kernel, context } = this;
    const vp = vnp.vnpVp!;
    const address = context.addr(vp, m.offset + at) ?? (yield* kernel.blocked<number>());
    if (address === HOLE) return NO_BLOCK;
    const device = context.answer.dvp;
    if (address === FAILED || device === null) return NO_ADDRESS;
    const bp = kernel.getpbuf() ?? (yield* kernel.blocked<Buf>());
    // both may have slept
    const below = Math.min(length, vnp.vnpSize - m.offset - at);
    if (vp.vMount === null || below <= 0) {
      kernel.relpbuf(bp);
      return below <= 0 ? NO_BLOCK : NO_ADDRESS;
    }
    const window = bp.bData;
    kernel.pmapQenter(window, [m], 0, 1);
    bp.bData = window + at;
    const size = context.deviceSize(device, below);
    context.header(bp, B_READ, device, context.block(address), size, size, (done) => this.iodone(done));
    if (kernel.vopStrategy(bp) === null) yield* kernel.blocked();
    if (context.waitDone(bp) === null) yield* kernel.blocked();
    const error = context.outcome(bp, below, false);
    kernel.pmapQremove(window, 1);
    kernel.relpbuf(bp);
    return error;
  }

  /** Counts a page-in operation of one page (`v_vnodein`, `v_vnodepgsin`): once for each get that reads anything. */
  protected countPageIn(): true {
    this.kernel.cnt.vVnodein++;
    this.kernel.cnt.vVnodepgsin++;
    return true;
  }

  /** Makes bytes of a page zero: `length` of them from `at` on. */
  protected *zero(m: Page, at: number, length: number): Sleeps<void> {
    const { kernel } = this;
    const kva = kernel.vmPagerMapPage(m) ?? (yield* kernel.blocked<number>());
    kernel.bzero(kva + at, length);
    kernel.vmPagerUnmapPage(kva);
  }
}
