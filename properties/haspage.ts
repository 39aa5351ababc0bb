/**
 * That haspage only asks: it is called with pages busy and objects claimed, between the lines of faults that trust what they have
 * looked at, and so must leave everything as it is.
 *
 * Verified: that the page that was asked about, its object, the pager's size, the vnode's references and the four counters are
 * the same when haspage returns as when it was called. A transfer of the file that ended meanwhile excuses what its completion
 * may have changed (pages, how many there are, claims), and nothing else.
 *
 * Not verified: other pages of the object; anything, if another thread ran meanwhile; the bytes of the page (page-contents).
 */
import { isThread, THREADS_MAX } from '../model/calls.ts';
import type { PagerCall, Transfer } from '../src/trace/observer.ts';
import type { Property } from './property.ts';
import { Watcher } from './watcher.ts';

const UNCHANGED = 'haspage-changes-nothing';

/** What is noted, in this order, and whether a completion may change it. */
const NOTED: readonly [name: string, completes: boolean][] = [
  ['the allocation of the object', false],
  ['the references of the object', false],
  ['the flags of the object', false],
  ['the size of the object', false],
  ['the size that the pager knows', false],
  ['the references of the vnode', false],
  ['v_vnodein', false],
  ['v_vnodepgsin', false],
  ['v_vnodeout', false],
  ['v_vnodepgsout', false],
  ['paging_in_progress', true],
  ['the number of resident pages', true],
  ['the frame of the page', true],
  ['the flags of the page', true],
  ['the queue of the page', true],
  ['the valid mask of the page', true],
  ['the dirty mask of the page', true],
  ['the modified bit of the page', true],
];

/** Index of the first of four counters, and of what there is only of a page that is resident. */
const COUNTERS_AT = 6;
const FRAME_AT = 12;

class Haspage extends Watcher {
  /** Threads that are in a haspage that is watched, as bits. */
  private asking = 0;
  /** By thread: what tells that haspage from others (`CallFrame.tick`), its file, and what was so when it began. */
  private readonly ticks = new Int32Array(THREADS_MAX);
  private readonly files = new Int32Array(THREADS_MAX);
  private readonly before = new Float64Array(THREADS_MAX * NOTED.length);
  /** Threads during whose haspage a transfer of the file has ended, as bits. */
  private completed = 0;
  private readonly now = new Float64Array(NOTED.length);

  protected override reset(): void {
    this.asking = 0;
  }

  pagerCall(call: PagerCall): void {
    if (call.function !== 'haspage') return;
    const { thread, file } = call;
    const { calls, claims } = this.model;
    if (!isThread(thread) || file < 0 || claims.objectBirth(call.object) === 0) return;
    this.asking |= 1 << thread;
    this.completed &= ~(1 << thread);
    this.ticks[thread] = calls.top(thread)!.tick;
    this.files[thread] = file;
    this.note(call, this.before, thread * NOTED.length);
  }

  transferEnd(transfer: Transfer): void {
    if (this.asking === 0) return;
    for (let thread = 0; thread < THREADS_MAX; thread++)
      if (this.files[thread] === transfer.file) this.completed |= 1 << thread;
  }

  pagerReturn(call: PagerCall): void {
    if (call.function !== 'haspage') return;
    const { thread } = call;
    if (!isThread(thread) || (this.asking & (1 << thread)) === 0) return;
    this.asking &= ~(1 << thread);
    const frame = this.model.returning;
    if (frame === null || frame.interleaved || frame.tick !== this.ticks[thread]) return;
    const { before, now } = this;
    const first = thread * NOTED.length;
    this.note(call, now, 0);
    for (let i = 0; i < NOTED.length; i++) if (now[i] !== before[first + i]) this.differs(call, i);
  }

  private differs(call: PagerCall, i: number): void {
    const { thread } = call;
    const [name, completes] = NOTED[i]!;
    if (completes && (this.completed & (1 << thread)) !== 0) return;
    this.report(UNCHANGED, () => ({
      what: `haspage of file ${call.file} page ${call.page} has changed ${name}`,
      expected: `${this.before[thread * NOTED.length + i]!}, as before`,
      observed: `${this.now[i]!}`,
    }));
  }

  private note(call: PagerCall, into: Float64Array, first: number): void {
    const { view } = this;
    const { object, file } = call;
    const birth = this.model.claims.objectBirth(object);
    const end = first + NOTED.length;
    let at = first;
    into[at++] = birth;
    // with an object that is gone everything of it is
    if (birth === 0) {
      into.fill(0, at, end);
      return;
    }
    into[at++] = view.objectReferences(object);
    into[at++] = view.objectFlags(object);
    into[at++] = view.objectSize(object);
    into[at++] = view.pagerSize(file);
    into[at++] = view.fileUseCount(file);
    for (let which = 0; at < first + COUNTERS_AT + 4; which++) into[at++] = view.counter(which);
    into[at++] = view.objectPagingInProgress(object);
    into[at++] = view.objectResident(object);
    const page = view.lookup(object, call.page);
    into[first + FRAME_AT] = page;
    if (page < 0) {
      into.fill(0, first + FRAME_AT + 1, end);
      return;
    }
    at = first + FRAME_AT + 1;
    into[at++] = view.pageFlags(page);
    into[at++] = view.pageQueue(page);
    into[at++] = view.pageValid(page);
    into[at++] = view.pageDirty(page);
    into[at] = view.pageModified(page) ? 1 : 0;
  }
}

/** Properties of haspage, but for its answer. */
export const HASPAGE: readonly Property[] = [
  {
    id: UNCHANGED,
    kind: 'always',
    statement:
      'haspage changes nothing: not the page that it is asked about, nor its object, the vnode or the counters.',
    source: '13.8 Q1',
    observes:
      'flags, masks and queue of the page, pages, claims, references, flags and sizes of the object, references of the vnode, ' +
      'and counters when haspage is called and when it returns',
    doesNotVerify:
      'other pages; anything, if another thread ran meanwhile; pages and claims, if a transfer of the file has ended',
    monitor: (): Haspage => new Haspage(),
  },
];
