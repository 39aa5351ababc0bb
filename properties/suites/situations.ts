/**
 * The names of everything that is counted of runs, in the order of a report. Their number is fixed, so that counting is adding to
 * an array; when each is counted is in `coverage.ts`, which of them a suite must have reached in `reach.ts`.
 */
import { CHOICES, OPERATION_KINDS, type OperationKind } from '../../src/scenario/operations.ts';
import type { Choice, Take } from '../../src/scenario/scenario.ts';
import {
  PAGER_FUNCTIONS,
  RESULT_NAMES,
  type ChannelKind,
  type PagerFunction,
} from '../../src/trace/codes.ts';
import { EDGES } from './edges.ts';
import { WORLDS, type World } from './worlds.ts';

/** Everything that is counted, besides calls, results, runs, sleeps, operations and endings, whose names are put together. */
const MOMENTS = [
  'get by the small-block path',
  'get by the direct path',
  'get by the direct path from a network',
  'get by the old path',
  'put by the small-block path',
  'put by the direct path',
  'put by the direct path to a network',
  'put by the old path',
  'put of a hole by the old path',
  'get of a hole',
  'get of a partially valid page',
  'get of a page with dirty chunks',
  'get of a page whose block has a dirty buffer',
  'get with pages before the requested one',
  'get with pages after the requested one',
  'get with the vnode locked by the caller',
  'get with the vnode locked by another',
  'get of the page with EOF in it',
  'get past EOF',
  'put of the page with EOF in it',
  'put past EOF',
  'put of a partially valid page',
  'put of a partially dirty page',
  'put of a page whose block has a dirty buffer',
  'put by the page-out daemon',
  'put with the vnode locked by the caller',
  'put with the vnode locked by another',
  'put of a dying object',
  'last page before 2 GiB',
  'page at or past 2 GiB',
  'last page that an object can have',
  'size of 2 GiB or more',
  'size of 4 GiB or more',
  'disk address at or past 2 GiB',
  'disk address at or past 4 GiB',
  'disk read, sync',
  'disk read, async',
  'disk write',
  'network read, sync',
  'network read, async',
  'network write',
  'read failed, sync',
  'read failed, async',
  'write failed',
  'transfer short',
  'transfers end out of order',
  'transfer ends inside strategy',
  'interrupt while a thread runs',
  'interrupt while idle',
  'alloc makes a pager',
  'alloc takes an object from the cache',
  'alloc fails',
  'alloc meets a dying object',
  'dealloc of program text',
  'haspage says no to a hole',
  'haspage says no past EOF',
  'haspage says no, file system gone',
  'haspage says yes',
  'haspage of a page with delayed blocks in a dirty buffer',
  'setsize shrinks',
  'setsize grows',
  'setsize to nothing',
  'setsize to the same size',
  'setsize across 2 GiB',
  'setsize across 4 GiB',
  'setsize with the page of the new EOF resident',
  'setsize of a dying object',
  'setsize while a transfer is in flight',
  'setsize inside another pager call',
  'setsize inside alloc',
  'setsize during a get',
  'setsize during a put',
  'file cut and grown again during a get',
  'file cut and grown again during a put',
  'uncache says yes',
  'uncache says no',
  'uncache with the vnode locked by the caller',
  'uncache with the vnode locked by another',
  'uncache inside a put',
  'umount with live pagers',
  'umount of a file system with a file in use',
  'umount of all file systems with live pagers',
  'disconnected with a live pager',
  'disconnected while a transfer is in flight',
  'disconnected during a get',
  'disconnected during a put',
  'object dies with dirty pages',
  'object dies without dirty pages',
  'file removed',
  'two threads in the pager',
  'disk full',
  'partially valid page from the buffer cache',
  'delayed write lost',
  'unsaved page cut off',
  'sleep on a pool of one',
  'sleep on a pool of two',
  'sleep on a map of one page',
  'read across EOF',
  'write past EOF, with a gap',
  'store past EOF',
] as const;

/** Positions in files that are looked at for edges. */
const POSITIONS = [
  'setsize',
  'read begins',
  'read ends',
  'write begins',
  'write ends',
  'store begins',
  'store ends',
] as const;

/** Every way in which a choice can go otherwise than in the plain run. */
const DEPARTURES = Object.entries(CHOICES).flatMap(([choice, { schedule, faults }]) =>
  [...schedule, ...faults].map((take) => departureName(choice as Choice, take)),
);

/** The name of a departure. */
export function departureName<C extends Choice, T extends Take>(choice: C, take: T): `choice ${C}: ${T}` {
  return `choice ${choice}: ${take}`;
}

/** What threads sleep on. */
export const CHANNEL_KINDS = [
  'page',
  'object',
  'buf',
  'pool',
  'map',
  'vnode',
  'memory',
  'call',
] as const satisfies ChannelKind[];
/** The pager functions within which calls into the kernel sleep by themselves. */
export const SLEEPERS = [
  'alloc',
  'dealloc',
  'getmulti',
  'putmulti',
  'haspage',
  'setsize',
  'uncache',
] as const satisfies PagerFunction[];
/** Lengths of runs of pages. */
export const RUNS = [1, 2, 3, 4, 5, 6, 7, 8] as const;

/** A name that a suite may declare in its `reach`. */
export type ReachName =
  | (typeof MOMENTS)[number]
  | World
  | `choice ${Choice}: ${Take}`
  | `${(typeof POSITIONS)[number]} ${(typeof EDGES)[number]}`
  | `call ${PagerFunction}`
  | `${'getmulti' | 'getpage' | 'putmulti' | 'putpage'} ${(typeof RESULT_NAMES)[number]}`
  | `${'get' | 'put'} run of ${(typeof RUNS)[number]}`
  | `sleep on ${(typeof CHANNEL_KINDS)[number]}`
  | `a call slept in ${(typeof SLEEPERS)[number]}`
  | `operation ${OperationKind}`
  | 'run to the end';

/** All names, in the order of a report. */
export const REACH_NAMES: readonly ReachName[] = [
  ...PAGER_FUNCTIONS.map((name): ReachName => `call ${name}`),
  ...(['getmulti', 'getpage', 'putmulti', 'putpage'] as const).flatMap((name) =>
    RESULT_NAMES.map((result): ReachName => `${name} ${result}`),
  ),
  ...(['get', 'put'] as const).flatMap((name) => RUNS.map((n): ReachName => `${name} run of ${n}`)),
  ...CHANNEL_KINDS.map((kind): ReachName => `sleep on ${kind}`),
  ...SLEEPERS.map((name): ReachName => `a call slept in ${name}`),
  ...OPERATION_KINDS.map((kind): ReachName => `operation ${kind}`),
  'run to the end',
  ...MOMENTS,
  ...POSITIONS.flatMap((position) => EDGES.map((edge): ReachName => `${position} ${edge}`)),
  ...DEPARTURES,
  ...WORLDS,
];

/**
 * Answers that no caller expects of a get, and those that only pagers with asynchronous puts, or puts that refuse, give: told of
 * when they come, and not missed when they do not.
 */
export const NOT_MISSED: ReadonlySet<ReachName> = new Set([
  'getmulti PEND',
  'getmulti AGAIN',
  'getpage PEND',
  'getpage AGAIN',
  'putmulti PEND',
  'putpage PEND',
  'putpage AGAIN',
]);

/**
 * Index of each name in the counters. An object of so many properties is a dictionary, in which every use would look for its
 * name; what is inherited from one is found once and for all.
 */
export const AT = Object.create(Object.fromEntries(REACH_NAMES.map((name, i) => [name, i]))) as Readonly<
  Record<ReachName, number>
>;
