/**
 * Promises: what one pager function has said and another must keep, and what init leaves. haspage and get look at one file by
 * different code, so that they can disagree.
 *
 * Verified: a get of a page of which haspage has said that it exists, nothing having changed since, delivers or fails, but never
 * says that there is no such page; no file has a pager when init returns.
 *
 * Not verified: the bytes (contents.ts); FALSE of haspage, after which nobody asks (objects.ts judges the answer itself).
 */
import { RESULT_NAMES, VM_PAGER_ERROR, VM_PAGER_OK } from '../src/trace/codes.ts';
import type { PagerCall } from '../src/trace/observer.ts';
import type { Property } from './property.ts';
import { counted, Watcher } from './watcher.ts';

const OBLIGES = 'haspage-obliges';
const EMPTY = 'init-empties-list';

/** Answers that are remembered; a fault asks about eight pages at most. */
const REMEMBERED = 16;

class Promises extends Watcher {
  /** The last answers TRUE: file, page, and what `changes` was. */
  private readonly files = new Int32Array(REMEMBERED);
  private readonly pages = new Float64Array(REMEMBERED);
  private readonly moments = new Int32Array(REMEMBERED);
  private next = 0;
  /** Whatever may make an answer outdated. */
  private changes = 0;
  /** Per thread, `changes` when a promised get began, -1 if the running one is not promised. */
  private readonly promised = new Int32Array(16);

  protected override reset(): void {
    this.files.fill(-1);
    this.promised.fill(-1);
    this.changes = 0;
    this.next = 0;
  }

  allocated(): void {
    this.changes++;
  }
  freed(): void {
    this.changes++;
  }
  resized(): void {
    this.changes++;
  }
  disconnected(): void {
    this.changes++;
  }
  lost(): void {
    this.changes++;
  }

  pagerCall(call: PagerCall): void {
    switch (call.function) {
      case 'getmulti':
      case 'getpage':
        if (call.thread >= 0) this.promised[call.thread] = call.count > 0 ? this.momentOf(call) : -1;
        break;
      case 'haspage':
      case 'iodone':
        break;
      default:
        this.changes++;
    }
  }

  private momentOf(call: PagerCall): number {
    const page = call.page + call.reqpage;
    for (let i = 0; i < REMEMBERED; i++) {
      const isIt = this.files[i] === call.file && this.pages[i] === page;
      if (isIt && this.moments[i] === this.changes) return this.changes;
    }
    return -1;
  }

  pagerReturn(call: PagerCall): void {
    switch (call.function) {
      case 'haspage':
        if (call.result !== 0 && call.file >= 0 && this.model.returning?.interleaved === false)
          this.remember(call);
        break;
      case 'getmulti':
      case 'getpage':
        if (call.count > 0 && call.thread >= 0) this.judgeGet(call);
        break;
      case 'init':
        this.judgeInit();
        break;
      default:
        break;
    }
  }

  private remember(call: PagerCall): void {
    const { next } = this;
    this.files[next] = call.file;
    this.pages[next] = call.page;
    this.moments[next] = this.changes;
    this.next = (next + 1) % REMEMBERED;
  }

  private judgeGet(call: PagerCall): void {
    const moment = this.promised[call.thread]!;
    if (moment !== this.changes || call.result === VM_PAGER_OK || call.result === VM_PAGER_ERROR) return;
    this.report(OBLIGES, () => ({
      what: `haspage said that file ${call.file} has page ${call.page + call.reqpage}, and the get does not know it`,
      expected: 'OK or ERROR: nothing has changed in between',
      observed: RESULT_NAMES[call.result] ?? `${call.result}`,
    }));
  }

  private judgeInit(): void {
    const { view } = this;
    for (let file = 0; file < view.files; file++) {
      if (view.pagersOf(file) <= 0) continue;
      this.report(EMPTY, () => ({
        what: `init has returned, and file ${file} is on the list of pagers`,
        expected: 'an empty list',
        observed: counted(view.pagersOf(file), 'pager'),
      }));
    }
  }
}

const monitor = (): Promises => new Promises();

/** Properties of what one function says and another keeps. */
export const PROMISES: readonly Property[] = [
  {
    id: OBLIGES,
    kind: 'always',
    statement:
      'A get of a page of which haspage has said TRUE, nothing having changed since, gives OK or ERROR.',
    source: '13.8 Q1',
    observes: 'gets whose requested page is among the last sixteen that haspage said TRUE of',
    doesNotVerify: 'the bytes that are delivered (page-contents)',
    monitor,
  },
  {
    id: EMPTY,
    kind: 'always',
    statement: 'When init returns no file has a pager.',
    source: '13.1',
    observes: 'the list of pagers when init returns',
    doesNotVerify: 'targets that do not show the list',
    monitor,
  },
];
