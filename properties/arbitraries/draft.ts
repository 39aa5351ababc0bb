/**
 * The operation being drawn, with what the functions that draw its arguments need: the random source, the world, the followed
 * state, and small pools of pages from which arguments come.
 */
import { OPERATION_KINDS, OPERATIONS, type OperationKind } from '../../src/scenario/operations.ts';
import type { FileSystem, Geometry, Operation, Scenario } from '../../src/scenario/scenario.ts';
import { LIMITS, WINDOW_PAGES, WINDOWS } from './files.ts';
import { FILES_MAX, Follower } from './follower.ts';
import type { Profile } from './profile.ts';
import type { Random } from './random.ts';

/** The kinds that name no file. */
const FILELESS: ReadonlySet<OperationKind> = new Set(
  OPERATION_KINDS.filter((kind) => !(OPERATIONS[kind].arguments as readonly string[]).includes('file')),
);

/** A draft, reused from operation to operation. */
export class Draft {
  readonly profile: Profile;
  readonly follower = new Follower();
  geometry!: Geometry;
  fileSystems!: readonly FileSystem[];
  random!: Random;
  fullMask = 0;
  threads = 1;
  /** Files unlinked, renamed over, unmounted or recycled so far, and how many there may be by now. */
  lost = 0;
  lostMost = 0;
  /** Pages that 32-bit offsets reach. */
  private offsetPages = 0;
  /** The arguments. */
  id = 0;
  thread = 0;
  file = 0;
  page = 0;
  count = 0;
  before = 0;
  offset = 0;
  length = 0;
  valid = 0;
  dirty = 0;
  other = 0;

  constructor(profile: Profile) {
    this.profile = profile;
  }

  /** Starts a scenario, of which everything but the operations is there. */
  begin(random: Random, scenario: Scenario): void {
    const { geometry, fileSystems, files, threads } = scenario;
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
  }

  clear(): void {
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

  emit(kind: OperationKind): Operation {
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

  /** Whether so many more files may be lost now; then they are. */
  mayLose(files = 1): boolean {
    if (this.lost + files > this.lostMost) return false;
    this.lost += files;
    return true;
  }

  /** A page near the last one, near EOF, or anywhere in the file. */
  nearPage(f: number): number {
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
  offsetPage(page: number): number {
    return Math.min(page, this.offsetPages - 1);
  }

  /** A page near others that a mapping reaches and that has none of the bits; -1 if none of a few draws is. */
  pageWithout(f: number, bits: number): number {
    const { follower } = this;
    for (let i = 0; i < 5; i++) {
      const page = Math.min(this.nearPage(f), follower.lastMapped(f));
      if ((follower.page(f, page) & bits) === 0) return page;
    }
    return -1;
  }
}
