/**
 * Guards the properties of counters, queues, resident pages and references: numbers that a pager forgets, doubles or upsets.
 */
import { BOOKKEEPING } from '../../properties/bookkeeping.ts';
import { PG_ACTIVE, PG_INACTIVE, VM_PAGER_BAD, VM_PAGER_OK } from '../../src/trace/codes.ts';
import type { Setting } from '../model/support/scene.ts';
import type { Stage } from '../model/support/stage.ts';
import { ALL } from '../model/support/scene.ts';
import { testFamily, type Broken, type Lawful } from './support/judged.ts';

/** Files that only VOP_READ and VOP_WRITE know. */
const UNMAPPED: Setting = { fileSystems: [{ blockMap: 'none' }] };

/** A get of the first page that reads it, and counts so many operations and pages. */
const get =
  (operations: number, pages: number, during: (stage: Stage, frame: number) => void = () => {}) =>
  (stage: Stage): void => {
    stage.countsByItself = false;
    const object = stage.object(0);
    stage.claim(object, 1);
    const frame = stage.allocate(object, 0);
    const call = stage.call('getmulti', { run: [frame] });
    stage.finish(stage.transfer([frame]));
    stage.fill(frame);
    stage.counted[0]! += operations;
    stage.counted[1]! += pages;
    during(stage, frame);
    stage.return(call, VM_PAGER_OK);
  };

/** A get that reads nothing, with that result. */
const idle =
  (operations: number, pages: number, result: number) =>
  (stage: Stage): void => {
    stage.countsByItself = false;
    const object = stage.object(0);
    stage.claim(object, 1);
    const frame = stage.allocate(object, 0);
    const call = stage.call('getmulti', { run: [frame] });
    if (result === VM_PAGER_OK) stage.fill(frame);
    stage.counted[0]! += operations;
    stage.counted[1]! += pages;
    stage.return(call, result);
  };

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

const broken = (
  property: string,
  when: string,
  play: Broken['play'],
  says: string,
  setting?: Setting,
): Broken => ({
  property,
  when,
  play,
  says,
  ...(setting === undefined ? {} : { setting }),
});

const lawful = (when: string, play: Lawful['play'], setting?: Setting): Lawful => ({
  when,
  play,
  ...(setting === undefined ? {} : { setting }),
});

testFamily(
  BOOKKEEPING,
  [
    broken('operations-counted', 'a get that read is not counted', get(0, 0), '0 operations and 0 pages'),
    broken('operations-counted', 'a get is counted twice', get(2, 1), '2 operations and 1 pages'),
    broken(
      'operations-counted',
      'a page that was not read is counted',
      get(1, 2),
      '1 operations and 2 pages',
    ),
    broken(
      'operations-counted',
      'a get that read nothing is counted',
      idle(1, 1, VM_PAGER_OK),
      'nothing was read',
    ),
    broken(
      'operations-counted',
      'a refused get of a file without blocks is counted',
      idle(1, 1, VM_PAGER_BAD),
      'nothing was read',
      UNMAPPED,
    ),
    broken('operations-counted', 'a put that wrote is not counted', put(2, 0, 0), '0 operations and 0 pages'),
    broken(
      'operations-counted',
      'a put counts again when it tries again',
      put(2, 2, 3),
      '2 operations and 3 pages',
    ),
    broken(
      'operations-counted',
      'a page that was written is not counted',
      put(2, 1, 1),
      '1 operations and 1 pages',
    ),
    broken(
      'operations-counted',
      'more pages are counted than were offered',
      put(2, 1, 3),
      '1 operations and 3 pages',
    ),
    broken(
      'queues-as-flagged',
      'a flag says a queue on which the page is not',
      get(1, 1, (stage, frame) => {
        stage.pages[frame]!.flags |= PG_ACTIVE;
        stage.pages[frame]!.queue = 0;
      }),
      'on no queue',
    ),
    broken(
      'queues-as-flagged',
      'the page is on a queue that its flags do not say',
      get(1, 1, (stage, frame) => {
        stage.pages[frame]!.queue = PG_INACTIVE;
      }),
      'on the queue of flag',
    ),
    broken(
      'resident-pages-counted',
      'the count is one too many',
      get(1, 1, (stage) => {
        stage.residentError = 1;
      }),
      'resident_page_count',
    ),
    broken(
      'references-kept',
      'a get keeps a reference',
      get(1, 1, (stage) => {
        stage.objectList[0]!.references++;
      }),
      '1 references, as before',
    ),
    broken(
      'references-kept',
      'a referenced object is cached',
      get(1, 1, (stage) => {
        stage.objectList[0]!.cached = true;
      }),
      'a cached object has no reference',
    ),
  ],
  [
    lawful('what was read is counted once', get(1, 1)),
    lawful('nothing is read and nothing counted', idle(0, 0, VM_PAGER_OK)),
    lawful('a page is read through the file system', idle(1, 1, VM_PAGER_OK), UNMAPPED),
    lawful('what was written is counted once', put(2, 1, 2)),
    lawful('the rest of a run that was not written is counted too', put(1, 1, 2)),
    lawful('another call comes in between', (stage) => {
      const object = stage.object(0);
      const one = stage.allocate(object, 0);
      const other = stage.allocate(object, 1, 1);
      const first = stage.call('getmulti', { run: [one] });
      const second = stage.call('getmulti', { run: [other], thread: 1 });
      stage.counted[0] = 2;
      stage.counted[1] = 2;
      stage.fill(one);
      stage.return(first, VM_PAGER_OK);
      stage.fill(other);
      stage.return(second, VM_PAGER_OK);
    }),
  ],
);
