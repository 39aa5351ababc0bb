/**
 * Operations with concrete numbers, drawn one after the other by following the files' abstract state. Each scenario draws its
 * own subset of the kinds and its own weights (swarm testing: Groce et al. 2012), and arguments come from small pools (the last
 * page, its neighbours, the page of EOF and the one after it), so that operations meet each other. A kind that would come to
 * nothing now is drawn again a few times. One object of one shape per operation, nothing else is allocated.
 */
import { OPERATION_KINDS, type OperationKind } from '../../src/scenario/operations.ts';
import type { Operation, Scenario } from '../../src/scenario/scenario.ts';
import { percent } from './choose.ts';
import { Draft } from './draft.ts';
import {
  drawExtend,
  drawLock,
  drawRead,
  drawRename,
  drawTruncate,
  drawUnmount,
  drawWrite,
} from './file-operations.ts';
import {
  drawClean,
  drawFault,
  drawGet,
  drawHaspage,
  drawPut,
  drawReclaim,
  drawStore,
} from './page-operations.ts';
import { CHANGES, GROWTHS, isLastPageOut, MEETS_PAGER } from './meetings.ts';
import type { Profile } from './profile.ts';
import type { Random } from './random.ts';

/** How often a kind is drawn again before a store or get takes its place. */
const ATTEMPTS = 6;

/** One in so many operations that would come to nothing is drawn nevertheless: they must do no harm. */
const FUTILE = 48;

/** These take files away, and are refused for that and not because they would come to nothing. */
const LOSING: ReadonlySet<OperationKind> = new Set([
  'unlink',
  'rename',
  'unmount',
  'force-unmount',
  'recycle',
]);

/** A kind's entries in the lottery of a scenario are its weight times one of these. */
const BOOSTS = [1, 1, 2, 4] as const;

/** Draws the operations of one scenario after another. */
export class OperationGenerator {
  private readonly profile: Profile;
  private readonly draft: Draft;
  private readonly lottery: OperationKind[] = [];
  /** What each operation probably meets (`MEETS_`), and about which file. */
  readonly meets: number[] = [];
  readonly meetsFile: number[] = [];
  /** Operations, by position, that another thread's change of their file follows. */
  readonly meetings: number[] = [];
  private readonly changes: readonly OperationKind[];
  private readonly growths: readonly OperationKind[];
  /** Whether the operation before cut a file under another thread. */
  private isCut = false;

  constructor(profile: Profile) {
    this.profile = profile;
    this.draft = new Draft(profile);
    const isDrawn = (kind: OperationKind): boolean => (profile.operations[kind] ?? 0) > 0;
    this.changes = CHANGES.filter(isDrawn);
    this.growths = GROWTHS.filter(isDrawn);
  }

  /** Appends `length` operations for the world that the scenario describes so far. */
  draw(random: Random, scenario: Scenario, length: number): void {
    const { draft } = this;
    const { files, threads, operations } = scenario;
    draft.begin(random, scenario);
    this.drawLottery(random);
    this.meetings.length = 0;
    this.isCut = false;
    for (let i = 0; i < length; i++) {
      draft.lostMost = this.mayHaveLost(i / length, files.length);
      draft.id = i + 1;
      const growth = this.growth(random);
      const change = growth ?? (i === 0 ? null : this.change(random));
      if (change === null && threads > 1 && !random.oneIn(3)) draft.thread = random.below(threads);
      if (change !== null && growth === null) this.meetings.push(i - 1);
      this.isCut = growth === null && change?.kind === 'truncate';
      operations.push(change ?? this.next(random));
      this.meets[i] = draft.follower.meets;
      this.meetsFile[i] = draft.follower.meetsFile;
    }
  }

  /** Another thread's change of the file that the operation before may sleep about; null if none is to come. */
  private change(random: Random): Operation | null {
    const { draft, profile, changes } = this;
    const { follower, threads } = draft;
    if (threads === 1 || profile.meetings === 0 || (follower.meets & MEETS_PAGER) === 0) return null;
    const isLast = isLastPageOut(follower.meets) && changes.includes('truncate');
    if (changes.length === 0 || (!isLast && !percent(random, profile.meetings))) return null;
    const kind = isLast ? 'truncate' : random.pick(changes);
    draft.file = follower.meetsFile;
    const cut = follower.last[draft.file]! * draft.geometry.pageSize;
    if (!this.prepare(kind, draft.file)) return null;
    // mostly it takes the very page away
    if (kind === 'truncate' && cut < draft.length && !random.oneIn(3)) {
      draft.length = cut;
      follower.resize(draft.file, cut);
    }
    draft.thread = (draft.thread + 1 + random.below(threads - 1)) % threads;
    return draft.emit(kind);
  }

  /** Now and then a file that was just cut under another thread grows again at once, by the same thread; null otherwise. */
  private growth(random: Random): Operation | null {
    const { draft } = this;
    if (!this.isCut || this.growths.length === 0 || !random.oneIn(3)) return null;
    const kind = random.pick(this.growths);
    return this.prepare(kind, draft.file) ? draft.emit(kind) : null;
  }

  private drawLottery(random: Random): void {
    const { lottery } = this;
    lottery.length = 0;
    for (const kind of OPERATION_KINDS) {
      const weight = this.profile.operations[kind] ?? 0;
      if (weight === 0 || percent(random, this.profile.omitted)) continue;
      const entries = weight * random.pick(BOOSTS);
      for (let i = 0; i < entries; i++) lottery.push(kind);
    }
  }

  private next(random: Random): Operation {
    const { draft, lottery } = this;
    if (lottery.length > 0) {
      for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
        const kind = random.pick(lottery);
        draft.file = this.pickFile(random);
        if (this.prepare(kind, draft.file) || (!LOSING.has(kind) && random.oneIn(FUTILE)))
          return draft.emit(kind);
      }
    }
    for (let attempt = 0; attempt < 2; attempt++) {
      draft.file = this.pickFile(random);
      const kind = random.oneIn(2) ? 'store' : 'get';
      if (this.prepare(kind, draft.file)) return draft.emit(kind);
    }
    draft.clear();
    draft.page = draft.offsetPage(draft.nearPage(draft.file));
    return draft.emit('haspage');
  }

  /** Mostly the file of the operation before; one that is lost only now and then. */
  private pickFile(random: Random): number {
    const { draft } = this;
    const { follower } = draft;
    const f = random.oneIn(2) ? draft.file : random.below(follower.files);
    if (follower.usable(f) || random.oneIn(follower.mappable(f) ? 3 : 24)) return f;
    for (let i = 1; i < follower.files; i++) {
      const g = (f + i) % follower.files;
      if (follower.usable(g)) return g;
    }
    return f;
  }

  /** Chooses the arguments and updates the state; false if the operation would come to nothing. */
  private prepare(kind: OperationKind, f: number): boolean {
    const { draft } = this;
    const { random, follower } = draft;
    draft.clear();
    switch (kind) {
      case 'get':
      case 'getpage':
        return drawGet(draft, f, kind === 'get');
      case 'put':
      case 'putpage':
        return drawPut(draft, f, kind === 'put');
      case 'haspage':
        return drawHaspage(draft, f);
      case 'alloc':
        // Like haspage and nullpager it always succeeds, so it would crowd out what is drawn again.
        if (!follower.usable(f) || random.oneIn(2)) return false;
        follower.allocate(f);
        return true;
      case 'uncache':
        if (follower.object[f] === 0) return false;
        draft.other = random.oneIn(3) ? 1 : 0;
        if (draft.other === 1) follower.waitForLock(f);
        follower.uncache(f);
        return true;
      case 'nullpager':
        return random.oneIn(6);
      case 'open':
        if (!follower.usable(f) || follower.named[f] === 0) return false;
        follower.open(f);
        return true;
      case 'close':
        if (follower.opens[f] === 0) return false;
        follower.close(f);
        return true;
      case 'map':
        if (!follower.usable(f)) return false;
        // a program that starts, before others map its file as data
        draft.other = follower.maps[f] === 0 ? 1 : 0;
        follower.map(f);
        return true;
      case 'unmap':
        if (follower.maps[f] === 0) return false;
        follower.unmap(f);
        return true;
      case 'fault':
        return drawFault(draft, f);
      case 'store':
        return drawStore(draft, f);
      case 'msync':
        return follower.maps[f]! > 0 && drawClean(draft, f, true);
      case 'pageout':
        return drawClean(draft, f, false);
      case 'reclaim':
        return drawReclaim(draft);
      case 'drop':
        if (follower.cached[f] === 0) return false;
        follower.terminate(f);
        return true;
      case 'read':
        return drawRead(draft, f);
      case 'write':
        return drawWrite(draft, f);
      case 'flush':
        if (follower.delayed[f] === 0) return false;
        follower.delayed[f] = 0;
        return true;
      case 'truncate':
        return drawTruncate(draft, f);
      case 'extend':
        return drawExtend(draft, f);
      case 'unlink':
        if (!follower.usable(f) || follower.named[f] === 0 || !draft.mayLose()) return false;
        follower.unlink(f);
        return true;
      case 'rename':
        return drawRename(draft, f);
      case 'unmount':
      case 'force-unmount':
        return drawUnmount(draft, f, kind === 'force-unmount');
      case 'recycle':
        // Without a mapping there is little that could still be done with the file.
        if (!follower.usable(f) || (follower.maps[f] === 0 && !random.oneIn(4)) || !draft.mayLose())
          return false;
        follower.disconnect(f);
        return true;
      case 'lock':
        return drawLock(draft, f);
      case 'unlock':
        if (follower.locked[f] === 0) return false;
        draft.other = follower.locked[f]! - 1;
        follower.locked[f] = 0;
        return true;
    }
  }

  /** How many of the files a scenario may have lost at that point of it: all of them only near its end. */
  private mayHaveLost(point: number, files: number): number {
    if (point < 2 / 3) return Math.min(this.profile.losses, files - 1);
    return point < 0.9 ? files - 1 : files;
  }
}
