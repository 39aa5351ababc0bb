/**
 * What the schema cannot say of one field alone: sizes that must fit each other, numbers that must be there, extents that must
 * not meet. Each check looks at what the schema has accepted, so that one mistake is reported once. That an operation or
 * exception can have an effect is not checked: what is never met is ignored (design rule 3).
 */
import { CHOICES, type Argument } from './operations.ts';
import { firstSector, layoutOf, sectorsOfBlock, type Shape } from './layout.ts';
import { AMOUNTS, type ExceptionEntry, type OperationEntry, type ScenarioFile } from './schema.ts';
import { quote } from './quote.ts';
import { BOUNDS, type Extent } from './scenario.ts';

/** What is wrong with plain data: where, as a path of keys and indices, and in words. */
export interface Flaw {
  path: PropertyKey[];
  /** Set if the key itself is wrong, not what it holds. */
  atKey?: boolean;
  message: string;
}

/** The parts of a file that the schema has accepted. */
export type AcceptedParts = Partial<ScenarioFile>;

/** Checks whatever can be checked with these parts. */
export function checkParts(parts: AcceptedParts): Flaw[] {
  return [
    ...checkGeometry(parts),
    ...checkFileSystems(parts),
    ...checkFiles(parts),
    ...checkOperations(parts),
    ...checkExceptions(parts),
    ...checkTarget(parts),
  ];
}

function checkGeometry({ geometry }: AcceptedParts): Flaw[] {
  if (geometry === undefined) return [];
  const flaws: Flaw[] = [];
  const flaw = (field: keyof typeof geometry, message: string): void => {
    flaws.push({ path: ['geometry', field], message });
  };
  const { pageSize, sectorSize, frames, diskSectors } = geometry;
  const [least, most] = BOUNDS.sectorsPerPage;
  if (pageSize < least * sectorSize || pageSize > most * sectorSize) {
    flaw(
      'sectorSize',
      `a page of ${pageSize} bytes holds ${least} to ${most} sectors: choose ${rangeOfSectors(pageSize)}`,
    );
  }
  if (frames * pageSize > BOUNDS.memoryBytes) {
    flaw(
      'frames',
      `${frames} pages of ${pageSize} bytes are more than ${BOUNDS.memoryBytes} bytes of memory: lower it`,
    );
  }
  if (diskSectors * sectorSize > BOUNDS.diskBytes) {
    flaw(
      'diskSectors',
      `${diskSectors} sectors of ${sectorSize} bytes are more than ${BOUNDS.diskBytes} bytes: lower it`,
    );
  }
  return flaws;
}

function rangeOfSectors(pageSize: number): string {
  const [least, most] = BOUNDS.sectorsPerPage;
  return `${Math.max(BOUNDS.sectorSize[0], pageSize / most)} to ${pageSize / least}`;
}

/** Whether page and sector size fit each other; without that, nothing is said about what depends on them. */
function geometryFits({ geometry }: AcceptedParts): boolean {
  if (geometry === undefined) return false;
  const sectors = geometry.pageSize / geometry.sectorSize;
  return sectors >= BOUNDS.sectorsPerPage[0] && sectors <= BOUNDS.sectorsPerPage[1];
}

function checkFileSystems(parts: AcceptedParts): Flaw[] {
  const { geometry, fileSystems } = parts;
  const sectorSize = geometryFits(parts) ? geometry!.sectorSize : 0;
  const flaws: Flaw[] = [];
  for (const [index, fs] of (fileSystems ?? []).entries()) {
    const flaw = (field: keyof typeof fs, message: string): void => {
      flaws.push({ path: ['fileSystems', index, field], message });
    };
    if (fs.blockSize < sectorSize) {
      flaw(
        'blockSize',
        `a block of ${fs.blockSize} bytes is smaller than a sector of ${sectorSize}: raise it`,
      );
    }
    if (fs.fragmentSize > fs.blockSize) {
      flaw(
        'fragmentSize',
        `a fragment of ${fs.fragmentSize} bytes is larger than a block of ${fs.blockSize}: lower it`,
      );
    } else if (fs.fragmentSize > 0 && fs.fragmentSize < sectorSize) {
      flaw(
        'fragmentSize',
        `a fragment of ${fs.fragmentSize} bytes is smaller than a sector of ${sectorSize}: raise it`,
      );
    }
    if (fs.sharedBuffers && fs.blockMap === 'none') {
      flaw(
        'sharedBuffers',
        'a file system without a block map has no shared buffers: write false, or another blockMap',
      );
    }
  }
  return flaws;
}

function checkFiles(parts: AcceptedParts): Flaw[] {
  const { geometry, fileSystems, files } = parts;
  if (files === undefined) return [];
  const flaws: Flaw[] = [];
  let extents = 0;
  for (const [index, file] of files.entries()) {
    extents += file.extents?.length ?? 0;
    if (fileSystems !== undefined && file.fileSystem >= fileSystems.length) {
      flaws.push({
        path: ['files', index, 'fileSystem'],
        message: `there is no file system ${file.fileSystem}: ${numbersFromZero(fileSystems.length)}`,
      });
    }
  }
  if (extents > BOUNDS.extents) {
    flaws.push({ path: ['files'], message: `${extents} extents altogether: at most ${BOUNDS.extents}` });
  }
  if (flaws.length > 0 || geometry === undefined || fileSystems === undefined || !geometryFits(parts))
    return flaws;
  if (checkFileSystems(parts).length > 0) return flaws;
  return checkPlaces({ geometry, fileSystems, files });
}

interface Place {
  file: number;
  extent: number;
  from: number;
  to: number;
}

/** Extents keep off each other and off the first page of the disk, and everything is on the disk. */
function checkPlaces(shape: Shape): Flaw[] {
  const { geometry, fileSystems, files } = shape;
  const flaws: Flaw[] = [];
  const places: Place[] = [];
  const first = firstSector(geometry);
  for (const [index, file] of files.entries()) {
    const { blockSize } = fileSystems[file.fileSystem]!;
    const list = file.extents ?? [];
    for (const [number, extent] of list.entries()) {
      const path = ['files', index, 'extents', number];
      places.push({
        file: index,
        extent: number,
        from: extent.sector,
        to: endOfExtent(shape, index, extent),
      });
      const to = extent.sector + (extent.count * blockSize) / geometry.sectorSize;
      if ((extent.block + extent.count) * blockSize > BOUNDS.fileSize) {
        flaws.push({
          path: [...path, 'block'],
          message: `ends past the largest file, ${BOUNDS.fileSize} bytes: lower it`,
        });
      }
      if (extent.sector < first) {
        flaws.push({
          path: [...path, 'sector'],
          message: `the first page of the disk stays unused: begin at sector ${first} or later`,
        });
      }
      if (to > geometry.diskSectors) {
        flaws.push({
          path: [...path, 'sector'],
          message: `ends at sector ${to}, but the disk has ${geometry.diskSectors}: move it, or raise diskSectors`,
        });
      }
    }
    flaws.push(...checkBlocks(index, list));
  }
  flaws.push(...checkMeeting(places));
  if (flaws.length > 0) return flaws;
  const { firstFree } = layoutOf(shape);
  if (firstFree > geometry.diskSectors) {
    const needed = `the files need ${firstFree} sectors`;
    flaws.push({
      path: ['geometry', 'diskSectors'],
      message: `${needed}, but the disk has ${geometry.diskSectors}: raise diskSectors, or give the files extents`,
    });
  }
  return flaws;
}

/** The sector after the last one of an extent. A last block that ends in fragments leaves its other sectors to others. */
function endOfExtent(shape: Shape, index: number, extent: Extent): number {
  const file = shape.files[index]!;
  const whole = shape.fileSystems[file.fileSystem]!.blockSize / shape.geometry.sectorSize;
  const last = extent.block + extent.count - 1;
  return extent.sector + (extent.count - 1) * whole + sectorsOfBlock(shape, file.fileSystem, file.size, last);
}

/** No block of a file has two places. */
function checkBlocks(index: number, list: readonly Extent[]): Flaw[] {
  const order = list.map((extent, number) => ({ ...extent, number })).toSorted((a, b) => a.block - b.block);
  const flaws: Flaw[] = [];
  for (let i = 1; i < order.length; i++) {
    const { block, number } = order[i]!;
    const before = order[i - 1]!;
    if (block >= before.block + before.count) continue;
    flaws.push({
      path: ['files', index, 'extents', number, 'block'],
      message: `block ${block} is also in extent ${before.number + 1} of this file: give it one place`,
    });
  }
  return flaws;
}

function checkMeeting(places: readonly Place[]): Flaw[] {
  const order = places.toSorted((a, b) => a.from - b.from || a.to - b.to);
  const flaws: Flaw[] = [];
  let reached = order[0];
  for (const place of order.slice(1)) {
    if (place.from < reached!.to) {
      const whose = reached!.file === place.file ? 'this file' : `file ${reached!.file}`;
      flaws.push({
        path: ['files', place.file, 'extents', place.extent, 'sector'],
        message: `sector ${place.from} is also in extent ${reached!.extent + 1} of ${whose}: move one of them`,
      });
    }
    if (place.to > reached!.to) reached = place;
  }
  return flaws;
}

function checkOperations(parts: AcceptedParts): Flaw[] {
  const { operations, threads } = parts;
  if (operations === undefined) return [];
  const flaws: Flaw[] = [];
  const ids = new Set<number>();
  for (const [index, operation] of operations.entries()) {
    const path = ['operations', index];
    if (ids.has(operation.id)) {
      flaws.push({
        path: [...path, 'id'],
        message: `another operation has id ${operation.id}: choose a free one`,
      });
    }
    ids.add(operation.id);
    if (threads !== undefined && operation.thread >= threads) {
      flaws.push({ path: [...path, 'thread'], message: noThread(operation.thread, threads) });
    }
    if (geometryFits(parts)) flaws.push(...checkArguments(parts.geometry!, operation, path));
  }
  return [...flaws, ...checkTouched(parts)];
}

/** Bytes of the disk that exist once everything was done: at most what each operation asks for, its blocks and read-ahead. */
function checkTouched({ geometry, fileSystems, operations }: AcceptedParts): Flaw[] {
  if (geometry === undefined || fileSystems === undefined) return [];
  const { pageSize, sectorSize, diskSectors } = geometry;
  const blockSize = Math.max(...fileSystems.map((fs) => fs.blockSize));
  const each = BOUNDS.runPages * pageSize + blockSize;
  let touched = 0;
  for (const operation of operations!)
    touched += each + (operation.length ?? 0) * lengthsTouched(operation.do);
  const limit = BOUNDS.touchedBytes;
  if (Math.min(touched, diskSectors * sectorSize) <= limit) return [];
  const [may, most] = [Math.ceil(touched / 2 ** 20), limit / 2 ** 20];
  return [
    {
      path: ['operations'],
      message: `may touch ${may} MiB of the disk, at most ${most}: have fewer, or shorter ones, or a smaller disk`,
    },
  ];
}

/** Whether the length of such an operation is one of bytes read or written, and not a size. */
function lengthsTouched(kind: OperationEntry['do']): 0 | 1 {
  return kind === 'read' || kind === 'write' || kind === 'store' ? 1 : 0;
}

function checkArguments(
  { pageSize, sectorSize }: ScenarioFile['geometry'],
  operation: OperationEntry,
  path: PropertyKey[],
): Flaw[] {
  const flaws: Flaw[] = [];
  const flaw = (argument: Argument, message: string): void => {
    flaws.push({ path: [...path, argument], message });
  };
  const { page, valid = 0, dirty = 0 } = operation;
  const pageMax = BOUNDS.fileSize / pageSize;
  if (page !== undefined && page > pageMax) {
    flaw('page', `page ${page} begins past the largest file: at most ${pageMax}`);
  }
  const sectors = pageSize / sectorSize;
  for (const [name, mask] of [
    ['valid', valid],
    ['dirty', dirty],
  ] as const) {
    if (mask >= 2 ** sectors) {
      flaw(name, `a page has ${sectors} sectors: at most 0x${(2 ** sectors - 1).toString(16)}`);
    }
  }
  return flaws;
}

function checkExceptions(parts: AcceptedParts): Flaw[] {
  const flaws: Flaw[] = [];
  const addresses = new Map<string, string>();
  for (const list of ['schedule', 'faults'] as const) {
    for (const [index, exception] of (parts[list] ?? []).entries()) {
      const path = [list, index];
      flaws.push(...checkException(parts, exception, path));
      const { operation, thread, choice, subject = 0, ordinal } = exception;
      const address = `${operation} ${thread} ${choice} ${subject} ${ordinal}`;
      const other = addresses.get(address);
      if (other === undefined) addresses.set(address, `entry ${index + 1} of ${list}`);
      else flaws.push({ path, message: `${other} is about the same choice: keep one of them` });
    }
  }
  const count = (parts.schedule?.length ?? 0) + (parts.faults?.length ?? 0);
  if (count > BOUNDS.exceptions) {
    flaws.push({
      path: ['faults'],
      message: `${count} exceptions with the schedule: at most ${BOUNDS.exceptions}`,
    });
  }
  return flaws;
}

function checkException(parts: AcceptedParts, exception: ExceptionEntry, path: PropertyKey[]): Flaw[] {
  const flaws: Flaw[] = [];
  const { threads, files } = parts;
  const { thread, take, choice, amount = 0, subject = 0 } = exception;
  if (threads !== undefined && thread > threads) {
    flaws.push({
      path: [...path, 'thread'],
      message: `${noThread(thread, threads)}; ${threads} is the page-out daemon`,
    });
  }
  if (files !== undefined && CHOICES[choice].subject === 'file' && subject >= files.length) {
    flaws.push({
      path: [...path, 'subject'],
      message: `there is no file ${subject}: ${numbersFromZero(files.length)}`,
    });
  }
  if (AMOUNTS[take] === undefined && amount !== 0) {
    flaws.push({ path: [...path, 'amount'], message: `means nothing to take: ${take}: remove it` });
  }
  if (take === 'run' && threads !== undefined && amount > threads) {
    const message = `${noThread(amount, threads)}; ${threads} is the page-out daemon`;
    flaws.push({ path: [...path, 'amount'], message });
  }
  return flaws;
}

function checkTarget({ target }: AcceptedParts): Flaw[] {
  const seen = new Set<string>();
  const flaws: Flaw[] = [];
  for (const [index, name] of (target?.switches ?? []).entries()) {
    if (seen.has(name)) {
      flaws.push({
        path: ['target', 'switches', index],
        message: `${quote(name)} is there twice: remove one`,
      });
    }
    seen.add(name);
  }
  return flaws;
}

function numbersFromZero(count: number): string {
  return count === 1 ? 'there is only 0' : `they are numbered 0 to ${count - 1}`;
}

function noThread(thread: number, threads: number): string {
  return `there is no thread ${thread}: ${numbersFromZero(threads)}`;
}
