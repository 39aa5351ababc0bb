/**
 * Guards the properties of transfers: wrong places, wrong lengths, wrong memory, runs with gaps, neighbours that are kept.
 */
import { CLUSTERING } from '../../properties/clustering.ts';
import { VM_PAGER_ERROR } from '../../src/trace/codes.ts';
import type { Transfer } from '../../src/trace/observer.ts';
import { PAGE, SECTOR, type Setting } from '../model/support/scene.ts';
import type { Stage } from '../model/support/stage.ts';
import { testFamily, type Broken } from './support/judged.ts';

/** A get of consecutive pages from `first` on; `start` starts its transfers. */
function get(
  stage: Stage,
  first: number,
  count: number,
  reqpage: number,
  start: (frames: number[]) => void,
): void {
  const object = stage.object(0);
  const frames = Array.from({ length: count }, (_, i) => stage.allocate(object, first + i));
  const call = stage.call('getmulti', { run: frames, reqpage });
  start(frames);
  stage.return(call, VM_PAGER_ERROR);
}

/** A transfer of one page with something changed. */
const changed =
  (change: (stage: Stage, sector: number) => Partial<Transfer>, page = 1) =>
  (stage: Stage): void => {
    get(stage, page, 1, 0, (frames) => {
      stage.transfer(frames, change(stage, stage.map[0]!.get(page) ?? 40));
    });
  };

const address = (when: string, play: (stage: Stage) => void, setting?: Setting, says?: string): Broken => ({
  property: 'transfer-address',
  when,
  play,
  ...(setting === undefined ? {} : { setting }),
  ...(says === undefined ? {} : { says }),
});

const extent = (when: string, play: (stage: Stage) => void, setting?: Setting): Broken => ({
  property: 'transfer-extent',
  when,
  play,
  ...(setting === undefined ? {} : { setting }),
});

/** Blocks 0, 1 and 3 of a file in places that do not follow each other; block 2 is a hole. */
const SCATTERED: Setting = {
  files: [
    {
      fileSystem: 0,
      size: 256,
      extents: [
        { block: 0, sector: 100, count: 1 },
        { block: 1, sector: 60, count: 1 },
        { block: 3, sector: 68, count: 1 },
      ],
    },
  ],
};

const NETWORK: Setting = { fileSystems: [{ blockMap: 'network', blockSize: 16 }] };
const SMALL_BLOCKS: Setting = { fileSystems: [{ blockSize: 16 }] };
const TWO_FILES: Setting = {
  files: [
    { fileSystem: 0, size: 200 },
    { fileSystem: 0, size: 200 },
  ],
};

testFamily(
  CLUSTERING,
  [
    address(
      'a block is read from the next sector',
      changed((_, sector) => ({ block: sector + 1 })),
      undefined,
      "file 0's block 1",
    ),
    address(
      'a hole is read from block -1',
      changed(() => ({ block: -1 }), 2),
      SCATTERED,
      'no transfer: a hole',
    ),
    address(
      'a hole is read from somewhere',
      changed(() => ({ block: 200 }), 2),
      SCATTERED,
      'belongs to no file',
    ),
    address(
      'a write goes past the end of the disk',
      changed(() => ({ block: 600, write: true })),
      undefined,
      'the disk has 512',
    ),
    address(
      'a write goes to another file',
      (stage) => {
        const frame = stage.fault(stage.object(0), 0);
        stage.transfer([frame], { write: true, block: stage.map[1]!.get(0)! });
      },
      TWO_FILES,
      "file 1's block 0",
    ),
    address(
      'one transfer spans blocks that are not neighbours on the disk',
      (stage) => {
        get(stage, 0, 2, 0, (frames) => stage.transfer(frames));
      },
      SCATTERED,
    ),
    address(
      'a network read has another offset than its pages',
      changed(() => ({ device: 'network', block: 9 })),
      NETWORK,
    ),
    address(
      'a network file is read from the disk',
      changed(() => ({ device: 'disk' })),
      NETWORK,
      'wrong device',
    ),
    address('a block is written that a truncation has freed after the pager knew', (stage) => {
      const object = stage.object(0);
      const frame = stage.allocate(object, 3);
      stage.call('putmulti', { run: [frame] });
      stage.return(stage.call('setsize', { file: 0, size: 64 }));
      stage.observer.freed(0, 1, stage.map[0]!.get(1)!, 24);
      stage.observer.resized(0, 64);
      stage.transfer([frame], { write: true, byteCount: SECTOR });
    }),
    address(
      'a fragment is read beyond its end',
      (stage) => {
        stage.observer.freed(0, 3, stage.map[0]!.get(3)! + 2, 6);
        get(stage, 3, 1, 0, (frames) => stage.transfer(frames, { byteCount: 3 * SECTOR }));
      },
      { files: [{ fileSystem: 0, size: 256 }] },
    ),
    extent(
      'a transfer is empty',
      changed(() => ({ byteCount: 0 })),
    ),
    extent(
      'a count is negative',
      changed(() => ({ byteCount: -8 })),
    ),
    extent(
      'a read ends past EOF',
      changed(() => ({ byteCount: PAGE }), 3),
    ),
    extent(
      'a network write ends past EOF',
      changed(() => ({ device: 'network', block: 24, byteCount: 16 }), 3),
      NETWORK,
    ),
    extent(
      'nothing is mapped behind it',
      changed(() => ({ frames: Int32Array.of(-1) })),
    ),
    extent(
      'its memory is a page of no file',
      changed(() => ({ frames: Int32Array.of(9) })),
    ),
    extent('its pages do not follow each other', (stage) => {
      get(stage, 0, 3, 0, (frames) => stage.transfer([frames[0]!, frames[2]!]));
    }),
    extent(
      'it is not whole sectors',
      changed(() => ({ byteCount: 12 })),
    ),
    extent(
      'a network write sends more than it carries',
      changed(() => ({ device: 'network', write: true, dirtyEnd: 80 })),
      NETWORK,
    ),
    {
      property: 'read-contiguous',
      when: 'the second read of a get leaves a gap',
      play: (stage) =>
        get(stage, 0, 3, 0, (frames) => {
          stage.transfer([frames[0]!]);
          stage.transfer([frames[2]!], { pbuf: 1 });
        }),
    },
    {
      property: 'read-contiguous',
      when: 'the second read continues in the file but not on the device',
      setting: SCATTERED,
      play: (stage) =>
        get(stage, 0, 2, 0, (frames) => {
          stage.transfer([frames[0]!]);
          stage.transfer([frames[1]!], { pbuf: 1 });
        }),
    },
    {
      property: 'read-contiguous',
      when: 'the requested page is not in the run',
      play: (stage) => get(stage, 0, 3, 2, (frames) => stage.transfer([frames[0]!, frames[1]!])),
    },
    {
      property: 'read-contiguous',
      when: 'a neighbour is read on a file system of small blocks',
      setting: SMALL_BLOCKS,
      play: (stage) => get(stage, 0, 2, 0, (frames) => stage.transfer(frames, { byteCount: 2 * PAGE })),
    },
    {
      property: 'read-contiguous',
      when: 'a neighbour is read although bytes of the requested page were valid',
      play: (stage) => {
        const object = stage.object(0);
        const frames = [0, 1].map((page) => stage.allocate(object, page));
        stage.fill(frames[0]!, 0x01);
        const call = stage.call('getmulti', { run: frames });
        stage.transfer(frames);
        stage.return(call, VM_PAGER_ERROR);
      },
    },
    {
      property: 'neighbours-given-back',
      when: 'a page outside the run stays busy',
      play: (stage) => get(stage, 0, 3, 0, (frames) => stage.transfer([frames[0]!, frames[1]!])),
    },
    {
      property: 'neighbours-given-back',
      when: 'nothing is read and neighbours stay',
      play: (stage) => get(stage, 0, 2, 0, () => {}),
    },
  ],
  [
    {
      when: 'a get reads a run in two transfers and gives the rest back',
      play: (stage) => {
        const object = stage.object(0);
        const frames = [0, 1, 2, 3].map((page) => stage.allocate(object, page));
        const call = stage.call('getmulti', { run: frames, reqpage: 1 });
        stage.wakeup(frames[0]!);
        stage.free(frames[0]!);
        stage.transfer([frames[1]!]);
        stage.objectList[object]!.pip++;
        stage.transfer([frames[2]!, frames[3]!], { async: true, pbuf: 1 });
        stage.return(call, VM_PAGER_ERROR);
      },
    },
    {
      when: 'small blocks are read one by one inside the page',
      setting: SMALL_BLOCKS,
      play: (stage) =>
        get(stage, 1, 1, 0, (frames) => {
          for (let at = 0; at < PAGE; at += 16) {
            const sector = stage.map[0]!.get((PAGE + at) / 16)!;
            stage.transfer(frames, { pageOffset: at, byteCount: 16, block: sector });
          }
        }),
    },
    {
      when: 'the network reads up to EOF and not beyond',
      setting: NETWORK,
      play: (stage) =>
        get(stage, 2, 2, 1, (frames) =>
          stage.transfer(frames, { device: 'network', block: 16, byteCount: 200 - 2 * PAGE }),
        ),
    },
    {
      when: 'a block is read that a truncation has freed and setsize has not told of',
      play: (stage) => {
        stage.object(0);
        stage.observer.freed(0, 1, stage.map[0]!.get(1)!, 24);
        stage.observer.resized(0, 64);
        const frame = stage.allocate(0, 2);
        stage.call('getmulti', { run: [frame] });
        stage.transfer([frame]);
      },
    },
    {
      when: 'a block is read where it was moved to',
      play: (stage) => {
        const object = stage.object(0);
        stage.observer.allocated(0, 3, 200, 8);
        stage.observer.freed(0, 3, stage.map[0]!.get(3)!, 8);
        const frame = stage.allocate(object, 3);
        stage.call('getmulti', { run: [frame] });
        stage.transfer([frame], { block: 200 });
      },
    },
    {
      when: "a transfer is the file system's own",
      play: (stage) => stage.transfer([], { pbuf: -1, block: -5, byteCount: 0 }),
    },
  ],
);
