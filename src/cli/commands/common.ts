/** What several commands do: print scenarios, count what is in them, check the names that they use. */
import { statSync } from 'node:fs';
import { basename, dirname, resolve } from 'node:path';
import { PROPERTIES } from '../../../properties/catalogue.ts';
import { UsageError, reasonOf, unknownName } from '../../engine/errors.ts';
import { Output, readBytes } from '../../engine/files.ts';
import { BOUNDS, type Scenario } from '../../scenario/scenario.ts';
import { SWITCHES } from '../../targets/reference.ts';
import { count } from '../../report/words.ts';
import type { Console } from '../console.ts';
import { requireSwitches } from '../pager-form.ts';

/** Ids of the reference pager's switches. */
export const SWITCH_IDS: readonly string[] = SWITCHES.map((one) => one.id);

/** Ids of all properties. */
export const PROPERTY_IDS: readonly string[] = PROPERTIES.map((one) => one.id);

/** Checks what the codec cannot know: switches and properties that this build has. @throws UsageError */
export function requireKnownNames(scenario: Scenario, file: string): void {
  const { target, expect } = scenario;
  if (target.name === 'reference' && target.switches.some((one) => !SWITCH_IDS.includes(one))) {
    requireSwitches(target.switches, SWITCH_IDS, placeOf(file, 'target'));
  }
  if (expect !== undefined && !PROPERTY_IDS.includes(expect.property)) {
    const where = placeOf(file, 'expect');
    throw unknownName('property', expect.property, PROPERTY_IDS, where, 'see pagercheck list properties');
  }
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

/** `12 operations, 3 exceptions`. */
export function sizeOf(scenario: Scenario): string {
  const exceptions = scenario.schedule.length + scenario.faults.length + scenario.media.length;
  const operations = count(scenario.operations.length, 'operation');
  return exceptions === 0 ? operations : `${operations}, ${count(exceptions, 'exception')}`;
}

/**
 * Takes the place of the JSON, if there is to be one. @throws UsageError if it cannot be written, or would be read as a
 * scenario by the next run
 */
export function jsonOutput(path: string | undefined, corpus: string): Output | null {
  if (path === undefined) return null;
  if (path.endsWith('.yaml') && resolve(dirname(path)) === resolve(corpus)) {
    throw new UsageError(
      `--json: ${path} would be a scenario of the corpus; call it ${basename(path, '.yaml')}.json`,
    );
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
