/**
 * Guards where files lie when a run begins: on the disk, behind its first page, and never two blocks on one sector. Kernel and
 * model both start from this, so an overlap here would look like a bug of the pager.
 */
import { test } from '@fast-check/vitest';
import { describe, expect, it } from 'vitest';
import {
  DIRECT_BLOCKS,
  firstSector,
  layoutOf,
  sectorsOfBlock,
  type Shape,
} from '../../src/scenario/layout.ts';
import { SMALL_GEOMETRY, type FileSystem } from '../../src/scenario/scenario.ts';
import { scenarioArbitrary } from './arbitrary-scenario.ts';

/** First and last-but-one sector of every extent; the last block takes what it needs. */
function places(shape: Shape): { from: number; to: number }[] {
  return layoutOf(shape).extents.flatMap((extents, i) => {
    const { fileSystem, size } = shape.files[i]!;
    const whole = shape.fileSystems[fileSystem]!.blockSize / shape.geometry.sectorSize;
    return extents.map(({ block, sector, count }) => ({
      from: sector,
      to: sector + (count - 1) * whole + sectorsOfBlock(shape, fileSystem, size, block + count - 1),
    }));
  });
}

describe('the first block maps', () => {
  test.prop([scenarioArbitrary])(
    'lie on the disk behind its first page, each sector in one block',
    (scenario) => {
      const order = places(scenario).toSorted((a, b) => a.from - b.from);
      let reached = firstSector(scenario.geometry);
      for (const { from, to } of order) {
        expect(from).toBeGreaterThanOrEqual(reached);
        expect(to).toBeGreaterThan(from);
        reached = to;
      }
      const { firstFree } = layoutOf(scenario);
      expect(firstFree).toBeGreaterThanOrEqual(reached);
      expect(firstFree).toBeLessThanOrEqual(scenario.geometry.diskSectors);
    },
  );

  test.prop([scenarioArbitrary])(
    'cover a file without extents completely, and leave others as they are',
    (scenario) => {
      const { extents } = layoutOf(scenario);
      for (const [i, file] of scenario.files.entries()) {
        if (file.extents !== undefined) expect(extents[i]).toEqual(file.extents);
        else {
          const blocks = Math.ceil(file.size / scenario.fileSystems[file.fileSystem]!.blockSize);
          expect(extents[i]!.reduce((sum, extent) => sum + extent.count, 0)).toBe(blocks);
          expect(extents[i]!.at(0)?.block ?? 0).toBe(0);
        }
      }
    },
  );
});

describe('a last block', () => {
  const fs: FileSystem = {
    blockMap: 'disk',
    blockSize: 64,
    pastEnd: 'hole',
    fragmentSize: 16,
    sharedBuffers: false,
    truncateOrder: 'setsize-last',
    tail: 'pattern',
    clearsTail: false,
    delayedBlocks: false,
  };
  const shape: Shape = {
    geometry: SMALL_GEOMETRY,
    fileSystems: [fs, { ...fs, fragmentSize: 0 }],
    files: [],
  };

  it.each([
    ['takes whole fragments', 0, 64 + 17, 1, 4],
    ['takes one for a byte', 0, 65, 1, 2],
    ['may be full', 0, 128, 1, 8],
    ['has whole blocks before it', 0, 65, 0, 8],
    ['is whole without fragments', 1, 65, 1, 8],
    ['is whole from the first indirect block on', 0, DIRECT_BLOCKS * 64 + 1, DIRECT_BLOCKS, 8],
    ['is in fragments just before', 0, DIRECT_BLOCKS * 64 - 63, DIRECT_BLOCKS - 1, 2],
    ['is none in an empty file', 0, 0, 0, 8],
  ])('%s', (_, fileSystem, size, block, sectors) => {
    expect(sectorsOfBlock(shape, fileSystem, size, block)).toBe(sectors);
  });
});
