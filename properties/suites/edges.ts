/** Places in a file where pagers tend to err: the edges of pages, blocks and sectors. The beginning of a file is none of them. */
import type { Geometry } from '../../src/scenario/scenario.ts';

/** The kinds of edges, in the order of the bits of `edgesOf`. */
export const EDGES = [
  'at a page edge',
  'at a block edge',
  'at a sector edge',
  'a byte beside a page edge',
] as const;

/**
 * Which edges a position lies at, as bits. A block edge is one of blocks that are no pages, a sector edge one within a page: each
 * kind of edge says something that the others do not.
 */
export function edgesOf(position: number, { pageSize, sectorSize }: Geometry, blockSize: number): number {
  if (position <= 0) return 0;
  const within = position % pageSize;
  let edges = 0;
  if (within === 0) edges |= 1;
  if (blockSize !== pageSize && position % blockSize === 0) edges |= 2;
  if (within !== 0 && within % sectorSize === 0) edges |= 4;
  if (within === 1 || within === pageSize - 1) edges |= 8;
  return edges;
}
