/**
 * Guards the file systems: no sector has two owners, files keep their bytes when they grow, shrink and move, freed sectors are
 * withheld as long as somebody may still write to them, and BMAP answers as each kind of file system does.
 */
import { describe, expect, it } from 'vitest';
import { fc, test } from '@fast-check/vitest';
import { HOLE } from '../../src/kernel/block-map.ts';
import type { BmapAnswer } from '../../src/kernel/file-systems.ts';
import type { Kernel } from '../../src/kernel/kernel.ts';
import type { Vnode } from '../../src/kernel/structures.ts';
import type { FileSystem } from '../../src/scenario/scenario.ts';
import { patternByte, STAMP_FILE, STAMP_TAIL } from '../../src/scenario/pattern.ts';
import { E2BIG, EFBIG, EIO, EOPNOTSUPP } from '../../src/trace/codes.ts';
import type { PagerCall, PartialObserver } from '../../src/trace/observer.ts';
import { exception, fileSystem, World, type Changes } from './support/world.ts';

const world = new World();

/** A machine outside of any process, with an observer that goes on watching. */
function machine(changes: Changes = {}, observer: PartialObserver = {}): Kernel {
  world.play([], changes, observer);
  return world.kernel;
}

function byteOf(kernel: Kernel, vp: Vnode, offset: number): number {
  const address = kernel.fileSystems.addressOf(vp, offset, false);
  return address === HOLE ? 0 : kernel.memory.bytes[kernel.disk.locate(address)]!;
}

/** Sectors of a file by its block map. */
function sectorsOf({ fileSystems }: Kernel, vp: Vnode): number[] {
  const found: number[] = [];
  for (let block = 0; block <= vp.blocks.last(); block++) {
    const first = vp.blocks.get(block);
    if (first === HOLE) continue;
    for (let i = fileSystems.sectorsOf(vp, block, vp.size); i > 0; i--) found.push(first + i - 1);
  }
  return found;
}

const spec = fc.record({
  blockSize: fc.constantFrom(16, 32, 64, 128),
  fragments: fc.boolean(),
  tail: fc.constantFrom<'zeros' | 'pattern'>('zeros', 'pattern'),
  clearsTail: fc.boolean(),
});

const change = fc.record({
  file: fc.nat({ max: 1 }),
  what: fc.constantFrom('size', 'size', 'fill', 'withhold', 'release'),
  value: fc.nat({ max: 700 }),
});

describe('allocation', () => {
  test.prop([spec, fc.array(change, { maxLength: 40 }), fc.integer({ min: 0, max: 60 })])(
    'gives no sector to two, keeps contents, and tells of all it does',
    ({ blockSize, fragments, tail, clearsTail }, changes, free) => {
      const owners = new Map<number, number>();
      const heldBack = new Set<number>();
      const withheld = new Set<number>();
      let file = 0;
      const observer: PartialObserver = {
        allocated: (of, _block, sector, count) => {
          for (let i = sector; i < sector + count; i++) {
            if (owners.has(i) || heldBack.has(i)) expect.fail(`sector ${i} is given out twice`);
            owners.set(i, of);
          }
        },
        freed: (of, _block, sector, count) => {
          for (let i = sector; i < sector + count; i++) {
            if (owners.get(i) !== of) expect.fail(`sector ${i} is not the file’s to free`);
            owners.delete(i);
            if (withheld.has(of)) heldBack.add(i);
          }
        },
        resized: (of, size) => expect([of, size]).toEqual([file, kernel.vnodes.files[of]!.size]),
      };
      const fs = fileSystem({ blockSize, fragmentSize: fragments ? 16 : 0, tail, clearsTail });
      const sizes = [150, 90];
      const blocks = sizes.reduce((sum, size) => sum + Math.ceil(size / blockSize), 0);
      const kernel = machine(
        {
          fileSystems: [fs],
          files: sizes.map((size) => ({ fileSystem: 0, size })),
          geometry: { diskSectors: 8 + (blocks * blockSize) / 8 + free },
        },
        observer,
      );
      const { fileSystems, vnodes } = kernel;
      const contents = sizes.map((size, f) =>
        Array.from({ length: size }, (_, at) => patternByte(STAMP_FILE + f, at)),
      );
      for (const f of [0, 1]) for (const sector of sectorsOf(kernel, vnodes.files[f]!)) owners.set(sector, f);
      for (const { file: which, what, value } of changes) {
        file = which;
        const vp = vnodes.files[file]!;
        const bytes = contents[file]!;
        if (what === 'size' && value < vp.size) {
          fileSystems.shrink(vp, value);
          bytes.length = value;
        } else if (what === 'size' && value > vp.size) {
          const before = vp.size;
          const done = fileSystems.grow(vp, value, (value & 1) === 1);
          expect(vp.size).toBe(done ? value : before);
          // what lay on the disk past EOF appears; nothing else may
          for (let at = before; at < vp.size; at++) {
            const now = byteOf(kernel, vp, at);
            const sameBlock = Math.floor(at / blockSize) === Math.floor((before - 1) / blockSize);
            if (!sameBlock && now !== 0) expect.fail(`byte ${at} of a new block is ${now}`);
            bytes.push(now);
          }
        } else if (what === 'fill' && value < vp.size) {
          fileSystems.addressOf(vp, value, true);
        } else if (what === 'withhold' && withheld.size === 0) {
          withheld.add(file);
          fileSystems.withhold(vp);
        } else if (what === 'release') {
          fileSystems.releaseWithheld(vp);
          if (withheld.delete(file)) heldBack.clear();
        }
        for (const f of [0, 1]) {
          const own = [...owners].filter(([, owner]) => owner === f).map(([sector]) => sector);
          expect(new Set(sectorsOf(kernel, vnodes.files[f]!))).toEqual(new Set(own));
          expect(contents[f]!.findIndex((byte, at) => byteOf(kernel, vnodes.files[f]!, at) !== byte)).toBe(
            -1,
          );
        }
        expect(Math.max(0, ...owners.keys())).toBeLessThan(kernel.disk.sectors);
      }
    },
  );

  it('says when the disk is full, and changes nothing then', () => {
    const kernel = machine({ geometry: { diskSectors: 8 + 4 * 8 }, files: [{ fileSystem: 0, size: 256 }] });
    const vp = kernel.vnodes.files[0]!;
    expect(kernel.fileSystems.grow(vp, 300, true)).toBe(false);
    expect([vp.size, vp.blocks.last()]).toEqual([256, 3]);
    expect(kernel.fileSystems.allocateBlock(vp, 9, 640)).toBe(HOLE);
    // growing without a block for the last byte needs no room
    expect(kernel.fileSystems.grow(vp, 300, false)).toBe(true);
    expect(byteOf(kernel, vp, 299)).toBe(0);
  });

  it('hands out first what was freed last', () => {
    const kernel = machine({
      files: [
        { fileSystem: 0, size: 256 },
        { fileSystem: 0, size: 64 },
      ],
    });
    const [first, second] = kernel.vnodes.files as [Vnode, Vnode];
    const freed = first.blocks.get(3);
    kernel.fileSystems.shrink(first, 192);
    kernel.fileSystems.grow(second, 128, true);
    expect(second.blocks.get(1)).toBe(freed);
  });
});

describe('fragments', () => {
  const fs = fileSystem({ blockSize: 64, fragmentSize: 16, tail: 'pattern' });

  it('a tail that outgrows its fragments moves, with its bytes and zeros behind them', () => {
    const moves: string[] = [];
    const kernel = machine(
      { fileSystems: [fs], files: [{ fileSystem: 0, size: 84 }] },
      {
        allocated: (_file, block, _sector, count) => void moves.push(`block ${block} gets ${count}`),
        freed: (_file, block, _sector, count) => void moves.push(`block ${block} loses ${count}`),
      },
    );
    const vp = kernel.vnodes.files[0]!;
    const { fileSystems } = kernel;
    expect([fileSystems.movingBlock(vp, 96), fileSystems.movingBlock(vp, 97)]).toEqual([-1, 1]);
    const old = vp.blocks.get(1);
    expect(fileSystems.grow(vp, 100, true)).toBe(true);
    expect(moves).toEqual(['block 1 gets 6', 'block 1 loses 4']);
    expect(vp.blocks.get(1)).not.toBe(old);
    for (let at = 64; at < 84; at++) expect(byteOf(kernel, vp, at)).toBe(patternByte(STAMP_FILE, at));
    for (let at = 96; at < 100; at++) expect(byteOf(kernel, vp, at)).toBe(0);
    for (let at = 100; at < 112; at++) expect(byteOf(kernel, vp, at)).toBe(patternByte(STAMP_TAIL, at));
  });

  it('a tail that keeps its number of fragments stays', () => {
    const kernel = machine({ fileSystems: [fs], files: [{ fileSystem: 0, size: 84 }] });
    const vp = kernel.vnodes.files[0]!;
    const old = vp.blocks.get(1);
    kernel.fileSystems.grow(vp, 96, true);
    expect(vp.blocks.get(1)).toBe(old);
  });

  it('only the last of the direct blocks is short', () => {
    const kernel = machine({
      fileSystems: [fs],
      files: [
        { fileSystem: 0, size: 12 * 64 + 5 },
        { fileSystem: 0, size: 11 * 64 + 5 },
      ],
    });
    const [far, near] = kernel.vnodes.files as [Vnode, Vnode];
    expect(kernel.fileSystems.sectorsOf(far, 12, far.size)).toBe(8);
    expect(kernel.fileSystems.sectorsOf(near, 11, near.size)).toBe(2);
    expect(kernel.fileSystems.sectorsOf(near, 10, near.size)).toBe(8);
  });

  it('a hole or an empty file has no tail to move', () => {
    const kernel = machine({
      fileSystems: [fs],
      files: [
        { fileSystem: 0, size: 84, extents: [] },
        { fileSystem: 0, size: 0 },
      ],
    });
    const [hole, empty] = kernel.vnodes.files as [Vnode, Vnode];
    expect(kernel.fileSystems.movingBlock(hole, 128)).toBe(-1);
    expect(kernel.fileSystems.movingBlock(empty, 128)).toBe(-1);
    // with fragments the block of the last byte is there after a growth
    expect(kernel.fileSystems.grow(empty, 128, false)).toBe(true);
    expect([empty.blocks.get(0), empty.blocks.get(1) === HOLE]).toEqual([HOLE, false]);
  });
});

describe('shrinking', () => {
  it.each([true, false])('clears the rest of the tail that it keeps: %s', (clearsTail) => {
    const kernel = machine({ fileSystems: [fileSystem({ clearsTail })] });
    const vp = kernel.vnodes.files[0]!;
    kernel.fileSystems.shrink(vp, 70);
    for (let at = 70; at < 128; at++)
      expect(byteOf(kernel, vp, at)).toBe(clearsTail ? 0 : patternByte(STAMP_FILE, at));
    expect(byteOf(kernel, vp, 69)).toBe(patternByte(STAMP_FILE, 69));
  });
});

describe('BMAP', () => {
  const files = [
    {
      fileSystem: 0,
      size: 256,
      extents: [
        { block: 0, sector: 16, count: 1 },
        { block: 2, sector: 64, count: 1 },
      ],
    },
  ];

  function ask(kernel: Kernel, block: number): [error: number | null, bn: number, disk: boolean] {
    const answer: BmapAnswer = { dvp: null, bn: 4711 };
    const error = kernel.fileSystems.bmap(kernel.vnodes.files[0]!, block, answer);
    return [error, answer.bn, answer.dvp === kernel.vnodes.disk];
  }

  it.each([
    ['hole', [0, -1, true]],
    ['error', [E2BIG, -1, true]],
    ['address', [0, 64 + 2 * 8, true]],
  ] as const)('past the last block answers %s', (pastEnd, past) => {
    const kernel = machine({ files, fileSystems: [fileSystem({ pastEnd })] });
    expect(ask(kernel, 0)).toEqual([0, 16, true]);
    expect(ask(kernel, 2)).toEqual([0, 64, true]);
    // holes between blocks are holes everywhere
    expect(ask(kernel, 1)).toEqual([0, -1, true]);
    expect(ask(kernel, -1)).toEqual([EFBIG, 4711, true]);
    expect(ask(kernel, 4)).toEqual(past);
  });

  it('gives no address below EOF that is not the file’s', () => {
    const kernel = machine({ files, fileSystems: [fileSystem({ pastEnd: 'address' })] });
    expect(ask(kernel, 3)).toEqual([0, -1, true]);
  });

  test.prop([fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }), fc.constantFrom(16, 64, 512)])(
    'of a network is arithmetic of 32 bits, and its device the file itself',
    (block, blockSize) => {
      const kernel = machine({ files, fileSystems: [fileSystem({ blockMap: 'network', blockSize })] });
      const answer: BmapAnswer = { dvp: null, bn: 0 };
      expect(kernel.fileSystems.bmap(kernel.vnodes.files[0]!, block, answer)).toBe(0);
      expect(BigInt(answer.bn)).toBe(BigInt.asIntN(32, BigInt(block) * BigInt(blockSize / 8)));
      expect(answer.dvp).toBe(kernel.vnodes.files[0]);
    },
  );

  it('without a block map fails and sets nothing', () => {
    const kernel = machine({ files, fileSystems: [fileSystem({ blockMap: 'none' })] });
    expect(ask(kernel, 0)).toEqual([EOPNOTSUPP, 4711, false]);
    expect(kernel.fileSystems.device(kernel.vnodes.files[0]!, { dvp: null, bn: 0 })).toBe(EOPNOTSUPP);
  });

  it('of a dead vnode fails and sets nothing', () => {
    const kernel = machine({ files });
    kernel.vnodes.disconnect(kernel.vnodes.files[0]!);
    expect(ask(kernel, 0)).toEqual([EIO, 4711, false]);
    expect(kernel.fileSystems.device(kernel.vnodes.files[0]!, { dvp: null, bn: 0 })).toBe(EIO);
  });

  it.each(['none', 'disk', 'network'] as const)('for the device alone (%s)', (blockMap) => {
    const kernel = machine({ files, fileSystems: [fileSystem({ blockMap })] });
    const answer: BmapAnswer = { dvp: null, bn: 4711 };
    const [file] = kernel.vnodes.files;
    expect(kernel.fileSystems.device(file!, answer)).toBe(blockMap === 'none' ? EOPNOTSUPP : 0);
    expect(answer).toEqual({
      dvp: { none: null, disk: kernel.vnodes.disk, network: file }[blockMap],
      bn: 4711,
    });
  });

  it('sleeps or fails if the scenario says so, and finds what is there afterwards', () => {
    const script = (expected: readonly (number | null)[]) =>
      function* (kernel: Kernel): Generator<void, void, void> {
        const [vp] = kernel.vnodes.files;
        const answer: BmapAnswer = { dvp: null, bn: 4711 };
        kernel.vnodes.reference(vp!);
        const error = kernel.boundary.vopBmap(vp!, 0, answer);
        expect(error).toBe(expected[0]);
        if (error !== null) return;
        kernel.fileSystems.shrink(vp!, 0);
        expect(yield* kernel.boundary.blocked<number>()).toBe(0);
        expect(answer.bn).toBe(HOLE);
      };
    expect(world.play([script([EIO])], { files, faults: [exception('bmap', 'error')] }).ending).toBe(
      'completed',
    );
    expect(world.play([script([null])], { files, schedule: [exception('bmap', 'sleep')] }).ending).toBe(
      'completed',
    );
  });
});

describe('GETATTR', () => {
  /** What it answers, and what the pager has been told by then. */
  function asked(
    blockMap: FileSystem['blockMap'],
    amount: number,
    resizer = -1,
  ): [size: number, told: number[]] {
    const told: number[] = [];
    const into = { vaSize: -1 };
    const script = function* (kernel: Kernel): Generator<void, void, void> {
      const [vp] = kernel.vnodes.files;
      kernel.vnodes.reference(vp!);
      vp!.resizer = resizer;
      const error = kernel.boundary.vopGetattr(vp!, into) ?? (yield* kernel.boundary.blocked<number>());
      expect(error).toBe(0);
      expect(vp!.resizer).toBe(resizer);
      expect(vp!.size).toBe(into.vaSize);
    };
    const changes = {
      fileSystems: [fileSystem({ blockMap })],
      schedule: [exception('getattr', 'resize', { amount })],
    };
    const observer = {
      pagerCall: (call: PagerCall) =>
        void (call.function === 'setsize' && call.file === 0 && told.push(call.size)),
    };
    expect(world.play([script], changes, observer).ending).toBe('completed');
    return [into.vaSize, told];
  }

  it.each([100, 300])(
    'of a network file finds %i bytes on the server, and tells the pager before it answers',
    (size) => {
      expect(asked('network', size)).toEqual([size, [size]]);
    },
  );

  it('finds nothing new in a size that is the same, while a change is under way here, or without a server', () => {
    expect(asked('network', 256)).toEqual([256, []]);
    expect(asked('network', 100, 1)).toEqual([256, []]);
    expect(asked('disk', 100)).toEqual([256, []]);
  });
});
