/**
 * Guards the properties of results: every code where it is wrong, and where it is right although it looks wrong.
 */
import { RESULTS } from '../../properties/results.ts';
import {
  RTVAL_UNSET,
  VM_PAGER_AGAIN,
  VM_PAGER_BAD,
  VM_PAGER_ERROR,
  VM_PAGER_FAIL,
  VM_PAGER_OK,
  VM_PAGER_PEND,
} from '../../src/trace/codes.ts';
import type { Exception } from '../../src/scenario/scenario.ts';
import type { PagerCall, Transfer } from '../../src/trace/observer.ts';
import { ALL, type Setting } from '../model/support/scene.ts';
import type { Stage } from '../model/support/stage.ts';
import { testFamily } from './support/judged.ts';
import { get, right, wrong } from './support/traces.ts';

/** A put of one dirty page below EOF with that status. */
const put =
  (status: number, during: (stage: Stage, frame: number, call: PagerCall) => void = () => {}, page = 0) =>
  (stage: Stage): void => {
    const object = stage.object(0);
    const frame = page < 4 ? stage.fault(object, page) : stage.allocate(object, page);
    if (page >= 4) stage.pages[frame]!.valid = ALL;
    stage.store(frame, 0, 64);
    stage.busy(frame);
    const call = stage.call('putmulti', { run: [frame] });
    if (status === VM_PAGER_OK) {
      stage.save(frame);
      stage.pages[frame]!.dirty = 0;
    }
    during(stage, frame, call);
    stage.return(call, status, [status]);
  };

/** A put of two dirty pages below EOF: the first is written, the other left alone. */
const putTwo =
  (statuses: [number, number], ending: Partial<Transfer>, carried = 1) =>
  (stage: Stage): void => {
    const object = stage.object(0);
    const frames = [stage.fault(object, 0), stage.fault(object, 1)];
    for (const frame of frames) stage.store(frame, 0, 64);
    for (const frame of frames) stage.busy(frame);
    const call = stage.call('putmulti', { run: frames });
    stage.finish(Object.assign(stage.transfer(frames.slice(0, carried), { write: true }), ending));
    stage.return(call, statuses[0], statuses);
  };

/** A sector of page 1 that cannot be written. */
const beyondRepair = (stage: Stage): void => {
  stage.scenario.media.push({ sector: stage.map[0]!.get(1)! + 2, count: 1, access: 'write' });
};

/** Another thread runs, and a block of the file gets this place. */
const placed =
  (block: number, sector: number) =>
  (stage: Stage): void => {
    stage.operation(9, 'write', 1);
    const before = stage.map[0]!.get(block);
    stage.observer.allocated(0, block, sector, 8);
    if (before !== undefined) stage.observer.freed(0, block, before, 8);
  };

/** A sector of page 0 that cannot be written, or read. */
const faulty =
  (access: 'read' | 'write') =>
  (stage: Stage): void => {
    stage.scenario.media.push({ sector: stage.map[0]!.get(0)! + 2, count: 1, access });
  };
const unwritable = faulty('write');

/** The disk is full, and the file has one block. */
const FULL: Setting = {
  files: [{ fileSystem: 0, size: 256, extents: [{ block: 0, sector: 504, count: 1 }] }],
};

/** A transfer of the call that fails. */
const failing =
  (ending: Partial<Transfer>, write = false) =>
  (stage: Stage, frame: number): void =>
    stage.finish(Object.assign(stage.transfer([frame], { write }), ending));

const disconnect = (stage: Stage): void => {
  stage.fileList[0]!.mounted = false;
  stage.observer.disconnected(0);
};

const fault = (choice: Exception['choice'], change: Partial<Exception> = {}): Setting => ({
  faults: [{ operation: 1, thread: 0, choice, subject: 0, ordinal: 0, take: 'error', amount: 0, ...change }],
});

const HOLES: Setting = {
  files: [{ fileSystem: 0, size: 256, extents: [{ block: 0, sector: 40, count: 1 }] }],
};

/** A get that is OK; before it returns another thread's setsize to 0 has begun. */
const truncated = (before: (stage: Stage, frame: number) => void): ((stage: Stage) => void) =>
  get(1, VM_PAGER_OK, (stage, frame) => {
    before(stage, frame);
    stage.call('setsize', { file: 0, size: 0, thread: 1 });
    stage.fileList[0]!.pagerSize = 0;
  });

testFamily(
  RESULTS,
  [
    wrong('get-result', 'BAD is returned below EOF', get(3, VM_PAGER_BAD), undefined, 'not BAD'),
    wrong('get-result', 'OK is returned past EOF', get(4, VM_PAGER_OK), undefined, 'at or past EOF'),
    wrong(
      'get-result',
      'nothing was read, and the pager knows of a truncation under way',
      truncated(() => {}),
      undefined,
      'at or past EOF',
    ),
    wrong(
      'put-status',
      'the pager knew of the truncation under way before the put began',
      (stage) => {
        const frame = stage.fault(stage.object(0), 1);
        stage.store(frame, 0, 64);
        stage.busy(frame);
        stage.call('setsize', { file: 0, size: 0, thread: 1 });
        stage.fileList[0]!.pagerSize = 0;
        stage.return(stage.call('putmulti', { run: [frame] }), VM_PAGER_OK, [VM_PAGER_OK]);
      },
      undefined,
      'at or past EOF',
    ),
    wrong(
      'put-status',
      'the disk is full, but the hole has been filled before',
      (stage) => {
        placed(2, 40)(stage);
        put(VM_PAGER_ERROR, () => {}, 2)(stage);
      },
      FULL,
      'not ERROR',
    ),
    wrong(
      'put-status',
      'the block moves meanwhile from a sector that can only not be read',
      (stage) => {
        faulty('read')(stage);
        put(VM_PAGER_ERROR, placed(0, 480))(stage);
      },
      undefined,
      'not ERROR',
    ),
    wrong(
      'put-status',
      'the block has moved from the faulty sector before',
      (stage) => {
        unwritable(stage);
        placed(0, 480)(stage);
        put(VM_PAGER_ERROR)(stage);
      },
      undefined,
      'not ERROR',
    ),
    wrong('get-result', 'ERROR is returned past EOF', get(5, VM_PAGER_ERROR, failing({ failed: true }))),
    wrong('get-result', 'FAIL is returned for data', get(1, VM_PAGER_FAIL), undefined, 'there is data'),
    wrong(
      'get-result',
      'ERROR is returned although nothing failed',
      get(1, VM_PAGER_ERROR),
      undefined,
      'nothing failed',
    ),
    wrong(
      'get-result',
      "ERROR follows the failure of another thread's call",
      get(1, VM_PAGER_ERROR),
      fault('bmap', { thread: 1 }),
    ),
    wrong(
      'get-result',
      'ERROR follows a fault of another operation',
      get(1, VM_PAGER_ERROR),
      fault('bmap', { operation: 2 }),
    ),
    wrong(
      'get-result',
      'ERROR follows a call that only slept',
      get(1, VM_PAGER_ERROR),
      fault('bmap', { take: 'sleep' }),
    ),
    wrong(
      'get-result',
      'ERROR follows a call that was to fail in this operation, and was never made',
      (stage) => {
        stage.meetsFaults = false;
        get(1, VM_PAGER_ERROR)(stage);
      },
      fault('bmap'),
    ),
    wrong(
      'get-result',
      'ERROR follows a transfer that was short past EOF only',
      get(3, VM_PAGER_ERROR, failing({ resid: 0 })),
    ),
    wrong('get-result', 'AGAIN is returned', get(1, VM_PAGER_AGAIN)),
    wrong(
      'get-result',
      'a number that is no code is returned',
      get(1, 77),
      undefined,
      '77, which is no code',
    ),
    wrong(
      'get-result',
      'ERROR is returned on a file system that was gone',
      (stage) => {
        stage.object(0);
        disconnect(stage);
        get(1, VM_PAGER_ERROR)(stage);
      },
      undefined,
      'FAIL: the file system is gone',
    ),
    wrong(
      'get-result',
      'the file system goes while a get runs, and it says ERROR',
      get(1, VM_PAGER_ERROR, disconnect),
      undefined,
      'nothing failed but that the file system is gone',
    ),
    wrong(
      'get-result',
      'the file ends and the file system goes while a get runs, and it says BAD',
      get(1, VM_PAGER_BAD, (stage) => {
        stage.setsize(0, 10);
        disconnect(stage);
      }),
      undefined,
      'takes precedence',
    ),
    wrong(
      'get-result',
      'ERROR follows a full memory, of which a file without shared buffers needs nothing',
      get(1, VM_PAGER_ERROR, (stage) => {
        stage.sleep(0, 'memory');
        stage.resume(0, 'memory');
      }),
      undefined,
      'nothing failed',
    ),
    wrong(
      'get-result',
      'ERROR follows a full map, of which a transfer needs nothing',
      get(1, VM_PAGER_ERROR, (stage, frame) => {
        stage.finish(stage.transfer([frame]));
        stage.mapPages = 4;
      }),
      undefined,
      'nothing failed',
    ),
    wrong(
      'get-result',
      'ERROR follows a change of the size far behind the page',
      get(0, VM_PAGER_ERROR, (stage) => stage.setsize(0, 150)),
      undefined,
      'nothing failed',
    ),
    wrong(
      'get-page-masks',
      'the page was stored to through a mapping, and still looks modified',
      (stage) => {
        const frame = stage.allocate(stage.object(0), 1);
        stage.fill(frame, 0x03);
        stage.store(frame, 0, 8);
        stage.pages[frame]!.modified = true;
        const call = stage.call('getmulti', { run: [frame] });
        stage.fill(frame, 0xfc);
        stage.return(call);
      },
      undefined,
      'modified',
    ),
    wrong(
      'get-page-masks',
      'the page is not wholly valid',
      get(1, VM_PAGER_OK, (stage, frame) => {
        stage.pages[frame]!.valid = 0x7f;
      }),
    ),
    wrong(
      'get-page-masks',
      'what was read is dirty',
      get(1, VM_PAGER_OK, (stage, frame) => {
        stage.pages[frame]!.dirty = 1;
      }),
    ),
    wrong(
      'get-page-masks',
      'the page looks modified',
      get(1, VM_PAGER_OK, (stage, frame) => {
        stage.pages[frame]!.modified = true;
      }),
    ),
    wrong('put-statuses-set', 'a status is never set', put(RTVAL_UNSET), undefined, 'never set'),
    wrong('put-statuses-set', 'a status is no code', put(6)),
    wrong('put-status', 'BAD is given below EOF', put(VM_PAGER_BAD), undefined, 'not BAD'),
    wrong(
      'put-status',
      'OK is given past EOF',
      put(VM_PAGER_OK, () => {}, 4),
      undefined,
      'at or past EOF',
    ),
    wrong(
      'put-status',
      'FAIL is given while the file system is there',
      put(VM_PAGER_FAIL),
      undefined,
      'not FAIL',
    ),
    wrong(
      'put-status',
      'ERROR is given although nothing failed',
      put(VM_PAGER_ERROR),
      undefined,
      'nothing failed',
    ),
    wrong(
      'put-status',
      'ERROR is given because the transfer of another page failed',
      putTwo([VM_PAGER_ERROR, VM_PAGER_ERROR], { failed: true }),
      undefined,
      'for this page',
    ),
    wrong(
      'put-status',
      'ERROR is given because of a faulty sector behind another page',
      (stage) => {
        beyondRepair(stage);
        putTwo([VM_PAGER_ERROR, VM_PAGER_AGAIN], {})(stage);
      },
      undefined,
      'for this page',
    ),
    wrong(
      'put-status',
      'the file system goes while a put runs, and it says ERROR',
      put(VM_PAGER_ERROR, disconnect),
      undefined,
      'nothing failed but that the file system is gone',
    ),
    wrong(
      'put-status',
      'AGAIN is given although a write was started',
      put(VM_PAGER_AGAIN, failing({ failed: true }, true)),
      undefined,
      'a write was started',
    ),
    wrong('put-status', 'OK is given on a file system that was gone', (stage) => {
      const frame = stage.fault(stage.object(0), 0);
      stage.store(frame, 0, 64);
      disconnect(stage);
      stage.busy(frame);
      stage.return(stage.call('putmulti', { run: [frame] }), 0, [0]);
    }),
    wrong(
      'put-dirty-bits',
      'OK leaves the page dirty',
      put(VM_PAGER_OK, (stage, frame) => {
        stage.pages[frame]!.dirty = 4;
      }),
    ),
    wrong(
      'put-dirty-bits',
      'OK leaves the page modified',
      put(VM_PAGER_OK, (stage, frame) => {
        stage.pages[frame]!.modified = true;
      }),
    ),
    wrong(
      'put-dirty-bits',
      'ERROR clears dirty bits',
      put(VM_PAGER_ERROR, (stage, frame) => {
        failing({ failed: true }, true)(stage, frame);
        stage.pages[frame]!.dirty = 0xf0;
      }),
    ),
    wrong(
      'put-dirty-bits',
      'AGAIN clears dirty bits',
      put(VM_PAGER_AGAIN, (stage, frame) => {
        stage.pages[frame]!.dirty = 0;
      }),
    ),
    wrong('null-refused', 'getpage without a pager returns OK', (stage) => {
      stage.return(stage.call('getpage', { file: -1 }), VM_PAGER_OK);
    }),
    wrong('null-refused', 'putpage without a pager returns something', (stage) => {
      stage.return(stage.call('putpage', { file: -1 }), VM_PAGER_FAIL);
    }),
    wrong('null-refused', 'putpage without a pager counts as a page-out', (stage) => {
      const call = stage.call('putpage', { file: -1 });
      stage.counted[2]!++;
      stage.return(call, 0);
    }),
    wrong('null-refused', 'setsize without a vnode takes memory', (stage) => {
      const call = stage.call('setsize', { file: -1 });
      stage.held++;
      stage.return(call, 0);
    }),
    wrong('null-refused', 'alloc without a vnode leaves a pager on the list', (stage) => {
      const call = stage.call('alloc', { file: -1 });
      stage.fileList[0]!.pagers++;
      stage.return(call, 0);
    }),
  ],
  [
    right('a get below EOF is OK', get(3, VM_PAGER_OK)),
    right('a get past EOF is BAD', get(4, VM_PAGER_BAD)),
    right('a hole is OK with zeros', get(2, VM_PAGER_OK), HOLES),
    right('a hole is FAIL', get(2, VM_PAGER_FAIL), HOLES),
    right('ERROR follows a transfer that failed', get(1, VM_PAGER_ERROR, failing({ failed: true }))),
    right('ERROR follows a transfer that was short', get(1, VM_PAGER_ERROR, failing({ resid: 8 }))),
    right('ERROR follows a block map that failed', get(1, VM_PAGER_ERROR), fault('bmap')),
    right('ERROR follows a block map that ends before the file', get(2, VM_PAGER_ERROR), {
      ...HOLES,
      fileSystems: [{ pastEnd: 'error' }],
    }),
    right(
      'ERROR follows a full map',
      get(1, VM_PAGER_ERROR, (stage) => {
        stage.mapPages = 4;
      }),
    ),
    right(
      'ERROR follows a change of the size under the page',
      get(2, VM_PAGER_ERROR, (stage) => stage.setsize(0, 150)),
    ),
    right(
      'ERROR follows a transfer that failed before the file system went',
      get(1, VM_PAGER_ERROR, (stage, frame) => {
        failing({ failed: true })(stage, frame);
        disconnect(stage);
      }),
    ),
    right('the file system goes while a put runs', put(VM_PAGER_FAIL, disconnect)),
    right(
      'ERROR is given to the page whose transfer failed, AGAIN to the other',
      putTwo([VM_PAGER_ERROR, VM_PAGER_AGAIN], { failed: true }),
    ),
    right(
      'ERROR is given to both pages that a failed transfer carried',
      putTwo([VM_PAGER_ERROR, VM_PAGER_ERROR], { failed: true }, 2),
    ),
    right(
      'a page that was stored to through a mapping is dirty after a get, and no longer modified',
      (stage) => {
        const frame = stage.allocate(stage.object(0), 1);
        stage.fill(frame, 0x03);
        stage.store(frame, 0, 8);
        Object.assign(stage.pages[frame]!, { modified: true, dirty: 0 });
        const call = stage.call('getmulti', { run: [frame] });
        Object.assign(stage.pages[frame]!, { modified: false, dirty: 0x03 });
        stage.fill(frame, 0xfc);
        stage.return(call);
      },
    ),
    right(
      'the file ends above or below the page at some moment of the get',
      get(1, VM_PAGER_BAD, (stage) => stage.setsize(0, 10)),
    ),
    right('the file system goes while a get runs', get(1, VM_PAGER_FAIL, disconnect)),
    right('a get on a file system that was gone is FAIL', (stage) => {
      stage.object(0);
      disconnect(stage);
      get(1, VM_PAGER_FAIL)(stage);
    }),
    right('dirty chunks that were valid before a get stay dirty', (stage) => {
      const frame = stage.allocate(stage.object(0), 1);
      stage.fill(frame, 0x03);
      stage.store(frame, 0, 8);
      const call = stage.call('getmulti', { run: [frame] });
      stage.fill(frame, 0xfc);
      stage.return(call);
    }),
    right('a put is OK', put(VM_PAGER_OK)),
    right(
      'a put past EOF is BAD',
      put(VM_PAGER_BAD, () => {}, 4),
    ),
    right('a put is AGAIN before anything was started', put(VM_PAGER_AGAIN)),
    right('a put is pending', put(VM_PAGER_PEND)),
    right('ERROR follows a write that failed', put(VM_PAGER_ERROR, failing({ failed: true }, true))),
    right(
      'ERROR follows a VOP_WRITE that fell short',
      put(VM_PAGER_ERROR),
      fault('write', { take: 'short' }),
    ),
    right(
      'ERROR follows a full disk',
      put(VM_PAGER_ERROR, () => {}, 2),
      FULL,
    ),
    right(
      'ERROR follows a full disk, and the hole is filled meanwhile',
      put(VM_PAGER_ERROR, placed(2, 40), 2),
      FULL,
    ),
    right('ERROR follows a faulty sector behind the page', (stage) => {
      unwritable(stage);
      put(VM_PAGER_ERROR)(stage);
    }),
    right('ERROR follows a faulty sector, from which the block moves meanwhile', (stage) => {
      unwritable(stage);
      put(VM_PAGER_ERROR, placed(0, 480))(stage);
    }),
    right(
      'what was stored while a put ran stays dirty',
      put(VM_PAGER_OK, (stage, frame) => stage.store(frame, 8, 8)),
    ),
    right(
      'a page in a dirty buffer stays dirty',
      put(VM_PAGER_OK, (stage, frame) => {
        stage.fileList[0]!.dirtyBlocks.add(0);
        stage.pages[frame]!.dirty = 0x01;
      }),
    ),
    right(
      'a file is truncated while a page is read',
      truncated((stage, frame) => stage.finish(stage.transfer([frame]))),
    ),
    right('null pagers are refused', (stage) => {
      stage.return(stage.call('getpage', { file: -1 }), VM_PAGER_FAIL);
      stage.return(stage.call('putpage', { file: -1 }), 0);
    }),
  ],
);
