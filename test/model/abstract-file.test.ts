/**
 * The laws of the abstract file. A lawful history of faults, stores, puts, file writes, size changes and frees, played by a plain
 * world that follows the contracts, is never objected to; and one byte changed behind the model's back, in a page or on the disk,
 * always is, unless nobody could see it.
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { patternByte, STAMP_OPERATION } from '../../src/scenario/pattern.ts';
import { VM_PAGER_ERROR } from '../../src/trace/codes.ts';
import { PAGE, SECTOR } from './support/scene.ts';
import type { Stage } from './support/stage.ts';
import { judged } from '../properties/support/judged.ts';

const PAGES = 4;
const SIZE_MAX = PAGES * PAGE;

type Step =
  | { do: 'fault' | 'put' | 'failed-put' | 'free' | 'read'; page: number }
  | { do: 'store'; page: number; from: number; length: number; id: number }
  | { do: 'write'; offset: number; length: number; id: number }
  | { do: 'resize'; size: number };

const page = fc.nat({ max: PAGES - 1 });
const id = fc.integer({ min: 2, max: 60 });

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ do: fc.constantFrom('fault', 'put', 'free', 'read'), page }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('failed-put'), page }) },
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant('store'),
      page,
      from: fc.nat({ max: PAGE - 1 }),
      length: fc.integer({ min: 1, max: PAGE }),
      id,
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('write'),
      offset: fc.nat({ max: SIZE_MAX - 1 }),
      length: fc.integer({ min: 1, max: 90 }),
      id,
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constant('resize'), size: fc.integer({ min: 1, max: SIZE_MAX }) }),
  },
);

/** Plays lawful steps on a stage: one file with every block, on a file system without shared buffers. */
class Player {
  readonly stage: Stage;

  constructor(stage: Stage) {
    this.stage = stage;
    stage.object(0);
  }

  get size(): number {
    return this.stage.fileList[0]!.size;
  }

  resident(index: number): number {
    return this.stage.lookup(0, index);
  }

  play(what: Step): void {
    switch (what.do) {
      case 'fault':
        this.fault(what.page);
        break;
      case 'put':
      case 'failed-put':
        this.put(what.page, what.do === 'failed-put');
        break;
      case 'free':
        this.free(what.page);
        break;
      case 'read':
        this.read(what.page);
        break;
      case 'store':
        this.store(what);
        break;
      case 'write':
        this.write(what);
        break;
      case 'resize':
        this.resize(what.size);
        break;
    }
  }

  private fault(index: number): void {
    if (index * PAGE >= this.size) return;
    const frame = this.resident(index);
    if (frame < 0) {
      this.stage.fault(0, index);
      return;
    }
    this.stage.busy(frame);
    this.stage.wakeup(frame);
  }

  private put(index: number, fails: boolean): void {
    const frame = this.resident(index);
    if (frame < 0 || this.stage.pages[frame]!.dirty === 0) return;
    // a put zeroes what it carries past EOF
    const past = Math.max(0, this.size - index * PAGE);
    this.stage.memory.fill(
      0,
      frame * PAGE + past,
      frame * PAGE + Math.min(PAGE, Math.ceil(past / SECTOR) * SECTOR),
    );
    this.stage.put(0, [frame], [fails ? VM_PAGER_ERROR : 0], { failed: fails });
    if (fails) this.stage.save(frame, 0x55);
  }

  private free(index: number): void {
    const frame = this.resident(index);
    if (frame >= 0 && this.stage.pages[frame]!.dirty === 0) this.stage.free(frame);
  }

  private read(index: number): void {
    const length = Math.min(PAGE, this.size - index * PAGE);
    if (length <= 0) return;
    const at = this.stage.geometry.frames * PAGE;
    this.stage.memory.set(this.stage.fileBytes(0, index), at);
    this.stage.observer.delivered(0, 0, index * PAGE, length, at);
  }

  private store(what: { page: number; from: number; length: number; id: number }): void {
    this.fault(what.page);
    const frame = this.resident(what.page);
    if (frame >= 0) this.stage.store(frame, what.from, Math.min(what.length, PAGE - what.from), what.id);
  }

  private write(what: { offset: number; length: number; id: number }): void {
    const length = Math.min(what.length, this.size - what.offset);
    if (length <= 0) return;
    const stamp = STAMP_OPERATION + what.id;
    for (let at = what.offset; at < what.offset + length; at++)
      this.stage.disk[this.placeOf(at)] = patternByte(stamp, at);
    this.stage.observer.written(0, 0, what.offset, length, stamp);
  }

  private placeOf(position: number): number {
    return this.stage.map[0]!.get(Math.floor(position / PAGE))! * SECTOR + (position % PAGE);
  }

  /** The blocks stay; a growing file zeroes the page with the old EOF and marks it dirty, as the contracts ask. */
  private resize(size: number): void {
    const old = this.size;
    this.stage.resize(0, size);
    if (size <= old || old % PAGE === 0) return;
    const frame = this.resident(Math.floor(old / PAGE));
    if (frame < 0) return;
    this.stage.memory.fill(0, frame * PAGE + (old % PAGE), (frame + 1) * PAGE);
    for (let b = old % PAGE; b < PAGE; b++) this.stage.pages[frame]!.dirty |= 1 << Math.floor(b / SECTOR);
  }

  /** Saves what is dirty and gives everything up. */
  settle(): void {
    for (let index = 0; index < PAGES; index++) this.put(index, false);
    this.stage.settle();
  }
}

/** Every block is there, also past the first EOF. */
const SETTING = {
  files: [{ fileSystem: 0, size: 200, extents: [{ block: 0, sector: 40, count: PAGES }] }],
};

const BYTES = new Set([
  'page-contents',
  'put-reaches-disk',
  'put-keeps-memory',
  'clean-means-saved',
  'read-contents',
  'file-on-disk',
]);

/** Resizing is played in one step, so the page must be right before setsize returns. */
function play(steps: readonly Step[]): { player: Player; complaints: () => string[] } {
  const { stage, judge } = judged(SETTING);
  const player = new Player(stage);
  for (const one of steps) player.play(one);
  return {
    player,
    complaints: () =>
      judge.violations.filter((one) => BYTES.has(one.property)).map((one) => `${one.property}: ${one.what}`),
  };
}

describe('a lawful history', () => {
  it('is never objected to', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        const { player, complaints } = play(steps);
        player.settle();
        expect(complaints()).toEqual([]);
      }),
      { numRuns: 500 },
    );
  });

  it('in which one byte of a resident page changes is objected to when the page is handed over', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 25 }), page, fc.nat({ max: PAGE - 1 }), (steps, index, at) => {
        const { player, complaints } = play(steps);
        const frame = player.resident(index);
        fc.pre(frame >= 0 && index * PAGE + at < player.size);
        player.stage.memory[frame * PAGE + at]! ^= 0x80;
        player.stage.busy(frame);
        player.stage.wakeup(frame);
        expect(complaints()).toHaveLength(1);
      }),
      { numRuns: 300 },
    );
  });

  it('after which one byte of the disk changes is objected to at settlement', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 25 }), page, fc.nat({ max: PAGE - 1 }), (steps, index, at) => {
        const { player, complaints } = play(steps.filter((one) => one.do !== 'failed-put'));
        const position = index * PAGE + at;
        fc.pre(player.resident(index) < 0 && position < player.size);
        // somebody looked at the page
        player.play({ do: 'read', page: index });
        player.stage.disk[player.stage.map[0]!.get(index)! * SECTOR + at]! ^= 0x80;
        player.settle();
        expect(complaints()).toHaveLength(1);
      }),
      { numRuns: 300 },
    );
  });
});
