/**
 * Smaller scenarios by a trade: one operation less for something that does its work. Operations that only give a file its size
 * are replaced by a file of that size, operations that only use memory up by less memory, operations that only let another
 * thread go on by an entry of the schedule. All of them are easier to read than operations that are there for a side effect.
 */
import {
  BOUNDS,
  type Exception,
  type Geometry,
  type Operation,
  type Scenario,
} from '../scenario/scenario.ts';
import { fitDisk, keepOperations, type Edit } from './shrink-removal.ts';

/** Longer lists are shortened without trades first. */
const OPERATIONS_MAX = 40;

/** Steps for one operation. */
const STEPS = 64;

/** The one that gives the file its size instead, behind those of the machine. */
const SIZE_STEP = 8;

/** One operation less, with a file of another size, a scarcer machine or a thread switch in its place. */
export function* tradeOperations(scenario: Scenario): Generator<Edit> {
  const { operations, geometry, threads } = scenario;
  if (operations.length > OPERATIONS_MAX) return;
  for (let i = operations.length - 1; i >= 0; i--) {
    const base = (operations.length - i) * STEPS;
    const without = (): Scenario => keepOperations(scenario, (j) => j !== i);
    for (const [k, scarce] of scarcer(geometry).entries()) {
      yield { step: base + k, make: () => ({ ...without(), geometry: { ...geometry, ...scarce } }) };
    }
    const size = sizeGivenBy(operations[i]!);
    if (size !== null)
      yield { step: base + SIZE_STEP, make: () => withSize(without(), operations[i]!.file, size) };
    if (threads === 1) continue;
    const { thread } = operations[i]!;
    const next = operations.find((one, j) => j > i && one.thread === thread);
    if (next === undefined) continue;
    for (let to = 0; to < threads; to++) {
      if (to === thread) continue;
      // Before the next operation of the thread, or when that one sleeps for the first time.
      for (const ordinal of [0, 1]) {
        const step = base + STEPS / 2 + 2 * to + ordinal;
        yield { step, make: () => withSwitch(without(), next.id, thread, to, ordinal) };
      }
    }
  }
}

function scarcer(geometry: Geometry): Partial<Geometry>[] {
  const { frames, pbufs, mapPages } = geometry;
  const least = BOUNDS.frames[0];
  const machines: Partial<Geometry>[] = [];
  if (frames > least) machines.push({ frames: least });
  if (frames > least + 1) machines.push({ frames: frames - 1 });
  if (frames > least + 2) machines.push({ frames: frames - 2 });
  if (pbufs > 1) machines.push({ pbufs: 1 });
  if (mapPages > 1) machines.push({ mapPages: 1 });
  return machines;
}

/** The size of its file after an operation that may change it; null for others. */
function sizeGivenBy({ kind, offset, length }: Operation): number | null {
  switch (kind) {
    case 'truncate':
    case 'extend':
      return length;
    case 'write':
      // at least a byte is written
      return offset + Math.max(1, length);
    default:
      return null;
  }
}

/** The scenario with a file of that size; null if it is that large already, or may not be. */
function withSize(scenario: Scenario, file: number, size: number): Scenario | null {
  const at = file % scenario.files.length;
  const before = scenario.files[at]!;
  if (before.size === size || size > BOUNDS.fileSize) return null;
  // the pieces of a file that is shorter may lie past its end
  const { fileSystem } = before;
  const after = size < before.size ? { fileSystem, size } : { ...before, size };
  const files = scenario.files.map((one, i) => (i === at ? after : one));
  return fitDisk({ ...scenario, files });
}

/** The scenario with a thread switch more; null if there is a switch at that place. */
function withSwitch(
  scenario: Scenario,
  operation: number,
  thread: number,
  to: number,
  ordinal: number,
): Scenario | null {
  const isThere = scenario.schedule.some(
    (one) =>
      one.operation === operation && one.thread === thread && one.choice === 'run' && one.ordinal === ordinal,
  );
  if (isThere) return null;
  const added: Exception = { operation, thread, choice: 'run', subject: 0, ordinal, take: 'run', amount: to };
  return { ...scenario, schedule: [...scenario.schedule, added] };
}
