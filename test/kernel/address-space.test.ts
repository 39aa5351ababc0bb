/**
 * Guards kernel addresses: null pointers and unmapped pages trap, mappings lead to their frames and back, windows and the
 * temporary area do not overlap, bytes move across pages as in one stretch, and whoever waits for room is woken.
 */
import { describe, expect, it } from 'vitest';
import { fc, test } from '@fast-check/vitest';
import { KernelStop } from '../../src/kernel/trap.ts';
import { WINDOW_PAGES } from '../../src/kernel/address-space.ts';
import type { Kernel } from '../../src/kernel/kernel.ts';
import { exception, World } from './support/world.ts';

const world = new World();

function machine(): Kernel {
  world.play([], { threads: 1, geometry: { pbufs: 3, mapPages: 2, frames: 12 } });
  return world.kernel;
}

describe('addresses', () => {
  it.each([0, 1, 63, 64 * 15, -1, 2 ** 31])('%i is nobody’s', (kva) => {
    const { space } = machine();
    expect(() => space.enter(kva, 0)).toThrow(KernelStop);
    expect(() => space.remove(kva)).toThrow(/no kernel address/);
    expect(() => space.translate(kva)).toThrow(/not mapped/);
    expect(space.frameAt(kva)).toBe(-1);
  });

  it('that are not mapped have a physical address all the same: the offset in the page', () => {
    const { space } = machine();
    expect(space.extract(space.windowOf(1) + 5)).toBe(5);
    // and that is no memory
    expect(() => space.physicalPage(5)).toThrow(/is no memory/);
  });

  test.prop([
    fc.nat({ max: 2 }),
    fc.nat({ max: WINDOW_PAGES - 1 }),
    fc.nat({ max: 11 }),
    fc.nat({ max: 63 }),
  ])('that are mapped lead to the frame and back', (pbuf, page, frame, offset) => {
    const { space, pages, memory, pbufs } = machine();
    const kva = space.windowOf(pbuf) + page * 64;
    space.enter(kva, frame);
    expect(space.frameAt(kva + offset)).toBe(frame);
    expect(space.translate(kva + offset)).toBe(pages.addressOf(pages.frames[frame]!) + offset);
    expect(space.translate(kva + offset)).toBe(memory.frameBase + frame * 64 + offset);
    expect(space.physicalPage(space.extract(kva + offset))).toBe(pages.frames[frame]);
    expect(space.extract(kva + offset) % 64).toBe(offset);
    expect([0, 1, 2].filter((other) => pbufs.windowMapped(other))).toEqual([pbuf]);
    space.remove(kva);
    expect(space.frameAt(kva)).toBe(-1);
    expect(pbufs.windowMapped(pbuf)).toBe(false);
  });

  it('of windows, of the temporary area and of the heap are apart', () => {
    const { space, heapFrame } = machine();
    const all: number[] = [];
    for (let pbuf = 0; pbuf < 3; pbuf++)
      for (let page = 0; page < WINDOW_PAGES; page++) all.push(space.windowOf(pbuf) + page * 64);
    all.push(
      space.takeMapPage(1),
      space.takeMapPage(1),
      space.takeHeapPage(heapFrame),
      space.takeHeapPage(heapFrame),
    );
    expect(new Set(all).size).toBe(all.length);
    expect(all.every((kva) => kva % 64 === 0 && kva > 0)).toBe(true);
  });
});

describe('bytes', () => {
  const region = fc.tuple(fc.nat({ max: 255 }), fc.nat({ max: 255 }), fc.nat({ max: 300 }));

  test.prop([region])('move across pages as in one stretch', ([from, to, wanted]) => {
    const { space, memory } = machine();
    const length = Math.min(wanted, 256 - from, 256 - to);
    const naive = new Uint8Array(512);
    // frames in another order than addresses
    for (const [window, first] of [
      [0, 0],
      [1, 6],
    ] as const) {
      for (let i = 0; i < 4; i++) space.enter(space.windowOf(window) + i * 64, first + ((i + 2) % 4));
      for (let i = 0; i < 256; i++) {
        naive[window * 256 + i] = 1 + ((i * 7 + window * 3) % 250);
        memory.bytes[space.translate(space.windowOf(window) + i)] = naive[window * 256 + i]!;
      }
    }
    space.copy(space.windowOf(0) + from, space.windowOf(1) + to, length);
    naive.copyWithin(256 + to, from, from + length);
    space.zero(space.windowOf(0) + to, length);
    naive.fill(0, to, to + length);
    for (let i = 0; i < 512; i++)
      expect(memory.bytes[space.translate(space.windowOf(i >> 8) + (i & 255))]).toBe(naive[i]);
  });

  it('a negative length is a huge one', () => {
    const { space } = machine();
    space.enter(space.windowOf(0), 0);
    expect(() => space.zero(space.windowOf(0), -1)).toThrow(/not mapped/);
    expect(() => space.copy(space.windowOf(0), space.windowOf(0), -1)).toThrow(/not mapped/);
  });
});

describe('the temporary area', () => {
  it('is full at its size; what comes back can be had again', () => {
    const { space } = machine();
    const [first, second] = [space.takeMapPage(1), space.takeMapPage(2)];
    expect([space.used, space.takeMapPage(1)]).toEqual([2, 0]);
    space.enter(first, 3);
    space.returnMapPage(first);
    expect([space.used, space.frameAt(first)]).toEqual([1, -1]);
    expect(space.takeMapPage(1)).toBe(first);
    expect(second).not.toBe(first);
  });

  it.each([
    [
      'map',
      (kernel: Kernel) => kernel.space.returnMapPage(kernel.space.windowOf(0)),
      /given back but not taken/,
    ],
    ['map', (kernel: Kernel) => kernel.space.returnMapPage(0), /no kernel address/],
    ['heap', (kernel: Kernel) => kernel.space.returnHeapPage(kernel.space.windowOf(0)), /not allocated/],
    [
      'heap',
      ({ space, heapFrame }: Kernel) => {
        for (let i = 0; i < 100; i++) space.takeHeapPage(heapFrame);
      },
      /more pages from malloc/,
    ],
  ])('%s pages that nobody took do not come back', (_name, give, message) => {
    expect(() => give(machine())).toThrow(message);
  });

  it('makes vm_pager_map_page wait, and kmem_alloc fail', () => {
    const log: string[] = [];
    const held: number[] = [];
    const result = world.play(
      [
        function* ({ boundary, pages }) {
          held.push(boundary.vmPagerMapPage(pages.frames[3]!)!);
          expect(boundary.kmemAlloc()).toBe(0);
          yield* world.kernel.threads.waitAWhile();
          log.push('given back');
          boundary.vmPagerUnmapPage(held[0]!);
        },
        function* ({ boundary, pages, space }) {
          const kva = boundary.vmPagerMapPage(pages.frames[4]!) ?? (yield* boundary.blocked<number>());
          log.push('taken');
          expect(space.frameAt(kva)).toBe(4);
          boundary.vmPagerUnmapPage(kva);
        },
      ],
      { geometry: { mapPages: 1 } },
    );
    expect(result.ending).toBe('completed');
    expect(log).toEqual(['given back', 'taken']);
  });

  it('kmem_alloc gives zeroed memory that is no page’s', () => {
    const result = world.play([
      ({ boundary, space, memory, pages }) => {
        const kva = boundary.kmemAlloc()!;
        expect(space.frameAt(kva)).toBeGreaterThanOrEqual(pages.count);
        for (let i = 0; i < 64; i++) expect(memory.bytes[space.translate(kva + i)]).toBe(0);
        boundary.bzero(kva, 64);
        boundary.kmemFreeWakeup(kva);
        expect(space.used).toBe(0);
      },
    ]);
    expect(result.ending).toBe('completed');
  });

  it.each([
    ['kmem', 'error', 0],
    ['kmem', 'sleep', null],
  ] as const)('the schedule makes %s take %s', (choice, take, answer) => {
    const kind = take === 'error' ? 'faults' : 'schedule';
    const result = world.play(
      [
        function* ({ boundary }) {
          const kva = boundary.kmemAlloc();
          expect(kva).toBe(answer);
          if (kva === null) boundary.kmemFreeWakeup(yield* boundary.blocked<number>());
        },
      ],
      { [kind]: [exception(choice, take)] },
    );
    expect(result.ending).toBe('completed');
  });
});
