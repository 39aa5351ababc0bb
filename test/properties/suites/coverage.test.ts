/**
 * Guards that what is counted as reached really happened, and is counted under the right name: small scenarios on the reference
 * pager whose events are known, and events made by hand where a scenario would have to be contrived.
 */
import { expect, test } from 'vitest';
import { ReachCounter } from '../../../properties/suites/coverage.ts';
import { EDGES, edgesOf } from '../../../properties/suites/edges.ts';
import { REACH_NAMES } from '../../../properties/suites/situations.ts';
import { operation } from '../../../src/scenario/operations.ts';
import {
  SMALL_GEOMETRY,
  type FileSystem,
  type Operation,
  type Scenario,
} from '../../../src/scenario/scenario.ts';
import { createReferenceTarget } from '../../../src/targets/reference.ts';
import { compose } from '../../../src/trace/compose.ts';

const DISK: FileSystem = {
  blockMap: 'disk',
  blockSize: 64,
  pastEnd: 'hole',
  fragmentSize: 0,
  sharedBuffers: false,
  truncateOrder: 'setsize-last',
  tail: 'pattern',
  clearsTail: false,
  delayedBlocks: false,
};

function scenarioOf(changes: Partial<Scenario>): Scenario {
  return {
    version: 1,
    geometry: SMALL_GEOMETRY,
    options: { diagnostic: false, faultChecksSize: false },
    fileSystems: [DISK],
    files: [{ fileSystem: 0, size: 200 }],
    threads: 1,
    operations: [],
    schedule: [],
    faults: [],
    media: [],
    target: { name: 'reference', form: 'repaired', switches: [] },
    ...changes,
  };
}

/** What one run reached, without the calls, sleeps and endings that say little. */
function reachedBy(changes: Partial<Scenario>): Record<string, number> {
  const counter = new ReachCounter();
  const scenario = scenarioOf(changes);
  counter.begin(scenario);
  createReferenceTarget().execute(scenario, compose([counter]));
  return Object.fromEntries(
    [...counter.counts()].filter(([name, count]) => count > 0 && !name.startsWith('call ')),
  );
}

test('before anything has run, every name is there with 0, but for answers that nobody misses', () => {
  const counts = new ReachCounter().counts();
  const missing = REACH_NAMES.filter((name) => !counts.has(name));
  expect(missing).toEqual([
    'getmulti PEND',
    'getmulti AGAIN',
    'getpage PEND',
    'getpage AGAIN',
    'putmulti PEND',
    'putpage PEND',
    'putpage AGAIN',
  ]);
  expect([...counts.keys()]).toEqual(REACH_NAMES.filter((name) => !missing.includes(name)));
  expect(new Set(REACH_NAMES).size).toBe(REACH_NAMES.length);
  expect([...counts.values()].every((count) => count === 0)).toBe(true);
});

test('a fault on the first page of four reads all of them, the last two by an asynchronous transfer', () => {
  const reached = reachedBy({ operations: [operation(1, 0, 'fault', { page: 0 })] });
  expect(reached).toMatchObject({
    'getmulti OK': 1,
    'get run of 4': 1,
    'get by the direct path': 1,
    'disk read, sync': 1,
    'disk read, async': 1,
    'haspage says yes': 4,
    'alloc makes a pager': 1,
    'object dies without dirty pages': 1,
    'run to the end': 1,
  });
  expect(reached).not.toHaveProperty('disk write');
  expect(reached).not.toHaveProperty('network read, sync');
});

test('a stored page is written when its object dies, or before by msync', () => {
  const store = operation(1, 0, 'store', { page: 0, offset: 195, length: 4 });
  expect(reachedBy({ operations: [store] })).toMatchObject({
    'object dies with dirty pages': 1,
    'put of a dying object': 1,
    'put of the page with EOF in it': 1,
    'putmulti OK': 1,
    'disk write': 1,
  });
  const synced = reachedBy({ operations: [store, operation(2, 0, 'msync', { page: 3, count: 1 })] });
  expect(synced).toMatchObject({ 'object dies without dirty pages': 1, 'disk write': 1 });
  expect(synced).not.toHaveProperty('put of a dying object');
});

test('positions in the run of a get are counted, and whose lock the vnode has under a get or put', () => {
  const get = (id: number): Operation => operation(id, 0, 'get', { page: 1, before: 1, count: 1 });
  const locked = (other: number): Record<string, number> =>
    reachedBy({
      operations: [
        operation(1, 0, 'lock', { other }),
        get(2),
        operation(3, 0, 'store', { offset: 64, length: 4 }),
        operation(4, 0, 'msync', { page: 1, count: 1 }),
      ],
    });
  const unlocked = reachedBy({ operations: [get(1)] });
  expect(unlocked).toMatchObject({
    'get with pages before the requested one': 1,
    'get with pages after the requested one': 1,
  });
  expect(Object.keys(unlocked).filter((name) => name.includes('locked'))).toEqual([]);
  const mine = locked(0);
  expect(mine).toMatchObject({
    'get with the vnode locked by the caller': 1,
    'put with the vnode locked by the caller': 1,
  });
  expect(mine['get with the vnode locked by another']).toBeUndefined();
  const others = locked(1);
  expect(others).toMatchObject({
    'get with the vnode locked by another': 1,
    'put with the vnode locked by another': 1,
  });
  expect(others['put with the vnode locked by the caller']).toBeUndefined();
});

test('paths are told apart by the file system', () => {
  const paths = (fs: Partial<FileSystem>): string[] =>
    Object.keys(
      reachedBy({
        fileSystems: [{ ...DISK, ...fs }],
        operations: [
          operation(1, 0, 'store', { offset: 0, length: 8 }),
          operation(2, 0, 'msync', { count: 1 }),
        ],
      }),
    ).filter((name) => / by the | path/.test(name));
  expect(paths({})).toEqual(['get by the direct path', 'put by the direct path']);
  expect(paths({ blockSize: 16 })).toEqual(['get by the small-block path', 'put by the small-block path']);
  expect(paths({ blockMap: 'none' })).toEqual(['get by the old path', 'put by the old path']);
  expect(paths({ blockMap: 'network', blockSize: 16 })).toEqual([
    'get by the direct path from a network',
    'put by the direct path to a network',
  ]);
});

test('holes, EOF and what lies past it are told apart', () => {
  const hole = { files: [{ fileSystem: 0, size: 200, extents: [{ block: 0, sector: 8, count: 1 }] }] };
  const asked = [0, 1, 3, 4].map((page, i) => operation(i + 1, 0, 'haspage', { page }));
  expect(reachedBy({ ...hole, operations: asked })).toMatchObject({
    'haspage says yes': 1,
    'haspage says no to a hole': 2,
    'haspage says no past EOF': 1,
  });
  const stored = [operation(1, 0, 'store', { offset: 64, length: 8 })];
  expect(reachedBy({ ...hole, operations: stored })).toMatchObject({ 'put of a hole by the old path': 1 });
});

test('a truncation is counted with what it meets', () => {
  const fault = operation(1, 0, 'fault', { page: 1 });
  expect(reachedBy({ operations: [fault, operation(2, 0, 'truncate', { length: 100 })] })).toMatchObject({
    'setsize shrinks': 1,
    'setsize with the page of the new EOF resident': 1,
  });
  expect(reachedBy({ operations: [fault, operation(2, 0, 'extend', { length: 300 })] })).toMatchObject({
    'setsize grows': 1,
  });
});

test('a size that is found out while a pager is made is counted', () => {
  const network: Partial<Scenario> = { fileSystems: [{ ...DISK, blockMap: 'network' }] };
  const at = { operation: 1, thread: 0, subject: 0, ordinal: 0 } as const;
  const schedule = [{ ...at, choice: 'getattr', take: 'resize', amount: 100 } as const];
  expect(reachedBy({ ...network, operations: [operation(1, 0, 'map')], schedule })).toMatchObject({
    'choice getattr: resize': 1,
    'setsize inside another pager call': 1,
    'setsize inside alloc': 1,
  });
});

test('an uncache inside a put is counted, one inside a write of a process is not', () => {
  const files: Partial<Scenario> = { fileSystems: [{ ...DISK, blockMap: 'none' }] };
  const store = operation(1, 0, 'store', { offset: 0, length: 8 });
  const at = { thread: 0, choice: 'write', subject: 0, ordinal: 0, take: 'uncache', amount: 0 } as const;
  const reached = (second: Operation): Record<string, number> =>
    reachedBy({ ...files, operations: [store, second], schedule: [{ ...at, operation: 2 }] });
  const counted = { 'choice write: uncache': 1, 'uncache says no': 1 };
  expect(reached(operation(2, 0, 'msync', { count: 1 }))).toMatchObject({
    ...counted,
    'uncache inside a put': 1,
  });
  const written = reached(operation(2, 0, 'write', { length: 8 }));
  expect(written).toMatchObject(counted);
  expect(written).not.toHaveProperty('uncache inside a put', 1);
});

test('failures and sleeps are counted where they happen', () => {
  const operations = [operation(1, 0, 'fault', { page: 0 })];
  const at = { operation: 1, thread: 0, subject: 0, ordinal: 0, amount: 0 } as const;
  expect(reachedBy({ operations, faults: [{ ...at, choice: 'transfer', take: 'error' }] })).toMatchObject({
    'read failed, sync': 1,
    'getmulti ERROR': 1,
  });
  expect(reachedBy({ operations, faults: [{ ...at, choice: 'getattr', take: 'error' }] })).toMatchObject({
    'alloc fails': 1,
  });
  expect(reachedBy({ operations, schedule: [{ ...at, choice: 'bmap', take: 'sleep' }] })).toMatchObject({
    'sleep on call': 1,
    'a call slept in haspage': 1,
  });
  expect(reachedBy({ operations, schedule: [{ ...at, choice: 'pbuf', take: 'sleep' }] })).toMatchObject({
    'a call slept in getmulti': 1,
  });
  expect(
    reachedBy({ operations, schedule: [{ ...at, choice: 'transfer', take: 'immediate' }] }),
  ).toMatchObject({
    'transfer ends inside strategy': 1,
  });
});

test('an object is taken from the cache, a vnode is disconnected under its pager', () => {
  const kept = [operation(1, 0, 'fault'), operation(2, 0, 'unmap'), operation(3, 0, 'map')];
  expect(reachedBy({ operations: kept })).toMatchObject({
    'alloc makes a pager': 1,
    'alloc takes an object from the cache': 1,
  });
  const lost = [
    operation(1, 0, 'fault'),
    operation(2, 0, 'recycle'),
    operation(3, 0, 'haspage', { page: 1 }),
  ];
  expect(reachedBy({ operations: lost })).toMatchObject({
    'disconnected with a live pager': 1,
    'haspage says no, file system gone': 1,
  });
});

test('what is lost by a failed write and what a truncation cuts off are two things', () => {
  const counter = new ReachCounter();
  counter.lost(0, 0, 8, false);
  counter.lost(0, 64, 64, true);
  counter.lost(0, 128, 64, true);
  expect(counter.counts().get('delayed write lost')).toBe(1);
  expect(counter.counts().get('unsaved page cut off')).toBe(2);
});

test('counts go on from run to run', () => {
  const counter = new ReachCounter();
  const target = createReferenceTarget();
  const scenario = scenarioOf({ operations: [operation(1, 0, 'fault')] });
  for (let run = 0; run < 3; run++) {
    counter.begin(scenario);
    target.execute(scenario, compose([counter]));
  }
  expect(counter.counts().get('getmulti OK')).toBe(3);
});

test('what a scenario fixes is counted once for each run, file system and file', () => {
  const world = {
    geometry: { ...SMALL_GEOMETRY, pbufs: 1, mapPages: 1, frames: 12, cachedObjects: 0 },
    fileSystems: [DISK, { ...DISK, blockMap: 'network' as const, blockSize: 16, fragmentSize: 8 }],
    files: [
      { fileSystem: 0, size: 0 },
      { fileSystem: 0, size: 128, extents: [{ block: 1, sector: 16, count: 1 }] },
      { fileSystem: 1, size: 65, extents: [] },
    ],
    threads: 2,
  };
  expect(reachedBy(world)).toEqual({
    'run to the end': 1,
    'world with one pbuf': 1,
    'world with one page of map space': 1,
    'world with scarce frames': 1,
    'world that caches no object': 1,
    'two threads': 1,
    'file system on a disk': 1,
    'file system on a network': 1,
    'file system with blocks of a page': 1,
    'file system with blocks smaller than a page': 1,
    'file system with fragments': 1,
    'file system whose buffers are its own': 2,
    'file system that maps a hole past its end': 1,
    'file system that tells the pager last': 2,
    'empty file': 1,
    'file with holes': 2,
    'file that ends at a page edge': 1,
    'file that ends a byte beside a page edge': 1,
  });
  const other = reachedBy({
    geometry: { ...SMALL_GEOMETRY, pbufs: 2, mapPages: 2 },
    files: [{ fileSystem: 0, size: 2 ** 31 + 8, extents: [] }],
    media: [{ sector: 8, count: 1, access: 'both' }],
  });
  expect(other).toMatchObject({
    'world with two pbufs': 1,
    'world with two pages of map space': 1,
    'one thread': 1,
    'file around 2 GiB': 1,
    'file that ends at a sector edge': 1,
    'sectors that stay bad': 1,
  });
  expect(other).not.toHaveProperty('world with one pbuf');
});

test('edges are told apart, in pages of 64 bytes, sectors of 8 and blocks of 16 or 128', () => {
  const edges = (position: number, blockSize: number): string[] =>
    EDGES.filter((_, i) => (edgesOf(position, SMALL_GEOMETRY, blockSize) & (1 << i)) !== 0);
  expect(edges(0, 16)).toEqual([]);
  expect(edges(128, 64)).toEqual(['at a page edge']);
  expect(edges(128, 128)).toEqual(['at a page edge', 'at a block edge']);
  expect(edges(80, 16)).toEqual(['at a block edge', 'at a sector edge']);
  expect(edges(72, 64)).toEqual(['at a sector edge']);
  expect(edges(63, 16)).toEqual(['a byte beside a page edge']);
  expect(edges(65, 128)).toEqual(['a byte beside a page edge']);
  expect(edges(70, 64)).toEqual([]);
});

test('positions of reads, writes, stores and sizes are counted by their edges', () => {
  expect(reachedBy({ operations: [operation(1, 0, 'read', { offset: 64, length: 200 })] })).toMatchObject({
    'read begins at a page edge': 1,
    'read ends at a sector edge': 1,
    'read across EOF': 1,
  });
  expect(reachedBy({ operations: [operation(1, 0, 'write', { offset: 255, length: 1 })] })).toMatchObject({
    'write begins a byte beside a page edge': 1,
    'write ends at a page edge': 1,
    'write past EOF, with a gap': 1,
  });
  expect(reachedBy({ operations: [operation(1, 0, 'store', { offset: 193, length: 15 })] })).toMatchObject({
    'store begins a byte beside a page edge': 1,
    'store ends at a sector edge': 1,
    'store past EOF': 1,
  });
  const cut = [operation(1, 0, 'fault'), operation(2, 0, 'truncate', { length: 65 })];
  const empty = operation(3, 0, 'truncate', { length: 0 });
  expect(reachedBy({ operations: [...cut, empty] })).toMatchObject({
    'setsize a byte beside a page edge': 1,
    'setsize to nothing': 1,
  });
});

test('departures are counted when they are met, and what then sleeps on a pool of one', () => {
  const operations = [operation(1, 0, 'fault', { page: 0 })];
  const at = { operation: 1, thread: 0, subject: 0, ordinal: 0, amount: 0 } as const;
  const bmap = { ...at, choice: 'bmap', take: 'sleep' } as const;
  const never = { ...at, choice: 'update', take: 'error' } as const;
  const reached = reachedBy({ operations, schedule: [bmap], faults: [never] });
  expect(reached).toMatchObject({ 'choice bmap: sleep': 1 });
  expect(reached).not.toHaveProperty('choice update: error');
  const pools = reachedBy({
    geometry: { ...SMALL_GEOMETRY, pbufs: 1 },
    threads: 2,
    files: [
      { fileSystem: 0, size: 200 },
      { fileSystem: 0, size: 200 },
    ],
    operations: [operation(1, 0, 'fault', { file: 0 }), operation(2, 1, 'fault', { file: 1 })],
  });
  expect(pools).toMatchObject({ 'sleep on a pool of one': expect.any(Number) as number });
  expect(pools).not.toHaveProperty('sleep on a pool of two');
});

test('partial masks of puts are counted', () => {
  const put = operation(1, 0, 'put', { page: 0, count: 1, valid: 0x0f, dirty: 0x01 });
  expect(reachedBy({ operations: [put] })).toMatchObject({
    'put of a partially valid page': 1,
    'put of a partially dirty page': 1,
  });
  const get = operation(1, 0, 'get', { page: 0, valid: 0x0f, dirty: 0x01 });
  expect(reachedBy({ operations: [get] })).toMatchObject({ 'get of a page with dirty chunks': 1 });
});

test('what happens to a file while a get or put of it sleeps is counted', () => {
  const operations = [
    operation(1, 0, 'getpage', { page: 0 }),
    operation(2, 1, 'truncate', { length: 128 }),
    operation(3, 1, 'extend', { length: 300 }),
    operation(4, 1, 'recycle'),
  ];
  const at = { thread: 0, subject: 0, ordinal: 0, amount: 0 } as const;
  const sleep = { ...at, operation: 1, choice: 'pbuf', take: 'sleep' } as const;
  const during = reachedBy({ threads: 2, operations, schedule: [sleep] });
  expect(during).toMatchObject({
    'setsize during a get': 2,
    'file cut and grown again during a get': 1,
    'disconnected during a get': 1,
  });
  expect(during).not.toHaveProperty('setsize during a put');
  const after = reachedBy({ operations: operations.map((one) => ({ ...one, thread: 0 })) });
  expect(after).toMatchObject({ 'setsize shrinks': 1, 'setsize grows': 1 });
  expect(Object.keys(after).filter((name) => name.includes(' during '))).toEqual([]);
});
