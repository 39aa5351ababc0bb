/**
 * What a scenario fixes before anything has run: sizes of the machine, threads, kinds of file systems, files as they are at the
 * beginning. Counted once for each run, so that it costs nothing while events come. What comes of it is for `coverage.ts`.
 */
import type { BlockMapKind, FileSpec, FileSystem, Geometry, Scenario } from '../../src/scenario/scenario.ts';
import { DEFAULT_GEOMETRY } from '../../src/scenario/scenario.ts';
import { LIMITS, WINDOW_PAGES } from '../arbitraries/files.ts';
import { EDGES, edgesOf } from './edges.ts';

/** What is counted. */
export const WORLDS = [
  'world with one pbuf',
  'world with two pbufs',
  'world with one page of map space',
  'world with two pages of map space',
  'world with scarce frames',
  'world that caches no object',
  'world of the original page size',
  'one thread',
  'two threads',
  'three threads',
  'file system on a disk',
  'file system on a network',
  'file system without a block map',
  'file system with blocks smaller than a page',
  'file system with blocks of a page',
  'file system with blocks of several pages',
  'file system with fragments',
  'file system whose buffers share pages',
  'file system whose buffers are its own',
  'file system that delays its blocks',
  'file system that maps a hole past its end',
  'file system that fails past its end',
  'file system that maps an address past its end',
  'file system that tells the pager first',
  'file system that tells the pager last',
  'empty file',
  'file with holes',
  'file in several pieces',
  'file around 2 GiB',
  'file around 4 GiB',
  'sectors that stay bad',
  ...EDGES.map((edge) => `file that ends ${edge}` as const),
] as const;

/** A name of the list. */
export type World = (typeof WORLDS)[number];

/** With fewer frames memory runs out in ordinary scenarios. */
const SCARCE_FRAMES = 16;

const ONE_OF_THREADS = ['one thread', 'two threads', 'three threads'] as const;

const BLOCK_MAP_NAMES: Record<BlockMapKind, World> = {
  disk: 'file system on a disk',
  network: 'file system on a network',
  none: 'file system without a block map',
};

const PAST_END_NAMES: Record<FileSystem['pastEnd'], World> = {
  hole: 'file system that maps a hole past its end',
  error: 'file system that fails past its end',
  address: 'file system that maps an address past its end',
};

/** Calls `hit` with each name that holds of the scenario; with those of file systems and files once for each of them. */
export function countWorld(scenario: Scenario, hit: (name: World) => void): void {
  const { geometry, fileSystems, files, threads, media } = scenario;
  if (geometry.pbufs === 1) hit('world with one pbuf');
  if (geometry.pbufs === 2) hit('world with two pbufs');
  if (geometry.mapPages === 1) hit('world with one page of map space');
  if (geometry.mapPages === 2) hit('world with two pages of map space');
  if (geometry.frames <= SCARCE_FRAMES) hit('world with scarce frames');
  if (geometry.cachedObjects === 0) hit('world that caches no object');
  if (geometry.pageSize === DEFAULT_GEOMETRY.pageSize) hit('world of the original page size');
  const name = ONE_OF_THREADS[threads - 1];
  if (name !== undefined) hit(name);
  if (media.length > 0) hit('sectors that stay bad');
  for (const fs of fileSystems) countFileSystem(fs, geometry, hit);
  for (const file of files) countFile(file, fileSystems[file.fileSystem]!, geometry, hit);
}

function countFileSystem(fs: FileSystem, { pageSize }: Geometry, hit: (name: World) => void): void {
  hit(BLOCK_MAP_NAMES[fs.blockMap]);
  if (fs.blockSize < pageSize) hit('file system with blocks smaller than a page');
  else if (fs.blockSize === pageSize) hit('file system with blocks of a page');
  else hit('file system with blocks of several pages');
  if (fs.fragmentSize > 0) hit('file system with fragments');
  hit(fs.sharedBuffers ? 'file system whose buffers share pages' : 'file system whose buffers are its own');
  if (fs.delayedBlocks) hit('file system that delays its blocks');
  if (fs.blockMap === 'disk') hit(PAST_END_NAMES[fs.pastEnd]);
  hit(
    fs.truncateOrder === 'setsize-first'
      ? 'file system that tells the pager first'
      : 'file system that tells the pager last',
  );
}

function countFile(
  { size, extents }: FileSpec,
  { blockSize }: FileSystem,
  geometry: Geometry,
  hit: (name: World) => void,
): void {
  if (size === 0) hit('empty file');
  if (extents !== undefined) {
    let blocks = 0;
    for (const { count } of extents) blocks += count;
    if (blocks * blockSize < size) hit('file with holes');
    if (extents.length > 1) hit('file in several pieces');
  }
  const near = WINDOW_PAGES * geometry.pageSize;
  if (Math.abs(size - LIMITS[0]) <= near) hit('file around 2 GiB');
  if (Math.abs(size - LIMITS[1]) <= near) hit('file around 4 GiB');
  const edges = edgesOf(size, geometry, blockSize);
  for (const [i, edge] of EDGES.entries()) if ((edges & (1 << i)) !== 0) hit(`file that ends ${edge}`);
}
