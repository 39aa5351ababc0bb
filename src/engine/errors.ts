/**
 * What goes wrong outside the pager under test: a request that cannot be met, and a defect of the machinery. Both are told
 * apart by class, because they end with different exit codes.
 */
import type { Scenario } from '../scenario/scenario.ts';

/** The user's request or input is wrong; the message is one line that says what, where, and what to do. */
export class UsageError extends Error {
  /** For those who cannot use `instanceof`. */
  override name = 'UsageError';
}

/** A target, a monitor or a generator threw, which none of them may: a defect of pagercheck or of a user's pager module. */
export class InternalError extends Error {
  override name = 'InternalError';
  /** The scenario that was running, if one was. */
  readonly scenario: Scenario | null;

  constructor(message: string, scenario: Scenario | null, cause: unknown) {
    super(message, { cause });
    this.scenario = scenario;
  }
}

/** Message of anything that was thrown. */
export function messageOf(thrown: unknown): string {
  if (thrown instanceof Error) return thrown.message === '' ? thrown.name : thrown.message;
  return String(thrown);
}

/** The system's error code (`ENOENT`), if the thrown thing carries one. */
export function codeOf(thrown: unknown): string | undefined {
  if (typeof thrown !== 'object' || thrown === null || !('code' in thrown)) return undefined;
  return typeof thrown.code === 'string' ? thrown.code : undefined;
}

const REASONS: Readonly<Record<string, string>> = {
  EACCES: 'permission denied',
  EPERM: 'permission denied',
  EROFS: 'the file system is read-only',
  ENOENT: 'there is no such file or directory',
  ENOTDIR: 'a part of the path is not a directory',
  EISDIR: 'it is a directory',
  EEXIST: 'it exists already',
  ENOSPC: 'the disk is full',
  ELOOP: 'too many symbolic links',
  ENAMETOOLONG: 'the name is too long',
  EMFILE: 'too many open files',
  ENXIO: 'nobody reads there',
};

/** Why an act on a file failed, in words. */
export function reasonOf(thrown: unknown): string {
  const code = codeOf(thrown);
  return (code !== undefined ? REASONS[code] : undefined) ?? messageOf(thrown);
}

/** Edit distance that counts a swap of neighbours as one step (Damerau 1964, restricted). */
function distance(a: string, b: string): number {
  const rows: number[][] = [Array.from({ length: b.length + 1 }, (_, j) => j)];
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const change = a[i - 1] === b[j - 1] ? 0 : 1;
      let best = Math.min(rows[i - 1]![j]! + 1, row[j - 1]! + 1, rows[i - 1]![j - 1]! + change);
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) {
        best = Math.min(best, rows[i - 2]![j - 2]! + 1);
      }
      row.push(best);
    }
    rows.push(row);
  }
  return rows[a.length]![b.length]!;
}

/** The known name nearest to a mistyped one, if any is near enough to be meant. */
export function nearest(name: string, known: readonly string[]): string | undefined {
  if (name.length > 100) return undefined;
  const wanted = name.toLowerCase();
  let best: string | undefined;
  let bestDistance = Math.max(wanted.length < 4 ? 1 : 2, Math.floor(wanted.length / 3)) + 1;
  for (const candidate of known) {
    const steps =
      candidate.toLowerCase().startsWith(wanted) && wanted.length > 2
        ? 1
        : distance(wanted, candidate.toLowerCase());
    if (steps < bestDistance) {
      best = candidate;
      bestDistance = steps;
    }
  }
  return best;
}

/** The error about a name that nobody knows; `where` is the option or file, `cure` says where all names stand. */
export function unknownName(
  kind: string,
  name: string,
  known: readonly string[],
  where: string,
  cure: string,
): UsageError {
  const meant = nearest(name, known);
  const hint = meant === undefined ? cure : `did you mean ${meant}? (${cure})`;
  const shown = name.length > 60 ? `${name.slice(0, 60)}...` : name;
  return new UsageError(`${where}: there is no ${kind} ${JSON.stringify(shown)}; ${hint}`);
}
