/**
 * Smaller scenarios by leaps: some operations less and others changed, with thread switches, sleeps and scarcity in their place,
 * drawn at random around a scenario that no single step makes smaller. What takes many operations to come about by chance often
 * takes two switches when they are written down. The draws depend on the random source alone.
 */
import type { Random } from '../../properties/arbitraries/random.ts';
import { OPERATION_KINDS, OPERATIONS, type Argument, type OperationKind } from '../scenario/operations.ts';
import { BOUNDS, type Exception, type Operation, type Scenario } from '../scenario/scenario.ts';
import { argumentMax } from '../scenario/schema.ts';
import { keepOperations } from './shrink-removal.ts';

/** Operations left out by one leap, and thread switches put in, at most. */
const REMOVED_MAX = 5;
const SWITCHES_MAX = 3;

/** Ordinals of a thread switch: before an operation, or at one of its first sleeps. */
const ORDINALS = 4;

/** Choices that put a thread to sleep where it need not. */
const SLEEPS = ['pbuf', 'bmap', 'map', 'update'] as const;

/**
 * Looks for a scenario with fewer operations that fails too, by at most `max` leaps. @returns the first, or null, and how many
 * leaps it took; the scenario is to be shrunk further, step by step.
 */
export function leap(
  scenario: Scenario,
  fails: (candidate: Scenario) => boolean,
  random: Random,
  max: number,
): { found: Scenario | null; attempts: number } {
  for (let attempts = 1; attempts <= max; attempts++) {
    const candidate = drawLeap(scenario, random);
    if (fails(candidate)) return { found: candidate, attempts };
  }
  return { found: null, attempts: max };
}

function drawLeap(scenario: Scenario, random: Random): Scenario {
  const { operations, threads, geometry } = scenario;
  const gone = new Set<number>();
  const removed = 1 + random.below(Math.min(REMOVED_MAX, operations.length - 1));
  while (gone.size < removed) gone.add(random.below(operations.length));
  const smaller = changeOperations(
    keepOperations(scenario, (i) => !gone.has(i)),
    scenario,
    random,
  );
  const schedule = smaller.schedule.filter(() => !random.oneIn(4));
  for (let i = random.below(SWITCHES_MAX + 1); i > 0; i--) {
    const { id, thread } = random.pick(smaller.operations);
    const isSwitch = threads > 1 && !random.oneIn(3);
    const exception: Exception = isSwitch
      ? {
          operation: id,
          thread,
          choice: 'run',
          subject: 0,
          ordinal: random.below(ORDINALS),
          take: 'run',
          amount: (thread + 1 + random.below(threads - 1)) % threads,
        }
      : {
          operation: id,
          thread,
          choice: random.pick(SLEEPS),
          subject: 0,
          ordinal: random.below(ORDINALS),
          take: 'sleep',
          amount: 0,
        };
    if (exception.choice === 'bmap' || exception.choice === 'update')
      exception.subject = random.below(scenario.files.length);
    if (!schedule.some((one) => isSameAddress(one, exception))) schedule.push(exception);
  }
  const scarce = { ...geometry };
  if (random.oneIn(3)) scarce.pbufs = 1;
  if (random.oneIn(4)) scarce.mapPages = 1;
  if (random.oneIn(3)) scarce.cachedObjects = 0;
  if (random.oneIn(8)) scarce.frames = BOUNDS.frames[0];
  return { ...smaller, schedule, geometry: scarce };
}

/** Operations may do something else to the same place, go to a place of another, or be another thread's. */
function changeOperations(smaller: Scenario, before: Scenario, random: Random): Scenario {
  const operations = smaller.operations.map((one): Operation => {
    switch (random.below(12)) {
      case 0:
        return as(one, random.pick(OPERATION_KINDS));
      case 1:
        return as(one, random.pick(before.operations).kind);
      case 2: {
        const { file, page, offset, length } = random.pick(before.operations);
        return as({ ...one, file, page, offset, length }, one.kind);
      }
      case 3:
        return { ...one, thread: random.below(before.threads) };
      case 4:
        return as({ ...one, length: random.below(4) * before.geometry.pageSize }, one.kind);
      default:
        return one;
    }
  });
  return { ...smaller, operations };
}

/** The operation as one of another kind: arguments that this has not are gone, and the others within what it allows. */
function as(one: Operation, kind: OperationKind): Operation {
  const args: readonly Argument[] = OPERATIONS[kind].arguments;
  const keep = (name: Argument, value: number): number =>
    args.includes(name) ? Math.min(value, argumentMax(kind, name)) : 0;
  return {
    ...one,
    kind,
    file: keep('file', one.file),
    page: keep('page', one.page),
    count: keep('count', one.count),
    before: keep('before', one.before),
    offset: keep('offset', one.offset),
    length: keep('length', one.length),
    valid: keep('valid', one.valid),
    dirty: keep('dirty', one.dirty),
    other: kind === one.kind ? one.other : 0,
  };
}

function isSameAddress(a: Exception, b: Exception): boolean {
  return (
    a.operation === b.operation &&
    a.thread === b.thread &&
    a.choice === b.choice &&
    a.subject === b.subject &&
    a.ordinal === b.ordinal
  );
}
