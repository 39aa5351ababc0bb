/**
 * What a suite tells the generator: weights and ranges as plain data, nothing that runs. A weight of 0 never happens; weights
 * of one list count relative to each other. `BASE` is the even mixture, from which suites depart by naming what differs.
 */
import type { OperationKind } from '../../src/scenario/operations.ts';

/** Both ends included. */
export type Range = readonly [low: number, high: number];

/** Sizes of the machine. */
export interface GeometryProfile {
  /** Weights: the small machine of 64/8 bytes, another small one, the original of 4096/512 bytes. */
  machine: readonly [small: number, other: number, original: number];
  /** One of the ranges is drawn, then a number from it. */
  frames: readonly Range[];
  pbufs: readonly number[];
  mapPages: readonly number[];
  cachedObjects: readonly number[];
  /** Free blocks of the largest block size behind the files; one range is drawn. */
  freeBlocks: readonly Range[];
}

/** Mounted file systems. */
export interface FileSystemProfile {
  count: Range;
  blockMap: readonly [disk: number, network: number, none: number];
  /** Blocks smaller than a page, as large as a page, of two, of four pages. */
  blockSize: readonly [smaller: number, page: number, two: number, four: number];
  pastEnd: readonly [hole: number, error: number, address: number];
  /** Per cent of the disk file systems with fragments. */
  fragments: number;
  /** Per cent of those with a block map whose buffers share the object's pages. */
  sharedBuffers: number;
}

/** Files as they are at the beginning. */
export interface FileProfile {
  count: Range;
  /** Pages of an ordinary file. */
  pages: Range;
  /** Default layout, one run elsewhere, several pieces. */
  layout: readonly [standard: number, run: number, pieces: number];
  /** Per cent of the files laid out by extents that have holes. */
  holes: number;
  /** Per cent of the files whose size lies around 2 GiB or 4 GiB. */
  large: number;
  /** Per cent of the scenarios whose disk addresses lie around 2 GiB or 4 GiB. */
  farDisk: number;
}

/** Departures from the plain run. */
export interface ExceptionProfile {
  /** Per cent of the scenarios that have any. */
  share: number;
  /** How many then. */
  count: Range;
}

/** Everything that a suite may set. */
export interface Profile {
  geometry: GeometryProfile;
  fileSystems: FileSystemProfile;
  files: FileProfile;
  /** Weights of the operations; each scenario draws a subset and its own weights from them. */
  operations: Readonly<Partial<Record<OperationKind, number>>>;
  /** Per cent of the operations' kinds that a scenario leaves out. */
  omitted: number;
  length: Range;
  /** Per cent of the scenarios with only one to eight operations. */
  short: number;
  /** Weights of one, two and three threads. */
  threads: readonly [one: number, two: number, three: number];
  /** Per cent of the page-ins and page-outs of several threads that another thread's change of the file follows. */
  meetings: number;
  /** How many files may be lost (unlinked, renamed over, unmounted, recycled) before the last third of a scenario. */
  losses: number;
  /** Per cent of the requested pages of direct calls that are partially valid. */
  partial: number;
  schedule: ExceptionProfile;
  faults: ExceptionProfile;
  media: ExceptionProfile;
  /** Per cent of the scenarios in which a fault at or past the object's size fails before the pager is asked. */
  faultChecksSize: number;
}

/** An even mixture of everything. */
export const BASE: Profile = {
  geometry: {
    machine: [12, 7, 1],
    frames: [
      [12, 16],
      [18, 28],
      [36, 48],
      [48, 48],
    ],
    pbufs: [1, 2, 4, 4],
    mapPages: [1, 2, 4, 4],
    cachedObjects: [0, 1, 2, 3],
    freeBlocks: [
      [48, 48],
      [48, 48],
      [48, 48],
      [0, 6],
    ],
  },
  fileSystems: {
    count: [1, 2],
    blockMap: [8, 3, 2],
    blockSize: [4, 3, 3, 2],
    pastEnd: [3, 2, 2],
    fragments: 30,
    sharedBuffers: 50,
  },
  files: { count: [1, 3], pages: [0, 14], layout: [3, 1, 3], holes: 60, large: 0, farDisk: 0 },
  operations: {
    get: 10,
    getpage: 3,
    put: 8,
    putpage: 3,
    haspage: 3,
    alloc: 2,
    uncache: 2,
    nullpager: 1,
    open: 3,
    close: 2,
    map: 3,
    unmap: 5,
    fault: 12,
    store: 14,
    msync: 8,
    pageout: 5,
    reclaim: 4,
    drop: 4,
    read: 7,
    write: 9,
    flush: 3,
    truncate: 8,
    extend: 5,
    unlink: 2,
    rename: 1,
    unmount: 1,
    'force-unmount': 1,
    recycle: 1,
    lock: 2,
    unlock: 2,
  },
  omitted: 40,
  length: [50, 100],
  short: 6,
  threads: [5, 3, 2],
  meetings: 0,
  losses: 1,
  partial: 30,
  schedule: { share: 50, count: [1, 10] },
  faults: { share: 45, count: [1, 4] },
  media: { share: 12, count: [1, 2] },
  faultChecksSize: 50,
};
