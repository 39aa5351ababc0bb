/**
 * Guards the storage of the abstract files: records are found again, frames are forgotten when they are freed, slots are reused,
 * and a run leaves nothing to the next.
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { INHERITED, NONE, PageStore } from '../../model/page-store.ts';
import { scenarioOf } from './support/scene.ts';

function storeOf(): PageStore {
  const store = new PageStore();
  store.begin(scenarioOf().geometry, 3);
  return store;
}

describe('records', () => {
  it('are found by file and page, near and far', () => {
    const store = storeOf();
    const pages = [0, 1, 255, 256, 2 ** 24, 2 ** 38];
    const records = pages.map((page) => store.create(2, page));
    expect(pages.map((page) => store.find(2, page))).toEqual(records);
    expect(pages.map((page) => store.find(1, page))).toEqual(pages.map(() => NONE));
    store.begin(scenarioOf().geometry, 3);
    expect(pages.map((page) => store.find(2, page))).toEqual(pages.map(() => NONE));
  });

  it('keep their bytes when the arena grows', () => {
    const store = storeOf();
    const first = store.create(0, 0);
    store.arena.bytes.fill(7, 0, 64);
    for (let page = 1; page < 500; page++) store.create(0, page);
    expect(store.arena.bytes[store.recordSlot[first]! * 64 + 63]).toBe(7);
  });
});

describe('frames', () => {
  it('forget everything when they are given away', () => {
    const store = storeOf();
    store.table(3, 0, 5);
    store.frameOverlay[3] = store.arena.take();
    store.framePending[3] = 0xff;
    store.doubtFrame(3, 0, 8);
    store.table(3, 1, 2);
    expect([
      store.frameFile[3],
      store.framePage[3],
      store.frameOverlay[3],
      store.framePending[3],
      store.frameDoubt[3],
    ]).toEqual([1, 2, NONE, 0, NONE]);
  });

  it('give their slots back for others', () => {
    const store = storeOf();
    store.table(0, 0, 0);
    const slot = store.arena.take();
    store.frameOverlay[0] = slot;
    store.untable(0);
    expect(store.arena.take()).toBe(slot);
  });

  it('are forgotten by the next run', () => {
    const store = storeOf();
    store.table(9, 0, 0);
    store.frameKnown[9] = 3;
    store.begin(scenarioOf().geometry, 3);
    expect([store.frameFile[9], store.frameKnown[9], store.framesUsed]).toEqual([NONE, 0, 0]);
  });
});

describe('doubts', () => {
  it('are kept per byte, and given back with the last', () => {
    const store = storeOf();
    const record = store.create(0, 0);
    store.doubtRecord(record, 4, 8);
    expect([3, 4, 7, 8].map((at) => store.doubtsRecord(record, at))).toEqual([false, true, true, false]);
    store.trustRecord(record, 4, 6);
    expect(store.doubtsRecord(record, 5)).toBe(false);
    expect(store.recordDoubt[record]).not.toBe(NONE);
    store.trustRecord(record, 6, 64);
    expect(store.recordDoubt[record]).toBe(NONE);
  });

  it('do not come back with a slot that is reused', () => {
    const store = storeOf();
    store.table(0, 0, 0);
    store.doubtFrame(0, 0, 64);
    store.untable(0);
    store.table(1, 0, 1);
    store.doubtFrame(1, 0, 1);
    expect(store.doubtsFrame(1, 1)).toBe(false);
  });

  it('say where they come from', () => {
    const store = storeOf();
    store.table(0, 0, 0);
    store.doubtFrame(0, 0, 4, INHERITED);
    store.doubtFrame(0, 2, 6);
    expect([0, 2, 5, 6].map((at) => store.inheritsDoubt(0, at))).toEqual([true, false, false, false]);
    expect([0, 2, 5, 6].map((at) => store.doubtsFrame(0, at))).toEqual([true, true, true, false]);
  });
});

it('goes through the runs of any mask', () => {
  const store = storeOf();
  fc.assert(
    fc.property(fc.nat(0xfff), (mask) => {
      const chunks: number[] = [];
      for (let from = store.runStart(mask, 0), to = 0; from < 64; from = store.runStart(mask, to)) {
        to = store.runEnd(mask, from);
        // the longest that there is, and none behind the page
        expect(to).toBeLessThanOrEqual(64);
        if (to < 64) expect((mask >> (to / 8)) & 1).toBe(0);
        for (let at = from; at < to; at += 8) chunks.push(at / 8);
      }
      expect(chunks).toEqual([0, 1, 2, 3, 4, 5, 6, 7].filter((chunk) => ((mask >> chunk) & 1) !== 0));
    }),
  );
});

it('knows which chunks bytes touch', () => {
  const store = storeOf();
  expect([store.chunksOf(0, 64), store.chunksOf(0, 1), store.chunksOf(7, 2), store.chunksOf(56, 8)]).toEqual([
    0xff, 1, 3, 0x80,
  ]);
  expect(store.allBits).toBe(0xff);
});
