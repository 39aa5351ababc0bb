/** Values of options: numbers, times, lists of names. Each error names the option, what it was given, and what it takes. */
import { FAILURES_LIMIT, JOBS_LIMIT, RUNS_LIMIT } from '../engine/control.ts';
import { UsageError, unknownName } from '../engine/errors.ts';
import { SEED_MAX } from '../engine/seeds.ts';
import { NO_TIME, timeOf } from '../engine/times.ts';

/** What was given, as messages show it. */
export const shown = (text: string): string =>
  JSON.stringify(text.length > 60 ? `${text.slice(0, 60)}...` : text);

function integer(option: string, min: number, max: number): (text: string) => number {
  return (text) => {
    const value = /^\d{1,15}$/.test(text) ? Number(text) : NaN;
    if (Number.isNaN(value) || value < min || value > max) {
      throw new UsageError(`${option}: ${shown(text)} is not a whole number from ${min} to ${max}`);
    }
    return value;
  };
}

export const seedValue = integer('--seed', 0, SEED_MAX);
export const runsValue = integer('--runs', 1, RUNS_LIMIT);
export const jobsValue = integer('--jobs', 1, JOBS_LIMIT);
export const failuresValue = integer('--max-failures', 1, FAILURES_LIMIT);

/** `30s`, `10m`, `2h` in milliseconds. */
function time(option: string): (text: string) => number {
  return (text) => {
    const ms = timeOf(text);
    if (ms === null) throw new UsageError(`${option}: ${shown(text)} ${NO_TIME}`);
    return ms;
  };
}

export const timeValue = time('--time');
export const settleValue = time('--settle');

/** Collects an option that may be repeated, or hold several names with commas between them. @throws UsageError for none */
export function nameList(option: string): (text: string, before?: string[]) => string[] {
  return (text, before = []) => {
    const names = text
      .split(',')
      .map((name) => name.trim())
      .filter((name) => name !== '');
    if (names.length === 0) {
      throw new UsageError(
        `${option}: ${shown(text)} holds no name; leave ${option} away, or see pagercheck list`,
      );
    }
    return [...before, ...names.filter((name) => !before.includes(name))];
  };
}

/** The path of a file or directory. @throws UsageError for an empty one, as an unset variable of a shell gives */
export function pathValue(option: string): (text: string) => string {
  return (text) => {
    if (text === '') throw new UsageError(`${option}: the path is empty; write one`);
    return text;
  };
}

/** The path of C text, of which there is one: what is given twice would be left out silently. @throws UsageError */
export function sourceValue(text: string, before?: string): string {
  if (before !== undefined) {
    throw new UsageError(
      `--source: there is one, not both ${shown(before)} and ${shown(text)}; diff takes two as --left A.c --right B.c`,
    );
  }
  return pathValue('--source')(text);
}

/** Checks names against those that exist. @throws UsageError with the nearest one */
export function requireNames(
  option: string,
  kind: string,
  names: readonly string[],
  known: readonly string[],
  cure = 'see pagercheck list',
): void {
  for (const name of names) {
    if (!known.includes(name)) throw unknownName(kind, name, known, option, cure);
  }
}
