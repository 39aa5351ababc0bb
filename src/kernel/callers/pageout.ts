/**
 * Page-out: cleaning a dirty page and its followers through the pager (kernel-notes 11.3), and the daemon that frees memory when
 * it is short. The daemon is the last thread of every world; it sleeps until somebody waits for memory.
 */
import {
  PG_ACTIVE,
  PG_INACTIVE,
  VM_PAGER_BAD,
  VM_PAGER_ERROR,
  VM_PAGER_FAIL,
  VM_PAGER_OK,
  VM_PAGER_PEND,
} from '../../trace/codes.ts';
import { RUN_MAX } from '../../trace/observer.ts';
import type { Kernel } from '../kernel.ts';
import type { Page, Sleeps } from '../structures.ts';

/** Frames that the daemon tries to have free. */
const FREE_TARGET = 4;

/** How often one operation waits for memory before it fails. */
const MEMORY_WAITS_MAX = 20;

/** Cleans pages and frees them. */
export class Pageout {
  /** Statuses of the last `clean`, valid until the process sleeps. */
  readonly statuses = new Int32Array(RUN_MAX);
  private wanted = false;
  /** What the exceptions of the process that waits for memory are addressed by. */
  private wantedBy = -1;
  private progress = 0;
  private readonly cluster: Page[][] = [];
  private readonly kernel: Kernel;

  constructor(kernel: Kernel) {
    this.kernel = kernel;
  }

  reset(): void {
    this.wanted = false;
    this.progress = 0;
  }

  /** Whether the page must be left alone. */
  private refuses(page: Page, force: boolean): boolean {
    return this.kernel.pages.isBusy(page) || page.wireCount > 0 || (!force && page.holdCount > 0);
  }

  /**
   * `vm_pageout_clean`: gives the page and its dirty followers to the pager. `force` is msync's and termination's way: any queue,
   * synchronous. Returns how many pages were offered, 0 if the page was refused; `statuses` has the results. Followers that
   * `offered` has a negative number for (by offset) are left out.
   */
  *clean(page: Page, force: boolean, offered: ReadonlyMap<number, number> | null): Sleeps<number> {
    const { kernel } = this;
    const { pages } = kernel;
    if (this.refuses(page, force) || page.object === null || page.object.pager === null) return 0;
    const { object } = page;
    const { pager } = object;
    const id = kernel.threads.current!.id;
    // the array keeps its length, and with it its memory
    const run = (this.cluster[id] ??= []);
    run[0] = page;
    let count = 1;
    while (count < RUN_MAX) {
      const next = pages.lookup(object, (page.offset + count * pages.pageSize) >>> 0);
      if (next === null || this.refuses(next, force) || (offered?.get(next.offset) ?? 0) < 0) break;
      pages.testDirty(next);
      if ((next.valid & next.dirty) === 0 || (!force && (next.flags & PG_INACTIVE) === 0)) break;
      run[count++] = next;
    }
    for (let i = 0; i < count; i++) {
      pages.makeBusy(run[i]!);
      run[i]!.writable = false;
    }
    kernel.objects.claim(object, count);
    const call = kernel.pagerCalls.beginPut(pager!, run, count);
    const statuses = call.rtvals;
    kernel.pagerCalls.end(
      call,
      yield* kernel.pagerCalls.pager.putmulti(pager!, call.m, count, force, statuses),
    );
    for (let i = 0; i < count; i++) {
      const status = statuses[i]!;
      this.statuses[i] = status;
      this.settle(run[i]!, status);
      if (status !== VM_PAGER_PEND) {
        pages.wakeup(run[i]!);
        kernel.objects.unclaim(object, 1);
      }
    }
    return count;
  }

  /** What the caller of a put does with one page by its status, before it lets go of it. */
  settle(page: Page, status: number): void {
    const { pages } = this.kernel;
    switch (status) {
      case VM_PAGER_BAD:
        page.modified = false;
        page.dirty = 0;
        break;
      case VM_PAGER_ERROR:
      case VM_PAGER_FAIL:
        if ((page.flags & PG_INACTIVE) !== 0) pages.activate(page);
        break;
      case VM_PAGER_OK:
      default:
        break;
    }
    if (status !== VM_PAGER_PEND && page.referenced) {
      page.referenced = false;
      if ((page.flags & PG_INACTIVE) !== 0) pages.activate(page);
    }
  }

  /**
   * One pass over the inactive pages: frees up to `wanted` clean ones, cleans dirty ones. Returns how many it freed or
   * cleaned.
   */
  *scan(wanted: number): Sleeps<number> {
    const { pages } = this.kernel;
    let done = 0;
    if (pages.inactive.count < wanted) this.age(wanted - pages.inactive.count);
    for (let left = pages.inactive.count; left > 0 && done < wanted; left--) {
      const page = pages.inactive.head;
      if (page === null) break;
      if (pages.isBusy(page) || page.holdCount > 0 || page.bmapped > 0 || page.wireCount > 0) {
        this.rotate(page);
        continue;
      }
      pages.testDirty(page);
      if ((page.valid & page.dirty) === 0) {
        pages.unmap(page);
        pages.release(page);
        done++;
        continue;
      }
      this.rotate(page);
      const offered = yield* this.clean(page, false, null);
      for (let i = 0; i < offered; i++) if (this.statuses[i] === VM_PAGER_OK) done++;
    }
    return done;
  }

  private rotate(page: Page): void {
    const { inactive } = this.kernel.pages;
    inactive.remove(page);
    inactive.append(page);
  }

  private age(count: number): void {
    const { pages } = this.kernel;
    for (let i = pages.active.count; i > 0 && count > 0; i--) {
      const page = pages.active.head!;
      if (pages.isBusy(page) || page.bmapped > 0) {
        pages.active.remove(page);
        pages.active.append(page);
        continue;
      }
      pages.deactivate(page);
      if ((page.flags & PG_ACTIVE) === 0) count--;
    }
  }

  /** `VM_WAIT`: wakes the daemon and sleeps until memory is there. False if a whole pass of the daemon brought nothing. */
  *waitForMemory(): Sleeps<boolean> {
    const { kernel } = this;
    const { threads } = kernel;
    // the daemon does not wait for itself, and nobody waits for ever
    const current = threads.current!;
    if (current.permanent || ++current.memoryWaits > MEMORY_WAITS_MAX) return false;
    this.wanted = true;
    this.wantedBy = current.address;
    this.progress = 0;
    threads.wakeup(kernel.daemonChannel);
    kernel.memoryWanted = true;
    if (threads.tsleep(kernel.memoryChannel) === null) yield* threads.blocked();
    return this.progress > 0 || kernel.pages.free.count > 0;
  }

  /** The page-out daemon. */
  *daemon(): Generator<void, void, void> {
    const { kernel } = this;
    const { threads, pages } = kernel;
    threads.current!.permanent = true;
    for (;;) {
      while (!this.wanted) if (threads.tsleep(kernel.daemonChannel) === null) yield* threads.blocked();
      this.wanted = false;
      threads.current!.address = this.wantedBy;
      // pagers collect finished asynchronous work whenever the daemon runs
      yield* kernel.pagerCalls.putpage(null, null);
      for (let pass = 0; pass < 2 && pages.free.count < FREE_TARGET; pass++) {
        this.progress += yield* this.scan(FREE_TARGET - pages.free.count);
      }
      kernel.memoryWanted = false;
      threads.wakeup(kernel.memoryChannel);
    }
  }
}
