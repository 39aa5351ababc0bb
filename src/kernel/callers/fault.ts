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
export class Request {
  /** The first `count` are the run; the array keeps its length, so that its memory is reused. */
  readonly pages: Page[] = [];
  count = 0;
  reqpage = 0;
  object: VmObject | null = null;
  page: Page | null = null;
  offset = 0;
  first = 0;
  end = 0;
  behind = 0;
  ahead = 0;
  /** The pager said that it has the wanted page. */
  asked = false;
  private pageSize = 0;

  start(object: VmObject, page: Page, pageSize: number): void {
    this.count = 0;
    this.reqpage = 0;
    this.object = object;
    this.page = page;
    this.offset = page.offset;
    this.first = page.offset;
    this.end = page.offset + pageSize;
    this.asked = false;
    this.pageSize = pageSize;
  }

  /** What haspage said of the page that was asked about; false: the pager does not have the wanted page. */
  answer(has: boolean): boolean {
    if (!this.asked) {
      this.asked = has;
      return has;
    }
    if (this.behind > 0) {
      if (has) this.first -= this.pageSize;
      this.behind = has ? this.behind - 1 : 0;
    } else {
      if (has) this.end += this.pageSize;
      this.ahead = has ? this.ahead - 1 : 0;
    }
    return true;
  }
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
        if (this.leave(object) === null) yield* threads.blocked();
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
          if (this.leave(object) === null) yield* threads.blocked();
          if (yield* kernel.pageout.waitForMemory()) continue;
          return KERN_RESOURCE_SHORTAGE;
        }
      } else {
        pages.unqueue(page);
        pages.makeBusy(page);
      }
      if (page.valid !== pages.allBits) {
        let result: number = VM_PAGER_FAIL;
        if (object.pager !== null) {
          const request = this.request(object, page) ?? (yield* threads.blocked<Request>());
          const length = request.count;
          if (length > 0) {
            const { pager } = object;
            const call = kernel.pagerCalls.beginGet(pager, request.pages, length, request.reqpage);
            const got = yield* kernel.pagerCalls.pager.getmulti(pager, call.m, length, request.reqpage, true);
            result = kernel.pagerCalls.end(call, got);
          }
        }
        if (result === VM_PAGER_OK) {
          const again = pages.lookup(object, offset);
          if (again === null) {
            if (this.leave(object) === null) yield* threads.blocked();
            continue;
          }
          page = again;
          page.modified = false;
          page.valid = pages.allBits;
        } else if (result === VM_PAGER_ERROR || result === VM_PAGER_BAD) {
          this.discard(page);
          if (this.leave(object) === null) yield* threads.blocked();
          return result === VM_PAGER_BAD ? KERN_PROTECTION_FAILURE : KERN_FAILURE;
        } else if (offset >= object.size) {
          // the file became shorter while the page was asked for
          this.discard(page);
          if (this.leave(object) === null) yield* threads.blocked();
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
      if (this.leave(object) === null) yield* threads.blocked();
      return KERN_SUCCESS;
    }
  }

  /** Gives claim and reference back; 0, or null when blocked. */
  private leave(object: VmObject): 0 | null {
    this.kernel.objects.unclaim(object, 1);
    return this.kernel.objects.deallocate(object);
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

  /** Read-behind and read-ahead are for absent pages only. */
  private request(object: VmObject, page: Page): Request | null {
    return page.valid === 0
      ? this.build(object, page, READ_BEHIND, READ_AHEAD)
      : this.build(object, page, 0, 0);
  }

  /**
   * `vm_fault_additional_pages`: the wanted page with absent neighbours that the pager has, all busy; without pages if the pager
   * does not have the wanted one. The request is reused by the next one of the same thread. Null: blocked.
   */
  build(object: VmObject, page: Page, behind: number, ahead: number): Request | null {
    const { threads, pages } = this.kernel;
    const id = threads.current!.id;
    const request = (this.requests[id] ??= new Request());
    request.start(object, page, pages.pageSize);
    const room = Math.max(0, pages.free.count - FREE_RESERVED);
    request.behind = Math.min(behind, room);
    request.ahead = Math.min(ahead, room);
    return this.extend(request);
  }

  /** Asks about neighbour after neighbour; haspage may sleep in between. */
  private extend(request: Request): Request | null {
    const { pagerCalls, threads } = this.kernel;
    for (;;) {
      const offset = this.nextQuestion(request);
      if (offset < 0) return this.allocate(request);
      const has = pagerCalls.haspage(request.object!.pager!, offset);
      if (has === null) return threads.defer(this.extendLater(request));
      if (!request.answer(has === 1)) return request;
    }
  }

  private *extendLater(request: Request): Sleeps<Request> {
    const { threads } = this.kernel;
    if (!request.answer((yield* threads.blocked<number>()) === 1)) return request;
    return this.extend(request) ?? (yield* threads.blocked<Request>());
  }

  /** Offset of the page to ask about next, -1 when the run is complete. */
  private nextQuestion(request: Request): number {
    const { pages } = this.kernel;
    const object = request.object!;
    if (!request.asked) return request.offset;
    if (request.behind > 0) {
      const before = request.first - pages.pageSize;
      if (before >= 0 && pages.lookup(object, before) === null) return before;
      request.behind = 0;
    }
    if (request.ahead > 0 && request.end < object.size && pages.lookup(object, request.end) === null)
      return request.end;
    return -1;
  }

  /** Allocates the neighbours; if one cannot be had, just the wanted page is asked for. */
  private allocate(request: Request): Request {
    const { pages } = this.kernel;
    const { pageSize } = pages;
    const run = request.pages;
    let count = 0;
    for (let at = request.first; at < request.end; at += pageSize) {
      if (at === request.offset) {
        run[count++] = request.page!;
        continue;
      }
      // haspage may have slept: somebody else may have brought the neighbour in
      const neighbour =
        pages.lookup(request.object!, at) === null ? pages.allocate(request.object!, at) : null;
      if (neighbour === null) {
        this.giveBack(request, count);
        return request;
      }
      run[count++] = neighbour;
    }
    request.count = count;
    request.reqpage = (request.offset - request.first) / pageSize;
    return request;
  }
  /** The neighbours allocated so far go back; just the wanted page is left. */
  private giveBack(request: Request, count: number): void {
    const { pages } = this.kernel;
    const run = request.pages;
    for (let i = 0; i < count; i++) {
      if (run[i] === request.page) continue;
      pages.wakeup(run[i]!);
      pages.release(run[i]!);
    }
    run[0] = request.page!;
    request.count = 1;
  }
}
