/**
 * Meetings: one thread sleeps inside the pager, and right then another thread changes the file. Such pairs hardly ever come about
 * by chance, because both operations, both threads and the moment of sleep have to fit; here the second operation is drawn right
 * after the first, and the first is made to sleep where its path to the disk can.
 */
import type { OperationKind } from '../../src/scenario/operations.ts';
import type { Choice, Exception, Operation } from '../../src/scenario/scenario.ts';
import { halving } from './choose.ts';
import { MEETS_HOLE, MEETS_LAST_PAGE_OUT, MEETS_PAGE_IN, MEETS_PAGE_OUT } from './follower.ts';
import type { Random } from './random.ts';

/** How the pager goes about a file (kernel notes 12). */
export type Path = 'old' | 'small' | 'direct' | 'network';

/** What changes a file under others: its size above all, its blocks, its file system. */
export const CHANGES: readonly OperationKind[] = [
  'truncate',
  'truncate',
  'truncate',
  'extend',
  'extend',
  'write',
  'write',
  'recycle',
];

/** What makes a file longer. */
export const GROWTHS: readonly OperationKind[] = ['extend', 'write'];

/** What an operation must meet to be the first of a meeting. */
export const MEETS_PAGER = MEETS_PAGE_IN | MEETS_PAGE_OUT;

/** Where page-in and page-out can sleep, by path. */
const SLEEPS: Readonly<Record<Path, readonly [pageIn: readonly Choice[], pageOut: readonly Choice[]]>> = {
  old: [
    ['read', 'map'],
    ['write', 'map'],
  ],
  small: [
    ['bmap', 'bmap', 'pbuf', 'map'],
    ['bmap', 'bmap', 'pbuf', 'map', 'update', 'write'],
  ],
  direct: [
    ['bmap', 'pbuf'],
    ['bmap', 'pbuf', 'pbuf', 'update', 'write'],
  ],
  network: [['pbuf'], ['pbuf', 'update']],
};

/**
 * Whether an operation writes the last dirty pages of an object. A truncation does not wait for those: the address that a write
 * has may be another file's by the time it has a pbuf.
 */
export const isLastPageOut = (meets: number): boolean => (meets & MEETS_LAST_PAGE_OUT) !== 0;

/** Whether an operation reads a page of a hole of a file on a disk. */
export const readsHole = (meets: number, path: Path): boolean =>
  (meets & MEETS_HOLE) !== 0 && path === 'direct';

/** A moment of sleep for the first operation of a meeting, about file `file`; `meets` is what it probably meets. */
export function drawSleep(
  random: Random,
  operation: Operation,
  meets: number,
  path: Path,
  file: number,
): Exception {
  const [pageIn, pageOut] = SLEEPS[path];
  const isIn = (meets & MEETS_PAGE_IN) !== 0 && ((meets & MEETS_PAGE_OUT) === 0 || random.oneIn(2));
  let choice = random.pick(isIn ? pageIn : pageOut);
  if (isLastPageOut(meets) && path !== 'old') choice = 'pbuf';
  // it is filled with zeros at an address of pager_map
  else if (readsHole(meets, path) && random.oneIn(2)) choice = 'map';
  const isOfFile = choice !== 'pbuf' && choice !== 'map';
  return {
    operation: operation.id,
    thread: operation.thread,
    choice,
    subject: isOfFile ? file : 0,
    ordinal: choice === 'bmap' ? random.below(6) : halving(random, 2),
    take: 'sleep',
    amount: 0,
  };
}
