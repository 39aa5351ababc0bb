/** The differential suite's report, for a terminal and for machines. */
import type { Difference, DiffReport } from '../engine/diff.ts';
import { replayCommand } from '../engine/corpus.ts';
import type { Colors } from './colors.ts';
import { formatWorld } from './terminal.ts';
import { count, duration, labelled, thousands } from './words.ts';

/** What `diff --json` writes. */
export interface DiffJson {
  format: 1;
  seed: number;
  near: string | null;
  agreed: boolean;
  runs: number;
  operations: number;
  events: number;
  transfers: number;
  transfersMedian: number;
  linesReached: number;
  linesTotal: number;
  branchesReached: number;
  branchesTotal: number;
  linesMissed: number[];
  difference: { event: number; left: string; right: string; place: string; file: string | null } | null;
}

/** For machines; `seed` and `near` are what was compared. */
export function toDiffJson(report: DiffReport, { seed, near }: Pick<DiffJson, 'seed' | 'near'>): DiffJson {
  const { coverage, difference } = report;
  return {
    format: 1,
    seed,
    near,
    agreed: report.agreed,
    runs: report.runs,
    operations: report.operations,
    events: report.events,
    transfers: report.transfers,
    transfersMedian: report.transfersMedian,
    linesReached: coverage?.linesReached.length ?? 0,
    linesTotal: coverage?.lines.length ?? 0,
    branchesReached: coverage?.branchesReached ?? 0,
    branchesTotal: coverage?.branches ?? 0,
    linesMissed: missed(report),
    difference:
      difference === null
        ? null
        : {
            event: difference.event,
            left: difference.left,
            right: difference.right,
            place: difference.place,
            file: difference.file,
          },
  };
}

function missed({ coverage }: DiffReport): number[] {
  if (coverage === null) return [];
  const reached = new Set(coverage.linesReached);
  return coverage.lines.filter((line) => !reached.has(line));
}

/** `3, 7-9`. */
function ranges(lines: readonly number[]): string {
  const parts: string[] = [];
  for (let i = 0; i < lines.length;) {
    let end = i;
    while (lines[end + 1] === lines[end]! + 1) end++;
    parts.push(end === i ? String(lines[i]) : `${lines[i]}-${lines[end]}`);
    i = end + 1;
  }
  return parts.join(', ');
}

/** For a terminal. */
export function formatDiff(report: DiffReport, colors: Colors): string {
  const lines: string[] = [];
  const { coverage, difference } = report;
  if (difference !== null) lines.push(...formatDifference(difference, colors), '');
  const endings = Object.entries(report.endings).map(([ending, runs]) => `${thousands(runs)} ${ending}`);
  const ended = endings.length === 0 ? '' : ` (${endings.join(', ')})`;
  lines.push(labelled('compared', 12, `${count(report.runs, 'run')}${ended}, ${counts(report)}`));
  if (coverage !== null) {
    const of = (part: number, whole: number, what: string): string =>
      `${thousands(part)} of ${thousands(whole)} ${what}`;
    const { length } = coverage.linesReached;
    const never = missed(report);
    lines.push(
      labelled(
        'reached',
        12,
        `${of(length, coverage.lines.length, 'lines')}, ${of(coverage.branchesReached, coverage.branches, 'branches')}`,
      ),
    );
    if (report.agreed && never.length > 0) lines.push(labelled('not reached', 12, `lines ${ranges(never)}`));
  }
  lines.push('', verdict(report, colors));
  return lines.join('\n');
}

function counts(report: DiffReport): string {
  return (
    `${count(report.operations, 'operation')}, ${count(report.events, 'event')}, ` +
    `${count(report.transfers, 'transfer')} (median ${report.transfersMedian} a run)`
  );
}

function verdict(report: DiffReport, colors: Colors): string {
  const time = duration(report.elapsedMs);
  if (!report.agreed) return `${colors.red(colors.bold('differ'))} (${time})`;
  // agreement in nothing is none
  if (report.runs === 0) return `${colors.yellow(colors.bold('nothing was compared'))} (${time})`;
  const interrupted = report.isInterrupted ? ', interrupted' : '';
  return `${colors.green(colors.bold('agreed'))} in all that was compared${interrupted} (${time})`;
}

function formatDifference(found: Difference, colors: Colors): string[] {
  const side = (name: string, text: string): string[] =>
    text.split('\n').map((line, i) => `  ${(i === 0 ? name : '').padEnd(8)}${line.trimEnd()}`);
  const { operations } = found.scenario;
  return [
    `${colors.red('the two part')} at event ${found.event}, in ${found.suite}, run ${found.run}`,
    ...side('left', found.left),
    ...side('right', found.right),
    ...(found.place === '' ? [] : side('line', `${found.place}: ${found.text}`)),
    '',
    `  shrunk from ${found.operationsBefore} to ${count(operations.length, 'operation')}:`,
    ...formatWorld(found.scenario),
    ...(found.file === null ? [] : ['', `  ${replayCommand(found.file)} --verbose`]),
    ...(found.fileError === null ? [] : ['', `  not kept: ${found.fileError}`]),
  ];
}
