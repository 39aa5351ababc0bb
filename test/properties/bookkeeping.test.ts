/**
 * Guards the properties of counters, queues, resident pages and references: numbers that a pager forgets, doubles or upsets.
 */
import { BOOKKEEPING } from '../../properties/bookkeeping.ts';
import {
  PG_ACTIVE,
  PG_CACHE,
  PG_FREE,
  PG_INACTIVE,
  VM_PAGER_AGAIN,
  VM_PAGER_BAD,
  VM_PAGER_ERROR,
  VM_PAGER_FAIL,
  VM_PAGER_OK,
} from '../../src/trace/codes.ts';
import type { Setting } from '../model/support/scene.ts';
import type { Stage } from '../model/support/stage.ts';
import { ALL } from '../model/support/scene.ts';
import { testFamily } from './support/judged.ts';
import { completed, get, right, wrong } from './support/traces.ts';

/** Files that only VOP_READ and VOP_WRITE know. */
const UNMAPPED: Setting = { fileSystems: [{ blockMap: 'none' }] };

/** A get of the first page that reads it, and counts so many operations and pages. */
const reading = (
  operations: number,
  pages: number,
  during: (stage: Stage, frame: number) => void = () => {},
) =>
  get(0, VM_PAGER_OK, (stage, frame) => {
    stage.finish(stage.transfer([frame]));
    count(stage, operations, pages);
    during(stage, frame);
  });

/** A page is brought in and queued; what happens to it while no call touches it, before everything is given up. */
const untouched =
  (happens: (stage: Stage, frame: number) => void) =>
  (stage: Stage): void => {
    const frame = stage.fault(stage.object(0), 0);
    happens(stage, frame);
    stage.settle();
  };

/** A get that reads nothing, with that result. */
const idle = (operations: number, pages: number, result: number) =>
  get(0, result, (stage) => count(stage, operations, pages));

/** A pager counts page-ins. */
function count(stage: Stage, operations: number, pages: number): void {
  stage.countsByItself = false;
  stage.counted[0]! += operations;
  stage.counted[1]! += pages;
}

/** A put of the first two pages; `written` of them are, and so many operations and pages are counted. */
const put =
  (written: number, operations: number, pages: number) =>
  (stage: Stage): void => {
    stage.countsByItself = false;
    const object = stage.object(0);
    stage.claim(object, 2);
    const frames = [0, 1].map((index) => {
      const frame = stage.allocate(object, index);
      stage.fill(frame);
      stage.store(frame, 0, 8);
      return frame;
    });
    const call = stage.call('putmulti', { run: frames });
    if (written > 0) stage.finish(stage.transfer(frames.slice(0, written), { write: true }));
    for (const frame of frames.slice(0, written)) {
      stage.save(frame, ALL);
      stage.pages[frame]!.dirty = 0;
    }
    stage.counted[2]! += operations;
    stage.counted[3]! += pages;
    stage.return(call, VM_PAGER_OK, [VM_PAGER_OK, VM_PAGER_OK]);
  };

/** A put of one page that writes nothing, with that status; so many operations of one page are counted. */
const unwritten =
  (status: number, operations: number, index: number, before: (stage: Stage) => void = () => {}) =>
  (stage: Stage): void => {
    stage.countsByItself = false;
    const frame = stage.allocate(stage.object(0), index);
    stage.pages[frame]!.valid = ALL;
    stage.store(frame, 0, 8);
    before(stage);
    const call = stage.call('putmulti', { run: [frame] });
    stage.counted[2]! += operations;
    stage.counted[3]! += operations;
    stage.return(call, status, [status]);
  };

const disconnect = (stage: Stage): void => {
  stage.fileList[0]!.mounted = false;
  stage.observer.disconnected(0);
};

/** Two gets of different threads, the second within the first, that count so many operations. */
const interleaved = (first: number, second: number, during: (stage: Stage) => void = () => {}) =>
  get(0, VM_PAGER_OK, (stage, frame) => {
    stage.finish(stage.transfer([frame]));
    count(stage, first, 1);
    stage.sleep(0);
    stage.operation(5, 'fault', 1);
    const other = stage.allocate(0, 1, 1);
    const call = stage.call('getmulti', { run: [other], thread: 1 });
    stage.finish(stage.transfer([other], { thread: 1, pbuf: 1 }));
    stage.fill(other);
    count(stage, second, 1);
    during(stage);
    stage.return(call, VM_PAGER_OK);
    stage.resume(0);
  });

testFamily(
  BOOKKEEPING,
  [
    wrong(
      'operations-counted',
      'the get of one of two threads is counted by the other',
      interleaved(0, 2),
      undefined,
      '2 operations',
    ),
    wrong(
      'operations-counted',
      'a get during which another thread was in a get counts twice',
      interleaved(2, 1),
      undefined,
      '2 operations',
    ),
    wrong(
      'operations-counted',
      'a get through VOP_READ is not counted',
      idle(0, 0, VM_PAGER_OK),
      UNMAPPED,
      'VOP_READ',
    ),
    wrong(
      'operations-counted',
      'a get that failed before it read anything is counted',
      idle(1, 1, VM_PAGER_ERROR),
      undefined,
      'nothing was read',
    ),
    wrong(
      'operations-counted',
      'a put through VOP_WRITE is not counted',
      put(0, 0, 0),
      undefined,
      '1 operation',
    ),
    wrong(
      'queues-as-flagged',
      'the completion of an asynchronous transfer sets a flag and no more',
      completed((page) => {
        page.queue = 0;
      }),
      undefined,
      'on no queue',
    ),
    wrong(
      'operations-counted',
      'setsize counts as a page-in',
      (stage) => {
        const call = stage.call('setsize', { file: 0, size: 64 });
        stage.counted[0]! += 1;
        stage.return(call);
      },
      undefined,
      'neither a get nor a put',
    ),
    wrong(
      'pages-let-go',
      'the completion of an asynchronous transfer holds a page',
      completed((page) => {
        page.held = 1;
      }),
      undefined,
      'held 1 time',
    ),
    wrong(
      'pages-let-go',
      'a get leaves its page wired',
      reading(1, 1, (stage, frame) => {
        stage.pages[frame]!.wired = 1;
      }),
      undefined,
      'wired 1 time',
    ),
    wrong(
      'references-kept',
      'a get that sleeps while another thread runs keeps a reference',
      interleaved(1, 1, (stage) => {
        stage.sleep(1);
        stage.resume(0);
        stage.objectList[0]!.references++;
        stage.sleep(0);
        stage.resume(1);
      }),
      undefined,
      '1 more',
    ),
    wrong(
      'operations-counted',
      'a get that read is not counted',
      reading(0, 0),
      undefined,
      '0 operations and 0 pages',
    ),
    wrong(
      'operations-counted',
      'a get is counted twice',
      reading(2, 1),
      undefined,
      '2 operations and 1 page',
    ),
    wrong(
      'operations-counted',
      'a page that was not read is counted',
      reading(1, 2),
      undefined,
      '1 operation and 2 pages',
    ),
    wrong(
      'operations-counted',
      'a get that read nothing is counted',
      idle(1, 1, VM_PAGER_OK),
      undefined,
      'nothing was read',
    ),
    wrong(
      'operations-counted',
      'a refused get of a file without blocks is counted',
      idle(1, 1, VM_PAGER_BAD),
      UNMAPPED,
      'nothing was read',
    ),
    wrong(
      'operations-counted',
      'a put that wrote is not counted',
      put(2, 0, 0),
      undefined,
      '0 operations and 0 pages',
    ),
    wrong(
      'operations-counted',
      'a put that was refused is counted',
      unwritten(VM_PAGER_BAD, 1, 4),
      undefined,
      'the put was refused',
    ),
    wrong(
      'operations-counted',
      'a put on a file system that was gone is counted',
      unwritten(VM_PAGER_FAIL, 1, 0, disconnect),
      undefined,
      'the put was refused',
    ),
    wrong(
      'operations-counted',
      'a put that failed before a transfer is not counted',
      unwritten(VM_PAGER_ERROR, 0, 0),
      undefined,
      '1 operation with 1 page or more',
    ),
    wrong(
      'operations-counted',
      'a put counts again when it tries again',
      put(2, 2, 3),
      undefined,
      '2 operations and 3 pages',
    ),
    wrong(
      'operations-counted',
      'a page that was written is not counted',
      put(2, 1, 1),
      undefined,
      '1 operation and 1 page',
    ),
    wrong(
      'operations-counted',
      'more pages are counted than were offered',
      put(2, 1, 3),
      undefined,
      '1 operation and 3 pages',
    ),
    wrong(
      'queues-as-flagged',
      'a flag says a queue on which the page is not',
      reading(1, 1, (stage, frame) => {
        stage.pages[frame]!.flags |= PG_ACTIVE;
        stage.pages[frame]!.queue = 0;
      }),
      undefined,
      'on no queue',
    ),
    wrong(
      'queues-as-flagged',
      'the page is on a queue that its flags do not say',
      reading(1, 1, (stage, frame) => {
        stage.pages[frame]!.queue = PG_INACTIVE;
      }),
      undefined,
      'on the queue of flag',
    ),
    wrong(
      'resident-pages-counted',
      'the count is one too many',
      reading(1, 1, (stage) => {
        stage.residentError = 1;
      }),
      undefined,
      'resident_page_count',
    ),
    wrong(
      'queues-as-flagged',
      'a page that no call touches has a flag too many',
      untouched((stage, frame) => {
        stage.pages[frame]!.flags |= PG_ACTIVE;
        stage.pages[frame]!.queue = PG_INACTIVE;
      }),
      undefined,
      'file 0 page 0 is not on the queue',
    ),
    wrong(
      'queues-as-flagged',
      'a free page does not say so',
      untouched((stage) => {
        stage.pages[9]!.flags = 0;
        stage.pages[9]!.queue = PG_FREE;
      }),
      undefined,
      'frame 9 is not on the queue',
    ),
    wrong(
      'queues-as-flagged',
      'the settlement leaves a page on another queue than its flags say',
      (stage) =>
        stage.settle(() => {
          stage.pages[9]!.queue = PG_CACHE;
        }),
      undefined,
      'frame 9 is not on the queue',
    ),
    wrong(
      'resident-pages-counted',
      'the count of an object that no call touches is one too few',
      untouched((stage) => {
        stage.residentError = -1;
      }),
      undefined,
      '"expected":"1","observed":"0"',
    ),
    wrong(
      'resident-pages-counted',
      'an object goes that still counts a page',
      (stage) => {
        const object = stage.object(0);
        stage.residentError = 1;
        stage.dropObject(object);
      },
      undefined,
      '"expected":"0","observed":"1"',
    ),
    wrong(
      'references-kept',
      'a get keeps a reference',
      reading(1, 1, (stage) => {
        stage.objectList[0]!.references++;
      }),
      undefined,
      '1 more, 2 in all',
    ),
    wrong(
      'references-kept',
      'a referenced object is cached',
      reading(1, 1, (stage) => {
        stage.objectList[0]!.cached = true;
      }),
      undefined,
      'a cached object has no reference',
    ),
  ],
  [
    right(
      'pages and objects that no call touches are as they should be',
      untouched(() => {}),
    ),
    right('gets of two threads are counted by each', interleaved(1, 1)),
    right(
      'another thread refers to the object while a get sleeps',
      interleaved(1, 1, (stage) => {
        stage.operation(6, 'fault', 2);
        stage.objectList[0]!.references++;
        stage.resume(1);
      }),
      { threads: 3 },
    ),
    right(
      'what an asynchronous transfer brought is on the queue of its flags',
      completed(() => {}),
    ),
    right('what was read is counted once', reading(1, 1)),
    right(
      'a page that no call is about is held',
      reading(1, 1, (stage) => {
        stage.pages[9]!.held = 1;
      }),
    ),
    right('nothing is read and nothing counted', idle(0, 0, VM_PAGER_OK)),
    right('a page is read through the file system', idle(1, 1, VM_PAGER_OK), UNMAPPED),
    right('what was written is counted once', put(2, 1, 2)),
    right('a put that is refused is not counted', unwritten(VM_PAGER_BAD, 0, 4)),
    right('a put without a file system is not counted', unwritten(VM_PAGER_FAIL, 0, 0, disconnect)),
    right('a put that fails before a transfer is counted', unwritten(VM_PAGER_ERROR, 1, 0)),
    right('a put that puts everything off is counted', unwritten(VM_PAGER_AGAIN, 1, 0)),
    right('a put that puts everything off is not counted', unwritten(VM_PAGER_AGAIN, 0, 0)),
    right('the rest of a run that was not written is counted too', put(1, 1, 2)),
  ],
);
