/** `pagercheck gen`: prints the scenario that a suite's first run has under a seed, without running it. */
import { Random } from '../../../properties/arbitraries/random.ts';
import { SUITES } from '../../../properties/suites/catalogue.ts';
import { formatScenario } from '../../engine/scenario-file.ts';
import { seedOfRun } from '../../engine/seeds.ts';
import type { Console } from '../console.ts';
import { EXIT_HELD } from '../exit.ts';
import { requireNames } from '../values.ts';

/** Prints a scenario as a file that can be replayed. */
export function gen(options: { seed: number; suite: string | undefined }, console: Console): number {
  const name = options.suite ?? SUITES[0]!.name;
  requireNames(
    '--suite',
    'suite',
    [name],
    SUITES.map((one) => one.name),
  );
  const suite = SUITES.find((one) => one.name === name)!;
  const scenario = suite.generate(new Random(seedOfRun(options.seed, name, 0)));
  console.result(formatScenario(scenario, `pagercheck gen --suite ${name} --seed ${options.seed}`).trimEnd());
  return EXIT_HELD;
}
