/**
 * Guards the leaps of the shrinker: each candidate has fewer operations, is a scenario that a file could hold, and leaves the
 * scenario it comes from alone; the same source of randomness gives the same; and on the reference pager they get from a
 * scenario that steps leave long to one of few operations.
 */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { Random } from '../../properties/arbitraries/random.ts';
import { SUITES } from '../../properties/suites/catalogue.ts';
import { OPERATIONS_GOOD } from '../../src/engine/finds.ts';
import { REPAIRED, Searcher } from '../../src/engine/search.ts';
import { catalogueParts } from '../../src/engine/setup.ts';
import { leap } from '../../src/engine/shrink-leaps.ts';
import { formatScenario, parseScenario } from '../../src/scenario/codec.ts';
import type { Scenario } from '../../src/scenario/scenario.ts';
import { createReferenceTarget } from '../../src/targets/reference.ts';

/** All candidates of so many leaps. */
function candidatesOf(scenario: Scenario, seed: number, count: number): Scenario[] {
  const seen: Scenario[] = [];
  const { found, attempts } = leap(scenario, (one) => seen.push(one) < 0, new Random(seed), count);
  expect({ found, attempts }).toEqual({ found: null, attempts: count });
  return seen;
}

describe('leaps', () => {
  const drawn = SUITES.map(({ generate }) => generate(new Random(5))).filter(
    ({ operations }) => operations.length > 1,
  );

  it('are scenarios with fewer operations that a file could hold', () => {
    for (const scenario of drawn) {
      for (const one of candidatesOf(scenario, 1, 15)) {
        expect(one.operations.length).toBeLessThan(scenario.operations.length);
        const { scenario: read, problems } = parseScenario(Buffer.from(formatScenario(one)), 'leap');
        expect(problems).toBeUndefined();
        expect(read!.operations).toHaveLength(one.operations.length);
      }
    }
  });

  it('leave the scenario as it was, and are the same again', () => {
    const [scenario] = drawn;
    const before = structuredClone(scenario!);
    const first = candidatesOf(scenario!, 2, 50);
    expect(scenario).toEqual(before);
    expect(candidatesOf(scenario!, 2, 50)).toEqual(first);
    expect(candidatesOf(scenario!, 3, 50)).not.toEqual(first);
  });

  it('get from a long scenario of a defect to a short one', () => {
    const file = 'fixtures/long-stale-address.yaml';
    const { scenario } = parseScenario(readFileSync(new URL(file, import.meta.url)), file);
    const searcher = new Searcher(catalogueParts(createReferenceTarget));
    const shows = (one: Scenario): boolean =>
      searcher.difference(one, scenario!.target, REPAIRED) !== undefined;
    const { found } = leap(scenario!, shows, new Random(3), 12_000);
    expect(found!.operations.length).toBeLessThanOrEqual(OPERATIONS_GOOD);
    expect(shows(found!)).toBe(true);
  });
});
