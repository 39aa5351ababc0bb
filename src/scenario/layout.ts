/**
 * Where files lie on the disk when a run begins. A file without a block map of its own gets consecutive blocks behind those of
 * the files before it, so that small scenarios need not spell out addresses. The kernel and the model both start from here;
 * what happens to the maps afterwards each of them follows by itself.
 */
import type { Extent, FileSpec, Geometry, Scenario } from './scenario.ts';

/** File systems allocate fragments for the last block only below this block number (kernel-notes 10). */
export const DIRECT_BLOCKS = 12;

/** What of a scenario decides where its files lie. */
export type Shape = Pick<Scenario, 'geometry' | 'fileSystems' | 'files'>;

/** The first sector that a file may have; those before it, a page of them, stay unused like a boot block. */
export function firstSector({ pageSize, sectorSize }: Geometry): number {
  return pageSize / sectorSize;
}

/** Number of sectors that block `block` of a file of `size` bytes occupies if it is there. */
export function sectorsOfBlock(scenario: Shape, fileSystem: number, size: number, block: number): number {
  const fs = scenario.fileSystems[fileSystem]!;
  const { sectorSize } = scenario.geometry;
  if (
    fs.fragmentSize > 0 &&
    block < DIRECT_BLOCKS &&
    size > 0 &&
    block === Math.floor((size - 1) / fs.blockSize)
  ) {
    const bytes = size - block * fs.blockSize;
    return (Math.ceil(bytes / fs.fragmentSize) * fs.fragmentSize) / sectorSize;
  }
  return fs.blockSize / sectorSize;
}

/** The files' first block maps, and the first sector that no file and no extent uses. */
export interface Layout {
  extents: Extent[][];
  firstFree: number;
}

/** Computes the first block maps. */
export function layoutOf(scenario: Shape): Layout {
  const extents: Extent[][] = [];
  const blockSectors = (file: FileSpec): number =>
    scenario.fileSystems[file.fileSystem]!.blockSize / scenario.geometry.sectorSize;
  let firstFree = firstSector(scenario.geometry);
  for (const file of scenario.files) {
    for (const extent of file.extents ?? []) {
      firstFree = Math.max(firstFree, extent.sector + extent.count * blockSectors(file));
    }
  }
  for (const file of scenario.files) {
    if (file.extents) {
      extents.push(file.extents);
      continue;
    }
    const count = Math.ceil(file.size / scenario.fileSystems[file.fileSystem]!.blockSize);
    extents.push(count > 0 ? [{ block: 0, sector: firstFree, count }] : []);
    firstFree += count * blockSectors(file);
  }
  return { extents, firstFree };
}
