/**
 * Departures from the plain run. Each is addressed at an operation that the scenario has, with a choice that this operation
 * can meet on this file's file system, because an exception that is never met is wasted. Media faults lie in and just beside
 * the sectors of the files.
 */
import { CHOICES } from '../../src/scenario/operations.ts';
import { layoutOf } from '../../src/scenario/layout.ts';
import {
  SETTLEMENT,
  type Choice,
  type Exception,
  type FileSystem,
  type MediaFault,
  type Scenario,
  type Take,
} from '../../src/scenario/scenario.ts';
import { halving, percent, within } from './choose.ts';
import {
  MEETS_CREATE,
  MEETS_HASPAGE,
  MEETS_PAGE_IN,
  MEETS_PAGE_OUT,
  MEETS_PART,
  MEETS_READ,
  MEETS_RELEASE,
  MEETS_WRITE,
} from './follower.ts';
import { drawSleep, isLastPageOut, readsHole, type Path } from './meetings.ts';
import type { OperationGenerator } from './operations.ts';
import type { ExceptionProfile } from './profile.ts';
import type { Random } from './random.ts';

/** Choices at a moment, by the file's path; a choice that is listed twice is drawn twice as often. */
type Met = Readonly<Record<Path, readonly Choice[]>>;

const always = (...choices: Choice[]): Met => ({
  old: choices,
  small: choices,
  direct: choices,
  network: choices,
});

/**
 * What is met at the moments that the follower foresees, in the order of its bits. Only a block map on a disk can sleep or
 * fail when it should not, and holes of any file system take the old path of page-out.
 */
const MET: readonly (readonly [moment: number, weight: number, met: Met])[] = [
  [MEETS_CREATE, 4, always('getattr', 'malloc')],
  [
    MEETS_PAGE_IN,
    4,
    {
      old: ['read', 'read', 'map', 'kmem', 'page'],
      small: [
        'bmap',
        'bmap',
        'bmap',
        'transfer',
        'transfer',
        'transfer',
        'interrupt',
        'pbuf',
        'map',
        'page',
        'wakeup',
      ],
      direct: [
        'bmap',
        'bmap',
        'bmap',
        'transfer',
        'transfer',
        'transfer',
        'interrupt',
        'interrupt',
        'pbuf',
        'page',
        'wakeup',
      ],
      network: ['transfer', 'transfer', 'transfer', 'interrupt', 'interrupt', 'pbuf', 'page', 'wakeup'],
    },
  ],
  [
    MEETS_PAGE_OUT,
    4,
    {
      old: ['kmem', 'map', 'write', 'write', 'write'],
      small: [
        'bmap',
        'bmap',
        'update',
        'transfer',
        'transfer',
        'transfer',
        'interrupt',
        'pbuf',
        'map',
        'write',
        'wakeup',
      ],
      direct: [
        'bmap',
        'bmap',
        'update',
        'transfer',
        'transfer',
        'transfer',
        'interrupt',
        'pbuf',
        'write',
        'kmem',
        'wakeup',
      ],
      network: ['update', 'transfer', 'transfer', 'transfer', 'interrupt', 'pbuf', 'wakeup'],
    },
  ],
  [MEETS_RELEASE, 1, always('inactive')],
  [MEETS_PART, 2, always('map')],
  [MEETS_READ, 1, always('read')],
  [MEETS_WRITE, 2, always('write')],
  [MEETS_HASPAGE, 2, { old: [], small: ['bmap'], direct: ['bmap'], network: [] }],
];

/** The table with each moment as often as its weight says. */
const LOTTERY = MET.flatMap(([moment, weight, met]) =>
  Array.from({ length: weight }, () => ({ moment, met })),
);

/** What writing dirty pages meets: others than the operation do that too. */
const PAGE_OUT = new Set<Choice>(['bmap', 'update', 'transfer', 'pbuf', 'map', 'write', 'kmem']);

/** One in so many departures of page-out happens to the daemon or in the settlement. */
const ELSEWHERE = 12;

/** Worlds with more frames hardly ever wake the daemon. */
const SCARCE_FRAMES = 24;

/** How often an operation that meets nothing is drawn again. */
const ATTEMPTS = 4;

/** The path that gets and puts of the file system's files take. */
export function pathOf(fs: FileSystem, pageSize: number): Path {
  if (fs.blockMap === 'none') return 'old';
  if (fs.blockMap === 'network') return 'network';
  return fs.blockSize < pageSize ? 'small' : 'direct';
}

/** A choice that is probably met, or null. */
function drawChoice(random: Random, meets: number, path: Path, list: 'schedule' | 'faults'): Choice | null {
  if (meets === 0) return null;
  let drawn = random.pick(LOTTERY);
  while ((meets & drawn.moment) === 0) drawn = random.pick(LOTTERY);
  const choices = drawn.met[path];
  // Releasing something is met by most operations, and of little consequence.
  if (choices.length === 0 || (meets === MEETS_RELEASE && !random.oneIn(3))) return null;
  const choice = random.pick(choices);
  return CHOICES[choice][list].length === 0 ? null : choice;
}

/** How many choices of the kind came before; block maps are asked often during one page-in. */
function drawOrdinal(random: Random, choice: Choice): number {
  if (choice === 'bmap' && random.oneIn(2)) return random.below(10);
  return halving(random, 4);
}

/** How it goes on; for setsize and uncache inside other calls there is `drawCallsInside`. */
function drawTake(random: Random, choice: Choice, list: 'schedule' | 'faults'): Take {
  const take = random.pick(CHOICES[choice][list]);
  return take === 'resize' || take === 'uncache' ? 'sleep' : take;
}

/** Appends exceptions of one list. `foreseen` drew the scenario's operations. */
export function drawExceptions(
  random: Random,
  profile: ExceptionProfile,
  scenario: Scenario,
  foreseen: OperationGenerator,
  list: 'schedule' | 'faults',
): void {
  const { operations, threads, files, fileSystems, geometry } = scenario;
  if (operations.length === 0 || !percent(random, profile.share)) return;
  const into = scenario[list];
  const wanted = within(random, profile.count);
  let at = 0;
  for (let i = 0; i < wanted; i++) {
    let choice: Choice | null = null;
    let file = 0;
    // Several departures during one operation are worth more than the same number far apart.
    if (i === 0 || !random.oneIn(3)) at = random.below(operations.length);
    if (list === 'schedule' && threads > 1 && random.oneIn(2)) choice = 'run';
    for (let attempt = 0; choice === null && attempt < ATTEMPTS; attempt++) {
      if (attempt > 0) at = random.below(operations.length);
      file = foreseen.meetsFile[at]!;
      const path = pathOf(fileSystems[files[file]!.fileSystem]!, geometry.pageSize);
      choice = drawChoice(random, foreseen.meets[at]!, path, list);
    }
    if (choice === null) continue;
    const operation = operations[at]!;
    const take = drawTake(random, choice, list);
    const exception: Exception = {
      operation: operation.id,
      thread: operation.thread,
      choice,
      subject: CHOICES[choice].subject === 'file' ? file : 0,
      ordinal: drawOrdinal(random, choice),
      take,
      amount: 0,
    };
    if (PAGE_OUT.has(choice) && random.oneIn(ELSEWHERE)) sendElsewhere(random, scenario, exception);
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

/** Makes the first operations of meetings sleep, most of them; those that seldom come about, always. */
export function drawMeetings(random: Random, scenario: Scenario, foreseen: OperationGenerator): void {
  const { operations, files, fileSystems, geometry, schedule, faults } = scenario;
  for (const at of foreseen.meetings) {
    const isLast = isLastPageOut(foreseen.meets[at]!);
    if (!isLast && random.oneIn(4)) continue;
    const file = foreseen.meetsFile[at]!;
    const path = pathOf(fileSystems[files[file]!.fileSystem]!, geometry.pageSize);
    const exception = drawSleep(random, operations[at]!, foreseen.meets[at]!, path, file);
    if (!hasAddress(scenario, exception)) schedule.push(exception);
    // where nobody can tell, haspage says that there is something, and the get finds the hole
    if (readsHole(foreseen.meets[at]!, path) && exception.choice === 'map') {
      const untold: Exception = { ...exception, choice: 'bmap', subject: file, ordinal: 0, take: 'error' };
      if (!hasAddress(scenario, untold)) faults.push(untold);
    }
    if (!isLast && random.oneIn(2)) continue;
    // the one that changes the file lets the other go first
    const change = operations[at + 1]!;
    const aside: Exception = {
      operation: change.id,
      thread: change.thread,
      choice: 'run',
      subject: 0,
      ordinal: 0,
      take: 'run',
      amount: operations[at]!.thread,
    };
    if (!hasAddress(scenario, aside)) schedule.push(aside);
  }
}

/** One in so many pagers of network files is made when the file has another size on the server. */
const SERVER_SIZES = 6;

/** One in so many operations that probably write uncaches the file in the midst of it. */
const UNCACHES = 12;

/** One in so many scenarios that would run as planned has such calls nevertheless. */
const UNPLANNED = 8;

/**
 * Lets the file system call the pager from within what the pager, or a process, has called it for: alloc finds, now and then,
 * that a file of a network has another size than is known here, and writes uncache the file. Most scenarios that run as planned
 * go on doing so. Drawn on its own, so that all else is as it would be without.
 */
export function drawCallsInside(random: Random, scenario: Scenario, foreseen: OperationGenerator): void {
  const { operations, files, fileSystems, geometry, schedule } = scenario;
  if (schedule.length === 0 && !random.oneIn(UNPLANNED)) return;
  for (const [at, { id, thread }] of operations.entries()) {
    const meets = foreseen.meets[at]!;
    const subject = foreseen.meetsFile[at]!;
    const inside = { operation: id, thread, subject };
    const { blockMap } = fileSystems[files[subject]!.fileSystem]!;
    let exception: Exception | null = null;
    if ((meets & MEETS_CREATE) !== 0 && blockMap === 'network' && random.oneIn(SERVER_SIZES)) {
      const amount = drawServerSize(random, files[subject]!.size, geometry.pageSize);
      exception = { ...inside, choice: 'getattr', ordinal: 0, take: 'resize', amount };
    } else if ((meets & (MEETS_PAGE_OUT | MEETS_WRITE)) !== 0 && random.oneIn(UNCACHES)) {
      exception = { ...inside, choice: 'write', ordinal: halving(random, 3), take: 'uncache', amount: 0 };
    }
    if (exception !== null && !hasAddress(scenario, exception)) schedule.push(exception);
  }
}

/** One in so many operations that change a file in the midst of a page, or make a pager, sleep in vain there if they sleep. */
const VAIN_SLEEPS = 2;

/**
 * Ends the first sleep of setsize and alloc for nothing, now and then: there they wait for a page that is under way, or for the
 * end of an object. Page-in and page-out have that among all that they meet. Scenarios that run as planned go on doing so. Drawn
 * on its own, so that all else is as it would be without.
 */
export function drawVainSleeps(random: Random, scenario: Scenario, foreseen: OperationGenerator): void {
  const { operations, schedule } = scenario;
  if (schedule.length === 0) return;
  for (const [at, { id, thread }] of operations.entries()) {
    if ((foreseen.meets[at]! & (MEETS_PART | MEETS_CREATE)) === 0 || !random.oneIn(VAIN_SLEEPS)) continue;
    const exception: Exception = {
      operation: id,
      thread,
      choice: 'wakeup',
      subject: 0,
      ordinal: 0,
      take: 'spurious',
      amount: 0,
    };
    if (!hasAddress(scenario, exception)) schedule.push(exception);
  }
}

/** What the server has made of a file of `size` bytes: nothing, or a few pages less or more. */
function drawServerSize(random: Random, size: number, pageSize: number): number {
  if (random.oneIn(6)) return 0;
  const drawn = size + random.between(-6 * pageSize, 4 * pageSize);
  return Math.max(0, random.oneIn(3) ? drawn - (drawn % pageSize) : drawn);
}

/** Page-out is not only the operations': the daemon does it when memory is short, and termination in the settlement. */
function sendElsewhere(random: Random, { geometry, threads }: Scenario, exception: Exception): void {
  if (geometry.frames <= SCARCE_FRAMES && random.oneIn(2)) {
    exception.thread = threads;
  } else {
    exception.operation = SETTLEMENT;
    exception.thread = 0;
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
