/**
 * Guards that generators and shrinker together do what they are for: defects of the reference pager are found within a few hundred
 * runs, and come down to a handful of operations in a few hundred executions, keeping property and cause.
 */
import { expect, test } from 'vitest';
import { Judge } from '../../properties/judge.ts';
import { Random } from '../../properties/arbitraries/random.ts';
import { SUITES } from '../../properties/suites/catalogue.ts';
import { seedOfRun } from '../../src/engine/seeds.ts';
import { shrinkScenario } from '../../src/engine/shrink-run.ts';
import type { Scenario } from '../../src/scenario/scenario.ts';
import { createReferenceTarget } from '../../src/targets/reference.ts';
import { complaintsAbout } from '../support/valid-scenario.ts';

const RUNS_MAX = 400;
const OPERATIONS_MAX = 6;
const EXECUTIONS_MAX = 600;

const DEFECTS = [
  ['setsize-grow-stale', 'size'],
  ['input-error-valid', 'faults'],
  ['output-tail', 'put'],
  ['input-small-past-eof', 'get'],
  ['uncache-foreign-lock', 'lifetime'],
  ['hold-release-output', 'mixed'],
  ['address-wraps', 'large'],
] as const;

test.each(DEFECTS)('%s is found by suite %s and made small', (defect, name) => {
  const suite = SUITES.find((one) => one.name === name)!;
  const judge = new Judge(suite.properties, []);
  const target = createReferenceTarget();
  const causesOf = (scenario: Scenario): string[] => {
    judge.begin(scenario);
    target.execute(scenario, judge.observer);
    return judge.violations.map(({ property, cause }) => `${property} ${cause}`);
  };
  const random = new Random(0);
  for (let run = 0; run < RUNS_MAX; run++) {
    random.seed(seedOfRun(1, name, run));
    const drawn = suite.generate(random);
    const sound = causesOf(drawn);
    const scenario: Scenario = {
      ...drawn,
      target: { name: 'reference', form: 'repaired', switches: [defect] },
    };
    const cause = causesOf(scenario).find((one) => !sound.includes(one));
    if (cause === undefined) continue;
    const shrunk = shrinkScenario(scenario, (candidate) => causesOf(candidate).includes(cause));
    expect(causesOf(shrunk.scenario)).toContain(cause);
    expect(shrunk.scenario.operations.length).toBeLessThanOrEqual(OPERATIONS_MAX);
    expect(shrunk.executions).toBeLessThan(EXECUTIONS_MAX);
    expect(complaintsAbout(shrunk.scenario)).toEqual([]);
    return;
  }
  expect.unreachable(`${defect} was not found in ${RUNS_MAX} runs`);
});
