/**
 * Direct pager calls: the caller's duties of kernel-notes 11 done by hand, from every mask, count and position that the contracts
 * allow (13.4 P1, 13.6 P1). Chunks that a mask makes valid are filled from the file as its buffers would; dirty ones are stored.
 * The requested page of a get may be mapped, other than its neighbours: the stores may then be known to the mapping alone.
 */
import { PG_ACTIVE, RTVAL_UNSET, VM_PAGER_OK, VM_PAGER_PEND } from '../../trace/codes.ts';
import { RUN_MAX } from '../../trace/observer.ts';
import { STAMP_OPERATION } from '../../scenario/pattern.ts';
import type { Operation } from '../../scenario/scenario.ts';
import type { Kernel } from '../kernel.ts';
import type { Page, Sleeps, Vnode, VmObject } from '../structures.ts';
import type { Request } from './fault.ts';

/** What an operation came to: an errno-like number, or `NOOP`. */
export const NOOP = -1;

/** Direct calls. */
export class Direct {
  private readonly kernel: Kernel;
  private readonly runs: Page[][] = [];

  constructor(kernel: Kernel) {
    this.kernel = kernel;
  }

  /** Makes chunks of a busy page valid, and of those the dirty ones stored; an errno. */
  private prepare(vp: Vnode, page: Page, valid: number, dirty: number, op: Operation): number {
    const { buffers } = this.kernel;
    const error = buffers.fillChunks(vp, page, valid);
    if (error !== 0) return error;
    this.storeChunks(vp, page, valid & dirty & page.valid, op);
    return 0;
  }

  private storeChunks(vp: Vnode, page: Page, mask: number, op: Operation): void {
    const { kernel } = this;
    const { pages, memory, threads } = kernel;
    const start = pages.indexOf(page) * pages.pageSize;
    for (let at = 0; at < pages.pageSize; at += pages.sectorSize) {
      const bit = pages.bits(at, pages.sectorSize);
      if ((mask & bit) === 0) continue;
      const stamp = STAMP_OPERATION + op.id;
      memory.stamp(stamp, start + at, pages.addressOf(page) + at, pages.sectorSize);
      page.dirty |= bit;
      if (kernel.observer !== null) {
        kernel.observer.stored(threads.current!.id, vp.file, page.frame, start + at, pages.sectorSize, stamp);
      }
    }
  }

  /** `get` and `getpage`. */
  *get(vp: Vnode, object: VmObject, op: Operation, single: boolean): Sleeps<number> {
    const { kernel } = this;
    const { pages, objects } = kernel;
    const offset = op.page * pages.pageSize;
    if (offset > 0xffffffff || object.pager === null) return NOOP;
    let page = pages.lookup(object, offset);
    if (page !== null) {
      if (pages.isBusy(page) || page.bmapped > 0 || page.wireCount > 0) return NOOP;
      if (page.valid === pages.allBits) {
        pages.testDirty(page);
        if (page.dirty !== 0) return NOOP;
        // clean and whole: memory may take it back at any time
        pages.unmap(page);
        pages.wakeup(page);
        pages.release(page);
        page = null;
      }
    }
    objects.reference(object);
    objects.claim(object, 1);
    if (page === null) {
      page = pages.allocate(object, offset);
      if (page === null) {
        if (this.leave(object) === null) yield* kernel.threads.blocked();
        return NOOP;
      }
      const valid = offset < object.size ? op.valid & pages.allBits : 0;
      // where a block cannot be read, what came before it stays
      if (valid !== 0 && valid !== pages.allBits) this.prepare(vp, page, valid, op.dirty, op);
      if (op.other === 1 && page.dirty !== 0 && vp.mapped.length > 0) this.knowByMapping(page);
    } else {
      pages.unqueue(page);
      pages.makeBusy(page);
    }
    const { pager } = object;
    const before = single ? 0 : Math.min(op.before, RUN_MAX - 1);
    const request =
      kernel.fault.build(object, page, before, single ? 0 : this.after(op)) ??
      (yield* kernel.threads.blocked<Request>());
    if (request.count === 0) {
      // 13.4 P1: a get follows a haspage that said yes
      this.discard(page);
      if (this.leave(object) === null) yield* kernel.threads.blocked();
      return 0;
    }
    let result: number;
    if (single) {
      result = yield* kernel.pagerCalls.getpage(pager, page);
    } else {
      const length = request.count;
      const call = kernel.pagerCalls.beginGet(pager, request.pages, length, request.reqpage);
      const got = yield* kernel.pagerCalls.pager.getmulti(pager, call.m, length, request.reqpage, true);
      result = kernel.pagerCalls.end(call, got);
    }
    const resident = pages.lookup(object, offset);
    if (resident !== null) {
      if (result === VM_PAGER_OK) {
        resident.modified = false;
        resident.valid = pages.allBits;
        if ((resident.flags & PG_ACTIVE) === 0) pages.activate(resident);
        pages.wakeup(resident);
      } else {
        this.discard(resident);
      }
    }
    if (this.leave(object) === null) yield* kernel.threads.blocked();
    return result;
  }

  /** The stores came through a mapping, which has the modified bit, and is read-only since; the page's own bits are not set. */
  private knowByMapping(page: Page): void {
    page.mapped = true;
    page.modified = true;
    page.dirty = 0;
  }

  /** A page that is not wholly valid keeps no mapping: one would show what is not valid. */
  private discard(page: Page): void {
    if (page.mapped) this.kernel.pages.unmap(page);
    this.kernel.fault.discard(page);
  }

  private after(op: Operation): number {
    return Math.max(0, Math.min(op.count, RUN_MAX - 1 - Math.min(op.before, RUN_MAX - 1)));
  }

  /** Gives claim and reference back; 0, or null when blocked. */
  private leave(object: VmObject): 0 | null {
    this.kernel.objects.unclaim(object, 1);
    return this.kernel.objects.deallocate(object);
  }

  /** `put` and `putpage`. */
  *put(vp: Vnode, object: VmObject, op: Operation, single: boolean): Sleeps<number> {
    const { kernel } = this;
    const { pages, objects, threads } = kernel;
    if (object.pager === null) return NOOP;
    // the array keeps its length, and with it its memory
    const run = (this.runs[threads.current!.id] ??= []);
    let count = 0;
    for (const wanted = single ? 1 : Math.max(1, Math.min(op.count, RUN_MAX)); count < wanted; count++) {
      const offset = (op.page + count) * pages.pageSize;
      if (offset > 0xffffffff) break;
      const page = this.dirtyPage(vp, object, offset, op);
      if (page === null) break;
      run[count] = page;
    }
    if (count === 0) return NOOP;
    for (let i = 0; i < count; i++) run[i]!.writable = false;
    objects.reference(object);
    objects.claim(object, count);
    let first: number;
    if (single) {
      first = yield* kernel.pagerCalls.putpage(object.pager, run[0]!);
      kernel.pageout.settle(run[0]!, first);
      if (first !== VM_PAGER_PEND) this.finish(object, run[0]!);
    } else {
      const call = kernel.pagerCalls.beginPut(object.pager, run, count);
      const statuses = call.rtvals;
      const put = yield* kernel.pagerCalls.pager.putmulti(
        object.pager,
        call.m,
        count,
        op.other === 1,
        statuses,
      );
      kernel.pagerCalls.end(call, put);
      first = statuses[0]!;
      for (let i = 0; i < count; i++) {
        const status = statuses[i]!;
        kernel.pageout.settle(run[i]!, status);
        if (status !== VM_PAGER_PEND) this.finish(object, run[i]!);
      }
    }
    if (objects.deallocate(object) === null) yield* threads.blocked();
    return first === RTVAL_UNSET ? 0 : first;
  }

  private finish(object: VmObject, page: Page): void {
    this.kernel.pages.wakeup(page);
    this.kernel.objects.unclaim(object, 1);
  }

  /** A page of the run, busy and dirty: resident, or made with the masks of the operation; null ends the run. */
  private dirtyPage(vp: Vnode, object: VmObject, offset: number, op: Operation): Page | null {
    const { pages } = this.kernel;
    let page = pages.lookup(object, offset);
    if (page === null) {
      if (offset >= object.size) return null;
      page = pages.allocate(object, offset);
      if (page === null) return null;
      const valid = op.valid & pages.allBits;
      if ((valid & op.dirty) === 0 || this.prepare(vp, page, valid, op.dirty, op) !== 0) {
        this.kernel.fault.discard(page);
        return null;
      }
      pages.activate(page);
      return page;
    }
    if (pages.isBusy(page) || page.wireCount > 0) return null;
    pages.testDirty(page);
    if ((page.valid & page.dirty) === 0) {
      if ((page.valid & op.dirty) === 0) return null;
      pages.makeBusy(page);
      this.storeChunks(vp, page, page.valid & op.dirty, op);
      return page;
    }
    pages.makeBusy(page);
    return page;
  }
}
