/**
 * Operations with concrete numbers, drawn one after the other by following the files' abstract state. Each scenario draws its
 * own subset of the kinds and its own weights (swarm testing: Groce et al. 2012), and arguments come from small pools (the last
 * page, its neighbours, the page of EOF and the one after it), so that operations meet each other. A kind that would come to
 * nothing now is drawn again a few times. One object of one shape per operation, nothing else is allocated.
 */
import { OPERATION_KINDS, OPERATIONS, type OperationKind } from '../../src/scenario/operations.ts';
import { RUN_MAX } from '../../src/trace/observer.ts';
import type { FileSystem, Geometry, Operation, Scenario } from '../../src/scenario/scenario.ts';
import { drawLonger, drawMask, drawShorter, drawWithin } from './arguments.ts';
import { aside, percent } from './choose.ts';
import { drawUnit, LIMITS, WINDOW_PAGES, WINDOWS } from './files.ts';
import {
  DIRTY,
  FAULT_AHEAD,
  FAULT_BEHIND,
  FILES_MAX,
  Follower,
  MAPPED,
  MEETS_HASPAGE,
  MEETS_PAGE_IN,
  MEETS_PAGE_OUT,
  MEETS_READ,
  MEETS_WRITE,
  RESIDENT,
} from './follower.ts';
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

/** The kinds that name no file. */
const FILELESS: ReadonlySet<OperationKind> = new Set(
  OPERATION_KINDS.filter((kind) => !(OPERATIONS[kind].arguments as readonly string[]).includes('file')),
);

/** How far operations may make a file grow past its last followed window's beginning, in pages. */
const GROWTH_PAGES = 24;

/** Draws the operations of one scenario after another. */
export class OperationGenerator {
  private readonly profile: Profile;
  private readonly follower = new Follower();
  private readonly lottery: OperationKind[] = [];
  private geometry!: Geometry;
  private fileSystems!: readonly FileSystem[];
  private random!: Random;
  private fullMask = 0;
  /** What each operation probably meets (`MEETS_`), and about which file. */
  readonly meets: number[] = [];
  readonly meetsFile: number[] = [];
  /** Pages that 32-bit offsets reach. */
  private offsetPages = 0;
  private file = 0;
  private thread = 0;
  private threads = 1;
  /** Files unlinked, renamed over, unmounted or recycled so far, and how many there may be by now. */
  private lost = 0;
  private lostMost = 0;
  /** The operation being drawn. */
  private id = 0;
  private page = 0;
  private count = 0;
  private before = 0;
  private offset = 0;
  private length = 0;
  private valid = 0;
  private dirty = 0;
  private other = 0;

  constructor(profile: Profile) {
    this.profile = profile;
  }

  /** Appends `length` operations for the world that the scenario describes so far. */
  draw(random: Random, scenario: Scenario, length: number): void {
    const { geometry, fileSystems, files, threads, operations } = scenario;
    if (files.length > FILES_MAX) throw new Error(`at most ${FILES_MAX} files can be followed`);
    this.random = random;
    this.geometry = geometry;
    this.fileSystems = fileSystems;
    this.fullMask = 2 ** (geometry.pageSize / geometry.sectorSize) - 1;
    this.offsetPages = LIMITS[1] / geometry.pageSize;
    this.follower.begin(geometry, fileSystems, files);
    this.file = random.below(files.length);
    this.thread = 0;
    this.threads = threads;
    this.lost = 0;
    this.drawLottery();
    for (let i = 0; i < length; i++) {
      this.lostMost = this.mayHaveLost(i / length, files.length);
      if (threads > 1 && !random.oneIn(3)) this.thread = random.below(threads);
      this.id = i + 1;
      operations.push(this.next());
      this.meets[i] = this.follower.meets;
      this.meetsFile[i] = this.follower.meetsFile;
    }
  }

  private drawLottery(): void {
    const { random, lottery } = this;
    lottery.length = 0;
    for (const kind of OPERATION_KINDS) {
      const weight = this.profile.operations[kind] ?? 0;
      if (weight === 0 || percent(random, this.profile.omitted)) continue;
      const entries = weight * random.pick(BOOSTS);
      for (let i = 0; i < entries; i++) lottery.push(kind);
    }
  }

  private next(): Operation {
    const { random, lottery } = this;
    if (lottery.length > 0) {
      for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
        const kind = random.pick(lottery);
        this.file = this.pickFile();
        if (this.prepare(kind, this.file) || (!LOSING.has(kind) && random.oneIn(FUTILE)))
          return this.emit(kind);
      }
    }
    for (let attempt = 0; attempt < 2; attempt++) {
      this.file = this.pickFile();
      const kind = random.oneIn(2) ? 'store' : 'get';
      if (this.prepare(kind, this.file)) return this.emit(kind);
    }
    this.clear();
    this.page = this.offsetPage(this.nearPage(this.file));
    return this.emit('haspage');
  }

  private emit(kind: OperationKind): Operation {
    return {
      id: this.id,
      thread: this.thread,
      kind,
      file: FILELESS.has(kind) ? 0 : this.file,
      page: this.page,
      count: this.count,
      before: this.before,
      offset: this.offset,
      length: this.length,
      valid: this.valid,
      dirty: this.dirty,
      other: this.other,
    };
  }

  private clear(): void {
    this.follower.meets = 0;
    this.follower.meetsFile = this.file;
    this.page = 0;
    this.count = 0;
    this.before = 0;
    this.offset = 0;
    this.length = 0;
    this.valid = 0;
    this.dirty = 0;
    this.other = 0;
  }

  /** Mostly the file of the operation before; one that is lost only now and then. */
  private pickFile(): number {
    const { random, follower } = this;
    const f = random.oneIn(2) ? this.file : random.below(follower.files);
    if (follower.usable(f) || random.oneIn(follower.mappable(f) ? 3 : 24)) return f;
    for (let i = 1; i < follower.files; i++) {
      const g = (f + i) % follower.files;
      if (follower.usable(g)) return g;
    }
    return f;
  }

  /** Chooses the arguments and updates the state; false if the operation would come to nothing. */
  private prepare(kind: OperationKind, f: number): boolean {
    const { random, follower } = this;
    this.clear();
    switch (kind) {
      case 'get':
      case 'getpage':
        return this.prepareGet(f, kind === 'get');
      case 'put':
      case 'putpage':
        return this.preparePut(f, kind === 'put');
      case 'haspage':
        return this.prepareHaspage(f);
      case 'alloc':
        // Like haspage and nullpager it always succeeds, so it would crowd out what is drawn again.
        if (!follower.usable(f) || random.oneIn(2)) return false;
        follower.allocate(f);
        return true;
      case 'uncache':
        if (follower.object[f] === 0) return false;
        this.other = random.oneIn(3) ? 1 : 0;
        if (this.other === 1) follower.waitForLock(f);
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
        follower.map(f);
        return true;
      case 'unmap':
        if (follower.maps[f] === 0) return false;
        follower.unmap(f);
        return true;
      case 'fault':
        return this.prepareFault(f);
      case 'store':
        return this.prepareStore(f);
      case 'msync':
        return follower.maps[f]! > 0 && this.prepareClean(f, true);
      case 'pageout':
        return this.prepareClean(f, false);
      case 'reclaim':
        return this.prepareReclaim();
      case 'drop':
        if (follower.cached[f] === 0) return false;
        follower.terminate(f);
        return true;
      case 'read':
        return this.prepareRead(f);
      case 'write':
        return this.prepareWrite(f);
      case 'flush':
        if (follower.delayed[f] === 0) return false;
        follower.delayed[f] = 0;
        return true;
      case 'truncate':
        return this.prepareTruncate(f);
      case 'extend':
        return this.prepareExtend(f);
      case 'unlink':
        if (!follower.usable(f) || follower.named[f] === 0 || !this.mayLose()) return false;
        follower.unlink(f);
        return true;
      case 'rename':
        return this.prepareRename(f);
      case 'unmount':
      case 'force-unmount':
        return this.prepareUnmount(f, kind === 'force-unmount');
      case 'recycle':
        // Without a mapping there is little that could still be done with the file.
        if (!follower.usable(f) || (follower.maps[f] === 0 && !random.oneIn(4)) || !this.mayLose())
          return false;
        follower.disconnect(f);
        return true;
      case 'lock':
        return this.prepareLock(f);
      case 'unlock':
        if (follower.locked[f] === 0) return false;
        this.other = follower.locked[f]! - 1;
        follower.locked[f] = 0;
        return true;
    }
  }

  /** How many of the files a scenario may have lost at that point of it: all of them only near its end. */
  private mayHaveLost(point: number, files: number): number {
    if (point < 2 / 3) return Math.min(this.profile.losses, files - 1);
    return point < 0.9 ? files - 1 : files;
  }

  /** Whether so many more files may be lost now; then they are. */
  private mayLose(files = 1): boolean {
    if (this.lost + files > this.lostMost) return false;
    this.lost += files;
    return true;
  }

  /** A page near the last one, near EOF, or anywhere in the file. */
  private nearPage(f: number): number {
    const { random, follower } = this;
    const last = follower.lastPage(f);
    let page: number;
    switch (random.below(16)) {
      case 0:
        page = last + 1;
        break;
      case 1:
      case 2:
        page = last;
        break;
      case 3:
        page = last - 1;
        break;
      case 4:
      case 5:
        page = follower.last[f]! + 1;
        break;
      case 6:
        page = follower.last[f]! - 1;
        break;
      case 7:
        page = follower.last[f]!;
        break;
      default: {
        const windows = follower.windows[f]!;
        const base = windows === 1 ? 0 : follower.bases[f * WINDOWS + random.below(windows)]!;
        page = base + random.below(Math.max(1, Math.min(WINDOW_PAGES, last + 1 - base)));
      }
    }
    page = Math.max(0, page);
    follower.last[f] = page;
    return page;
  }

  /** The page, or the last one that 32-bit offsets reach. */
  private offsetPage(page: number): number {
    return Math.min(page, this.offsetPages - 1);
  }

  /** A page near others that a mapping reaches and that has none of the bits; -1 if none of a few draws is. */
  private pageWithout(f: number, bits: number): number {
    const { follower } = this;
    for (let i = 0; i < 5; i++) {
      const page = Math.min(this.nearPage(f), follower.lastMapped(f));
      if ((follower.page(f, page) & bits) === 0) return page;
    }
    return -1;
  }

  private prepareHaspage(f: number): boolean {
    const { follower, random } = this;
    if (!follower.mappable(f) || random.oneIn(2)) return false;
    follower.useMapping(f);
    follower.meet(f, MEETS_HASPAGE);
    this.page = this.offsetPage(this.nearPage(f));
    return true;
  }

  private prepareGet(f: number, run: boolean): boolean {
    const { random, follower } = this;
    if (!follower.mappable(f)) return false;
    // The page past EOF now and then; and a clean page may be asked for again, for memory takes it back first.
    const page = random.oneIn(8)
      ? this.offsetPage(follower.lastPage(f) + 1)
      : this.pageWithout(f, random.oneIn(3) ? DIRTY : RESIDENT);
    if (page < 0 || follower.buffered(f, page)) return false;
    follower.last[f] = page;
    this.page = page;
    if (run) {
      this.before = Math.min(page, random.oneIn(2) ? 0 : random.below(4));
      this.count = random.oneIn(3) ? 0 : random.below(5);
    }
    if (percent(random, this.profile.partial)) {
      this.valid = drawMask(random, this.fullMask);
      if (random.oneIn(2)) this.dirty = drawMask(random, this.fullMask) & this.valid;
    }
    follower.useMapping(f);
    follower.meet(f, MEETS_PAGE_IN);
    follower.bringIn(f, page, this.before, this.count);
    return true;
  }

  private preparePut(f: number, run: boolean): boolean {
    const { random, follower } = this;
    if (!follower.mappable(f) || follower.size[f] === 0) return false;
    const dirty = random.oneIn(2) ? -1 : follower.dirtyPage(f, random.below(WINDOW_PAGES));
    this.page = dirty >= 0 ? dirty : Math.min(this.nearPage(f), follower.lastMapped(f));
    follower.last[f] = this.page;
    if (run) {
      this.count = 1 + random.below(random.oneIn(2) ? 3 : 8);
      this.other = random.below(2);
    }
    this.valid = random.oneIn(2) ? this.fullMask : drawMask(random, this.fullMask);
    this.dirty = random.oneIn(2) ? this.valid : drawMask(random, this.fullMask) & this.valid;
    if (this.dirty === 0) this.dirty = this.valid;
    follower.useMapping(f);
    follower.meet(f, MEETS_PAGE_OUT);
    const end = Math.min(this.page + Math.max(1, this.count), follower.lastMapped(f) + 1);
    follower.cleaned(f, this.page, end - this.page);
    // Once the file system is gone a put fails, and what it should have cleaned stays dirty.
    for (let page = this.page; page < end; page++) follower.arrive(f, page, follower.connected[f] === 0);
    return true;
  }

  private prepareFault(f: number): boolean {
    const { random, follower } = this;
    if (!follower.mappable(f) || follower.size[f] === 0) return false;
    const page = this.pageWithout(f, random.oneIn(4) ? MAPPED : RESIDENT);
    if (page < 0) return false;
    this.page = page;
    follower.useMapping(f);
    follower.bringIn(f, page, FAULT_BEHIND, FAULT_AHEAD);
    follower.mapPage(f, page);
    return true;
  }

  private prepareStore(f: number): boolean {
    const { random, follower } = this;
    if (!follower.mappable(f) || follower.size[f] === 0) return false;
    const page = Math.min(this.nearPage(f), follower.lastMapped(f));
    const { pageSize } = this.geometry;
    const at = drawWithin(random, this.geometry);
    this.offset = page * pageSize + at;
    this.length = random.oneIn(3) ? pageSize - at : 1 + random.below(pageSize - at);
    follower.useMapping(f);
    follower.bringIn(f, page, FAULT_BEHIND, FAULT_AHEAD);
    follower.arrive(f, page, true);
    follower.mapPage(f, page);
    return true;
  }

  private prepareClean(f: number, range: boolean): boolean {
    const { random, follower } = this;
    const page = follower.dirtyPage(f, random.below(WINDOW_PAGES));
    if (page < 0) return false;
    follower.last[f] = page;
    this.page = page;
    let count = 1;
    if (range) {
      // The range may begin before the dirty page.
      this.page = Math.max(0, page - (random.oneIn(3) ? random.below(3) : 0));
      count = page - this.page + 1 + (random.oneIn(2) ? 0 : random.below(8));
      this.count = count;
      // The last run may reach beyond the range.
      while (count < RUN_MAX && (follower.page(f, this.page + count) & DIRTY) !== 0) count++;
    }
    if (follower.connected[f] === 1) follower.cleaned(f, this.page, count);
    return true;
  }

  private prepareReclaim(): boolean {
    const { random, follower } = this;
    let resident = 0;
    for (let f = 0; f < follower.files; f++) resident += follower.resident[f]!;
    if (resident === 0) return false;
    this.count = 1 + random.below(random.oneIn(3) ? 16 : 4);
    follower.reclaim(this.count);
    return true;
  }

  private prepareRead(f: number): boolean {
    const { random, follower } = this;
    if (follower.size[f] === 0 || !this.mayCall(f)) return false;
    const { pageSize } = this.geometry;
    const page = Math.min(follower.lastPage(f), this.nearPage(f));
    this.offset = Math.min(follower.size[f]! - 1, page * pageSize + drawWithin(random, this.geometry));
    this.length = 1 + random.below(random.oneIn(4) ? 3 * pageSize : pageSize);
    follower.meet(f, MEETS_READ);
    this.throughBuffers(f, false);
    return true;
  }

  private prepareWrite(f: number): boolean {
    const { random, follower } = this;
    if (!this.mayCall(f)) return false;
    const { pageSize } = this.geometry;
    const fs = this.fileSystems[follower.fileSystem[f]!]!;
    const size = follower.size[f]!;
    const most = this.sizeMost(f);
    // Appending, past the end (which leaves a hole), or somewhere in the file.
    if (random.oneIn(4)) this.offset = size + (random.oneIn(3) ? random.below(2 * fs.blockSize) : 0);
    else this.offset = this.nearPage(f) * pageSize + drawWithin(random, this.geometry);
    if (this.offset >= most) this.offset = Math.max(0, most - pageSize);
    const unit = drawUnit(random, this.geometry, fs);
    this.length = random.oneIn(2) ? unit + aside(random, unit) : 1 + random.below(2 * pageSize);
    this.length = Math.max(1, Math.min(this.length, 4 * pageSize));
    if (this.offset + this.length > size) {
      follower.resize(f, this.offset + this.length);
      // File systems of that order also uncache the file in every write that makes it longer (kernel notes 11.5).
      if (fs.truncateOrder === 'setsize-first') follower.uncache(f);
    }
    follower.meet(f, MEETS_WRITE);
    this.throughBuffers(f, true);
    return true;
  }

  /** Whether read and write get anywhere; the file is opened for them if it is not open. */
  private mayCall(f: number): boolean {
    const { follower } = this;
    if (!follower.usable(f) || (follower.opens[f] === 0 && follower.named[f] === 0)) return false;
    if (follower.opens[f] === 0) follower.open(f);
    follower.waitForLock(f);
    return true;
  }

  /** A read or write goes through buffers, which may be the pager's pages. */
  private throughBuffers(f: number, written: boolean): void {
    const { follower } = this;
    const { pageSize } = this.geometry;
    const first = Math.floor(this.offset / pageSize);
    const last = Math.min(this.offset + this.length, follower.size[f]!) - 1;
    follower.buffer(f, first, Math.floor(last / pageSize), written);
    follower.last[f] = first;
  }

  /** Beyond what size a file is not made to grow. */
  private sizeMost(f: number): number {
    const { follower } = this;
    const { pageSize } = this.geometry;
    return (follower.bases[f * WINDOWS + follower.windows[f]! - 1]! + GROWTH_PAGES) * pageSize;
  }

  private prepareTruncate(f: number): boolean {
    const { random, follower } = this;
    const size = follower.size[f]!;
    if (size === 0 || !follower.usable(f)) return false;
    const fs = this.fileSystems[follower.fileSystem[f]!]!;
    const unit = drawUnit(random, this.geometry, fs);
    const length = drawShorter(random, size, unit, this.nearPage(f) * this.geometry.pageSize);
    if (length < 0 || length >= size) return false;
    this.length = length;
    follower.waitForLock(f);
    follower.resize(f, length);
    return true;
  }

  private prepareExtend(f: number): boolean {
    const { random, follower } = this;
    if (!follower.usable(f)) return false;
    const size = follower.size[f]!;
    const fs = this.fileSystems[follower.fileSystem[f]!]!;
    const unit = drawUnit(random, this.geometry, fs);
    const length = drawLonger(random, size, unit);
    if (length <= size || length > this.sizeMost(f)) return false;
    this.length = length;
    follower.waitForLock(f);
    follower.resize(f, length);
    return true;
  }

  private prepareRename(f: number): boolean {
    const { follower } = this;
    if (!follower.usable(f) || follower.named[f] === 0) return false;
    for (let i = 1; i < follower.files; i++) {
      const g = (f + i) % follower.files;
      if (follower.fileSystem[g] !== follower.fileSystem[f]) continue;
      if (!follower.usable(g) || follower.named[g] === 0) continue;
      if (!this.mayLose()) return false;
      this.other = g;
      follower.unlink(g);
      return true;
    }
    return false;
  }

  private prepareUnmount(f: number, force: boolean): boolean {
    const { follower, random } = this;
    if (!follower.usable(f)) return false;
    const fileSystem = follower.fileSystem[f]!;
    let busy = false;
    let lost = 0;
    for (let g = 0; g < follower.files; g++) {
      if (follower.fileSystem[g] !== fileSystem || follower.connected[g] === 0) continue;
      if (follower.references(g) > 0 || follower.opens[g]! > 0) busy = true;
      lost++;
    }
    // A refused unmount still calls the pager, so it is no waste, but one is enough.
    if (!force && busy && !random.oneIn(4)) return false;
    if ((force || !busy) && !this.mayLose(lost)) return false;
    this.other = fileSystem;
    for (let g = 0; g < follower.files; g++) {
      if (follower.fileSystem[g] !== fileSystem) continue;
      follower.uncache(g);
      if (force || !busy) follower.disconnect(g);
    }
    return true;
  }

  private prepareLock(f: number): boolean {
    const { follower, random } = this;
    // A network file system has no locks.
    if (follower.locked[f] !== 0 || this.fileSystems[follower.fileSystem[f]!]!.blockMap === 'network')
      return false;
    // Threads that keep locks between their operations could deadlock by themselves; a lock of another process is given back
    // when nothing else can go on.
    this.other = this.threads > 1 ? 1 : random.below(2);
    follower.locked[f] = 1 + this.other;
    return true;
  }
}
