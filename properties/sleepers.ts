/**
 * Sleepers on pages: whoever waits for a page has said so on the page, or nobody will wake it.
 *
 * Verified: `PG_WANTED` is set when a thread goes to sleep on a page, and still is when a pager call returns while it sleeps.
 *
 * Not verified: sleepers on anything but pages, and that a sleeper goes on in the end (no-deadlock).
 */
import { PG_WANTED, type ChannelKind } from '../src/trace/codes.ts';
import type { PagerCall } from '../src/trace/observer.ts';
import { isThread, THREADS_MAX } from '../model/calls.ts';
import type { Property } from './property.ts';
import { Watcher } from './watcher.ts';

const WANTED = 'sleepers-announced';

class Sleepers extends Watcher {
  /** The frame that each thread sleeps on, -1 if none. */
  private readonly frames = new Int32Array(THREADS_MAX).fill(-1);
  /** How many do. */
  private sleeping = 0;

  protected override reset(): void {
    this.frames.fill(-1);
    this.sleeping = 0;
  }

  sleep(thread: number, channel: ChannelKind, id: number): void {
    if (channel !== 'page' || !isThread(thread)) return;
    this.awake(thread);
    this.frames[thread] = id;
    this.sleeping++;
    this.judge(thread, 'goes to sleep');
  }

  resume(thread: number): void {
    if (this.sleeping > 0 && isThread(thread)) this.awake(thread);
  }

  wakeup(channel: ChannelKind, id: number): void {
    if (this.sleeping === 0 || channel !== 'page') return;
    for (let thread = 0; thread < THREADS_MAX; thread++) if (this.frames[thread] === id) this.awake(thread);
  }

  private awake(thread: number): void {
    if (this.frames[thread] === -1) return;
    this.frames[thread] = -1;
    this.sleeping--;
  }

  pagerReturn(call: PagerCall): void {
    if (this.sleeping === 0 || call.function === 'haspage') return;
    for (let thread = 0; thread < THREADS_MAX; thread++)
      if (this.frames[thread]! >= 0) this.judge(thread, `sleeps, and ${call.function} returns`);
  }

  private judge(thread: number, does: string): void {
    const frame = this.frames[thread]!;
    if ((this.view.pageFlags(frame) & PG_WANTED) !== 0) return;
    this.report(WANTED, () => ({
      what: `thread ${thread} ${does}, and ${this.pageName(frame)}, for which it waits, does not say that it is wanted`,
      expected: 'PG_WANTED, until the thread is woken',
      observed: this.pageState(frame),
      thread,
    }));
  }
}

/** Properties of sleepers. */
export const SLEEPERS: readonly Property[] = [
  {
    id: WANTED,
    kind: 'always',
    statement: 'A page that a thread sleeps on is marked as wanted until the thread is woken.',
    source: '3.2, G6',
    observes: 'pages when a thread goes to sleep on them, and while it sleeps whenever a pager call returns',
    doesNotVerify: 'sleepers on objects, buffers and the rest (no-deadlock)',
    monitor: () => new Sleepers(),
  },
];
