/**
 * Smaller scenarios by leaving out: operations, departures from the plain run, threads, files and file systems. Any subsequence
 * of a scenario's operations is a scenario; what referred to something that is gone goes with it or is renumbered.
 */
import { layoutOf } from '../scenario/layout.ts';
import { CHOICES, OPERATIONS } from '../scenario/operations.ts';
import {
  ALL_FILE_SYSTEMS,
  SETTLEMENT,
  type Exception,
  type Operation,
  type Scenario,
} from '../scenario/scenario.ts';

/** One way to change a scenario. Steps ascend within a pass, so that a search can be taken up where it left off. */
export interface Edit {
  step: number;
  /** The changed scenario; null if the change is not possible. */
  make: () => Scenario | null;
}

/** A kind of change; enumerating costs next to nothing, only `make` does work. */
export type Pass = (scenario: Scenario) => Generator<Edit>;

/** Chunk sizes are powers of two, so that a step means the same chunk after others are gone. */
const LEVELS = 15;
const STEPS_PER_LEVEL = 2 ** 20;

/** Operations are also left out in pairs (lock and unlock) once there are few enough. */
const PAIRS_MAX = 16;

/** Ranges of a list of `n`, halves first, single entries last; counted from the end, where most of what is useless stands. */
function* chunks(n: number): Generator<[step: number, from: number, to: number]> {
  for (let level = 0; level <= LEVELS; level++) {
    const size = 2 ** (LEVELS - level);
    if (size >= 2 * n) continue;
    for (let k = 0; k * size < n; k++) {
      const to = n - k * size;
      yield [level * STEPS_PER_LEVEL + k, Math.max(0, to - size), to];
    }
  }
}

/** The plain run: no schedule, no faults, no media faults; one of them, or all. */
export function* clearExceptions(scenario: Scenario): Generator<Edit> {
  const { schedule, faults, media } = scenario;
  if (schedule.length + faults.length + media.length === 0) return;
  yield { step: 0, make: () => ({ ...scenario, schedule: [], faults: [], media: [] }) };
  if (schedule.length > 0) yield { step: 1, make: () => ({ ...scenario, schedule: [] }) };
  if (faults.length > 0) yield { step: 2, make: () => ({ ...scenario, faults: [] }) };
  if (media.length > 0) yield { step: 3, make: () => ({ ...scenario, media: [] }) };
}

/** Runs of operations. */
export function* removeOperations(scenario: Scenario): Generator<Edit> {
  for (const [step, from, to] of chunks(scenario.operations.length)) {
    yield { step, make: () => keepOperations(scenario, (i) => i < from || i >= to) };
  }
}

/** Two operations that are of no use without each other. */
export function* removePairs(scenario: Scenario): Generator<Edit> {
  const n = scenario.operations.length;
  if (n > PAIRS_MAX) return;
  for (let a = 0; a < n; a++) {
    for (let b = a + 1; b < n; b++) {
      yield { step: a * PAIRS_MAX + b, make: () => keepOperations(scenario, (i) => i !== a && i !== b) };
    }
  }
}

/** The scenario with some of its operations, and the exceptions that are about them. */
export function keepOperations(scenario: Scenario, keep: (index: number) => boolean): Scenario {
  const operations = scenario.operations.filter((_, i) => keep(i));
  if (scenario.schedule.length + scenario.faults.length === 0) return { ...scenario, operations };
  const ids = new Set<number>([SETTLEMENT]);
  for (const one of operations) ids.add(one.id);
  const stays = (one: Exception): boolean => ids.has(one.operation);
  return {
    ...scenario,
    operations,
    schedule: scenario.schedule.filter(stays),
    faults: scenario.faults.filter(stays),
  };
}

/** Runs of exceptions and media faults, taken as one list. */
export function* removeExceptions(scenario: Scenario): Generator<Edit> {
  const { schedule, faults, media } = scenario;
  const behind = schedule.length + faults.length;
  for (const [step, from, to] of chunks(behind + media.length)) {
    const outside = (i: number): boolean => i < from || i >= to;
    yield {
      step,
      make: () => ({
        ...scenario,
        schedule: schedule.filter((_, i) => outside(i)),
        faults: faults.filter((_, i) => outside(schedule.length + i)),
        media: media.filter((_, i) => outside(behind + i)),
      }),
    };
  }
}

/** One thread; else the last one's operations given to another. */
export function* mergeThreads(scenario: Scenario): Generator<Edit> {
  const { threads } = scenario;
  if (threads === 1) return;
  yield { step: 0, make: () => renumberThreads(scenario, 1, () => 0) };
  for (let from = threads - 1; from > 0; from--) {
    for (let to = 0; to < from; to++) {
      const renumber = (t: number): number => (t === from ? to : t > from ? t - 1 : t);
      yield {
        step: 1 + (threads - from) * threads + to,
        make: () => renumberThreads(scenario, threads - 1, renumber),
      };
    }
  }
}

function renumberThreads(scenario: Scenario, threads: number, renumber: (t: number) => number): Scenario {
  // The page-out daemon is the thread behind the last.
  const follow = (t: number): number => (t === scenario.threads ? threads : renumber(t));
  const exception = (one: Exception): Exception => ({
    ...one,
    thread: follow(one.thread),
    amount: one.take === 'run' ? follow(one.amount) : one.amount,
  });
  const stays = (one: Exception): boolean => one.take !== 'run' || one.amount !== one.thread;
  return {
    ...scenario,
    threads,
    operations: scenario.operations.map((one) => ({ ...one, thread: renumber(one.thread) })),
    schedule: distinct(scenario.schedule.map(exception).filter(stays)),
    faults: distinct(scenario.faults.map(exception)),
  };
}

/** Two departures at one address would contradict each other; the first stays. */
function distinct(exceptions: Exception[]): Exception[] {
  const seen = new Set<string>();
  return exceptions.filter((one) => {
    const address = `${one.operation} ${one.thread} ${one.choice} ${one.subject} ${one.ordinal}`;
    if (seen.has(address)) return false;
    seen.add(address);
    return true;
  });
}

/** A file that no operation names, or one whose operations go to another file instead. */
export function* removeFiles(scenario: Scenario): Generator<Edit> {
  const n = scenario.files.length;
  if (n === 1) return;
  for (let from = n - 1; from >= 0; from--) {
    for (let to = 0; to < n; to++) {
      if (from === to && usesFile(scenario, from)) continue;
      yield { step: (n - from) * n + to, make: () => mergeFiles(scenario, from, to) };
    }
  }
}

function usesFile(scenario: Scenario, file: number): boolean {
  const n = scenario.files.length;
  return scenario.operations.some((one) => {
    const args: readonly string[] = OPERATIONS[one.kind].arguments;
    if (args.includes('file') && one.file % n === file) return true;
    return one.kind === 'rename' && one.other % n === file;
  });
}

/** Takes file `from` away and lets `to` play its part. */
function mergeFiles(scenario: Scenario, from: number, to: number): Scenario {
  const n = scenario.files.length;
  const renumber = (file: number): number => {
    const kept = file % n === from ? to : file % n;
    return kept > from ? kept - 1 : kept;
  };
  const operations = scenario.operations.map((one): Operation => {
    const args: readonly string[] = OPERATIONS[one.kind].arguments;
    const file = args.includes('file') ? renumber(one.file) : 0;
    return { ...one, file, other: one.kind === 'rename' ? renumber(one.other) : one.other };
  });
  const exception = (one: Exception): Exception =>
    CHOICES[one.choice].subject === 'file' ? { ...one, subject: renumber(one.subject) } : one;
  const stays = (one: Exception): boolean =>
    from !== to || CHOICES[one.choice].subject !== 'file' || one.subject !== from;
  return fitDisk({
    ...scenario,
    operations,
    files: scenario.files.filter((_, i) => i !== from),
    schedule: distinct(scenario.schedule.filter(stays).map(exception)),
    faults: distinct(scenario.faults.filter(stays).map(exception)),
  });
}

/** A file system without files, or one whose files move to another. */
export function* removeFileSystems(scenario: Scenario): Generator<Edit> {
  const n = scenario.fileSystems.length;
  if (n === 1) return;
  for (let from = n - 1; from >= 0; from--) {
    const used = scenario.files.some((file) => file.fileSystem === from);
    for (let to = 0; to < n; to++) {
      if (from === to && used) continue;
      yield { step: (n - from) * n + to, make: () => mergeFileSystems(scenario, from, to) };
    }
  }
}

function mergeFileSystems(scenario: Scenario, from: number, to: number): Scenario {
  const n = scenario.fileSystems.length;
  const renumber = (fileSystem: number): number => {
    if (fileSystem === ALL_FILE_SYSTEMS) return fileSystem;
    const kept = fileSystem % n === from ? to : fileSystem % n;
    return kept > from ? kept - 1 : kept;
  };
  return fitDisk({
    ...scenario,
    fileSystems: scenario.fileSystems.filter((_, i) => i !== from),
    files: scenario.files.map(({ fileSystem, size, extents }) => {
      const moved = { fileSystem: renumber(fileSystem), size };
      // Extents count blocks, and blocks may differ in size.
      return extents === undefined || fileSystem === from ? moved : { ...moved, extents };
    }),
    operations: scenario.operations.map((one) =>
      one.kind === 'unmount' || one.kind === 'force-unmount' ? { ...one, other: renumber(one.other) } : one,
    ),
  });
}

/** Ids 1, 2, 3 and so on; exceptions follow. */
export function* renumberIds(scenario: Scenario): Generator<Edit> {
  yield {
    step: 0,
    make: () => {
      const ids = new Map<number, number>([[SETTLEMENT, SETTLEMENT]]);
      const operations = scenario.operations.map((one, i) => {
        ids.set(one.id, i + 1);
        return { ...one, id: i + 1 };
      });
      const followed = (list: readonly Exception[]): Exception[] =>
        list.flatMap((one) => {
          const operation = ids.get(one.operation);
          return operation === undefined ? [] : [{ ...one, operation }];
        });
      return {
        ...scenario,
        operations,
        schedule: followed(scenario.schedule),
        faults: followed(scenario.faults),
      };
    },
  };
}

/** The same scenario on a disk that holds its files, if it did not. */
export function fitDisk(scenario: Scenario): Scenario {
  const needed = layoutOf(scenario).firstFree;
  if (needed <= scenario.geometry.diskSectors) return scenario;
  return { ...scenario, geometry: { ...scenario.geometry, diskSectors: needed } };
}
