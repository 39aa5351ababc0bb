/**
 * Smaller scenarios by smaller numbers: first together (all that is said of a file moves towards its beginning, equal pages stay
 * equal), then one argument at a time towards zero, one, round values, whole and single masks.
 */
import { OPERATIONS } from '../scenario/operations.ts';
import type { Exception, FileSpec, Operation, Scenario } from '../scenario/scenario.ts';
import { chunksMask } from './shrink-measure.ts';
import { fitDisk, type Edit } from './shrink-removal.ts';
import { simplerBytes, steps } from './shrink-world.ts';

/** Steps for one operation, and for one argument of it. */
const STEPS = 1024;
const STEPS_PER_FIELD = 64;

const FIELDS = [
  'thread',
  'file',
  'page',
  'count',
  'before',
  'offset',
  'length',
  'valid',
  'dirty',
  'other',
] as const;

/** How far everything about a file may move at once: powers of two, the largest first. */
const SHIFTS = Array.from({ length: 27 }, (_, i) => 2 ** (26 - i));

/** Everything said of a file, its size included, some pages nearer to its beginning. */
export function* shiftFiles(scenario: Scenario): Generator<Edit> {
  for (const file of scenario.files.keys()) {
    for (const [k, pages] of SHIFTS.entries()) {
      yield { step: file * STEPS + k, make: () => shiftFile(scenario, file, pages) };
    }
  }
}

function shiftFile(scenario: Scenario, index: number, pages: number): Scenario | null {
  const { pageSize } = scenario.geometry;
  const bytes = pages * pageSize;
  const n = scenario.files.length;
  const spec = scenario.files[index]!;
  const shifted = shiftSpec(
    spec,
    bytes,
    scenario.fileSystems[spec.fileSystem]!.blockSize,
    scenario.geometry.sectorSize,
  );
  if (shifted === null) return null;
  let changed = shifted.size !== spec.size;
  const operations = scenario.operations.map((one): Operation => {
    if (one.file % n !== index) return one;
    const args: readonly string[] = OPERATIONS[one.kind].arguments;
    let { page, offset, length } = one;
    if (args.includes('page') && page >= pages) page -= pages;
    if (args.includes('offset') && offset >= bytes) offset -= bytes;
    if ((one.kind === 'truncate' || one.kind === 'extend') && length >= bytes) length -= bytes;
    if (page === one.page && offset === one.offset && length === one.length) return one;
    changed = true;
    return { ...one, page, offset, length };
  });
  if (!changed) return null;
  return fitDisk({
    ...scenario,
    operations,
    files: scenario.files.map((one, i) => (i === index ? shifted : one)),
  });
}

/** The file without its first `bytes` bytes and the blocks that held them; null if they end within a block. */
function shiftSpec(spec: FileSpec, bytes: number, blockSize: number, sectorSize: number): FileSpec | null {
  if (spec.size < bytes) return spec;
  const size = spec.size - bytes;
  if (spec.extents === undefined) return { ...spec, size };
  const blocks = bytes / blockSize;
  if (!Number.isInteger(blocks)) return null;
  const extents = [];
  for (const one of spec.extents) {
    const block = one.block - blocks;
    if (block >= 0) extents.push({ ...one, block });
    else if (block + one.count > 0) {
      extents.push({
        block: 0,
        sector: one.sector - (block * blockSize) / sectorSize,
        count: one.count + block,
      });
    }
  }
  return { ...spec, size, extents };
}

/** One page of a file under another number, wherever an operation speaks of it. */
export function* movePages(scenario: Scenario): Generator<Edit> {
  const { pageSize } = scenario.geometry;
  const n = scenario.files.length;
  for (const file of scenario.files.keys()) {
    const pages = new Set<number>();
    for (const one of scenario.operations) {
      if (one.file % n !== file) continue;
      const args: readonly string[] = OPERATIONS[one.kind].arguments;
      if (args.includes('page')) pages.add(one.page);
      if (args.includes('offset')) pages.add(Math.floor(one.offset / pageSize));
    }
    const sorted = [...pages].sort((a, b) => b - a).slice(0, STEPS / 4);
    for (const [k, page] of sorted.entries()) {
      for (const [j, to] of [0, page >>> 1, page - 1].entries()) {
        if (to < 0 || to >= page) continue;
        yield { step: file * STEPS + k * 4 + j, make: () => movePage(scenario, file, page, to) };
      }
    }
  }
}

function movePage(scenario: Scenario, file: number, from: number, to: number): Scenario {
  const { pageSize } = scenario.geometry;
  const n = scenario.files.length;
  const bytes = (from - to) * pageSize;
  return {
    ...scenario,
    operations: scenario.operations.map((one) => {
      if (one.file % n !== file) return one;
      const args: readonly string[] = OPERATIONS[one.kind].arguments;
      const page = args.includes('page') && one.page === from ? to : one.page;
      const inPage = args.includes('offset') && Math.floor(one.offset / pageSize) === from;
      return { ...one, page, offset: inPage ? one.offset - bytes : one.offset };
    }),
  };
}

/** One argument of one operation. */
export function* simplifyArguments(scenario: Scenario): Generator<Edit> {
  for (const [i, one] of scenario.operations.entries()) {
    for (const [f, field] of FIELDS.entries()) {
      const value = one[field];
      if (value === 0) continue;
      for (const [k, simpler] of simplerArgument(scenario, one, field).entries()) {
        yield {
          step: i * STEPS + f * STEPS_PER_FIELD + k,
          make: () => withOperation(scenario, i, { ...one, [field]: simpler }),
        };
      }
    }
  }
}

function simplerArgument(scenario: Scenario, one: Operation, field: (typeof FIELDS)[number]): number[] {
  const value = one[field];
  const { pageSize, sectorSize } = scenario.geometry;
  switch (field) {
    case 'offset':
    case 'length':
      return simplerBytes(value, pageSize, sectorSize);
    case 'valid':
    case 'dirty':
      return simplerMask(value, chunksMask(scenario.geometry));
    default:
      return [0, 1, value >>> 1, value - (value >>> 2), ...steps(value, 1), value - 1].filter(
        (to) => to >= 0 && to < value,
      );
  }
}

/** None, all, the first chunk, one chunk, one chunk less. */
function simplerMask(mask: number, fullMask: number): number[] {
  const masks = [0, fullMask, 1];
  for (let rest = mask; rest !== 0; rest &= rest - 1) masks.push(rest & -rest);
  for (let rest = mask; rest !== 0; rest &= rest - 1) masks.push(mask & ~(rest & -rest));
  return masks.filter((one) => one !== mask);
}

function withOperation(scenario: Scenario, index: number, operation: Operation): Scenario {
  return { ...scenario, operations: scenario.operations.map((one, i) => (i === index ? operation : one)) };
}

/** Ordinals and amounts of exceptions, lengths of media faults. */
export function* simplifyExceptions(scenario: Scenario): Generator<Edit> {
  let step = 0;
  for (const list of ['schedule', 'faults'] as const) {
    for (const [i, one] of scenario[list].entries()) {
      for (const field of ['ordinal', 'amount'] as const) {
        for (const [k, to] of [0, 1, one[field] >>> 1, one[field] - 1].entries()) {
          // A run's amount is a thread, and merging threads takes care of those.
          if (to < 0 || to >= one[field] || (field === 'amount' && one.take === 'run')) continue;
          yield { step: step + k, make: () => withException(scenario, list, i, { ...one, [field]: to }) };
        }
        step += STEPS_PER_FIELD;
      }
    }
  }
  for (const [i, one] of scenario.media.entries()) {
    for (const [k, count] of [1, one.count >>> 1, one.count - 1].entries()) {
      if (count < 1 || count >= one.count) continue;
      const media = scenario.media.map((other, j) => (j === i ? { ...one, count } : other));
      yield { step: step + k, make: () => ({ ...scenario, media }) };
    }
    step += STEPS_PER_FIELD;
  }
}

function withException(
  scenario: Scenario,
  list: 'schedule' | 'faults',
  index: number,
  exception: Exception,
): Scenario | null {
  for (const other of [...scenario.schedule, ...scenario.faults]) {
    if (other === scenario[list][index]) continue;
    if (
      other.operation === exception.operation &&
      other.thread === exception.thread &&
      other.choice === exception.choice &&
      other.subject === exception.subject &&
      other.ordinal === exception.ordinal
    ) {
      return null;
    }
  }
  return { ...scenario, [list]: scenario[list].map((one, i) => (i === index ? exception : one)) };
}
