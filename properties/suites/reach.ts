/**
 * What each suite must have reached on the repaired reference pager, and after how many runs. A suite that has not is vacuous,
 * whatever it found. Each number is some twenty times what it takes on average, so that no seed misses one by accident; what
 * is reached in fewer than one run in two hundred is counted, but not asked for.
 */
import { transitionsOf } from '../../model/machines/transitions.ts';
import type { Profile } from '../arbitraries/profile.ts';
import { MACHINES, UNTAKEN } from '../machines.ts';
import type { ReachName } from './situations.ts';

/** Runs after which every kind of operation must have been done. */
const OPERATIONS_AFTER = 2000;

/** Names, to the number of runs after which they must have been reached. */
export type Reach = Readonly<Partial<Record<ReachName, number>>>;

/** Transitions that take fewer than one run in five, to the number of runs. */
const SELDOM: Readonly<Record<string, number>> = {
  'transition page WAKEUP in call offered': 500,
  'transition page BRING_END in call brought': 200,
  'transition page WRITE in occupancy idle': 2500,
  'transition block TRUNCATE in ownership owned': 200,
  'transition block TELL in ownership truncated': 200,
};

/** Every transition of the state machines, but for those that say why not. */
export const TRANSITIONS: Readonly<Record<string, number>> = Object.fromEntries(
  Object.values(MACHINES)
    .flatMap(transitionsOf)
    .filter(({ name }) => UNTAKEN[name] === undefined)
    .map(({ name }) => [name, SELDOM[name] ?? 100]),
);

/** What a suite is not asked for although others are, and why. It is counted all the same. */
export const UNTAKEN_BY: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  lifetime: {
    'transition page WRITE in occupancy idle':
      'one page must have a hole and a block, both dirty, and files come and go before that: one run in 400',
  },
  large: {
    'transition page WRITE in occupancy idle':
      'one page must have a hole and a block, and most blocks are larger than a page here: one run in 400',
  },
};

/** The transitions that a suite is asked for. */
export function transitionsOfSuite(suite: string): Record<string, number> {
  const untaken = UNTAKEN_BY[suite] ?? {};
  return Object.fromEntries(Object.entries(TRANSITIONS).filter(([name]) => untaken[name] === undefined));
}

/** Every kind of operation that a suite draws; one that is never done is drawn for nothing. */
export function operationsOfProfile({ operations }: Profile): Record<string, number> {
  const drawn = Object.entries(operations).filter(([, weight]) => weight > 0);
  return Object.fromEntries(drawn.map(([kind]) => [`operation ${kind}`, OPERATIONS_AFTER]));
}

/** Each of the names after so many runs. */
function after(runs: number, ...names: ReachName[]): Reach {
  return Object.fromEntries(names.map((name) => [name, runs]));
}

/** Every suite. */
const EVERY: Reach = {
  ...after(
    100,
    'call init',
    'call alloc',
    'call dealloc',
    'call getmulti',
    'call putmulti',
    'call haspage',
    'call setsize',
    'call uncache',
    'call iodone',
    'getmulti OK',
    'putmulti OK',
    'get run of 1',
    'get run of 2',
    'get run of 3',
    'get run of 4',
    'put run of 1',
    'put run of 2',
    'sleep on page',
    'sleep on buf',
    'run to the end',
    'get by the direct path',
    'get by the direct path from a network',
    'put by the direct path',
    'put by the direct path to a network',
    'get of the page with EOF in it',
    'put of the page with EOF in it',
    'put of a dying object',
    'disk read, sync',
    'disk write',
    'network read, sync',
    'network write',
    'transfer ends inside strategy',
    'interrupt while idle',
    'get with pages before the requested one',
    'get with pages after the requested one',
    'alloc makes a pager',
    'haspage says yes',
    'setsize shrinks',
    'setsize grows',
    'uncache says no',
    'object dies with dirty pages',
    'object dies without dirty pages',
    'two threads in the pager',
    'partially valid page from the buffer cache',
  ),
  ...after(
    200,
    'get run of 5',
    'put run of 3',
    'sleep on call',
    'get by the small-block path',
    'get by the old path',
    'put by the small-block path',
    'put by the old path',
    'get of a partially valid page',
    'put of a hole by the old path',
    'alloc takes an object from the cache',
    'haspage says no to a hole',
    'haspage says no past EOF',
    'setsize with the page of the new EOF resident',
    'uncache with the vnode locked by the caller',
  ),
  ...after(
    500,
    'call putpage',
    'getmulti ERROR',
    'putmulti ERROR',
    'get run of 6',
    'sleep on object',
    'sleep on pool',
    'sleep on vnode',
    'disk read, async',
    'network read, async',
    'transfers end out of order',
    'setsize while a transfer is in flight',
  ),
  ...after(
    1000,
    'put run of 4',
    'sleep on map',
    'a call slept in putmulti',
    'transfer short',
    'setsize to the same size',
    'uncache says yes',
    'disk full',
  ),
  ...after(
    2000,
    'put run of 5',
    'sleep on memory',
    'a call slept in alloc',
    'a call slept in getmulti',
    'a call slept in haspage',
    'write failed',
    'interrupt while a thread runs',
  ),
  ...after(2500, 'a call slept in setsize', 'get of a hole', 'read failed, sync', 'alloc fails'),
};

/** Every suite, of what scenarios fix and depart in, and of where in files they go. */
const EVERYWHERE: Reach = {
  ...after(
    100,
    'put of a partially dirty page',
    'read across EOF',
    'write past EOF, with a gap',
    'store past EOF',
    'setsize at a page edge',
    'setsize at a block edge',
    'setsize at a sector edge',
    'write begins at a page edge',
    'write begins at a block edge',
    'write begins at a sector edge',
    'write ends at a sector edge',
    'store begins at a page edge',
    'store begins at a block edge',
    'store begins at a sector edge',
    'store ends at a page edge',
    'store ends at a block edge',
    'store ends at a sector edge',
    'world with one pbuf',
    'world with two pbufs',
    'world with one page of map space',
    'world with two pages of map space',
    'world with scarce frames',
    'two threads',
    'file system on a disk',
    'file system on a network',
    'file system without a block map',
    'file system with blocks smaller than a page',
    'file system with blocks of a page',
    'file system with blocks of several pages',
    'file system with fragments',
    'file system whose buffers share pages',
    'file system whose buffers are its own',
    'file system that maps a hole past its end',
    'file system that fails past its end',
    'file system that maps an address past its end',
    'file system that tells the pager first',
    'file system that tells the pager last',
    'file with holes',
    'file in several pieces',
    'file that ends at a page edge',
    'file that ends at a block edge',
    'file that ends at a sector edge',
    'file that ends a byte beside a page edge',
  ),
  ...after(
    200,
    'put of a page whose block has a dirty buffer',
    'setsize to nothing',
    'setsize a byte beside a page edge',
    'read begins at a page edge',
    'read begins at a block edge',
    'read begins at a sector edge',
    'write ends at a page edge',
    'write ends at a block edge',
    'write ends a byte beside a page edge',
    'store begins a byte beside a page edge',
    'store ends a byte beside a page edge',
    'world that caches no object',
    'choice write: uncache',
    'file system that delays its blocks',
    'three threads',
  ),
  ...after(
    500,
    'get of a page with dirty chunks',
    'put of a partially valid page',
    'setsize during a get',
    'setsize during a put',
    'setsize inside alloc',
    'choice getattr: resize',
    'sleep on a pool of one',
    'unsaved page cut off',
    'read ends at a sector edge',
    'write begins a byte beside a page edge',
    'choice run: run',
    'choice inactive: sleep',
  ),
  ...after(
    1000,
    'uncache inside a put',
    'sleep on a map of one page',
    'read begins a byte beside a page edge',
    'read ends at a page edge',
    'read ends at a block edge',
    'read ends a byte beside a page edge',
    'get with the vnode locked by another',
    'put with the vnode locked by another',
    'choice bmap: sleep',
    'choice bmap: error',
    'choice read: sleep',
    'choice write: sleep',
    'choice write: error',
  ),
  ...after(
    2000,
    'get of a page whose block has a dirty buffer',
    'sleep on a pool of two',
    'choice interrupt: deliver',
    'choice transfer: immediate',
    'choice transfer: delay',
    'choice transfer: sleep',
    'choice transfer: error',
    'choice transfer: short',
    'choice read: error',
    'choice read: short',
    'choice write: short',
    'choice malloc: sleep',
    'choice page: error',
    'choice pbuf: sleep',
    'choice wakeup: spurious',
  ),
};

/** Suites that draw worlds and departures as `BASE` has them. */
const ORDINARY: Reach = {
  ...after(100, 'one thread'),
  ...after(200, 'sectors that stay bad'),
  ...after(500, 'empty file', 'world of the original page size'),
  ...after(1000, 'choice map: sleep'),
  ...after(2000, 'choice getattr: sleep'),
};

/** Suites with many size changes and page-outs, in which the inode's times are written. */
const UPDATES: Reach = after(2000, 'choice update: sleep', 'choice update: error');

/** Suites with direct calls of single pages. */
const SINGLE_PAGES: Reach = {
  ...after(100, 'call getpage', 'getpage OK', 'putpage OK'),
  ...after(2000, 'getpage ERROR', 'putpage ERROR', 'putpage FAIL'),
};

/** Suites that lose files and file systems. */
const LOST_FILES: Reach = {
  ...after(
    200,
    'call umount',
    'umount with live pagers',
    'umount of a file system with a file in use',
    'disconnected with a live pager',
    'file removed',
    'putmulti FAIL',
    'haspage says no, file system gone',
    'setsize inside another pager call',
  ),
  ...after(500, 'umount of all file systems with live pagers'),
  ...after(1000, 'uncache with the vnode locked by another', 'disconnected while a transfer is in flight'),
};

/** Suites in which processes lock files and go on with them. */
const LOCKERS: Reach = after(
  1000,
  'get with the vnode locked by the caller',
  'put with the vnode locked by the caller',
);

/** Suites that map files as programs. */
const PROGRAMS: Reach = after(200, 'dealloc of program text');

/** Suites with long runs of dirty pages. */
const LONG_PUTS: Reach = after(2000, 'put run of 6', 'put run of 7', 'put run of 8');

/** What a suite must have reached, by the suite's name. */
export const REACH: Readonly<Record<string, Reach>> = {
  get: {
    ...EVERY,
    ...EVERYWHERE,
    ...ORDINARY,
    ...after(100, 'call getpage', 'getpage OK', 'get of a partially valid page', 'haspage says no past EOF'),
    ...after(100, 'get of a page with dirty chunks', 'read ends at a sector edge'),
    ...after(500, 'getpage ERROR', 'get run of 7', 'get run of 8', 'put run of 7'),
    ...after(1000, 'a call slept in getmulti', 'a call slept in haspage'),
    ...after(2000, 'haspage of a page with delayed blocks in a dirty buffer'),
  },
  put: {
    ...EVERY,
    ...EVERYWHERE,
    ...ORDINARY,
    ...UPDATES,
    ...after(100, 'put of a partially valid page'),
    ...LONG_PUTS,
    ...after(
      100,
      'putpage OK',
      'putmulti FAIL',
      'put run of 4',
      'put run of 5',
      'disconnected with a live pager',
    ),
    ...after(500, 'putpage FAIL', 'putpage ERROR', 'put run of 6', 'put run of 7', 'put run of 8'),
    ...after(1000, 'put past EOF'),
  },
  size: {
    ...EVERY,
    ...EVERYWHERE,
    ...ORDINARY,
    ...UPDATES,
    ...after(100, 'setsize to nothing', 'setsize a byte beside a page edge'),
    ...after(200, 'read ends at a page edge', 'read ends at a block edge'),
    ...LONG_PUTS,
    ...after(
      100,
      'file removed',
      'setsize while a transfer is in flight',
      'setsize with the page of the new EOF resident',
    ),
    ...after(500, 'setsize inside another pager call', 'disk full'),
    ...after(1000, 'a call slept in setsize'),
  },
  process: {
    ...EVERY,
    ...EVERYWHERE,
    ...PROGRAMS,
    ...ORDINARY,
    ...after(500, 'get run of 7', 'get run of 8'),
  },
  lifetime: {
    ...EVERY,
    ...EVERYWHERE,
    ...PROGRAMS,
    ...ORDINARY,
    ...after(100, 'choice run: run'),
    ...after(500, 'choice getattr: sleep'),
    ...after(1000, 'choice getattr: error'),
    ...LOST_FILES,
    ...LOCKERS,
    ...LOCKERS,
    ...after(100, 'uncache says yes', 'alloc takes an object from the cache', 'sleep on vnode'),
    ...after(1000, 'alloc fails', 'a call slept in alloc'),
    ...after(2000, 'alloc meets a dying object', 'a call slept in dealloc'),
  },
  threads: {
    ...EVERY,
    ...EVERYWHERE,
    ...PROGRAMS,
    ...after(
      100,
      'choice run: run',
      'choice bmap: sleep',
      'choice read: sleep',
      'choice write: sleep',
      'choice map: sleep',
      'choice pbuf: sleep',
      'choice inactive: sleep',
    ),
    ...after(200, 'choice interrupt: deliver', 'choice update: sleep', 'sectors that stay bad'),
    ...after(
      500,
      'choice getattr: sleep',
      'world of the original page size',
      'file cut and grown again during a get',
      'file cut and grown again during a put',
      'disconnected during a get',
      'disconnected during a put',
    ),
    ...SINGLE_PAGES,
    ...LOST_FILES,
    ...LONG_PUTS,
    ...after(100, 'two threads in the pager', 'sleep on call', 'sleep on vnode'),
    ...after(
      500,
      'interrupt while a thread runs',
      'a call slept in alloc',
      'a call slept in getmulti',
      'sleep on map',
    ),
    ...after(1000, 'alloc meets a dying object', 'a call slept in uncache'),
    ...after(2000, 'a call slept in dealloc'),
  },
  faults: {
    ...EVERY,
    ...EVERYWHERE,
    ...PROGRAMS,
    ...ORDINARY,
    ...UPDATES,
    ...after(
      100,
      'choice transfer: error',
      'choice transfer: short',
      'choice bmap: error',
      'choice read: error',
      'choice write: error',
      'choice write: short',
      'choice page: error',
      'sectors that stay bad',
    ),
    ...after(200, 'choice read: short'),
    ...after(500, 'choice getattr: error', 'choice update: error'),
    ...SINGLE_PAGES,
    ...LOST_FILES,
    ...LOCKERS,
    ...LONG_PUTS,
    ...after(200, 'getmulti ERROR', 'putmulti ERROR', 'read failed, sync', 'write failed', 'transfer short'),
    ...after(500, 'read failed, async', 'alloc fails'),
    ...after(1000, 'delayed write lost'),
  },
  large: {
    ...EVERY,
    ...EVERYWHERE,
    ...PROGRAMS,
    ...after(
      100,
      'one thread',
      'world of the original page size',
      'file around 2 GiB',
      'file around 4 GiB',
      'size of 2 GiB or more',
      'setsize across 2 GiB',
      'setsize across 4 GiB',
    ),
    ...after(200, 'last page before 2 GiB'),
    ...SINGLE_PAGES,
    ...LOST_FILES,
    ...LONG_PUTS,
    ...after(
      100,
      'page at or past 2 GiB',
      'size of 4 GiB or more',
      'disk address at or past 2 GiB',
      'disk address at or past 4 GiB',
      'get run of 8',
    ),
  },
  exhaustion: {
    ...EVERY,
    ...EVERYWHERE,
    ...PROGRAMS,
    ...after(100, 'one thread', 'sleep on a pool of one', 'choice run: run', 'choice pbuf: sleep'),
    ...after(200, 'sleep on a map of one page', 'choice map: sleep', 'sectors that stay bad'),
    ...after(500, 'sleep on a pool of two', 'choice update: sleep'),
    ...SINGLE_PAGES,
    ...LOST_FILES,
    ...LOCKERS,
    ...LONG_PUTS,
    ...after(100, 'sleep on pool', 'sleep on memory', 'disk full', 'put by the page-out daemon'),
    ...after(200, 'sleep on map'),
    ...after(1000, 'getmulti BAD'),
  },
  mixed: {
    ...EVERY,
    ...EVERYWHERE,
    ...PROGRAMS,
    ...ORDINARY,
    ...UPDATES,
    ...SINGLE_PAGES,
    ...LOST_FILES,
    ...LOCKERS,
    ...LONG_PUTS,
    ...after(2000, 'read failed, async'),
  },
};
