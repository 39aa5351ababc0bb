/** Scenarios as files: the one place where the engine meets the codec, and where its problems become the user's errors. */
import { formatProblem, formatScenario, parseScenario } from '../scenario/codec.ts';
import { BOUNDS, type Scenario } from '../scenario/scenario.ts';
import { UsageError } from './errors.ts';
import { readBytes } from './files.ts';

export { formatScenario };

/** A file that is not a scenario; the message tells the first problem, `problems` all of them, one line each. */
export class ScenarioFileError extends UsageError {
  override name = 'ScenarioFileError';
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    const more = problems.length - 1;
    const rest = more === 0 ? '' : ` (and ${more} more: pagercheck validate lists them)`;
    super(`${problems[0]}${rest}`);
    this.problems = problems;
  }
}

/** Reads a scenario file of any origin. @throws UsageError that names file and line */
export function readScenarioFile(file: string): Scenario {
  const read = parseScenario(readBytes(file, BOUNDS.fileBytes), file);
  if (read.problems === undefined) return read.scenario;
  throw new ScenarioFileError(read.problems.map((problem) => formatProblem(problem)));
}
