/**
 * A run of suites as people read it: the table of suites, each failure, the verdict. Pure functions from a report to text, in
 * 100 columns; colour only repeats what the words say.
 */
import Table from 'cli-table3';
import { TRANSITION } from '../../model/machines/transitions.ts';
import type { Violation } from '../../properties/property.ts';
import { vacuous } from '../../properties/sometimes.ts';
import { howToReplay } from '../engine/corpus.ts';
import { groupFailures, groupsOf, type FailureGroup } from '../engine/groups.ts';
import type { ReachReport, RunReport, SuiteReport, ViolationReport } from '../engine/results.ts';
import { formatBriefly } from '../scenario/codec.ts';
import type { Scenario, TargetChoice } from '../scenario/scenario.ts';
import type { Colors } from './colors.ts';
import { COLUMNS, count, duration, labelled, share, someOf, thousands, wrap } from './words.ts';

/** Target and form as one is asked for them: `reference, repaired+DEFECT`. */
export function targetName(choice: TargetChoice): string {
  if (choice.name !== 'reference') return choice.name;
  return `${choice.name}, ${[choice.form, ...choice.switches].join('+')}`;
}

const NO_LINE = {
  top: '',
  'top-mid': '',
  'top-left': '',
  'top-right': '',
  bottom: '',
  'bottom-mid': '',
  'bottom-left': '',
  'bottom-right': '',
  left: '',
  'left-mid': '',
  mid: '',
  'mid-mid': '',
  right: '',
  'right-mid': '',
  middle: '  ',
};

/** Lines of a table without frame; the first column is a name, the others are numbers. */
export function columns(head: string[], rows: string[][], colors: Colors): string {
  const table = new Table({
    head: head.map((cell) => colors.bold(cell)),
    chars: NO_LINE,
    style: { head: [], border: [], 'padding-left': 0, 'padding-right': 0 },
    colAligns: head.map((_, i) => (i === 0 ? 'left' : 'right')),
  });
  table.push(...rows);
  return table
    .toString()
    .split('\n')
    .map((line) => line.trimEnd())
    .join('\n');
}

function runsOf(suite: SuiteReport): string {
  if (suite.runsPlanned === null || suite.runs === suite.runsPlanned) return thousands(suite.runs);
  return `${thousands(suite.runs)} of ${thousands(suite.runsPlanned)}`;
}

/** The table of suites. */
export function formatTable(report: RunReport, colors: Colors): string {
  const rows = report.suites.map((suite) => {
    const transitions = suite.reached.filter(({ name }) => name.startsWith(TRANSITION));
    const situations = suite.reached.filter(({ name }) => !name.startsWith(TRANSITION));
    const violations = suite.violations.length;
    return [
      suite.name,
      runsOf(suite),
      thousands(suite.operations),
      share(suite.noops, suite.operations),
      thousands(suite.transfers),
      reachedOf(situations),
      reachedOf(transitions),
      violations === 0 ? '0' : colors.red(String(violations)),
      duration(suite.elapsedMs),
    ];
  });
  const head = [
    'suite',
    'runs',
    'operations',
    'no-ops',
    'transfers',
    'reached',
    'transitions',
    'violated',
    'time',
  ];
  return columns(head, rows, colors);
}

/** "46 of 47": how many of the names were reached at least once. */
function reachedOf(names: readonly ReachReport[]): string {
  if (names.length === 0) return '-';
  return `${names.filter((one) => one.count > 0).length} of ${names.length}`;
}

/** Width of the labels in an explanation. */
const LABEL = 11;

/** What a violation says, as indented lines. */
export function formatExplanation(violation: Violation, colors: Colors, indent = '  '): string {
  const where =
    violation.operation === 0
      ? violation.operationKind
      : `operation ${violation.operation} (${violation.operationKind})`;
  const lines = [
    ...wrap(violation.what, COLUMNS - indent.length).map((line) => indent + line),
    labelled(
      'where',
      LABEL,
      [
        violation.function === '-' ? where : `${where}, in ${violation.function}`,
        ...(violation.event === undefined ? [] : [`event ${violation.event} of its trace`]),
      ].join('; '),
      indent,
    ),
    labelled('expected', LABEL, violation.expected, indent),
    labelled('observed', LABEL, violation.observed, indent),
  ];
  if (violation.origin !== undefined) lines.push(labelled('origin', LABEL, violation.origin, indent));
  if (violation.place !== undefined) lines.push(labelled('line', LABEL, violation.place, indent));
  return lines
    .map((line) => line.replace(/^(\s*)(where|expected|observed|origin|line)(?= )/, dimLabel(colors)))
    .join('\n');
}

function dimLabel(colors: Colors): (match: string, space: string, label: string) => string {
  return (_, space, label) => space + colors.dim(label);
}

/** One failure: what is wrong, the shrunk scenario, and how to see it again. */
export function formatViolation(found: ViolationReport, suite: string, colors: Colors): string {
  const seen = found.runs > 1 ? `, seen in ${count(found.runs, 'run')}` : '';
  const lines = [
    `${colors.red(colors.bold('violated'))} ${colors.bold(found.property)} in ${suite}, run ${found.firstRun}${seen}`,
    formatExplanation(found.explanation, colors),
    labelled('cause', LABEL, found.cause, '  ').replace('cause', colors.dim('cause')),
    '',
    `  ${shrunkFrom(found)}`,
    ...formatWorld(found.scenario),
    '',
  ];
  if (found.file !== null) lines.push(`  ${colors.cyan(howToReplay(found.file, found.scenario.target))}`);
  if (found.fileError !== null) lines.push(`  not kept: ${found.fileError}`);
  if (!found.reproduced) {
    lines.push(
      `  It did not show on a target that had run nothing else: runs are not independent of each other.`,
    );
  }
  return lines.join('\n');
}

/** What is said of a failure that is like one that was told; of one that only comes with it less can be said. */
function likeness(isAlike: boolean): string {
  return isAlike ? 'probably the same bug' : 'perhaps the same bug, or one that comes with it';
}

/** One failure as far as it differs from one that was told already and is probably, or perhaps, of the same bug. */
export function formatLike(
  found: ViolationReport,
  suite: string,
  told: string,
  isAlike: boolean,
  colors: Colors,
): string {
  const head = `${colors.red('violated')} ${found.property} in ${suite}, run ${found.firstRun}`;
  const kept = found.fileError === null ? '' : `; not kept: ${found.fileError}`;
  return [
    head,
    labelled('cause', LABEL, found.cause, '  ').replace('cause', colors.dim('cause')),
    labelled('like', LABEL, `${told}: ${likeness(isAlike)}`, '  ').replace('like', colors.dim('like')),
    `  ${count(found.operations, 'operation')}${kept}`,
    ...(found.file === null ? [] : [`  ${colors.cyan(howToReplay(found.file, found.scenario.target))}`]),
  ].join('\n');
}

/**
 * The failure that one is to be told beside: of its group the one with the smallest scenario that was told, and of those the
 * first, which was told in full. Null if there is none, or if the new one has a smaller scenario and is the better story.
 */
export function toldBefore(found: ViolationReport, told: readonly ViolationReport[]): ViolationReport | null {
  const group = groupFailures([...told, found]).find(({ first, others }) =>
    [first, ...others].includes(found),
  )!;
  const kin = [group.first, ...group.others];
  const before = told
    .filter((one) => kin.includes(one))
    .toSorted((a, b) => a.operations - b.operations)
    .at(0);
  return before === undefined || found.operations < before.operations ? null : before;
}

/** One line a group of failures, and what else its bug is seen as; nothing if each failure is alone. */
export function formatGroups(report: RunReport, colors: Colors): string[] {
  const groups = groupsOf(report);
  if (groups.every(({ others }) => others.length === 0)) return [];
  return [
    `probably ${bugsOf(groups)}: the smallest scenario${groups.length === 1 ? '' : ' of each'}, ` +
      'and what else it is seen as',
    ...groups.flatMap((group) => formatGroup(group, colors)),
    '',
  ];
}

/** `3 bugs`, or `3-7 bugs` where it is in doubt what is of one. */
function bugsOf(groups: readonly FailureGroup[]): string {
  const most = groups.reduce((sum, { bugsMax }) => sum + bugsMax, 0);
  return most === groups.length ? count(most, 'bug') : `${groups.length}-${count(most, 'bug')}`;
}

function formatGroup({ first, others, doubtful }: FailureGroup, colors: Colors): string[] {
  const listed = (members: readonly ViolationReport[], head: string): string[] => {
    if (members.length === 0) return [];
    const names = members.map(({ cause, operations }) => `${cause} (${operations})`);
    return wrap(head + names.join(', '), COLUMNS - 6).map((line) => `      ${line}`);
  };
  return [
    `  ${colors.bold(first.cause)}, ${count(first.operations, 'operation')}`,
    ...(first.file === null ? [] : [`    ${colors.cyan(howToReplay(first.file, first.scenario.target))}`]),
    ...listed(
      others.filter((one) => !doubtful.includes(one)),
      '',
    ),
    ...listed(doubtful, 'perhaps, or bugs of their own: '),
  ];
}

/** A scenario as an indented part of a report, without what is the default, long entries broken between fields. */
export function formatWorld(scenario: Scenario): string[] {
  return formatBriefly(scenario)
    .trimEnd()
    .split('\n')
    .flatMap((line) => {
      const broken: string[] = [];
      let rest = `    ${line}`;
      while (rest.length > COLUMNS) {
        const comma = rest.lastIndexOf(', ', COLUMNS - 1);
        if (comma < 20) break;
        broken.push(rest.slice(0, comma + 1));
        rest = `          ${rest.slice(comma + 2)}`;
      }
      return [...broken, rest];
    });
}

function shrunkFrom(found: ViolationReport): string {
  if (found.operations === found.operationsBefore) return `${count(found.operations, 'operation')}:`;
  return `shrunk from ${thousands(found.operationsBefore)} to ${count(found.operations, 'operation')}:`;
}

const VERDICT_WORDS: Record<RunReport['verdict'], string> = {
  held: 'held',
  violated: 'violated',
  'internal-error': 'internal error',
  'not-reached': 'not reached',
  'not-deterministic': 'not deterministic',
  interrupted: 'interrupted',
};

/** Why a run ended early, in words; empty if it did not. */
function stopOf(report: RunReport): string {
  switch (report.stopped) {
    case 'done':
      return '';
    case 'time':
      // that suites end when their time is over is what was asked for
      return report.notRun.length === 0 ? '' : 'the time was over before all suites were begun (--time)';
    case 'max-failures':
      return 'stopped after so many distinct failures (--max-failures)';
    case 'interrupted':
      return 'interrupted; what was found until then is kept';
    case 'internal-error':
      return 'stopped by an internal error';
  }
}

/** Names shown of what was never reached; `--json` has all. */
const UNREACHED_MAX = 12;

/** What no suite has reached, as lines; none where something was violated: a pager that is wrong does not get everywhere. */
export function formatNeverReached(report: RunReport): string[] {
  if (report.verdict === 'violated') return [];
  const counts = new Map<string, number>();
  for (const { reached } of report.suites)
    for (const one of reached) counts.set(one.name, (counts.get(one.name) ?? 0) + one.count);
  const never = [...counts].filter(([, times]) => times === 0).map(([name]) => name);
  if (never.length === 0) return [];
  return wrap(`never reached: ${someOf(never, UNREACHED_MAX)}`, COLUMNS);
}

/** What the suite was asked for by now, name to number of runs. */
function declared({ runs, reached }: SuiteReport): Record<string, number> {
  return Object.fromEntries(
    reached.flatMap(({ name, requiredAfter }) =>
      requiredAfter !== null && requiredAfter <= runs ? [[name, requiredAfter]] : [],
    ),
  );
}

/** What else is to be said under the table, one line each. */
export function formatRemarks(report: RunReport): string[] {
  const remarks: string[] = [];
  for (const suite of report.suites) {
    if (suite.notReached.length > 0) {
      remarks.push(
        `${suite.name} did not reach, in ${count(suite.runs, 'run')}: ${suite.notReached.join(', ')}`,
        ...Object.entries(suite.ways).map(([name, way]) => `  the way to ${name}: ${way.join(', ')}`),
        ...vacuous(declared(suite), suite.notReached).map(
          ({ id, statement }) => `  violated ${id}: ${statement}`,
        ),
      );
    }
    if (suite.difference !== null) {
      const { run, event, first, second, file } = suite.difference;
      remarks.push(
        `${suite.name}, run ${run}: two executions of one scenario differ from event ${event} on:`,
        `  first:  ${first === '' ? '(had ended)' : first}`,
        `  second: ${second === '' ? '(had ended)' : second}`,
      );
      if (file !== null) remarks.push(`  ${howToReplay(file, report.target)}`);
    }
    const { trap, panic, deadlock, bound } = suite.endings;
    if (trap + panic + deadlock + bound > 0 && suite.violations.length === 0) {
      const parts = Object.entries({ trap, panic, deadlock, bound }).filter(([, n]) => n > 0);
      remarks.push(
        `${suite.name}: runs ended early, which no property here judged: ` +
          parts.map(([ending, n]) => `${ending} ${thousands(n)}`).join(', '),
      );
    }
  }
  if (report.internal !== null) {
    const { suite, run, message, stack, file, scenario } = report.internal;
    remarks.push(`internal error in ${suite}, run ${run}: ${message}`);
    const frame = /^\s*at .*$/m.exec(stack)?.[0].trim();
    if (frame !== undefined) remarks.push(`  ${frame}`);
    if (file !== null) remarks.push(`  ${howToReplay(file, report.target)}`);
    if (scenario !== null)
      remarks.push('  in this scenario, which no corpus keeps:', ...formatWorld(scenario));
  }
  if (report.notRun.length > 0) remarks.push(...wrap(`not run: ${report.notRun.join(', ')}`, COLUMNS));
  const stop = stopOf(report);
  if (stop !== '') remarks.push(stop);
  return remarks;
}

/** The verdict in one line. */
export function formatVerdict(report: RunReport, colors: Colors): string {
  const runs = report.suites.reduce((sum, suite) => sum + suite.runs, 0);
  const operations = report.suites.reduce((sum, suite) => sum + suite.operations, 0);
  const causes = new Set(report.suites.flatMap((suite) => suite.violations.map((one) => one.cause)));
  const paint =
    report.verdict === 'held' ? colors.green : report.verdict === 'violated' ? colors.red : colors.yellow;
  const groups = groupsOf(report);
  const probably = groups.length < causes.size ? `, probably ${bugsOf(groups)},` : '';
  const found =
    causes.size === 0 ? 'no property was violated' : `${count(causes.size, 'distinct failure')}${probably}`;
  const near = report.near === null ? '' : `, near ${report.near}`;
  return (
    `${paint(colors.bold(VERDICT_WORDS[report.verdict]))}: ${found} in ${count(runs, 'run')} and ` +
    `${count(operations, 'operation')} (seed ${report.seed}${near})`
  );
}

/** What one must not conclude. */
export const NOT_PROVED =
  'A pass proves nothing about scenarios not run, larger worlds, or what no property states.';
