/**
 * What umount leaves: no object of the file system in the cache, and every other file system as it was.
 *
 * Verified: that no object of the file system is cached when umount returns; if others ran meanwhile, none that was in the cache
 * whenever umount ran. That while umount runs no object of another file system goes, leaves the cache or loses a flag.
 *
 * Not verified: an umount that begins while another is under way; objects that came into the cache while others ran.
 */
import type { PagerCall } from '../src/trace/observer.ts';
import type { Property } from './property.ts';
import { ThreadWatcher } from './thread-watcher.ts';

const UMOUNT = 'umount-uncaches';

/** What an object was when umount began or went on. */
interface Seen {
  object: number;
  birth: number;
  flags: number;
  cached: boolean;
}

class Umounts extends ThreadWatcher {
  /** The umount that is judged, the thread that runs it, and its file system (-1: all). */
  private judged: PagerCall | null = null;
  private thread = -1;
  private fileSystem = -1;
  /** Objects of other file systems. */
  private readonly bystanders: Seen[] = [];
  /** Objects of the file system that were in the cache whenever umount was looked at. */
  private cached: Seen[] = [];

  protected override reset(): void {
    super.reset();
    this.judged = null;
  }

  pagerCall(call: PagerCall): void {
    if (call.function !== 'umount' || this.judged !== null || !this.isThread(call.thread)) return;
    this.switchTo(call.thread);
    this.judged = call;
    this.thread = call.thread;
    this.fileSystem = call.size;
    this.cached.length = 0;
    for (const object of this.model.claims.objects)
      if (this.isToGo(object)) this.cached.push(this.seen(object));
    this.noteBystanders();
  }

  protected override leave(thread: number): void {
    if (this.judged === null || thread !== this.thread) return;
    this.judgeBystanders();
    this.noteCached();
  }

  protected override enter(thread: number): void {
    if (this.judged === null || thread !== this.thread) return;
    this.noteBystanders();
    this.noteCached();
  }

  pagerReturn(call: PagerCall): void {
    if (call !== this.judged) return;
    this.switchTo(call.thread);
    this.judgeBystanders();
    this.judgeCached();
    this.judged = null;
  }

  private seen(object: number): Seen {
    const { view, model } = this;
    return {
      object,
      birth: model.claims.objectBirth(object),
      flags: view.objectFlags(object),
      cached: view.objectCached(object),
    };
  }

  private isThere({ object, birth }: Seen): boolean {
    return this.model.claims.objectBirth(object) === birth;
  }

  /** Whether umount has to give the object up, if it is to be found in the cache when umount runs. */
  private isToGo(object: number): boolean {
    const { view, context } = this;
    const file = view.objectFile(object);
    // a vnode that was disconnected belongs to no file system
    if (file < 0 || !view.objectCached(object) || !view.fileMounted(file)) return false;
    return this.fileSystem < 0 || context.scenario.files[file]!.fileSystem === this.fileSystem;
  }

  private noteCached(): void {
    this.cached = this.cached.filter((one) => this.isThere(one) && this.isToGo(one.object));
  }

  private judgeCached(): void {
    const isInterleaved = this.model.returning?.interleaved ?? true;
    this.noteCached();
    for (const object of this.model.claims.objects) {
      // one that came into being, or lost its last reference, while others ran had its turn before
      if (!this.isToGo(object) || (isInterleaved && !this.cached.some((one) => one.object === object)))
        continue;
      this.report(UMOUNT, () => ({
        what: `umount has returned, and ${this.objectName(object)} is still cached`,
        expected: 'no unreferenced object of the file system',
        observed: 'a cached object',
      }));
    }
  }

  private noteBystanders(): void {
    const { view, model, context, bystanders } = this;
    bystanders.length = 0;
    if (this.fileSystem < 0) return;
    for (const object of model.claims.objects) {
      const file = view.objectFile(object);
      if (file < 0 || context.scenario.files[file]!.fileSystem === this.fileSystem) continue;
      bystanders.push(this.seen(object));
    }
  }

  private judgeBystanders(): void {
    const { view } = this;
    for (const one of this.bystanders) {
      const isThere = this.isThere(one);
      const { object } = one;
      if (isThere && view.objectFlags(object) === one.flags && view.objectCached(object) === one.cached)
        continue;
      this.report(UMOUNT, () => ({
        what:
          `umount has run, and ${isThere ? this.objectName(object) : 'an object'} ` +
          'of another file system is not as before',
        expected: 'pagers of other file systems are left alone',
        observed: isThere ? `flags ${view.objectFlags(object).toString(16)}` : 'it is gone',
      }));
    }
  }
}

const monitor = (): Umounts => new Umounts();

/** The property of umount. */
export const UMOUNTS: readonly Property[] = [
  {
    id: UMOUNT,
    kind: 'always',
    statement:
      'After umount no unreferenced object of the file system is cached, and those of others are as before.',
    source: '13.11',
    observes: 'all objects when umount begins, sleeps, goes on and returns',
    doesNotVerify:
      'an umount that begins while another is under way; objects that came into the cache while others ran',
    monitor,
  },
];
