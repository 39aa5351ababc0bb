/**
 * Mounted file systems in every combination of block map, block size, answer past the end, fragments, kind of buffers, order
 * of truncation and tails, not only the combinations that history built (kernel notes 10). What means nothing to a kind of
 * block map has one fixed value, so that two scenarios that behave alike look alike.
 */
import type { BlockMapKind, FileSystem, Geometry, PastEnd } from '../../src/scenario/scenario.ts';
import { percent, weighted } from './choose.ts';
import type { FileSystemProfile } from './profile.ts';
import type { Random } from './random.ts';

const BLOCK_MAPS: readonly BlockMapKind[] = ['disk', 'network', 'none'];
const PAST_ENDS: readonly PastEnd[] = ['hole', 'error', 'address'];

/** Draws one file system. */
export function drawFileSystem(random: Random, profile: FileSystemProfile, geometry: Geometry): FileSystem {
  const blockMap = BLOCK_MAPS[weighted(random, profile.blockMap)]!;
  const blockSize = drawBlockSize(random, profile, geometry);
  const disk = blockMap === 'disk';
  return {
    blockMap,
    blockSize,
    pastEnd: disk ? PAST_ENDS[weighted(random, profile.pastEnd)]! : 'hole',
    fragmentSize:
      disk && percent(random, profile.fragments) ? drawFragmentSize(random, blockSize, geometry) : 0,
    sharedBuffers: blockMap !== 'none' && percent(random, profile.sharedBuffers),
    truncateOrder: random.oneIn(2) ? 'setsize-first' : 'setsize-last',
    tail: random.oneIn(2) ? 'zeros' : 'pattern',
    clearsTail: random.oneIn(2),
    delayedBlocks: false,
  };
}

/**
 * Makes file systems wait with the places of blocks, where buffers share pages; fragments are what file systems have that give
 * blocks their places at once. Drawn on its own, so that all else is as it would be without.
 */
export function drawDelays(random: Random, fileSystems: readonly FileSystem[]): void {
  for (const fs of fileSystems) {
    if (fs.blockMap === 'disk' && fs.sharedBuffers && fs.fragmentSize === 0)
      fs.delayedBlocks = random.oneIn(2);
  }
}

function drawBlockSize(random: Random, profile: FileSystemProfile, geometry: Geometry): number {
  const { pageSize, sectorSize } = geometry;
  switch (weighted(random, profile.blockSize)) {
    case 0: {
      const sizes = Math.log2(pageSize / sectorSize);
      return sectorSize << random.below(sizes);
    }
    case 1:
      return pageSize;
    case 2:
      return pageSize * 2;
    default:
      return pageSize * 4;
  }
}

/** A power of two of sectors below the block size; a block of one sector has no fragments. */
function drawFragmentSize(random: Random, blockSize: number, geometry: Geometry): number {
  const sizes = Math.log2(blockSize / geometry.sectorSize);
  return sizes === 0 ? 0 : geometry.sectorSize << random.below(sizes);
}
