/** `pagercheck gen`: prints the scenario that a suite's first run has under a seed, near others or not, without running it. */
import { Random } from '../../../properties/arbitraries/random.ts';
import { SUITES } from '../../../properties/suites/catalogue.ts';
import { shellWord } from '../../engine/corpus.ts';
import { UsageError } from '../../engine/errors.ts';
import { readNear, suitesNear } from '../../engine/near.ts';
import { formatScenario } from '../../engine/scenario-file.ts';
import { REPAIRED } from '../../engine/search.ts';
import { seedOfRun } from '../../engine/seeds.ts';
import type { Console } from '../console.ts';
import { EXIT_HELD } from '../exit.ts';
import { requireNames } from '../values.ts';

/** The command's options. */
export interface GenCommand {
  seed: number;
  /** One name; that there are more is told, so that none of them is dropped without a word. */
  suite?: string[];
  near?: string;
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
  const near = options.near === undefined ? null : readNear(options.near);
  const suite = suitesNear(SUITES, near).find((one) => one.name === name)!;
  // what is varied may name the pager that it was found in; `run` does not mind that either
  const scenario = { ...suite.generate(new Random(seedOfRun(options.seed, name, 0))), target: REPAIRED };
  const words = near === null ? '' : ` --near ${shellWord(near.path)}`;
  const command = `pagercheck gen --suite ${name} --seed ${options.seed}${words}`;
  console.result(formatScenario(scenario, command).trimEnd());
  return EXIT_HELD;
}
