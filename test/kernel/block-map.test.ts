/** Guards the block map of a file against a naive map of single blocks, near its beginning and in its far, sparse part. */
import { expect } from 'vitest';
import { fc, test } from '@fast-check/vitest';
import { BlockMap, HOLE } from '../../src/kernel/block-map.ts';
import type { Extent } from '../../src/scenario/scenario.ts';

const SECTORS = 4;

/** Ascending runs, some of them across the border between the array and the sparse part. */
const extents: fc.Arbitrary<Extent[]> = fc
  .array(fc.tuple(fc.integer({ min: 0, max: 90 }), fc.integer({ min: 1, max: 60 })), { maxLength: 6 })
  .map((runs) => {
    let block = 0;
    let sector = 16;
    return runs.map(([gap, count]) => {
      const extent = { block: block + gap, sector, count };
      block += gap + count;
      sector += (count + gap) * SECTORS;
      return extent;
    });
  });

const change = fc.tuple(fc.constantFrom('set', 'set', 'truncate'), fc.nat({ max: 420 }));

test.prop([extents, fc.array(change, { maxLength: 30 })])('agrees with a map of blocks', (runs, changes) => {
  const map = new BlockMap();
  // a map is reused from run to run
  map.reset([{ block: 3, sector: 999, count: 300 }], SECTORS);
  map.set(700, 5);
  map.reset(runs, SECTORS);
  const naive = new Map<number, number>();
  for (const { block, sector, count } of runs)
    for (let i = 0; i < count; i++) naive.set(block + i, sector + i * SECTORS);
  let next = 100_000;
  for (const [what, block] of changes) {
    if (what === 'set') {
      // blocks near the beginning move; a far one is only given a place when it has none
      if (block >= 128 && naive.has(block)) continue;
      map.set(block, next);
      naive.set(block, next);
      next += SECTORS;
    } else {
      const taken: [number, number][] = [];
      map.truncate(block, (first, sector, count) => {
        for (let i = 0; i < count; i++) taken.push([first + i, sector + i * SECTORS]);
      });
      const expected = [...naive].filter(([at]) => at >= block);
      expect(taken.toSorted((a, b) => a[0] - b[0])).toEqual(expected.toSorted((a, b) => a[0] - b[0]));
      for (const [at] of expected) naive.delete(at);
    }
    expect(map.last()).toBe(Math.max(-1, ...naive.keys()));
  }
  for (let block = -2; block < 460; block++) expect(map.get(block)).toBe(naive.get(block) ?? HOLE);
});

test('a terabyte costs what is touched of it', () => {
  const map = new BlockMap();
  map.reset([{ block: 0, sector: 16, count: 2 ** 31 - 1 }], 1);
  expect(map.get(2 ** 31 - 2)).toBe(16 + 2 ** 31 - 2);
  expect(map.last()).toBe(2 ** 31 - 2);
  const runs: number[][] = [];
  map.truncate(5000, (block, sector, count) => runs.push([block, sector, count]));
  expect(runs).toEqual([[5000, 5016, 2 ** 31 - 1 - 5000]]);
  expect([map.get(4999), map.get(5000), map.last()]).toEqual([5015, HOLE, 4999]);
});
