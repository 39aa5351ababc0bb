/**
 * Guards the buffer cache, and reading and writing by means of it: files that share their pages with buffers are written when a
 * buffer is flushed, others at once; what is in core; which pages buffers keep; and what becomes of errors.
 */
import { describe, expect, it } from 'vitest';
import { fc, test } from '@fast-check/vitest';
import { operation } from '../../src/scenario/operations.ts';
import { patternByte, STAMP_FILE, STAMP_OPERATION } from '../../src/scenario/pattern.ts';
import type { Operation } from '../../src/scenario/scenario.ts';
import { ENOSPC, EIO } from '../../src/trace/codes.ts';
import { compose } from '../../src/trace/compose.ts';
import type { PartialObserver } from '../../src/trace/observer.ts';
import type { View } from '../../src/trace/view.ts';
import { exception, fileSystem, makeScenario, World, type Changes } from './support/world.ts';

const world = new World();

type Step = readonly [Operation['kind'], Partial<Operation>?];

/** Runs operations of one thread; `look` is called after each with its number, from 1 on. */
function steps(
  list: readonly Step[],
  changes: Changes,
  look: (id: number, result: number, view: View) => void,
): void {
  let view: View;
  const observer: PartialObserver = {
    runBegin: (given) => void (view = given),
    operationEnd: (_thread, { id }, _noop, result) => look(id, result, view),
  };
  const operations = list.map(([kind, args], i) => operation(i + 1, 0, kind, args));
  const result = world.kernel.run(makeScenario({ operations, ...changes }), compose([observer]));
  expect(result.detail).toBe('');
}

const shared = (sharedBuffers: boolean): Changes => ({ fileSystems: [fileSystem({ sharedBuffers })] });

function diskByte(view: View, address: number): number {
  const bytes = new Uint8Array(1);
  view.readDisk(address, 1, bytes, 0);
  return bytes[0]!;
}

/** First byte of the file on the disk: it lies behind the boot block. */
const FIRST = 64;

describe('writes', () => {
  it('of files with private buffers are on the disk at once', () => {
    steps([['write', { offset: 3, length: 5 }]], shared(false), (_id, _result, view) => {
      expect(diskByte(view, FIRST + 2)).toBe(patternByte(STAMP_FILE, 2));
      expect(diskByte(view, FIRST + 3)).toBe(patternByte(STAMP_OPERATION + 1, 3));
      expect(view.bufferDirty(0, 0)).toBe(false);
      expect(view.fileObject(0)).toBe(-1);
    });
  });

  it('of files with shared buffers are in the page, dirty, until a flush', () => {
    steps([['write', { offset: 3, length: 5 }], ['flush']], shared(true), (id, _result, view) => {
      const frame = view.lookup(view.fileObject(0), 0);
      expect(view.memory[view.pageAddress(frame) + 3]).toBe(patternByte(STAMP_OPERATION + 1, 3));
      expect(view.pageBufferMapped(frame)).toBe(1);
      const stamp = id === 1 ? STAMP_FILE : STAMP_OPERATION + 1;
      expect(diskByte(view, FIRST + 3)).toBe(patternByte(stamp, 3));
      expect([view.bufferDirty(0, 0), view.pageDirty(frame)]).toEqual(id === 1 ? [true, 1] : [false, 0]);
      expect(view.fileHoldCount(0)).toBe(1);
    });
  });

  test.prop([fc.boolean(), fc.nat({ max: 300 }), fc.integer({ min: 1, max: 200 })])(
    'are read back, and are on the disk in the end',
    (sharedBuffers, offset, length) => {
      let delivered: number[] = [];
      let onDisk: number[] = [];
      const operations = [
        operation(1, 0, 'write', { offset, length }),
        operation(2, 0, 'read', { offset: 0, length: 512 }),
      ];
      let view: View;
      const observer: PartialObserver = {
        runBegin: (given) => void (view = given),
        delivered: (_thread, _file, _offset, count, address) =>
          void (delivered = [...view.memory.subarray(address, address + count)]),
        settled: () => {
          const { fileSystems, vnodes } = world.kernel;
          onDisk = Array.from({ length: vnodes.files[0]!.size }, (_, at) => {
            const address = fileSystems.addressOf(vnodes.files[0]!, at, false);
            return address < 0 ? 0 : diskByte(view, address);
          });
        },
      };
      world.kernel.run(makeScenario({ ...shared(sharedBuffers), operations }), compose([observer]));
      const size = Math.max(256, offset + length);
      const expected = Array.from({ length: size }, (_, at) => {
        if (at >= offset && at < offset + length) return patternByte(STAMP_OPERATION + 1, at);
        return at < 256 ? patternByte(STAMP_FILE, at) : 0;
      });
      expect(delivered).toEqual(expected);
      expect(onDisk).toEqual(expected);
    },
  );

  it.each([true, false])('that find no room on the disk say so (shared %s)', (sharedBuffers) => {
    const changes = { ...shared(sharedBuffers), geometry: { diskSectors: 8 + 32 } };
    steps([['write', { offset: 256, length: 1 }]], changes, (_id, result, view) => {
      expect(result).toBe(ENOSPC);
      expect(view.fileSize(0)).toBe(256);
    });
  });

  it.each([true, false])(
    'uncache the file first if the scenario says so, unless that would end it (shared %s)',
    (sharing) => {
      const write = operation(2, 0, 'write', { offset: 3, length: 5 });
      /** Answers of uncache, and what is at the first byte written. */
      const uncached = (before: Operation): [answers: number[], byte: number] => {
        const answers: number[] = [];
        let byte = -1;
        let view: View;
        const observer: PartialObserver = {
          runBegin: (given) => void (view = given),
          pagerReturn: (call) => void (call.function === 'uncache' && answers.push(call.result)),
          settled: () => void (byte = diskByte(view, FIRST + 3)),
        };
        const schedule = [exception('write', 'uncache', { operation: 2 })];
        world.kernel.run(
          makeScenario({ ...shared(sharing), operations: [before, write], schedule }),
          compose([observer]),
        );
        return [answers, byte];
      };
      const byte = patternByte(STAMP_OPERATION + 2, 3);
      expect(uncached(operation(1, 0, 'map'))).toEqual([[0], byte]);
      // open files with shared buffers refer to the object themselves
      expect(uncached(operation(1, 0, 'alloc'))).toEqual([sharing ? [0] : [], byte]);
    },
  );

  it('find their places when they are flushed, where the file system delays that', () => {
    const delayed = (sharedBuffers: boolean): Changes => ({
      fileSystems: [fileSystem({ sharedBuffers, delayedBlocks: true })],
    });
    const placed = (changes: Changes): boolean[] => {
      const seen: boolean[] = [];
      const write: Step = ['write', { offset: 260, length: 5 }];
      steps([write, ['flush']], changes, (_id, result, view) => {
        expect(result).not.toBe(ENOSPC);
        expect(view.fileSize(0)).toBe(265);
        expect(world.kernel.buffers.incore(world.kernel.vnodes.files[0]!, 4)).toBe(true);
        seen.push(world.kernel.fileSystems.addressOf(world.kernel.vnodes.files[0]!, 260, false) >= 0);
      });
      return seen;
    };
    expect(placed(delayed(true))).toEqual([false, true]);
    // what is written through, or told to be placed at once, has its place
    expect(placed(delayed(false))).toEqual([true, true]);
    expect(placed(shared(true))).toEqual([true, true]);
    // on a full disk the buffer is lost, and the write had said nothing of it
    expect(placed({ ...delayed(true), geometry: { diskSectors: 8 + 32 } })).toEqual([false, false]);
  });

  it('that cannot be brought to the disk are given up, and that is told', () => {
    const lost: unknown[][] = [];
    const operations = [operation(1, 0, 'write', { offset: 60, length: 10 }), operation(2, 0, 'flush')];
    const media = [{ sector: 16, count: 1, access: 'write' as const }];
    world.kernel.run(
      makeScenario({ ...shared(true), operations, media }),
      compose([{ lost: (...told) => void lost.push(told) }]),
    );
    expect(lost[0]).toEqual([0, 64, 8, false]);
  });

  it('that a truncation throws away are told as cut off, whole pages of them', () => {
    const lost: unknown[][] = [];
    const operations = [
      operation(1, 0, 'write', { offset: 60, length: 80 }),
      operation(2, 0, 'truncate', { length: 64 }),
    ];
    world.kernel.run(
      makeScenario({ ...shared(true), operations }),
      compose([{ lost: (...told) => void lost.push(told) }]),
    );
    expect(lost).toEqual([
      [0, 64, 64, true],
      [0, 128, 64, true],
    ]);
  });
});

describe('reads', () => {
  it.each([true, false])('of bad sectors fail (shared %s)', (sharedBuffers) => {
    const media = [{ sector: 8, count: 1, access: 'read' as const }];
    steps([['read', { offset: 0, length: 8 }]], { ...shared(sharedBuffers), media }, (_id, result) =>
      expect(result).toBe(EIO),
    );
  });

  it.each([true, false])('of holes give zeros and allocate nothing (shared %s)', (sharedBuffers) => {
    const files = [{ fileSystem: 0, size: 256, extents: [] }];
    steps([['read', { offset: 10, length: 8 }]], { ...shared(sharedBuffers), files }, (_id, result, view) => {
      expect(result).toBe(0);
      const { memory } = world.kernel;
      expect([...view.memory.subarray(memory.scratchBase, memory.scratchBase + 8)]).toEqual(Array(8).fill(0));
      expect(world.kernel.vnodes.files[0]!.blocks.last()).toBe(-1);
    });
  });

  it.each([
    ['read', 'error', EIO],
    ['read', 'short', 0],
    ['write', 'error', EIO],
    ['write', 'short', 0],
  ] as const)('and writes: %s takes %s', (choice, take, expected) => {
    for (const sharedBuffers of [true, false]) {
      const faults = [exception(choice, take, { amount: 3 })];
      steps([[choice, { offset: 0, length: 8 }]], { ...shared(sharedBuffers), faults }, (_id, result) =>
        expect(result).toBe(expected),
      );
    }
  });
});

describe('incore', () => {
  it('knows private copies of the blocks used last, and forgets those of a file cut off', () => {
    const list: Step[] = [0, 64, 128, 192].map((offset): Step => ['read', { offset, length: 1 }]);
    steps([...list, ['truncate', { length: 130 }]], shared(false), (id) => {
      const { buffers, vnodes } = world.kernel;
      const known = [0, 1, 2, 3].filter((block) => buffers.incore(vnodes.files[0]!, block));
      if (id === 3) expect(known).toEqual([0, 1, 2]);
      if (id === 4) expect(known).toEqual([1, 2, 3]);
      if (id === 5) expect(known).toEqual([1, 2]);
    });
  });

  it('knows shared buffers; the oldest is written and given up when there are too many', () => {
    const list: Step[] = [0, 64, 128, 192].map((offset): Step => ['write', { offset, length: 1 }]);
    steps(list, shared(true), (id, _result, view) => {
      const { buffers, vnodes } = world.kernel;
      const known = [0, 1, 2, 3].filter((block) => buffers.incore(vnodes.files[0]!, block));
      expect(known).toEqual([[], [0], [0, 1], [0, 1, 2], [1, 2, 3]][id]);
      expect(vnodes.files[0]!.vHoldcnt).toBe(known.length);
      expect(diskByte(view, FIRST)).toBe(patternByte(id < 4 ? STAMP_FILE : STAMP_OPERATION + 1, 0));
    });
  });
});

describe('small blocks', () => {
  it('fill only their chunks of a page', () => {
    const fileSystems = [fileSystem({ sharedBuffers: true, blockSize: 16 })];
    steps(
      [
        ['read', { offset: 20, length: 1 }],
        ['fault', { page: 0 }],
      ],
      { fileSystems },
      (id, _result, view) => {
        const frame = view.lookup(view.fileObject(0), 0);
        expect(view.pageValid(frame)).toBe(id === 1 ? 0b1100 : 0xff);
      },
    );
  });
});
