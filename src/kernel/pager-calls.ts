/**
 * Calls from the kernel into the pager. Each is announced to the observer before and after, with the pages as the kernel knows
 * them, so that what the pager left is judged before the caller acts (design rule 5).
 */
import type { PagerFunction } from '../trace/codes.ts';
import { RTVAL_UNSET } from '../trace/codes.ts';
import { RUN_MAX, type PagerCall } from '../trace/observer.ts';
import { operation } from '../scenario/operations.ts';
import type { Operation } from '../scenario/scenario.ts';
import type { Kernel } from './kernel.ts';
import type { Pager } from './pager.ts';
import {
  VmPager,
  type Buf,
  type Mount,
  type Page,
  type Process,
  type Sleeps,
  type Vnode,
} from './structures.ts';

/** Stands for the settlement and for the daemon, where no operation runs. */
export const NO_OPERATION: Operation = operation(0, 0, 'fault');

/** A call in progress; `m` is the array that the pager is given and may overwrite. */
export class CallRecord implements PagerCall {
  thread = -1;
  function: PagerFunction = 'init';
  operation: Operation = NO_OPERATION;
  file = -1;
  object = -1;
  count = 0;
  reqpage = 0;
  page = 0;
  readonly frames = new Int32Array(RUN_MAX);
  readonly rtvals = new Int32Array(RUN_MAX);
  size = 0;
  result = 0;
  locked = false;
  readonly m: Page[] = [];
}

/** The records of one process, one per depth. */
class CallStack {
  readonly records: CallRecord[] = [];
  depth = 0;
}

/** Calls the pager. */
export class PagerCalls {
  pager: Pager;
  /** By thread plus one; the first is for calls outside any process. */
  private readonly stacks: (CallStack | undefined)[] = [];
  private readonly interrupt = new CallRecord();
  private readonly kernel: Kernel;

  constructor(kernel: Kernel, pager: Pager) {
    this.kernel = kernel;
    this.pager = pager;
  }

  reset(): void {
    for (const stack of this.stacks) if (stack !== undefined) stack.depth = 0;
  }

  private stackOf(process: Process | null): CallStack {
    const id = process === null ? 0 : process.id + 1;
    return (this.stacks[id] ??= new CallStack());
  }

  /** File of the pager call that the process is in, -1 if none. */
  fileOf(process: Process | null): number {
    const stack = this.stackOf(process);
    return stack.depth === 0 ? -1 : stack.records[stack.depth - 1]!.file;
  }

  private begin(name: PagerFunction, vp: Vnode | null): CallRecord {
    const { current } = this.kernel.threads;
    const stack = this.stackOf(current);
    const record = (stack.records[stack.depth] ??= new CallRecord());
    stack.depth++;
    record.thread = current === null ? -1 : current.id;
    record.function = name;
    record.operation = current === null || current.operation === null ? NO_OPERATION : current.operation;
    record.file = vp === null ? -1 : vp.file;
    record.object = vp === null || vp.vVmdata === null ? -1 : vp.vVmdata.id;
    record.count = 0;
    record.reqpage = 0;
    record.page = 0;
    record.size = 0;
    record.result = 0;
    record.locked = vp !== null && this.kernel.vnodes.heldBy(vp, current);
    return record;
  }

  private announce(record: CallRecord): void {
    if (this.kernel.observer !== null) this.kernel.observer.pagerCall(record);
  }

  /** The pager has answered; judged before the caller acts. */
  end(record: CallRecord, result: number): number {
    record.result = result;
    const { observer, threads } = this.kernel;
    if (observer !== null) observer.pagerReturn(record);
    this.stackOf(threads.current).depth--;
    return result;
  }

  private take(record: CallRecord, m: readonly Page[], count: number): void {
    const object = m[0]!.object!;
    record.object = object.id;
    record.count = count;
    record.page = this.kernel.pages.indexOf(m[0]!);
    for (let i = 0; i < count; i++) {
      record.m[i] = m[i]!;
      record.frames[i] = m[i]!.frame;
      record.rtvals[i] = RTVAL_UNSET;
    }
  }

  private static vnodeOf(pager: VmPager | null): Vnode | null {
    return pager === null ? null : pager.pgHandle;
  }

  init(): void {
    const record = this.begin('init', null);
    this.announce(record);
    this.pager.init();
    this.end(record, 0);
  }

  /** The pager's alloc: a pager, none, or a generator if it has to be waited for. */
  alloc(handle: Vnode | null, size: number): VmPager | null | Sleeps<VmPager | null> {
    const record = this.begin('alloc', handle);
    record.size = size;
    this.announce(record);
    const answer = this.pager.alloc(handle, size, 0, 0);
    if (answer === null || answer instanceof VmPager) return this.endAlloc(record, handle, answer);
    return this.allocLater(record, handle, answer);
  }

  private *allocLater(
    record: CallRecord,
    handle: Vnode | null,
    answer: Sleeps<VmPager | null>,
  ): Sleeps<VmPager | null> {
    return this.endAlloc(record, handle, yield* answer);
  }

  private endAlloc(record: CallRecord, handle: Vnode | null, pager: VmPager | null): VmPager | null {
    record.object = handle === null || handle.vVmdata === null ? -1 : handle.vVmdata.id;
    this.end(record, pager === null ? 0 : 1);
    return pager;
  }

  *dealloc(pager: VmPager, object: number): Sleeps<void> {
    const record = this.begin('dealloc', PagerCalls.vnodeOf(pager));
    record.object = object;
    this.announce(record);
    yield* this.pager.dealloc(pager);
    this.end(record, 0);
  }

  /**
   * Announces a get; the caller then runs `pager.getmulti` on the record's array and hands the result to `end`. In two halves, so
   * that the call that faults make most costs no generator of its own.
   */
  beginGet(pager: VmPager, m: readonly Page[], count: number, reqpage: number): CallRecord {
    const record = this.begin('getmulti', pager.pgHandle);
    this.take(record, m, count);
    record.reqpage = reqpage;
    this.announce(record);
    return record;
  }

  *getpage(pager: VmPager | null, m: Page): Sleeps<number> {
    const record = this.begin('getpage', PagerCalls.vnodeOf(pager));
    if (pager !== null) this.take(record, [m], 1);
    this.announce(record);
    return this.end(record, yield* this.pager.getpage(pager, m, true));
  }

  /** Announces a put, like `beginGet`; afterwards the statuses are in the record's `rtvals`, until the process's next put. */
  beginPut(pager: VmPager, m: readonly Page[], count: number): CallRecord {
    const record = this.begin('putmulti', pager.pgHandle);
    this.take(record, m, count);
    this.announce(record);
    return record;
  }

  *putpage(pager: VmPager | null, m: Page | null): Sleeps<number> {
    const record = this.begin('putpage', PagerCalls.vnodeOf(pager));
    if (m !== null) this.take(record, [m], 1);
    this.announce(record);
    const result = yield* this.pager.putpage(pager, m, true);
    record.rtvals[0] = result;
    return this.end(record, result);
  }

  /** 1 or 0, or null when blocked. */
  haspage(pager: VmPager, offset: number): number | null {
    const record = this.begin('haspage', PagerCalls.vnodeOf(pager));
    record.page = offset >>> this.kernel.pages.pageShift;
    this.announce(record);
    const answer = this.pager.haspage(pager, offset);
    if (typeof answer === 'boolean') return this.end(record, answer ? 1 : 0);
    return this.kernel.threads.defer(this.truthLater(record, answer));
  }

  private *truthLater(record: CallRecord, answer: null | Sleeps<boolean>): Sleeps<number> {
    const has = answer === null ? yield* this.kernel.threads.blocked<boolean>() : yield* answer;
    return this.end(record, has ? 1 : 0);
  }

  /** 0, or null when blocked. */
  setsize(vp: Vnode | null, size: number): 0 | null {
    const record = this.begin('setsize', vp);
    record.size = size;
    this.announce(record);
    const going = this.pager.setsize(vp, size);
    if (going !== 0) return this.kernel.threads.defer(this.setsizeLater(record, going));
    this.end(record, 0);
    return 0;
  }

  private *setsizeLater(record: CallRecord, going: null | Sleeps<void>): Sleeps<0> {
    yield* going ?? this.kernel.threads.blocked();
    this.end(record, 0);
    return 0;
  }

  *umount(mount: Mount | null): Sleeps<void> {
    const record = this.begin('umount', null);
    record.size = mount === null ? -1 : mount.id;
    this.announce(record);
    yield* this.pager.umount(mount);
    this.end(record, 0);
  }

  /** 1 or 0, or null when blocked. */
  uncache(vp: Vnode): number | null {
    const record = this.begin('uncache', vp);
    this.announce(record);
    const gone = this.pager.uncache(vp);
    if (typeof gone === 'boolean') return this.end(record, gone ? 1 : 0);
    return this.kernel.threads.defer(this.truthLater(record, gone));
  }

  /** At interrupt level, or inside strategy. */
  iodone(bp: Buf): void {
    const { bIodone } = bp;
    if (bIodone === null) return;
    const record = this.interrupt;
    const { observer } = this.kernel;
    record.function = 'iodone';
    record.thread = -1;
    record.operation = NO_OPERATION;
    record.file = bp.transfer.file;
    record.object = -1;
    record.count = 0;
    record.size = bp.id;
    record.result = 0;
    if (observer !== null) observer.pagerCall(record);
    bIodone(bp);
    if (observer !== null) observer.pagerReturn(record);
  }
}
