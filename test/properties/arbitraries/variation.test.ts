/**
 * Guards variations: each is a scenario that a file could hold, is a function of the random source and the parent alone, keeps the
 * parent's operations with their exceptions in their order, and leaves the parent as it was.
 */
import { describe, expect, it } from 'vitest';
import { Random } from '../../../properties/arbitraries/random.ts';
import { SUITES } from '../../../properties/suites/catalogue.ts';
import { cloneScenario } from '../../../src/scenario/compare.ts';
import { checkScenario } from '../../../src/scenario/codec.ts';
import type { Scenario } from '../../../src/scenario/scenario.ts';
import { createReferenceTarget } from '../../../src/targets/reference.ts';

const COUNT = 40;

/** Pairs of parent and child: a third of the parents are variations themselves. */
function* pairs(suite: (typeof SUITES)[number], count: number): Generator<[Scenario, Scenario]> {
  const random = new Random(7);
  let parent = suite.generate(random);
  for (let i = 0; i < count; i++) {
    const child = suite.vary(random, parent);
    yield [parent, child];
    parent = i % 3 === 0 ? child : suite.generate(random);
  }
}

describe.each(SUITES)('variations of suite $name', (suite) => {
  it('are scenarios that a file could hold, and run to an end', () => {
    const target = createReferenceTarget();
    for (const [, child] of pairs(suite, COUNT)) {
      expect(checkScenario(child)).toEqual([]);
      expect(target.execute(child, null).ending).toBe('completed');
    }
  });

  it('keep the operations of the parent in their order, and all that departs in them', () => {
    for (const [parent, child] of pairs(suite, COUNT)) {
      const own = new Set(parent.operations.map(({ id }) => id));
      expect(child.operations.filter(({ id }) => own.has(id))).toEqual(parent.operations);
      expect(child.operations.length).toBeGreaterThan(parent.operations.length);
      const daemon = parent.threads;
      for (const list of ['schedule', 'faults'] as const) {
        expect(child[list]).toEqual(
          expect.arrayContaining(
            parent[list].map((one) => (one.thread === daemon ? { ...one, thread: child.threads } : one)),
          ),
        );
      }
    }
  });

  it('are a function of the random source and the parent, which they leave as it was', () => {
    const parent = suite.generate(new Random(3));
    const before = cloneScenario(parent);
    const vary = (seed: number): Scenario => suite.vary(new Random(seed), parent);
    expect(vary(1)).toEqual(vary(1));
    expect(vary(1)).not.toEqual(vary(2));
    expect(parent).toEqual(before);
  });
});

it('variations change sizes of the machine, files and file systems now and then', () => {
  const suite = SUITES.find(({ name }) => name === 'mixed')!;
  const changed = { geometry: 0, fileSystems: 0, files: 0, threads: 0, nothing: 0 };
  for (const [parent, child] of pairs(suite, 400)) {
    let isSame = true;
    for (const what of ['geometry', 'fileSystems', 'files', 'threads'] as const) {
      if (JSON.stringify(parent[what]) === JSON.stringify(child[what])) continue;
      changed[what]++;
      isSame = false;
    }
    if (isSame) changed.nothing++;
  }
  expect(Object.values(changed).filter((count) => count < 10)).toEqual([]);
});
