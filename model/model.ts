/**
 * The model: what is true of files, blocks, claims and owners, followed from the events of a trace and independent of the
 * kernel and the pager that emit them. Monitors ask it; it judges nothing itself. It is told of an event before they are, and
 * its `afterwards` after them.
 *
 * It survives any wrong behaviour of a target: unknown numbers are ignored, and no event makes it throw or loop.
 */
import type { Choice, Operation, Scenario, Take } from '../src/scenario/scenario.ts';
import type { PagerCall, PartialObserver, Transfer } from '../src/trace/observer.ts';
import type { View } from '../src/trace/view.ts';
import { VM_PAGER_AGAIN, VM_PAGER_ERROR, VM_PAGER_OK, type ChannelKind } from '../src/trace/codes.ts';
import { AbstractFiles } from './abstract-file.ts';
import { Blocks } from './blocks.ts';
import { Calls, type CallFrame } from './calls.ts';
import { Claims } from './claims.ts';
import { Comparison } from './comparison.ts';
import { Puts } from './puts.ts';
import { ReturnedPbufs } from './returned-pbufs.ts';
import { SizeChanges } from './size-changes.ts';

/** What the model does after the monitors have seen an event: until then they find calls, owners and pages as they were. */
class Afterwards implements PartialObserver {
  private readonly model: Model;

  constructor(model: Model) {
    this.model = model;
  }

  operationEnd(thread: number): void {
    this.model.calls.operationEnd(thread);
  }

  pagerReturn(call: PagerCall): void {
    if (call.function === 'iodone') this.model.calls.completing = -1;
    else this.model.calls.pop(call.thread);
    this.model.returning = null;
  }

  pageWakeup(frame: number): void {
    this.model.claims.disown(frame);
  }

  pageFreed(frame: number): void {
    this.model.files.pageFreed(frame);
    this.model.claims.pageFreed(frame);
  }
}

/** Everything that the oracle knows of a run. */
export class Model implements PartialObserver {
  scenario!: Scenario;
  view!: View;
  readonly blocks = new Blocks();
  readonly files = new AbstractFiles(this.blocks);
  readonly comparison = new Comparison(this.files);
  private readonly sizes = new SizeChanges(this.files);
  private readonly puts = new Puts(this.files);
  readonly claims = new Claims();
  readonly calls = new Calls(this.files, this.claims);
  /** Pbufs that the call which returns, or what ran before it, has given back; valid during `pagerReturn`. */
  readonly returned = new ReturnedPbufs();
  /** State of the call that is returning, as it was when it began; valid during `pagerReturn`. */
  returning: CallFrame | null = null;
  /** To be told of every event after the monitors. */
  readonly afterwards: PartialObserver = new Afterwards(this);

  /** Called before each run. */
  begin(scenario: Scenario): void {
    this.scenario = scenario;
    this.blocks.reset(scenario);
    this.files.begin(scenario);
    this.claims.begin(scenario.geometry);
    this.calls.begin();
    this.returned.begin(scenario.geometry.pbufs);
    this.returning = null;
  }

  runBegin(view: View): void {
    this.view = view;
    this.files.view = view;
    this.comparison.view = view;
    this.calls.view = view;
  }

  settlementBegin(): void {
    this.calls.settling = true;
  }

  operationBegin(thread: number, operation: Operation): void {
    this.calls.operationBegin(thread, operation);
    // also one that fails may leave something in the buffer cache
    if (operation.kind === 'read' || operation.kind === 'write')
      this.files.cached[operation.file % this.files.count] = 1;
  }

  pagerCall(call: PagerCall): void {
    const frame = this.calls.push(call);
    if (frame === null || call.function === 'haspage') return;
    switch (call.function) {
      case 'getmulti':
      case 'getpage':
        this.claims.reads(call.object, 1);
        this.files.expectRead(call);
        // who prepared the requested page may have had second thoughts
        if (call.count > 0 && call.frames[call.reqpage]! >= 0) this.files.lookAt(call.frames[call.reqpage]!);
        break;
      case 'putmulti':
      case 'putpage':
        this.puts.begins(call);
        break;
      case 'setsize':
        this.sizeChanges(call, frame);
        break;
      default:
        break;
    }
  }

  private sizeChanges(call: PagerCall, frame: CallFrame): void {
    const { file } = call;
    if (file < 0 || frame.object < 0) return;
    this.files.sizeTick[file] = frame.tick;
    this.files.widen(file, call.size);
    this.calls.eofSeen(file, frame);
  }

  pagerReturn(call: PagerCall): void {
    if (call.function === 'iodone') {
      if (this.claims.completed(call.size)) this.returned.collect(this.view);
      else this.returned.none();
      return;
    }
    const frame = this.calls.returning(call);
    this.returning = frame;
    if (frame === null) return;
    if (call.function === 'haspage') return;
    if (call.count > 0) this.returned.collect(this.view);
    frame.there = this.pagesThere(call, frame);
    switch (call.function) {
      case 'getmulti':
      case 'getpage':
        this.claims.reads(call.object, -1);
        this.lookAtRun(call, frame);
        // OK says that the whole page is right, whatever its mask
        if (call.result === VM_PAGER_OK && this.stillThere(call, frame, call.reqpage)) {
          this.files.believe(call.frames[call.reqpage]!, this.files.store.allBits);
        }
        break;
      case 'putmulti':
      case 'putpage':
        this.lookAtRun(call, frame);
        for (let i = 0; i < call.count; i++) {
          if (!this.stillThere(call, frame, i)) continue;
          // whoever says AGAIN although a write was started leaves nobody knows what
          const isStarted = ((frame.started >> i) & 1) !== 0;
          const status = call.rtvals[i] === VM_PAGER_AGAIN && isStarted ? VM_PAGER_ERROR : call.rtvals[i]!;
          this.puts.ends(call.frames[i]!, status, frame.tick, frame.minEof);
        }
        break;
      case 'setsize':
        this.sizeChanged(call, frame);
        break;
      case 'alloc':
        if (call.file >= 0) this.files.sizeClamped(call.file);
        break;
      case 'dealloc':
        if (call.file >= 0) this.files.objectGone(call.file);
        break;
      default:
        break;
    }
  }

  private lookAtRun(call: PagerCall, frame: CallFrame): void {
    for (let i = 0; i < call.count; i++)
      if (this.stillThere(call, frame, i)) this.files.lookAt(call.frames[i]!);
  }

  private sizeChanged(call: PagerCall, frame: CallFrame): void {
    const { file } = call;
    if (file < 0) return;
    if (this.view.fileObject(file) < 0) {
      this.files.objectGone(file);
      return;
    }
    if (frame.object < 0) return;
    if (this.claims.objectBirth(this.view.fileObject(file)) === frame.objectBirth)
      this.sizes.sizeSet(file, call.size, frame.tick);
    else this.sizes.objectReplaced(file);
    this.calls.widenByOthers(file, frame);
    this.calls.eofSeen(file, frame);
  }

  /** Pages of a call that returns which are what they were when it began: same frame, same object, same place. */
  private pagesThere(call: PagerCall, frame: CallFrame): number {
    let there = 0;
    for (let i = 0; i < call.count; i++) {
      const page = call.frames[i]!;
      if (
        page >= 0 &&
        this.claims.birthOf(page) === frame.births[i] &&
        this.view.pageObject(page) === call.object &&
        this.view.pageIndex(page) === call.page + i
      ) {
        there |= 1 << i;
      }
    }
    return there;
  }

  /** Whether page `i` of the call that returns is still the page that it was: same frame, same object, same place. */
  stillThere(call: PagerCall, frame: CallFrame, i: number): boolean {
    return i < call.count && ((frame.there >> i) & 1) !== 0;
  }

  sleep(thread: number, channel: ChannelKind): void {
    this.calls.slept(thread, channel);
  }

  resume(thread: number): void {
    this.calls.runs(thread);
  }

  transferStart(transfer: Transfer): void {
    const first = transfer.frameCount > 0 ? transfer.frames[0]! : -1;
    this.claims.transferStart(transfer, first < 0 ? -1 : this.view.pageObject(first));
    this.calls.transferStarted(transfer);
    this.returned.transferStart(transfer.pbuf);
  }

  transferEnd(transfer: Transfer): void {
    this.claims.transferEnd(transfer);
    if (!transfer.async && (transfer.failed || this.fellShort(transfer))) this.calls.transferFailed(transfer);
  }

  /** Whether the transfer left out bytes that are below EOF. */
  private fellShort(transfer: Transfer): boolean {
    if (transfer.resid <= 0) return false;
    const frame = transfer.frameCount > 0 ? transfer.frames[0]! : -1;
    const file = frame < 0 ? -1 : this.files.store.frameFile[frame]!;
    if (file < 0) return true;
    const start = this.files.store.framePage[frame]! * this.files.store.pageSize + transfer.pageOffset;
    return start + transfer.byteCount - transfer.resid < this.files.high[file]!;
  }

  interruptEnd(transfer: Transfer): void {
    // a completion routine that was never called leaves its claim to be found
    if (this.calls.completing === transfer.pbuf) this.calls.completing = -1;
  }

  pageAllocated(thread: number, frame: number, object: number, page: number): void {
    this.claims.pageAllocated(thread, frame);
    this.files.pageAllocated(frame, object, page);
  }

  pageBusied(thread: number, frame: number): void {
    this.files.store.frameBusiedTick[frame] = this.files.tick;
    this.claims.own(frame, Math.max(0, thread));
  }

  pageWakeup(frame: number): void {
    this.files.lookAt(frame);
  }

  claim(_thread: number, object: number, count: number): void {
    this.claims.claim(object, count);
  }

  release(_thread: number, object: number, count: number): void {
    this.claims.release(object, count);
  }

  objectCreated(object: number): void {
    this.claims.objectCreated(object);
    this.calls.objectCreated(object);
  }

  objectFreed(object: number): void {
    const file = this.view.objectFile(object);
    this.claims.objectFreed(object);
    if (file >= 0) this.files.objectGone(file);
  }

  stored(_thread: number, file: number, frame: number, offset: number, length: number, stamp: number): void {
    this.files.stored(file, frame, offset, length, stamp);
  }

  written(_thread: number, file: number, offset: number, length: number, stamp: number): void {
    this.files.written(file, offset, length, stamp);
  }

  filled(frame: number, mask: number): void {
    this.files.filled(frame, mask);
  }

  lost(file: number, offset: number, length: number): void {
    this.files.lost(file, offset, length);
  }

  allocated(file: number, block: number, sector: number, sectors: number): void {
    this.files.allocated(file, block, sector, sectors);
  }

  freed(file: number, block: number, sector: number, sectors: number): void {
    this.files.freed(file, block, sector, sectors);
  }

  resized(file: number, size: number): void {
    this.sizes.resized(file, size);
    this.calls.eofSeen(file, null);
  }

  disconnected(file: number): void {
    this.files.disconnect(file);
  }

  removed(file: number): void {
    this.files.remove(file);
  }

  departure(thread: number, choice: Choice, take: Take): void {
    if (take === 'error' || take === 'short') this.calls.failed(thread, choice);
  }
}
