/**
 * What a pager borrows and must give back: physical buffers and their windows, temporary pages of pager_map, holds of vnodes,
 * counts of writes, credentials, and the interrupt mask.
 *
 * Verified: when a pager call returns, the thread holds as many pbufs and temporary pages as before, and its credential has as
 * many references, not counting what an asynchronous transfer still owns; the completion of an asynchronous transfer gives its
 * pbuf back, that of a synchronous one touches none; the windows of pbufs that are free are not mapped; holds are never below
 * zero, and equal the buffers of the file system when no other call and no transfer is under way; counts of writes equal the
 * writes under way, on the disk and to the file of the call; the interrupt mask is as before; nobody sleeps in a completion
 * routine.
 *
 * Not verified: holds, beyond "not below zero", while other calls or asynchronous transfers are under way.
 */
import type { Operation } from '../src/scenario/scenario.ts';
import type { ChannelKind } from '../src/trace/codes.ts';
import type { PagerCall, Transfer } from '../src/trace/observer.ts';
import type { View } from '../src/trace/view.ts';
import { DEPTH_MAX, isThread, THREADS_MAX } from '../model/calls.ts';
import type { Property } from './property.ts';
import { counted, Watcher } from './watcher.ts';

const PBUFS = 'pbufs-returned';
const WINDOWS = 'windows-unmapped';
const MAP = 'map-pages-returned';
const HOLDS = 'hold-counts';
const OUTPUTS = 'write-counts';
const CREDENTIALS = 'credentials-returned';
const MASK = 'interrupt-mask-restored';
const SLEEP = 'no-sleep-in-completion';

class PbufsAndMaps extends Watcher {
  private usedPbufs = 0;
  private usedMap = 0;
  /** What each thread holds. */
  private readonly pbufs = new Int32Array(THREADS_MAX);
  private readonly mapPages = new Int32Array(THREADS_MAX);
  /** What it held when each of its calls began. */
  private readonly pbufsThen = new Int32Array(THREADS_MAX * DEPTH_MAX);
  private readonly mapThen = new Int32Array(THREADS_MAX * DEPTH_MAX);
  private readonly credentials = new Int32Array(THREADS_MAX);
  private diskHolds = 0;
  private maskThen = 0;

  protected override reset(): void {
    this.pbufs.fill(0);
    this.mapPages.fill(0);
  }

  override runBegin(view: View): void {
    super.runBegin(view);
    this.usedPbufs = view.geometry.pbufs - view.pbufsFree();
    this.usedMap = view.mapPagesUsed();
    this.diskHolds = view.diskHoldCount();
    for (let thread = 0; thread < view.threads; thread++)
      this.credentials[thread] = view.credentialReferences(thread);
  }

  /** Charges what was taken and given since the last look to whoever ran. */
  private charge(): void {
    const { view } = this;
    const { running } = this.model.calls;
    const pbufs = view.geometry.pbufs - view.pbufsFree();
    const map = view.mapPagesUsed();
    this.pbufs[running]! += pbufs - this.usedPbufs;
    this.mapPages[running]! += map - this.usedMap;
    this.usedPbufs = pbufs;
    this.usedMap = map;
  }

  leave(): void {
    this.charge();
  }

  operationEnd(thread: number, operation: Operation): void {
    const mask = this.view.interruptMask();
    if (mask === 0) return;
    this.report(MASK, () => ({
      what: `operation ${operation.id} has ended with interrupts masked`,
      expected: '0: nothing that a pager masks outlives an operation',
      observed: `${mask}`,
      thread,
    }));
  }

  sleep(thread: number, channel: ChannelKind): void {
    const { completing } = this.model.calls;
    if (completing < 0) return;
    this.report(SLEEP, () => ({
      what: `the completion routine of pbuf ${completing} sleeps`,
      expected: 'no sleep at interrupt level',
      observed: `a sleep on a ${channel}`,
      thread,
    }));
  }

  transferStart(transfer: Transfer): void {
    const { pbuf, async } = transfer;
    if (async && pbuf >= 0 && pbuf < this.view.geometry.pbufs) this.pbufs[this.model.calls.running]!--;
  }

  pagerCall(call: PagerCall): void {
    if (call.function === 'iodone') {
      this.charge();
      this.maskThen = this.view.interruptMask();
      return;
    }
    const { thread } = call;
    if (!isThread(thread)) return;
    this.charge();
    const depth = Math.min(DEPTH_MAX, this.model.calls.depth(thread)) - 1;
    this.pbufsThen[thread * DEPTH_MAX + depth] = this.pbufs[thread]!;
    this.mapThen[thread * DEPTH_MAX + depth] = this.mapPages[thread]!;
  }

  pagerReturn(call: PagerCall): void {
    if (call.function === 'iodone') {
      this.judgeCompletion(call);
      return;
    }
    const { thread } = call;
    if (!isThread(thread) || this.model.returning === null) return;
    this.charge();
    this.judgeHeld(call);
    this.judgeMask(call, this.model.returning.spl);
    if (call.count === 0) return;
    this.judgeWindows(call.function);
    this.judgeHolds(call);
    if (this.model.calls.depth(thread) === 1) this.judgeCredential(thread, call.function);
  }

  private judgeHeld(call: PagerCall): void {
    const { thread } = call;
    const depth = Math.min(DEPTH_MAX, this.model.calls.depth(thread)) - 1;
    const pbufs = this.pbufs[thread]! - this.pbufsThen[thread * DEPTH_MAX + depth]!;
    if (pbufs !== 0) {
      this.report(PBUFS, () => ({
        what: `${call.function} returned, and thread ${thread} holds another number of pbufs than before`,
        expected: 'as many as before, not counting asynchronous transfers',
        observed: `${pbufs > 0 ? '+' : ''}${pbufs}`,
      }));
      this.pbufs[thread]! -= pbufs;
    }
    const map = this.mapPages[thread]! - this.mapThen[thread * DEPTH_MAX + depth]!;
    if (map === 0) return;
    this.report(MAP, () => ({
      what: `${call.function} returned, and thread ${thread} holds another number of pages of pager_map than before`,
      expected: 'as many as before',
      observed: `${map > 0 ? '+' : ''}${map}`,
    }));
    this.mapPages[thread]! -= map;
  }

  private judgeMask(call: PagerCall, before: number): void {
    const mask = this.view.interruptMask();
    if (mask === before) return;
    this.report(MASK, () => ({
      what: `${call.function} returned with another interrupt mask than it was called with`,
      expected: `${before}`,
      observed: `${mask}`,
    }));
  }

  private judgeCompletion(call: PagerCall): void {
    const { view } = this;
    const used = view.geometry.pbufs - view.pbufsFree();
    const given = this.usedPbufs - used;
    const due = this.model.claims.completedObject === -1 ? 0 : 1;
    this.usedPbufs = used;
    if (given !== due) {
      this.report(PBUFS, () => ({
        what: `the completion of the ${due === 1 ? 'asynchronous' : 'synchronous'} transfer of pbuf ${call.size} has run`,
        expected: due === 1 ? 'its pbuf is given back' : 'its pbuf stays with the thread that waits',
        observed: `${counted(given, 'pbuf was', 'pbufs were')} given back`,
      }));
    }
    this.judgeMask(call, this.maskThen);
    if (due === 1) this.judgeWindows('iodone');
    if (view.diskHoldCount() < 0) this.complainHold('the disk', view.diskHoldCount());
  }

  private judgeWindows(name: string): void {
    const { view } = this;
    const { returned } = this.model;
    for (let i = 0; i < returned.count; i++)
      if (view.pbufMapped(returned.at(i))) this.complainWindow(returned.at(i), name);
  }

  private complainWindow(pbuf: number, name: string): void {
    this.report(WINDOWS, () => ({
      what: `pbuf ${pbuf} is free after ${name}, but pages are still mapped in its window`,
      expected: 'nothing mapped',
      observed: 'a mapping',
    }));
  }

  private judgeHolds(call: PagerCall): void {
    const { view, model } = this;
    const disk = view.diskHoldCount();
    const isQuiet = model.calls.active === 1 && model.claims.pending === 0;
    if (call.file >= 0) {
      const held = view.fileHoldCount(call.file);
      const buffers = view.fileBuffers(call.file);
      if (held < 0 || (isQuiet && held !== buffers)) this.complainHold(`file ${call.file}`, held, buffers);
    }
    if (disk < 0 || (isQuiet && disk !== this.diskHolds)) this.complainHold('the disk', disk);
    this.judgeOutputs();
    if (call.file >= 0) this.judgeFileOutputs(call.file, model.claims.fileWrites[call.file]!);
  }

  private complainHold(whose: string, count: number, due = this.diskHolds): void {
    this.report(HOLDS, () => ({
      what: `the hold count of the vnode of ${whose} is not that of the buffers attached to it`,
      expected: count < 0 ? 'not below zero' : `${due}: no buffer of the pager is attached`,
      observed: `${count}`,
    }));
  }

  private judgeOutputs(): void {
    const { view, model } = this;
    const disk = view.diskOutputs();
    if (disk !== model.claims.diskWrites) this.complainOutputs('the disk', disk, model.claims.diskWrites);
  }

  private judgeFileOutputs(file: number, due: number): void {
    const outputs = this.view.fileOutputs(file);
    if (outputs !== due) this.complainOutputs(`file ${file}`, outputs, due);
  }

  private complainOutputs(whose: string, count: number, due: number): void {
    this.report(OUTPUTS, () => ({
      what: `the count of writes in progress of ${whose} is not that of the writes under way`,
      expected: `${due}`,
      observed: `${count}`,
    }));
  }

  private judgeCredential(thread: number, name: string): void {
    const references = this.view.credentialReferences(thread);
    const before = this.credentials[thread]!;
    if (references === before) return;
    // an asynchronous transfer owns up to two references, for reading and for writing
    const owned = 2 * this.model.claims.pendingBy(thread);
    if (references > before && references <= before + owned) return;
    this.report(CREDENTIALS, () => ({
      what: `${name} returned, and the credential of thread ${thread} has another number of references`,
      expected: owned === 0 ? `${before}` : `${before} to ${before + owned}`,
      observed: `${references}`,
    }));
  }

  idle(): void {
    this.charge();
    this.judgeOutputs();
  }

  settled(): void {
    const { view, model } = this;
    this.charge();
    for (let pbuf = 0; pbuf < view.geometry.pbufs; pbuf++)
      if (!view.pbufBusy(pbuf) && view.pbufMapped(pbuf)) this.complainWindow(pbuf, 'settlement');
    for (let file = 0; file < view.files; file++) {
      const count = view.fileHoldCount(file);
      // the buffers of the file system are gone as well
      if (count !== 0) this.complainHold(`file ${file}`, count, 0);
      this.judgeFileOutputs(file, 0);
    }
    const free = view.pbufsFree();
    if (free !== view.geometry.pbufs && model.claims.pending === 0) {
      this.report(PBUFS, () => ({
        what: 'pbufs are in use after everything is settled',
        expected: `${view.geometry.pbufs} free`,
        observed: `${free} free`,
      }));
    }
    for (let thread = 0; thread < view.threads; thread++) this.judgeCredential(thread, 'everything');
  }
}

const monitor = (): PbufsAndMaps => new PbufsAndMaps();

/** Properties of what is borrowed. */
export const PBUFS_AND_MAPS: readonly Property[] = [
  {
    id: PBUFS,
    kind: 'always',
    statement:
      'A pager call gives back every pbuf that it took, but for asynchronous transfers, whose completion does.',
    source: 'G9, 13.4 Q7 (600, 633, 884, 889, 960), 13.12 Q1-Q2 (564)',
    observes: 'what each thread holds when its pager calls return; completions; settlement',
    doesNotVerify: 'which pbufs they are: they are counted',
    monitor,
  },
  {
    id: WINDOWS,
    kind: 'always',
    statement: 'Nothing is mapped in the window of a free pbuf.',
    source: 'G10',
    observes:
      'pbufs that carried a transfer, when a get or put or an asynchronous completion is over; all at settlement',
    doesNotVerify:
      'windows that something else than a transfer was mapped in and taken out of before settlement',
    monitor,
  },
  {
    id: MAP,
    kind: 'always',
    statement: 'A pager call gives back every temporary page of pager_map that it took.',
    source: 'G10',
    observes: 'what each thread holds when its pager calls return',
    doesNotVerify: 'which pages they are: they are counted',
    monitor,
  },
  {
    id: HOLDS,
    kind: 'always',
    statement:
      'Hold counts are never below zero, and vnodes are held by the buffers that are attached to them only.',
    source: 'G7',
    observes: 'the vnodes of disk and file when a get or put returns; all files at settlement',
    doesNotVerify:
      'a hold too many or too few, but for below zero, while several calls or asynchronous transfers are under way',
    monitor,
  },
  {
    id: OUTPUTS,
    kind: 'always',
    statement:
      'v_numoutput of the disk, and of a file on a network, equals the writes that were started and have not ended.',
    source: 'G8',
    observes:
      'the disk and the file when a get or put returns, the disk when nothing can run, all files at settlement',
    doesNotVerify: 'files on a network between the returns of their gets and puts, before the settlement',
    monitor,
  },
  {
    id: CREDENTIALS,
    kind: 'always',
    statement: 'A pager call leaves the references of credentials as they were.',
    source: 'G11',
    observes: 'the credential of the thread when its outermost get or put returns; all at settlement',
    doesNotVerify: 'how many of at most two references an asynchronous transfer owns',
    monitor,
  },
  {
    id: MASK,
    kind: 'always',
    statement: 'A pager call returns with the interrupt mask that it was called with.',
    source: 'G12',
    observes: 'every return; the end of each operation, where nothing may be masked',
    doesNotVerify: 'the mask in between',
    monitor,
  },
  {
    id: SLEEP,
    kind: 'always',
    statement: 'Nobody sleeps in a completion routine.',
    source: 'G12, 13.12 Q3',
    observes: 'every sleep',
    doesNotVerify: 'sleeps that a target refuses by a trap (no-trap)',
    monitor,
  },
];
