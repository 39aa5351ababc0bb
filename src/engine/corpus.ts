/**
 * The corpus: counterexamples kept as files `DIR/*.yaml`, run first every time. Reading is strict, so that a broken file is
 * noticed instead of skipped; writing never replaces a file that says something else.
 */
import { createHash } from 'node:crypto';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Violation } from '../../properties/property.ts';
import type { Scenario, TargetChoice } from '../scenario/scenario.ts';
import { UsageError, codeOf, messageOf, reasonOf } from './errors.ts';
import { requirePlainFile, writeNew } from './files.ts';
import { formatScenario, readScenarioFile } from './scenario-file.ts';

/** One file of the corpus. */
export interface CorpusEntry {
  /** As it is reported: the directory as it was given, joined with the name. */
  file: string;
  scenario: Scenario;
}

/**
 * Reads all of it, by name. A directory that does not exist is an empty corpus; `option` is who named it. @throws UsageError
 */
export function readCorpus(directory: string, option = '--corpus'): CorpusEntry[] {
  let names: string[];
  try {
    names = readdirSync(directory);
  } catch (thrown) {
    if (codeOf(thrown) === 'ENOENT') return [];
    throw new UsageError(`${option}: cannot read ${directory}: ${reasonOf(thrown)}`, { cause: thrown });
  }
  const entries: CorpusEntry[] = [];
  for (const name of names.toSorted()) {
    if (!name.endsWith('.yaml') || name.startsWith('.')) continue;
    const file = join(directory, name);
    requirePlainFile(file);
    entries.push({ file, scenario: readScenarioFile(file) });
  }
  return entries;
}

/** Eight hexadecimal digits that stand for a scenario's canonical text. */
export function shortHash(scenario: Scenario): string {
  return createHash('sha256').update(formatScenario(scenario)).digest('hex').slice(0, 8);
}

/** Breaks a sentence into lines that fit behind a comment sign. */
function lines(prose: string): string {
  return prose.replaceAll(/\s+/g, ' ').replaceAll(/(.{60,104}) /g, '$1\n');
}

/** The command that replays a file. */
export function replayCommand(file: string): string {
  return `npx pagercheck replay ${shellWord(file)}`;
}

/** Whether a target is known by this name to the program alone that has it: it is neither the reference pager nor a path. */
export function isOfProgram(name: string): boolean {
  return name !== 'reference' && !/[/\\]|\.\w+$/.test(name);
}

/** What a program calls to replay a file. */
export const REPLAY_CALL = 'replay(parseScenario(readFileSync(FILE), FILE).scenario, PAGER)';

/** How a file is replayed that is about a target: by a command, or by the program whose pager no command can load. */
export function howToReplay(file: string, { name }: TargetChoice): string {
  return isOfProgram(name) ? `${file}: ${REPLAY_CALL} in the program of ${name}` : replayCommand(file);
}

/** A path as one word of a command line that can be copied into a shell. */
export function shellWord(path: string): string {
  const safe = path.startsWith('-') ? `./${path}` : path;
  return /^[\w@%+=:,./-]+$/.test(safe) ? safe : `'${safe.replaceAll("'", `'\\''`)}'`;
}

/** The comment above a counterexample: what it shows, and `how` to see it again. */
export function explain(violation: Violation, how: string): string {
  return [
    lines(`${violation.property}: ${violation.what}`),
    lines(`expected: ${violation.expected}`),
    lines(`observed: ${violation.observed}`),
    ...(violation.origin === undefined ? [] : [lines(`origin: ${violation.origin}`)]),
    how,
  ].join('\n');
}

/** Whether a file that exists already holds this scenario, whatever its comments. */
function holds(file: string, scenario: Scenario): boolean {
  try {
    requirePlainFile(file);
    return formatScenario(readScenarioFile(file)) === formatScenario(scenario);
  } catch {
    // Not a scenario: somebody's file, and not ours to touch.
    return false;
  }
}

/**
 * Writes a scenario as `<name>-<hash>.yaml`. A file that holds it already stays as it is, comments included; another scenario
 * under the same name makes this one take the next free one. `head` makes the comment from the file's name.
 * @returns the file's path. @throws UsageError if it cannot be written
 */
export function writeScenario(
  directory: string,
  name: string,
  scenario: Scenario,
  head: (file: string) => string,
): string {
  return keepScenario(directory, name, scenario, head).file;
}

/** The same, and whether the file was not there before. @throws UsageError if it cannot be written */
export function keepScenario(
  directory: string,
  name: string,
  scenario: Scenario,
  head: (file: string) => string,
): { file: string; isNew: boolean } {
  const stem = `${name.replaceAll(/[^\w.-]+/g, '-')}-${shortHash(scenario)}`;
  try {
    for (let attempt = 1; ; attempt++) {
      const file = join(directory, attempt === 1 ? `${stem}.yaml` : `${stem}-${attempt}.yaml`);
      if (writeNew(file, formatScenario(scenario, head(file)))) return { file, isNew: true };
      if (holds(file, scenario)) return { file, isNew: false };
    }
  } catch (thrown) {
    throw new UsageError(`${directory}: the scenario could not be written: ${messageOf(thrown)}`, {
      cause: thrown,
    });
  }
}
