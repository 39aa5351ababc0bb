/**
 * Compares the branches of the pager that a coverage run missed with those for which docs/coverage.md gives a reason, so that the
 * document and the figures cannot part. A branch is known by its file, its function and its own text, not by its line, which
 * every change above it moves.
 */

/** Where something stands in a source file; lines from 1, columns from 0, null or absent where the report does not know. */
interface Position {
  line?: number;
  column?: number | null;
}

interface Range {
  start: Position;
  end: Position;
}

/** What the report of a coverage run (`coverage-final.json`) says of one file, as far as it is looked at. */
export interface FileCoverage {
  path: string;
  branchMap: Record<string, { type: string; loc: Range; locations: Range[] }>;
  fnMap: Record<string, { name: string; loc: Range }>;
  /** How often each way of each branch was gone. */
  b: Record<string, number[]>;
}

/** One way of a branch. */
export interface Branch {
  /** Name of the file without its folder. */
  file: string;
  function: string;
  /** The text, and which way is meant. */
  branch: string;
}

/** A branch that nothing reached. */
export interface Missed extends Branch {
  line: number;
}

/** A branch and why nothing reaches it. */
export interface Reason extends Branch {
  why: string;
}

const compare = (a: Position, b: Position): number =>
  a.line! - b.line! || (a.column ?? Infinity) - (b.column ?? Infinity);

/** The innermost function with a name around something. */
function functionAround(file: FileCoverage, inner: Range): string {
  let best: Range | undefined;
  let name = '-';
  for (const one of Object.values(file.fnMap)) {
    if (one.name.startsWith('(')) continue;
    if (compare(one.loc.start, inner.start) > 0 || compare(one.loc.end, inner.end) < 0) continue;
    if (best !== undefined && compare(best.start, one.loc.start) > 0) continue;
    best = one.loc;
    name = one.name;
  }
  return name;
}

/** The text between two positions; to the end of the line where the end is not known. */
function textOf(source: readonly string[], from: Position, to: Position): string {
  const lines = source.slice(from.line! - 1, to.line);
  lines[lines.length - 1] = lines.at(-1)!.slice(0, to.column ?? undefined);
  lines[0] = lines[0]!.slice(from.column ?? 0);
  return lines.join(' ').replaceAll(/\s+/g, ' ').trim();
}

/** The text up to the parenthesis that closes one opened before it; reports end some ways a little too late. */
function balanced(text: string): string {
  let depth = 0;
  for (let i = 0; i < text.length; i++) {
    if (text[i] === '(') depth++;
    if (text[i] === ')' && --depth < 0) return text.slice(0, i);
  }
  return text;
}

/** The condition of an if: what its parentheses hold. */
function conditionOf(text: string): string {
  return balanced(text.slice(text.indexOf('(') + 1));
}

function nameOf(
  source: readonly string[],
  branch: { type: string; loc: Range; locations: Range[] },
  way: number,
): string {
  const ways = ['is never true', 'is never false'];
  const { loc } = branch;
  if (branch.type === 'if') return `\`${conditionOf(textOf(source, loc.start, loc.end))}\` ${ways[way]}`;
  if (branch.type === 'cond-expr') {
    const condition = textOf(source, loc.start, branch.locations[0]!.start);
    return `\`${condition.replace(/ ?\?$/, '')}\` ${ways[way]}`;
  }
  const { start, end } = branch.locations[way]!;
  return `\`${balanced(textOf(source, start, end)).replace(/[;,]$/, '')}\` is never reached`;
}

/** What a coverage run missed, in order of file and line. */
export function missedBranches(report: readonly FileCoverage[], read: (path: string) => string): Missed[] {
  return report.flatMap((file) => {
    const source = read(file.path).split('\n');
    return Object.entries(file.b)
      .flatMap(([id, ways]) => {
        const branch = file.branchMap[id]!;
        return ways.flatMap((times, way) =>
          times > 0
            ? []
            : [
                {
                  file: file.path.slice(file.path.lastIndexOf('/') + 1),
                  function: functionAround(file, branch.loc),
                  branch: nameOf(source, branch, way),
                  line: branch.loc.start.line!,
                },
              ],
        );
      })
      .toSorted((a, b) => a.line - b.line);
  });
}

/** The reasons of a document: rows of tables with a file, a function, a branch and why. */
export function reasonsOf(document: string): Reason[] {
  return document.split('\n').flatMap((row) => {
    const [file, name, branch, why] = row
      .split(/(?<!\\)\|/)
      .slice(1, -1)
      .map((cell) => cell.trim().replaceAll(String.raw`\|`, '|'));
    const named = /^`([\w-]+\.ts)`$/.exec(file ?? '')?.[1];
    if (named === undefined || branch === undefined) return [];
    return [{ file: named, function: name!.replaceAll('`', ''), branch, why: why ?? '' }];
  });
}

/** A row of such a table. */
export function rowOf({ file, function: name, branch, why }: Reason): string {
  return `| \`${file}\` | \`${name}\` | ${branch.replaceAll('|', String.raw`\|`)} | ${why} |`;
}

const keyOf = (one: Branch): string => `${one.file} ${one.function} ${one.branch}`;

/** What is wrong, one sentence each: a branch that is missed without a reason, and a reason whose branch is reached. */
export function differences(missed: readonly Missed[], reasons: readonly Reason[]): string[] {
  const left = reasons.filter((one) => one.why !== '').map((one) => keyOf(one));
  const complaints: string[] = [];
  for (const one of missed) {
    const at = left.indexOf(keyOf(one));
    if (at >= 0) left.splice(at, 1);
    else
      complaints.push(
        `no scenario reaches line ${one.line} of ${one.file}, and there is no reason for it:\n` +
          rowOf({ ...one, why: '' }),
      );
  }
  return [...complaints, ...left.map((key) => `there is a reason for what scenarios reach: ${key}`)];
}
