/**
 * Guards memory objects: references, the cache and its limit, the order of a termination, waiting for paging in progress, and
 * the removal of pages.
 */
import { describe, expect, it } from 'vitest';
import type { Kernel } from '../../src/kernel/kernel.ts';
import {
  NOT_ANNOUNCED,
  VmPager,
  type Page,
  type Sleeps,
  type VmObject,
} from '../../src/kernel/structures.ts';
import { operation } from '../../src/scenario/operations.ts';
import { OBJ_CANPERSIST, OBJ_DEAD, OBJ_INTERNAL, PG_WANTED } from '../../src/trace/codes.ts';
import { compose } from '../../src/trace/compose.ts';
import type { PartialObserver } from '../../src/trace/observer.ts';
import { fileSystem, makeScenario, World, type Changes } from './support/world.ts';

const world = new World();

/** Runs operations of one thread with a correct pager, and says in short words what happened. */
function tell(
  steps: Parameters<typeof operation>[3][],
  kinds: Parameters<typeof operation>[2][],
  changes: Changes = {},
): string[] {
  const log: string[] = [];
  const observer: PartialObserver = {
    pagerCall: (call) => {
      if (['putmulti', 'dealloc', 'alloc'].includes(call.function))
        log.push(`${call.function} of ${call.file}`);
    },
    objectCreated: (object) => void log.push(`object ${object} created`),
    objectDying: (object) => void log.push(`object ${object} dying`),
    objectFreed: (object) => void log.push(`object ${object} freed`),
    operationBegin: (_thread, { kind }) => void log.push(`${kind}:`),
    settlementBegin: () => void log.push('settlement:'),
  };
  const operations = kinds.map((kind, i) => operation(i + 1, 0, kind, steps[i] ?? {}));
  const result = world.kernel.run(makeScenario({ operations, ...changes }), compose([observer]));
  expect(result.ending).toBe('completed');
  return log;
}

const FOUR = { files: Array.from({ length: 4 }, () => ({ fileSystem: 0, size: 64 })) };

describe('the cache', () => {
  it('keeps unreferenced objects up to its limit, and gives up the oldest', () => {
    const kinds = ['map', 'map', 'map', 'unmap', 'unmap', 'unmap', 'map'] as const;
    const files = [0, 1, 2, 1, 0, 2, 0].map((file) => ({ file }));
    const log = tell(files, [...kinds], { ...FOUR, geometry: { cachedObjects: 2 } });
    expect(log.slice(log.indexOf('unmap:'))).toEqual([
      'unmap:',
      'unmap:',
      'unmap:',
      'object 1 dying',
      'dealloc of 1',
      'object 1 freed',
      'map:',
      'alloc of 0',
      'settlement:',
      // file 2 and then file 0 are cached, which fits; then the oldest goes first
      'object 2 dying',
      'dealloc of 2',
      'object 2 freed',
      'object 0 dying',
      'dealloc of 0',
      'object 0 freed',
    ]);
    expect(log.filter((line) => line.endsWith('freed')).length).toBe(3);
  });

  it('may keep none', () => {
    const log = tell([], ['map', 'unmap'], { geometry: { cachedObjects: 0 } });
    expect(log).toEqual([
      'map:',
      'alloc of 0',
      'object 0 created',
      'unmap:',
      'object 0 dying',
      'dealloc of 0',
      'object 0 freed',
      'settlement:',
    ]);
  });

  it('gives up an object whose references a pager has upset, and does not go on for ever', () => {
    const operations = [operation(1, 0, 'map'), operation(2, 0, 'unmap'), operation(3, 0, 'nullpager')];
    const { ending } = world.play(
      [
        ({ objects }) => {
          expect(objects.cached).toEqual([objects.all[0]]);
          objects.all[0]!.refCount = 5;
        },
      ],
      { operations },
    );
    expect(ending).toBe('completed');
    expect(world.kernel.objects.cached).toEqual([]);
  });

  it('does not take an object twice', () => {
    const operations = [operation(1, 0, 'map'), operation(2, 0, 'unmap'), operation(3, 0, 'nullpager')];
    const { ending, detail } = world.play(
      [
        ({ objects }) => {
          objects.reference(objects.all[0]!);
          objects.deallocate(objects.all[0]!);
        },
      ],
      { operations },
    );
    expect([ending, detail]).toEqual(['trap', 'file 0 is on the list of cached objects twice']);
  });

  it('gives an object back to who asks for it, with its pages', () => {
    const log = tell([{}, { page: 1 }, {}, {}, { page: 1 }], ['map', 'fault', 'unmap', 'map', 'fault']);
    expect(log.filter((line) => line.includes('created')).length).toBe(1);
  });
});

describe('a termination', () => {
  it('marks, writes, frees the pager, then the object', () => {
    const log = tell([{ offset: 5, length: 3 }], ['store', 'unmap'], { geometry: { cachedObjects: 0 } });
    expect(log.slice(log.indexOf('unmap:'))).toEqual([
      'unmap:',
      'object 0 dying',
      'putmulti of 0',
      'dealloc of 0',
      'object 0 freed',
      'settlement:',
    ]);
  });

  it('finds nothing left of it afterwards', () => {
    tell([{ offset: 5, length: 3 }], ['store', 'unmap'], { geometry: { cachedObjects: 0 } });
    const { pages, objects, vnodes, boundary } = world.kernel;
    expect(pages.free.count).toBe(48);
    expect(objects.all[0]).toMatchObject({
      alive: false,
      residentPageCount: 0,
      firstPage: null,
      pagingInProgress: 0,
    });
    expect(vnodes.files[0]).toMatchObject({ vVmdata: null, vUsecount: 0 });
    expect(boundary.vnodePagerList.first).toBeNull();
  });
});

/** An object with pages of the given offsets, not busy. */
function objectWith(kernel: Kernel, ...offsets: number[]): [VmObject, Page[]] {
  const object = kernel.objects.allocate(1024);
  const found = offsets.map((offset) => kernel.pages.allocate(object, offset)!);
  for (const page of found) kernel.pages.wakeup(page);
  return [object, found];
}

describe('paging in progress', () => {
  it('is waited for before an object goes, and zero is told', () => {
    const log: string[] = [];
    let object: VmObject | null = null;
    const result = world.play(
      [
        function* (kernel): Sleeps<void> {
          [object] = objectWith(kernel, 0);
          kernel.objects.claim(object, 2);
          if (kernel.objects.deallocate(object) === null) yield* kernel.threads.blocked();
          log.push(`gone ${!object.alive}`);
        },
        (kernel) => {
          kernel.objects.unclaim(object!, 1);
          log.push(`one claim less, dead ${(object!.flags & OBJ_DEAD) !== 0}`);
          kernel.objects.unclaim(object!, 1);
          log.push('no claim');
        },
      ],
      {},
      { wakeup: (channel) => void log.push(`wakeup ${channel}`) },
    );
    expect(result.ending).toBe('completed');
    expect(log).toEqual(['one claim less, dead true', 'wakeup object', 'no claim', 'gone true']);
  });

  it('counts in sixteen bits', () => {
    world.play([], {});
    const [object] = objectWith(world.kernel);
    world.kernel.objects.unclaim(object, 1);
    expect(object.pagingInProgress).toBe(65_535);
    world.kernel.objects.claim(object, 3);
    expect(object.pagingInProgress).toBe(2);
  });
});

describe('the removal of pages', () => {
  it('takes the pages of the range, dirty or not, and leaves those that buffers map', () => {
    world.play([], {});
    const { kernel } = world;
    const [object, found] = objectWith(kernel, 0, 64, 128, 192);
    found[1]!.dirty = 0xff;
    found[2]!.bmapped = 1;
    // the beginning counts down, the end up
    expect(kernel.objects.pageRemove(object, 100, 130)).toBe(0);
    expect([0, 64, 128, 192].map((offset) => kernel.pages.lookup(object, offset) !== null)).toEqual([
      true,
      false,
      true,
      true,
    ]);
    expect(object.pagingInProgress).toBe(0);
  });

  it('waits for busy pages, claiming the object meanwhile', () => {
    const log: string[] = [];
    let object: VmObject | null = null;
    let busy: Page | null = null;
    const result = world.play([
      function* (kernel): Sleeps<void> {
        const [made, found] = objectWith(kernel, 0, 64);
        object = made;
        [, busy] = found as [Page, Page];
        kernel.pages.makeBusy(busy);
        if (kernel.objects.pageRemove(object, 0, 128) === null) yield* kernel.threads.blocked();
        log.push(`pages left ${object.residentPageCount}, claims ${object.pagingInProgress}`);
      },
      (kernel) => {
        log.push(`pages left ${object!.residentPageCount}, claims ${object!.pagingInProgress}`);
        expect(busy!.flags & PG_WANTED).toBe(PG_WANTED);
        kernel.pages.wakeup(busy!);
      },
    ]);
    expect(result.ending).toBe('completed');
    expect(log).toEqual(['pages left 1, claims 1', 'pages left 0, claims 0']);
  });
});

describe('an object', () => {
  it('begins with one reference, internal, without pages', () => {
    world.play([], {});
    const object = world.kernel.objects.allocate(2 ** 32 + 64);
    expect(object).toMatchObject({
      refCount: 1,
      flags: OBJ_INTERNAL,
      pagingInProgress: 0,
      size: 64,
      pager: null,
    });
  });

  it('is found by its pager only when both ends of the link are there', () => {
    world.play([], {});
    const { objects } = world.kernel;
    const object = objects.allocate(64);
    const pager = new VmPager();
    expect(objects.lookup(pager)).toBeNull();
    objects.enter(object, pager);
    expect(object.flags & OBJ_CANPERSIST).toBe(OBJ_CANPERSIST);
    expect(objects.lookup(pager)).toBeNull();
    objects.setPager(object, pager, 0);
    expect(objects.lookup(pager)).toBe(object);
    expect(object.refCount).toBe(2);
    expect(() => objects.setPager(object, new VmPager(), 0)).toThrow(/another pager/);
  });

  it('that was freed traps', () => {
    world.play([], {});
    const { objects } = world.kernel;
    const object = objects.allocate(64);
    object.alive = false;
    expect(() => objects.reference(object)).toThrow(/after it was freed/);
    expect(() => objects.deallocate(object)).toThrow(/after it was freed/);
  });

  it('has its number reused, when it is free and not before', () => {
    world.play([], {});
    const { objects } = world.kernel;
    const first = objects.allocate(64);
    const second = objects.allocate(64);
    // nobody told the next one's pager what the first one's was told
    first.announcedSize = 32;
    first.alive = false;
    expect([first.id, second.id, objects.allocate(64).id, objects.allocate(64).id]).toEqual([0, 1, 0, 2]);
    expect(objects.all[0]!.announcedSize).toBe(NOT_ANNOUNCED);
  });

  it('whose cleaning the pager never ends is not cleaned for ever', () => {
    // every put answers AGAIN: the defect that offers pages again
    const scenario = makeScenario({
      fileSystems: [fileSystem()],
      operations: [operation(1, 0, 'store', { offset: 0, length: 1 })],
    });
    const { kernel } = world;
    const { pager } = kernel.pagerCalls;
    const original = pager.putmulti.bind(pager);
    pager.putmulti = function* (_pager, _m, count, _sync, rtvals) {
      rtvals.fill(5, 0, count);
      return 5;
    };
    const result = { ...kernel.run(scenario, null) };
    pager.putmulti = original;
    expect(result.ending).toBe('bound');
    expect(result.detail).toMatch(/AGAIN/);
  });
});
