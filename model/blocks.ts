/**
 * Where the model believes that files lie: its own map from blocks to sectors, started from the scenario's layout and followed
 * by the file systems' allocate and free events alone. What a pager or a block map call says is never asked. Low blocks stand
 * in an array, others are looked up in the scenario's extents and a sparse map, so that nothing grows with a file or the disk.
 *
 * Freed sectors stay a file's own until setsize has returned, or until the transfers addressed to them end (kernel-notes 11.5):
 * they are kept as the block's former place until then.
 */
import { layoutOf, sectorsOfBlock } from '../src/scenario/layout.ts';
import type { Extent, Scenario } from '../src/scenario/scenario.ts';

/** No place on the disk. */
export const HOLE = -1;

/** Blocks below this number stand in an array. */
const DENSE_BLOCKS = 128;

/** Not yet looked up in the extents. */
const UNKNOWN = -2;

/** A place that a block had and lost: by moving, or by a truncation of which the pager does not know yet. */
interface Former {
  block: number;
  /** Sectors of the block before `sector`. */
  lead: number;
  sector: number;
  sectors: number;
  moved: boolean;
}

/** The blocks of one file. */
export class FileBlocks {
  blockSize = 1;
  blockSectors = 1;
  private extents: readonly Extent[] = [];
  private lastBlock = -1;
  private lastSectors = 0;
  private readonly dense = new Int32Array(DENSE_BLOCKS).fill(UNKNOWN);
  private readonly denseSectors = new Int32Array(DENSE_BLOCKS);
  private denseEnd = 0;
  private readonly sparse = new Map<number, { sector: number; sectors: number }>();
  private readonly former: Former[] = [];
  /** Runs of blocks that the extents no longer speak for. */
  private readonly gone: { from: number; to: number }[] = [];
  /** How often a block moved, appeared or vanished in this run. */
  changes = 0;
  /** How often the pager was told of truncations in this run. */
  tellings = 0;

  /** Starts over; `lastSectors` is what block `lastBlock` occupies, every other one is whole. */
  reset(
    extents: readonly Extent[],
    blockSize: number,
    sectorSize: number,
    lastBlock: number,
    lastSectors: number,
  ): void {
    this.extents = extents;
    this.blockSize = blockSize;
    this.blockSectors = blockSize / sectorSize;
    this.lastBlock = lastBlock;
    this.lastSectors = lastSectors;
    this.dense.fill(UNKNOWN, 0, this.denseEnd);
    this.denseEnd = 0;
    if (this.sparse.size > 0) this.sparse.clear();
    // to set a length takes as long as all the rest, and few runs need it
    if (this.former.length > 0) this.former.length = 0;
    if (this.gone.length > 0) this.gone.length = 0;
    this.changes = 0;
    this.tellings = 0;
  }

  /** Sector of a block's first byte, or `HOLE`. */
  sector(block: number): number {
    if (block >= 0 && block < DENSE_BLOCKS) {
      const known = this.dense[block]!;
      return known === UNKNOWN ? this.learn(block) : known;
    }
    const changed = this.sparse.get(block);
    if (changed !== undefined) return changed.sector;
    for (const run of this.gone) if (block >= run.from && block < run.to) return HOLE;
    return this.initialSector(block);
  }

  /** How many sectors the block occupies; 0 for a hole. */
  sectors(block: number): number {
    if (this.sector(block) === HOLE) return 0;
    if (block < DENSE_BLOCKS) return this.denseSectors[block]!;
    return this.sparse.get(block)?.sectors ?? this.initialSectors(block);
  }

  private learn(block: number): number {
    const sector = this.initialSector(block);
    this.dense[block] = sector;
    this.denseSectors[block] = sector === HOLE ? 0 : this.initialSectors(block);
    if (block >= this.denseEnd) this.denseEnd = block + 1;
    return sector;
  }

  /** Where the block was when the run began. */
  initialSector(block: number): number {
    for (const extent of this.extents) {
      if (block >= extent.block && block < extent.block + extent.count) {
        return extent.sector + (block - extent.block) * this.blockSectors;
      }
    }
    return HOLE;
  }

  /** Whether the sector was the file's when the run began. */
  ownedAtFirst(sector: number): boolean {
    return this.ownedRunAtFirst(sector, 1) === 1;
  }

  /** Whether all (1), none (0) or some (-1: perhaps) of `count` sectors from `sector` on were the file's when the run began. */
  ownedRunAtFirst(sector: number, count: number): number {
    let isTouched = false;
    for (const extent of this.extents) {
      const end = extent.sector + extent.count * this.blockSectors;
      if (sector >= end || sector + count <= extent.sector) continue;
      const last = this.lastBlock - extent.block;
      const isShort = last >= 0 && last < extent.count;
      // the last block of the file may be a short one, with what is nobody's behind it
      const gap = isShort ? extent.sector + last * this.blockSectors + this.lastSectors : end;
      const next = isShort ? extent.sector + (last + 1) * this.blockSectors : end;
      if (sector >= extent.sector && sector + count <= gap) return 1;
      if (sector >= next && sector + count <= end) return 1;
      if (sector < gap || (next < end && sector + count > next)) isTouched = true;
    }
    return isTouched ? -1 : 0;
  }

  private initialSectors(block: number): number {
    return block === this.lastBlock ? this.lastSectors : this.blockSectors;
  }

  private place(block: number, sector: number, sectors: number): void {
    this.changes++;
    if (block >= 0 && block < DENSE_BLOCKS) {
      this.dense[block] = sector;
      this.denseSectors[block] = sectors;
      if (block >= this.denseEnd) this.denseEnd = block + 1;
    } else {
      this.sparse.set(block, { sector, sectors });
    }
  }

  /** The file system gave the block a place; one that had a place moves, its old sectors are freed by an event of their own. */
  allocate(block: number, sector: number, sectors: number): void {
    const now = this.sector(block);
    if (now !== HOLE && sector !== now) this.remember(block, now, this.sectors(block), true);
    this.place(block, sector, sectors);
  }

  /**
   * The file system took sectors: a block or its end, its place before a move, or a run of whole blocks. `known`: the pager has
   * been told of the truncation, so that they are nobody's at once.
   */
  free(block: number, sector: number, sectors: number, known: boolean): void {
    const now = this.sector(block);
    const count = this.sectors(block);
    if (now === HOLE || sector < now || sector >= now + count) {
      // the place that the block had before it moved
      this.remember(block, sector, sectors, true);
      return;
    }
    if (!known) this.remember(block, sector, sectors, false);
    if (sector > now) this.place(block, now, sector - now);
    else if (sectors <= count) this.place(block, HOLE, 0);
    else this.drop(block, block + Math.ceil(sectors / this.blockSectors));
  }

  /** Makes holes of a run of blocks, at no cost per block of a large file. */
  private drop(from: number, to: number): void {
    for (let block = from; block < Math.min(to, DENSE_BLOCKS); block++) this.place(block, HOLE, 0);
    if (to <= DENSE_BLOCKS) return;
    this.changes++;
    for (const block of this.sparse.keys()) if (block >= from && block < to) this.sparse.delete(block);
    this.gone.push({ from: Math.max(from, DENSE_BLOCKS), to });
  }

  private remember(block: number, sector: number, sectors: number, moved: boolean): void {
    for (const former of this.former) if (former.block === block && former.sector === sector) return;
    const first = this.sector(block);
    const lead = !moved && first !== HOLE ? sector - first : 0;
    this.former.push({ block, lead, sector, sectors, moved });
  }

  /**
   * How the block lost the place whose sector `within` is `sector`: 'truncated' or 'moved', or null if it never had it or
   * somebody else has it now.
   */
  lost(block: number, within: number, sector: number): 'truncated' | 'moved' | null {
    for (const former of this.former) {
      const offset = (block - former.block) * this.blockSectors + within - former.lead;
      if (offset < 0 || offset >= former.sectors || former.sector + offset !== sector) continue;
      return former.moved ? 'moved' : 'truncated';
    }
    return null;
  }

  /** Where sector `within` of the block was before a truncation of which the pager does not know yet, or `HOLE`. */
  truncatedSector(block: number, within: number): number {
    for (const former of this.former) {
      const offset = (block - former.block) * this.blockSectors + within - former.lead;
      if (!former.moved && offset >= 0 && offset < former.sectors) return former.sector + offset;
    }
    return HOLE;
  }

  /** Whether a truncation of which the pager does not know yet took the sector. */
  withholds(sector: number): boolean {
    for (const former of this.former)
      if (!former.moved && sector >= former.sector && sector < former.sector + former.sectors) return true;
    return false;
  }

  /** The pager knows of the truncation: what it took belongs to nobody from now on. */
  forgetTruncated(): void {
    this.tellings++;
    for (let i = this.former.length - 1; i >= 0; i--) if (!this.former[i]!.moved) this.former.splice(i, 1);
  }

  /** Somebody was given sectors: they are no longer anybody's former place. */
  forgetTaken(sector: number, sectors: number): void {
    for (let i = this.former.length - 1; i >= 0; i--) {
      const former = this.former[i]!;
      if (former.sector < sector + sectors && sector < former.sector + former.sectors)
        this.former.splice(i, 1);
    }
  }

  /** Whether the file owns that sector now. Slow; for explanations. */
  ownerBlock(sector: number): number {
    const holds = (block: number): boolean => {
      const first = this.sector(block);
      return first !== HOLE && sector >= first && sector < first + this.sectors(block);
    };
    for (const extent of this.extents) {
      const block = extent.block + Math.floor((sector - extent.sector) / this.blockSectors);
      if (block >= extent.block && block < extent.block + extent.count && holds(block)) return block;
    }
    for (let block = 0; block < this.denseEnd; block++) if (holds(block)) return block;
    for (const block of this.sparse.keys()) if (holds(block)) return block;
    return HOLE;
  }
}

/** The blocks of all files. */
export class Blocks {
  readonly files: FileBlocks[] = [];
  private count = 0;
  private sectorSize = 1;
  /** First sector behind everything that any file ever had: where a file system goes on when nothing else is free. */
  highest = 0;

  reset(scenario: Scenario): void {
    const layout = layoutOf(scenario);
    this.sectorSize = scenario.geometry.sectorSize;
    this.count = scenario.files.length;
    this.highest = layout.firstFree;
    for (let i = 0; i < this.count; i++) {
      const file = scenario.files[i]!;
      const { blockSize } = scenario.fileSystems[file.fileSystem]!;
      const lastBlock = file.size > 0 ? Math.floor((file.size - 1) / blockSize) : -1;
      const lastSectors = lastBlock < 0 ? 0 : sectorsOfBlock(scenario, file.fileSystem, file.size, lastBlock);
      const blocks = (this.files[i] ??= new FileBlocks());
      blocks.reset(layout.extents[i]!, blockSize, this.sectorSize, lastBlock, lastSectors);
    }
  }

  /** The file system gave the file sectors. */
  allocate(file: number, block: number, sector: number, sectors: number): void {
    this.highest = Math.max(this.highest, sector + sectors);
    for (let i = 0; i < this.count; i++) this.files[i]!.forgetTaken(sector, sectors);
    this.files[file]!.allocate(block, sector, sectors);
  }

  /** Byte address on the disk of a byte of the file, or `HOLE` where it has no sector of its own. */
  address(file: number, offset: number): number {
    const blocks = this.files[file]!;
    const block = Math.floor(offset / blocks.blockSize);
    const sector = blocks.sector(block);
    if (sector === HOLE) return HOLE;
    const within = offset - block * blocks.blockSize;
    if (within >= blocks.sectors(block) * this.sectorSize) return HOLE;
    return sector * this.sectorSize + within;
  }

  /** Whether blocks that follow each other on the disk hold these bytes of the file, the first of which has a block. */
  inOneRun(file: number, offset: number, length: number): boolean {
    const blocks = this.files[file]!;
    const { blockSize } = blocks;
    const first = Math.floor(offset / blockSize);
    const end = offset + length;
    if (end <= (first + 1) * blockSize) return true;
    let sector = blocks.sector(first);
    for (let block = first + 1; block * blockSize < end; block++) {
      sector += blocks.blockSectors;
      if (blocks.sector(block) !== sector) return false;
    }
    return true;
  }

  /** Whether a block exists among `length` bytes of the file from `offset` on. */
  anyBlock(file: number, offset: number, length: number): boolean {
    const blocks = this.files[file]!;
    const last = Math.floor((offset + length - 1) / blocks.blockSize);
    for (let block = Math.floor(offset / blocks.blockSize); block <= last; block++) {
      if (blocks.sector(block) !== HOLE) return true;
    }
    return false;
  }

  /** Whether every byte of the range lies in a block. */
  everyBlock(file: number, offset: number, length: number): boolean {
    const blocks = this.files[file]!;
    const last = Math.floor((offset + length - 1) / blocks.blockSize);
    for (let block = Math.floor(offset / blocks.blockSize); block <= last; block++) {
      if (blocks.sector(block) === HOLE) return false;
    }
    return true;
  }

  /** Says whose a sector is, for people. Slow. */
  describe(sector: number): string {
    for (let file = 0; file < this.count; file++) {
      const block = this.files[file]!.ownerBlock(sector);
      if (block !== HOLE) return `sector ${sector} is file ${file}'s block ${block}`;
    }
    return `sector ${sector} belongs to no file`;
  }
}
