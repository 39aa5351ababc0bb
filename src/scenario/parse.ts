/**
 * From the text of a file to a scenario, or to a list of problems that people can act on. Never throws, whatever the text; a
 * scenario that comes out has passed every check and has exactly the fields of `scenario.ts`. Reading the file itself is the
 * caller's business.
 */
import type { z } from 'zod';
import { checkParts, type AcceptedParts, type Flaw } from './check.ts';
import { OPERATIONS, operation, type Argument } from './operations.ts';
import {
  BOUNDS,
  SCENARIO_VERSION,
  type Exception,
  type FileSpec,
  type Operation,
  type Scenario,
} from './scenario.ts';
import { scenarioFile, type ExceptionEntry, type OperationEntry, type ScenarioFile } from './schema.ts';
import { describePath, flawsOf, valueAt } from './words.ts';
import { readYaml, type YamlText } from './yaml.ts';

/** More problems than this are not listed: the first ones are to be solved first. */
export const PROBLEMS_MAX = 20;

/** What is wrong with a file. */
export interface Problem {
  /** The name that the caller gave the text. */
  file: string;
  /** Both count from 1. */
  line: number;
  /** See `line`. */
  column: number;
  /** The field in words, `operation 3, page`; `file` for the text as a whole. */
  path: string;
  /** What is wrong and what to do, in one line. */
  message: string;
}

/** The outcome of reading a text. */
export type ParseResult =
  | { scenario: Scenario; problems?: never }
  | { scenario?: never; problems: Problem[] };

/** One line that says it all, beginning as editors and terminals like it. */
export function formatProblem({ file, line, column, path, message }: Problem): string {
  return `${file}:${line}:${column}: ${path}: ${message}`;
}

/** Reads a scenario from the text (or its bytes, which must be UTF-8) of a file called `name`. */
export function parseScenario(text: string | Uint8Array, name: string): ParseResult {
  const result = readScenario(text);
  if (result.problems === undefined) return { scenario: result.scenario };
  return { problems: result.problems.map((problem) => ({ file: name, ...problem })) };
}

/** The same, with the places of everything. */
export type ReadResult =
  | { scenario: Scenario; yaml: YamlText; problems?: never }
  | { problems: Omit<Problem, 'file'>[] };

/** Reads a scenario and keeps the text's structure for editing. */
export function readScenario(text: string | Uint8Array): ReadResult {
  const decoded = decode(text);
  if (decoded.problem !== undefined) return inFile([{ line: 1, column: 1, message: decoded.problem }]);
  const read = readYaml(decoded.text);
  if (read.problems !== undefined) return inFile(read.problems);
  const { yaml } = read;
  const { data } = yaml;
  const checked = checkData(data);
  if ('file' in checked) return { scenario: toScenario(checked.file), yaml };
  const problems = checked.flaws.map(({ path, atKey, message }) => ({
    ...yaml.locate(path, atKey),
    path: describePath(path, data),
    message,
  }));
  return { problems: first(problems) };
}

function inFile(problems: Omit<Problem, 'file' | 'path'>[]): { problems: Omit<Problem, 'file'>[] } {
  return { problems: first(problems.map((problem) => ({ ...problem, path: 'file' }))) };
}

function first(problems: Omit<Problem, 'file'>[]): Omit<Problem, 'file'>[] {
  return problems.toSorted((a, b) => a.line - b.line || a.column - b.column).slice(0, PROBLEMS_MAX);
}

function decode(text: string | Uint8Array): { text: string; problem?: never } | { problem: string } {
  let decoded: string;
  if (typeof text === 'string') decoded = text;
  else {
    if (text.length > BOUNDS.fileBytes)
      return { problem: `is longer than ${BOUNDS.fileBytes} bytes: shorten it` };
    try {
      decoded = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(text);
    } catch {
      return { problem: 'is not text in UTF-8: save it in that encoding' };
    }
  }
  // A byte order mark says nothing in UTF-8.
  return { text: decoded.startsWith('\ufeff') ? decoded.slice(1) : decoded };
}

/** Holds plain data against the schema and the checks. */
export function checkData(data: unknown): { file: ScenarioFile } | { flaws: Flaw[] } {
  const version = valueAt(data, ['version']);
  if (typeof version === 'number' && version !== SCENARIO_VERSION) {
    const message = `is ${version}, but this pagercheck reads version ${SCENARIO_VERSION}: use the one that wrote the file`;
    return { flaws: [{ path: ['version'], message }] };
  }
  const whole = scenarioFile.safeParse(data);
  if (whole.success) {
    const file = whole.data as ScenarioFile;
    const flaws = checkParts(file);
    return flaws.length === 0 ? { file } : { flaws };
  }
  // Sections without a mistake of their own are checked all the same, so that not every attempt uncovers another layer.
  const flaws = flawsOf(whole.error.issues, data);
  return { flaws: [...flaws, ...checkParts(acceptedParts(data))] };
}

function acceptedParts(data: unknown): AcceptedParts {
  const parts: Record<string, unknown> = {};
  for (const [name, section] of Object.entries<z.ZodType>(scenarioFile.shape)) {
    const parsed = section.safeParse(valueAt(data, [name]));
    if (parsed.success) parts[name] = parsed.data;
  }
  return parts;
}

function toScenario(file: ScenarioFile): Scenario {
  const scenario: Scenario = {
    version: file.version,
    geometry: { ...file.geometry },
    options: { ...file.options },
    fileSystems: file.fileSystems.map((fs) => ({ ...fs })),
    files: file.files.map(toFileSpec),
    threads: file.threads,
    operations: file.operations.map(({ id, thread, do: kind, ...args }) => operation(id, thread, kind, args)),
    schedule: file.schedule.map(toException),
    faults: file.faults.map(toException),
    media: file.media.map((fault) => ({ ...fault })),
    target: { ...file.target, switches: [...file.target.switches] },
  };
  if (file.expect !== undefined) scenario.expect = { ...file.expect };
  return scenario;
}

function toFileSpec({ fileSystem, size, extents }: FileSpec): FileSpec {
  return extents === undefined
    ? { fileSystem, size }
    : { fileSystem, size, extents: extents.map(({ block, sector, count }) => ({ block, sector, count })) };
}

function toException(entry: ExceptionEntry): Exception {
  const { operation: id, thread, choice, subject = 0, ordinal, take, amount = 0 } = entry;
  return { operation: id, thread, choice, subject, ordinal, take, amount };
}

/**
 * What keeps a scenario in memory from being written and read again, one line each; empty if nothing does. For those who build
 * scenarios by program.
 */
export function checkScenario(scenario: Scenario): string[] {
  const data = toData(scenario);
  const checked = checkData(data);
  const flaws = 'flaws' in checked ? checked.flaws : [];
  for (const [index, one] of scenario.operations.entries()) {
    for (const argument of unusedArguments(one)) {
      const message = `is ${one[argument]}, but ${one.kind} does not use it: set it to 0`;
      flaws.push({ path: ['operations', index, argument], message });
    }
  }
  return flaws.map(({ path, message }) => `${describePath(path, data)}: ${message}`);
}

/** The arguments that an operation carries but does not use. */
function unusedArguments(one: Operation): Argument[] {
  const used: readonly string[] = Object.hasOwn(OPERATIONS, one.kind) ? OPERATIONS[one.kind].arguments : [];
  return ARGUMENTS.filter((argument) => !used.includes(argument) && one[argument] !== 0);
}

const ARGUMENTS: readonly Argument[] = [
  'file',
  'page',
  'count',
  'before',
  'offset',
  'length',
  'valid',
  'dirty',
  'other',
];

/** The file form of a scenario, nothing left out. */
function toData(scenario: Scenario): unknown {
  const exception = ({ subject, amount, ...rest }: Exception): ExceptionEntry => ({
    ...rest,
    ...(subject === 0 ? {} : { subject }),
    ...(amount === 0 ? {} : { amount }),
  });
  return {
    ...scenario,
    operations: scenario.operations.map((one): OperationEntry => {
      const entry: OperationEntry = { id: one.id, thread: one.thread, do: one.kind };
      const used = Object.hasOwn(OPERATIONS, one.kind) ? OPERATIONS[one.kind].arguments : [];
      for (const argument of used) entry[argument] = one[argument];
      return entry;
    }),
    schedule: scenario.schedule.map(exception),
    faults: scenario.faults.map(exception),
  };
}
