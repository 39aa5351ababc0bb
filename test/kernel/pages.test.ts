/**
 * Guards the page frames: masks of chunks, the hash and the queues against naive ones, what allocation hands out, and the
 * protocols of busy bits, freeing and modified bits.
 */
import { describe, expect, it } from 'vitest';
import { fc, test } from '@fast-check/vitest';
import { Kernel } from '../../src/kernel/kernel.ts';
import type { PageQueue } from '../../src/kernel/pages.ts';
import type { Page, VmObject } from '../../src/kernel/structures.ts';
import { KernelStop } from '../../src/kernel/trap.ts';
import { patternByte, STAMP_POISON } from '../../src/scenario/pattern.ts';
import {
  PG_ACTIVE,
  PG_BUSY,
  PG_CACHE,
  PG_FREE,
  PG_INACTIVE,
  PG_TABLED,
  PG_WANTED,
} from '../../src/trace/codes.ts';
import { World } from './support/world.ts';

const world = new World();

/** The pages of a machine with the given sizes, outside of any process. */
function machine(frames: number, pageSize = 64, sectorSize = 8): Kernel {
  world.play([], { geometry: { frames, pageSize, sectorSize } });
  return world.kernel;
}

describe('vm_page_bits', () => {
  it.each([
    [0, 512, 0x01],
    [512, 1024, 0x06],
    [0, 4096, 0xff],
    [4096, 4096, 0xff],
    [8192 + 2048, 2048, 0xf0],
    [3584, 1024, 0x80],
    [0, 1, 0x01],
    [0, 0, 0],
    [0, 8192, 0xff],
    [0, 2 ** 31, 0xff],
    [1024, 8192, 0xfc],
  ])('of %i, %i is %i', (base, size, bits) => {
    expect(machine(16, 4096, 512).pages.bits(base, size)).toBe(bits);
  });

  const geometry = fc
    .record({ sectorShift: fc.integer({ min: 1, max: 9 }), pageShift: fc.integer({ min: 1, max: 4 }) })
    .map(({ sectorShift, pageShift }) => [2 ** (sectorShift + pageShift), 2 ** sectorShift] as const);

  test.prop([geometry, fc.nat({ max: 2 ** 20 }), fc.nat({ max: 32 })])(
    'has a bit for every sector that is touched, and none past the page',
    ([pageSize, sectorSize], chunk, length) => {
      const { pages } = machine(16, pageSize, sectorSize);
      const chunks = pageSize / sectorSize;
      const size = Math.min(length, chunks) * sectorSize;
      let naive = 0;
      for (let i = 0; i < size / sectorSize && (chunk % chunks) + i < chunks; i++)
        naive += 2 ** ((chunk % chunks) + i);
      expect(pages.bits(chunk * sectorSize, size)).toBe(naive);
      // a size that is no multiple counts as the next one
      if (size > 0) expect(pages.bits(chunk * sectorSize, size - 1)).toBe(naive);
      expect(pages.allBits).toBe(2 ** chunks - 1);
    },
  );
});

const QUEUES = [
  ['free', PG_FREE],
  ['active', PG_ACTIVE],
  ['inactive', PG_INACTIVE],
  ['cache', PG_CACHE],
] as const;

function walk(queue: PageQueue): Page[] {
  const found: Page[] = [];
  for (let page = queue.head; page !== null; page = page.queueNext) found.push(page);
  return found;
}

function pagesOf(object: VmObject): Page[] {
  const found: Page[] = [];
  for (let page = object.firstPage; page !== null; page = page.listNext) found.push(page);
  return found;
}

type Step = readonly ['allocate' | 'free' | 'wakeup' | 'activate' | 'deactivate' | 'wire', number, number];

const step: fc.Arbitrary<Step> = fc.tuple(
  fc.constantFrom('allocate', 'allocate', 'free', 'wakeup', 'activate', 'deactivate', 'wire'),
  fc.nat({ max: 2 }),
  fc.nat({ max: 6 }),
);

describe('frames', () => {
  test.prop([fc.array(step, { maxLength: 60 })])(
    'are on the queue that their flags say, and found where they were put',
    (steps) => {
      const { pages, objects } = machine(10);
      const known = [0, 1, 2].map(() => objects.allocate(1024));
      const naive = new Map<string, Page>();
      for (const [what, which, index] of steps) {
        const object = known[which]!;
        const key = `${which} ${index}`;
        const page = naive.get(key);
        if (what === 'allocate') {
          if (page !== undefined) continue;
          const fresh = pages.allocate(object, index * 64);
          expect(fresh === null).toBe(naive.size === 10);
          if (fresh !== null) naive.set(key, fresh);
        } else if (page !== undefined) {
          if (what === 'wakeup') pages.wakeup(page);
          if (what === 'activate' && (page.flags & PG_ACTIVE) === 0) pages.activate(page);
          if (what === 'deactivate') pages.deactivate(page);
          if (what === 'wire' && page.wireCount === 0) {
            pages.unqueue(page);
            page.wireCount = 1;
          }
          if (what === 'free' && (page.flags & PG_BUSY) === 0) {
            pages.release(page);
            naive.delete(key);
          }
        }
      }
      for (const [name, flag] of QUEUES) {
        const queued = walk(pages[name]);
        expect(pages[name].count).toBe(queued.length);
        expect(new Set(queued)).toEqual(
          new Set(pages.frames.slice(0, 10).filter((p) => (p.flags & flag) !== 0)),
        );
      }
      for (const page of pages.frames.slice(0, 10)) {
        const on = QUEUES.filter(([, flag]) => (page.flags & flag) !== 0).length;
        expect(on).toBeLessThanOrEqual(page.wireCount > 0 ? 0 : 1);
        expect((page.flags & PG_TABLED) !== 0).toBe((page.flags & PG_FREE) === 0);
      }
      for (const [which, object] of known.entries()) {
        for (let index = 0; index <= 7; index++)
          expect(pages.lookup(object, index * 64)).toBe(naive.get(`${which} ${index}`) ?? null);
        const own = [...naive].filter(([key]) => key.startsWith(`${which} `)).map(([, page]) => page);
        // the list is in order of allocation
        expect(pagesOf(object)).toEqual(own);
        expect(object.residentPageCount).toBe(own.length);
      }
    },
  );

  it('are handed out busy, tabled, empty, on no queue, full of poison', () => {
    const { pages, objects, memory } = machine(10);
    const object = objects.allocate(1024);
    const first = pages.allocate(object, 128)!;
    first.valid = 0xff;
    first.dirty = 3;
    first.modified = true;
    first.busy = 0;
    pages.wakeup(first);
    pages.release(first);
    for (let i = 0; i < 10; i++) {
      const page = pages.allocate(object, i * 64)!;
      expect(page).toMatchObject({
        flags: PG_BUSY | PG_TABLED,
        valid: 0,
        dirty: 0,
        busy: 0,
        modified: false,
      });
      const at = pages.addressOf(page);
      for (let byte = 0; byte < 64; byte++)
        expect(memory.bytes[at + byte]).toBe(patternByte(STAMP_POISON, page.frame * 64 + byte));
    }
    expect(pages.allocate(object, 1024)).toBeNull();
    expect(pages.free.count).toBe(0);
  });

  it('on the cache queue are as good as free', () => {
    const { pages, objects } = machine(10);
    const object = objects.allocate(1024);
    for (let i = 0; i < 10; i++) pages.allocate(object, i * 64);
    const victim = pages.lookup(object, 192)!;
    pages.wakeup(victim);
    victim.flags |= PG_CACHE;
    pages.cache.append(victim);
    expect(pages.allocate(object, 1024)).toBe(victim);
    expect(pages.lookup(object, 192)).toBeNull();
    expect(pages.lookup(object, 1024)).toBe(victim);
  });

  it.each<[string, (page: Page) => void, RegExp]>([
    ['busy', () => {}, /busy/],
    ['in I/O', (page) => void ((page.flags &= ~PG_BUSY), (page.busy = 1)), /busy/],
    ['mapped by buffers', (page) => void ((page.flags &= ~PG_BUSY), (page.bmapped = 1)), /buffers/],
    ['wired twice', (page) => void ((page.flags &= ~PG_BUSY), (page.wireCount = 2)), /wired/],
    ['free', (page) => void (page.flags = PG_FREE), /free already/],
  ])('are not freed while %s', (_name, make, message) => {
    const { pages, objects } = machine(10);
    const page = pages.allocate(objects.allocate(64), 0)!;
    make(page);
    expect(() => pages.release(page)).toThrow(KernelStop);
    expect(() => pages.release(page)).toThrow(message);
  });

  it('that are active are not activated again', () => {
    const { pages, objects } = machine(10);
    const page = pages.allocate(objects.allocate(64), 0)!;
    pages.activate(page);
    expect(() => pages.activate(page)).toThrow(/already active/);
  });

  it('that are wired or held are not deactivated', () => {
    const { pages, objects } = machine(10);
    const page = pages.allocate(objects.allocate(64), 0)!;
    page.holdCount = 1;
    pages.deactivate(page);
    expect(page.flags & PG_INACTIVE).toBe(0);
    page.holdCount = 0;
    page.wireCount = 1;
    pages.deactivate(page);
    expect(page.flags & PG_INACTIVE).toBe(0);
  });

  it.each([
    [
      'named and not on it',
      PG_ACTIVE,
      PG_INACTIVE,
      /taken off a queue that its flags name and that it is not on/,
    ],
    ['on and not named', 0, PG_INACTIVE, /on one that its flags do not name/],
  ])('trap before they corrupt a queue that is %s', (_, set, clear, message) => {
    const { pages, objects } = machine(10);
    const page = pages.allocate(objects.allocate(64), 0)!;
    pages.wakeup(page);
    pages.deactivate(page);
    page.flags = (page.flags | set) & ~clear;
    expect(() => pages.release(page)).toThrow(message);
  });

  it('lose the wish of their waiters when they are woken', () => {
    const { pages, objects } = machine(10);
    const page = pages.allocate(objects.allocate(64), 0)!;
    page.flags |= PG_WANTED;
    pages.wakeup(page);
    expect(page.flags & (PG_WANTED | PG_BUSY)).toBe(0);
  });
});

describe('masks and modified bits', () => {
  const fresh = (): { pages: Kernel['pages']; page: Page; memory: Kernel['memory'] } => {
    const { pages, objects, memory } = machine(10);
    return { pages, memory, page: pages.allocate(objects.allocate(64), 0)! };
  };

  it('a mapping that goes leaves what was modified dirty', () => {
    const { pages, page } = fresh();
    Object.assign(page, { mapped: true, writable: true, modified: true });
    pages.unmap(page);
    expect(page).toMatchObject({ mapped: false, writable: false, modified: false, dirty: 0xff });
    page.dirty = 0;
    pages.unmap(page);
    expect(page.dirty).toBe(0);
  });

  it('the test for dirt believes the mapping and keeps its bit', () => {
    const { pages, page } = fresh();
    page.modified = true;
    pages.testDirty(page);
    expect(page).toMatchObject({ dirty: 0xff, modified: true });
  });

  it('only a whole page that is cleaned loses its modified bit', () => {
    const { pages, page } = fresh();
    Object.assign(page, { dirty: 0xff, modified: true });
    pages.setClean(page, 8, 16);
    expect(page).toMatchObject({ dirty: 0xf9, modified: true });
    pages.setClean(page, 0, 64);
    expect(page).toMatchObject({ dirty: 0, modified: false });
  });

  test.prop([fc.nat({ max: 0xff })])('a zero fill keeps what is valid', (valid) => {
    const { pages, page, memory } = fresh();
    page.valid = valid;
    const at = pages.addressOf(page);
    const before = memory.bytes.slice(at, at + 64);
    pages.zeroInvalid(page);
    expect(page.valid).toBe(0xff);
    for (let byte = 0; byte < 64; byte++) {
      const kept = ((valid >> (byte >> 3)) & 1) === 1;
      expect(memory.bytes[at + byte]).toBe(kept ? before[byte] : 0);
    }
  });
});
