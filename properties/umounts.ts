/**
 * What umount leaves: no object of the file system in the cache nor on its way there, and every other file system as it was.
 *
 * Verified: that no object of the file system is cached when umount returns; if others ran meanwhile, none that was in the cache
 * at every sleep and resumption. That no object of a pager that was there when umount was called may still be kept when its last
 * reference goes, whoever uses it and whoever has locked its vnode: uncache takes that permission away in any case, nobody gives
 * it back to an object that has lost it, and a lock of another process is waited for or left alone, which excuses nothing. That
 * while umount runs no object of another file system goes, leaves the cache or loses a flag. An umount of all file systems
 * comes to those files too that were disconnected from theirs.
 *
 * Not verified: what happens while umount sleeps; objects whose pager was made after umount was called.
 */
import { isThread, THREADS_MAX } from '../model/calls.ts';
import { OBJ_CANPERSIST, OBJ_DEAD } from '../src/trace/codes.ts';
import type { PagerCall } from '../src/trace/observer.ts';
import type { Property } from './property.ts';
import { counted, Watcher } from './watcher.ts';

const UMOUNT = 'umount-uncaches';
const REACHES = 'umount-reaches-all';

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
  /** Objects of the file system that had a pager when umount was called, whoever referred to them. */
  readonly there: Seen[] = [];
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
    umount.there.length = 0;
    for (const object of this.model.claims.objects) {
      if (!this.isOf(object, call.size)) continue;
      // one that dies is not kept; a pager that is being made is on the list once the vnode has it
      if ((this.view.objectFlags(object) & OBJ_DEAD) === 0 && this.isVnodes(object))
        umount.there.push(this.seen(object));
      if (this.view.objectCached(object)) umount.cached.push(this.seen(object));
    }
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
    this.judgeReached(umount, call.size);
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

  /** Whether the object is a file's of that file system, or of any if the number is negative. */
  private isOf(object: number, fileSystem: number): boolean {
    const { view, context } = this;
    const file = view.objectFile(object);
    if (file < 0 || fileSystem < 0) return file >= 0;
    // a vnode that was disconnected belongs to no file system
    return view.fileMounted(file) && context.scenario.files[file]!.fileSystem === fileSystem;
  }

  /** Whether the vnode of its file leads to the object. */
  private isVnodes(object: number): boolean {
    const file = this.view.objectFile(object);
    return file >= 0 && this.view.fileObject(file) === object;
  }

  /** Whether umount has to give the object up, if it is to be found in the cache when umount runs. */
  private isToGo(object: number, fileSystem: number): boolean {
    return this.view.objectCached(object) && this.isOf(object, fileSystem);
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

  private judgeReached({ there }: Umount, fileSystem: number): void {
    const { view } = this;
    for (const one of there) {
      const { object } = one;
      // its file may have lost the file system before its turn came
      if (!this.isThere(one) || !this.isOf(object, fileSystem)) continue;
      const flags = view.objectFlags(object);
      if ((flags & OBJ_DEAD) !== 0 || (flags & OBJ_CANPERSIST) === 0) continue;
      this.report(REACHES, () => ({
        what: `umount has returned, and ${this.objectName(object)} will be kept when its last reference goes`,
        expected: 'uncache was called for it: no OBJ_CANPERSIST',
        observed: `OBJ_CANPERSIST, and ${counted(view.objectReferences(object), 'reference')}`,
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
  {
    id: REACHES,
    kind: 'always',
    statement:
      'After umount no object of the file system that was there at the call may be kept when its last reference goes.',
    source: '13.10 Q1, 13.11',
    observes:
      'the flags of the objects that had a pager when umount was called and are alive when it returns',
    doesNotVerify: 'objects whose pager was made, or whose vnode was disconnected, after the call',
    monitor,
  },
];
