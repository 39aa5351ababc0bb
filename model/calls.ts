/**
 * Who runs what: the stack of pager calls of every thread, the operation of every thread, and for each call the state of things
 * when it began, so that what it left can be held against it; and who is to be told when another thread runs. Slots are reused;
 * nothing is made per call.
 */
import type { Choice, Operation } from '../src/scenario/scenario.ts';
import type { PagerCall, Transfer } from '../src/trace/observer.ts';
import { RUN_MAX } from '../src/trace/observer.ts';
import type { ChannelKind } from '../src/trace/codes.ts';
import type { View } from '../src/trace/view.ts';
import type { AbstractFiles } from './abstract-file.ts';
import type { Claims } from './claims.ts';

/** Threads of a scenario at most, with the page-out daemon. */
export const THREADS_MAX = 9;

/** Calls of one thread within each other that are told apart by who keeps something for each. */
export const DEPTH_MAX = 16;

/** Whether there can be a thread of that number. */
export const isThread = (thread: number): boolean => thread >= 0 && thread < THREADS_MAX;

/** Somebody who is told when another thread runs. */
export interface Turns {
  /** The thread gives way, and still is the running one: what happened until now is of its doing. */
  leave?(thread: number): void;
  /** The thread goes on, and is the running one: what it finds is not of its doing. */
  enter?(thread: number): void;
}

/** Calls into the kernel that may fail, as bits of `CallFrame.failures`. */
export const FAILURE = {
  bmap: 1,
  getattr: 2,
  read: 4,
  write: 8,
  update: 16,
  kmem: 32,
  page: 64,
} as const satisfies Partial<Record<Choice, number>>;

/** Every page of a run. */
const ALL_PAGES = (1 << RUN_MAX) - 1;

const FAILURE_BITS: Partial<Record<Choice, number>> = FAILURE;

/** A pager call in progress and what was so when it began. */
export class CallFrame {
  /** The record of the call; the same object at return. */
  call: PagerCall | null = null;
  /** Orders it among calls, stores and validations (`AbstractFiles.tick`). */
  tick = 0;
  /** Least and greatest EOF of the file since it began. */
  minEof = 0;
  maxEof = 0;
  /** Greatest size that the pager itself knew since it began; in the middle of a setsize that is one of two. */
  knownEof = 0;
  /** Number of the last allocation before it began (`Claims.allocation`). */
  allocation = 0;
  /** The vnode had its file system when it began. */
  mounted = false;
  /** The thread slept in it: a process outside the run may have let go of its lock. */
  slept = false;
  /** Another thread ran since it began, and may have changed what is shared. */
  interleaved = false;
  /** It waited for memory, which may have come to nothing. */
  starved = false;
  /** A transfer of it failed or fell short below EOF. */
  failed = false;
  /** Pages of the run that such a transfer carried; all of them where that cannot be known. */
  failedPages = 0;
  /** Calls into the kernel that failed or fell short in it, because the scenario says so: bits of `FAILURE`. */
  failures = 0;
  /** `FileBlocks.changes` of the file when it began. */
  blockChanges = 0;
  /** Another setsize of the file ran since it began. */
  sizeRaced = false;
  /** Transfers started, not counting those of calls inside it. */
  transfers = 0;
  /** Pages of the run that a write was started for. */
  started = 0;
  /** When it returns: pages of the run that are still what they were, see `Model.stillThere`. */
  there = 0;
  /** Per page: allocation number, masks and modified bit. */
  readonly births = new Int32Array(RUN_MAX);
  readonly valid = new Int32Array(RUN_MAX);
  readonly dirty = new Int32Array(RUN_MAX);
  readonly modified = new Uint8Array(RUN_MAX);
  readonly flags = new Int32Array(RUN_MAX);
  /** Object of the file, or of the pages, its references and flags, and whether it was on the list of cached objects. */
  object = -1;
  objectBirth = 0;
  references = 0;
  objectFlags = 0;
  cached = false;
  /** References to the object and the vnode when its thread last went on, and what it had added to them until then. */
  referencesThen = 0;
  referencesGained = 0;
  usesThen = 0;
  usesGained = 0;
  /** The last object that its thread made in it, its birth, and whether nobody else ran since. */
  created = -1;
  createdBirth = 0;
  createdAlone = false;
  lockOwner = -1;
  spl = 0;
}

/** The calls and operations of all threads. */
export class Calls {
  view!: View;
  /** The running thread, as the last event that named one said. */
  running = 0;
  /** The settlement has begun. */
  settling = false;
  /** Calls in progress, of all threads. */
  active = 0;
  private readonly stacks: CallFrame[][] = [];
  private readonly depths = new Int32Array(THREADS_MAX);
  private readonly operations: (Operation | null)[] = [];
  /** When each thread's operation began (`AbstractFiles.tick`), and whether another thread ran since. */
  private readonly operationTicks = new Int32Array(THREADS_MAX);
  private readonly operationInterleaved = new Uint8Array(THREADS_MAX);
  /** Daemons do work without an operation: awake since they last slept on their own channel. */
  private readonly awake = new Uint8Array(THREADS_MAX);
  /** Completion routine under way: its pbuf, or -1. */
  completing = -1;
  /** Those who are told when another thread runs. */
  told: readonly Turns[] = [];
  private readonly files: AbstractFiles;
  private readonly claims: Claims;

  constructor(files: AbstractFiles, claims: Claims) {
    this.files = files;
    this.claims = claims;
    for (let thread = 0; thread < THREADS_MAX; thread++) {
      this.stacks.push([new CallFrame()]);
      this.operations.push(null);
    }
  }

  begin(): void {
    this.running = 0;
    this.settling = false;
    this.active = 0;
    this.completing = -1;
    this.depths.fill(0);
    this.operationTicks.fill(0);
    this.operationInterleaved.fill(0);
    this.awake.fill(0);
    this.operations.fill(null);
  }

  operationBegin(thread: number, operation: Operation): void {
    this.runs(thread);
    if (!isThread(thread)) return;
    this.operations[thread] = operation;
    this.operationTicks[thread] = ++this.files.tick;
    this.operationInterleaved[thread] = 0;
  }

  operationEnd(thread: number): void {
    if (isThread(thread)) this.operations[thread] = null;
  }

  /** Operation that the thread is in, or null. */
  operationOf(thread: number): Operation | null {
    return this.operations[thread] ?? null;
  }

  /** Whether the thread is in an operation, a pager call, the settlement or the daemon's work. */
  isBusy(thread: number): boolean {
    if (!isThread(thread)) return false;
    return (
      this.operations[thread] !== null ||
      this.depths[thread] !== 0 ||
      this.settling ||
      this.awake[thread] !== 0
    );
  }

  /** Since when others may have changed things under the thread's operation; later than everything if none ran. */
  interleavedSince(thread: number): number {
    if (!isThread(thread) || this.operationInterleaved[thread] === 0) return Number.MAX_SAFE_INTEGER;
    return this.operationTicks[thread]!;
  }

  /** The thread runs; what others have begun and not ended is interleaved with it. */
  runs(thread: number): void {
    const before = this.running;
    if (thread === before || !isThread(thread)) return;
    for (const one of this.told) one.leave?.(before);
    if (this.active > 0) {
      this.givesWay(before);
      this.goesOn(thread);
    }
    this.running = thread;
    for (const one of this.told) one.enter?.(thread);
    for (let other = 0; other < THREADS_MAX; other++) {
      if (other === thread) continue;
      this.operationInterleaved[other] = 1;
      for (let level = this.depths[other]! - 1; level >= 0; level--)
        this.stacks[other]![level]!.interleaved = true;
    }
  }

  /** What has become of counts until now is of the thread's doing. */
  private givesWay(thread: number): void {
    for (let level = this.depth(thread) - 1; level >= 0; level--) {
      const frame = this.stacks[thread]![level]!;
      if (frame.call!.function === 'haspage') continue;
      frame.referencesGained = this.gainedReferences(frame);
      frame.usesGained = this.gainedUses(frame);
      frame.createdAlone = false;
    }
  }

  /** What it finds is not. */
  private goesOn(thread: number): void {
    for (let level = this.depth(thread) - 1; level >= 0; level--) {
      const frame = this.stacks[thread]![level]!;
      if (frame.call!.function !== 'haspage') this.lookAtCounts(frame);
    }
  }

  private lookAtCounts(frame: CallFrame): void {
    if (this.isSameObject(frame)) frame.referencesThen = this.view.objectReferences(frame.object);
    const { file } = frame.call!;
    if (file >= 0) frame.usesThen = this.view.fileUseCount(file);
  }

  /** Whether the object that a call (not haspage) began with is still there. */
  isSameObject(frame: CallFrame): boolean {
    return frame.objectBirth !== 0 && this.claims.objectBirth(frame.object) === frame.objectBirth;
  }

  /** References that the call's thread, which runs, has added to that object since it began; not what others did meanwhile. */
  gainedReferences(frame: CallFrame): number {
    // with an object that is gone its references have gone
    if (!this.isSameObject(frame)) return 0;
    return frame.referencesGained + this.view.objectReferences(frame.object) - frame.referencesThen;
  }

  /** The same of references to the vnode, but for those that its pager had and gave up in a dealloc within the call. */
  gainedUses(frame: CallFrame): number {
    const { file } = frame.call!;
    return file < 0 ? 0 : frame.usesGained + this.view.fileUseCount(file) - frame.usesThen;
  }

  /** Whether other threads may have moved, given or taken blocks of the file since the call began. */
  blocksMoved(frame: CallFrame): boolean {
    const { file } = frame.call!;
    return frame.interleaved && file >= 0 && this.files.blocks.files[file]!.changes !== frame.blockChanges;
  }

  objectCreated(object: number): void {
    const frame = this.top(this.running);
    if (frame === null) return;
    frame.created = object;
    frame.createdBirth = this.claims.objectBirth(object);
    frame.createdAlone = true;
  }

  /** Whether the call's thread made the object in it. */
  hasCreated(frame: CallFrame, object: number): boolean {
    return frame.created === object && frame.createdBirth === this.claims.objectBirth(object);
  }

  /** Innermost call of a thread, or null. */
  top(thread: number): CallFrame | null {
    if (!isThread(thread)) return null;
    const depth = this.depths[thread]!;
    return depth === 0 ? null : this.stacks[thread]![depth - 1]!;
  }

  depth(thread: number): number {
    return isThread(thread) ? this.depths[thread]! : 0;
  }

  /** Call `level` of a thread, 0 the outermost. */
  at(thread: number, level: number): CallFrame {
    return this.stacks[thread]![level]!;
  }

  /** Enters a call; null at interrupt level. */
  push(call: PagerCall): CallFrame | null {
    const { thread } = call;
    if (call.function === 'iodone') {
      this.completing = call.size;
      return null;
    }
    if (!isThread(thread)) return null;
    this.runs(thread);
    const stack = this.stacks[thread]!;
    const depth = this.depths[thread]!;
    if (depth === stack.length) stack.push(new CallFrame());
    this.depths[thread] = depth + 1;
    this.active++;
    const frame = stack[depth]!;
    frame.call = call;
    frame.tick = ++this.files.tick;
    frame.allocation = this.claims.allocation;
    frame.spl = this.view.interruptMask();
    frame.slept = false;
    frame.interleaved = false;
    frame.failed = false;
    frame.failedPages = 0;
    frame.failures = 0;
    frame.starved = false;
    frame.sizeRaced = false;
    frame.transfers = 0;
    frame.started = 0;
    const { file } = call;
    if (file >= 0) {
      frame.minEof = this.files.low[file]!;
      frame.maxEof = this.files.high[file]!;
      frame.knownEof = this.knownSize(file);
      frame.mounted = this.view.fileMounted(file);
      frame.blockChanges = this.files.blocks.files[file]!.changes;
      frame.lockOwner = this.view.fileLockOwner(file);
    }
    if (call.function !== 'haspage') this.survey(frame, call);
    return frame;
  }

  /** File size as the pager knows it now; infinite for a pager that does not say. */
  private knownSize(file: number): number {
    const size = this.view.pagerSize(file);
    return size < 0 ? Infinity : size;
  }

  private survey(frame: CallFrame, call: PagerCall): void {
    const { view, claims } = this;
    for (let i = 0; i < call.count; i++) {
      const page = call.frames[i]!;
      frame.births[i] = claims.birthOf(page);
      frame.valid[i] = view.pageValid(page);
      frame.dirty[i] = view.pageDirty(page);
      frame.modified[i] = view.pageModified(page) ? 1 : 0;
      frame.flags[i] = view.pageFlags(page);
    }
    if (call.count > 0) frame.object = call.object;
    else frame.object = call.file < 0 ? -1 : view.fileObject(call.file);
    frame.objectBirth = claims.objectBirth(frame.object);
    frame.referencesGained = 0;
    frame.usesGained = 0;
    frame.created = -1;
    this.lookAtCounts(frame);
    // slots are reused: nothing of an earlier call may stay
    frame.references = frame.objectBirth === 0 ? 0 : frame.referencesThen;
    frame.objectFlags = frame.object < 0 ? 0 : view.objectFlags(frame.object);
    frame.cached = frame.object >= 0 && view.objectCached(frame.object);
  }

  /** Frame of a call that returns, still on the stack; null at interrupt level. */
  returning(call: PagerCall): CallFrame | null {
    if (call.function === 'iodone') return null;
    this.runs(call.thread);
    const frame = this.top(call.thread);
    if (frame !== null && call.file >= 0)
      frame.knownEof = Math.max(frame.knownEof, this.knownSize(call.file));
    return frame;
  }

  /** Takes the innermost call of a thread off. */
  pop(thread: number): void {
    const frame = this.top(thread);
    if (frame === null) return;
    if (frame.call!.function === 'dealloc') this.forgetGiven(thread, frame);
    this.depths[thread]!--;
    this.active--;
  }

  /** What a dealloc gave up was its pager's: it is not charged to the calls around it, unless they had made the pager. */
  private forgetGiven(thread: number, frame: CallFrame): void {
    const gained = this.gainedUses(frame);
    const { file, object } = frame.call!;
    for (let level = this.depth(thread) - 2; level >= 0; level--) {
      const outer = this.stacks[thread]![level]!;
      if (outer.call!.file === file && outer.created !== object) outer.usesGained -= gained;
    }
  }

  slept(thread: number, channel: ChannelKind): void {
    if (!isThread(thread)) return;
    this.awake[thread] = channel === 'daemon' || this.operations[thread] !== null ? 0 : 1;
    for (let level = this.depths[thread]! - 1; level >= 0; level--) {
      const frame = this.stacks[thread]![level]!;
      frame.slept = true;
      if (channel === 'memory') frame.starved = true;
    }
  }

  /** The scenario made a call into the kernel fail or fall short. */
  failed(thread: number, choice: Choice): void {
    const bit = FAILURE_BITS[choice];
    if (bit === undefined || !isThread(thread)) return;
    for (let level = this.depths[thread]! - 1; level >= 0; level--)
      this.stacks[thread]![level]!.failures |= bit;
  }

  /** EOF of a file changed, or may have: every call of that file has seen it. */
  eofSeen(file: number, except: CallFrame | null): void {
    if (this.active === 0) return;
    const low = this.files.low[file]!;
    const high = this.files.high[file]!;
    const known = this.knownSize(file);
    for (let thread = 0; thread < THREADS_MAX; thread++) {
      for (let level = this.depths[thread]! - 1; level >= 0; level--) {
        const frame = this.stacks[thread]![level]!;
        if (frame.call!.file !== file) continue;
        if (low < frame.minEof) frame.minEof = low;
        if (high > frame.maxEof) frame.maxEof = high;
        if (known > frame.knownEof) frame.knownEof = known;
        if (frame !== except && frame.call!.function === 'setsize') frame.sizeRaced = true;
      }
    }
  }

  /** Other setsizes of the file are in progress: EOF may also be what they ask for. */
  widenByOthers(file: number, except: CallFrame): void {
    for (let thread = 0; thread < THREADS_MAX; thread++) {
      for (let level = this.depths[thread]! - 1; level >= 0; level--) {
        const frame = this.stacks[thread]![level]!;
        const call = frame.call!;
        if (frame !== except && call.file === file && call.function === 'setsize')
          this.files.widen(file, call.size);
      }
    }
  }

  /** A transfer was started by a thread. */
  transferStarted(transfer: Transfer): void {
    const frame = this.top(transfer.thread);
    if (frame === null) return;
    frame.transfers++;
    if (!transfer.write) return;
    const carried = this.carriedBy(transfer, frame);
    frame.started |= carried;
  }

  /** Pages of the call's run that the transfer carries. */
  private carriedBy(transfer: Transfer, frame: CallFrame): number {
    const call = frame.call!;
    const { store } = this.files;
    let carried = 0;
    for (let i = 0; i < transfer.frameCount; i++) {
      const page = transfer.frames[i]!;
      const index = page < 0 ? -1 : store.framePage[page]! - call.page;
      if (index >= 0 && index < call.count) carried |= 1 << index;
    }
    return carried;
  }

  /** A transfer that somebody waits for has failed, or fell short of bytes below EOF. */
  transferFailed(transfer: Transfer): void {
    const { thread } = transfer;
    if (!isThread(thread)) return;
    const innermost = this.depths[thread]! - 1;
    for (let level = innermost; level >= 0; level--) {
      const frame = this.stacks[thread]![level]!;
      frame.failed = true;
      // for which page of its own an outer call came to make the inner one cannot be known
      const pages = level === innermost ? this.carriedBy(transfer, frame) : ALL_PAGES;
      frame.failedPages |= pages;
    }
  }
}
