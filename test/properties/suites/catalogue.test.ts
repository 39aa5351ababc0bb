/**
 * Guards the table of suites: what it names exists, what it must reach can be reached in its own number of runs, and on the
 * repaired reference pager it is. The first few hundred runs of each suite are executed; the rest is for whole runs.
 */
import { describe, expect, test } from 'vitest';
import { PROPERTIES } from '../../../properties/catalogue.ts';
import { Judge } from '../../../properties/judge.ts';
import { Random } from '../../../properties/arbitraries/random.ts';
import { SUITES } from '../../../properties/suites/catalogue.ts';
import { REACH, TRANSITIONS } from '../../../properties/suites/reach.ts';
import { REACH_NAMES } from '../../../properties/suites/situations.ts';
import { seedOfRun } from '../../../src/engine/seeds.ts';
import { createReferenceTarget } from '../../../src/targets/reference.ts';

const RUNS = 500;

/** Most operations of a suite do something: those that come to nothing test nothing. */
const NOOPS_MAX = 0.2;

test('the suites are these, and each has a list of what it must reach', () => {
  const names = SUITES.map(({ name }) => name);
  expect(names).toEqual([
    'get',
    'put',
    'size',
    'process',
    'lifetime',
    'threads',
    'faults',
    'large',
    'exhaustion',
    'mixed',
  ]);
  expect(Object.keys(REACH).toSorted()).toEqual(names.toSorted());
});

describe.each(SUITES)('suite $name', ({ name, properties, reach, runs, generate, coverage }) => {
  test('names properties that exist and are not about whole suites', () => {
    const known = new Map(PROPERTIES.map(({ id, kind }) => [id, kind]));
    expect(properties.length).toBeGreaterThan(0);
    expect(properties.filter((id) => !known.has(id) || known.get(id) === 'sometimes')).toEqual([]);
  });

  test('must reach only what is counted, within its own runs', () => {
    const counted: readonly string[] = [...REACH_NAMES, ...Object.keys(TRANSITIONS)];
    expect(Object.keys(reach).filter((one) => !counted.includes(one))).toEqual([]);
    expect(Object.entries(reach).filter(([, after]) => after > runs)).toEqual([]);
    expect(Object.keys(reach).length).toBeGreaterThan(50);
  });

  test(`reaches in ${RUNS} runs what it must reach by then, and few operations come to nothing`, () => {
    const target = createReferenceTarget();
    const counter = coverage();
    const judge = new Judge(['page-events', 'block-events'], [counter]);
    const random = new Random(0);
    let operations = 0;
    let noops = 0;
    for (let run = 0; run < RUNS; run++) {
      random.seed(seedOfRun(1, name, run));
      const scenario = generate(random);
      counter.begin(scenario);
      judge.begin(scenario);
      const result = target.execute(scenario, judge.observer);
      operations += result.operations;
      noops += result.noops;
    }
    const counts = new Map([...counter.counts(), ...judge.counts()]);
    const missing = Object.entries(reach).filter(
      ([one, after]) => after <= RUNS && (counts.get(one) ?? 0) === 0,
    );
    expect(missing).toEqual([]);
    expect(noops / operations).toBeLessThan(NOOPS_MAX);
  });
});
