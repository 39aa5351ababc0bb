/**
 * How large a scenario is, as numbers compared from left to right. Every candidate of the shrinker is strictly smaller, and no
 * number is negative, so shrinking ends. What costs a reader most stands first: operations, then departures from the plain run,
 * threads, files, odd machines and file systems, odd numbers, large numbers. Ids come last: renumbering changes the bytes that
 * operations store.
 */
import type { Exception, FileSystem, Geometry, Operation, Scenario } from '../scenario/scenario.ts';
import { SMALL_GEOMETRY } from '../scenario/scenario.ts';

/** Numbers, the first difference decides. */
export type Measure = readonly number[];

/** The file system whose properties need not be written in a scenario file, but for its block size, which is a page. */
export const PLAIN_FILE_SYSTEM: Omit<FileSystem, 'blockSize'> = {
  blockMap: 'disk',
  pastEnd: 'hole',
  fragmentSize: 0,
  sharedBuffers: false,
  truncateOrder: 'setsize-last',
  tail: 'pattern',
  clearsTail: false,
  delayedBlocks: false,
};

/** What the machine is brought towards. Scarce memory, buffers and maps are what needs a reason. */
export const PLAIN_GEOMETRY: Geometry = SMALL_GEOMETRY;

/** The fields of an operation that hold byte positions or lengths; multiples of a page read easier than others. */
const BYTE_FIELDS = ['offset', 'length'] as const;
const COUNT_FIELDS = ['thread', 'file', 'page', 'count', 'before', 'other'] as const;
const MASK_FIELDS = ['valid', 'dirty'] as const;

/** Measures a scenario. */
export function measure(scenario: Scenario): Measure {
  const { geometry, operations, schedule, faults, media, files, fileSystems } = scenario;
  const fullMask = chunksMask(geometry);
  let shapes = 0;
  let magnitudes = 0;
  let ids = 0;
  for (const one of operations) {
    shapes += shapeOfOperation(one, geometry, fullMask);
    magnitudes += magnitudeOfOperation(one, fullMask);
    ids += one.id;
  }
  let extents = 0;
  let places = 0;
  let sizeShapes = 0;
  let sizes = 0;
  for (const file of files) {
    sizeShapes += shapeOfBytes(file.size, geometry);
    sizes += file.size;
    places += file.fileSystem;
    if (file.extents === undefined) continue;
    extents += 1 + file.extents.length;
    for (const extent of file.extents) places += extent.block + extent.sector + extent.count;
  }
  let oddities = 0;
  for (const fs of fileSystems) oddities += oddityOfFileSystem(fs, geometry);
  let details = 0;
  for (const one of schedule) details += magnitudeOfException(one);
  for (const one of faults) details += magnitudeOfException(one);
  for (const one of media) details += one.count + one.sector;
  return [
    operations.length,
    schedule.length + faults.length + media.length,
    scenario.threads,
    files.length + fileSystems.length,
    oddityOfGeometry(geometry),
    oddities,
    extents,
    sizeShapes,
    sizes,
    shapes,
    magnitudes,
    details,
    places,
    (scenario.options.diagnostic ? 1 : 0) + (scenario.options.faultChecksSize ? 1 : 0),
    Math.abs(geometry.diskSectors - PLAIN_GEOMETRY.diskSectors),
    ids,
  ];
}

/** Negative if `a` is smaller. */
export function compareMeasures(a: Measure, b: Measure): number {
  for (let i = 0; i < a.length; i++) {
    const difference = a[i]! - b[i]!;
    if (difference !== 0) return difference;
  }
  return 0;
}

/** The mask of all chunks of a page. */
export function chunksMask(geometry: Geometry): number {
  return 2 ** (geometry.pageSize / geometry.sectorSize) - 1;
}

function shapeOfBytes(bytes: number, geometry: Geometry): number {
  if (bytes <= 1) return bytes;
  if (bytes % geometry.pageSize === 0) return 2;
  return bytes % geometry.sectorSize === 0 ? 3 : 4;
}

function shapeOfMask(mask: number, fullMask: number): number {
  if (mask === 0) return 0;
  if (mask === fullMask) return 1;
  let bits = 0;
  for (let rest = mask; rest !== 0; rest &= rest - 1) bits++;
  return 1 + bits;
}

function shapeOfOperation(one: Operation, geometry: Geometry, fullMask: number): number {
  let shape = 0;
  for (const field of BYTE_FIELDS) shape += shapeOfBytes(one[field], geometry);
  for (const field of MASK_FIELDS) shape += shapeOfMask(one[field], fullMask);
  return shape;
}

function magnitudeOfOperation(one: Operation, fullMask: number): number {
  let magnitude = 0;
  for (const field of BYTE_FIELDS) magnitude += one[field];
  for (const field of COUNT_FIELDS) magnitude += one[field];
  for (const field of MASK_FIELDS) if (one[field] !== fullMask) magnitude += one[field];
  return magnitude;
}

function magnitudeOfException(one: Exception): number {
  return one.ordinal + one.amount + one.thread + one.subject;
}

function oddityOfGeometry(geometry: Geometry): number {
  let oddity = 0;
  for (const field of ['pageSize', 'sectorSize', 'frames', 'pbufs', 'mapPages', 'cachedObjects'] as const) {
    oddity += Math.abs(geometry[field] - PLAIN_GEOMETRY[field]);
  }
  return oddity;
}

function oddityOfFileSystem(fs: FileSystem, geometry: Geometry): number {
  let oddity = Math.abs(Math.log2(fs.blockSize / geometry.pageSize));
  if (fs.blockMap !== 'disk') oddity += fs.blockMap === 'network' ? 1 : 2;
  if (fs.pastEnd !== 'hole') oddity += fs.pastEnd === 'address' ? 1 : 2;
  if (fs.fragmentSize !== 0) oddity += 1 + Math.log2(fs.fragmentSize);
  if (fs.sharedBuffers) oddity += 1;
  if (fs.truncateOrder !== PLAIN_FILE_SYSTEM.truncateOrder) oddity += 1;
  if (fs.tail !== PLAIN_FILE_SYSTEM.tail) oddity += 1;
  if (fs.clearsTail !== PLAIN_FILE_SYSTEM.clearsTail) oddity += 1;
  if (fs.delayedBlocks) oddity += 1;
  return oddity;
}
