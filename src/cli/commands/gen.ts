/** `pagercheck gen`: prints the scenario that a suite's first run has under a seed, without running it. */
import { Random } from '../../../properties/arbitraries/random.ts';
import { SUITES } from '../../../properties/suites/catalogue.ts';
import { UsageError } from '../../engine/errors.ts';
import { formatScenario } from '../../engine/scenario-file.ts';
import { seedOfRun } from '../../engine/seeds.ts';
import type { Console } from '../console.ts';
import { EXIT_HELD } from '../exit.ts';
import { requireNames } from '../values.ts';

/** The command's options. */
export interface GenCommand {
  seed: number;
  /** One name; that there are more is told, so that none of them is dropped without a word. */
  suite?: string[];
}

/** Prints a scenario as a file that can be replayed. @throws UsageError */
export function gen(options: GenCommand, console: Console): number {
  const named = options.suite ?? [SUITES[0]!.name];
  requireNames(
    '--suite',
    'suite',
    named,
    SUITES.map((one) => one.name),
  );
  if (named.length > 1) {
    throw new UsageError(`--suite: gen prints the scenario of one suite; choose one of ${named.join(', ')}`);
  }
  const name = named[0]!;
  const suite = SUITES.find((one) => one.name === name)!;
  const scenario = suite.generate(new Random(seedOfRun(options.seed, name, 0)));
  console.result(formatScenario(scenario, `pagercheck gen --suite ${name} --seed ${options.seed}`).trimEnd());
  return EXIT_HELD;
}
