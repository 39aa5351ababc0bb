/**
 * Single arguments of operations: masks, places within a page, new sizes of files. All of them seek boundaries; whether one
 * makes sense for the file at that moment is for the caller to say.
 */
import type { Geometry } from '../../src/scenario/scenario.ts';
import { aside } from './choose.ts';
import type { Random } from './random.ts';

/** A non-empty mask of chunks: one, the first ones, the last ones, or anything. */
export function drawMask(random: Random, fullMask: number): number {
  const bits = 32 - Math.clz32(fullMask);
  switch (random.below(4)) {
    case 0:
      return 1 << random.below(bits);
    case 1:
      return 2 ** (1 + random.below(bits)) - 1;
    case 2:
      return fullMask & ~(2 ** random.below(bits) - 1);
    default:
      return 1 + random.below(fullMask);
  }
}

/** A position in a page: its beginning, a sector's, or beside one. */
export function drawWithin(random: Random, { pageSize, sectorSize }: Geometry): number {
  if (random.oneIn(3)) return 0;
  const at = random.below(pageSize / sectorSize) * sectorSize + aside(random, sectorSize);
  return Math.min(pageSize - 1, Math.max(0, at));
}

/** A size to truncate a file of `size` bytes to; may be negative or too large. `near` is a byte position of interest. */
export function drawShorter(random: Random, size: number, unit: number, near: number): number {
  switch (random.below(16)) {
    case 0:
      return 0;
    case 1:
    case 2:
      return size - 1;
    case 3:
    case 4:
    case 5:
      return (Math.ceil(size / unit) - 1) * unit;
    case 6:
    case 7:
      return size - 1 - random.below(Math.min(size, unit));
    default:
      return Math.floor(near / unit) * unit + aside(random, unit);
  }
}

/** A size to extend a file of `size` bytes to; may be too small. */
export function drawLonger(random: Random, size: number, unit: number): number {
  const units = Math.floor(size / unit) + 1;
  switch (random.below(4)) {
    case 0:
      return size + 1 + random.below(unit);
    case 1:
      return units * unit;
    default:
      return (units + random.below(4)) * unit + aside(random, unit);
  }
}
