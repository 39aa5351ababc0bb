/**
 * A defect hunt as people read it: a line of news for each find, and in the end a table of all and what it came to. Fits into 100
 * columns; colour only repeats what the words say.
 */
import { basename } from 'node:path';
import { replayCommand } from '../engine/corpus.ts';
import type { HuntReport, HuntStop } from '../engine/hunting.ts';
import type { FoundDefect, Unexplained } from '../engine/finds.ts';
import type { Colors } from './colors.ts';
import { COLUMNS, count, duration, someOf, wrap } from './words.ts';

/** Names shown of what was not found; `--json` has all. */
const NOT_FOUND_MAX = 16;

/** A defect, when it is found for the first time. */
export function formatFound({ seconds, id, property }: FoundDefect, colors: Colors): string {
  return `${duration(1000 * seconds).padStart(12)}  ${colors.red(id.padEnd(27))}  ${property}`;
}

/** A violation that nothing known explains, when it is found. */
export function formatUnknown({ cause, parted }: Unexplained, seconds: number, colors: Colors): string {
  const name = parted ? 'not as the reference' : 'unknown';
  return `${duration(1000 * seconds).padStart(12)}  ${colors.yellow(name.padEnd(27))}  ${cause}`;
}

/** A defect that C text does not have, when that is seen. */
export function formatRepaired(id: string, seconds: number, colors: Colors): string {
  return `${duration(1000 * seconds).padStart(12)}  ${colors.green(id.padEnd(27))}  repaired in the text`;
}

const row = (lines: string, reached: string, operations: string, property: string, file: string): string =>
  [lines.padEnd(9), reached.padEnd(7), operations.padStart(3), property.padEnd(25), file]
    .join('  ')
    .trimEnd();

/** What was found, in the order of the original, as `order` gives it with the lines of each switch. */
export function formatFinds(
  { defects, unknown }: HuntReport,
  order: ReadonlyMap<string, string>,
  colors: Colors,
): string[] {
  if (defects.length + unknown.length === 0) return [];
  const shown: string[] = [
    colors.bold(row('lines', 'by', 'ops', 'property', 'defect, and the scenario that shows it')),
  ];
  for (const [id, lines] of order) {
    const found = defects.find((one) => one.id === id);
    if (found === undefined) continue;
    const { reachable, operations, property, file, needs } = found;
    const name = file === null ? id : basename(file);
    shown.push(row(lines, reachable, String(operations), property, name).replace(id, () => colors.red(id)));
    if (needs.length > 0)
      shown.push(
        ...wrap(`only beside ${needs.join(', ')}`, COLUMNS - 24).map((line) => ' '.repeat(24) + line),
      );
  }
  for (const { operations, property, cause, parted, file } of inOrder(unknown)) {
    const name = file === null ? cause : basename(file);
    shown.push(colors.yellow(row('?', parted ? 'text' : 'unknown', String(operations), property, name)));
  }
  return shown;
}

/** What nothing explains: first what the reference does too, then what only the text does; by property, the short ones first. */
function inOrder(unknown: readonly Unexplained[]): Unexplained[] {
  return unknown.toSorted(
    (a, b) =>
      Number(a.parted) - Number(b.parted) ||
      compareWords(a.property, b.property) ||
      a.operations - b.operations ||
      compareWords(a.cause, b.cause),
  );
}

/** The order of their characters, wherever it runs. */
function compareWords(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

const ENDINGS: Readonly<Record<HuntStop, string>> = {
  time: 'the time was over',
  settled: 'there was no news for long enough',
  complete: 'callers alone showed every defect',
  interrupted: 'interrupted',
};

/** What the hunt came to; `comparison` is the command that compares C text with the reference, event by event. */
export function formatHunt(report: HuntReport, comparison: string | null, colors: Colors): string[] {
  const { defects, unknown, notFound, repaired, alike, runs, operations, seconds, seed, fileError } = report;
  const lines: string[] = [];
  const example = defects.find(({ file }) => file !== null)?.file ?? null;
  if (example !== null) lines.push(`a defect, explained: ${replayCommand(example)}`);
  const news = inOrder(unknown).find(({ file }) => file !== null)?.file ?? null;
  if (news !== null) lines.push(`what nothing known explains: ${replayCommand(news)}`);
  if (alike.length > 0)
    lines.push(...wrap(`in its own way, like known defects: ${someOf(alike, NOT_FOUND_MAX)}`, COLUMNS));
  if (comparison !== null && (alike.length > 0 || unknown.some(({ parted }) => parted)))
    lines.push(`where the text is not as the reference: ${comparison}`);
  if (repaired.length > 0) lines.push(...wrap(`repaired in the text: ${repaired.join(', ')}`, COLUMNS));
  if (notFound.length > 0) lines.push(...wrap(`not found: ${someOf(notFound, NOT_FOUND_MAX)}`, COLUMNS));
  if (fileError !== null) lines.push(...wrap(`not every scenario was written: ${fileError}`, COLUMNS));
  const direct = defects.filter(({ reachable }) => reachable === 'direct').length;
  const parts = [`${defects.length} of ${count(defects.length + notFound.length, 'defect')}`];
  if (direct > 0) parts.push(`${direct} by direct calls only`);
  const parted = unknown.filter((one) => one.parted).length;
  if (unknown.length > parted)
    parts.push(`${count(unknown.length - parted, 'violation')} that no repair explains`);
  if (parted > 0) parts.push(`${count(parted, 'violation')} where the text is not as the reference`);
  const found = defects.length + unknown.length > 0;
  // who interrupts it before the first search has ended has learned nothing
  const verdict = found ? 'violated' : runs > 0 ? 'held' : 'nothing run';
  lines.push(`${ENDINGS[report.stopped]}, after ${duration(1000 * seconds)}`);
  const paint = found ? colors.red : runs > 0 ? colors.green : colors.yellow;
  const made = `in ${count(runs, 'run')} and ${count(operations, 'operation')} (seed ${seed})`;
  const said = wrap(`${verdict}: ${parts.join(', ')}, ${made}`, COLUMNS);
  return [
    ...lines,
    ...said.map((line) =>
      line.replace(/^(violated|held|nothing run)(?=:)/, (word) => colors.bold(paint(word))),
    ),
  ];
}
