/**
 * Which properties a pager that is wrong in one thing violates, in generated scenarios: what the proofs that properties and
 * situations are worth something have in common.
 */
import { Random } from '../../../properties/arbitraries/random.ts';
import { PROPERTIES } from '../../../properties/catalogue.ts';
import { Judge } from '../../../properties/judge.ts';
import { SUITES } from '../../../properties/suites/catalogue.ts';
import type { Scenario } from '../../../src/scenario/scenario.ts';
import type { BasePager } from '../../../src/targets/base-pager.ts';
import { createPagerTarget } from '../../../src/targets/reference.ts';

/** Every property that judges a single run. */
export const IDS = PROPERTIES.filter(({ kind }) => kind !== 'sometimes').map(({ id }) => id);

/** Runs of a suite in which a broken pager must have been noticed. */
const RUNS = 150;

/** Properties that a pager violates in some runs of a suite, the scenarios of which may be changed before. */
export function violatedBy(
  name: string,
  pager: typeof BasePager,
  change = (scenario: Scenario): Scenario => scenario,
): Set<string> {
  const suite = SUITES.find((one) => one.name === name)!;
  const target = createPagerTarget('broken', (kernel) => new pager(kernel));
  const judge = new Judge(IDS);
  const found = new Set<string>();
  for (let seed = 0; seed < RUNS; seed++) {
    const scenario = change(suite.generate(new Random(seed)));
    judge.begin(scenario);
    target.execute(scenario, judge.observer);
    for (const { property } of judge.violations) found.add(property);
  }
  return found;
}
