/**
 * Guards the laws of the shrinker: every candidate is a scenario that a file could hold, strictly smaller by the measure, and the
 * candidates of a scenario are the same every time; the result still fails, does not get smaller when shrunk again, and for
 * failures whose smallest form is known it is that form. Without these a counterexample could change its bug or never end.
 */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { SUITES } from '../../properties/suites/catalogue.ts';
import { ScenarioArbitrary } from '../../src/engine/arbitrary.ts';
import { compareMeasures, measure } from '../../src/engine/shrink-measure.ts';
import { shrinkScenario } from '../../src/engine/shrink-run.ts';
import { candidates } from '../../src/engine/shrink.ts';
import { operation } from '../../src/scenario/operations.ts';
import { ALL_FILE_SYSTEMS, type Operation, type Scenario } from '../../src/scenario/scenario.ts';
import { complaintsAbout } from '../support/valid-scenario.ts';

const anySuite = fc.constantFrom(...SUITES).chain(({ generate }) => new ScenarioArbitrary(generate));

/** A few candidates from all over the list: all of one scenario are thousands. */
const SAMPLE = 23;

describe('candidates', () => {
  test('are scenarios that a file could hold', () => {
    fc.assert(
      fc.property(anySuite, (scenario) => {
        const sample = [...candidates(scenario)].filter((_, i) => i % SAMPLE === 0);
        const wrong = sample.flatMap((one) =>
          complaintsAbout(one.scenario).map((what) => `${placeOf(one)}: ${what}`),
        );
        expect(wrong).toEqual([]);
      }),
      { numRuns: 25, endOnFailure: true },
    );
  });

  test('are strictly smaller', () => {
    fc.assert(
      fc.property(anySuite, (scenario) => {
        const size = measure(scenario);
        const all = [...candidates(scenario)];
        const notSmaller = all.filter((one) => compareMeasures(measure(one.scenario), size) >= 0);
        expect(notSmaller.map(placeOf)).toEqual([]);
      }),
      { numRuns: 25, endOnFailure: true },
    );
  });

  test('leave the scenario as it was, and are the same when asked for again', () => {
    fc.assert(
      fc.property(anySuite, (scenario) => {
        const before = structuredClone(scenario);
        const places = [...candidates(scenario)].map(placeOf);
        expect(scenario).toEqual(before);
        expect([...candidates(scenario)].map(placeOf)).toEqual(places);
      }),
      { numRuns: 10, endOnFailure: true },
    );
  });

  test('are each offered once, also when the search goes on from the middle', () => {
    fc.assert(
      fc.property(anySuite, fc.double({ min: 0, max: 1, noNaN: true }), (scenario, point) => {
        const all = [...candidates(scenario)];
        fc.pre(all.length > 0);
        const from = all[Math.floor(point * (all.length - 1))]!.place;
        const places = [...candidates(scenario, from)].map(placeOf);
        expect(new Set(places).size).toBe(places.length);
        expect(places.toSorted()).toEqual(all.map(placeOf).toSorted());
      }),
      { numRuns: 10, endOnFailure: true },
    );
  });

  test('with a file system less still unmount all of them', () => {
    const base = draw(1);
    const scenario: Scenario = {
      ...base,
      fileSystems: [base.fileSystems[0]!, base.fileSystems[0]!],
      files: [{ fileSystem: 1, size: 8 }],
      operations: [operation(1, 0, 'unmount', { other: ALL_FILE_SYSTEMS })],
      schedule: [],
      faults: [],
    };
    const fewer = [...candidates(scenario)].filter((one) => one.scenario.fileSystems.length === 1);
    expect(fewer.length).toBeGreaterThan(0);
    for (const one of fewer)
      for (const { other } of one.scenario.operations) expect(other).toBe(ALL_FILE_SYSTEMS);
  });

  test('of the smallest scenario: there are none', () => {
    const { scenario } = shrinkScenario(draw(1), () => true);
    expect(scenario.operations).toEqual([]);
    expect([...candidates(scenario)]).toEqual([]);
  });
});

describe('trades', () => {
  const written = (operations: Operation[], size: number): Scenario => ({
    ...shrinkScenario(draw(1), () => true).scenario,
    files: [{ fileSystem: 0, size }],
    operations,
  });
  const shrunk = (scenario: Scenario, fails: (one: Scenario) => boolean): Scenario =>
    shrinkScenario(scenario, fails).scenario;
  /** How long the file is when the first fault comes. */
  const sizeAtFault = ({ files, operations }: Scenario): number => {
    let { size } = files[0]!;
    for (const { kind, offset, length } of operations) {
      if (kind === 'fault') return size;
      if (kind === 'truncate') size = Math.min(size, length);
      if (kind === 'extend') size = Math.max(size, length);
      if (kind === 'write') size = Math.max(size, offset + Math.max(1, length));
    }
    return -1;
  };

  test.each([
    ['a write', operation(1, 0, 'write', { offset: 1, length: 256 }), 0],
    ['a write of nothing said', operation(1, 0, 'write', { offset: 64 }), 0],
    ['an extension', operation(1, 0, 'extend', { length: 70 }), 0],
    ['a truncation', operation(1, 0, 'truncate', { length: 70 }), 200],
  ])('put a file of the size in the place of %s', (_, first, size) => {
    const scenario = written([first, operation(2, 0, 'fault', { page: 1 })], size);
    const wanted = sizeAtFault(scenario);
    const { files, operations } = shrunk(scenario, (one) => sizeAtFault(one) === wanted);
    expect(operations.map(({ kind }) => kind)).toEqual(['fault']);
    expect(files).toEqual([{ fileSystem: 0, size: wanted }]);
  });
});

/** Failures by the text of a scenario alone. */
const FAILURES: Record<string, { holds: (scenario: Scenario) => boolean; operations: number }> = {
  'a store after a truncate of the same file': {
    holds: (scenario) =>
      pairs(scenario).some(
        ([a, b]) => a.kind === 'truncate' && b.kind === 'store' && sameFile(scenario, a, b),
      ),
    operations: 2,
  },
  'two gets of adjacent pages': {
    holds: (scenario) =>
      pairs(scenario).some(
        ([a, b]) => a.kind === 'get' && b.kind === 'get' && sameFile(scenario, a, b) && b.page === a.page + 1,
      ),
    operations: 2,
  },
  'a put of a ragged mask': {
    holds: ({ operations }) => operations.some(({ kind, valid }) => kind === 'put' && (valid & 5) === 1),
    operations: 1,
  },
  'an operation of a second thread': {
    holds: ({ operations }) => operations.some(({ thread }) => thread > 0),
    operations: 1,
  },
  'a fault injected into a write': {
    holds: ({ operations, faults }) =>
      faults.some((fault) => operations.some(({ id, kind }) => id === fault.operation && kind === 'write')),
    operations: 1,
  },
  'a departure in the settlement': {
    holds: ({ schedule, faults }) => [...schedule, ...faults].some((one) => one.operation === 0),
    operations: 0,
  },
  'an extend past two pages': {
    holds: ({ operations, geometry }) =>
      operations.some(({ kind, length }) => kind === 'extend' && length > 2 * geometry.pageSize),
    operations: 1,
  },
  'a file in pieces': {
    holds: ({ files }) => files.some(({ extents }) => extents !== undefined && extents.length > 1),
    operations: 0,
  },
};

function pairs({ operations }: Scenario): [Operation, Operation][] {
  return operations.flatMap((a, i) => operations.slice(i + 1).map((b): [Operation, Operation] => [a, b]));
}

function sameFile({ files }: Scenario, a: Operation, b: Operation): boolean {
  return a.file % files.length === b.file % files.length;
}

function draw(seed: number, name = 'mixed'): Scenario {
  const arbitrary = new ScenarioArbitrary(SUITES.find((suite) => suite.name === name)!.generate);
  return fc.sample(arbitrary, { numRuns: 1, seed })[0]!;
}

/** The first few drawn scenarios that fail. */
function failing(holds: (scenario: Scenario) => boolean): Scenario[] {
  const found: Scenario[] = [];
  for (let seed = 0; found.length < 4 && seed < 400; seed++) {
    const scenario = draw(seed);
    if (holds(scenario)) found.push(scenario);
  }
  return found;
}

describe.each(Object.entries(FAILURES))('%s', (_name, { holds, operations }) => {
  const scenarios = failing(holds);

  test('occurs in drawn scenarios', () => {
    expect(scenarios.length).toBe(4);
  });

  test('shrinks to as few operations as it takes, within a second of candidates', () => {
    for (const scenario of scenarios) {
      const shrunk = shrinkScenario(scenario, holds);
      expect(holds(shrunk.scenario)).toBe(true);
      expect(shrunk.scenario.operations.length).toBe(operations);
      expect(shrunk.executions).toBeLessThan(600);
      expect(complaintsAbout(shrunk.scenario)).toEqual([]);
    }
  });

  test('shrinks to the same scenario whichever scenario it was found in, and no further', () => {
    const results = scenarios.map((scenario) => shrinkScenario(scenario, holds).scenario);
    for (const result of results) {
      expect(shrinkScenario(result, holds).scenario).toEqual(result);
      expect(measure(result).slice(0, 7)).toEqual(measure(results[0]!).slice(0, 7));
    }
  });
});

describe('the smallest form', () => {
  test('of two gets of adjacent pages is pages 0 and 1 of one small plain file', () => {
    const { holds } = FAILURES['two gets of adjacent pages']!;
    const { scenario } = shrinkScenario(failing(holds)[0]!, holds);
    expect(
      scenario.operations.map(({ id, page, count, before, valid }) => [id, page, count, before, valid]),
    ).toEqual([
      [1, 0, 0, 0, 0],
      [2, 1, 0, 0, 0],
    ]);
    expect(scenario).toMatchObject({
      geometry: {
        pageSize: 64,
        sectorSize: 8,
        frames: 48,
        pbufs: 4,
        mapPages: 4,
        cachedObjects: 2,
        diskSectors: 2048,
      },
      options: { diagnostic: false, faultChecksSize: false },
      files: [{ fileSystem: 0, size: 0 }],
      fileSystems: [{ blockMap: 'disk', blockSize: 64, fragmentSize: 0, sharedBuffers: false }],
      threads: 1,
      schedule: [],
      faults: [],
      media: [],
    });
    expect(scenario.files[0]!.extents).toBeUndefined();
  });

  test('keeps the ids that an exception is addressed at in step with the operations', () => {
    const { holds } = FAILURES['a fault injected into a write']!;
    const { scenario } = shrinkScenario(failing(holds)[0]!, holds);
    expect(scenario.operations).toMatchObject([{ id: 1, kind: 'write' }]);
    expect(scenario.faults).toMatchObject([{ operation: 1 }]);
  });
});

describe('an operation goes for something that does its work', () => {
  test('less memory, when operations are there only to use it up', () => {
    const short = ({ geometry, operations }: Scenario): boolean => geometry.frames - operations.length < 12;
    const { scenario } = shrinkScenario(failing(short)[0]!, short);
    expect(scenario.operations.length).toBe(0);
    expect(scenario.geometry.frames).toBeLessThan(12);
  });

  test('a switch of threads, when operations are there only to let another thread go on', () => {
    const switches = ({ operations, schedule }: Scenario): boolean => {
      const others = operations.filter(({ thread }) => thread !== 0).length;
      const own = operations.length - others;
      return others > 0 && own + schedule.filter(({ choice }) => choice === 'run').length >= 4;
    };
    const { scenario } = shrinkScenario(failing(switches)[0]!, switches);
    expect(scenario.operations.length).toBeLessThanOrEqual(3);
    expect(switches(scenario)).toBe(true);
  });
});

test('a scenario that fails only with an address of its own keeps it: ids are not renumbered then', () => {
  const scenario = draw(3);
  const { id } = scenario.operations.at(-1)!;
  const shrunk = shrinkScenario(scenario, ({ operations }) => operations.some((one) => one.id === id));
  expect(shrunk.scenario.operations.map((one) => one.id)).toEqual([id]);
});

function placeOf({ place }: { place: { pass: number; step: number } }): string {
  return `pass ${place.pass} step ${place.step}`;
}
