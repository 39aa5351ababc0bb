/**
 * What is executed: scenarios of a suite, drawn beforehand so that generating them is not part of what is measured, and worlds
 * of a chosen length and size for the question whether the cost of an operation stays flat.
 */
import { Random } from '../properties/arbitraries/random.ts';
import type { Suite } from '../properties/suite.ts';
import { seedOfRun } from '../src/engine/seeds.ts';
import { operation } from '../src/scenario/operations.ts';
import {
  SCENARIO_VERSION,
  SMALL_GEOMETRY,
  type Operation,
  type Scenario,
  type TargetChoice,
} from '../src/scenario/scenario.ts';

const REPAIRED: TargetChoice = { name: 'reference', form: 'repaired', switches: [] };

/** Draws scenarios of a suite until `count` of them are wanted. */
export function draw(
  suite: Suite,
  seed: number,
  count: number,
  isWanted: (scenario: Scenario) => boolean = () => true,
): Scenario[] {
  const random = new Random(0);
  const drawn: Scenario[] = [];
  for (let run = 0; drawn.length < count; run++) {
    random.seed(seedOfRun(seed, suite.name, run));
    const scenario = suite.generate(random);
    scenario.target = REPAIRED;
    if (isWanted(scenario)) drawn.push(scenario);
  }
  return drawn;
}

function world(pages: number, operations: Operation[]): Scenario {
  const { pageSize, sectorSize } = SMALL_GEOMETRY;
  return {
    version: SCENARIO_VERSION,
    geometry: { ...SMALL_GEOMETRY, diskSectors: (pages * pageSize) / sectorSize + 256 },
    options: { diagnostic: false, faultChecksSize: false },
    fileSystems: [
      {
        blockMap: 'disk',
        blockSize: 2 * pageSize,
        pastEnd: 'hole',
        fragmentSize: 0,
        sharedBuffers: false,
        truncateOrder: 'setsize-last',
        tail: 'pattern',
        clearsTail: false,
        delayedBlocks: false,
      },
    ],
    files: [{ fileSystem: 0, size: pages * pageSize }],
    threads: 1,
    operations,
    schedule: [],
    faults: [],
    media: [],
    target: REPAIRED,
  };
}

/** Pages of the file that are touched, spread evenly through it. */
export const TOUCHED = 8;

/** Operations of a turn: one page is brought in by a fault and one by a direct call, stored into, cleaned and freed. */
export const TURN = 10;

/**
 * Turn after turn over `TOUCHED` pages of a file of `pages` pages, `length` operations in all. A turn leaves no page in memory, so
 * that the next brings its pages in anew: an operation of the last turn has as much to do as one of the first, and scenarios of
 * any length and size do the same work an operation. Of `length` 0 there is only what every scenario costs: to make the world, to
 * end it, and to compare all of the file with the disk.
 */
export function spread(pages: number, length: number): Scenario {
  const { pageSize } = SMALL_GEOMETRY;
  const step = Math.floor(pages / TOUCHED);
  const operations: Operation[] = [];
  for (let id = 1; id <= length; id++) {
    const page = (Math.floor((2 * (id - 1)) / TURN) % TOUCHED) * step;
    const at = (id - 1) % TURN;
    switch (at % (TURN / 2)) {
      case 0:
        operations.push(
          at === 0 ? operation(id, 0, 'fault', { page }) : operation(id, 0, 'get', { page, count: 1 }),
        );
        break;
      case 1:
        operations.push(operation(id, 0, 'store', { offset: page * pageSize + 3, length: 5 }));
        break;
      case 2:
        operations.push(operation(id, 0, 'pageout', { page }));
        break;
      case 3:
        operations.push(operation(id, 0, 'haspage', { page }));
        break;
      default:
        operations.push(operation(id, 0, 'reclaim', { count: 2 * TOUCHED }));
    }
  }
  return world(pages, operations);
}
