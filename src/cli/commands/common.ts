/** What several commands do: count what is in scenarios, say which names there are, take the place of the JSON. */
import { readdirSync, realpathSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { PROPERTIES } from '../../../properties/catalogue.ts';
import { UsageError, reasonOf } from '../../engine/errors.ts';
import { isFile, Output } from '../../engine/files.ts';
import type { Near } from '../../engine/near.ts';
import type { KnownNames } from '../../engine/scenario-file.ts';
import type { Scenario, TargetChoice } from '../../scenario/scenario.ts';
import { SWITCHES } from '../../targets/reference.ts';
import { count } from '../../report/words.ts';
import type { Console } from '../console.ts';
import { REFERENCE } from '../names.ts';

/** Ids of the reference pager's switches. */
export const SWITCH_IDS: readonly string[] = SWITCHES.map((one) => one.id);

/** What scenarios may name in this build. */
export const KNOWN_NAMES: KnownNames = { switches: SWITCH_IDS, properties: PROPERTIES.map((one) => one.id) };

/** `12 operations, 3 exceptions`. */
export function sizeOf(scenario: Scenario): string {
  const exceptions = scenario.schedule.length + scenario.faults.length + scenario.media.length;
  const operations = count(scenario.operations.length, 'operation');
  return exceptions === 0 ? operations : `${operations}, ${count(exceptions, 'exception')}`;
}

/** Where a path leads when all links in it are followed, also one to what is still to be made. */
function realPath(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    const above = dirname(resolve(path));
    return above === resolve(path) ? above : join(realPath(above), basename(resolve(path)));
  }
}

/** The files of a corpus, each where it really lies; none if it cannot be looked at, which whoever reads it will tell. */
function realFiles(corpus: string): string[] {
  try {
    return readdirSync(corpus)
      .filter((name) => name.endsWith('.yaml'))
      .map((name) => realPath(join(corpus, name)));
  } catch {
    return [];
  }
}

/** The files that targets are read from: modules and C texts. */
export function filesOf(choices: readonly TargetChoice[]): string[] {
  return choices.filter(({ name }) => name !== REFERENCE).map(({ name }) => name);
}

/** What a first line says of scenarios that are varied. */
export function nearWords(near: Near | null): string {
  return near === null ? '' : `; near the ${count(near.scenarios.length, 'scenario')} of ${near.path}`;
}

/** What the JSON must not take the place of. */
interface Inputs {
  /** Directories of scenarios. */
  corpora: readonly string[];
  /** Other files that the command reads. */
  files: readonly string[];
}

/** The inputs of a command that draws scenarios. */
export function inputsOf(
  choices: readonly TargetChoice[],
  { corpus, near }: { corpus: string; near?: string },
): Inputs {
  const files = filesOf(choices);
  if (near === undefined) return { corpora: [corpus], files };
  return isFile(near) ? { corpora: [corpus], files: [...files, near] } : { corpora: [corpus, near], files };
}

/**
 * Takes the place of the JSON, if there is to be one. Paths are compared by where they really lead.
 * @throws UsageError if it cannot be written, would take the place of what the command reads, or would be read as a scenario by
 * the next run
 */
export function jsonOutput(path: string | undefined, { corpora, files }: Inputs): Output | null {
  if (path === undefined) return null;
  const real = realPath(path);
  if (files.some((file) => realPath(file) === real)) {
    throw new UsageError(
      `--json: ${path} is read by this command and would be overwritten; name another file`,
    );
  }
  for (const corpus of corpora) {
    const isInside = real.endsWith('.yaml') && dirname(real) === realPath(corpus);
    if (!isInside && !realFiles(corpus).includes(real)) continue;
    const cure = path.endsWith('.yaml') ? `call it ${basename(path, '.yaml')}.json` : 'name another file';
    throw new UsageError(`--json: ${path} would be read as a scenario; ${cure}`);
  }
  return new Output(path, '--json');
}

/**
 * Writes the JSON, if there is to be one; that it fails now, after it could be opened, is told and is not allowed to hide what
 * was found. @returns whether it did not fail
 */
export function finishJson(output: Output | null, json: () => unknown, console: Console): boolean {
  if (output === null) return true;
  try {
    output.finish(`${JSON.stringify(json(), null, 2)}\n`);
    return true;
  } catch (thrown) {
    console.error(`--json: ${output.path} could not be written: ${reasonOf(thrown)}`);
    return false;
  }
}
