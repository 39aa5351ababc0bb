/**
 * Which failures are probably of one bug. A cause names property, kind of operation and pager function, so that one bug has as
 * many causes as ways lead to it. Two failures are taken for one where only the caller differs, where their scenarios are the
 * same but for what is asked for, or, with doubt, where one was never seen without the other. It is a guess, and nothing is left
 * out for it.
 */
import type { Violation } from '../../properties/property.ts';
import type { Scenario } from '../scenario/scenario.ts';
import type { RunReport, ViolationReport } from './results.ts';

/** Functions that do for one page what others do for several: mostly by calling them. */
const SAME_DUTY: Readonly<Record<string, string>> = { getpage: 'getmulti', putpage: 'putmulti' };

/** What was violated and in which function, whoever called it, and for however many pages. */
export function offenceOf({ property, function: name }: Pick<Violation, 'property' | 'function'>): string {
  return `${property}/${SAME_DUTY[name] ?? name}`;
}

/** What is violated in every run that shows a failure, besides that failure. */
export class Company {
  private readonly offence: string;
  private rest: ReadonlySet<string> | null = null;

  constructor(violation: Violation) {
    this.offence = offenceOf(violation);
  }

  /** A run that showed the failure showed these. */
  meet(violations: readonly Violation[]): void {
    // most failures are alone from the beginning, and stay so
    if (this.rest?.size === 0) return;
    const others = violations.map(offenceOf).filter((one) => one !== this.offence);
    const { rest } = this;
    this.rest = new Set(rest === null ? others : others.filter((one) => rest.has(one)));
  }

  /** In alphabetical order. */
  get offences(): string[] {
    return [...(this.rest ?? [])].toSorted();
  }
}

/** Failures that are probably of one bug. */
export interface FailureGroup {
  /** The one with the smallest scenario. */
  first: ViolationReport;
  /** The others, by size too. */
  others: ViolationReport[];
  /**
   * Those of the others that are here because something was never seen without something else, and for no better reason. A bug
   * that shows in most runs comes with what others do, and a failure that comes with two may be of either.
   */
  doubtful: ViolationReport[];
  /** How many bugs it would be without that reason. */
  bugsMax: number;
}

/** A scenario without what it says of itself, and without whether the kernel panics: that only ends runs earlier. */
function worldOf({
  target: _,
  expect: __,
  options,
  ...world
}: Scenario): Omit<Scenario, 'target' | 'expect'> {
  return { ...world, options: { ...options, diagnostic: false } };
}

/** The same without what is asked for in it. */
function circumstancesOf(world: ReturnType<typeof worldOf>): string {
  const operations = world.operations.map(({ kind: _, ...operation }) => operation);
  return JSON.stringify({ ...world, operations });
}

/** Names of which two failures that have one in common are probably of one bug. */
function marksOf(found: ViolationReport): string[] {
  const world = worldOf(found.scenario);
  return [offenceOf(found.explanation), `${found.property} ${circumstancesOf(world)}`, JSON.stringify(world)];
}

/** Small scenarios first; of two that are as small the one found where the pager was, and then the one that comes sooner. */
function bySize(a: ViolationReport, b: ViolationReport): number {
  return (
    a.operations - b.operations ||
    Number(a.explanation.function === '-') - Number(b.explanation.function === '-') ||
    (a.explanation.event ?? Number.MAX_SAFE_INTEGER) - (b.explanation.event ?? Number.MAX_SAFE_INTEGER)
  );
}

/** Puts those together that have a mark in common, directly or by way of others. */
function joinedBy(
  found: readonly ViolationReport[],
  marksFor: (one: ViolationReport) => string[],
): ViolationReport[][] {
  let groups: { marks: Set<string>; members: ViolationReport[] }[] = [];
  for (const one of found) {
    const marks = marksFor(one);
    const kin = groups.filter((group) => marks.some((mark) => group.marks.has(mark)));
    const joined = {
      marks: new Set([...marks, ...kin.flatMap((group) => [...group.marks])]),
      members: [...kin.flatMap((group) => group.members), one],
    };
    groups = [...groups.filter((group) => !kin.includes(group)), joined];
  }
  return groups.map(({ members }) => members);
}

/** Whether two of these are taken for one without doubt. */
export function areAlike(
  one: ViolationReport,
  other: ViolationReport,
  found: readonly ViolationReport[],
): boolean {
  return joinedBy(found, marksOf).some((members) => members.includes(one) && members.includes(other));
}

/**
 * Puts failures that are probably of one bug together, the smallest scenario first, in each group and among them; of those that
 * are equal the one that was found first. A cause that several suites showed is taken once. In which order they were found makes
 * no difference to who is with whom.
 */
export function groupFailures(violations: readonly ViolationReport[]): FailureGroup[] {
  const distinct = violations.filter(
    ({ cause }, at) => violations.findIndex((one) => one.cause === cause) === at,
  );
  const offences = new Set(distinct.map((one) => offenceOf(one.explanation)));
  const alike = joinedBy(distinct, marksOf);
  // what accompanies it and was not reported by itself tells nothing
  return joinedBy(distinct, (one) => [...marksOf(one), ...one.company.filter((name) => offences.has(name))])
    .map((members): FailureGroup => {
      const inOrder = distinct.filter((one) => members.includes(one));
      const [first, ...others] = inOrder.toSorted(bySize);
      const parts = alike.filter(([one]) => members.includes(one!));
      const likeFirst = parts.find((part) => part.includes(first!))!;
      const doubtful = others.filter((one) => !likeFirst.includes(one));
      return { first: first!, others, doubtful, bugsMax: parts.length };
    })
    .toSorted((a, b) => bySize(a.first, b.first) || distinct.indexOf(a.first) - distinct.indexOf(b.first));
}

/** The groups of all that a run has found. */
export function groupsOf({ suites }: Pick<RunReport, 'suites'>): FailureGroup[] {
  return groupFailures(suites.flatMap(({ violations }) => violations));
}
