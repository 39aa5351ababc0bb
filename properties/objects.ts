/**
 * Objects, pagers and vnodes: what haspage, alloc, setsize, uncache and dealloc answer and leave.
 *
 * Verified: what each of them answers, and sizes, references, locks and lists when it returns; whose lock the vnode has when any
 * call returns. Of counts that others may change while a call sleeps, what its own thread added is judged.
 *
 * Not verified: memory that is kept (`memory-freed`), waits that could have been shorter, and TRUE of haspage where it may not be
 * able to tell (a file that the buffer cache may know, a block map that fails or answers past the end).
 */
import { OBJ_CANPERSIST, OBJ_DEAD, PG_VNODE, VTEXT, VVMIO } from '../src/trace/codes.ts';
import type { PagerCall } from '../src/trace/observer.ts';
import { FAILURE, type CallFrame } from '../model/calls.ts';
import type { Property } from './property.ts';
import { counted, Watcher } from './watcher.ts';

const HASPAGE = 'haspage-answer';
const ALLOC = 'alloc-result';
const SETSIZE = 'setsize-sizes';
const REMOVED = 'setsize-removes-pages';
const UNCACHE = 'uncache-answer';
const LOCK = 'uncache-keeps-lock';
const LOCK_LEFT = 'lock-left-alone';
const DEALLOC = 'dealloc-undoes';
const PAGERS = 'one-pager-per-file';
const USES = 'vnodes-let-go';

const answer = (value: number): string => (value === 0 ? 'FALSE' : 'TRUE');

/** What a view answers that does not say which object is hashed under a pager. */
const UNSAID = -2;

/** A size that fits 32 bits but not the object's page-aligned one is clamped one way or the other. */
const SIZE_LIMIT = 0x100000000;

class Objects extends Watcher {
  /** By frame: when a setsize under way last found buffers that map the page (`AbstractFiles.tick`). */
  private mappedTick = new Int32Array(0);

  protected override reset(): void {
    const { frames } = this.context.scenario.geometry;
    if (this.mappedTick.length < frames) this.mappedTick = new Int32Array(frames);
    else this.mappedTick.fill(0);
  }

  pagerCall(call: PagerCall): void {
    if (call.function === 'setsize') this.noteMapped(call);
  }

  /** Others may have made buffers while it slept, and may give them up while it sleeps again. */
  enter(thread: number): void {
    const { calls } = this.model;
    for (let level = calls.depth(thread) - 1; level >= 0; level--) {
      const { call } = calls.at(thread, level);
      if (call!.function === 'setsize') this.noteMapped(call!);
    }
  }

  private noteMapped({ file }: PagerCall): void {
    if (file < 0) return;
    const { view, model } = this;
    const { store, tick } = model.files;
    for (let page = 0; page < store.framesUsed; page++) {
      if (store.frameFile[page] === file && view.pageBufferMapped(page) > 0) this.mappedTick[page] = tick;
    }
  }

  pagerReturn(call: PagerCall): void {
    const frame = this.model.returning;
    if (frame === null) return;
    if (call.file >= 0) this.judgeLock(call, frame, call.function === 'uncache' ? LOCK : LOCK_LEFT);
    switch (call.function) {
      case 'haspage':
        if (call.file >= 0) this.judgeHaspage(call, frame);
        break;
      case 'alloc':
        this.judgeAlloc(call, frame);
        break;
      case 'setsize':
        if (call.file >= 0) this.judgeSetsize(call, frame);
        break;
      case 'uncache':
        if (call.file >= 0) this.judgeUncache(call, frame);
        break;
      case 'dealloc':
        if (call.file < 0) break;
        this.judgeDealloc(call, frame);
        this.judgeLockable(call);
        break;
      default:
        break;
    }
  }

  // --- haspage ---

  private judgeHaspage(call: PagerCall, frame: CallFrame): void {
    const { model, view } = this;
    const { pageSize } = model.files.store;
    const offset = call.page * pageSize;
    const mounted = view.fileMounted(call.file);
    if (call.result !== 0) {
      if (!mounted) this.complainHaspage(call, 'FALSE: the file system is gone');
      else if (offset >= frame.maxEof) this.complainHaspage(call, 'FALSE: the page is at or past EOF');
      else if (this.mustBeHole(call, frame, offset))
        this.complainHaspage(call, 'FALSE: the whole page is a hole');
      return;
    }
    if (!mounted || !frame.mounted || offset >= frame.minEof) return;
    // while others ran a block may have come into being
    if (model.calls.blocksMoved(frame)) return;
    if (model.blocks.anyBlock(call.file, offset, Math.min(pageSize, frame.minEof - offset)))
      this.complainHaspage(call, 'TRUE: there is a block of the page below EOF');
    else if (!frame.interleaved && this.isBuffered(call.file, call.page, frame.minEof))
      this.complainHaspage(
        call,
        'TRUE: the buffer cache has data of the page that has no place on the disk yet',
      );
  }

  private mustBeHole(call: PagerCall, frame: CallFrame, offset: number): boolean {
    const { model, context } = this;
    const { scenario } = context;
    const fs = scenario.fileSystems[scenario.files[call.file]!.fileSystem]!;
    if (fs.blockMap !== 'disk' || fs.pastEnd !== 'hole' || model.files.cached[call.file] !== 0) return false;
    if (offset >= frame.minEof || frame.interleaved) return false;
    const length = Math.min(model.files.store.pageSize, frame.minEof - offset);
    return !model.blocks.anyBlock(call.file, offset, length) && (frame.failures & FAILURE.bmap) === 0;
  }

  private complainHaspage(call: PagerCall, expected: string): void {
    this.report(HASPAGE, () => ({
      what: `haspage of file ${call.file} page ${call.page} answered ${answer(call.result)}`,
      expected,
      observed: answer(call.result),
    }));
  }

  // --- alloc ---

  private judgeAlloc(call: PagerCall, frame: CallFrame): void {
    const { file } = call;
    if (file < 0) {
      if (call.result !== 0) this.complainAlloc(call, 'no pager for no vnode', 'a pager');
      return;
    }
    const { view } = this;
    if (view.pagersOf(file) > 1) {
      this.report(PAGERS, () => ({
        what: `file ${file} has more than one pager after alloc`,
        expected: '1',
        observed: `${view.pagersOf(file)}`,
      }));
    }
    const gone = !frame.mounted || !view.fileMounted(file);
    if (call.result === 0) {
      if (!gone && (frame.failures & FAILURE.getattr) === 0)
        this.complainAlloc(call, 'a pager: nothing failed', 'none');
      else this.judgeFailedAlloc(call, frame);
      return;
    }
    this.judgeAllocated(call, frame);
  }

  private judgeFailedAlloc(call: PagerCall, frame: CallFrame): void {
    const { view, model } = this;
    const { file } = call;
    const isLeft =
      !frame.interleaved && frame.object < 0 && (view.fileObject(file) >= 0 || view.pagersOf(file) > 0);
    if (isLeft || model.calls.gainedUses(frame) !== 0 || model.calls.gainedReferences(frame) !== 0)
      this.complainAlloc(call, 'no object, pager or reference', 'something was left behind');
  }

  private judgeAllocated(call: PagerCall, frame: CallFrame): void {
    const { view, model } = this;
    const { file } = call;
    const object = view.fileObject(file);
    if (object < 0) return this.complainAlloc(call, 'v_vmdata is the object', 'null');
    if ((view.objectFlags(object) & OBJ_DEAD) !== 0)
      return this.complainAlloc(call, 'a live object', 'one that is being terminated');
    const type = view.pagerType(file);
    if (type >= 0 && type !== PG_VNODE)
      return this.complainAlloc(call, 'a pager of type PG_VNODE', `type ${type}`);
    const found = view.pagerObject(file);
    if (found !== object && found !== UNSAID)
      return this.complainAlloc(call, 'an object that is hashed under its pager', 'none, or another');
    const sizes = model.files;
    const size = view.pagerSize(file);
    // what an extension of the inode has not been told by setsize yet may be known or not
    if (
      size >= 0 &&
      size !== sizes.eof[file] &&
      size !== sizes.clamp(sizes.inode[file]!) &&
      sizes.low[file] === sizes.high[file]
    ) {
      return this.complainAlloc(call, `size ${sizes.eof[file]!}`, `size ${size}`);
    }
    if (size >= 0 && !this.isObjectSize(size, view.objectSize(object))) {
      return this.complainAlloc(
        call,
        `an object of ${counted(size, 'byte')}, rounded up to pages`,
        counted(view.objectSize(object), 'byte'),
      );
    }
    const { calls } = model;
    const isFresh = calls.hasCreated(frame, object);
    // others may have referred to an object that they have met
    const isCounted = isFresh ? frame.createdAlone : calls.isSameObject(frame) && object === frame.object;
    const references = isFresh ? view.objectReferences(object) : calls.gainedReferences(frame);
    if (isCounted && references !== 1)
      return this.complainAlloc(call, 'one more object reference', `${references} more`);
    const uses = calls.gainedUses(frame);
    if (uses === (isFresh ? 1 : 0)) return undefined;
    return this.complainAlloc(
      call,
      isFresh ? '1 more vnode reference' : 'no more vnode references',
      `${uses} more`,
    );
  }

  private complainAlloc(call: PagerCall, expected: string, observed: string): void {
    this.report(ALLOC, () => ({ what: `alloc of file ${call.file}`, expected, observed }));
  }

  /** Whether an object of a pager of `size` bytes may have that size: rounded up to pages, clamped where that does not fit. */
  private isObjectSize(size: number, objectSize: number): boolean {
    const { pageSize } = this.model.files.store;
    const rounded = Math.ceil(size / pageSize) * pageSize;
    return objectSize === (rounded >= SIZE_LIMIT ? SIZE_LIMIT - pageSize : rounded);
  }

  // --- setsize ---

  private judgeSetsize(call: PagerCall, frame: CallFrame): void {
    const { view, model } = this;
    const { file } = call;
    const object = view.fileObject(file);
    if (frame.object < 0 || object !== frame.object) return;
    if (model.claims.objectBirth(object) !== frame.objectBirth) return;
    const gained = model.calls.gainedReferences(frame);
    if (gained !== 0) this.complainSetsize(call, 'as many object references as before', `${gained} more`);
    // another setsize may have had the last word
    if (frame.sizeRaced) return;
    const size = view.pagerSize(file);
    const wanted = model.files.clamp(call.size);
    const { pageSize } = model.files.store;
    const isClampable = call.size > SIZE_LIMIT - pageSize && call.size < SIZE_LIMIT;
    if (size >= 0 && size !== wanted && !(isClampable && size === SIZE_LIMIT - pageSize)) {
      this.complainSetsize(call, `the pager's size is ${wanted}`, `${size}`);
      return;
    }
    // the object of a pager that is being terminated is left alone
    if (
      (frame.objectFlags & OBJ_DEAD) === 0 &&
      size >= 0 &&
      !this.isObjectSize(size, view.objectSize(object))
    ) {
      this.complainSetsize(
        call,
        `the object's size is ${wanted}, rounded up to pages`,
        `${view.objectSize(object)}`,
      );
      return;
    }
    this.judgeRemoved(call, frame, object, model.files.high[file]!);
  }

  /**
   * 13.9 Q3: pages past EOF are gone, unless they were brought in meanwhile or buffers map them, or did when setsize came to
   * them: when these give a page up, setsize does not look there again.
   */
  private judgeRemoved(call: PagerCall, frame: CallFrame, object: number, eof: number): void {
    const { view, model } = this;
    const { store } = model.files;
    if (eof >= frame.maxEof || (frame.objectFlags & OBJ_DEAD) !== 0) return;
    for (let page = 0; page < store.framesUsed; page++) {
      if (store.frameFile[page] !== call.file || store.framePage[page]! * store.pageSize < eof) continue;
      if (view.pageObject(page) !== object || view.pageBufferMapped(page) > 0) continue;
      if (model.claims.birthOf(page) > frame.allocation || this.mappedTick[page]! >= frame.tick) continue;
      this.report(REMOVED, () => ({
        what: `${this.pageName(page)} is still resident after setsize to ${counted(call.size, 'byte')}`,
        expected: 'no page that lies past EOF',
        observed: this.pageState(page),
      }));
      return;
    }
  }

  private complainSetsize(call: PagerCall, expected: string, observed: string): void {
    this.report(SETSIZE, () => ({
      what: `setsize of file ${call.file} to ${counted(call.size, 'byte')} has returned`,
      expected,
      observed,
    }));
  }

  // --- uncache, dealloc ---

  private judgeUncache(call: PagerCall, frame: CallFrame): void {
    const { view, model } = this;
    const { object } = frame;
    const dying = (frame.objectFlags & OBJ_DEAD) !== 0;
    const isThere = object >= 0 && model.claims.objectBirth(object) === frame.objectBirth;
    const isAlive = isThere && (view.objectFlags(object) & OBJ_DEAD) === 0;
    const holders = object < 0 ? 0 : frame.references;
    if (call.result === 0) {
      if (object < 0 || dying) this.complainUncache(call, 'TRUE: there is no live object');
      else if (holders === 0 && !frame.interleaved)
        this.complainUncache(call, 'TRUE: nobody else holds the object');
      else if (isAlive && !frame.interleaved && (view.objectFlags(object) & OBJ_CANPERSIST) !== 0)
        this.complainUncache(call, 'the object is not cached when its last reference goes');
    } else if (object >= 0 && !dying) {
      if (holders > 0 && !frame.interleaved)
        this.complainUncache(
          call,
          `FALSE: there ${holders === 1 ? 'is' : 'are'} ${counted(holders, 'other reference')}`,
        );
      else if (isAlive && view.objectCached(object)) this.complainUncache(call, 'the object is gone');
    }
    const gained = isAlive ? model.calls.gainedReferences(frame) : 0;
    if (gained !== 0) this.complainUncache(call, `as many object references as before, not ${gained} more`);
  }

  private complainUncache(call: PagerCall, expected: string): void {
    this.report(UNCACHE, () => ({
      what: `uncache of file ${call.file} has returned`,
      expected,
      observed: answer(call.result),
    }));
  }

  private judgeLock(call: PagerCall, frame: CallFrame, property: string): void {
    const { view } = this;
    const before = frame.lockOwner;
    const now = view.fileLockOwner(call.file);
    const held = before === call.thread;
    // a process outside the run lets go of its lock when somebody waits for it
    const mayChange = frame.interleaved || (frame.slept && before === OUTSIDER);
    if (held === (now === call.thread) && (mayChange || now === before)) return;
    this.report(property, () => ({
      what: `${call.function} of file ${call.file} has returned, and the lock of the vnode is not as before`,
      expected: lockName(before),
      observed: lockName(now),
    }));
  }

  /** uncache owes the lock to its caller; once the vnode has no reference there is nothing to lock. */
  private judgeLockable(call: PagerCall): void {
    const { view, model } = this;
    const { calls } = model;
    if (view.fileUseCount(call.file) > 0) return;
    for (let level = calls.depth(call.thread) - 1; level >= 0; level--) {
      const frame = calls.at(call.thread, level);
      const outer = frame.call!;
      if (outer.function !== 'uncache' || outer.file !== call.file || frame.lockOwner !== call.thread)
        continue;
      this.report(LOCK, () => ({
        what: `uncache of file ${call.file} has let go of the last reference to the vnode that it has to lock again`,
        expected: 'a reference of its own',
        observed: 'nobody refers to the vnode',
      }));
      return;
    }
  }

  settled(): void {
    const { view } = this;
    for (let file = 0; file < view.files; file++) {
      const uses = view.fileUseCount(file);
      if (uses === 0) continue;
      this.report(USES, () => ({
        what: `everything is closed and given up, and the vnode of file ${file} is still in use`,
        expected: 'no reference',
        observed: `${uses}`,
      }));
    }
  }

  private judgeDealloc(call: PagerCall, frame: CallFrame): void {
    const { view, model } = this;
    const { file } = call;
    const object = view.fileObject(file);
    if (object === call.object)
      return this.complainDealloc(call, 'v_vmdata is null', 'it is the object that goes');
    if (
      call.object >= 0 &&
      model.claims.objectBirth(call.object) !== 0 &&
      view.objectPagingInProgress(call.object) !== 0
    ) {
      return this.complainDealloc(
        call,
        'nobody claims paging in progress',
        counted(view.objectPagingInProgress(call.object), 'claim'),
      );
    }
    // the pager and the flags of an object that the file has by now are its own
    if (object < 0 && view.pagersOf(file) > 0)
      return this.complainDealloc(call, 'the pager is off the list', counted(view.pagersOf(file), 'pager'));
    if (object < 0 && (view.fileFlags(file) & (VTEXT | VVMIO)) !== 0) {
      return this.complainDealloc(
        call,
        'VTEXT and VVMIO are off',
        `flags ${view.fileFlags(file).toString(16)}`,
      );
    }
    const uses = -model.calls.gainedUses(frame);
    if (uses === 1) return undefined;
    return this.complainDealloc(call, 'one vnode reference is dropped', counted(uses, 'vnode reference'));
  }

  private complainDealloc(call: PagerCall, expected: string, observed: string): void {
    this.report(DEALLOC, () => ({
      what: `dealloc of the pager of file ${call.file} has returned`,
      expected,
      observed,
    }));
  }
}

/** Owner of a lock: a process outside the run. */
const OUTSIDER = -2;

function lockName(owner: number): string {
  if (owner === -1) return 'not locked';
  return owner === OUTSIDER ? 'locked by another process' : `locked by thread ${owner}`;
}

const monitor = (): Objects => new Objects();

/** Properties of objects, pagers and vnodes. */
export const OBJECTS: readonly Property[] = [
  {
    id: HASPAGE,
    kind: 'always',
    statement:
      'haspage is FALSE past EOF and without a file system, and never FALSE for a page with a block below EOF, ' +
      'on the disk or in a dirty buffer.',
    source: '13.8 Q1-Q2',
    observes: 'each answer of haspage',
    doesNotVerify: 'TRUE for a hole that it may not be able to tell',
    monitor,
  },
  {
    id: ALLOC,
    kind: 'always',
    statement:
      'alloc gives a vnode pager whose object lives, can be looked up and has the right size, ' +
      'one more reference of it, and of the vnode if it is new; or nothing.',
    source: '13.2 Q1-Q2, Q4-Q7',
    observes: 'objects, pagers, sizes and counts when alloc returns',
    doesNotVerify:
      'references of an object that came into being during the call, unless the call made it and nobody ran since; ' +
      'memory that a failed one keeps (memory-freed)',
    monitor,
  },
  {
    id: PAGERS,
    kind: 'always',
    statement: 'A file has at most one pager.',
    source: '13.2 Q3 (152-159, 194-199), G13',
    observes: 'the list of pagers when alloc returns',
    doesNotVerify: 'targets that do not show the list',
    monitor,
  },
  {
    id: SETSIZE,
    kind: 'always',
    statement:
      'setsize leaves the pager with the new size and the object with that rounded up, clamped and never wrapped.',
    source: '13.9 Q1-Q2, Q5',
    observes: 'sizes and references when setsize returns',
    doesNotVerify: 'sizes, if another setsize of the file ran meanwhile',
    monitor,
  },
  {
    id: REMOVED,
    kind: 'always',
    statement:
      'After a setsize that shrinks no page past EOF is resident, unless buffers map it or it was brought in meanwhile.',
    source: '13.9 Q3 (378-384)',
    observes: 'the pages of the file when setsize returns',
    doesNotVerify:
      'objects that are being terminated, whose pages are left alone; pages that buffers mapped when it ran, and do not any more',
    monitor,
  },
  {
    id: UNCACHE,
    kind: 'always',
    statement:
      'uncache is TRUE exactly if nobody else holds the object, which is then gone; ' +
      'else it is not cached any more when it is let go.',
    source: '13.10 Q1, Q3',
    observes: 'answer, object and references when uncache returns',
    doesNotVerify: 'who held references, if another thread ran meanwhile',
    monitor,
  },
  {
    id: LOCK,
    kind: 'always',
    statement:
      "uncache leaves the lock of the vnode as it was, and another process's lock alone; a vnode that it locks has a reference.",
    source: '13.10 Q2 (460-462, 474-475), G21',
    observes: 'the owner of the lock when uncache returns, references when dealloc returns within uncache',
    doesNotVerify: "another owner's lock, if that may have run meanwhile",
    monitor,
  },
  {
    id: LOCK_LEFT,
    kind: 'always',
    statement: 'Every call of the pager but uncache leaves the lock of the vnode to whoever has it.',
    source: '9.4, 13.10 Q2',
    observes: 'the owner of the lock when a call about a file returns',
    doesNotVerify:
      "another owner's lock, if that may have run meanwhile; a lock that is taken and given back within the call",
    monitor,
  },
  {
    id: USES,
    kind: 'always',
    statement: 'When everything is closed, unmapped and given up, no vnode is referenced any more.',
    source: '13.2 Q4 (189), 13.3 Q1 (233), 13.10 Q3 (468-471), G15',
    observes: 'use counts at settlement',
    doesNotVerify: 'counts before that, beyond what alloc and dealloc change',
    monitor,
  },
  {
    id: DEALLOC,
    kind: 'always',
    statement:
      'dealloc waits for claims, clears v_vmdata and flags, takes the pager off the list and drops one vnode reference.',
    source: '13.3 Q1-Q2',
    observes: 'object, flags, list and count when dealloc returns',
    doesNotVerify: 'that memory is freed (memory-freed)',
    monitor,
  },
];
