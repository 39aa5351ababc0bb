/** A defect hunt as people read it: a line for each find as it comes, and what it came to. Fits into 100 columns. */
import type { FoundDefect, HuntReport, HuntStop, Unexplained } from '../engine/defect-hunt.ts';
import type { Colors } from './colors.ts';
import { COLUMNS, count, duration, someOf, wrap } from './words.ts';

const TIME = 12;
const REACHED = 8;
const OPERATIONS = 5;
const PROPERTY = 27;

/** Names shown of what was not found; `--json` has all. */
const NOT_FOUND_MAX = 16;

function row(time: string, reached: string, operations: string, property: string, file: string): string {
  return (
    `${time.padStart(TIME - 2)}  ${reached.padEnd(REACHED)}${operations.padStart(OPERATIONS - 2)}  ` +
    `${property.padEnd(PROPERTY)}${file}`
  ).trimEnd();
}

/** The head of the list. */
export function formatHead(colors: Colors): string {
  return colors.bold(row('after', 'by', 'ops', 'property', 'defect, and a scenario that shows it'));
}

/** A defect, when it is found, or found again by callers alone. */
export function formatFound(found: FoundDefect, colors: Colors): string {
  const { seconds, reachable, operations, property, id, file } = found;
  const text = row(duration(1000 * seconds), reachable, String(operations), property, file ?? id);
  return text.replace(id, colors.red(id));
}

/** A violation that nothing known explains. */
export function formatUnknown(found: Unexplained, seconds: number, colors: Colors): string {
  const { operations, property, cause, file } = found;
  return colors.yellow(row(duration(1000 * seconds), 'unknown', String(operations), property, file ?? cause));
}

const ENDINGS: Readonly<Record<HuntStop, string>> = {
  time: 'the time was over',
  settled: 'there was no news for long enough',
  complete: 'callers alone showed every defect',
  interrupted: 'interrupted',
};

/** What the hunt came to. */
export function formatHunt(report: HuntReport, colors: Colors): string[] {
  const { defects, unknown, notFound, runs, operations, seconds } = report;
  const lines: string[] = [];
  if (notFound.length > 0) lines.push(...wrap(`not found: ${someOf(notFound, NOT_FOUND_MAX)}`, COLUMNS));
  const direct = defects.filter(({ reachable }) => reachable === 'direct').length;
  const parts = [`${defects.length} of ${count(defects.length + notFound.length, 'defect')}`];
  if (direct > 0) parts.push(`${direct} by direct calls only`);
  if (unknown.length > 0) parts.push(`${count(unknown.length, 'violation')} that no repair explains`);
  const found = defects.length + unknown.length > 0;
  lines.push(`${ENDINGS[report.stopped]}, after ${duration(1000 * seconds)}`);
  const word = colors.bold(found ? colors.red('violated') : colors.green('held'));
  const made = `in ${count(runs, 'run')} and ${count(operations, 'operation')} (seed ${report.seed})`;
  const said = wrap(`${found ? 'violated' : 'held'}: ${parts.join(', ')}, ${made}`, COLUMNS);
  return [...lines, ...said.map((line) => line.replace(/^(violated|held)/, () => word))];
}
