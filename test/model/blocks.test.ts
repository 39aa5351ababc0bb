/**
 * Guards the model's block map: it equals a plain map under every sequence of events, costs nothing for terabytes, and remembers
 * places that were taken away exactly as long as the contracts say.
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Blocks, FileBlocks, HOLE } from '../../model/blocks.ts';
import { scenarioOf } from './support/scene.ts';

const GIB = 2 ** 30;

/** A map of one file of `blocks` whole blocks of 8 sectors. */
function mapOf(blocks: number, fragmentSize = 0, size = blocks * 64): Blocks {
  const map = new Blocks();
  const scenario = scenarioOf({ fileSystems: [{ fragmentSize }], files: [{ fileSystem: 0, size }] });
  map.reset(scenario);
  return map;
}

describe('one file', () => {
  it('starts where the layout puts it, with a short last block in fragments', () => {
    const map = mapOf(3, 16, 140);
    expect(map.address(0, 0)).toBe(8 * 8);
    expect(map.address(0, 130)).toBe(8 * 8 + 130);
    expect(map.files[0]!.sectors(2)).toBe(2);
    expect(map.address(0, 128 + 16)).toBe(HOLE);
    expect(map.address(0, 192)).toBe(HOLE);
  });

  it('equals a plain map, whatever is allocated, moved and freed', () => {
    const step = fc.record({ free: fc.boolean(), block: fc.nat({ max: 200 }), place: fc.nat({ max: 60 }) });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const map = mapOf(150);
        const plain = new Map<number, number>();
        for (let block = 0; block < 150; block++) plain.set(block, 8 + block * 8);
        for (const { free, block, place } of steps) {
          const old = plain.get(block);
          if (free) {
            if (old === undefined) continue;
            map.files[0]!.free(block, old, 8, true);
            plain.delete(block);
          } else {
            map.allocate(0, block, 2000 + place * 8, 8);
            if (old !== undefined && old !== 2000 + place * 8) map.files[0]!.free(block, old, 8, true);
            plain.set(block, 2000 + place * 8);
          }
        }
        for (let block = 0; block < 210; block++) {
          expect(map.files[0]!.sector(block)).toBe(plain.get(block) ?? HOLE);
          expect(map.anyBlock(0, block * 64, 64)).toBe(plain.has(block));
        }
      }),
    );
  });

  it('forgets everything at the next run', () => {
    const map = mapOf(4);
    map.allocate(0, 1, 300, 8);
    map.allocate(0, 200, 400, 8);
    map.reset(scenarioOf({ files: [{ fileSystem: 0, size: 256 }] }));
    expect(map.files[0]!.sector(1)).toBe(16);
    expect(map.files[0]!.sector(200)).toBe(HOLE);
    expect(map.files[0]!.changes).toBe(0);
  });
});

it('a terabyte in one extent is looked up and truncated at once', () => {
  const map = new Blocks();
  const size = 1024 * GIB;
  map.reset(
    scenarioOf({
      fileSystems: [{ blockSize: 512 }],
      files: [{ fileSystem: 0, size, extents: [{ block: 0, sector: 1000, count: size / 512 }] }],
    }),
  );
  expect(map.address(0, size - 1)).toBe(8000 + size - 1);
  map.files[0]!.free(10, 1000 + 640, (size / 512 - 10) * 64, true);
  expect(map.address(0, 9 * 512)).toBe(8000 + 9 * 512);
  for (const offset of [10 * 512, 200 * 512, size - 1]) expect(map.address(0, offset)).toBe(HOLE);
  map.allocate(0, 5000, 77, 64);
  expect(map.address(0, 5000 * 512)).toBe(77 * 8);
});

describe('a place that was taken away', () => {
  it('is remembered from a truncation until the pager knows', () => {
    const map = mapOf(4);
    const file = map.files[0]!;
    file.free(2, 24, 16, false);
    expect(file.sector(2)).toBe(HOLE);
    expect(file.lost(2, 3, 27)).toBe('truncated');
    expect(file.lost(3, 0, 32)).toBe('truncated');
    expect(file.lost(3, 0, 33)).toBeNull();
    expect(file.truncatedSector(3, 1)).toBe(33);
    expect([23, 24, 39, 40].map((sector) => file.withholds(sector))).toEqual([false, true, true, false]);
    file.forgetTruncated();
    expect(file.lost(2, 3, 27)).toBeNull();
    expect(file.withholds(24)).toBe(false);
    expect(file.tellings).toBe(1);
  });

  it('is remembered for the end of a block that became shorter', () => {
    const file = mapOf(4).files[0]!;
    file.free(3, 34, 6, false);
    expect(file.sectors(3)).toBe(2);
    expect(file.lost(3, 2, 34)).toBe('truncated');
    expect(file.lost(3, 1, 33)).toBeNull();
  });

  it('is not remembered if the pager knows already', () => {
    const file = mapOf(4).files[0]!;
    file.free(2, 24, 16, true);
    expect(file.lost(2, 0, 24)).toBeNull();
  });

  it('of a block that moved is told from one that was truncated', () => {
    const map = mapOf(4);
    map.allocate(0, 3, 200, 8);
    map.files[0]!.free(3, 32, 8, true);
    expect(map.files[0]!.lost(3, 0, 32)).toBe('moved');
    expect(map.files[0]!.truncatedSector(3, 0)).toBe(HOLE);
    expect(map.files[0]!.withholds(32)).toBe(false);
    map.files[0]!.forgetTruncated();
    expect(map.files[0]!.lost(3, 0, 32)).toBe('moved');
  });

  it('is forgotten when somebody is given the sectors', () => {
    const map = mapOf(4);
    map.files[0]!.free(3, 32, 8, false);
    map.allocate(0, 9, 36, 8);
    expect(map.files[0]!.lost(3, 0, 32)).toBeNull();
  });
});

it('knows whose a sector was at first, whatever became of it', () => {
  const file = mapOf(3, 16, 140).files[0]!;
  file.free(0, 8, 8, true);
  expect([7, 8, 15, 24, 25, 26].map((sector) => file.ownedAtFirst(sector))).toEqual([
    false,
    true,
    true,
    true,
    true,
    false,
  ]);
});

it('knows the same of runs of sectors', () => {
  const extent = fc.record({
    block: fc.nat(6),
    sector: fc.integer({ min: 2, max: 60 }),
    count: fc.integer({ min: 1, max: 3 }),
  });
  const world = fc.record({ first: extent, other: extent, size: fc.integer({ min: 1, max: 900 }) });
  const run = fc.record({ sector: fc.nat(220), count: fc.integer({ min: 1, max: 40 }) });
  fc.assert(
    fc.property(world, run, ({ first, other, size }, { sector, count }) => {
      const extents = [first, { ...other, block: other.block + 10, sector: other.sector + 100 }];
      const lastBlock = Math.floor((size - 1) / 64);
      const lastSectors = Math.ceil((size - lastBlock * 64) / 8);
      const file = new FileBlocks();
      file.reset(extents, 64, 8, lastBlock, lastSectors);
      const sectors = new Set<number>();
      for (const { block, sector: from, count: blocks } of extents)
        for (let i = 0; i < blocks; i++)
          for (let within = 0; within < (block + i === lastBlock ? lastSectors : 8); within++)
            sectors.add(from + 8 * i + within);
      const owned = Array.from({ length: count }, (_, i) => sectors.has(sector + i));
      expect(file.ownedAtFirst(sector)).toBe(owned[0]);
      const answer = file.ownedRunAtFirst(sector, count);
      if (answer === 1) expect(owned).not.toContain(false);
      else if (answer === 0) expect(owned).not.toContain(true);
      else expect(owned).toContain(true);
    }),
    { numRuns: 1000 },
  );
});

it("tells runs that were wholly, partly or not at all the file's at first", () => {
  const file = mapOf(3, 16, 140).files[0]!;
  const runs = [
    [8, 18],
    [9, 1],
    [25, 1],
    [20, 8],
    [26, 4],
    [0, 8],
  ] as const;
  expect(runs.map(([sector, count]) => file.ownedRunAtFirst(sector, count))).toEqual([1, 1, 1, -1, 0, 0]);
});

it('says whose a sector is', () => {
  const map = new Blocks();
  map.reset(
    scenarioOf({
      files: [
        { fileSystem: 0, size: 64 },
        { fileSystem: 0, size: 128 },
      ],
    }),
  );
  expect(map.describe(9)).toBe("sector 9 is file 0's block 0");
  expect(map.describe(24)).toBe("sector 24 is file 1's block 1");
  expect(map.describe(5)).toBe('sector 5 belongs to no file');
  map.allocate(1, 7, 300, 8);
  expect(map.describe(301)).toBe("sector 301 is file 1's block 7");
  expect(map.highest).toBe(308);
});

it('tells pages with and without holes', () => {
  const map = new Blocks();
  map.reset(
    scenarioOf({
      fileSystems: [{ blockSize: 16 }],
      files: [{ fileSystem: 0, size: 128, extents: [{ block: 2, sector: 40, count: 1 }] }],
    }),
  );
  expect(map.anyBlock(0, 0, 64)).toBe(true);
  expect(map.everyBlock(0, 0, 64)).toBe(false);
  expect(map.everyBlock(0, 32, 16)).toBe(true);
  expect(map.anyBlock(0, 64, 64)).toBe(false);
});
