/**
 * What each suite draws, as departures from the even mixture `BASE`. A suite is a bias and not a restriction to what its name
 * says: what stands beside the subject (stores, other files, schedules) is what brings the subject into trouble.
 */
import type { OperationKind } from '../../src/scenario/operations.ts';
import { BASE, type Profile } from '../arbitraries/profile.ts';

type Weights = Readonly<Partial<Record<OperationKind, number>>>;

const biased = (changes: Partial<Profile>): Profile => ({ ...BASE, ...changes });

const NONE = { share: 0, count: [0, 0] } as const;

/** What a process does to files, and nothing that calls the pager by hand. */
const PROCESS: Weights = {
  open: 3,
  close: 3,
  map: 3,
  unmap: 3,
  fault: 12,
  store: 14,
  msync: 9,
  pageout: 6,
  reclaim: 5,
  drop: 2,
  read: 8,
  write: 9,
  flush: 3,
  truncate: 7,
  extend: 5,
};

/** Page-ins of every count, position and mask. */
export const GET = biased({
  operations: {
    get: 24,
    getpage: 8,
    haspage: 4,
    fault: 12,
    reclaim: 6,
    store: 4,
    put: 3,
    msync: 2,
    read: 4,
    write: 3,
    truncate: 3,
    extend: 2,
    map: 1,
    unmap: 1,
  },
  losses: 0,
});

/** Page-outs of every count, position and mask. */
export const PUT = biased({
  operations: {
    put: 20,
    putpage: 7,
    store: 18,
    msync: 10,
    pageout: 8,
    reclaim: 4,
    get: 4,
    fault: 4,
    write: 4,
    flush: 1,
    read: 2,
    truncate: 4,
    extend: 3,
    unmap: 2,
    drop: 1,
    recycle: 1,
  },
  losses: 1,
});

/** Files that shrink and grow under everything else. */
export const SIZE = biased({
  operations: {
    truncate: 16,
    extend: 10,
    write: 12,
    store: 12,
    fault: 10,
    get: 5,
    getpage: 2,
    put: 4,
    msync: 6,
    pageout: 3,
    read: 9,
    flush: 3,
    reclaim: 2,
    unmap: 1,
    unlink: 1,
  },
  files: { ...BASE.files, pages: [0, 8] },
});

/** Processes only: nobody calls the pager but the kernel. */
export const PROCESSES = biased({ operations: PROCESS, losses: 0 });

/** Objects, pagers and vnodes that come and go. */
export const LIFETIME = biased({
  // Room for several objects that nobody refers to: those are what unmounts and trims come to.
  geometry: { ...BASE.geometry, cachedObjects: [0, 1, 2, 3, 3] },
  operations: {
    open: 5,
    close: 14,
    map: 5,
    unmap: 20,
    alloc: 6,
    uncache: 6,
    drop: 6,
    nullpager: 2,
    unlink: 4,
    rename: 3,
    unmount: 6,
    'force-unmount': 3,
    recycle: 3,
    lock: 4,
    unlock: 4,
    store: 14,
    fault: 8,
    msync: 3,
    pageout: 2,
    put: 3,
    get: 3,
    haspage: 2,
    write: 4,
    read: 2,
    truncate: 3,
    reclaim: 2,
  },
  fileSystems: { ...BASE.fileSystems, count: [1, 2] },
  files: { ...BASE.files, count: [2, 4], pages: [0, 6] },
  threads: [2, 3, 2],
  length: [30, 70],
  losses: 2,
});

/** Two and three threads, and schedules that let them meet inside the pager. */
export const THREADS = biased({
  // Objects that nobody refers to mostly go at once, with dirty pages, while other threads have the file.
  geometry: { ...BASE.geometry, cachedObjects: [0, 0, 0, 2] },
  threads: [0, 3, 2],
  schedule: { share: 100, count: [6, 30] },
  meetings: 40,
  files: { ...BASE.files, count: [1, 2], pages: [1, 8] },
  omitted: 50,
});

/** Calls and transfers that fail or fall short, sectors that stay bad. */
export const FAULTS = biased({
  faults: { share: 100, count: [3, 16] },
  media: { share: 50, count: [1, 4] },
  losses: 1,
});

/** Files and disks beyond 2 GiB and 4 GiB. */
export const LARGE = biased({
  geometry: { ...BASE.geometry, machine: [12, 5, 4] },
  fileSystems: { ...BASE.fileSystems, blockSize: [2, 4, 3, 3] },
  files: { ...BASE.files, large: 75, farDisk: 60 },
  schedule: { share: 25, count: [1, 6] },
  faults: { share: 25, count: [1, 4] },
  media: NONE,
});

/** One pbuf, one page of map, hardly any memory, a disk that fills up. */
export const EXHAUSTION = biased({
  geometry: {
    machine: [12, 7, 0],
    frames: [
      [10, 12],
      [12, 16],
    ],
    pbufs: [1, 1, 2],
    mapPages: [1, 1, 2],
    cachedObjects: [0, 1, 2, 3],
    freeBlocks: [
      [0, 3],
      [0, 8],
    ],
  },
  files: { ...BASE.files, count: [2, 3], pages: [4, 14] },
  threads: [2, 3, 3],
  meetings: 15,
  schedule: { share: 70, count: [2, 16] },
});

/** Everything. */
export const MIXED = BASE;
