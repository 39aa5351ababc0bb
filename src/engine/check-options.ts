/**
 * What the library is asked to check or to replay, looked at before anything runs. Who writes in JavaScript, or hands on what was
 * read from somewhere, is not told by the compiler; and a check of no runs would pass without having tried anything.
 */
import { checkScenario } from '../scenario/codec.ts';
import type { Scenario } from '../scenario/scenario.ts';
import { ONE_LINE, TEXT_MAX } from '../scenario/schema.ts';
import { FAILURES_LIMIT, JOBS_LIMIT, RUNS_LIMIT } from './control.ts';
import { UsageError, unknownName } from './errors.ts';
import { SEED_MAX } from './seeds.ts';
import { NO_TIME, timeOf } from './times.ts';

/** What is wrong with a value; null if nothing is. */
type Test = (value: unknown) => string | null;

const whole =
  (min: number, max: number): Test =>
  (value) =>
    Number.isInteger(value) && (value as number) >= min && (value as number) <= max
      ? null
      : `is not a whole number from ${min} to ${max}`;

const isText = (value: unknown): value is string => typeof value === 'string' && value !== '';

const names: Test = (value) => {
  if (!Array.isArray(value) || !value.every(isText)) return "is not a list of names; write ['NAME', ...]";
  return value.length > 0 ? null : 'names nothing, and nothing would be run; leave it away for all';
};

const directory: Test = (value) => (isText(value) ? null : 'is not the path of a directory');

const TESTS: Readonly<Record<string, Test>> = {
  // what it makes is looked at when it is made
  pager: () => null,
  name: (value) =>
    isText(value) && value.length <= TEXT_MAX && ONE_LINE.test(value)
      ? null
      : `is not a name of one line and at most ${TEXT_MAX} characters`,
  suites: names,
  properties: names,
  seed: whole(0, SEED_MAX),
  runs: whole(1, RUNS_LIMIT),
  time: (value) => (isText(value) && timeOf(value) !== null ? null : NO_TIME),
  maxFailures: whole(1, FAILURES_LIMIT),
  corpus: directory,
  near: (value) => (isText(value) ? null : 'is not the path of a directory or a file'),
  checkDeterminism: (value) => (typeof value === 'boolean' ? null : 'is neither true nor false'),
  jobs: whole(1, JOBS_LIMIT),
  signal: (value) =>
    typeof value === 'object' && value !== null && 'aborted' in value
      ? null
      : 'has no aborted; give the signal of an AbortController',
};

/** A value as messages show it. */
function shown(value: unknown): string {
  switch (typeof value) {
    case 'string':
      return JSON.stringify(value.length > 60 ? `${value.slice(0, 60)}...` : value);
    case 'number':
    case 'bigint':
    case 'boolean':
    case 'undefined':
      return String(value);
    case 'function':
      return 'a function';
    case 'symbol':
      return 'a symbol';
    case 'object':
      return value === null ? 'null' : Array.isArray(value) ? 'the list' : 'the object';
  }
}

/** Checks options; one that is undefined is as good as not there. @throws UsageError; `who` is the function that was called */
export function requireCheckOptions(options: unknown, who: string): void {
  if (typeof options !== 'object' || options === null || Array.isArray(options)) {
    throw new UsageError(`${who}: takes an object; write ${who}({ pager: (kernel) => new MyPager(kernel) })`);
  }
  const known = Object.keys(TESTS);
  for (const [name, value] of Object.entries(options)) {
    const test = Object.hasOwn(TESTS, name) ? TESTS[name] : undefined;
    if (test === undefined) throw unknownName('option', name, known, who, `there are ${known.join(', ')}`);
    const problem = value === undefined ? null : test(value);
    if (problem !== null) throw new UsageError(`${who}: ${name}: ${shown(value)} ${problem}`);
  }
  // files that name it would be replayed on that pager, and seem to hold
  if ('name' in options && options.name === 'reference') {
    throw new UsageError(`${who}: name: reference is the pager that comes with pagercheck; choose another`);
  }
}

/** Checks that something is a scenario. @throws UsageError; `who` is the function that was called */
export function requireScenario(value: unknown, who: string): void {
  let problems: string[];
  try {
    problems = checkScenario(value as Scenario);
  } catch {
    // it looks at what every scenario has
    throw new UsageError(
      `${who}: ${shown(value)} is no scenario; of a file, give parseScenario(readFileSync(FILE), FILE).scenario`,
    );
  }
  if (problems.length === 0) return;
  const more = problems.length === 1 ? '' : ` (and ${problems.length - 1} more: checkScenario lists them)`;
  throw new UsageError(`${who}: the scenario is wrong: ${problems[0]}${more}`);
}
