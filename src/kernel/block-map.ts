/**
 * The block map of one file: logical block to disk sector, holes absent. Small numbers live in an array, others in a sparse map
 * over the scenario's extents, so that a file of a terabyte costs no more than the blocks that were touched.
 */
import type { Extent } from '../scenario/scenario.ts';

/** Blocks below this number are kept in an array. */
const DENSE_MAX = 128;

/** No block: a hole. */
export const HOLE = -1;

/** Told of blocks that a truncation took away: `count` blocks from `block` on, the first at `sector`, the others behind it. */
export type RunVisitor = (block: number, sector: number, count: number) => void;

/** A block map; addresses are in sectors. */
export class BlockMap {
  private readonly dense = new Int32Array(DENSE_MAX).fill(HOLE);
  private denseEnd = 0;
  private sparse: Map<number, number> | null = null;
  /** Extents of the scenario, cut by truncations; they speak for blocks from `DENSE_MAX` on. */
  private extents: readonly Extent[] = [];
  private blockSectors = 1;

  /** Starts over from the extents of a scenario. */
  reset(extents: readonly Extent[], blockSectors: number): void {
    this.dense.fill(HOLE, 0, this.denseEnd);
    this.denseEnd = 0;
    this.sparse = null;
    this.extents = extents;
    this.blockSectors = blockSectors;
    for (const extent of extents) {
      const end = Math.min(DENSE_MAX, extent.block + extent.count);
      for (let block = extent.block; block < end; block++) {
        this.dense[block] = extent.sector + (block - extent.block) * blockSectors;
      }
      this.denseEnd = Math.max(this.denseEnd, end);
    }
  }

  /** Sector of the block's first byte, or `HOLE`. */
  get(block: number): number {
    if (block < DENSE_MAX) return block < 0 ? HOLE : this.dense[block]!;
    const changed = this.sparse?.get(block);
    if (changed !== undefined) return changed;
    for (const extent of this.extents) {
      if (block >= extent.block && block < extent.block + extent.count) {
        return extent.sector + (block - extent.block) * this.blockSectors;
      }
    }
    return HOLE;
  }

  /** Gives a block a place. */
  set(block: number, sector: number): void {
    if (block < DENSE_MAX) {
      this.dense[block] = sector;
      this.denseEnd = Math.max(this.denseEnd, block + 1);
    } else {
      (this.sparse ??= new Map()).set(block, sector);
    }
  }

  /** The last block that is there, -1 if the file is one hole. */
  last(): number {
    let last = -1;
    for (const extent of this.extents) {
      if (extent.block + extent.count > DENSE_MAX) last = Math.max(last, extent.block + extent.count - 1);
    }
    if (this.sparse !== null) for (const block of this.sparse.keys()) last = Math.max(last, block);
    if (last >= 0) return last;
    while (this.denseEnd > 0 && this.dense[this.denseEnd - 1] === HOLE) this.denseEnd--;
    return this.denseEnd - 1;
  }

  /** Takes away every block from `from` on. */
  truncate(from: number, visit: RunVisitor): void {
    for (let block = this.denseEnd - 1; block >= from; block--) {
      const sector = this.dense[block]!;
      if (sector !== HOLE) visit(block, sector, 1);
      this.dense[block] = HOLE;
    }
    this.denseEnd = Math.min(this.denseEnd, from);
    if (this.sparse !== null) {
      for (const [block, sector] of [...this.sparse].sort((a, b) => a[0] - b[0])) {
        if (block < from) continue;
        visit(block, sector, 1);
        this.sparse.delete(block);
      }
    }
    const kept: Extent[] = [];
    for (const extent of this.extents) {
      const end = extent.block + extent.count;
      const cut = Math.max(DENSE_MAX, from, extent.block);
      if (cut < end) {
        visit(cut, extent.sector + (cut - extent.block) * this.blockSectors, end - cut);
        if (cut > extent.block) kept.push({ ...extent, count: cut - extent.block });
      } else {
        kept.push(extent);
      }
    }
    this.extents = kept;
  }
}
