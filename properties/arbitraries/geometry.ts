/**
 * Sizes of the simulated machine: mostly the small one, so that boundaries are near each other. The size of the disk is not
 * known before the files are; `scenario.ts` sets it.
 */
import { DEFAULT_GEOMETRY, SMALL_GEOMETRY, type Geometry } from '../../src/scenario/scenario.ts';
import { weighted, within } from './choose.ts';
import type { GeometryProfile } from './profile.ts';
import type { Random } from './random.ts';

const PAGE_SIZES = [16, 32, 64, 128] as const;

/** Draws a machine; `diskSectors` is 0. */
export function drawGeometry(random: Random, profile: GeometryProfile): Geometry {
  let { pageSize, sectorSize } = SMALL_GEOMETRY;
  switch (weighted(random, profile.machine)) {
    case 1: {
      pageSize = random.pick(PAGE_SIZES);
      // Two to sixteen sectors a page, and no sector smaller than two bytes: 16-byte pages have two to eight.
      const shift = 1 + random.below(Math.min(4, Math.log2(pageSize) - 1));
      sectorSize = pageSize >> shift;
      break;
    }
    case 2:
      pageSize = DEFAULT_GEOMETRY.pageSize;
      sectorSize = DEFAULT_GEOMETRY.sectorSize;
      break;
    default:
      break;
  }
  return {
    pageSize,
    sectorSize,
    frames: within(random, random.pick(profile.frames)),
    pbufs: random.pick(profile.pbufs),
    mapPages: random.pick(profile.mapPages),
    diskSectors: 0,
    cachedObjects: random.pick(profile.cachedObjects),
  };
}
