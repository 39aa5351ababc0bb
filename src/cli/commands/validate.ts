/** `pagercheck validate`: reads scenario files without running them, and says of each whether it could be run. */
import { UsageError } from '../../engine/errors.ts';
import { readScenarioFile, requireKnownNames, ScenarioFileError } from '../../engine/scenario-file.ts';
import type { Console } from '../console.ts';
import { EXIT_HELD, EXIT_USAGE } from '../exit.ts';
import { KNOWN_NAMES, sizeOf } from './common.ts';

/** Validates every file, also after one that is invalid. */
export function validate(files: readonly string[], console: Console): number {
  let exit = EXIT_HELD;
  for (const file of files) {
    try {
      if (file === '') throw new UsageError('validate: the path is empty; write one');
      const scenario = readScenarioFile(file);
      requireKnownNames(scenario, file, KNOWN_NAMES);
      console.say(`${file}: valid (${sizeOf(scenario)})`);
    } catch (thrown) {
      if (!(thrown instanceof UsageError)) throw thrown;
      const problems = thrown instanceof ScenarioFileError ? thrown.problems : [thrown.message];
      for (const problem of problems) console.error(problem);
      exit = EXIT_USAGE;
    }
  }
  return exit;
}
