/**
 * The part of vm_fault that calls the pager (kernel-notes 11.1, 11.2), for files mapped directly: no shadow objects, so that data
 * which does not exist is a zero-filled page of the file's own object.
 */
import {
  PG_ACTIVE,
  PG_REFERENCED,
  PG_WANTED,
  VM_PAGER_BAD,
  VM_PAGER_ERROR,
  VM_PAGER_FAIL,
  VM_PAGER_OK,
} from '../../trace/codes.ts';
import type { Kernel } from '../kernel.ts';
import type { Page, Sleeps, VmObject } from '../structures.ts';

/** Read-behind and read-ahead of a fault, in pages. */
const READ_BEHIND = 3;
const READ_AHEAD = 4;
/** Free frames below which a fault asks for nothing but its page. */
const FREE_RESERVED = 4;

/** Mach return codes (kernel-notes 1.2) and one for memory that could not be had. */
export const KERN_SUCCESS = 0;
export const KERN_PROTECTION_FAILURE = 2;
export const KERN_FAILURE = 5;
export const KERN_RESOURCE_SHORTAGE = 6;

/** A request being built: consecutive pages around the wanted one. */
export interface Request {
  pages: Page[];
  reqpage: number;
}

/** Faults. */
export class Fault {
  private readonly kernel: Kernel;
  private readonly requests: Request[] = [];

  constructor(kernel: Kernel) {
    this.kernel = kernel;
  }

  /** Makes the page at `offset` (u32 bytes) valid and mapped; `write` also dirty and writable. A `KERN_` code. */
  *run(object: VmObject, offset: number, write: boolean): Sleeps<number> {
    const { kernel } = this;
    const { pages, objects, threads } = kernel;
    for (;;) {
      if (!object.alive) return KERN_FAILURE;
      objects.reference(object);
      objects.claim(object, 1);
      if (kernel.faultChecksSize && offset >= object.size) {
        yield* this.leave(object);
        return KERN_PROTECTION_FAILURE;
      }
      let page = pages.lookup(object, offset);
      if (page !== null && pages.isBusy(page)) {
        objects.unclaim(object, 1);
        if (objects.deallocate(object) === null) yield* threads.blocked();
        page.flags |= PG_WANTED | PG_REFERENCED;
        if (threads.tsleep(page) === null) yield* threads.blocked();
        continue;
      }
      if (page === null) {
        page = pages.allocate(object, offset);
        if (page === null) {
          yield* this.leave(object);
          if (yield* kernel.pageout.waitForMemory()) continue;
          return KERN_RESOURCE_SHORTAGE;
        }
      } else {
        pages.unqueue(page);
        pages.makeBusy(page);
      }
      if (page.valid !== pages.allBits) {
        const result = yield* this.fill(object, page);
        if (result === VM_PAGER_OK) {
          const again = pages.lookup(object, offset);
          if (again === null) {
            yield* this.leave(object);
            continue;
          }
          page = again;
          page.modified = false;
          page.valid = pages.allBits;
        } else if (result === VM_PAGER_ERROR || result === VM_PAGER_BAD) {
          this.discard(page);
          yield* this.leave(object);
          return result === VM_PAGER_BAD ? KERN_PROTECTION_FAILURE : KERN_FAILURE;
        } else if (offset >= object.size) {
          // the file became shorter while the page was asked for
          this.discard(page);
          yield* this.leave(object);
          return KERN_PROTECTION_FAILURE;
        } else {
          // the data does not exist and there is nothing below: zeros, but for what the page has already
          pages.zeroInvalid(page);
        }
      }
      page.mapped = true;
      page.referenced = true;
      if (write) {
        page.writable = true;
        page.dirty = pages.allBits;
      }
      if ((page.flags & PG_ACTIVE) === 0) pages.activate(page);
      pages.wakeup(page);
      yield* this.leave(object);
      return KERN_SUCCESS;
    }
  }

  private *leave(object: VmObject): Sleeps<void> {
    this.kernel.objects.unclaim(object, 1);
    if (this.kernel.objects.deallocate(object) === null) yield* this.kernel.threads.blocked();
  }

  /** Gives a page up that the pager could not fill; one that buffers map or that holds stores stays, as valid as it was. */
  discard(page: Page): void {
    const { pages } = this.kernel;
    if (page.object === null) return;
    pages.testDirty(page);
    if (page.bmapped > 0 || (page.valid & page.dirty) !== 0) {
      if ((page.flags & PG_ACTIVE) === 0) pages.activate(page);
      pages.wakeup(page);
      return;
    }
    pages.unqueue(page);
    pages.unmap(page);
    pages.wakeup(page);
    pages.release(page);
  }

  /** Asks the pager for a busy page; a result code, FAIL if it does not have the page. */
  private *fill(object: VmObject, page: Page): Sleeps<number> {
    const { kernel } = this;
    const { pager } = object;
    if (pager === null) return VM_PAGER_FAIL;
    const behind = page.valid === 0 ? READ_BEHIND : 0;
    const ahead = page.valid === 0 ? READ_AHEAD : 0;
    const request = yield* this.build(object, page, behind, ahead);
    if (request === null) return VM_PAGER_FAIL;
    return yield* kernel.pagerCalls.getmulti(pager, request.pages, request.pages.length, request.reqpage);
  }

  /**
   * `vm_fault_additional_pages`: the wanted page with absent neighbours that the pager has, all busy. Null: the pager does not
   * have the wanted page. The request is reused by the next one of the same thread.
   */
  *build(object: VmObject, page: Page, behind: number, ahead: number): Sleeps<Request | null> {
    const { kernel } = this;
    const { pages, threads } = kernel;
    const { pageSize } = pages;
    const { offset } = page;
    const pager = object.pager!;
    const id = threads.current!.id;
    const request = (this.requests[id] ??= { pages: [], reqpage: 0 });
    request.pages.length = 0;
    request.reqpage = 0;
    const has = kernel.pagerCalls.haspage(pager, offset) ?? (yield* threads.blocked<number>());
    if (has === 0) return null;
    let first = offset;
    let end = offset + pageSize;
    if (pages.free.count > FREE_RESERVED) {
      const room = pages.free.count - FREE_RESERVED;
      let left = Math.min(behind, room);
      while (left > 0 && first >= pageSize && pages.lookup(object, first - pageSize) === null) {
        if ((kernel.pagerCalls.haspage(pager, first - pageSize) ?? (yield* threads.blocked<number>())) === 0)
          break;
        first -= pageSize;
        left--;
      }
      left = Math.min(ahead, room);
      while (left > 0 && end < object.size && pages.lookup(object, end) === null) {
        if ((kernel.pagerCalls.haspage(pager, end) ?? (yield* threads.blocked<number>())) === 0) break;
        end += pageSize;
        left--;
      }
    }
    const run = request.pages;
    for (let at = first; at < end; at += pageSize) {
      if (at === offset) {
        run.push(page);
        continue;
      }
      // haspage may have slept: somebody else may have brought the neighbour in
      const neighbour = pages.lookup(object, at) === null ? pages.allocate(object, at) : null;
      if (neighbour === null) {
        for (const allocated of run) {
          if (allocated === page) continue;
          pages.wakeup(allocated);
          pages.release(allocated);
        }
        run.length = 0;
        run.push(page);
        request.reqpage = 0;
        return request;
      }
      run.push(neighbour);
    }
    request.reqpage = (offset - first) / pageSize;
    return request;
  }
}
