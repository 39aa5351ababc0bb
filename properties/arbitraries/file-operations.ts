/**
 * Operations on files: system calls that read, write and resize them, and what takes names, mounts and vnodes away. Each function
 * chooses the arguments into the draft and updates the followed state; false means that the operation would come to nothing now.
 */
import { ALL_FILE_SYSTEMS } from '../../src/scenario/scenario.ts';
import { drawLonger, drawShorter, drawWithin } from './arguments.ts';
import { aside } from './choose.ts';
import type { Draft } from './draft.ts';
import { drawUnit, WINDOWS } from './files.ts';
import { MEETS_READ, MEETS_WRITE, RESIDENT } from './follower.ts';

/** How far operations may make a file grow past its last followed window's beginning, in pages. */
const GROWTH_PAGES = 24;

/** read(2). */
export function drawRead(draft: Draft, f: number): boolean {
  const { random, follower } = draft;
  if (follower.size[f] === 0 || !mayCall(draft, f)) return false;
  const { pageSize } = draft.geometry;
  const page = Math.min(follower.lastPage(f), draft.nearPage(f));
  draft.offset = Math.min(follower.size[f]! - 1, page * pageSize + drawWithin(random, draft.geometry));
  draft.length = 1 + random.below(random.oneIn(4) ? 3 * pageSize : pageSize);
  follower.meet(f, MEETS_READ);
  throughBuffers(draft, f, false);
  return true;
}

/** write(2): appending, past the end, or somewhere in the file. */
export function drawWrite(draft: Draft, f: number): boolean {
  const { random, follower } = draft;
  if (!mayCall(draft, f)) return false;
  const { pageSize } = draft.geometry;
  const fs = draft.fileSystems[follower.fileSystem[f]!]!;
  const size = follower.size[f]!;
  const most = sizeMost(draft, f);
  // Appending, past the end (which leaves a hole), or somewhere in the file.
  if (random.oneIn(4)) draft.offset = size + (random.oneIn(3) ? random.below(2 * fs.blockSize) : 0);
  else draft.offset = draft.nearPage(f) * pageSize + drawWithin(random, draft.geometry);
  if (draft.offset >= most) draft.offset = Math.max(0, most - pageSize);
  const unit = drawUnit(random, draft.geometry, fs);
  draft.length = random.oneIn(2) ? unit + aside(random, unit) : 1 + random.below(2 * pageSize);
  draft.length = Math.max(1, Math.min(draft.length, 4 * pageSize));
  if (draft.offset + draft.length > size) {
    follower.resize(f, draft.offset + draft.length);
    // File systems of that order also uncache the file in every write that makes it longer (kernel notes 11.5).
    if (fs.truncateOrder === 'setsize-first') follower.uncache(f);
  }
  follower.meet(f, MEETS_WRITE);
  throughBuffers(draft, f, true);
  return true;
}

/** Whether read and write get anywhere; the file is opened for them if it is not open. */
function mayCall(draft: Draft, f: number): boolean {
  const { follower } = draft;
  if (!follower.usable(f) || (follower.opens[f] === 0 && follower.named[f] === 0)) return false;
  if (follower.opens[f] === 0) follower.open(f);
  follower.waitForLock(f);
  return true;
}

/** A read or write goes through buffers, which may be the pager's pages. */
function throughBuffers(draft: Draft, f: number, written: boolean): void {
  const { follower } = draft;
  const { pageSize } = draft.geometry;
  const first = Math.floor(draft.offset / pageSize);
  const last = Math.min(draft.offset + draft.length, follower.size[f]!) - 1;
  follower.buffer(f, first, Math.floor(last / pageSize), written);
  follower.last[f] = first;
}

/** Beyond what size a file is not made to grow. */
function sizeMost(draft: Draft, f: number): number {
  const { follower } = draft;
  const { pageSize } = draft.geometry;
  return (follower.bases[f * WINDOWS + follower.windows[f]! - 1]! + GROWTH_PAGES) * pageSize;
}

/** One in so many truncations that would come to nothing is one to the size that the file has, if its last page is resident. */
const KEPT = 3;

/**
 * Truncation or extension to the size that the file has: the operation changes nothing, but some file systems tell the pager of
 * it all the same, which must change nothing either.
 */
function drawKept(draft: Draft, f: number): boolean {
  const { follower } = draft;
  const { truncateOrder, blockMap } = draft.fileSystems[follower.fileSystem[f]!]!;
  if (follower.object[f] === 0 || (truncateOrder === 'setsize-first' && blockMap !== 'network')) return false;
  draft.length = follower.size[f]!;
  follower.waitForLock(f);
  return true;
}

/** Truncation to something shorter, seldom to the same size. */
export function drawTruncate(draft: Draft, f: number): boolean {
  const { random, follower } = draft;
  const size = follower.size[f]!;
  if (size === 0 || !follower.usable(f)) return false;
  const fs = draft.fileSystems[follower.fileSystem[f]!]!;
  const unit = drawUnit(random, draft.geometry, fs);
  const length = drawShorter(random, size, unit, draft.nearPage(f) * draft.geometry.pageSize);
  if (length === size) return drawKept(draft, f);
  if (length > size && (follower.page(f, follower.lastPage(f)) & RESIDENT) !== 0 && random.oneIn(KEPT))
    return drawKept(draft, f);
  if (length < 0 || length > size) return false;
  draft.length = length;
  follower.waitForLock(f);
  follower.resize(f, length);
  return true;
}

/** Truncation to something longer, seldom to the same size. */
export function drawExtend(draft: Draft, f: number): boolean {
  const { random, follower } = draft;
  if (!follower.usable(f)) return false;
  const size = follower.size[f]!;
  const fs = draft.fileSystems[follower.fileSystem[f]!]!;
  const unit = drawUnit(random, draft.geometry, fs);
  const length = drawLonger(random, size, unit);
  if (length === size) return drawKept(draft, f);
  if (length < size || length > sizeMost(draft, f)) return false;
  draft.length = length;
  follower.waitForLock(f);
  follower.resize(f, length);
  return true;
}

/** Renaming over another file of the same file system. */
export function drawRename(draft: Draft, f: number): boolean {
  const { follower } = draft;
  if (!follower.usable(f) || follower.named[f] === 0) return false;
  for (let i = 1; i < follower.files; i++) {
    const g = (f + i) % follower.files;
    if (follower.fileSystem[g] !== follower.fileSystem[f]) continue;
    if (!follower.usable(g) || follower.named[g] === 0) continue;
    if (!draft.mayLose()) return false;
    draft.other = g;
    follower.unlink(g);
    return true;
  }
  return false;
}

/** Unmounting, forced or not; now and then all file systems at once, as at shutdown. */
export function drawUnmount(draft: Draft, f: number, force: boolean): boolean {
  const { follower, random } = draft;
  if (!follower.usable(f)) return false;
  if (!force && random.oneIn(8)) return drawShutdown(draft);
  const fileSystem = follower.fileSystem[f]!;
  const { lost, kept, busy } = usesOf(draft, fileSystem);
  // A refused unmount still gives up the objects that are kept; with none it is hardly worth while.
  if (!force && busy && kept === 0 && !random.oneIn(8)) return false;
  if ((force || !busy) && !draft.mayLose(lost)) return false;
  draft.other = fileSystem;
  for (let g = 0; g < follower.files; g++) {
    if (follower.fileSystem[g] !== fileSystem) continue;
    follower.uncache(g);
    if (force || !busy) follower.disconnect(g);
  }
  return true;
}

/** What the files of a file system would lose by an unmount, what is kept of them, and whether they are in use. */
function usesOf({ follower }: Draft, fileSystem: number): { lost: number; kept: number; busy: boolean } {
  let busy = false;
  let lost = 0;
  let kept = 0;
  for (let g = 0; g < follower.files; g++) {
    if (follower.fileSystem[g] !== fileSystem || follower.connected[g] === 0) continue;
    if (follower.references(g) > 0 || follower.opens[g]! > 0) busy = true;
    if (follower.cached[g] !== 0) kept++;
    lost++;
  }
  return { lost, kept, busy };
}

/** All file systems: those in use stay, and their objects are no longer kept when the last reference goes. */
function drawShutdown(draft: Draft): boolean {
  const { follower } = draft;
  let lost = 0;
  const isBusy: boolean[] = [];
  for (let fileSystem = 0; fileSystem < draft.fileSystems.length; fileSystem++) {
    const uses = usesOf(draft, fileSystem);
    isBusy.push(uses.busy);
    if (!uses.busy) lost += uses.lost;
  }
  if (!draft.mayLose(lost)) return false;
  draft.other = ALL_FILE_SYSTEMS;
  for (let g = 0; g < follower.files; g++) {
    follower.uncache(g);
    if (!isBusy[follower.fileSystem[g]!]!) follower.disconnect(g);
  }
  return true;
}

/** Locking a vnode. */
export function drawLock(draft: Draft, f: number): boolean {
  const { follower, random } = draft;
  // A network file system has no locks.
  if (follower.locked[f] !== 0 || draft.fileSystems[follower.fileSystem[f]!]!.blockMap === 'network')
    return false;
  // Threads that keep locks between their operations could deadlock by themselves; a lock of another process is given back
  // when nothing else can go on.
  draft.other = draft.threads > 1 ? 1 : random.below(2);
  follower.locked[f] = 1 + draft.other;
  return true;
}
