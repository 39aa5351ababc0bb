/**
 * Bookkeeping: the numbers that a pager keeps, or leaves others to keep, beside what it is asked for: page-out accounting, paging
 * queues, pages of an object, references of an object.
 *
 * Verified: what one get or put adds to the counters, whoever else runs meanwhile; that the pages of a call, and those of an
 * asynchronous transfer that has completed, are on the queue that their flags name and neither wired nor held, that their object
 * counts as many pages as were tabled, and that the call itself neither adds to its references nor takes from them. Pages and
 * objects that no call touched are looked at when the settlement begins, while they are still there, and objects again when they
 * go.
 *
 * A put is a page-out operation once it has taken one of the ways to write, whatever comes of it: 13.6 Q8 does not ask for I/O as
 * 13.4 Q6 does, and the original counts there (1195, 1215, 1288). One that is refused before, for want of a file system (1172) or
 * of a page below EOF (1219-1227), is none.
 *
 * Not verified: pages and objects that no call touched, in between; who holds a reference; that the counts of queues are their
 * lengths. No pager changes those but through the kernel's own functions, and where flags that a pager has changed would make one
 * of them corrupt a queue, and miscount it, the kernel traps (no-trap).
 */
import {
  OBJ_CANPERSIST,
  OBJ_DEAD,
  PG_ACTIVE,
  PG_CACHE,
  PG_FREE,
  PG_INACTIVE,
  VM_PAGER_AGAIN,
  VM_PAGER_BAD,
  VM_PAGER_OK,
} from '../src/trace/codes.ts';
import type { PagerCall, Transfer } from '../src/trace/observer.ts';
import { DEPTH_MAX, FAILURE, isThread, THREADS_MAX, type CallFrame } from '../model/calls.ts';
import type { Property } from './property.ts';
import { counted, Watcher } from './watcher.ts';

const COUNTED = 'operations-counted';
const QUEUES = 'queues-as-flagged';
const RESIDENT = 'resident-pages-counted';
const REFERENCES = 'references-kept';
const LET_GO = 'pages-let-go';

/** A bound against targets that number their objects madly. */
const OBJECTS_MAX = 1 << 20;

const QUEUE_FLAGS = PG_ACTIVE | PG_INACTIVE | PG_CACHE | PG_FREE;

/** `v_vnodein`, `v_vnodepgsin`, `v_vnodeout`, `v_vnodepgsout`. */
const COUNTERS = 4;

class Bookkeeping extends Watcher {
  /** Calls that may count: of all threads, and of each. */
  private open = 0;
  private readonly depths = new Int32Array(THREADS_MAX);
  private readonly seen = new Int32Array(COUNTERS);
  /** What each thread has counted in the innermost of them. */
  private readonly counted = new Int32Array(THREADS_MAX * COUNTERS);
  /** By thread and depth: what the outer call had counted when this one began. */
  private readonly kept = new Int32Array(THREADS_MAX * DEPTH_MAX * COUNTERS);
  /** By thread and depth: pages of the run that transfers carry. */
  private readonly carried = new Int32Array(THREADS_MAX * DEPTH_MAX);
  /** Tabled pages by object. */
  private resident = new Int32Array(8);

  protected override reset(): void {
    this.open = 0;
    this.depths.fill(0);
    this.counted.fill(0);
    this.resident.fill(0);
  }

  objectCreated(object: number): void {
    if (object >= this.resident.length && object < OBJECTS_MAX) {
      const grown = new Int32Array(2 * object);
      grown.set(this.resident);
      this.resident = grown;
    }
    this.resident[object] = 0;
  }

  pageAllocated(_thread: number, _frame: number, object: number): void {
    this.resident[object]!++;
  }

  pageFreed(frame: number): void {
    const object = this.view.pageObject(frame);
    if (object >= 0) this.resident[object]!--;
  }

  objectFreed(object: number): void {
    this.judgeResident(object);
  }

  settlementBegin(): void {
    this.judgeAll();
  }

  settled(): void {
    this.judgeAll();
  }

  /** Pages and objects, whether a call touched them or not. */
  private judgeAll(): void {
    const { view } = this;
    for (let frame = 0; frame < view.geometry.frames; frame++) this.judgeQueue(frame);
    for (const object of this.model.claims.objects) this.judgeResident(object);
  }

  /** Charges what was counted since the last look to whoever ran. */
  private charge(): void {
    const { view, seen } = this;
    const at = this.model.calls.running * COUNTERS;
    for (let which = 0; which < COUNTERS; which++) {
      const now = view.counter(which) | 0;
      this.counted[at + which]! += now - seen[which]!;
      seen[which] = now;
    }
  }

  leave(): void {
    if (this.open > 0) this.charge();
  }

  pagerCall(call: PagerCall): void {
    const { thread } = call;
    if (!isCounting(call) || !isThread(thread)) return;
    const { view } = this;
    if (this.open === 0)
      for (let which = 0; which < COUNTERS; which++) this.seen[which] = view.counter(which);
    else this.charge();
    this.open++;
    const depth = this.depths[thread]!++;
    if (depth >= DEPTH_MAX) return;
    const at = thread * DEPTH_MAX + depth;
    for (let which = 0; which < COUNTERS; which++) {
      this.kept[at * COUNTERS + which] = this.counted[thread * COUNTERS + which]!;
      this.counted[thread * COUNTERS + which] = 0;
    }
    this.carried[at] = 0;
  }

  transferStart(transfer: Transfer): void {
    const { thread } = transfer;
    if (this.open === 0 || transfer.pbuf < 0) return;
    const frame = this.model.calls.top(thread);
    const call = frame === null ? null : frame.call;
    if (call === null || call.count === 0) return;
    const depth = this.depths[thread]! - 1;
    if (depth >= DEPTH_MAX) return;
    const at = thread * DEPTH_MAX + depth;
    for (let i = 0; i < transfer.frameCount; i++) {
      for (let index = 0; index < call.count; index++)
        if (call.frames[index] === transfer.frames[i]) this.carried[at]! |= 1 << index;
    }
  }

  pagerReturn(call: PagerCall): void {
    const { thread } = call;
    if (call.function === 'iodone') {
      this.judgeCarried(call.size);
      return;
    }
    if (!isCounting(call) || !isThread(thread) || this.depths[thread] === 0) return;
    this.charge();
    const depth = --this.depths[thread]!;
    this.open--;
    if (depth >= DEPTH_MAX) return;
    const at = thread * DEPTH_MAX + depth;
    const first = thread * COUNTERS;
    const { returning } = this.model;
    if (call.count === 0) {
      this.judgeNoCounters(call, first);
    } else if (returning !== null) {
      if (call.function === 'putmulti' || call.function === 'putpage')
        this.judgePutCounters(call, returning, this.counted[first + 2]!, this.counted[first + 3]!, at);
      else this.judgeGetCounters(call, returning, this.counted[first]!, this.counted[first + 1]!, at);
      this.judgeReferences(call, returning);
      this.judgePages(call, returning);
      if (this.isThere(call.object)) this.judgeResident(call.object);
    }
    // what an inner call counted is not the outer one's
    for (let which = 0; which < COUNTERS; which++)
      this.counted[first + which] = this.kept[at * COUNTERS + which]!;
  }

  /** Only gets and puts are page-in and page-out operations; those within another call count for themselves. */
  private judgeNoCounters(call: PagerCall, first: number): void {
    const { counted: counts } = this;
    const ins = counts[first]! | counts[first + 1]!;
    const outs = counts[first + 2]! | counts[first + 3]!;
    if ((ins | outs) === 0) return;
    const from = ins === 0 ? first + 2 : first;
    const expected = 'nothing counted, since it is neither a get nor a put';
    this.complainCounters(call, expected, counts[from]!, counts[from + 1]!, ins === 0 ? 'out' : 'in');
  }

  private isThere(object: number): boolean {
    return object >= 0 && this.model.claims.objectBirth(object) !== 0;
  }

  private judgeGetCounters(
    call: PagerCall,
    frame: CallFrame,
    operations: number,
    pages: number,
    at: number,
  ): void {
    const read = countBits(this.carried[at]!);
    if (read > 0) {
      if (operations === 1 && pages === read) return;
      this.complainCounters(call, `1 operation and ${counted(read, 'page')} in`, operations, pages, 'in');
      return;
    }
    const { files, fileSystems } = this.context.scenario;
    const isUnmapped = fileSystems[files[call.file]!.fileSystem]!.blockMap === 'none';
    if (operations === 0 && pages === 0) {
      if (!isUnmapped || call.result !== VM_PAGER_OK) return;
      // what was not valid can only come from VOP_READ
      if (frame.valid[call.reqpage] === this.model.files.store.allBits) return;
      this.complainCounters(call, '1 operation and 1 page in, through VOP_READ', operations, pages, 'in');
      return;
    }
    // reading through the file system is not seen as a transfer, nor what failed before one; a page refused at once is not read
    const isRefused = call.result === VM_PAGER_BAD && !frame.interleaved;
    const isThroughFile = isUnmapped || (frame.failures & FAILURE.bmap) !== 0;
    if (!isRefused && isThroughFile && operations === 1 && pages === 1) return;
    this.complainCounters(call, 'nothing counted, since nothing was read', operations, pages, 'in');
  }

  private judgePutCounters(
    call: PagerCall,
    frame: CallFrame,
    operations: number,
    pages: number,
    at: number,
  ): void {
    const written = countBits(this.carried[at]!);
    const isNone = operations === 0 && pages === 0;
    if (written === 0 && this.isRefused(call, frame)) {
      if (!isNone)
        this.complainCounters(call, 'nothing counted, since the put was refused', operations, pages, 'out');
      return;
    }
    if (operations === 1 && pages >= Math.max(written, 1) && pages <= call.count) return;
    const isOperation = written > 0 || this.isAttempted(call, frame) || this.hasWritten(call, frame);
    if (isNone && !isOperation) return;
    const expected = isOperation
      ? `1 operation with ${counted(Math.max(written, 1), 'page')} or more`
      : 'at most 1 operation';
    this.complainCounters(
      call,
      `${expected}, of ${counted(call.count, 'page')} offered`,
      operations,
      pages,
      'out',
    );
  }

  /** Whether nothing could be written from the beginning to the end of a put. */
  private isRefused(call: PagerCall, frame: CallFrame): boolean {
    if (!frame.mounted) return true;
    const start = call.page * this.model.files.store.pageSize;
    return start >= frame.maxEof || start >= frame.knownEof;
  }

  /** Whether nothing could keep a put from one of the ways to write, and it did not put everything off either. */
  private isAttempted(call: PagerCall, frame: CallFrame): boolean {
    if (!this.view.fileMounted(call.file)) return false;
    if (call.page * this.model.files.store.pageSize >= frame.minEof) return false;
    for (let i = 0; i < call.count; i++) if (call.rtvals[i] !== VM_PAGER_AGAIN) return true;
    return false;
  }

  /** Whether a put without a transfer says that it brought something to the disk: it was written as a file then. */
  private hasWritten(call: PagerCall, frame: CallFrame): boolean {
    // others may have written it meanwhile
    if (frame.interleaved) return false;
    const { store } = this.model.files;
    for (let i = 0; i < call.count; i++) {
      const below = Math.min(store.pageSize, frame.minEof - (call.page + i) * store.pageSize);
      if (call.rtvals[i] !== VM_PAGER_OK || below <= 0) continue;
      // what was in a dirty buffer already need not be written again
      if (this.isBuffered(call.file, call.page + i)) continue;
      if ((frame.valid[i]! & frame.dirty[i]! & store.chunksOf(0, below)) !== 0) return true;
    }
    return false;
  }

  private complainCounters(
    call: PagerCall,
    expected: string,
    operations: number,
    pages: number,
    way: string,
  ): void {
    this.report(COUNTED, () => ({
      what: `v_vnode${way} and v_vnodepgs${way} do not count what ${call.function} of file ${call.file} did`,
      expected,
      observed: `${counted(operations, 'operation')} and ${counted(pages, 'page')}`,
    }));
  }

  private judgeReferences(call: PagerCall, frame: CallFrame): void {
    const { view } = this;
    const { calls } = this.model;
    const { object } = call;
    if (!calls.isSameObject(frame)) return;
    const now = view.objectReferences(object);
    const gained = calls.gainedReferences(frame);
    if (gained !== 0) {
      this.complainReferences(object, 'as many references as before', `${gained} more, ${now} in all`);
      return;
    }
    if (!view.objectCached(object)) return;
    const flags = view.objectFlags(object);
    if (now === 0 && (flags & OBJ_CANPERSIST) !== 0 && (flags & OBJ_DEAD) === 0) return;
    this.complainReferences(
      object,
      'a cached object has no reference, may persist, and is not dead',
      `${counted(now, 'reference')}, flags ${flags.toString(16)}`,
    );
  }

  private complainReferences(object: number, expected: string, observed: string): void {
    this.report(REFERENCES, () => ({
      what: `${this.objectName(object)} is not referenced as it should be`,
      expected,
      observed,
    }));
  }

  private judgePages(call: PagerCall, frame: CallFrame): void {
    for (let i = 0; i < call.count; i++) {
      const page = call.frames[i]!;
      this.judgeQueue(page);
      if (this.model.stillThere(call, frame, i)) this.judgeLetGo(page);
    }
  }

  /** Nobody wires or holds the pages that a pager is given (13.4 P1, 11.3): who does while it has them must undo it. */
  private judgeLetGo(page: number): void {
    const { view } = this;
    const wired = view.pageWired(page);
    const held = view.pageHeld(page);
    if (wired === 0 && held === 0) return;
    this.report(LET_GO, () => ({
      what: `${this.pageName(page)} is kept by the pager although its call or transfer is over`,
      expected: 'neither wired nor held',
      observed: `wired ${counted(wired, 'time')}, held ${counted(held, 'time')}`,
    }));
  }

  /** Pages of an asynchronous transfer that has completed. */
  private judgeCarried(pbuf: number): void {
    const { view } = this;
    const { claims } = this.model;
    if (claims.completedObject === -1) return;
    for (let i = 0; i < claims.carriedCount(pbuf); i++) {
      const frame = claims.carriedFrame(pbuf, i);
      if (frame < 0) continue;
      this.judgeQueue(frame);
      if (view.pageObject(frame) === claims.completedObject) this.judgeLetGo(frame);
    }
  }

  private judgeQueue(frame: number): void {
    const { view } = this;
    const flags = view.pageFlags(frame) & QUEUE_FLAGS;
    const queue = view.pageQueue(frame);
    if (queue === flags && (queue === 0 || view.pageWired(frame) === 0)) return;
    this.report(QUEUES, () => ({
      what: `${this.pageName(frame)} is not on the queue that its flags name`,
      expected: flags === 0 ? 'no queue' : `queue flags ${flags.toString(16)}`,
      observed: queue === 0 ? 'on no queue' : `on the queue of flag ${queue.toString(16)}`,
    }));
  }

  private judgeResident(object: number): void {
    const { view } = this;
    const tabled = this.resident[object]!;
    if (view.objectResident(object) === tabled) return;
    this.report(RESIDENT, () => ({
      what: `resident_page_count of ${this.objectName(object)} is not the number of its pages`,
      expected: `${tabled}`,
      observed: `${view.objectResident(object)}`,
    }));
  }
}

/** Whether a call may count: not a completion, nor haspage, which others judge (haspage-changes-nothing). */
function isCounting(call: PagerCall): boolean {
  return call.function !== 'iodone' && call.function !== 'haspage';
}

function countBits(mask: number): number {
  let count = 0;
  for (let rest = mask; rest !== 0; rest &= rest - 1) count++;
  return count;
}

const monitor = (): Bookkeeping => new Bookkeeping();

/** Properties of counters, queues and references. */
export const BOOKKEEPING: readonly Property[] = [
  {
    id: COUNTED,
    kind: 'always',
    statement:
      'A get that reads counts as one page-in operation with the pages read, one that reads nothing as none; ' +
      'a put counts as one page-out operation, whatever comes of it, unless it is refused; other calls count nothing.',
    source: '13.4 Q6 (762-763, 779-780, 912-913, 938), 13.6 Q8 (1195-1196, 1215-1216, 1288-1289)',
    observes:
      'how far each call but haspage has moved the four counters, not counting calls of others and within it',
    doesNotVerify:
      'whether pages that a put did not write are counted; whether a put that wrote nothing is counted if it began or ended ' +
      'past EOF or without a file system but not both, or if it put everything off',
    monitor,
  },
  {
    id: QUEUES,
    kind: 'always',
    statement:
      'A page is on the queue that its flags name, on none if they name none, and on none if it is wired.',
    source: 'G2',
    observes:
      'the pages of each get and put when it returns, of asynchronous transfers when they have completed; ' +
      'all when the settlement begins and when it ends',
    doesNotVerify:
      'pages that no call touched, before that; the counts of queues, which only the kernel changes: ' +
      'flags that would make it corrupt a queue are a trap (no-trap)',
    monitor,
  },
  {
    id: LET_GO,
    kind: 'always',
    statement: 'No page stays wired or held by a get, a put or an asynchronous transfer that is over.',
    source: 'G2, 3.1, 13.4 P1, 13.6 P1',
    observes:
      'the pages of each get and put when it returns, of asynchronous transfers when they have completed',
    doesNotVerify: 'pages that are no part of the call; pages that are wired and held for a time within it',
    monitor,
  },
  {
    id: RESIDENT,
    kind: 'always',
    statement: 'resident_page_count of an object is the number of its pages.',
    source: 'G3',
    observes:
      'the object of each get and put when it returns; all objects when the settlement begins, and when they are freed',
    doesNotVerify: 'objects that no call touched, before that',
    monitor,
  },
  {
    id: REFERENCES,
    kind: 'always',
    statement:
      'A get or put leaves the references of its object as they were; a cached object has none and may persist.',
    source: 'G14',
    observes: 'the object of each get and put whenever its thread begins, sleeps, goes on and returns',
    doesNotVerify: 'who holds a reference; what alloc, setsize and uncache do (their own properties)',
    monitor,
  },
];
