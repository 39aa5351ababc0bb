/**
 * Busy pages: who owns them, and how a get and a put leave the pages that they were given.
 *
 * Verified: nobody but its owner un-busies a page or frees it; no page stays busy without an owner; after a get the requested
 * page is where it was, busy and on no queue, and every other page is freed, or in use and right, or on its way with an
 * asynchronous transfer, which ends in one of the other two; a put leaves its pages where they were, and one that it un-busied
 * early keeps a claim while it sleeps.
 *
 * Not verified: the bytes (contents.ts), and that waiters of a page are woken (no-deadlock).
 */
import { PG_BUSY, VM_PAGER_PEND } from '../src/trace/codes.ts';
import type { PagerCall } from '../src/trace/observer.ts';
import { NOBODY } from '../model/claims.ts';
import { isThread, THREADS_MAX, type CallFrame } from '../model/calls.ts';
import type { Property } from './property.ts';
import { ON_QUEUE, Watcher } from './watcher.ts';

const OWNER = 'owner-unbusies';
const OWNED = 'busy-pages-owned';
const REQUESTED = 'requested-page-kept';
const NEIGHBOUR = 'neighbour-states';
const PUT = 'put-keeps-pages';

/** Pages that a put un-busied early, at most, by thread. */
const EARLY_MAX = 8;

class BusyPages extends Watcher {
  private readonly early = new Int32Array(THREADS_MAX * EARLY_MAX);
  private readonly earlyCount = new Int32Array(THREADS_MAX);

  protected override reset(): void {
    this.earlyCount.fill(0);
  }

  pageWakeup(frame: number): void {
    const { claims, calls, files } = this.model;
    const owner = claims.ownerOf(frame);
    if (owner === NOBODY) return;
    if (calls.completing >= 0) {
      if (!claims.ownedByTransfer(frame, calls.completing)) {
        this.complainOwner(frame, owner, `the completion of pbuf ${calls.completing}`, 'un-busied');
      }
      return;
    }
    if (owner !== calls.running) {
      this.complainOwner(frame, owner, `thread ${calls.running}`, 'un-busied');
      return;
    }
    if (files.store.framePut[frame] !== 0) this.noteEarly(frame, owner);
  }

  private noteEarly(frame: number, thread: number): void {
    const count = this.earlyCount[thread]!;
    if (count === EARLY_MAX) return;
    this.early[thread * EARLY_MAX + count] = frame;
    this.earlyCount[thread] = count + 1;
  }

  pageFreed(frame: number): void {
    const { claims, calls } = this.model;
    const owner = claims.ownerOf(frame);
    if (owner === NOBODY || owner === calls.running) return;
    this.complainOwner(frame, owner, `thread ${calls.running}`, 'freed');
  }

  private complainOwner(frame: number, owner: number, who: string, did: string): void {
    this.report(OWNER, () => ({
      what: `${this.pageName(frame)} was ${did} by ${who}, who does not own it`,
      expected: `${did} by ${ownerName(owner)}`,
      observed: who,
    }));
  }

  sleep(thread: number): void {
    if (!isThread(thread)) return;
    const count = this.earlyCount[thread]!;
    for (let i = 0; i < count; i++) {
      const frame = this.early[thread * EARLY_MAX + i]!;
      if ((this.view.pageFlags(frame) & PG_BUSY) !== 0 || this.view.pageBusy(frame) > 0) continue;
      if (this.model.files.store.framePut[frame] === 0) continue;
      this.report(PUT, () => ({
        what: `a put un-busied ${this.pageName(frame)} and sleeps without a claim on it, so that it can be freed meanwhile`,
        expected: 'busy, or claimed',
        observed: this.pageState(frame),
      }));
    }
  }

  pagerReturn(call: PagerCall): void {
    switch (call.function) {
      case 'getmulti':
      case 'getpage':
        if (call.count > 0 && this.model.returning !== null) this.judgeGet(call, this.model.returning);
        break;
      case 'putmulti':
      case 'putpage':
        this.earlyCount[Math.max(0, call.thread)] = 0;
        if (this.model.returning !== null) this.judgePut(call, this.model.returning);
        break;
      case 'iodone':
        this.judgeCompleted(call.size);
        break;
      default:
        break;
    }
  }

  /** What an asynchronous read has brought is freed or fit for use; nobody else has run since it was un-busied. */
  private judgeCompleted(pbuf: number): void {
    const { model, view } = this;
    const { claims, files } = model;
    if (claims.completedObject === -1 || !claims.completedRead) return;
    for (let i = 0; i < claims.carriedCount(pbuf); i++) {
      const page = claims.carriedFrame(pbuf, i);
      if (page < 0 || view.pageObject(page) !== claims.completedObject) continue;
      const flags = view.pageFlags(page);
      const isWhole = view.pageValid(page) === files.store.allBits;
      if ((flags & PG_BUSY) === 0 && (flags & ON_QUEUE) !== 0 && isWhole && view.pageDirty(page) === 0)
        continue;
      this.report(NEIGHBOUR, () => ({
        what: `${this.pageName(page)} was brought in by an asynchronous transfer, whose completion has left it unfit for use`,
        expected: 'freed; or not busy, on a queue, wholly valid, not dirty',
        observed: this.pageState(page),
      }));
    }
  }

  private judgeGet(call: PagerCall, frame: CallFrame): void {
    const { model } = this;
    for (let i = 0; i < call.count; i++) {
      if (i === call.reqpage) this.judgeRequested(call, frame);
      else if (model.stillThere(call, frame, i)) this.judgeNeighbour(call, frame, i);
    }
  }

  private judgeRequested(call: PagerCall, frame: CallFrame): void {
    const { model, view } = this;
    const page = call.frames[call.reqpage]!;
    const there = model.stillThere(call, frame, call.reqpage);
    const flags = there ? view.pageFlags(page) : 0;
    if (there && (flags & PG_BUSY) !== 0 && (flags & ON_QUEUE) === 0) return;
    this.report(REQUESTED, () => ({
      what: `the requested page ${call.page + call.reqpage} of file ${call.file} is not as the caller gave it`,
      expected: 'resident where it was, busy, on no queue',
      observed: there ? this.pageState(page) : 'freed',
    }));
  }

  private judgeNeighbour(call: PagerCall, frame: CallFrame, i: number): void {
    const { model, view } = this;
    const { claims, files } = model;
    const page = call.frames[i]!;
    const flags = view.pageFlags(page);
    // somebody else has taken it since it was un-busied
    if (files.store.frameBusiedTick[page]! >= frame.tick) return;
    if ((flags & PG_BUSY) !== 0) {
      if (claims.inTransit(page)) return;
      this.report(OWNED, () => ({
        what: `${this.pageName(page)} is still busy after the get, and nobody will un-busy it`,
        expected: 'freed, in use, or on its way with an asynchronous transfer',
        observed: this.pageState(page),
      }));
      return;
    }
    const isWhole = view.pageValid(page) === files.store.allBits;
    const { store } = files;
    // a growth since may have zeroed its end, and a process may have written to it: its transfer can end before the call
    const isChanged =
      frame.minEof !== frame.maxEof ||
      store.frameStoreTick[page]! >= frame.tick ||
      store.recordWriteTick[files.recordIn(page)]! >= frame.tick;
    const isClean = view.pageDirty(page) === 0 || isChanged;
    if ((flags & ON_QUEUE) !== 0 && isWhole && isClean) return;
    this.report(NEIGHBOUR, () => ({
      what: `${this.pageName(page)}, a neighbour, was un-busied by the get but is not fit for use`,
      expected: 'on a queue, wholly valid, not dirty',
      observed: this.pageState(page),
    }));
  }

  private judgePut(call: PagerCall, frame: CallFrame): void {
    const { model, view } = this;
    for (let i = 0; i < call.count; i++) {
      const page = call.frames[i]!;
      const there = model.stillThere(call, frame, i);
      if (there) {
        // others may deactivate a busy page
        const moved =
          !frame.interleaved && (view.pageFlags(page) & ON_QUEUE) !== (frame.flags[i]! & ON_QUEUE);
        const isClaimed = view.pageBusy(page) > 0 && call.rtvals[i] !== VM_PAGER_PEND;
        if (!moved && !isClaimed) continue;
      }
      this.report(PUT, () => ({
        what: `page ${call.page + i} of file ${call.file} is not where it was when the put began`,
        expected: 'resident where it was, on the same queue, without claims left on it',
        observed: there ? this.pageState(page) : 'freed',
      }));
    }
  }

  idle(): void {
    const { claims, calls } = this.model;
    for (let i = 0; i < claims.ownedCount; i++) {
      const frame = claims.ownedFrame(i);
      if (claims.inTransit(frame) || calls.isBusy(claims.ownerOf(frame))) continue;
      if ((this.view.pageFlags(frame) & PG_BUSY) === 0) continue;
      this.report(OWNED, () => ({
        what: `${this.pageName(frame)} is busy, but its owner has nothing more to do`,
        expected: 'not busy',
        observed: this.pageState(frame),
      }));
    }
  }
}

function ownerName(owner: number): string {
  return owner >= 0 ? `thread ${owner}` : 'the asynchronous transfer that carries it';
}

const monitor = (): BusyPages => new BusyPages();

/** Properties of busy pages. */
export const BUSY_PAGES: readonly Property[] = [
  {
    id: OWNER,
    kind: 'always',
    statement: 'Only the owner of a busy page un-busies it or frees it.',
    source: 'G5, 3.2, 13.12 Q1-Q2',
    observes: 'every wakeup and free of a page that somebody owns',
    doesNotVerify: 'flags that a target changes without saying so',
    monitor,
  },
  {
    id: OWNED,
    kind: 'always',
    statement: 'No page stays busy without an owner who will un-busy it.',
    source: 'G5, 13.4 Q1',
    observes: 'the neighbours when a get returns, all busy pages when nothing can run',
    doesNotVerify: 'that the owner does it soon',
    monitor,
  },
  {
    id: REQUESTED,
    kind: 'always',
    statement: 'After a get, on any result, the requested page is where it was, busy and on no queue.',
    source: '13.4 Q2',
    observes: 'the requested page when a get returns',
    doesNotVerify: 'what was done to it in between',
    monitor,
  },
  {
    id: NEIGHBOUR,
    kind: 'always',
    statement:
      'A neighbour that a get, or the completion of its asynchronous transfer, has un-busied is on a queue, wholly valid ' +
      'and not dirty.',
    source: '13.4 Q1 (919-923, 964-992), 13.12 Q2 (542-555)',
    observes: 'the neighbours when a get returns, and when their asynchronous transfer has completed',
    doesNotVerify: 'its bytes (page-contents); pages that somebody else took before the get returned',
    monitor,
  },
  {
    id: PUT,
    kind: 'always',
    statement:
      'A put neither frees nor re-queues its pages, and keeps a claim on one that it un-busies early.',
    source: '13.6 Q4',
    observes: 'the pages when a put returns, early wakeups when the put sleeps',
    doesNotVerify:
      'that busy pages stay busy where no file system needs them; queues, if another thread ran meanwhile',
    monitor,
  },
];
