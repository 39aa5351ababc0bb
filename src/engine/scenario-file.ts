/** Scenarios as files: the one place where the engine meets the codec, and where its problems become the user's errors. */
import { statSync } from 'node:fs';
import { formatProblem, formatScenario, headComment, parseScenario } from '../scenario/codec.ts';
import { BOUNDS, type Scenario } from '../scenario/scenario.ts';
import { UsageError, unknownName } from './errors.ts';
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
  return readKeptScenario(file).scenario;
}

/** The same, and the comment that the file begins with, line by line: why it was kept. @throws UsageError likewise */
export function readKeptScenario(file: string): { scenario: Scenario; head: string[] } {
  const bytes = readBytes(file, BOUNDS.fileBytes);
  const read = parseScenario(bytes, file);
  if (read.problems !== undefined)
    throw new ScenarioFileError(read.problems.map((problem) => formatProblem(problem)));
  return {
    scenario: read.scenario,
    head: headComment(Buffer.from(bytes).toString())?.split('\n') ?? [],
  };
}

/** What a scenario may name, which the codec cannot know. */
export interface KnownNames {
  /** Ids of the reference pager's switches. */
  switches: readonly string[];
  /** Ids of the properties. */
  properties: readonly string[];
}

/** Checks that there is every switch and property that a scenario names. @throws ScenarioFileError with all that there are not */
export function requireKnownNames(
  { target, expect }: Scenario,
  file: string,
  { switches, properties }: KnownNames,
): void {
  const problems: UsageError[] = [];
  if (target.name === 'reference') {
    for (const one of target.switches.filter((name) => !switches.includes(name)))
      problems.push(
        unknownName('switch', one, switches, placeOf(file, 'target'), 'see pagercheck list switches'),
      );
  }
  if (expect !== undefined && !properties.includes(expect.property)) {
    const cure = 'see pagercheck list properties';
    problems.push(unknownName('property', expect.property, properties, placeOf(file, 'expect'), cure));
  }
  if (problems.length > 0) throw new ScenarioFileError(problems.map((problem) => problem.message));
}

/** `file:line` of a section of a scenario file; the file alone if it cannot be read a second time, as a pipe. */
function placeOf(file: string, section: string): string {
  try {
    if (!statSync(file).isFile()) return file;
    const lines = Buffer.from(readBytes(file, BOUNDS.fileBytes)).toString().split('\n');
    const line = lines.findIndex((one) => one.startsWith(`${section}:`));
    return line < 0 ? file : `${file}:${line + 1}`;
  } catch {
    return file;
  }
}
