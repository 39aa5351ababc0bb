/**
 * Bookkeeping: the numbers that a pager keeps, or leaves others to keep, beside what it is asked for: page-out accounting, paging
 * queues, pages of an object, references of an object.
 *
 * Verified: what one get or put adds to the counters, if no other runs meanwhile; that the pages of a call are on the queue
 * that their flags name, that their object counts as many pages as were tabled, and that it is referenced as before.
 *
 * Not verified: the lengths of queues; pages and objects that no call touched; who holds a reference.
 */
import {
  OBJ_CANPERSIST,
  OBJ_DEAD,
  PG_ACTIVE,
  PG_CACHE,
  PG_FREE,
  PG_INACTIVE,
  VM_PAGER_BAD,
  VM_PAGER_ERROR,
} from '../src/trace/codes.ts';
import type { PagerCall, Transfer } from '../src/trace/observer.ts';
import { FAILURE, type CallFrame } from '../model/calls.ts';
import type { Property } from './property.ts';
import { Watcher } from './watcher.ts';

const COUNTED = 'operations-counted';
const QUEUES = 'queues-as-flagged';
const RESIDENT = 'resident-pages-counted';
const REFERENCES = 'references-kept';

/** A bound against targets that number their objects madly. */
const OBJECTS_MAX = 1 << 20;

const QUEUE_FLAGS = PG_ACTIVE | PG_INACTIVE | PG_CACHE | PG_FREE;

class Bookkeeping extends Watcher {
  /** Gets and puts under way, and how many have begun. */
  private open = 0;
  private begun = 0;
  /** The one that began when no other was under way: its number, the counters then, its object and references. */
  private alone = -1;
  private operationsIn = 0;
  private pagesIn = 0;
  private operationsOut = 0;
  private pagesOut = 0;
  private references = 0;
  /** Pages of its run that transfers of it carry. */
  private carried = 0;
  /** Tabled pages by object. */
  private resident = new Int32Array(8);

  protected override reset(): void {
    this.open = 0;
    this.begun = 0;
    this.alone = -1;
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

  pagerCall(call: PagerCall): void {
    if (call.count === 0) return;
    this.open++;
    this.begun++;
    if (this.open > 1) return;
    const { view } = this;
    this.alone = this.begun;
    this.operationsIn = view.counter(0);
    this.pagesIn = view.counter(1);
    this.operationsOut = view.counter(2);
    this.pagesOut = view.counter(3);
    this.references = this.isThere(call.object) ? view.objectReferences(call.object) : 0;
    this.carried = 0;
  }

  transferStart(transfer: Transfer): void {
    if (this.open !== 1 || transfer.pbuf < 0) return;
    const frame = this.model.calls.top(transfer.thread);
    const call = frame === null ? null : frame.call;
    if (call === null || call.count === 0) return;
    for (let i = 0; i < transfer.frameCount; i++) {
      for (let index = 0; index < call.count; index++)
        if (call.frames[index] === transfer.frames[i]) this.carried |= 1 << index;
    }
  }

  pagerReturn(call: PagerCall): void {
    if (call.count === 0) return;
    if (this.open > 0) this.open--;
    // if another began meanwhile, what was counted cannot be told apart
    const isAlone = this.alone === this.begun;
    this.alone = -1;
    const { returning } = this.model;
    if (returning === null) return;
    if (isAlone) {
      const isPut = call.function === 'putmulti' || call.function === 'putpage';
      if (isPut) this.judgePutCounters(call);
      else this.judgeGetCounters(call, returning);
      if (!returning.interleaved) this.judgeReferences(call);
    }
    this.judgeQueues(call);
    this.judgeResident(call);
  }

  private isThere(object: number): boolean {
    return object >= 0 && this.model.claims.objectBirth(object) !== 0;
  }

  private judgeGetCounters(call: PagerCall, frame: CallFrame): void {
    const { view, context } = this;
    const operations = (view.counter(0) - this.operationsIn) >>> 0;
    const pages = (view.counter(1) - this.pagesIn) >>> 0;
    const read = countBits(this.carried);
    if (read > 0) {
      if (operations === 1 && pages === read) return;
      this.complainCounters(call, `1 operation and ${read} pages in`, operations, pages, 'in');
      return;
    }
    if (operations === 0 && pages === 0) return;
    // reading through the file system is not seen as a transfer, nor what failed before one; a page refused at once is not read
    const isRefused = call.result === VM_PAGER_BAD && !frame.interleaved;
    const fs = context.scenario.fileSystems[context.scenario.files[call.file]!.fileSystem]!;
    const isThroughFile = fs.blockMap === 'none' || (frame.failures & FAILURE.bmap) !== 0;
    const isAttempt = call.result === VM_PAGER_ERROR || (!isRefused && isThroughFile);
    if (isAttempt && operations === 1 && pages === 1) return;
    this.complainCounters(call, 'nothing counted, since nothing was read', operations, pages, 'in');
  }

  private judgePutCounters(call: PagerCall): void {
    const { view } = this;
    const operations = (view.counter(2) - this.operationsOut) >>> 0;
    const pages = (view.counter(3) - this.pagesOut) >>> 0;
    const written = countBits(this.carried);
    if (operations === 1 && pages >= Math.max(written, 1) && pages <= call.count) return;
    if (operations === 0 && pages === 0 && written === 0) return;
    const expected = written === 0 ? 'at most 1 operation' : `1 operation with ${written} pages or more`;
    this.complainCounters(call, `${expected}, of ${call.count} pages offered`, operations, pages, 'out');
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
      observed: `${operations} operations and ${pages} pages`,
    }));
  }

  private judgeReferences(call: PagerCall): void {
    const { view } = this;
    const { object } = call;
    if (!this.isThere(object)) return;
    const now = view.objectReferences(object);
    if (now !== this.references) {
      this.complainReferences(object, `${this.references} references, as before`, `${now}`);
      return;
    }
    if (!view.objectCached(object)) return;
    const flags = view.objectFlags(object);
    if (now === 0 && (flags & OBJ_CANPERSIST) !== 0 && (flags & OBJ_DEAD) === 0) return;
    this.complainReferences(
      object,
      'a cached object has no reference, may persist, and is not dead',
      `${now} references, flags ${flags.toString(16)}`,
    );
  }

  private complainReferences(object: number, expected: string, observed: string): void {
    this.report(REFERENCES, () => ({
      what: `${this.objectName(object)} is not referenced as it should be`,
      expected,
      observed,
    }));
  }

  private judgeQueues(call: PagerCall): void {
    const { view } = this;
    for (let i = 0; i < call.count; i++) {
      const frame = call.frames[i]!;
      const flags = view.pageFlags(frame) & QUEUE_FLAGS;
      const queue = view.pageQueue(frame);
      if (queue === flags && (queue === 0 || view.pageWired(frame) === 0)) continue;
      this.report(QUEUES, () => ({
        what: `${this.pageName(frame)} is not on the queue that its flags name`,
        expected: flags === 0 ? 'no queue' : `queue flags ${flags.toString(16)}`,
        observed: queue === 0 ? 'on no queue' : `on the queue of flag ${queue.toString(16)}`,
      }));
    }
  }

  private judgeResident(call: PagerCall): void {
    const { view } = this;
    const { object } = call;
    if (!this.isThere(object)) return;
    const tabled = this.resident[object]!;
    if (view.objectResident(object) === tabled) return;
    this.report(RESIDENT, () => ({
      what: `resident_page_count of ${this.objectName(object)} is not the number of its pages`,
      expected: `${tabled}`,
      observed: `${view.objectResident(object)}`,
    }));
  }
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
      'a put that writes counts as one page-out operation.',
    source: '13.4 Q6, 13.6 Q8',
    observes: 'the four counters when a get or put returns that met no other',
    doesNotVerify:
      'whether pages that a put did not write are counted; gets through VOP_READ beyond one page',
    monitor,
  },
  {
    id: QUEUES,
    kind: 'always',
    statement:
      'A page is on the queue that its flags name, on none if they name none, and on none if it is wired.',
    source: 'G2',
    observes: 'the pages of each get and put when it returns',
    doesNotVerify: 'pages that no call touched, the lengths of queues',
    monitor,
  },
  {
    id: RESIDENT,
    kind: 'always',
    statement: 'resident_page_count of an object is the number of its pages.',
    source: 'G3',
    observes: 'the object of each get and put when it returns',
    doesNotVerify: 'objects that no call touched',
    monitor,
  },
  {
    id: REFERENCES,
    kind: 'always',
    statement:
      'A get or put leaves the references of its object as they were; a cached object has none and may persist.',
    source: 'G14',
    observes: 'the object of each get and put that returns without having slept',
    doesNotVerify: 'references while others run; those of alloc, setsize and uncache (their own properties)',
    monitor,
  },
];
