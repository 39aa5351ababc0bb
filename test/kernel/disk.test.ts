/**
 * Guards the disk and the network server: transfers against a naive array of sectors, what goes wrong at the ends of the disk and
 * on bad sectors, and that only what is touched costs memory.
 */
import { describe, expect, it } from 'vitest';
import { fc, test } from '@fast-check/vitest';
import type { Kernel } from '../../src/kernel/kernel.ts';
import type { Buf, Sleeps } from '../../src/kernel/structures.ts';
import { patternByte, STAMP_DISK, STAMP_FAILED, STAMP_FILE, STAMP_TAIL } from '../../src/scenario/pattern.ts';
import type { MediaFault } from '../../src/scenario/scenario.ts';
import { B_ASYNC, B_DONE, B_ERROR, EINVAL, EIO, VBWAIT } from '../../src/trace/codes.ts';
import type { Transfer } from '../../src/trace/observer.ts';
import { exception, fileSystem, prepare, putBack, World, type Changes } from './support/world.ts';

const world = new World();
const SECTOR = 8;
const SECTORS = 64;

/** Starts a transfer and waits for its end. */
function* transfer(kernel: Kernel, request: Parameters<typeof prepare>[2]): Sleeps<Buf> {
  const { boundary } = kernel;
  if (request.vp !== undefined) kernel.vnodes.reference(request.vp);
  const bp = prepare(kernel, kernel.pbufs.try()!, request);
  if (boundary.vopStrategy(bp) === null) yield* boundary.blocked();
  const mask = boundary.splbio();
  while ((bp.bFlags & B_DONE) === 0) if (boundary.tsleep(bp) === null) yield* boundary.blocked();
  boundary.splx(mask);
  return bp;
}

/** One transfer in a world of its own; what the buffer says afterwards. */
function once(
  request: Parameters<typeof prepare>[2],
  changes: Changes = {},
): { error: number; failed: boolean; resid: number; count: number; outputs: number } {
  let said = { error: 0, failed: false, resid: 0, count: 0, outputs: 0 };
  const result = world.play(
    [
      function* (kernel) {
        const bp = yield* transfer(kernel, request);
        said = {
          error: bp.bError,
          failed: (bp.bFlags & B_ERROR) !== 0,
          resid: bp.bResid,
          count: bp.bBcount,
          outputs: kernel.vnodes.disk.vNumoutput,
        };
        putBack(kernel, bp);
      },
    ],
    { files: [], geometry: { diskSectors: SECTORS }, ...changes },
  );
  expect(result.ending).toBe('completed');
  return said;
}

/** The sectors of a disk that nobody wrote. */
const pristine = (): Uint8Array =>
  Uint8Array.from({ length: SECTORS * SECTOR }, (_, at) => patternByte(STAMP_DISK, at));

/** Whether a sector fails. */
const bad = (media: readonly MediaFault[], sector: number, write: boolean): boolean =>
  media.some(
    (fault) =>
      fault.access !== (write ? 'read' : 'write') &&
      sector >= fault.sector &&
      sector < fault.sector + fault.count,
  );

const request = fc.record({
  write: fc.boolean(),
  block: fc.integer({ min: 0, max: SECTORS - 16 }),
  sectors: fc.integer({ min: 1, max: 16 }),
  take: fc.constantFrom<'plain' | 'error' | 'short' | 'immediate' | 'delay'>(
    'plain',
    'error',
    'short',
    'immediate',
    'delay',
  ),
  amount: fc.nat({ max: 5 }),
});

const fault = fc.record({
  sector: fc.nat({ max: SECTORS - 1 }),
  count: fc.integer({ min: 1, max: 4 }),
  access: fc.constantFrom<MediaFault['access']>('read', 'write', 'both'),
});

describe('transfers to the disk', () => {
  test.prop([fc.array(request, { maxLength: 8 }), fc.array(fault, { maxLength: 2 })])(
    'move whole sectors from the first on, until one fails',
    (requests, media) => {
      const naive = pristine();
      const named = (of: readonly string[]): ReturnType<typeof exception>[] =>
        requests.flatMap(({ take, amount }, ordinal) =>
          take !== 'plain' && of.includes(take) ? [exception('transfer', take, { ordinal, amount })] : [],
        );
      const result = world.play(
        [
          function* (kernel) {
            const { memory, pages, disk } = kernel;
            for (const [i, { write, block, sectors, take, amount }] of requests.entries()) {
              const at = pages.addressOf(pages.frames[0]!);
              for (let byte = 0; byte < 256; byte++) memory.bytes[at + byte] = (i + 1) * 16 + (byte % 16);
              const before = memory.bytes.slice(at, at + 256);
              const bp = yield* transfer(kernel, { write, block, count: sectors * SECTOR });
              let good = 0;
              while (good < sectors && !bad(media, block + good, write)) good++;
              const failed = good < sectors || take === 'error';
              if (take === 'error') good = Math.min(good, sectors >> 1);
              if (take === 'short' && !failed) good = Math.max(0, sectors - Math.max(1, amount));
              expect((bp.bFlags & B_ERROR) !== 0).toBe(failed);
              expect(bp.bError).toBe(failed ? EIO : 0);
              // after an error the count says nothing at odd places
              expect(bp.bResid).toBe(failed && block % 2 === 1 ? 0 : (sectors - good) * SECTOR);
              const moved = good * SECTOR;
              const from = block * SECTOR;
              if (write) naive.set(before.subarray(0, moved), from);
              const after = memory.bytes.slice(at, at + 256);
              const expected = before.slice();
              if (!write) {
                expected.set(naive.subarray(from, from + moved));
                // what a failed read leaves behind can be recognised
                if (failed)
                  for (let byte = 0; byte < SECTOR; byte++)
                    expected[moved + byte] = patternByte(STAMP_FAILED, moved + byte);
              }
              expect(after).toEqual(expected);
              putBack(kernel, bp);
            }
            const end = Uint8Array.from(naive, (_, address) => kernel.memory.bytes[disk.locate(address)]!);
            expect(end).toEqual(naive);
            expect(kernel.vnodes.disk).toMatchObject({ vNumoutput: 0, vHoldcnt: 0 });
          },
        ],
        {
          files: [],
          geometry: { diskSectors: SECTORS },
          media,
          schedule: named(['immediate', 'delay']),
          faults: named(['error', 'short']),
        },
      );
      expect(result).toMatchObject({ ending: 'completed', transfers: requests.length });
    },
  );

  it.each([
    [-1, 64, { error: EINVAL, failed: true, resid: 64 }],
    [SECTORS + 1, 64, { error: EINVAL, failed: true, resid: 64 }],
    [0, 7, { error: EINVAL, failed: true, resid: 7 }],
    [0, -8, { error: EINVAL, failed: true, resid: -8 }],
    [SECTORS, 64, { error: 0, failed: false, resid: 64, count: 64 }],
    [SECTORS - 2, 64, { error: 0, failed: false, resid: 0, count: 16 }],
    [SECTORS - 8, 64, { error: 0, failed: false, resid: 0, count: 64 }],
    [0, 0, { error: 0, failed: false, resid: 0, count: 0 }],
  ])('at sector %i of %i bytes', (block, count, said) => {
    expect(once({ write: false, block, count })).toMatchObject(said);
    expect(once({ write: true, block, count })).toMatchObject({ ...said, outputs: 0 });
  });

  it('go on failing on a bad sector, and only there', () => {
    const media: MediaFault[] = [{ sector: 9, count: 1, access: 'write' }];
    for (let times = 0; times < 3; times++)
      expect(once({ write: true, block: 8, count: 24 }, { media })).toMatchObject({
        failed: true,
        resid: 16,
      });
    expect(once({ write: true, block: 10, count: 8 }, { media }).failed).toBe(false);
    expect(once({ write: false, block: 8, count: 24 }, { media }).failed).toBe(false);
  });

  it('may end inside strategy', () => {
    const log: string[] = [];
    const script = function* (kernel: Kernel): Sleeps<void> {
      const bp = prepare(kernel, kernel.pbufs.try()!, { write: false, block: 8, count: 8 });
      kernel.boundary.vopStrategy(bp);
      log.push('started');
      if ((bp.bFlags & B_DONE) === 0 && kernel.threads.tsleep(bp) === null) yield* kernel.threads.blocked();
      putBack(kernel, bp);
    };
    const observer = { transferEnd: (): void => void log.push('ended') };
    world.play([script], { schedule: [exception('transfer', 'immediate')] }, observer);
    world.play([script], {}, observer);
    expect(log).toEqual(['ended', 'started', 'started', 'ended']);
  });

  it('are logged with what they touch', () => {
    const seen: Transfer[] = [];
    const keep = (one: Transfer): void =>
      void seen.push({ ...one, frames: one.frames.slice(0, one.frameCount) });
    world.play(
      [
        function* (kernel) {
          putBack(kernel, yield* transfer(kernel, { write: true, block: 8, count: 128, frame: 5 }));
        },
      ],
      { files: [] },
      { transferStart: keep, transferEnd: keep },
    );
    const expected = {
      pbuf: 0,
      thread: 0,
      file: -1,
      device: 'disk',
      write: true,
      async: false,
      block: 8,
      byteCount: 128,
      bufferSize: 128,
      pageOffset: 0,
      frameCount: 2,
      frames: Int32Array.of(5, 6),
      failed: false,
      resid: 0,
    };
    expect(seen).toMatchObject([expected, expected]);
  });

  it('wake who waits for output to drain', () => {
    const log: string[] = [];
    const result = world.play([
      function* (kernel) {
        const { disk } = kernel.vnodes;
        const bp = prepare(kernel, kernel.pbufs.try()!, { write: true, block: 8, count: 8 });
        kernel.disk.strategy(bp);
        disk.vFlag |= VBWAIT;
        if (kernel.threads.tsleep(disk) === null) yield* kernel.threads.blocked();
        log.push(`outputs ${disk.vNumoutput}, waiting ${(disk.vFlag & VBWAIT) !== 0}`);
        putBack(kernel, bp);
      },
    ]);
    expect(result.ending).toBe('completed');
    expect(log).toEqual(['outputs 0, waiting false']);
  });

  it('that end more often than they began: panic', () => {
    const result = world.play([
      function* (kernel) {
        const bp = prepare(kernel, kernel.pbufs.try()!, { write: true, block: 8, count: 8 });
        kernel.vnodes.disk.vNumoutput = 0;
        kernel.disk.strategy(bp);
        if (kernel.threads.tsleep(bp) === null) yield* kernel.threads.blocked();
      },
    ]);
    expect(result).toMatchObject({ ending: 'panic', detail: 'vwakeup: v_numoutput is below zero' });
  });
});

describe('a disk of 2 TiB', () => {
  const huge = { diskSectors: 2 ** 31 - 1, sectorSize: 1024, pageSize: 4096, frames: 16 };

  it('costs the chunks that are touched', () => {
    world.play([], { files: [], geometry: huge });
    const { disk, memory } = world.kernel;
    const end = (2 ** 31 - 1) * 1024;
    const before = disk.locate(0);
    for (const address of [0, 2 ** 31, 2 ** 32, 2 ** 40, end - 1024, 1]) {
      expect(disk.locate(address) - before).toBeLessThan(6 * 4096);
      expect(memory.bytes[disk.locate(address)]).toBe(patternByte(STAMP_DISK, address));
    }
    disk.zero(2 ** 40 - 100, 200);
    expect(memory.bytes[disk.locate(2 ** 40 + 99)]).toBe(0);
    expect(memory.bytes[disk.locate(2 ** 40 + 100)]).toBe(patternByte(STAMP_DISK, 2 ** 40 + 100));
  });

  it('is read and written at its far end', () => {
    const block = 2 ** 31 - 3;
    expect(once({ write: true, block, count: 2048 }, { geometry: huge })).toMatchObject({
      failed: false,
      resid: 0,
    });
    expect(once({ write: true, block, count: 4096 }, { geometry: huge })).toMatchObject({ count: 2048 });
  });
});

describe('first contents', () => {
  it.each(['zeros', 'pattern'] as const)(
    'are the files’ own, then %s to the end of the last block',
    (tail) => {
      world.play([], {
        fileSystems: [fileSystem({ tail, blockSize: 32 })],
        files: [
          { fileSystem: 0, size: 50 },
          { fileSystem: 0, size: 70, extents: [{ block: 1, sector: 40, count: 2 }] },
        ],
      });
      const { disk, memory } = world.kernel;
      const at = (address: number): number => memory.bytes[disk.locate(address)]!;
      const tailByte = (offset: number): number => (tail === 'zeros' ? 0 : patternByte(STAMP_TAIL, offset));
      // file 0 follows the extents of file 1, which end with sector 47
      for (let offset = 0; offset < 64; offset++)
        expect(at(48 * SECTOR + offset)).toBe(
          offset < 50 ? patternByte(STAMP_FILE, offset) : tailByte(offset),
        );
      for (let offset = 32; offset < 96; offset++)
        expect(at(40 * SECTOR + offset - 32)).toBe(
          offset < 70 ? patternByte(STAMP_FILE + 1, offset) : tailByte(offset),
        );
      expect(at(39 * SECTOR)).toBe(patternByte(STAMP_DISK, 39 * SECTOR));
    },
  );
});

describe('transfers over the network', () => {
  const network = {
    fileSystems: [fileSystem({ blockMap: 'network' })],
    files: [{ fileSystem: 0, size: 100 }],
  };

  /** A transfer to the file itself, from the sector of the file on. */
  function remote(
    given: Omit<Parameters<typeof prepare>[2], 'vp'>,
    changes: Changes = {},
    look: (kernel: Kernel, bp: Buf) => void = () => {},
  ): void {
    const result = world.play(
      [
        function* (kernel) {
          const bp = yield* transfer(kernel, { ...given, vp: kernel.vnodes.files[0]! });
          look(kernel, bp);
          putBack(kernel, bp);
        },
      ],
      { ...network, ...changes },
    );
    expect(result.ending).toBe('completed');
  }

  it('read up to EOF and are short there', () => {
    remote({ write: false, block: 8, count: 64 }, {}, ({ memory }, bp) => {
      expect(bp).toMatchObject({ bResid: 28, bError: 0 });
      for (let i = 0; i < 36; i++)
        expect(memory.bytes[memory.frameBase + i]).toBe(patternByte(STAMP_FILE, 64 + i));
    });
    remote({ write: false, block: 100, count: 64 }, {}, (_, bp) => expect(bp.bResid).toBe(64));
  });

  it('read holes as zeros, and do not write to them', () => {
    const files = [{ fileSystem: 0, size: 256, extents: [{ block: 0, sector: 16, count: 1 }] }];
    remote({ write: false, block: 4, count: 64 }, { files }, ({ memory }, bp) => {
      expect(bp.bResid).toBe(0);
      for (let i = 0; i < 64; i++)
        expect(memory.bytes[memory.frameBase + i]).toBe(i < 32 ? patternByte(STAMP_FILE, 32 + i) : 0);
    });
  });

  it('write the dirty range alone, cut at EOF', () => {
    remote({ write: true, block: 8, count: 64 }, {}, (_, bp) => expect(bp.bResid).toBe(0));
    const result = world.play(
      [
        function* (kernel) {
          const { memory, fileSystems, disk, boundary } = kernel;
          const vp = kernel.vnodes.files[0]!;
          kernel.vnodes.reference(vp);
          memory.zero(memory.frameBase, 64);
          const bp = prepare(kernel, kernel.pbufs.try()!, { write: true, block: 0, count: 64, vp });
          bp.bDirtyoff = 10;
          bp.bDirtyend = 20;
          if (boundary.vopStrategy(bp) === null) yield* boundary.blocked();
          for (let i = 0; i < 64; i++) {
            const byte = memory.bytes[disk.locate(fileSystems.addressOf(vp, i, false))];
            expect(byte).toBe(i >= 10 && i < 20 ? 0 : patternByte(STAMP_FILE, i));
          }
          putBack(kernel, bp);
        },
      ],
      network,
    );
    expect(result.ending).toBe('completed');
  });

  it.each([
    ['fail', 'faults', 'error', { bError: EIO }],
    ['fall short', 'faults', 'short', { bError: 0, bResid: 8 }],
    ['wait', 'schedule', 'sleep', { bError: 0, bResid: 0 }],
  ] as const)('%s if the scenario says so', (_name, list, take, said) => {
    remote({ write: false, block: 0, count: 64 }, { [list]: [exception('transfer', take)] }, (_kernel, bp) =>
      expect(bp).toMatchObject(said),
    );
  });

  it('fail on bad sectors of the server', () => {
    const media: MediaFault[] = [{ sector: 8, count: 1, access: 'both' }];
    remote({ write: false, block: 0, count: 64 }, { media }, (_, bp) => expect(bp.bError).toBe(EIO));
    remote({ write: true, block: 0, count: 64 }, { media }, (_, bp) => expect(bp.bError).toBe(EIO));
  });

  it('fail at once when the file system is gone', () => {
    const result = world.play(
      [
        function* (kernel) {
          const vp = kernel.vnodes.files[0]!;
          kernel.vnodes.disconnect(vp);
          const bp = yield* transfer(kernel, { write: false, block: 0, count: 64, vp });
          expect(bp).toMatchObject({ bError: EIO, bResid: 64 });
          putBack(kernel, bp);
        },
      ],
      network,
    );
    expect(result.ending).toBe('completed');
  });

  it('are done by the caller, or later if they are asynchronous', () => {
    const log: string[] = [];
    world.play(
      [
        function* (kernel) {
          for (const flags of [0, B_ASYNC]) {
            const vp = kernel.vnodes.files[0]!;
            const bp = prepare(kernel, kernel.pbufs.try()!, { write: false, block: 0, count: 64, vp, flags });
            kernel.disk.strategy(bp);
            log.push(`done ${(bp.bFlags & B_DONE) !== 0}`);
            while ((bp.bFlags & B_DONE) === 0)
              if (kernel.threads.tsleep(bp) === null) yield* kernel.threads.blocked();
            putBack(kernel, bp);
          }
        },
      ],
      network,
    );
    expect(log).toEqual(['done true', 'done false']);
  });
});
