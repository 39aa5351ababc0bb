/**
 * Results: what pager calls answer, and the state of things that goes with the answer.
 *
 * Verified: the code that a get returns, and the masks of the requested page with it; the status of every page of a put, and the
 * dirty bits that go with it. ERROR needs something that failed for that very page: a transfer that carried it, a call that the
 * scenario makes fail, a media fault behind it, a full disk, a size change under way. That the file system has gone meanwhile
 * is none of these: a get or put that fails for that says FAIL, and so does a get of a page past EOF. A call without a pager or
 * vnode is refused, and has no effect.
 *
 * Not verified: that a failure is reported when data arrived nevertheless (contents.ts judges the data); which of several
 * allowed codes is the better one; after the file system has gone within a call, that what was settled before (a transfer that
 * had failed, a page of a put that was refused) is not answered so.
 */
import {
  RESULT_NAMES,
  RTVAL_UNSET,
  VM_PAGER_AGAIN,
  VM_PAGER_BAD,
  VM_PAGER_ERROR,
  VM_PAGER_FAIL,
  VM_PAGER_OK,
  VM_PAGER_PEND,
  type PagerFunction,
} from '../src/trace/codes.ts';
import type { PagerCall } from '../src/trace/observer.ts';
import type { CallFrame } from '../model/calls.ts';
import { mayFail } from './evidence.ts';
import type { Property } from './property.ts';
import { counted, hex, Watcher } from './watcher.ts';

const GET = 'get-result';
const GET_PAGE = 'get-page-masks';
const SET = 'put-statuses-set';
const PUT = 'put-status';
const DIRTY = 'put-dirty-bits';
const NULL = 'null-refused';

/** "BAD", or the number of what is no code. */
function codeName(code: number): string {
  return RESULT_NAMES[code] ?? (code === RTVAL_UNSET ? 'never set' : `${code}, which is no code`);
}

/** What to answer instead of ERROR where nothing failed for the page. */
function notError(gone: boolean): string {
  return gone
    ? 'FAIL: nothing failed but that the file system is gone'
    : 'not ERROR: nothing failed or fell short for this page';
}

/** Calls that may come without a pager or vnode. */
const NULLABLE: ReadonlySet<PagerFunction> = new Set(['alloc', 'getpage', 'putpage', 'setsize']);

/** Page-out accounting, as `View.counter` numbers it. */
const COUNTERS = ['v_vnodein', 'v_vnodepgsin', 'v_vnodeout', 'v_vnodepgsout'] as const;

/** Nothing fits in here: only how many pagers there are is asked for. */
const NO_ROOM = new Int32Array(0);

class Results extends Watcher {
  /** What a call without a pager or vnode must leave as it was. */
  private readonly countersThen = new Int32Array(COUNTERS.length);
  private memoryThen = 0;
  private pagersThen = 0;

  pagerCall(call: PagerCall): void {
    if (call.file >= 0 || call.count > 0 || !NULLABLE.has(call.function)) return;
    const { view } = this;
    for (let which = 0; which < COUNTERS.length; which++) this.countersThen[which] = view.counter(which);
    this.memoryThen = view.memoryHeld();
    this.pagersThen = view.pagerList(NO_ROOM);
  }

  pagerReturn(call: PagerCall): void {
    switch (call.function) {
      case 'getmulti':
      case 'getpage':
        if (call.count > 0) return this.judgeGet(call);
        if (call.result === VM_PAGER_OK) this.complainNull(call, 'refused', codeName(call.result));
        break;
      case 'putmulti':
      case 'putpage':
        if (call.count > 0) return this.judgePut(call);
        if (call.result !== 0) this.complainNull(call, 'FALSE (0)', codeName(call.result));
        break;
      default:
        break;
    }
    if (call.file < 0 && NULLABLE.has(call.function)) this.judgeEffects(call);
    return undefined;
  }

  /** A call without a pager or vnode has no effect (13.2 Q1, 13.5, 13.7, 13.9 Q1). */
  private judgeEffects(call: PagerCall): void {
    const { view } = this;
    const frame = this.model.returning;
    if (frame === null || frame.interleaved) return;
    for (let which = 0; which < COUNTERS.length; which++) {
      const then = this.countersThen[which]!;
      const now = view.counter(which) | 0;
      if (now !== then) this.complainNull(call, `${COUNTERS[which]} is ${then} as before`, `${now}`);
    }
    const memory = view.memoryHeld();
    if (memory !== this.memoryThen)
      this.complainNull(call, `${counted(this.memoryThen, 'piece')} of memory taken, as before`, `${memory}`);
    const pagers = view.pagerList(NO_ROOM);
    if (pagers !== this.pagersThen)
      this.complainNull(call, `${counted(this.pagersThen, 'pager')} on the list, as before`, `${pagers}`);
  }

  private complainNull(call: PagerCall, expected: string, observed: string): void {
    const what = `${call.function} without a ${call.function === 'alloc' || call.function === 'setsize' ? 'vnode' : 'pager'}`;
    this.report(NULL, () => ({ what, expected, observed }));
  }

  /** Whether the page was past EOF, or past the size that the pager knew, at every moment of the call. */
  private isPastEof(frame: CallFrame, offset: number): boolean {
    return offset >= frame.maxEof || offset >= frame.knownEof;
  }

  /**
   * Whether a get that has read nothing returns when the pager knows already that the page is past EOF. What VOP_READ has read
   * cannot be seen.
   */
  private isPastNow(call: PagerCall, frame: CallFrame, offset: number): boolean {
    if (frame.transfers > 0) return false;
    const { files, fileSystems } = this.context.scenario;
    const size = this.view.pagerSize(call.file);
    return size >= 0 && offset >= size && fileSystems[files[call.file]!.fileSystem]!.blockMap !== 'none';
  }

  private judgeGet(call: PagerCall): void {
    const frame = this.model.returning;
    if (frame === null || call.file < 0) return;
    const { pageSize } = this.model.files.store;
    const offset = (call.page + call.reqpage) * pageSize;
    const wrong = this.wrongGet(call, frame, offset);
    if (wrong !== null) {
      this.report(GET, () => ({
        what: `a get of file ${call.file} page ${call.page + call.reqpage} returned ${codeName(call.result)}`,
        expected: wrong,
        observed: `${codeName(call.result)}; EOF at byte ${frame.maxEof - offset} of the page`,
      }));
    }
    this.judgeMasks(call, frame);
  }

  /** What the result should have been, or null if it may be what it is. */
  private wrongGet(call: PagerCall, frame: CallFrame, offset: number): string | null {
    const { model, context, view } = this;
    if (!frame.mounted) return call.result === VM_PAGER_FAIL ? null : 'FAIL: the file system is gone';
    const gone = !view.fileMounted(call.file);
    const isRefused = this.isPastEof(frame, offset) || this.isPastNow(call, frame, offset);
    if (!gone && isRefused && call.result !== VM_PAGER_BAD) return 'BAD: the page is at or past EOF';
    switch (call.result) {
      case VM_PAGER_OK:
        return null;
      case VM_PAGER_BAD:
        if (gone) return 'FAIL: the file system is gone, which takes precedence';
        return offset < frame.minEof ? 'not BAD: the page is below EOF' : null;
      case VM_PAGER_FAIL: {
        const length = Math.min(model.files.store.pageSize, frame.minEof - offset);
        const isHole = length <= 0 || !model.blocks.anyBlock(call.file, offset, length);
        return gone || isHole ? null : 'not FAIL: there is data';
      }
      case VM_PAGER_ERROR:
        return mayFail(context.scenario, model, view, call, frame, call.reqpage, false)
          ? null
          : notError(gone);
      default:
        return 'OK, BAD, FAIL or ERROR';
    }
  }

  private judgeMasks(call: PagerCall, frame: CallFrame): void {
    const { model, view } = this;
    if (call.result !== VM_PAGER_OK || !model.stillThere(call, frame, call.reqpage)) return;
    const page = call.frames[call.reqpage]!;
    const { allBits } = model.files.store;
    const read = allBits & ~frame.valid[call.reqpage]!;
    const isRight =
      view.pageValid(page) === allBits && (view.pageDirty(page) & read) === 0 && !view.pageModified(page);
    if (isRight) return;
    this.report(GET_PAGE, () => ({
      what: `a get has returned OK, and ${this.pageName(page)} is not marked as what was read: valid, clean and not modified`,
      expected: `valid ${hex(allBits)}, dirty at most ${hex(allBits & ~read)}, not modified`,
      observed: `${this.pageState(page)}${view.pageModified(page) ? ', modified' : ''}`,
    }));
  }

  private judgePut(call: PagerCall): void {
    const frame = this.model.returning;
    if (frame === null || call.file < 0) return;
    const { pageSize } = this.model.files.store;
    for (let i = 0; i < call.count; i++) {
      const status = call.rtvals[i]!;
      if (status < VM_PAGER_OK || status > VM_PAGER_AGAIN) {
        this.report(SET, () => ({
          what: `the status of page ${call.page + i} of file ${call.file} (number ${i} of ${call.count}) after a put`,
          expected: 'one of the six codes',
          observed: codeName(status),
        }));
        continue;
      }
      const offset = (call.page + i) * pageSize;
      const wrong = this.wrongPut(call, frame, i, status, offset);
      if (wrong !== null) {
        this.report(PUT, () => ({
          what: `a put gave page ${call.page + i} of file ${call.file} the status ${codeName(status)}`,
          expected: wrong,
          observed: `${codeName(status)}; EOF at byte ${frame.maxEof - offset} of the page`,
        }));
      }
      if (this.model.stillThere(call, frame, i)) this.judgeDirty(call, frame, i, status);
    }
  }

  /** What the status should have been, or null if it may be what it is. */
  private wrongPut(
    call: PagerCall,
    frame: CallFrame,
    i: number,
    status: number,
    offset: number,
  ): string | null {
    const { model, context, view } = this;
    if (!frame.mounted) return status === VM_PAGER_FAIL ? null : 'FAIL: the file system is gone';
    const gone = !view.fileMounted(call.file);
    if (!gone && this.isPastEof(frame, offset) && status !== VM_PAGER_BAD)
      return 'BAD: the page is at or past EOF';
    switch (status) {
      case VM_PAGER_BAD:
        return offset < frame.minEof ? 'not BAD: the page is below EOF' : null;
      case VM_PAGER_FAIL:
        return gone ? null : 'not FAIL: the file system is there';
      case VM_PAGER_ERROR:
        return mayFail(context.scenario, model, view, call, frame, i, true) ? null : notError(gone);
      case VM_PAGER_AGAIN:
        return ((frame.started >> i) & 1) === 0 ? null : 'not AGAIN: a write was started for it';
      default:
        return null;
    }
  }

  private judgeDirty(call: PagerCall, frame: CallFrame, i: number, status: number): void {
    const { model, view } = this;
    const { store } = model.files;
    const page = call.frames[i]!;
    const dirty = view.pageDirty(page);
    if (status === VM_PAGER_OK) {
      const left = dirty & frame.valid[i]! & store.allBits;
      const isClean = left === 0 && !view.pageModified(page);
      // what was stored since stays dirty, and so does what waits in a dirty buffer
      if (isClean || store.frameStoreTick[page]! >= frame.tick || this.isBuffered(call.file, call.page + i))
        return;
    } else if (status === VM_PAGER_AGAIN || status === VM_PAGER_ERROR || status === VM_PAGER_FAIL) {
      const lost = frame.dirty[i]! & frame.valid[i]! & ~dirty;
      if (lost === 0 || view.pageModified(page)) return;
      // the buffer cache may have written them meanwhile
      if (frame.interleaved && model.files.sharesBuffers(call.file)) return;
    } else if (status === VM_PAGER_PEND || status === VM_PAGER_BAD) {
      return;
    }
    this.report(DIRTY, () => ({
      what: `${this.pageName(page)} after a put that gave it the status ${codeName(status)}`,
      expected:
        status === VM_PAGER_OK ? 'not dirty, not modified' : `dirty ${hex(frame.dirty[i]!)} as before`,
      observed: `${this.pageState(page)}${view.pageModified(page) ? ', modified' : ''}`,
    }));
  }
}

const monitor = (): Results => new Results();

/** Properties of results of gets and puts. */
export const RESULTS: readonly Property[] = [
  {
    id: GET,
    kind: 'always',
    statement:
      'A get returns BAD exactly at or past EOF, FAIL without data or file system, ERROR only if something failed.',
    source: '13.4 Q4, 6.3',
    observes: 'the result of each get',
    doesNotVerify:
      'OK (page-contents judges the bytes); ERROR after a transfer that failed before the file system went',
    monitor,
  },
  {
    id: GET_PAGE,
    kind: 'always',
    statement:
      'A get that returns OK has marked all of the requested page as valid, and what it read as neither dirty nor modified.',
    source: '13.4 Q3 (638-642, 707-708, 787-788, 965-967)',
    observes: 'masks and modified bit of the requested page when a get returns OK',
    doesNotVerify: 'chunks that were valid before',
    monitor,
  },
  {
    id: SET,
    kind: 'always',
    statement: 'A put sets the status of every page to one of the six codes.',
    source: '13.6 Q1 (1172-1178, 1192, 1210, 1222-1223, 1314-1324)',
    observes: 'the status array when a put returns',
    doesNotVerify: 'the result of the function, which says nothing',
    monitor,
  },
  {
    id: PUT,
    kind: 'always',
    statement:
      'A put gives BAD exactly at or past EOF, FAIL if the file system is gone, ERROR if something failed for that very ' +
      'page, AGAIN if nothing began.',
    source: '13.6 Q3',
    observes: 'the status of each page when a put returns',
    doesNotVerify:
      'OK (put-reaches-disk judges the bytes); a call into the kernel that failed excuses every page; BAD and ERROR that were ' +
      'due before the file system went',
    monitor,
  },
  {
    id: DIRTY,
    kind: 'always',
    statement:
      'After OK a page is clean, but for what was stored meanwhile; after AGAIN, ERROR and FAIL it is as dirty as before.',
    source: '13.6 Q2-Q3 (1034, 1125, 1182, 1194, 1211-1213, 1314-1319)',
    observes: 'dirty and modified bits when a put returns',
    doesNotVerify: 'pages with a dirty buffer, which stay dirty until it is flushed',
    monitor,
  },
  {
    id: NULL,
    kind: 'always',
    statement:
      'Gets and puts without a pager are refused; they, and alloc and setsize without a vnode, have no effect.',
    source: '13.2 Q1, 13.5 (261-262), 13.7 (277-278), 13.9 Q1',
    observes:
      'calls of getpage and putpage with a null pager, of alloc and setsize with a null vnode: the answer, page-out ' +
      'accounting, memory, the list of pagers',
    doesNotVerify:
      'pages, objects and vnodes, which such a call is not given; anything but the answer, if another thread ran meanwhile',
    monitor,
  },
];
