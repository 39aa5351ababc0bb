/**
 * The file systems: mounts, block maps, allocation, growth and truncation of files (kernel-notes 9.3, 10, 11.5). Freed sectors
 * are handed out again, last freed first, so that a transfer to a block that is no longer the file's hurts somebody; those freed
 * by a truncation only after setsize has returned. Inodes and indirect blocks are not on the disk.
 */
import { EFBIG, E2BIG, EIO, EOPNOTSUPP, MOUNT_NFS, MOUNT_UFS } from '../trace/codes.ts';
import { DIRECT_BLOCKS, layoutOf } from '../scenario/layout.ts';
import { STAMP_FILE, STAMP_TAIL } from '../scenario/pattern.ts';
import type { FileSystem, Scenario } from '../scenario/scenario.ts';
import { HOLE } from './block-map.ts';
import type { Kernel } from './kernel.ts';
import type { Mount, Sleeps, Vnode } from './structures.ts';

/** What `VOP_BMAP` delivers. `dvp` and `bn` are left as they were where the call does not set them. */
export interface BmapAnswer {
  dvp: Vnode | null;
  /** Device block in sectors (daddr_t, signed 32-bit), -1 for a hole. */
  bn: number;
}

interface InitialRun {
  start: number;
  end: number;
  file: number;
  fileOffset: number;
}

interface FreeRun {
  sector: number;
  count: number;
}

/** All mounted file systems and the places of their files. */
export class FileSystems {
  readonly mounts: Mount[] = [];
  private specs: readonly FileSystem[] = [];
  private count = 0;
  private scenario: Scenario | null = null;
  private readonly initial: InitialRun[] = [];
  private readonly free: FreeRun[] = [];
  private nextFree = 0;
  private readonly withheld: { vnode: Vnode; runs: FreeRun[] }[] = [];
  private readonly kernel: Kernel;

  constructor(kernel: Kernel) {
    this.kernel = kernel;
  }

  /** Mounts the scenario's file systems and places its files; vnodes must have been reset before. */
  reset(scenario: Scenario): void {
    this.scenario = scenario;
    this.specs = scenario.fileSystems;
    this.count = scenario.fileSystems.length;
    if (this.free.length > 0) this.free.length = 0;
    if (this.withheld.length > 0) this.withheld.length = 0;
    if (this.initial.length > 0) this.initial.length = 0;
    for (let i = 0; i < this.count; i++) {
      const mount = (this.mounts[i] ??= this.kernel.make.mount(i));
      mount.fIosize = this.specs[i]!.blockSize;
      mount.fType = this.specs[i]!.blockMap === 'network' ? MOUNT_NFS : MOUNT_UFS;
      mount.unmounted = false;
    }
    const layout = layoutOf(scenario);
    this.nextFree = layout.firstFree;
    const { sectorSize } = scenario.geometry;
    for (let file = 0; file < scenario.files.length; file++) {
      const vp = this.kernel.vnodes.files[file]!;
      const { blockSize } = this.of(vp);
      const extents = layout.extents[file]!;
      vp.blocks.reset(extents, blockSize / sectorSize);
      for (const extent of extents) {
        const lastBlock = extent.block + extent.count - 1;
        const whole = extent.sector + (extent.count - 1) * (blockSize / sectorSize);
        this.initial.push({
          start: extent.sector * sectorSize,
          end: (whole + this.sectorsOf(vp, lastBlock, vp.size)) * sectorSize,
          file,
          fileOffset: extent.block * blockSize,
        });
      }
    }
    if (this.initial.length > 1) this.initial.sort((a, b) => a.start - b.start);
  }

  get total(): number {
    return this.count;
  }

  /** The file system of a file, also after it was disconnected. */
  of(vp: Vnode): FileSystem {
    return this.specs[vp.fileSystem]!;
  }

  /** Whether a write up to `end` is for the buffers alone to place on the disk, when they are flushed. */
  delays(vp: Vnode, end: number): boolean {
    const { delayedBlocks, blockMap } = this.of(vp);
    return delayedBlocks && blockMap === 'disk' && this.kernel.buffers.shares(vp, end);
  }

  /** Puts the initial contents of files over `length` bytes of the disk at `address`; `at` is their place in memory. */
  fillInitial(address: number, length: number, at: number): void {
    const { initial } = this;
    let low = 0;
    let high = initial.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (initial[middle]!.end <= address) low = middle + 1;
      else high = middle;
    }
    for (; low < initial.length; low++) {
      const run = initial[low]!;
      if (run.start >= address + length) break;
      this.fillFrom(run, Math.max(run.start, address), Math.min(run.end, address + length), address, at);
    }
  }

  private fillFrom(run: InitialRun, from: number, to: number, address: number, at: number): void {
    const { memory } = this.kernel;
    const size = this.scenario!.files[run.file]!.size;
    const eof = run.start + (size - run.fileOffset);
    const data = Math.min(to, Math.max(from, eof));
    if (data > from)
      memory.stamp(
        STAMP_FILE + run.file,
        run.fileOffset + (from - run.start),
        at + (from - address),
        data - from,
      );
    if (to > data) {
      const vp = this.kernel.vnodes.files[run.file]!;
      if (this.of(vp).tail === 'zeros') memory.zero(at + (data - address), to - data);
      else memory.stamp(STAMP_TAIL, run.fileOffset + (data - run.start), at + (data - address), to - data);
    }
  }

  /** Sectors that block `block` occupies in a file of `size` bytes. */
  sectorsOf(vp: Vnode, block: number, size: number): number {
    const { blockSize, fragmentSize } = this.of(vp);
    const { sectorSize } = this.kernel.disk;
    if (
      fragmentSize > 0 &&
      block < DIRECT_BLOCKS &&
      size > 0 &&
      block === Math.floor((size - 1) / blockSize)
    ) {
      return (Math.ceil((size - block * blockSize) / fragmentSize) * fragmentSize) / sectorSize;
    }
    return blockSize / sectorSize;
  }

  /** `VOP_BMAP`: an errno; null when it sleeps (see `Threads.defer`). */
  bmap(vp: Vnode, block: number, answer: BmapAnswer): number | null {
    if (vp.vMount === null) return EIO;
    const fs = this.of(vp);
    if (fs.blockMap === 'none') return EOPNOTSUPP;
    const { kernel } = this;
    if (fs.blockMap === 'network') {
      answer.dvp = vp;
      answer.bn = Math.imul(block, fs.blockSize / kernel.disk.sectorSize);
      return 0;
    }
    const choice = kernel.exceptions.at(kernel.threads.current, 'bmap', vp.file);
    if (choice !== null) {
      if (choice.take === 'error') {
        answer.dvp = kernel.vnodes.disk;
        return EIO;
      }
      return kernel.threads.defer(this.bmapAfterAWhile(vp, block, answer));
    }
    return this.map(vp, block, answer);
  }

  /** `VOP_BMAP` without a block pointer: only the device; disk file systems cannot fail. */
  device(vp: Vnode, answer: BmapAnswer): number {
    if (vp.vMount === null) return EIO;
    const { blockMap } = this.of(vp);
    if (blockMap === 'none') return EOPNOTSUPP;
    answer.dvp = blockMap === 'network' ? vp : this.kernel.vnodes.disk;
    return 0;
  }

  private *bmapAfterAWhile(vp: Vnode, block: number, answer: BmapAnswer): Sleeps<number> {
    yield* this.kernel.threads.waitAWhile();
    return vp.vMount === null ? EIO : this.map(vp, block, answer);
  }

  private map(vp: Vnode, block: number, answer: BmapAnswer): number {
    answer.dvp = this.kernel.vnodes.disk;
    if (block < 0) return EFBIG;
    const sector = vp.blocks.get(block);
    if (sector !== HOLE) {
      answer.bn = sector | 0;
      return 0;
    }
    answer.bn = HOLE;
    const { pastEnd, blockSize } = this.of(vp);
    if (pastEnd === 'hole') return 0;
    const last = vp.blocks.last();
    if (block <= last) return 0;
    if (pastEnd === 'error') return E2BIG;
    // no file system gives a place that is not the file's for a byte below EOF
    if (last >= 0 && block * blockSize >= vp.size) {
      answer.bn = (vp.blocks.get(last) + (block - last) * (blockSize / this.kernel.disk.sectorSize)) | 0;
    }
    return 0;
  }

  /** Byte address on the disk of a byte of a file, or `HOLE`; with `fill` a hole below EOF gets a block first. */
  addressOf(vp: Vnode, offset: number, fill: boolean): number {
    const { blockSize } = this.of(vp);
    const block = Math.floor(offset / blockSize);
    let sector = vp.blocks.get(block);
    if (sector === HOLE) {
      if (!fill) return HOLE;
      sector = this.allocateBlock(vp, block, vp.size);
      if (sector === HOLE) return HOLE;
    }
    return sector * this.kernel.disk.sectorSize + (offset - block * blockSize);
  }

  /** Bytes from `offset` to the end of its block. */
  roomInBlock(vp: Vnode, offset: number): number {
    const { blockSize } = this.of(vp);
    return blockSize - (offset % blockSize);
  }

  /**
   * Gives a block of a file that will be `size` bytes long a place: zeros below EOF, beyond it what the scenario says.
   * Returns its sector, or `HOLE` when the disk is full.
   */
  allocateBlock(vp: Vnode, block: number, size: number): number {
    const sectors = this.sectorsOf(vp, block, size);
    const sector = this.takeSectors(sectors);
    if (sector === HOLE) return HOLE;
    vp.blocks.set(block, sector);
    const { disk, observer } = this.kernel;
    const start = block * this.of(vp).blockSize;
    const length = sectors * disk.sectorSize;
    const data = Math.max(0, Math.min(length, size - start));
    disk.zero(sector * disk.sectorSize, data);
    if (data < length) {
      const address = sector * disk.sectorSize + data;
      if (this.of(vp).tail === 'zeros') disk.zero(address, length - data);
      else disk.stamp(STAMP_TAIL, start + data, address, length - data);
    }
    if (observer !== null) observer.allocated(vp.file, block, sector, sectors);
    return sector;
  }

  private takeSectors(count: number): number {
    for (let i = this.free.length - 1; i >= 0; i--) {
      const run = this.free[i]!;
      if (run.count < count || this.kernel.pbufs.writesTo(run.sector, count)) continue;
      const { sector } = run;
      run.sector += count;
      run.count -= count;
      if (run.count === 0) this.free.splice(i, 1);
      return sector;
    }
    if (this.nextFree + count > this.kernel.disk.sectors) return HOLE;
    this.nextFree += count;
    return this.nextFree - count;
  }

  private giveBack(vp: Vnode, block: number, sector: number, count: number): void {
    const { observer } = this.kernel;
    if (observer !== null) observer.freed(vp.file, block, sector, count);
    const held = this.withheld.find((entry) => entry.vnode === vp);
    if (held === undefined) this.free.push({ sector, count });
    else held.runs.push({ sector, count });
  }

  /** From now on what this file frees is not handed out. */
  withhold(vp: Vnode): void {
    this.withheld.push({ vnode: vp, runs: [] });
  }

  /** What was withheld is free. */
  releaseWithheld(vp: Vnode): void {
    const at = this.withheld.findIndex((entry) => entry.vnode === vp);
    if (at < 0) return;
    for (const run of this.withheld[at]!.runs) this.free.push(run);
    this.withheld.splice(at, 1);
  }

  /** Makes the file shorter: blocks, fragments, the inode's size. The pager is the caller's business. */
  shrink(vp: Vnode, size: number): void {
    const { blockSize, clearsTail } = this.of(vp);
    const { disk, observer, buffers } = this.kernel;
    const keep = Math.ceil(size / blockSize);
    const oldSize = vp.size;
    buffers.discardFrom(vp, keep);
    const { sectorSize } = disk;
    vp.blocks.truncate(keep, (block, sector, count) => {
      const sectors = count === 1 ? this.sectorsOf(vp, block, oldSize) : (count * blockSize) / sectorSize;
      this.giveBack(vp, block, sector, sectors);
    });
    const last = keep - 1;
    const sector = last < 0 ? HOLE : vp.blocks.get(last);
    if (sector !== HOLE) {
      const before = this.sectorsOf(vp, last, oldSize);
      const after = this.sectorsOf(vp, last, size);
      if (after < before) this.giveBack(vp, last, sector + after, before - after);
      const data = size - last * blockSize;
      if (clearsTail) disk.zero(sector * sectorSize + data, after * sectorSize - data);
    }
    vp.size = size;
    if (observer !== null) observer.resized(vp.file, size);
  }

  /**
   * Makes the file longer. A last block in fragments moves to a whole one; with fragments (as FFS does) the block of the last
   * byte
   * is allocated. False when the disk is full: the file is as it was, though its tail may lie elsewhere.
   */
  grow(vp: Vnode, size: number, allocateLast: boolean): boolean {
    const { blockSize, fragmentSize } = this.of(vp);
    const { observer } = this.kernel;
    const moved = this.movingBlock(vp, size);
    if (moved >= 0 && !this.moveTail(vp, size)) return false;
    const last = Math.floor((size - 1) / blockSize);
    if ((allocateLast || fragmentSize > 0) && vp.blocks.get(last) === HOLE) {
      if (this.allocateBlock(vp, last, size) === HOLE) {
        if (moved >= 0) this.trimTail(vp, moved, size);
        return false;
      }
    }
    vp.size = size;
    if (observer !== null) observer.resized(vp.file, size);
    return true;
  }

  /** A last block of fragments needs more room in a file of `size` bytes: copied to a new place, the old one freed. */
  private moveTail(vp: Vnode, size: number): boolean {
    const { blockSize } = this.of(vp);
    const { disk, observer } = this.kernel;
    const block = Math.floor((vp.size - 1) / blockSize);
    const old = vp.blocks.get(block);
    const before = this.sectorsOf(vp, block, vp.size);
    const after = this.sectorsOf(vp, block, size);
    const sector = this.takeSectors(after);
    if (sector === HOLE) return false;
    const { sectorSize } = disk;
    vp.blocks.set(block, sector);
    for (let i = 0; i < before; i++) {
      const to = disk.locate((sector + i) * sectorSize);
      this.kernel.memory.copy(disk.locate((old + i) * sectorSize), to, sectorSize);
    }
    // sectors that are new to the file are zero up to the new EOF
    const start = block * blockSize + before * sectorSize;
    const data = Math.max(0, Math.min((after - before) * sectorSize, size - start));
    const address = (sector + before) * sectorSize;
    disk.zero(address, data);
    const rest = (after - before) * sectorSize - data;
    if (this.of(vp).tail === 'zeros') disk.zero(address + data, rest);
    else disk.stamp(STAMP_TAIL, start + data, address + data, rest);
    if (observer !== null) observer.allocated(vp.file, block, sector, after);
    this.giveBack(vp, block, old, before);
    return true;
  }

  /** The tail was moved for a growth to `size` that did not come about: what it has too much goes back. */
  private trimTail(vp: Vnode, block: number, size: number): void {
    const before = this.sectorsOf(vp, block, vp.size);
    const after = this.sectorsOf(vp, block, size);
    this.giveBack(vp, block, vp.blocks.get(block) + before, after - before);
  }

  /** Whether growing to `size` moves the tail of the file, and if so its block. */
  movingBlock(vp: Vnode, size: number): number {
    if (vp.size === 0) return -1;
    const block = Math.floor((vp.size - 1) / this.of(vp).blockSize);
    if (vp.blocks.get(block) === HOLE) return -1;
    return this.sectorsOf(vp, block, size) > this.sectorsOf(vp, block, vp.size) ? block : -1;
  }
}
