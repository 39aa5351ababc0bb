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

/** Pages that every turn of the mix touches. */
export const TOUCHED = 8;

/**
 * A mix of faults, stores, page-outs and direct calls over `TOUCHED` pages spread evenly through a file of `pages` pages;
 * `length` operations, so that scenarios of any length and size do the same work an operation.
 */
export function spread(pages: number, length: number): Scenario {
  const { pageSize } = SMALL_GEOMETRY;
  const step = Math.floor(pages / TOUCHED);
  const operations: Operation[] = [];
  for (let id = 1; id <= length; id++) {
    const page = (Math.floor(id / 5) % TOUCHED) * step;
    const offset = page * pageSize + (id % pageSize);
    switch (id % 5) {
      case 1:
        operations.push(operation(id, 0, 'fault', { page }));
        break;
      case 2:
        operations.push(
          operation(id, 0, 'store', { offset, length: Math.min(5, pageSize - (offset % pageSize)) }),
        );
        break;
      case 3:
        operations.push(operation(id, 0, 'pageout', { page }));
        break;
      case 4:
        operations.push(operation(id, 0, 'haspage', { page }));
        break;
      default:
        operations.push(operation(id, 0, 'get', { page, count: 1 }));
    }
  }
  return world(pages, operations);
}
