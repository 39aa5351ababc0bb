/**
 * Guards how fast-check drives the shrinking: the predicate is asked a bounded number of times, what it throws reaches the caller,
 * and the arbitrary draws by one number, so that a reported seed gives the same scenario again.
 */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Random } from '../../properties/arbitraries/random.ts';
import { SUITES } from '../../properties/suites/catalogue.ts';
import { ScenarioArbitrary } from '../../src/engine/arbitrary.ts';
import { shrinkScenario } from '../../src/engine/shrink-run.ts';
import type { Scenario } from '../../src/scenario/scenario.ts';

const { generate } = SUITES.find((suite) => suite.name === 'mixed')!;

const stores = ({ operations }: Scenario): boolean => operations.some(({ kind }) => kind === 'store');

const scenario = firstThat(stores);

function firstThat(holds: (scenario: Scenario) => boolean): Scenario {
  for (let seed = 0; ; seed++) {
    const drawn = generate(new Random(seed));
    if (holds(drawn)) return drawn;
  }
}

test('the predicate is asked as often as allowed, and the best so far is returned', () => {
  for (const maxRuns of [1, 2, 3, 10]) {
    let asked = 0;
    const shrunk = shrinkScenario(
      scenario,
      (candidate) => {
        asked++;
        return stores(candidate);
      },
      { maxRuns },
    );
    expect(asked).toBe(maxRuns);
    expect(shrunk.executions).toBe(maxRuns);
    expect(stores(shrunk.scenario)).toBe(true);
  }
});

test('the result is one of the scenarios that failed, the last of them', () => {
  const failed: Scenario[] = [];
  const shrunk = shrinkScenario(scenario, (candidate) => {
    if (stores(candidate)) failed.push(candidate);
    return stores(candidate);
  });
  expect(shrunk.scenario).toBe(failed.at(-1));
});

test('a scenario that does not fail comes back as it is', () => {
  const shrunk = shrinkScenario(scenario, () => false);
  expect(shrunk.scenario).toBe(scenario);
  expect(shrunk.executions).toBe(1);
});

test('what the predicate throws ends the shrinking and is thrown', () => {
  let asked = 0;
  const broken = new Error('the target itself broke');
  expect(() =>
    shrinkScenario(scenario, () => {
      asked++;
      if (asked === 3) throw broken;
      return true;
    }),
  ).toThrow(broken);
  expect(asked).toBe(3);
});

test('the same failure shrinks the same way twice', () => {
  const trail = (): number[] => {
    const lengths: number[] = [];
    shrinkScenario(scenario, (candidate) => {
      lengths.push(candidate.operations.length);
      return stores(candidate);
    });
    return lengths;
  };
  expect(trail()).toEqual(trail());
});

test('the arbitrary draws one number, and that number alone decides', () => {
  const arbitrary = new ScenarioArbitrary(generate);
  const first = fc.sample(arbitrary, { numRuns: 3, seed: 42 });
  const random = new Random(0);
  fc.sample(new ScenarioArbitrary(() => generate(random)), { numRuns: 2, seed: 1 });
  expect(fc.sample(arbitrary, { numRuns: 3, seed: 42 })).toEqual(first);
  expect(new Set(first.map((one) => JSON.stringify(one))).size).toBe(3);
});

test('a failing property reports a small scenario, found by fast-check itself', () => {
  const arbitrary = new ScenarioArbitrary(generate);
  const result = fc.check(
    fc.property(arbitrary, (candidate) => !stores(candidate)),
    { seed: 1, numRuns: 50 },
  );
  expect(result.failed).toBe(true);
  expect(result.counterexample![0].operations).toMatchObject([
    { id: 1, kind: 'store', offset: 0, length: 0 },
  ]);
});

test('a recorded scenario shrinks without the seed that drew it', () => {
  const arbitrary = new ScenarioArbitrary(generate);
  const recorded = JSON.parse(JSON.stringify(scenario)) as Scenario;
  expect(arbitrary.canShrinkWithoutContext(recorded)).toBe(true);
  expect(arbitrary.canShrinkWithoutContext(null)).toBe(false);
  expect(arbitrary.canShrinkWithoutContext({ operations: [] })).toBe(false);
  const [smaller] = [...arbitrary.shrink(recorded, undefined).take(1)];
  expect(smaller).toBeDefined();
});
