/**
 * What setsize leaves as it was: the object itself, pages that do not lie past EOF when the file grows, and everything when the
 * size is the one that it had.
 *
 * Verified: that an object that was cached, or that others hold, survives, and is cached exactly if nobody holds it; that a
 * setsize which does not make the file shorter frees no page; that one to the same size changes neither references, flags and
 * sizes nor pages, and no byte of the page with EOF in it.
 *
 * Not verified: whether an object was rightly terminated, if another thread ran meanwhile; that a setsize which makes the file
 * shorter keeps what lies below EOF (page-contents has lost data).
 */
import { OBJ_CANPERSIST, OBJ_DEAD, PG_BUSY } from '../src/trace/codes.ts';
import type { PagerCall, Transfer } from '../src/trace/observer.ts';
import { isThread, THREADS_MAX, type CallFrame } from '../model/calls.ts';
import type { Property } from './property.ts';
import { bytesText, counted, hex, Watcher } from './watcher.ts';

const OBJECT = 'setsize-keeps-object';
const PAGES = 'setsize-keeps-pages';
const SAME = 'setsize-to-same-size';

/** Numbers noted of each frame; the first is the allocation that handed it out, all are 0 if it is another object's. */
const PAGE_NAMES = ['', 'flags', 'valid mask', 'dirty mask', 'modified bit'] as const;
const PER_PAGE = PAGE_NAMES.length;

/** What was so when a setsize to the size that the file has began. */
class Same {
  /** Tells that setsize from others (`CallFrame.tick`); 0: none is under way. */
  tick = 0;
  file = -1;
  pagerSize = 0;
  objectSize = 0;
  resident = 0;
  /** A transfer of the file has ended since. */
  completed = false;
  frames = 0;
  pages = new Int32Array(0);
  /** Frame of the page with EOF in it, -1 if that is not resident, or busy; and its bytes. */
  last = -1;
  bytes = new Uint8Array(0);
}

class SetsizeKeeps extends Watcher {
  /** By thread. */
  private readonly same = Array.from({ length: THREADS_MAX }, () => new Same());
  /** By thread: whether the object of its setsize must not be terminated in it, unless others run. */
  private readonly mustLive = new Int32Array(THREADS_MAX);

  protected override reset(): void {
    for (const same of this.same) same.tick = 0;
    this.mustLive.fill(0);
  }

  pagerCall(call: PagerCall): void {
    const { thread, file } = call;
    if (call.function !== 'setsize' || !isThread(thread) || file < 0) return;
    const frame = this.model.calls.top(thread)!;
    if (frame.object < 0 || frame.objectBirth === 0) return;
    this.mustLive[thread] = this.mayStay(frame) ? frame.tick : 0;
    const { files } = this.model;
    const size = files.clamp(call.size);
    // with what is asked for among them, all sizes that the file may have are that one
    if (files.low[file] === size && files.high[file] === size) this.noteSame(call, frame);
  }

  // --- the object ---

  /** Whether nothing but another thread can make the object go: it is held, or cached with nobody trimming the cache. */
  private mayStay(frame: CallFrame): boolean {
    if ((frame.objectFlags & OBJ_DEAD) !== 0) return false;
    if (frame.references > 0) return true;
    if (!frame.cached) return false;
    let cached = 0;
    for (const object of this.model.claims.objects) if (this.view.objectCached(object)) cached++;
    return cached <= this.view.geometry.cachedObjects;
  }

  objectDying(object: number): void {
    const { calls } = this.model;
    const frame = calls.top(calls.running);
    if (frame === null || frame.call!.function !== 'setsize' || !isThread(calls.running)) return;
    if (frame.object !== object || !calls.isSameObject(frame) || frame.interleaved) return;
    if (this.mustLive[calls.running] !== frame.tick) return;
    this.complainObject(
      frame.call!,
      frame.cached ? 'it is cached again' : `it has ${counted(frame.references, 'reference')}`,
      'it is terminated',
    );
  }

  private judgeObject(call: PagerCall, frame: CallFrame): void {
    const { view, model } = this;
    const { object } = frame;
    if (!model.calls.isSameObject(frame)) return;
    const flags = view.objectFlags(object);
    if ((flags & OBJ_DEAD) !== 0 || (frame.objectFlags & OBJ_DEAD) !== 0) return;
    const isCached = view.objectCached(object);
    if (isCached !== (view.objectReferences(object) === 0)) {
      const state = isCached ? 'cached' : 'not cached';
      this.complainObject(
        call,
        'it is cached exactly if nobody holds it',
        `${counted(view.objectReferences(object), 'reference')}, and ${state}`,
      );
      return;
    }
    const lost = frame.objectFlags & ~flags & OBJ_CANPERSIST;
    if (lost !== 0 && !frame.interleaved)
      this.complainObject(call, 'it may be cached, as before', 'it may not be cached any more');
  }

  private complainObject(call: PagerCall, expected: string, observed: string): void {
    this.report(OBJECT, () => ({
      what: `setsize of file ${call.file} to ${counted(call.size, 'byte')} does not leave its object as it was`,
      expected,
      observed,
    }));
  }

  // --- pages of a file that does not become shorter ---

  pageFreed(page: number): void {
    const { calls, files } = this.model;
    const frame = calls.top(calls.running);
    if (frame === null || frame.call!.function !== 'setsize') return;
    // a completion may free what it could not read
    if (calls.completing !== -1 || frame.object < 0 || !calls.isSameObject(frame)) return;
    const { view } = this;
    if (view.pageObject(page) !== frame.object || (view.objectFlags(frame.object) & OBJ_DEAD) !== 0) return;
    const call = frame.call!;
    if (call.file < 0 || files.clamp(call.size) < frame.maxEof) return;
    this.report(PAGES, () => ({
      what: `setsize of file ${call.file} to ${counted(call.size, 'byte')}, no less than before, frees ${this.pageName(page)}`,
      expected: 'resident pages stay',
      observed: `freed: ${this.pageState(page)}`,
    }));
  }

  // --- the same size ---

  private noteSame(call: PagerCall, frame: CallFrame): void {
    const { view, model } = this;
    const { store } = model.files;
    const { object } = frame;
    const same = this.same[call.thread]!;
    same.tick = frame.tick;
    same.file = call.file;
    same.completed = false;
    same.pagerSize = view.pagerSize(call.file);
    same.objectSize = view.objectSize(object);
    same.resident = view.objectResident(object);
    same.frames = store.framesUsed;
    const length = same.frames * PER_PAGE;
    if (same.pages.length < length) same.pages = new Int32Array(length);
    const lastPage = Math.floor(call.size / store.pageSize);
    same.last = -1;
    for (let page = 0; page < same.frames; page++) {
      for (let i = 0; i < PER_PAGE; i++) same.pages[page * PER_PAGE + i] = this.pageNumber(page, object, i);
      if (view.pageObject(page) !== object || (view.pageFlags(page) & PG_BUSY) !== 0) continue;
      if (view.pageIndex(page) === lastPage) same.last = page;
    }
    if (same.last < 0) return;
    if (same.bytes.length !== store.pageSize) same.bytes = new Uint8Array(store.pageSize);
    const address = view.pageAddress(same.last);
    same.bytes.set(view.memory.subarray(address, address + store.pageSize));
  }

  private pageNumber(page: number, object: number, i: number): number {
    const { view } = this;
    if (view.pageObject(page) !== object) return 0;
    switch (i) {
      case 0:
        return this.model.claims.birthOf(page);
      case 1:
        return view.pageFlags(page);
      case 2:
        return view.pageValid(page);
      case 3:
        return view.pageDirty(page);
      default:
        return view.pageModified(page) ? 1 : 0;
    }
  }

  transferEnd(transfer: Transfer): void {
    for (const same of this.same) if (same.tick !== 0 && same.file === transfer.file) same.completed = true;
  }

  private judgeSame(call: PagerCall, frame: CallFrame, same: Same): void {
    const { view, model } = this;
    const { object } = frame;
    if (frame.interleaved) return;
    if (!model.calls.isSameObject(frame)) {
      this.complainSame(call, 'the object is there', 'it is gone');
      return;
    }
    this.judgeNumber(call, 'references of the object', frame.references, view.objectReferences(object));
    this.judgeNumber(call, 'flags of the object', frame.objectFlags, view.objectFlags(object));
    this.judgeNumber(
      call,
      'cached objects among it',
      frame.cached ? 1 : 0,
      view.objectCached(object) ? 1 : 0,
    );
    this.judgeNumber(call, 'size of the pager', same.pagerSize, view.pagerSize(call.file));
    this.judgeNumber(call, 'size of the object', same.objectSize, view.objectSize(object));
    // what has come or gone with a transfer is not of setsize's doing
    if (same.completed) return;
    this.judgeNumber(call, 'resident pages', same.resident, view.objectResident(object));
    for (let page = 0; page < same.frames; page++) this.judgePage(call, page, object, same);
    this.judgeBytes(call, same);
  }

  private judgeNumber(call: PagerCall, name: string, before: number, now: number): void {
    if (before !== now) this.complainSame(call, `${name}: ${before}, as before`, `${now}`);
  }

  private judgePage(call: PagerCall, page: number, object: number, same: Same): void {
    for (let i = 0; i < PER_PAGE; i++) {
      const before = same.pages[page * PER_PAGE + i]!;
      const now = this.pageNumber(page, object, i);
      if (before === now) continue;
      if (i === 0) this.complainSame(call, `frame ${page} holds the page that it held`, this.pageName(page));
      else this.complainSame(call, `${this.pageName(page)}: ${PAGE_NAMES[i]!} ${hex(before)}`, hex(now));
      return;
    }
  }

  private judgeBytes(call: PagerCall, same: Same): void {
    const { view } = this;
    if (same.last < 0) return;
    const address = view.pageAddress(same.last);
    for (let b = 0; b < same.bytes.length; b++) {
      if (view.memory[address + b] === same.bytes[b]) continue;
      this.complainSame(
        call,
        `${this.pageName(same.last)} from byte ${b} on: ${bytesText(same.bytes.subarray(b))}`,
        bytesText(view.memory.subarray(address + b, address + same.bytes.length)),
      );
      return;
    }
  }

  private complainSame(call: PagerCall, expected: string, observed: string): void {
    this.report(SAME, () => ({
      what: `setsize of file ${call.file} to ${counted(call.size, 'byte')}, which it has, has changed something`,
      expected,
      observed,
    }));
  }

  pagerReturn(call: PagerCall): void {
    const { thread } = call;
    if (call.function !== 'setsize' || !isThread(thread)) return;
    const same = this.same[thread]!;
    const frame = this.model.returning;
    if (frame !== null && call.file >= 0 && frame.objectBirth !== 0) {
      this.judgeObject(call, frame);
      if (same.tick === frame.tick) this.judgeSame(call, frame, same);
    }
    same.tick = 0;
  }
}

const monitor = (): SetsizeKeeps => new SetsizeKeeps();

/** Properties of what setsize leaves as it was. */
export const SETSIZE_KEEPS: readonly Property[] = [
  {
    id: OBJECT,
    kind: 'always',
    statement:
      'setsize does not terminate an object that is cached or held, and leaves it cached exactly if nobody holds it.',
    source: '13.9 Q5',
    observes: 'the object when setsize returns, and when it is terminated within setsize',
    doesNotVerify:
      'terminations, and whether the object may be cached later, if another thread ran meanwhile; ' +
      'cached objects while more are cached than may be',
    monitor,
  },
  {
    id: PAGES,
    kind: 'always',
    statement: 'A setsize that does not make the file shorter frees none of its pages.',
    source: '13.9 Q4',
    observes: 'pages that are freed within setsize',
    doesNotVerify: 'pages that completions free, and those of an object that is being terminated',
    monitor,
  },
  {
    id: SAME,
    kind: 'always',
    statement: 'A setsize to the size that the file has changes nothing.',
    source: '13.9 Q1',
    observes:
      'references, flags and sizes of the object, its pages, and the bytes of the page with EOF in it, ' +
      'when setsize is called and when it returns',
    doesNotVerify:
      'anything, if another thread ran meanwhile; pages, if a transfer of the file has ended; ' +
      'bytes of other pages (page-contents)',
    monitor,
  },
];
