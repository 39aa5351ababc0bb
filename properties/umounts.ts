/**
 * What umount leaves: no object of the file system in the cache, and every other file system as it was.
 *
 * Verified: that no object of the file system is cached when umount returns; if others ran meanwhile, none that was in the cache
 * at every sleep and resumption. That while umount runs no object of another file system goes, leaves the cache or loses a flag.
 *
 * Not verified: what happens while umount sleeps.
 */
import { isThread, THREADS_MAX } from '../model/calls.ts';
import type { PagerCall } from '../src/trace/observer.ts';
import type { Property } from './property.ts';
import { Watcher } from './watcher.ts';

const UMOUNT = 'umount-uncaches';

/** What an object was when umount began or went on. */
interface Seen {
  object: number;
  birth: number;
  flags: number;
  cached: boolean;
}

/** An umount under way. */
class Umount {
  call: PagerCall | null = null;
  /** Objects of other file systems. */
  readonly bystanders: Seen[] = [];
  /** Objects of the file system that were in the cache whenever it was looked at. */
  cached: Seen[] = [];
}

class Umounts extends Watcher {
  /** By thread. */
  private readonly umounts = Array.from({ length: THREADS_MAX }, () => new Umount());

  protected override reset(): void {
    for (const umount of this.umounts) umount.call = null;
  }

  pagerCall(call: PagerCall): void {
    if (call.function !== 'umount' || !isThread(call.thread)) return;
    const umount = this.umounts[call.thread]!;
    umount.call = call;
    umount.cached.length = 0;
    for (const object of this.model.claims.objects)
      if (this.isToGo(object, call.size)) umount.cached.push(this.seen(object));
    this.noteBystanders(umount, call.size);
  }

  leave(thread: number): void {
    const umount = this.umounts[thread]!;
    if (umount.call === null) return;
    this.judgeBystanders(umount);
    this.noteCached(umount, umount.call.size);
  }

  enter(thread: number): void {
    const umount = this.umounts[thread]!;
    if (umount.call === null) return;
    this.noteBystanders(umount, umount.call.size);
    this.noteCached(umount, umount.call.size);
  }

  pagerReturn(call: PagerCall): void {
    if (call.function !== 'umount' || !isThread(call.thread)) return;
    const umount = this.umounts[call.thread]!;
    if (umount.call === null) return;
    this.judgeBystanders(umount);
    this.judgeCached(umount, call.size);
    umount.call = null;
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
  private isToGo(object: number, fileSystem: number): boolean {
    const { view, context } = this;
    const file = view.objectFile(object);
    // a vnode that was disconnected belongs to no file system
    if (file < 0 || !view.objectCached(object) || !view.fileMounted(file)) return false;
    return fileSystem < 0 || context.scenario.files[file]!.fileSystem === fileSystem;
  }

  private noteCached(umount: Umount, fileSystem: number): void {
    umount.cached = umount.cached.filter((one) => this.isThere(one) && this.isToGo(one.object, fileSystem));
  }

  private judgeCached(umount: Umount, fileSystem: number): void {
    const isInterleaved = this.model.returning?.interleaved ?? true;
    this.noteCached(umount, fileSystem);
    for (const object of this.model.claims.objects) {
      if (!this.isToGo(object, fileSystem)) continue;
      // one that came into being, or lost its last reference, while others ran had its turn before
      if (isInterleaved && !umount.cached.some((one) => one.object === object)) continue;
      this.report(UMOUNT, () => ({
        what: `umount has returned, and ${this.objectName(object)} is still cached`,
        expected: 'no unreferenced object of the file system',
        observed: 'a cached object',
      }));
    }
  }

  private noteBystanders({ bystanders }: Umount, fileSystem: number): void {
    const { view, model, context } = this;
    bystanders.length = 0;
    if (fileSystem < 0) return;
    for (const object of model.claims.objects) {
      const file = view.objectFile(object);
      if (file < 0 || context.scenario.files[file]!.fileSystem === fileSystem) continue;
      bystanders.push(this.seen(object));
    }
  }

  private judgeBystanders({ bystanders }: Umount): void {
    const { view } = this;
    for (const one of bystanders) {
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
    doesNotVerify: 'if others ran, objects that were not in the cache at every sleep and resumption',
    monitor,
  },
];
