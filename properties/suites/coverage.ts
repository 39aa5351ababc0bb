/**
 * What the runs of a suite reached, counted from events and the view alone. A name that was never reached is there with 0, so
 * that a report can say what is missing. Whether what was reached was right is for properties.
 */
import {
  ENOSPC,
  OBJ_DEAD,
  PAGER_FUNCTIONS,
  RESULT_NAMES,
  VM_PAGER_OK,
  VTEXT,
  type ChannelKind,
  type Ending,
  type PagerFunction,
} from '../../src/trace/codes.ts';
import { OPERATION_KINDS, type OperationKind } from '../../src/scenario/operations.ts';
import type { Choice, Operation, Scenario, Take } from '../../src/scenario/scenario.ts';
import type { PagerCall, Transfer } from '../../src/trace/observer.ts';
import type { View } from '../../src/trace/view.ts';
import type { Coverage } from '../suite.ts';
import { LIMITS } from '../arbitraries/files.ts';
import { EDGES, edgesOf } from './edges.ts';
import {
  AT,
  CHANNEL_KINDS,
  departureName,
  NOT_MISSED,
  REACH_NAMES,
  RUNS,
  SLEEPERS,
  type ReachName,
} from './situations.ts';
import { countWorld } from './worlds.ts';

/** Where the calls, results and sleeps begin, and the order within them. */
const CALL_AT: Readonly<Record<PagerFunction, number>> = Object.fromEntries(
  PAGER_FUNCTIONS.map((name) => [name, AT[`call ${name}`]]),
) as Record<PagerFunction, number>;
const OPERATION_AT = Object.fromEntries(
  OPERATION_KINDS.map((kind) => [kind, AT[`operation ${kind}`]]),
) as Record<OperationKind, number>;
const SLEEP_AT: Partial<Record<ChannelKind, number>> = Object.fromEntries(
  CHANNEL_KINDS.map((kind) => [kind, AT[`sleep on ${kind}`]]),
);

const SLEPT_AT: Partial<Record<PagerFunction, number>> = Object.fromEntries(
  SLEEPERS.map((name) => [name, AT[`a call slept in ${name}`]]),
);

/** Where the positions of the operations begin that have two of them. */
const POSITION_AT = {
  read: AT['read begins at a page edge'],
  write: AT['write begins at a page edge'],
  store: AT['store begins at a page edge'],
};

/** What is known of a thread inside the pager. */
class ThreadState {
  /** Pager calls that it is in, and their functions. */
  depth = 0;
  readonly functions: PagerFunction[] = [];
  /** Transfers started since the outermost get or put began. */
  transfers = 0;
  /** The requested page had no valid chunk when the call began. */
  wasInvalid = false;
}

const isPut = (name: PagerFunction | undefined): boolean => name === 'putmulti' || name === 'putpage';

/** Counts; one instance serves all runs of a suite. */
export class ReachCounter implements Coverage {
  private readonly reached = new Int32Array(REACH_NAMES.length);
  private readonly threads: ThreadState[] = [];
  private readonly flying: number[] = [];
  /** Gets and puts under way, by file, and which files became shorter meanwhile. */
  private readonly getting: number[] = [];
  private readonly putting: number[] = [];
  private readonly cut: boolean[] = [];
  private readonly started: Transfer[] = [];
  private scenario!: Scenario;
  private view!: View;
  private fullMask = 0;
  private inPager = 0;
  private idling = false;
  private starting: Transfer | null = null;

  begin(scenario: Scenario): void {
    this.scenario = scenario;
    countWorld(scenario, this.hitName);
    this.fullMask = 2 ** (scenario.geometry.pageSize / scenario.geometry.sectorSize) - 1;
    while (this.threads.length <= scenario.threads) this.threads.push(new ThreadState());
    for (const thread of this.threads) thread.depth = 0;
    for (let file = 0; file < scenario.files.length; file++) {
      this.flying[file] = 0;
      this.getting[file] = 0;
      this.putting[file] = 0;
      this.cut[file] = false;
    }
    this.started.length = 0;
    this.inPager = 0;
    this.idling = false;
    this.starting = null;
  }

  counts(): ReadonlyMap<string, number> {
    const counts = new Map<string, number>();
    for (const [i, name] of REACH_NAMES.entries())
      if (this.reached[i]! > 0 || !NOT_MISSED.has(name)) counts.set(name, this.reached[i]!);
    return counts;
  }

  private hit(at: number): void {
    this.reached[at]!++;
  }

  private readonly hitName = (name: ReachName): void => {
    this.hit(AT[name]);
  };

  /** Counts the edges that a position of the file lies at; `first` is the index of their first name. */
  private hitEdges(first: number, file: number, position: number): void {
    const { geometry, fileSystems, files } = this.scenario;
    let edges = edgesOf(position, geometry, fileSystems[files[file]!.fileSystem]!.blockSize);
    for (let at = first; edges !== 0; at++, edges >>= 1) if ((edges & 1) !== 0) this.reached[at]!++;
  }

  runBegin(view: View): void {
    this.view = view;
  }

  runEnd(ending: Ending): void {
    if (ending === 'completed') this.hit(AT['run to the end']);
  }

  operationEnd(_thread: number, operation: Operation, noop: boolean, result: number): void {
    if (result === ENOSPC) this.hit(AT['disk full']);
    if (noop) return;
    const { kind, file, offset, length } = operation;
    this.hit(OPERATION_AT[kind]);
    if (kind !== 'read' && kind !== 'write' && kind !== 'store') return;
    const first = POSITION_AT[kind];
    this.hitEdges(first, file, offset);
    this.hitEdges(first + EDGES.length, file, offset + length);
    const size = this.view.fileSize(file);
    if (kind === 'read' && offset < size && offset + length > size) this.hit(AT['read across EOF']);
    if (kind === 'store' && offset + length > size) this.hit(AT['store past EOF']);
  }

  departure(_thread: number, choice: Choice, take: Take): void {
    this.hitName(departureName(choice, take));
  }

  pagerCall(call: PagerCall): void {
    this.reached[CALL_AT[call.function]]!++;
    const state = this.threads[call.thread];
    if (state !== undefined) {
      if (state.depth === 0) {
        if (this.inPager > 0) this.hit(AT['two threads in the pager']);
        this.inPager++;
        state.transfers = 0;
      }
      state.functions[state.depth++] = call.function;
    }
    switch (call.function) {
      case 'getmulti':
      case 'getpage':
        if (call.count > 0) this.getBegins(call, state);
        break;
      case 'putmulti':
      case 'putpage':
        if (call.count > 0) this.putBegins(call, state);
        break;
      case 'alloc':
        this.allocBegins(call);
        break;
      case 'dealloc':
        if (call.file >= 0 && (this.view.fileFlags(call.file) & VTEXT) !== 0)
          this.hit(AT['dealloc of program text']);
        break;
      case 'setsize':
        this.setsizeBegins(call, state);
        break;
      case 'uncache':
        if (state !== undefined && isPut(state.functions[state.depth - 2]))
          this.hit(AT['uncache inside a put']);
        this.hitLocked(
          call,
          AT['uncache with the vnode locked by the caller'],
          AT['uncache with the vnode locked by another'],
        );
        break;
      case 'umount':
        this.umountBegins(call.size);
        break;
      default:
        break;
    }
  }

  /** Counts whose lock the vnode has when a call begins. */
  private hitLocked(call: PagerCall, byCaller: number, byAnother: number): void {
    if (call.locked) this.hit(byCaller);
    else if (call.file >= 0 && this.view.fileLockOwner(call.file) !== -1) this.hit(byAnother);
  }

  private getBegins(call: PagerCall, state: ThreadState | undefined): void {
    const { view } = this;
    const frame = call.frames[call.reqpage]!;
    const valid = view.pageValid(frame);
    const page = call.page + call.reqpage;
    if (state !== undefined) {
      state.transfers = 0;
      state.wasInvalid = valid === 0;
    }
    if (call.file >= 0) this.getting[call.file]!++;
    this.reached[AT['get run of 1'] + Math.min(call.count, RUNS.length) - 1]!++;
    if (call.reqpage > 0) this.hit(AT['get with pages before the requested one']);
    if (call.reqpage < call.count - 1) this.hit(AT['get with pages after the requested one']);
    this.hitLocked(
      call,
      AT['get with the vnode locked by the caller'],
      AT['get with the vnode locked by another'],
    );
    if (valid !== 0 && valid !== this.fullMask) this.hit(AT['get of a partially valid page']);
    if (view.pageDirty(frame) !== 0) this.hit(AT['get of a page with dirty chunks']);
    if (this.hasDirtyBuffer(call.file, page)) this.hit(AT['get of a page whose block has a dirty buffer']);
    this.pageAsked(call, page, AT['get of the page with EOF in it'], AT['get past EOF']);
    switch (this.pathOf(call.file)) {
      case 'old':
        this.hit(AT['get by the old path']);
        break;
      case 'small':
        this.hit(AT['get by the small-block path']);
        break;
      case 'network':
        this.hit(AT['get by the direct path from a network']);
        break;
      case 'direct':
        this.hit(AT['get by the direct path']);
        break;
      default:
        break;
    }
  }

  private putBegins(call: PagerCall, state: ThreadState | undefined): void {
    if (state !== undefined) state.transfers = 0;
    if (call.file >= 0) this.putting[call.file]!++;
    this.reached[AT['put run of 1'] + Math.min(call.count, RUNS.length) - 1]!++;
    if (call.thread === this.scenario.threads) this.hit(AT['put by the page-out daemon']);
    this.hitLocked(
      call,
      AT['put with the vnode locked by the caller'],
      AT['put with the vnode locked by another'],
    );
    if (call.object >= 0 && (this.view.objectFlags(call.object) & OBJ_DEAD) !== 0)
      this.hit(AT['put of a dying object']);
    for (let i = 0; i < call.count; i++) {
      const frame = call.frames[i]!;
      if (this.view.pageValid(frame) !== this.fullMask) this.hit(AT['put of a partially valid page']);
      const dirty = this.view.pageDirty(frame);
      if (dirty !== 0 && dirty !== this.fullMask) this.hit(AT['put of a partially dirty page']);
    }
    if (this.hasDirtyBuffer(call.file, call.page))
      this.hit(AT['put of a page whose block has a dirty buffer']);
    const last = call.page + call.count - 1;
    this.pageAsked(call, last, AT['put of the page with EOF in it'], AT['put past EOF']);
    switch (this.pathOf(call.file)) {
      case 'old':
        this.hit(AT['put by the old path']);
        break;
      case 'small':
        this.hit(AT['put by the small-block path']);
        break;
      case 'network':
        this.hit(AT['put by the direct path to a network']);
        break;
      case 'direct':
        this.hit(AT['put by the direct path']);
        break;
      default:
        break;
    }
  }

  private pageAsked(call: PagerCall, page: number, withEof: number, past: number): void {
    const { pageSize } = this.scenario.geometry;
    const offset = page * pageSize;
    if (offset >= LIMITS[0]) this.hit(AT['page at or past 2 GiB']);
    if (offset === LIMITS[0] - pageSize) this.hit(AT['last page before 2 GiB']);
    if (offset === LIMITS[1] - 2 * pageSize) this.hit(AT['last page that an object can have']);
    if (call.file < 0) return;
    const size = this.view.pagerSize(call.file);
    if (size < 0) return;
    if (offset >= size) this.hit(past);
    else if (size - offset < pageSize) this.hit(withEof);
  }

  /** Whether the first block of the page has a buffer whose data is not on the disk yet. */
  private hasDirtyBuffer(file: number, page: number): boolean {
    if (file < 0) return false;
    const { geometry, fileSystems, files } = this.scenario;
    const { blockSize } = fileSystems[files[file]!.fileSystem]!;
    return this.view.bufferDirty(file, Math.floor((page * geometry.pageSize) / blockSize));
  }

  private delaysBlocks(file: number): boolean {
    return this.scenario.fileSystems[this.scenario.files[file]!.fileSystem]!.delayedBlocks;
  }

  /** The path that the pager takes for the file, `dead` once the file system is gone. */
  private pathOf(file: number): 'old' | 'small' | 'direct' | 'network' | 'dead' {
    if (file < 0 || !this.view.fileMounted(file)) return 'dead';
    const fs = this.scenario.fileSystems[this.scenario.files[file]!.fileSystem]!;
    if (fs.blockMap === 'none') return 'old';
    if (fs.blockMap === 'network') return 'network';
    return fs.blockSize < this.scenario.geometry.pageSize ? 'small' : 'direct';
  }

  private allocBegins(call: PagerCall): void {
    if (call.file < 0) return;
    const object = this.view.fileObject(call.file);
    if (object < 0) return;
    if (this.view.objectCached(object)) this.hit(AT['alloc takes an object from the cache']);
    if ((this.view.objectFlags(object) & OBJ_DEAD) !== 0) this.hit(AT['alloc meets a dying object']);
  }

  private setsizeBegins(call: PagerCall, state: ThreadState | undefined): void {
    const { file } = call;
    if (file < 0) return;
    if (state !== undefined && state.depth > 1) {
      this.hit(AT['setsize inside another pager call']);
      if (state.functions[state.depth - 2] === 'alloc') this.hit(AT['setsize inside alloc']);
    }
    if (call.size >= LIMITS[0]) this.hit(AT['size of 2 GiB or more']);
    if (call.size >= LIMITS[1]) this.hit(AT['size of 4 GiB or more']);
    const before = this.view.pagerSize(file);
    const object = this.view.fileObject(file);
    if (before < 0 || object < 0) return;
    if ((this.view.objectFlags(object) & OBJ_DEAD) !== 0) this.hit(AT['setsize of a dying object']);
    if (call.size === before) {
      this.hit(AT['setsize to the same size']);
      return;
    }
    if (this.flying[file]! > 0) this.hit(AT['setsize while a transfer is in flight']);
    if (call.size === 0) this.hit(AT['setsize to nothing']);
    this.setsizeMeanwhile(file, call.size > before);
    if (call.size > LIMITS[0] !== before > LIMITS[0]) this.hit(AT['setsize across 2 GiB']);
    if (call.size > LIMITS[1] !== before > LIMITS[1]) this.hit(AT['setsize across 4 GiB']);
    this.hitEdges(AT['setsize at a page edge'], file, call.size);
    if (call.size > before) this.hit(AT['setsize grows']);
    if (call.size < before) {
      this.hit(AT['setsize shrinks']);
      const { pageSize } = this.scenario.geometry;
      if (call.size % pageSize !== 0 && this.view.lookup(object, Math.floor(call.size / pageSize)) >= 0) {
        this.hit(AT['setsize with the page of the new EOF resident']);
      }
    }
  }

  private setsizeMeanwhile(file: number, grows: boolean): void {
    const isGetting = this.getting[file]! > 0;
    const isPutting = this.putting[file]! > 0;
    if (isGetting) this.hit(AT['setsize during a get']);
    if (isPutting) this.hit(AT['setsize during a put']);
    if (grows && this.cut[file]!) {
      if (isGetting) this.hit(AT['file cut and grown again during a get']);
      if (isPutting) this.hit(AT['file cut and grown again during a put']);
    }
    if (!grows) this.cut[file] = isGetting || isPutting;
  }

  private umountBegins(fileSystem: number): void {
    let isUsed = false;
    let hasPager = false;
    for (let file = 0; file < this.view.files; file++) {
      const object = this.view.fileObject(file);
      if (object < 0) continue;
      hasPager = true;
      if (this.scenario.files[file]!.fileSystem === fileSystem && this.view.objectReferences(object) > 0)
        isUsed = true;
    }
    if (hasPager) this.hit(AT['umount with live pagers']);
    if (isUsed) this.hit(AT['umount of a file system with a file in use']);
    if (hasPager && fileSystem < 0) this.hit(AT['umount of all file systems with live pagers']);
  }

  pagerReturn(call: PagerCall): void {
    const state = this.threads[call.thread];
    if (state !== undefined) {
      state.depth--;
      if (state.depth === 0) this.inPager--;
    }
    switch (call.function) {
      case 'getmulti':
      case 'getpage':
        if (call.count > 0) this.getEnds(call, state);
        break;
      case 'putmulti':
      case 'putpage':
        if (call.count > 0) this.putEnds(call, state);
        break;
      case 'alloc':
        if (call.file < 0) break;
        if (call.result === 0) this.hit(AT['alloc fails']);
        break;
      case 'haspage':
        this.haspageEnds(call);
        break;
      case 'uncache':
        this.hit(call.result === 0 ? AT['uncache says no'] : AT['uncache says yes']);
        break;
      default:
        break;
    }
  }

  private getEnds(call: PagerCall, state: ThreadState | undefined): void {
    if (call.file >= 0) this.ends(this.getting, call.file);
    const base = call.function === 'getmulti' ? AT['getmulti OK'] : AT['getpage OK'];
    if (call.result >= 0 && call.result < RESULT_NAMES.length) this.reached[base + call.result]!++;
    if (call.result === VM_PAGER_OK && state !== undefined && state.transfers === 0 && state.wasInvalid) {
      const path = this.pathOf(call.file);
      if (path === 'small' || path === 'direct') this.hit(AT['get of a hole']);
    }
  }

  /** A get or put of the file has ended; with the last one it is forgotten that the file was cut meanwhile. */
  private ends(underWay: number[], file: number): void {
    underWay[file]!--;
    if (this.getting[file] === 0 && this.putting[file] === 0) this.cut[file] = false;
  }

  private putEnds(call: PagerCall, state: ThreadState | undefined): void {
    if (call.file >= 0) this.ends(this.putting, call.file);
    const base = call.function === 'putmulti' ? AT['putmulti OK'] : AT['putpage OK'];
    for (let i = 0; i < call.count; i++) {
      const status = call.rtvals[i]!;
      if (status >= 0 && status < RESULT_NAMES.length) this.reached[base + status]!++;
    }
    if (call.rtvals[0] === VM_PAGER_OK && state !== undefined && state.transfers === 0) {
      const path = this.pathOf(call.file);
      if (path === 'small' || path === 'direct') this.hit(AT['put of a hole by the old path']);
    }
  }

  private haspageEnds(call: PagerCall): void {
    if (call.file < 0) return;
    if (call.result !== 0) {
      this.hit(AT['haspage says yes']);
      if (this.delaysBlocks(call.file) && this.hasDirtyBuffer(call.file, call.page))
        this.hit(AT['haspage of a page with delayed blocks in a dirty buffer']);
      return;
    }
    const size = this.view.pagerSize(call.file);
    if (!this.view.fileMounted(call.file)) this.hit(AT['haspage says no, file system gone']);
    else if (size >= 0 && call.page * this.scenario.geometry.pageSize >= size)
      this.hit(AT['haspage says no past EOF']);
    else this.hit(AT['haspage says no to a hole']);
  }

  sleep(thread: number, channel: ChannelKind): void {
    const at = SLEEP_AT[channel];
    if (at !== undefined) this.reached[at]!++;
    if (channel === 'pool') this.sleepOnPool();
    else if (channel === 'map' && this.scenario.geometry.mapPages === 1)
      this.hit(AT['sleep on a map of one page']);
    const state = this.threads[thread];
    if (channel === 'call' && state !== undefined && state.depth > 0) {
      const slept = SLEPT_AT[state.functions[state.depth - 1]!];
      if (slept !== undefined) this.reached[slept]!++;
    }
    this.idling = false;
    this.starting = null;
  }

  private sleepOnPool(): void {
    const { pbufs } = this.scenario.geometry;
    if (pbufs === 1) this.hit(AT['sleep on a pool of one']);
    else if (pbufs === 2) this.hit(AT['sleep on a pool of two']);
  }

  resume(): void {
    this.idling = false;
  }

  operationBegin(_thread: number, { kind, file, offset }: Operation): void {
    this.idling = false;
    if (kind === 'write' && offset > this.view.fileSize(file)) this.hit(AT['write past EOF, with a gap']);
  }

  idle(): void {
    this.idling = true;
  }

  transferStart(transfer: Transfer): void {
    const state = this.threads[transfer.thread];
    if (state !== undefined) state.transfers++;
    if (transfer.file >= 0) this.flying[transfer.file]!++;
    this.started.push(transfer);
    this.starting = transfer;
    if (transfer.pbuf < 0) return;
    if (transfer.device === 'disk') {
      if (transfer.write) this.hit(AT['disk write']);
      else this.hit(transfer.async ? AT['disk read, async'] : AT['disk read, sync']);
      const address = transfer.block * this.scenario.geometry.sectorSize;
      if (address >= LIMITS[0]) this.hit(AT['disk address at or past 2 GiB']);
      if (address >= LIMITS[1]) this.hit(AT['disk address at or past 4 GiB']);
    } else if (transfer.write) this.hit(AT['network write']);
    else this.hit(transfer.async ? AT['network read, async'] : AT['network read, sync']);
  }

  transferEnd(transfer: Transfer): void {
    if (transfer.file >= 0) this.flying[transfer.file]!--;
    const at = this.started.indexOf(transfer);
    if (at > 0) this.hit(AT['transfers end out of order']);
    if (at >= 0) this.started.splice(at, 1);
    if (this.starting === transfer) this.hit(AT['transfer ends inside strategy']);
    this.starting = null;
    if (transfer.pbuf < 0) return;
    if (transfer.failed) {
      if (transfer.write) this.hit(AT['write failed']);
      else this.hit(transfer.async ? AT['read failed, async'] : AT['read failed, sync']);
    } else if (transfer.resid > 0) this.hit(AT['transfer short']);
  }

  interruptEnd(): void {
    this.hit(this.idling ? AT['interrupt while idle'] : AT['interrupt while a thread runs']);
  }

  objectCreated(): void {
    this.hit(AT['alloc makes a pager']);
  }

  objectDying(object: number): void {
    const { frames } = this.scenario.geometry;
    for (let frame = 0; frame < frames; frame++) {
      if (
        this.view.pageObject(frame) === object &&
        (this.view.pageDirty(frame) !== 0 || this.view.pageModified(frame))
      ) {
        this.hit(AT['object dies with dirty pages']);
        return;
      }
    }
    this.hit(AT['object dies without dirty pages']);
  }

  filled(): void {
    this.hit(AT['partially valid page from the buffer cache']);
  }

  lost(_file: number, _offset: number, _length: number, isCut: boolean): void {
    this.hit(isCut ? AT['unsaved page cut off'] : AT['delayed write lost']);
  }

  disconnected(file: number): void {
    if (this.view.fileObject(file) >= 0) this.hit(AT['disconnected with a live pager']);
    if (this.flying[file]! > 0) this.hit(AT['disconnected while a transfer is in flight']);
    if (this.getting[file]! > 0) this.hit(AT['disconnected during a get']);
    if (this.putting[file]! > 0) this.hit(AT['disconnected during a put']);
  }

  removed(): void {
    this.hit(AT['file removed']);
  }
}
