/**
 * What each suite must have reached on the repaired reference pager, and after how many runs. A suite that has not is vacuous,
 * whatever it found. Each number is some twenty times what it takes on average, so that no seed misses one by accident; what
 * is reached in fewer than one run in two hundred is counted, but not asked for.
 */
import { transitionsOf } from '../../model/machines/transitions.ts';
import { MACHINES, UNTAKEN } from '../accepted-events.ts';
import type { ReachName } from './coverage.ts';

/** Names, to the number of runs after which they must have been reached. */
export type Reach = Readonly<Partial<Record<ReachName, number>>>;

/** Transitions that take fewer than one run in five, to the number of runs. */
const SELDOM: Readonly<Record<string, number>> = {
  'transition page WAKEUP in call offered': 500,
  'transition page BRING_END in call brought': 200,
};

/** Every transition of the state machines, for every suite, but for those that say why not. */
export const TRANSITIONS: Readonly<Record<string, number>> = Object.fromEntries(
  Object.values(MACHINES)
    .flatMap(transitionsOf)
    .filter(({ name }) => UNTAKEN[name] === undefined)
    .map(({ name }) => [name, SELDOM[name] ?? 100]),
);

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
  ...after(5000, 'a call slept in setsize', 'get of a hole', 'read failed, sync', 'alloc fails'),
};

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
    'disconnected with a live pager',
    'file removed',
    'putmulti FAIL',
    'haspage says no, file system gone',
    'setsize inside another pager call',
  ),
  ...after(1000, 'uncache with the vnode locked by another', 'disconnected while a transfer is in flight'),
};

/** Suites with long runs of dirty pages. */
const LONG_PUTS: Reach = after(2000, 'put run of 6', 'put run of 7', 'put run of 8');

/** What a suite must have reached, by the suite's name. */
export const REACH: Readonly<Record<string, Reach>> = {
  get: {
    ...EVERY,
    ...after(100, 'call getpage', 'getpage OK', 'get of a partially valid page', 'haspage says no past EOF'),
    ...after(500, 'getpage ERROR', 'get run of 7', 'get run of 8', 'put run of 7'),
    ...after(1000, 'a call slept in getmulti', 'a call slept in haspage'),
  },
  put: {
    ...EVERY,
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
  process: { ...EVERY, ...after(500, 'get run of 7', 'get run of 8') },
  lifetime: {
    ...EVERY,
    ...LOST_FILES,
    ...after(100, 'uncache says yes', 'alloc takes an object from the cache', 'sleep on vnode'),
    ...after(1000, 'alloc fails', 'a call slept in alloc'),
    ...after(2000, 'alloc meets a dying object', 'a call slept in dealloc'),
  },
  threads: {
    ...EVERY,
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
    ...SINGLE_PAGES,
    ...LOST_FILES,
    ...LONG_PUTS,
    ...after(200, 'getmulti ERROR', 'putmulti ERROR', 'read failed, sync', 'write failed', 'transfer short'),
    ...after(500, 'read failed, async', 'alloc fails'),
    ...after(1000, 'delayed write lost'),
  },
  large: {
    ...EVERY,
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
    ...SINGLE_PAGES,
    ...LOST_FILES,
    ...LONG_PUTS,
    ...after(100, 'sleep on pool', 'sleep on memory', 'disk full', 'put by the page-out daemon'),
    ...after(200, 'sleep on map'),
    ...after(1000, 'getmulti BAD'),
  },
  mixed: { ...EVERY, ...SINGLE_PAGES, ...LOST_FILES, ...LONG_PUTS, ...after(2000, 'read failed, async') },
};
