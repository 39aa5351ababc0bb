/**
 * What suites reached, as people read it: every situation and every transition with its count, and the transitions of each state
 * machine in one line. Pure functions from a report to text, in 100 columns.
 */
import { TRANSITION } from '../../model/machines/transitions.ts';
import type { ReachReport, RunReport, SuiteReport } from '../engine/results.ts';
import type { Colors } from './colors.ts';
import { columns } from './terminal.ts';
import { COLUMNS, count, thousands, wrap } from './words.ts';

/** Columns between two numbers of a table. */
const GAP = 2;

/** `transition page WAKEUP in call offered` without what all of them begin with. */
function shortName(name: string): string {
  return name.startsWith(TRANSITION) ? name.slice(TRANSITION.length + 1) : name;
}

/** Names of all suites in the order of the first that has them. */
function namesOf(suites: readonly SuiteReport[]): string[] {
  return [...new Set(suites.flatMap(({ reached }) => reached.map(({ name }) => name)))];
}

/** A count; what had to be reached and was not is marked. */
function cellOf(one: ReachReport | undefined, { notReached }: SuiteReport, colors: Colors): string {
  if (one === undefined) return '-';
  return notReached.includes(one.name) ? colors.red('0 !') : thousands(one.count);
}

/** As many suites side by side as fit, then the next ones. */
function tablesOf(
  title: string,
  names: readonly string[],
  suites: readonly SuiteReport[],
  colors: Colors,
): string[] {
  if (names.length === 0) return [];
  const nameWidth = Math.max(title.length, ...names.map((name) => shortName(name).length));
  const widest = Math.max(
    ...suites.map(({ name, reached }) =>
      Math.max(name.length, ...reached.map((one) => thousands(one.count).length)),
    ),
  );
  const abreast = Math.max(1, Math.floor((COLUMNS - nameWidth) / (GAP + widest)));
  const tables: string[] = [];
  for (let at = 0; at < suites.length; at += abreast) {
    const some = suites.slice(at, at + abreast);
    const counts = some.map(({ reached }) => new Map(reached.map((one) => [one.name, one])));
    const rows = names.map((name) => [
      shortName(name),
      ...some.map((suite, i) => cellOf(counts[i]!.get(name), suite, colors)),
    ]);
    tables.push(columns([title, ...some.map(({ name }) => name)], rows, colors));
  }
  return tables;
}

/** Every situation and every transition with its count in each suite: `run --reached`. */
export function formatReached(report: RunReport, colors: Colors): string {
  const suites = report.suites.filter(({ reached }) => reached.length > 0);
  const names = namesOf(suites);
  const isTransition = (name: string): boolean => name.startsWith(TRANSITION);
  return [
    ...tablesOf(
      'situation',
      names.filter((name) => !isTransition(name)),
      suites,
      colors,
    ),
    ...tablesOf('transition', names.filter(isTransition), suites, colors),
  ].join('\n\n');
}

/** How many transitions of each machine were taken, and how often in all; no line where none were counted. */
export function formatMachines(report: RunReport): string[] {
  const machines = new Map<string, Map<string, number>>();
  for (const { reached } of report.suites) {
    for (const { name, count: times } of reached) {
      if (!name.startsWith(TRANSITION)) continue;
      const machine = shortName(name).split(' ')[0]!;
      const counts = machines.get(machine) ?? new Map<string, number>();
      counts.set(name, (counts.get(name) ?? 0) + times);
      machines.set(machine, counts);
    }
  }
  if (machines.size === 0) return [];
  const parts = [...machines].map(([machine, counts]) => {
    const taken = [...counts.values()].filter((times) => times > 0);
    const times = taken.reduce((sum, one) => sum + one, 0);
    return `${machine} ${taken.length} of ${counts.size}, ${count(times, 'time')}`;
  });
  return wrap(`transitions taken: ${parts.join('; ')}`, COLUMNS);
}
