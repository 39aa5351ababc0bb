/**
 * What a run tells those who watch it, as calls: there are no event objects unless somebody records. Records that are passed
 * (`PagerCall`, `Transfer`) are reused; whoever needs them later copies what it needs. Pages are given as frame numbers, which
 * the view turns into object and page; files, objects, threads and pbufs as small numbers.
 */
import type { ChannelKind, Ending, PagerFunction } from './codes.ts';
import type { Choice, Operation, Take } from '../scenario/scenario.ts';
import type { View } from './view.ts';

/** The longest run of pages that a pager is asked for. */
export const RUN_MAX = 8;

/** One call of a pager function; the same record is passed at call and return. One per thread and depth. */
export interface PagerCall {
  thread: number;
  function: PagerFunction;
  /** The operation on whose behalf it happens; its `id` is 0 in the settlement and in the daemon. */
  operation: Operation;
  /** File number, or -1 (null vnode or pager, or all files). */
  file: number;
  /** Object number, or -1. */
  object: number;
  /** Pages in `frames`: 0 for functions that take none. */
  count: number;
  reqpage: number;
  /** Page number within the object of `frames[0]`; for haspage the page asked about. */
  page: number;
  /** `RUN_MAX` frame numbers. What the pager does to its array is not visible here. */
  frames: Int32Array;
  /** For puts, after return: `RUN_MAX` statuses, `RTVAL_UNSET` where the pager wrote none. */
  rtvals: Int32Array;
  /** setsize: the new size in bytes; umount: the file system or -1. */
  size: number;
  /** After return: result code, boolean (0 or 1), 0 for functions without a result; alloc: 1 if it returned a pager. */
  result: number;
  /** Whether the caller holds the vnode lock. */
  locked: boolean;
}

/** One transfer between memory and a device, from strategy to biodone. One record per buffer. */
export interface Transfer {
  /** The pbuf, or -1 for a transfer of the buffer cache or the file system. */
  pbuf: number;
  /** The thread that started it. */
  thread: number;
  /**
   * The file on whose behalf it is done, if that is known (the vnode for a network transfer, else the file of the pager
   * call); -1 if not.
   */
  file: number;
  /** Addressed to the disk, or to the file's own vnode. */
  device: 'disk' | 'network';
  write: boolean;
  async: boolean;
  /** `b_blkno`: sectors, from the beginning of the disk or of the file. Signed. */
  block: number;
  /** `b_bcount` at strategy, bytes. */
  byteCount: number;
  /** `b_bufsize`. */
  bufferSize: number;
  /** `b_dirtyoff`, `b_dirtyend`: what a network write sends. */
  dirtyOffset: number;
  dirtyEnd: number;
  /** Offset of `b_data` in its first page, bytes. */
  pageOffset: number;
  /** Frames mapped behind `b_data` at strategy, -1 where nothing is mapped. */
  frames: Int32Array;
  /** How many of them `byteCount` touches, at most. */
  frameCount: number;
  /** At the end: whether it failed, with which errno, and `b_resid`. */
  failed: boolean;
  error: number;
  resid: number;
}

/**
 * Everything that can be seen of a run. A monitor implements what it needs; methods that nobody implements cost nothing.
 * `call` and `return` report every kernel function that the pager uses and are only emitted when somebody implements them.
 */
export interface Observer {
  /** A run begins; the view is valid until the run ends. */
  runBegin(view: View): void;
  /** `detail` says who waits for what (deadlock) or what the trap was. */
  runEnd(ending: Ending, detail: string): void;
  /** All operations are done; what follows (let all I/O finish, unmap, terminate, read back) belongs to no operation. */
  settlementBegin(): void;
  /** Everything is idle and every object of the run is gone; the disk can be compared. */
  settled(): void;

  /** A thread begins an operation. */
  operationBegin(thread: number, operation: Operation): void;
  /** `result` as the operation's caller would see it: an errno-like number, 0 is success. */
  operationEnd(thread: number, operation: Operation, noop: boolean, result: number): void;

  /** A pager function is about to be called. */
  pagerCall(call: PagerCall): void;
  /** Before the caller acts on the result. */
  pagerReturn(call: PagerCall): void;

  /** A kernel function called by the pager, with up to three numbers that identify its arguments. */
  call(thread: number, name: string, a: number, b: number, c: number): void;
  /** It returned. */
  return(thread: number, name: string, result: number): void;

  /** A thread sleeps on a channel; `id` tells those of one kind apart. */
  sleep(thread: number, channel: ChannelKind, id: number): void;
  /** The thread runs again after a sleep. */
  resume(thread: number, channel: ChannelKind, id: number): void;
  /** Everybody who sleeps on the channel was made runnable. */
  wakeup(channel: ChannelKind, id: number): void;
  /** No thread can run; the next thing is an interrupt, or the end. */
  idle(): void;

  /** At VOP_STRATEGY, before the device sees it. */
  transferStart(transfer: Transfer): void;
  /** The data has moved (or not); biodone comes next. */
  transferEnd(transfer: Transfer): void;
  /** An interrupt handler has run to its end. */
  interruptEnd(transfer: Transfer): void;

  /** A frame was given to an object at a page, busy; `thread` owns it. */
  pageAllocated(thread: number, frame: number, object: number, page: number): void;
  /** The frame is about to go back to the free queue; the view still shows what it was. */
  pageFreed(frame: number): void;
  /** Kernel code made a resident page busy for `thread`. */
  pageBusied(thread: number, frame: number): void;
  /** PAGE_WAKEUP by anybody; the view shows the page not busy. */
  pageWakeup(frame: number): void;

  /**
   * `count` pip claims were taken (or given back) by kernel code for `thread`; claims of asynchronous transfers are the
   * pager's.
   */
  claim(thread: number, object: number, count: number): void;
  /** See `claim`. */
  release(thread: number, object: number, count: number): void;

  /** An object was made. */
  objectCreated(object: number): void;
  /** The object is dead and unhashed; its dirty pages have not been written yet. */
  objectDying(object: number): void;
  /** It is gone; its number may be used again. */
  objectFreed(object: number): void;

  /**
   * Bytes `patternByte(stamp, file offset)` were stored into a page through a mapping (or by the preparation of a direct put).
   * `offset` is a file offset; the bytes lie in one page.
   */
  stored(thread: number, file: number, frame: number, offset: number, length: number, stamp: number): void;
  /**
   * A file write by a process put `patternByte(stamp, offset)` into the file: into the buffer cache (shared buffers) or through
   * it to the disk (private ones). Writes by the pager do not appear here.
   */
  written(thread: number, file: number, offset: number, length: number, stamp: number): void;
  /** A read by a process delivered `length` bytes at `address` of the view's memory; `end` is the EOF it obeyed. */
  delivered(thread: number, file: number, offset: number, length: number, address: number): void;
  /** Chunks of a page were filled from the buffer cache (a partially valid page), all bits in `mask`. */
  filled(frame: number, mask: number): void;
  /**
   * What was to be written was given up: a delayed write of the buffer cache that failed, or a page that a truncation is about to
   * cut off. Until the size changes, nobody knows what the file holds there.
   */
  lost(file: number, offset: number, length: number, isCut: boolean): void;

  /** The file system gave sectors to a block of a file; whether they were cleared is seen on the disk. */
  allocated(file: number, block: number, sector: number, sectors: number): void;
  /** The file system took sectors from a file. */
  freed(file: number, block: number, sector: number, sectors: number): void;
  /** The inode's size changed. */
  resized(file: number, size: number): void;
  /** The vnode was disconnected: its `v_mount` is null from now on. */
  disconnected(file: number): void;
  /** The file has lost its last name and reference; its blocks are about to be freed. */
  removed(file: number): void;

  /** A thread met a choice point at which the scenario departs from the plain run. */
  departure(thread: number, choice: Choice, take: Take): void;

  /** printf or Debugger. */
  message(text: string): void;
}

function nothing(): void {}

/** Hears everything and does nothing. Composition begins with it, recording goes through its methods in this order. */
export const SILENT: Observer = {
  runBegin: nothing,
  runEnd: nothing,
  settlementBegin: nothing,
  settled: nothing,
  operationBegin: nothing,
  operationEnd: nothing,
  pagerCall: nothing,
  pagerReturn: nothing,
  call: nothing,
  return: nothing,
  sleep: nothing,
  resume: nothing,
  wakeup: nothing,
  idle: nothing,
  transferStart: nothing,
  transferEnd: nothing,
  interruptEnd: nothing,
  pageAllocated: nothing,
  pageFreed: nothing,
  pageBusied: nothing,
  pageWakeup: nothing,
  claim: nothing,
  release: nothing,
  objectCreated: nothing,
  objectDying: nothing,
  objectFreed: nothing,
  stored: nothing,
  written: nothing,
  delivered: nothing,
  filled: nothing,
  lost: nothing,
  allocated: nothing,
  freed: nothing,
  resized: nothing,
  disconnected: nothing,
  removed: nothing,
  departure: nothing,
  message: nothing,
};

/** How many arguments each method is called with. */
export const ARITIES: { readonly [Name in keyof Observer]: Parameters<Observer[Name]>['length'] } = {
  runBegin: 1,
  runEnd: 2,
  settlementBegin: 0,
  settled: 0,
  operationBegin: 2,
  operationEnd: 4,
  pagerCall: 1,
  pagerReturn: 1,
  call: 5,
  return: 3,
  sleep: 3,
  resume: 3,
  wakeup: 2,
  idle: 0,
  transferStart: 1,
  transferEnd: 1,
  interruptEnd: 1,
  pageAllocated: 4,
  pageFreed: 1,
  pageBusied: 2,
  pageWakeup: 1,
  claim: 3,
  release: 3,
  objectCreated: 1,
  objectDying: 1,
  objectFreed: 1,
  stored: 6,
  written: 5,
  delivered: 5,
  filled: 2,
  lost: 4,
  allocated: 4,
  freed: 4,
  resized: 2,
  disconnected: 1,
  removed: 1,
  departure: 3,
  message: 1,
};

/** The names of all observer methods, in one fixed order. */
export const OBSERVER_METHODS = Object.keys(SILENT) as readonly (keyof Observer)[];

/** Somebody who watches some of it. */
export type PartialObserver = Partial<Observer>;
