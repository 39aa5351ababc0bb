/**
 * Sleepers on pages and objects: whoever waits for a page has said so on the page, or nobody will wake it; and whoever waits
 * until nobody claims paging in progress of an object is woken by who gives the last claim back.
 *
 * Verified: `PG_WANTED` is set when a thread goes to sleep on a page, and still is when a pager call returns while it sleeps;
 * when the completion of an asynchronous transfer has left an object without claims, no thread of which it is known that it waits
 * for just that (the kernel's own code, and dealloc) still sleeps there.
 *
 * Not verified: sleepers on anything else, and that a sleeper goes on in the end (no-deadlock).
 */
import type { Choice, Take } from '../src/scenario/scenario.ts';
import { PG_WANTED, type ChannelKind } from '../src/trace/codes.ts';
import type { PagerCall } from '../src/trace/observer.ts';
import { isThread, THREADS_MAX } from '../model/calls.ts';
import type { Property } from './property.ts';
import { Watcher } from './watcher.ts';

const WANTED = 'sleepers-announced';
const WOKEN = 'last-claim-wakes';

class Sleepers extends Watcher {
  /** The frame that each thread sleeps on, -1 if none. */
  private readonly frames = new Int32Array(THREADS_MAX).fill(-1);
  /** How many do. */
  private sleeping = 0;
  /** The object that each thread sleeps on until nobody claims it, -1 if none; and how many do. */
  private readonly objects = new Int32Array(THREADS_MAX).fill(-1);
  private waiting = 0;
  /** The thread whose next sleep ends by itself, -1 if none: it is as good as awake, and nobody owes it anything. */
  private inVain = -1;

  protected override reset(): void {
    this.inVain = -1;
    this.frames.fill(-1);
    this.sleeping = 0;
    this.objects.fill(-1);
    this.waiting = 0;
  }

  departure(thread: number, _choice: Choice, take: Take): void {
    if (take === 'spurious') this.inVain = thread;
  }

  sleep(thread: number, channel: ChannelKind, id: number): void {
    if (!isThread(thread)) return;
    this.awake(thread);
    if (channel === 'page') this.judge(thread, id, 'goes to sleep');
    const isInVain = this.inVain === thread;
    this.inVain = -1;
    if (isInVain) return;
    if (channel === 'page') {
      this.frames[thread] = id;
      this.sleeping++;
    } else if (channel === 'object' && this.awaitsClaims(thread)) {
      this.objects[thread] = id;
      this.waiting++;
    }
  }

  resume(thread: number): void {
    if (isThread(thread)) this.awake(thread);
  }

  wakeup(channel: ChannelKind, id: number): void {
    if (this.sleeping + this.waiting === 0 || (channel !== 'page' && channel !== 'object')) return;
    const channels = channel === 'page' ? this.frames : this.objects;
    for (let thread = 0; thread < THREADS_MAX; thread++) if (channels[thread] === id) this.awake(thread);
  }

  private awake(thread: number): void {
    if (this.frames[thread] !== -1) {
      this.frames[thread] = -1;
      this.sleeping--;
    }
    if (this.objects[thread] !== -1) {
      this.objects[thread] = -1;
      this.waiting--;
    }
  }

  /** Whether a thread that goes to sleep on an object waits for its claims: alloc also waits for the end of one that dies. */
  private awaitsClaims(thread: number): boolean {
    const frame = this.model.calls.top(thread);
    return frame === null || frame.call?.function === 'dealloc';
  }

  pagerReturn(call: PagerCall): void {
    if (this.waiting > 0 && call.function === 'iodone') this.judgeWaiting(this.model.claims.completedObject);
    if (this.sleeping === 0 || call.function === 'haspage') return;
    for (let thread = 0; thread < THREADS_MAX; thread++)
      if (this.frames[thread]! >= 0)
        this.judge(thread, this.frames[thread]!, `sleeps, and ${call.function} returns`);
  }

  private judgeWaiting(object: number): void {
    if (object < 0 || this.view.objectPagingInProgress(object) !== 0) return;
    for (let thread = 0; thread < THREADS_MAX; thread++) {
      if (this.objects[thread] !== object) continue;
      this.report(WOKEN, () => ({
        what: `the completion of a transfer has given back the last claim to ${this.objectName(object)} and woken nobody`,
        expected: `thread ${thread} is woken, which waits for that`,
        observed: 'it sleeps on',
      }));
    }
  }

  private judge(thread: number, frame: number, does: string): void {
    if ((this.view.pageFlags(frame) & PG_WANTED) !== 0) return;
    this.report(WANTED, () => ({
      what: `thread ${thread} ${does}, and ${this.pageName(frame)}, for which it waits, does not say that it is wanted`,
      expected: 'PG_WANTED, until the thread is woken',
      observed: this.pageState(frame),
      thread,
    }));
  }
}

const monitor = (): Sleepers => new Sleepers();

/** Properties of sleepers. */
export const SLEEPERS: readonly Property[] = [
  {
    id: WANTED,
    kind: 'always',
    statement: 'A page that a thread sleeps on is marked as wanted until the thread is woken.',
    source: '3.2, G6',
    observes: 'pages when a thread goes to sleep on them, and while it sleeps whenever a pager call returns',
    doesNotVerify: 'sleepers on objects, buffers and the rest (no-deadlock)',
    monitor,
  },
  {
    id: WOKEN,
    kind: 'always',
    statement:
      'Who waits until nobody claims an object is woken when the completion of a transfer gives the last claim back.',
    source: '5.4, 13.12 Q2 (558-560), G4',
    observes:
      'threads that sleep on the object of an asynchronous transfer when its completion returns and nobody claims it any more',
    doesNotVerify:
      'threads that sleep there within another call than dealloc, which may wait for something else; ' +
      'claims that are given back outside of completions (no-deadlock)',
    monitor,
  },
];
