/**
 * Files as they are when a run begins: sizes on and beside the boundaries of sectors, pages and blocks, holes at the start, in
 * the middle and at the end, and block maps in one run, in pieces, backwards, with gaps and interleaved with other files.
 * Extents of all files are disjoint and in ascending order of blocks. A file of gigabytes has blocks only around the places
 * that operations go to (`watchedPages`).
 */
import type { Extent, FileSpec, FileSystem, Geometry } from '../../src/scenario/scenario.ts';
import { aside, percent, weighted, within } from './choose.ts';
import type { FileProfile } from './profile.ts';
import type { Random } from './random.ts';

/** Where 32-bit arithmetic turns: signed offsets, then unsigned ones. */
export const LIMITS = [2 ** 31, 2 ** 32] as const;

/** Consecutive pages that a generator follows; a small file is one such window, a large one has up to `WINDOWS`. */
export const WINDOW_PAGES = 40;
export const WINDOWS = 3;

/** Smaller blocks would need block numbers, and smaller sectors addresses, of more than 31 bits in a file of gigabytes. */
const LARGE_BLOCK_MIN = 8;
const LARGE_SECTOR_MIN = 8;

/** The largest size that is drawn. */
const SIZE_MAX = 2 ** 32 + 2 ** 31;

/** How many pieces a file is cut into at most. */
const PIECES_MAX = 6;

interface Piece {
  file: number;
  block: number;
  count: number;
  blockSectors: number;
  /** Position among the pieces of its file. */
  index: number;
}

/** First pages of the windows of a file of that size: the beginning, the limits below or near its end, and the end. */
export function watchedPages(size: number, pageSize: number, into: number[]): number[] {
  into.length = 0;
  into.push(0);
  const near = WINDOW_PAGES * pageSize;
  if (size <= near) return into;
  for (const limit of LIMITS) {
    if (size > limit - near) into.push(limit / pageSize - WINDOW_PAGES / 2);
  }
  const end = Math.max(0, Math.ceil(size / pageSize) - WINDOW_PAGES / 2);
  if (end > into.at(-1)! + WINDOW_PAGES / 2) into.push(end);
  if (into.length > WINDOWS) into.splice(1, into.length - WINDOWS);
  return into;
}

/** Draws all files; every file system gets one before any gets two. */
export function drawFiles(
  random: Random,
  profile: FileProfile,
  geometry: Geometry,
  fileSystems: readonly FileSystem[],
): FileSpec[] {
  const count = Math.max(fileSystems.length, within(random, profile.count));
  const files: FileSpec[] = [];
  const pieces: Piece[] = [];
  for (let i = 0; i < count; i++) {
    const fileSystem = i < fileSystems.length ? i : random.below(fileSystems.length);
    const fs = fileSystems[fileSystem]!;
    const wide = fs.blockSize >= LARGE_BLOCK_MIN && geometry.sectorSize >= LARGE_SECTOR_MIN;
    const large = profile.large > 0 && wide && percent(random, profile.large);
    const size = large ? drawLargeSize(random, geometry, fs) : drawSize(random, profile, geometry, fs);
    // A file of gigabytes with all its blocks needs as large a disk; several would not fit the addresses.
    const layout = large && i > 0 ? 2 : weighted(random, profile.layout);
    if (layout === 0) {
      files.push({ fileSystem, size });
      continue;
    }
    files.push({ fileSystem, size, extents: [] });
    const most = layout === 1 ? 1 : PIECES_MAX;
    const holes = percent(random, profile.holes);
    if (large) cutLarge(random, pieces, i, size, geometry, fs, most, holes);
    else cut(random, pieces, i, 0, Math.ceil(size / fs.blockSize), geometry, fs, most, holes);
  }
  if (pieces.length > 0)
    place(random, pieces, files, geometry, fileSystems, percent(random, profile.farDisk));
  return files;
}

/** A size on or beside a multiple of a sector, page or block. */
export function drawSize(random: Random, profile: FileProfile, geometry: Geometry, fs: FileSystem): number {
  const { pageSize } = geometry;
  const unit = drawUnit(random, geometry, fs);
  const most = profile.pages[1] * pageSize;
  const base =
    profile.pages[0] * pageSize +
    Math.floor(random.below(most - profile.pages[0] * pageSize + 1) / unit) * unit;
  return Math.max(0, base + aside(random, unit));
}

/** The size that something is a multiple of: page, sector or block. */
export function drawUnit(random: Random, geometry: Geometry, fs: FileSystem): number {
  switch (random.below(8)) {
    case 0:
    case 1:
      return geometry.sectorSize;
    case 2:
    case 3:
      return fs.blockSize;
    default:
      return geometry.pageSize;
  }
}

/** A size within a few pages of a limit, inside the last page before it now and then, or well past the last. */
function drawLargeSize(random: Random, geometry: Geometry, fs: FileSystem): number {
  const unit = drawUnit(random, geometry, fs);
  const limit = random.oneIn(8) ? SIZE_MAX : random.pick(LIMITS);
  if (random.oneIn(4)) return limit - 1 - random.below(geometry.pageSize - 1);
  return limit + random.between(-4, 8) * unit + aside(random, unit);
}

/** Cuts blocks [from, to) into pieces and leaves some of them out. */
function cut(
  random: Random,
  pieces: Piece[],
  file: number,
  from: number,
  to: number,
  geometry: Geometry,
  fs: FileSystem,
  most: number,
  holes: boolean,
): void {
  const blocks = to - from;
  if (blocks <= 0) return;
  const parts = Math.min(blocks, most === 1 ? (holes ? 2 : 1) : random.between(1, most));
  // Which parts are holes: the first, the last, one in between, or each with one chance in three.
  const mode = holes ? random.below(4) : -1;
  const middle = mode === 2 ? random.below(parts) : -1;
  let block = from;
  let index = 0;
  for (let part = 0; part < parts; part++) {
    const left = parts - part - 1;
    const room = to - block - left;
    const count = left === 0 ? room : 1 + random.below(Math.min(room, Math.ceil((2 * blocks) / parts)));
    const hole =
      (mode === 0 && part === 0) ||
      (mode === 1 && left === 0) ||
      (mode === 2 && part === middle) ||
      (mode === 3 && random.oneIn(3));
    if (!hole) {
      pieces.push({ file, block, count, blockSectors: fs.blockSize / geometry.sectorSize, index });
      index++;
    }
    block += count;
  }
}

/** The same, around the watched pages only. */
function cutLarge(
  random: Random,
  pieces: Piece[],
  file: number,
  size: number,
  geometry: Geometry,
  fs: FileSystem,
  most: number,
  holes: boolean,
): void {
  const end = Math.ceil(size / fs.blockSize);
  let from = 0;
  for (const page of watchedPages(size, geometry.pageSize, [])) {
    const first = Math.max(from, Math.floor(((page + 8) * geometry.pageSize) / fs.blockSize));
    const last = Math.min(end, Math.ceil(((page + WINDOW_PAGES) * geometry.pageSize) / fs.blockSize));
    cut(random, pieces, file, page === 0 ? 0 : first, last, geometry, fs, most, holes);
    from = Math.max(from, last);
  }
}

/** Gives the pieces places on the disk: in order, backwards, files interleaved or shuffled; adjacent or with gaps. */
function place(
  random: Random,
  pieces: Piece[],
  files: FileSpec[],
  geometry: Geometry,
  fileSystems: readonly FileSystem[],
  far: boolean,
): void {
  const order = pieces.map((_, i) => i);
  switch (random.below(4)) {
    case 0:
      order.reverse();
      break;
    case 1:
      order.sort((a, b) => pieces[a]!.index - pieces[b]!.index || pieces[a]!.file - pieces[b]!.file);
      break;
    case 2:
      for (let i = order.length - 1; i > 0; i--) {
        const j = random.below(i + 1);
        const swapped = order[i]!;
        order[i] = order[j]!;
        order[j] = swapped;
      }
      break;
    default:
      break;
  }
  const gap = random.oneIn(2) ? 0 : 1 + random.below(geometry.pageSize / geometry.sectorSize);
  let sector = geometry.pageSize / geometry.sectorSize;
  if (far && geometry.sectorSize >= LARGE_SECTOR_MIN)
    sector = random.pick(LIMITS) / geometry.sectorSize - random.below(sector * 8);
  const sectors = pieces.map(() => 0);
  for (const i of order) {
    const piece = pieces[i]!;
    const fs = fileSystems[files[piece.file]!.fileSystem]!;
    const align = fs.fragmentSize > 0 ? fs.fragmentSize / geometry.sectorSize : 1;
    if (gap > 0 && random.oneIn(2)) sector += gap;
    sector = Math.ceil(sector / align) * align;
    sectors[i] = sector;
    sector += piece.count * piece.blockSectors;
  }
  for (let i = 0; i < pieces.length; i++) {
    const piece = pieces[i]!;
    const extents: Extent[] = files[piece.file]!.extents!;
    extents.push({ block: piece.block, sector: sectors[i]!, count: piece.count });
  }
}
