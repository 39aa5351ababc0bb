/**
 * The operations and choices that a scenario may name: level, arguments and one sentence each. The codec, the documentation,
 * the generators and the shrinker read this table; what an operation does is in `src/kernel/callers`.
 */
import type { Choice, Operation, Take } from './scenario.ts';

/** Who acts: a caller of the pager, a process, or a file system. */
export type Level = 'pager' | 'process' | 'file-system';

/** A field of an operation that carries an argument. */
export type Argument = Exclude<keyof Operation, 'id' | 'thread' | 'kind'>;

/** What is known of an operation without running it. */
export interface OperationSpec {
  level: Level;
  arguments: readonly Argument[];
  /** What it does, in one sentence. */
  does: string;
}

const spec = (level: Level, does: string, ...args: Argument[]): OperationSpec => ({
  level,
  arguments: args,
  does,
});

/** Every operation of the file format. */
export const OPERATIONS = {
  get: spec(
    'pager',
    'calls getpages for `page` with up to `before` and `count` absent neighbours; ' +
      '`valid` and `dirty` prepare the requested page; `other` 1 leaves what is dirty to the modified bit of a mapping',
    'file',
    'page',
    'before',
    'count',
    'valid',
    'dirty',
    'other',
  ),
  getpage: spec(
    'pager',
    'calls getpage for one page, prepared as by get',
    'file',
    'page',
    'valid',
    'dirty',
    'other',
  ),
  put: spec(
    'pager',
    'calls putpages for up to `count` pages from `page` on, prepared with the masks; `other` 1 asks for a synchronous put',
    'file',
    'page',
    'count',
    'valid',
    'dirty',
    'other',
  ),
  putpage: spec('pager', 'calls putpage for one page', 'file', 'page', 'valid', 'dirty'),
  haspage: spec('pager', 'asks haspage about a page', 'file', 'page'),
  alloc: spec('pager', 'calls alloc for the file and drops the reference gained', 'file'),
  uncache: spec(
    'pager',
    'calls uncache, with the vnode locked by the caller if `other` is 1',
    'file',
    'other',
  ),
  nullpager: spec('pager', 'calls alloc, getpage, putpage and setsize without a pager or vnode'),

  open: spec('process', 'opens the file', 'file'),
  close: spec('process', 'closes it once', 'file'),
  map: spec('process', 'maps it, as the text of a program if `other` is 1', 'file', 'other'),
  unmap: spec('process', 'drops one mapping; stores made through it reach the page', 'file'),
  fault: spec('process', 'reads a byte of a page through a mapping', 'file', 'page'),
  store: spec(
    'process',
    'writes `length` bytes (0 means 1) of one page through a mapping, also past EOF within the last page',
    'file',
    'offset',
    'length',
  ),
  msync: spec(
    'process',
    'writes back what is dirty of `count` pages (0 means 1) from `page` on, and waits',
    'file',
    'page',
    'count',
  ),
  pageout: spec('process', 'has the page-out daemon clean the page and its dirty followers', 'file', 'page'),
  reclaim: spec(
    'process',
    'has the page-out daemon free up to `count` (0 means 1) clean pages and clean dirty ones',
    'count',
  ),
  drop: spec('process', 'trims the file from the object cache', 'file'),
  read: spec('process', 'read(2) of `length` bytes (0 means 1)', 'file', 'offset', 'length'),
  write: spec(
    'process',
    'write(2) of `length` bytes (0 means 1), extending the file if needed',
    'file',
    'offset',
    'length',
  ),
  flush: spec('process', 'writes delayed buffers of the file', 'file'),
  truncate: spec('process', 'makes the file `length` bytes long if it is longer', 'file', 'length'),
  extend: spec('process', 'makes the file `length` bytes long if it is shorter', 'file', 'length'),
  unlink: spec('process', 'removes the name; the file goes with its last reference', 'file'),
  rename: spec('process', 'renames `file` over the file `other`, which loses its name', 'file', 'other'),

  unmount: spec(
    'file-system',
    'unmounts the file system `other`, or with 8 all of them as at shutdown, each unless it is busy',
    'other',
  ),
  'force-unmount': spec('file-system', 'disconnects every vnode of the file system `other`', 'other'),
  recycle: spec('file-system', 'disconnects one vnode (vgone)', 'file'),
  lock: spec(
    'file-system',
    'locks the vnode: `other` 0 by this thread, 1 by another process',
    'file',
    'other',
  ),
  unlock: spec('file-system', 'releases such a lock', 'file', 'other'),
} as const satisfies Record<string, OperationSpec>;

/** The name of an operation. */
export type OperationKind = keyof typeof OPERATIONS;

/** All names, in the order of the table. */
export const OPERATION_KINDS = Object.keys(OPERATIONS) as OperationKind[];

/** Which departures fit which choice, and whether the subject is a file. `schedule` holds the first list, `faults` the second. */
export const CHOICES: Record<
  Choice,
  { schedule: readonly Take[]; faults: readonly Take[]; subject: 'file' | 'none'; does: string }
> = {
  run: {
    schedule: ['run'],
    faults: [],
    subject: 'none',
    does: 'another thread goes on: before the operation, or when the thread sleeps',
  },
  interrupt: {
    schedule: ['deliver'],
    faults: [],
    subject: 'none',
    does: 'finished transfers interrupt at a call into the kernel or at splx',
  },
  transfer: {
    schedule: ['immediate', 'delay', 'sleep'],
    faults: ['error', 'short'],
    subject: 'file',
    does: 'a transfer finishes inside strategy, is overtaken, fails or is short',
  },
  bmap: { schedule: ['sleep'], faults: ['error'], subject: 'file', does: 'VOP_BMAP sleeps or fails' },
  getattr: {
    schedule: ['sleep', 'resize'],
    faults: ['error'],
    subject: 'file',
    does: 'VOP_GETATTR sleeps, fails, or (network) finds that the file has another size, and tells the pager from within',
  },
  read: {
    schedule: ['sleep'],
    faults: ['error', 'short'],
    subject: 'file',
    does: 'VOP_READ sleeps, fails or is short',
  },
  write: {
    schedule: ['sleep', 'uncache'],
    faults: ['error', 'short'],
    subject: 'file',
    does: 'VOP_WRITE sleeps, uncaches the file before it copies anything, fails or is short',
  },
  update: { schedule: ['sleep'], faults: ['error'], subject: 'file', does: 'VOP_UPDATE sleeps or fails' },
  malloc: { schedule: ['sleep'], faults: [], subject: 'none', does: 'a kernel allocation sleeps' },
  page: { schedule: [], faults: ['error'], subject: 'none', does: 'vm_page_alloc finds no frame' },
  kmem: {
    schedule: ['sleep'],
    faults: ['error'],
    subject: 'none',
    does: 'kmem_alloc sleeps or finds no room',
  },
  map: { schedule: ['sleep'], faults: [], subject: 'none', does: 'vm_pager_map_page waits for room' },
  pbuf: {
    schedule: ['sleep'],
    faults: [],
    subject: 'none',
    does: 'getpbuf waits for somebody else to give one back',
  },
  inactive: {
    schedule: ['sleep'],
    faults: [],
    subject: 'file',
    does: 'vrele sleeps before the last reference goes',
  },
  wakeup: {
    schedule: ['spurious'],
    faults: [],
    subject: 'none',
    does: "the pager's tsleep ends although what it waits for has not happened",
  },
};

/** Makes an operation from the arguments that matter; the rest is 0. */
export function operation(
  id: number,
  thread: number,
  kind: OperationKind,
  args: Partial<Operation> = {},
): Operation {
  return {
    id,
    thread,
    kind,
    file: args.file ?? 0,
    page: args.page ?? 0,
    count: args.count ?? 0,
    before: args.before ?? 0,
    offset: args.offset ?? 0,
    length: args.length ?? 0,
    valid: args.valid ?? 0,
    dirty: args.dirty ?? 0,
    other: args.other ?? 0,
  };
}
