/**
 * Departures from the plain run. Each is addressed at an operation that the scenario has, with a choice that this operation
 * can meet on this file's file system, because an exception that is never met is wasted. Media faults lie in and just beside
 * the sectors of the files.
 */
import { CHOICES, OPERATIONS, type OperationKind } from '../../src/scenario/operations.ts';
import { layoutOf } from '../../src/scenario/layout.ts';
import type {
  Choice,
  Exception,
  FileSystem,
  MediaFault,
  Operation,
  Scenario,
} from '../../src/scenario/scenario.ts';
import { halving, percent, within } from './choose.ts';
import { FILELESS } from './operations.ts';
import type { ExceptionProfile } from './profile.ts';
import type { Random } from './random.ts';

/** How the pager goes about a file (kernel notes 12). */
type Path = 'old' | 'small' | 'direct' | 'network';

/** What reading a page may meet, by path; only a block map on a disk can sleep or fail when it should not. */
const PAGE_IN: Record<Path, readonly Choice[]> = {
  old: ['read', 'read', 'map', 'page'],
  small: ['bmap', 'bmap', 'transfer', 'transfer', 'interrupt', 'pbuf', 'map', 'page'],
  direct: ['bmap', 'bmap', 'transfer', 'transfer', 'transfer', 'interrupt', 'interrupt', 'pbuf', 'page'],
  network: ['transfer', 'transfer', 'transfer', 'interrupt', 'interrupt', 'pbuf', 'page'],
};

/** What writing a page may meet. Holes of any file system take the old path. */
const PAGE_OUT: Record<Path, readonly Choice[]> = {
  old: ['kmem', 'map', 'write', 'write'],
  small: ['bmap', 'update', 'transfer', 'transfer', 'interrupt', 'pbuf', 'map', 'write'],
  direct: ['bmap', 'update', 'transfer', 'transfer', 'interrupt', 'pbuf', 'kmem', 'write'],
  network: ['update', 'transfer', 'transfer', 'interrupt', 'pbuf'],
};

/** What creating a pager may meet. */
const CREATE: readonly Choice[] = ['getattr', 'getattr', 'malloc', 'malloc'];

/** What ending an object may meet, besides writing its pages. */
const END: readonly Choice[] = ['inactive', 'transfer', 'bmap', 'interrupt'];

/** What changing a file by a system call may meet: the pager clears the rest of a page through a map of its own. */
const CHANGE: readonly Choice[] = ['map'];
const WRITE: readonly Choice[] = ['write', 'write', 'map'];
const READ: readonly Choice[] = ['read'];
const HASPAGE: readonly Choice[] = ['bmap'];

type Meets = 'page-in' | 'page-out' | 'create' | 'end' | 'change' | 'write' | 'read' | 'haspage' | 'nothing';

const MEETS: Record<OperationKind, Meets> = {
  get: 'page-in',
  getpage: 'page-in',
  put: 'page-out',
  putpage: 'page-out',
  haspage: 'haspage',
  alloc: 'create',
  uncache: 'end',
  nullpager: 'nothing',
  open: 'create',
  close: 'end',
  map: 'create',
  unmap: 'end',
  fault: 'page-in',
  store: 'page-in',
  msync: 'page-out',
  pageout: 'page-out',
  reclaim: 'page-out',
  drop: 'end',
  read: 'read',
  write: 'write',
  flush: 'nothing',
  truncate: 'change',
  extend: 'change',
  unlink: 'end',
  rename: 'end',
  unmount: 'end',
  'force-unmount': 'end',
  recycle: 'end',
  lock: 'nothing',
  unlock: 'nothing',
};

const RUN: Choice = 'run';

/** The path that gets and puts of the file system's files take. */
export function pathOf(fs: FileSystem, pageSize: number): Path {
  if (fs.blockMap === 'none') return 'old';
  if (fs.blockMap === 'network') return 'network';
  return fs.blockSize < pageSize ? 'small' : 'direct';
}

function choicesAt(operation: Operation, path: Path): readonly Choice[] | null {
  switch (MEETS[operation.kind]) {
    case 'page-in':
      return PAGE_IN[path];
    case 'page-out':
      return PAGE_OUT[path];
    case 'create':
      return CREATE;
    case 'end':
      return END;
    case 'change':
      return CHANGE;
    case 'write':
      return WRITE;
    case 'read':
      return READ;
    case 'haspage':
      return HASPAGE;
    default:
      return null;
  }
}

/** Appends exceptions of one list. */
export function drawExceptions(
  random: Random,
  profile: ExceptionProfile,
  scenario: Scenario,
  list: 'schedule' | 'faults',
): void {
  const { operations, threads, files } = scenario;
  if (operations.length === 0 || !percent(random, profile.share)) return;
  const into = scenario[list];
  const wanted = within(random, profile.count);
  let at = 0;
  for (let i = 0; i < wanted; i++) {
    // Several departures during one operation are worth more than the same number far apart.
    if (i === 0 || !random.oneIn(3)) at = random.below(operations.length);
    const operation = operations[at]!;
    // What names no file may meet choices about any.
    const file = FILELESS.has(operation.kind) ? random.below(files.length) : operation.file % files.length;
    const path = pathOf(scenario.fileSystems[files[file]!.fileSystem]!, scenario.geometry.pageSize);
    const choices = choicesAt(operation, path);
    let choice: Choice;
    if (list === 'schedule' && (threads > 1 ? random.oneIn(2) : false)) choice = RUN;
    else if (choices === null) continue;
    else choice = random.pick(choices);
    if (choice === 'bmap' && (path === 'old' || path === 'network')) continue;
    const takes = CHOICES[choice][list];
    if (takes.length === 0) continue;
    const take = random.pick(takes);
    const exception: Exception = {
      operation: operation.id,
      thread: operation.thread,
      choice,
      subject: CHOICES[choice].subject === 'file' ? file : 0,
      ordinal: choice === 'bmap' ? random.below(8) : halving(random, 5),
      take,
      amount: 0,
    };
    switch (take) {
      case 'run':
        exception.amount = random.below(threads);
        if (exception.amount === exception.thread) exception.amount = (exception.amount + 1) % threads;
        break;
      case 'deliver':
      case 'delay':
        exception.amount = 1 + halving(random, 3);
        break;
      case 'short':
        exception.amount =
          choice === 'transfer' ? 1 + halving(random, 4) : 1 + random.below(scenario.geometry.pageSize);
        break;
      default:
        break;
    }
    if (!hasAddress(scenario, exception)) into.push(exception);
  }
}

/** One address has one exception, or it would be unclear which of them holds. */
function hasAddress(scenario: Scenario, e: Exception): boolean {
  for (const list of [scenario.schedule, scenario.faults]) {
    for (const other of list) {
      if (
        other.operation === e.operation &&
        other.thread === e.thread &&
        other.choice === e.choice &&
        other.subject === e.subject &&
        other.ordinal === e.ordinal
      ) {
        return true;
      }
    }
  }
  return false;
}

/** Draws sectors that fail, in and just beside the files' extents. */
export function drawMedia(random: Random, profile: ExceptionProfile, scenario: Scenario): MediaFault[] {
  const media: MediaFault[] = [];
  if (!percent(random, profile.share)) return media;
  const { extents } = layoutOf(scenario);
  const wanted = within(random, profile.count);
  for (let i = 0; i < wanted; i++) {
    const file = random.below(extents.length);
    const list = extents[file]!;
    if (list.length === 0) continue;
    const extent = random.pick(list);
    const blockSectors =
      scenario.fileSystems[scenario.files[file]!.fileSystem]!.blockSize / scenario.geometry.sectorSize;
    const sector = extent.sector + random.below(extent.count * blockSectors + 1);
    if (sector >= scenario.geometry.diskSectors) continue;
    media.push({
      sector,
      count: Math.min(1 + halving(random, 4), scenario.geometry.diskSectors - sector),
      access: random.pick(['read', 'write', 'both'] as const),
    });
  }
  return media;
}

/** All kinds that the table above knows something to address at; the tests compare it with the operations. */
export const ADDRESSABLE = (Object.keys(OPERATIONS) as OperationKind[]).filter(
  (kind) => MEETS[kind] !== 'nothing',
);
