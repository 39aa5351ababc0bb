/**
 * The interface of a pager: what the kernel calls, in the terms of kernel-notes 6.2 and 13. The reference pager and pagers of
 * one's own implement it; they reach the kernel through `PagerKernel` (boundary.ts) only.
 */
import type { Buf, Mount, Page, Sleeps, Vnode, VmPager } from './structures.ts';

/**
 * A pager. Methods that may sleep are generators: `yield*` what sleeps inside them. `haspage` and `setsize`, which are called
 * often and seldom sleep, may also be plain functions that return their result (0 for setsize), or null after `kernel.defer`;
 * `alloc` and `uncache`, which mostly know the answer at once, return it or a generator.
 */
export interface Pager {
  /** Once, before anything else (13.1). */
  init(): void;
  /** Finds or makes the pager of a vnode; the caller gains one object reference (13.2). `size` in bytes is advisory. */
  alloc(
    handle: Vnode | null,
    size: number,
    prot: number,
    offset: number,
  ): VmPager | null | Sleeps<VmPager | null>;
  /** Called once per pager when its object is terminated (13.3). */
  dealloc(pager: VmPager): Sleeps<void>;
  /** One page (13.5); a null pager is refused. */
  getpage(pager: VmPager | null, m: Page, sync: boolean): Sleeps<number>;
  /** `count` (1 to 8) consecutive busy pages, of which `m[reqpage]` is wanted (13.4). Result: a `VM_PAGER_` code. */
  getmulti(pager: VmPager, m: Page[], count: number, reqpage: number, sync: boolean): Sleeps<number>;
  /** One page (13.7); a null pager means "collect finished work" and does nothing. */
  putpage(pager: VmPager | null, m: Page | null, sync: boolean): Sleeps<number>;
  /** `count` consecutive busy dirty pages; the pager sets every `rtvals[i]` (13.6). */
  putmulti(pager: VmPager, m: Page[], count: number, sync: boolean, rtvals: Int32Array): Sleeps<number>;
  /** Whether there is data at that offset, in bytes (13.8). */
  haspage(pager: VmPager, offset: number): boolean | null | Sleeps<boolean>;
  /** The file's size is now `nsize` bytes (13.9); a size beyond 32 bits arrives whole. */
  setsize(vp: Vnode | null, nsize: number): 0 | null | Sleeps<void>;
  /** Uncaches every vnode of the mount, all if null (13.11). */
  umount(mp: Mount | null): Sleeps<void>;
  /** Gives the object of a vnode up if nobody uses it (13.10). */
  uncache(vp: Vnode): boolean | Sleeps<boolean>;
  /** A transfer started with `B_CALL` has finished; interrupt level, must not sleep (13.12). */
  iodone(bp: Buf): void;
}
