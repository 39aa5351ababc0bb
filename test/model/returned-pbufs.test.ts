/**
 * Guards that a pbuf which carried a transfer is found once when it has come back, not before and not again.
 */
import { beforeEach, expect, it } from 'vitest';
import { ReturnedPbufs } from '../../model/returned-pbufs.ts';
import { Stage } from './support/stage.ts';
import { scenarioOf } from './support/scene.ts';

const returned = new ReturnedPbufs();
let stage: Stage;

/** What a look finds. */
const found = (): number[] => {
  returned.collect(stage);
  return Array.from({ length: returned.count }, (_, i) => returned.at(i)).toSorted((a, b) => a - b);
};

beforeEach(() => {
  stage = new Stage(scenarioOf());
  returned.begin(stage.geometry.pbufs);
});

it('finds nothing of a pool that carried nothing', () => expect(found()).toEqual([]));

it('finds those that are free, and each once', () => {
  for (const pbuf of [0, 1, 3, 1]) returned.transferStart(pbuf);
  stage.pbufs[1]!.busy = true;
  expect(found()).toEqual([0, 3]);
  expect(found()).toEqual([]);
  stage.pbufs[1]!.busy = false;
  expect(found()).toEqual([1]);
  returned.transferStart(1);
  expect(found()).toEqual([1]);
});

it('shows nothing at a return after which nobody looks, and forgets nothing', () => {
  returned.transferStart(2);
  returned.none();
  expect(returned.count).toBe(0);
  expect(found()).toEqual([2]);
});

it('ignores numbers that there are not, also after a run with a larger pool', () => {
  returned.begin(64);
  returned.begin(stage.geometry.pbufs);
  for (const pbuf of [-1, stage.geometry.pbufs, 63]) returned.transferStart(pbuf);
  expect(found()).toEqual([]);
});

it('begins a run with nothing', () => {
  returned.transferStart(0);
  returned.begin(stage.geometry.pbufs);
  expect(found()).toEqual([]);
});
