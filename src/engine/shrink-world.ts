/**
 * Smaller scenarios by a plainer world: the small machine, plain file systems, files laid out by default and of round sizes,
 * no options.
 */
import { layoutOf } from '../scenario/layout.ts';
import { BOUNDS } from '../scenario/scenario.ts';
import type { Extent, FileSpec, FileSystem, Geometry, Operation, Scenario } from '../scenario/scenario.ts';
import { chunksMask, PLAIN_FILE_SYSTEM, PLAIN_GEOMETRY } from './shrink-measure.ts';
import { fitDisk, type Edit } from './shrink-removal.ts';

/** Steps for one file system or file; no list of edits for one is longer. */
const STEPS = 4096;

/** The small machine, with everything in bytes scaled; then one size after the other. */
export function* plainGeometry(scenario: Scenario): Generator<Edit> {
  const { geometry } = scenario;
  const { pageSize, sectorSize, frames, pbufs, mapPages, cachedObjects } = PLAIN_GEOMETRY;
  const roomy = { frames, pbufs, mapPages, cachedObjects };
  const change = (step: number, changed: Partial<Geometry>): Edit => ({
    step,
    make: () => ({ ...scenario, geometry: { ...geometry, ...changed } }),
  });
  if (geometry.pageSize !== pageSize || geometry.sectorSize !== sectorSize) {
    // The page alone, sectors in proportion; the sectors alone.
    const ratio = geometry.pageSize / geometry.sectorSize;
    for (const [k, [page, sector]] of [
      [pageSize, sectorSize],
      [pageSize, pageSize / ratio],
      [geometry.pageSize, geometry.pageSize / 8],
    ].entries()) {
      if (sector! < BOUNDS.sectorSize[0]) continue;
      yield { step: 2 * k, make: () => rescale(scenario, page!, sector!, true) };
      yield { step: 2 * k + 1, make: () => rescale(scenario, page!, sector!, false) };
    }
  }
  yield change(10, roomy);
  yield change(11, { frames });
  yield change(12, { pbufs });
  yield change(13, { mapPages });
  yield change(14, { cachedObjects });
  yield change(15, { pbufs: (geometry.pbufs + pbufs) >> 1 });
  yield change(16, { mapPages: (geometry.mapPages + mapPages) >> 1 });
  yield change(17, { frames: (geometry.frames + frames + 1) >> 1 });
  yield change(18, { cachedObjects: (geometry.cachedObjects + cachedObjects + 1) >> 1 });
  yield change(19, { cachedObjects: geometry.cachedObjects - 1 });
}

/** The disk of the plain machine, or what the files need. */
export function* plainDisk(scenario: Scenario): Generator<Edit> {
  const { geometry } = scenario;
  const needed = Math.max(PLAIN_GEOMETRY.diskSectors, layoutOf(scenario).firstFree);
  yield { step: 0, make: () => ({ ...scenario, geometry: { ...geometry, diskSectors: needed } }) };
}

/**
 * The same scenario on pages and sectors of other sizes: whole pages stay whole pages, parts of pages stay parts. Masks of all
 * chunks stay such masks (`whole`), or all masks keep the bits that there are.
 */
function rescale(scenario: Scenario, pageSize: number, sectorSize: number, whole: boolean): Scenario | null {
  const { geometry } = scenario;
  const old = geometry.pageSize;
  const bytes = (n: number): number => {
    const rest = n % old;
    const page = (n - rest) / old;
    return (
      page * pageSize +
      (rest === 0 ? 0 : Math.min(pageSize - 1, Math.max(1, Math.round((rest * pageSize) / old))))
    );
  };
  const sectors = (n: number): number => (n * pageSize * geometry.sectorSize) / (old * sectorSize);
  const fullMask = chunksMask(geometry);
  const newMask = 2 ** (pageSize / sectorSize) - 1;
  const mask = (m: number): number => {
    if (whole && m === fullMask) return newMask;
    return m === 0 ? 0 : m & newMask || 1;
  };
  const scaled: Scenario = {
    ...scenario,
    geometry: {
      ...geometry,
      pageSize,
      sectorSize,
      diskSectors: Math.max(BOUNDS.diskSectors[0], Math.ceil(sectors(geometry.diskSectors))),
    },
    fileSystems: scenario.fileSystems.map((fs) => {
      const blockSize = Math.max(sectorSize, (fs.blockSize * pageSize) / old);
      const fragmentSize =
        fs.fragmentSize === 0
          ? 0
          : Math.min(blockSize, Math.max(sectorSize, (fs.fragmentSize * pageSize) / old));
      return { ...fs, blockSize, fragmentSize: fragmentSize === blockSize ? 0 : fragmentSize };
    }),
    files: scenario.files.map((file): FileSpec => {
      const size = bytes(file.size);
      if (file.extents === undefined) return { ...file, size };
      return { ...file, size, extents: file.extents.map((one) => ({ ...one, sector: sectors(one.sector) })) };
    }),
    operations: scenario.operations.map((one): Operation => ({
      ...one,
      offset: bytes(one.offset),
      length: bytes(one.length),
      valid: mask(one.valid),
      dirty: mask(one.dirty),
    })),
    media: scenario.media.map((one) => ({
      ...one,
      sector: Math.floor(sectors(one.sector)),
      count: Math.max(1, Math.round(sectors(one.count))),
    })),
  };
  // Blocks of less than a sector, or places between sectors, do not exist.
  const wholeBlocks = scaled.fileSystems.every(
    (fs, i) => fs.blockSize * old === scenario.fileSystems[i]!.blockSize * pageSize,
  );
  const wholePlaces = scaled.files.every((file) =>
    (file.extents ?? []).every((one) => Number.isInteger(one.sector)),
  );
  if (!wholeBlocks || !wholePlaces) {
    scaled.files = scaled.files.map(({ fileSystem, size }) => ({ fileSystem, size }));
  } else {
    scaled.files = scaled.files.map((file) => clipped(scaled, file));
  }
  return keepMediaOnDisk(fitDisk(scaled));
}

/** Plain in everything but the block size, then one property after the other, then the block size. */
export function* plainFileSystems(scenario: Scenario): Generator<Edit> {
  for (const [i, fs] of scenario.fileSystems.entries()) {
    const change = (step: number, changed: Partial<FileSystem>): Edit => ({
      step: i * STEPS + step,
      make: () => withFileSystem(scenario, i, { ...fs, ...changed }),
    });
    yield change(0, { ...PLAIN_FILE_SYSTEM, blockSize: scenario.geometry.pageSize });
    yield change(1, PLAIN_FILE_SYSTEM);
    yield change(2, { blockSize: scenario.geometry.pageSize });
    yield change(3, { blockMap: 'disk' });
    if (fs.blockMap === 'none') yield change(4, { blockMap: 'network' });
    yield change(5, { pastEnd: 'hole' });
    yield change(6, { pastEnd: 'address' });
    yield change(7, { fragmentSize: 0 });
    yield change(8, { sharedBuffers: false });
    yield change(9, { truncateOrder: PLAIN_FILE_SYSTEM.truncateOrder });
    yield change(10, { tail: PLAIN_FILE_SYSTEM.tail });
    yield change(11, { clearsTail: PLAIN_FILE_SYSTEM.clearsTail });
    if (fs.delayedBlocks) yield change(18, { delayedBlocks: false });
    const { sectorSize } = scenario.geometry;
    if (fs.fragmentSize > sectorSize) yield change(12, { fragmentSize: sectorSize });
    const nearer = fs.blockSize < scenario.geometry.pageSize ? fs.blockSize * 2 : fs.blockSize / 2;
    yield change(13, { blockSize: nearer });
    for (const [k, blockSize] of [scenario.geometry.pageSize, nearer].entries()) {
      yield { step: i * STEPS + 14 + 2 * k, make: () => withBlockSize(scenario, i, blockSize, false) };
      yield { step: i * STEPS + 15 + 2 * k, make: () => withBlockSize(scenario, i, blockSize, true) };
    }
  }
}

function withFileSystem(scenario: Scenario, index: number, fs: FileSystem): Scenario {
  const old = scenario.fileSystems[index]!;
  const fragments = fs.blockMap === 'disk' && fs.fragmentSize < fs.blockSize ? fs.fragmentSize : 0;
  const changed: FileSystem = {
    ...fs,
    fragmentSize: fragments,
    sharedBuffers: fs.sharedBuffers && fs.blockMap !== 'none',
  };
  const fileSystems = scenario.fileSystems.map((one, i) => (i === index ? changed : one));
  if (old.blockSize === fs.blockSize) return fitDisk({ ...scenario, fileSystems });
  const files = scenario.files.map((file) =>
    file.fileSystem === index ? { fileSystem: file.fileSystem, size: file.size } : file,
  );
  return fitDisk({ ...scenario, fileSystems, files });
}

/** Blocks of another size under the same numbers: extents stay, at new places in the same order; sizes may go along. */
function withBlockSize(
  scenario: Scenario,
  index: number,
  blockSize: number,
  sizes: boolean,
): Scenario | null {
  const old = scenario.fileSystems[index]!;
  const fragmentSize = old.fragmentSize < blockSize ? old.fragmentSize : 0;
  if (blockSize < scenario.geometry.sectorSize) return null;
  const fileSystems = scenario.fileSystems.map((one, i) =>
    i === index ? { ...old, blockSize, fragmentSize } : one,
  );
  const changed = { ...scenario, fileSystems };
  const ratio = sizes ? blockSize / old.blockSize : 1;
  const files = scenario.files.map((file) => {
    if (file.fileSystem !== index) return file;
    return clipped(changed, { ...file, size: Math.min(BOUNDS.fileSize, Math.ceil(file.size * ratio)) });
  });
  return placed({ ...changed, files }, scenario);
}

/** The default layout, fewer extents, extents closer together, smaller and rounder sizes. */
export function* plainFiles(scenario: Scenario): Generator<Edit> {
  const { pageSize, sectorSize } = scenario.geometry;
  for (const [i, file] of scenario.files.entries()) {
    const base = i * STEPS;
    const { fileSystem, size, extents } = file;
    if (extents !== undefined) {
      yield { step: base, make: () => withFile(scenario, i, { fileSystem, size }) };
      for (let e = extents.length - 1; e >= 0; e--) {
        const step = base + extents.length - e;
        if (step >= base + STEPS / 2) break;
        yield {
          step,
          make: () => withFile(scenario, i, { ...file, extents: extents.filter((_, j) => j !== e) }),
        };
      }
      yield {
        step: base + STEPS / 2,
        make: () => withFile(scenario, i, { ...file, extents: joined(scenario, file) }),
      };
      yield { step: base + STEPS / 2 + 1, make: () => (i === 0 ? placed(scenario, scenario) : null) };
    }
    for (const [k, smaller] of simplerBytes(size, pageSize, sectorSize).entries()) {
      yield { step: base + STEPS / 2 + 2 + k, make: () => withFile(scenario, i, { ...file, size: smaller }) };
    }
  }
}

function withFile(scenario: Scenario, index: number, file: FileSpec): Scenario {
  const clip = clipped(scenario, file);
  return fitDisk({ ...scenario, files: scenario.files.map((one, i) => (i === index ? clip : one)) });
}

/** The file without blocks past its size. */
function clipped(scenario: Scenario, file: FileSpec): FileSpec {
  if (file.extents === undefined) return file;
  const end = Math.ceil(file.size / scenario.fileSystems[file.fileSystem]!.blockSize);
  const extents: Extent[] = [];
  for (const one of file.extents) {
    if (one.block >= end) continue;
    extents.push(one.block + one.count <= end ? one : { ...one, count: end - one.block });
  }
  return { ...file, extents };
}

/** Extents that follow each other in the file and on the disk, as one. */
function joined(scenario: Scenario, file: FileSpec): Extent[] {
  const blockSectors = scenario.fileSystems[file.fileSystem]!.blockSize / scenario.geometry.sectorSize;
  const extents: Extent[] = [];
  for (const one of file.extents!) {
    const last = extents.at(-1);
    if (
      last !== undefined &&
      last.block + last.count === one.block &&
      last.sector + last.count * blockSectors === one.sector
    ) {
      extents[extents.length - 1] = { ...last, count: last.count + one.count };
    } else {
      extents.push(one);
    }
  }
  return extents;
}

/**
 * All extents of all files close together, in the order in which they lie on the disk. Gaps of a page stay gaps of a page.
 * `before` is the scenario as it was when the places were right.
 */
function placed(scenario: Scenario, before: Scenario): Scenario {
  const { geometry } = scenario;
  const pageSectors = geometry.pageSize / geometry.sectorSize;
  const all: { file: number; index: number; from: number; to: number; sectors: number; align: number }[] = [];
  for (const [file, one] of scenario.files.entries()) {
    const fs = scenario.fileSystems[one.fileSystem]!;
    const align = fs.fragmentSize > 0 ? fs.fragmentSize / geometry.sectorSize : 1;
    const oldBlock = before.fileSystems[before.files[file]!.fileSystem]!.blockSize / geometry.sectorSize;
    for (const [index, { sector, count }] of (one.extents ?? []).entries()) {
      const sectors = (count * fs.blockSize) / geometry.sectorSize;
      all.push({ file, index, from: sector, to: sector + count * oldBlock, sectors, align });
    }
  }
  all.sort((a, b) => a.from - b.from);
  const files = scenario.files.map((one) =>
    one.extents === undefined ? one : { ...one, extents: [...one.extents] },
  );
  let next = pageSectors;
  let end = -1;
  for (const { file, index, from, to, sectors, align } of all) {
    const gap = end >= 0 && from > end ? Math.min(from - end, pageSectors) : 0;
    const sector = Math.ceil((next + gap) / align) * align;
    files[file]!.extents![index] = { ...files[file]!.extents![index]!, sector };
    next = sector + sectors;
    end = to;
  }
  return fitDisk({ ...scenario, files });
}

/** No options. */
export function* plainOptions(scenario: Scenario): Generator<Edit> {
  const { options } = scenario;
  if (options.diagnostic) {
    yield { step: 0, make: () => ({ ...scenario, options: { ...options, diagnostic: false } }) };
  }
  if (options.faultChecksSize) {
    yield { step: 1, make: () => ({ ...scenario, options: { ...options, faultChecksSize: false } }) };
  }
}

/** Positions, lengths and sizes to try instead of one: none, one, round ones, smaller ones. */
export function simplerBytes(n: number, pageSize: number, sectorSize: number): number[] {
  if (n === 0) return [];
  const page = Math.floor(n / pageSize) * pageSize;
  const sector = Math.floor(n / sectorSize) * sectorSize;
  const half = Math.floor(n / (2 * pageSize)) * pageSize;
  const quarter = n - Math.floor(n / (4 * pageSize)) * pageSize;
  return [
    0,
    1,
    pageSize,
    half,
    quarter,
    ...steps(n, pageSize),
    page,
    page + pageSize,
    page - pageSize,
    sector,
    n - pageSize,
    Math.floor(n / 2),
    n - 1,
  ].filter((one) => one >= 0 && one !== n);
}

/**
 * `n` less an eighth of it, less a sixteenth, and so on down to two units: from gigabytes to any limit below them it takes
 * tens of candidates then, not thousands.
 */
export function steps(n: number, unit: number): number[] {
  const found: number[] = [];
  for (let part = 8; n >= 2 * part * unit; part *= 2) found.push(n - Math.floor(n / (part * unit)) * unit);
  return found;
}

function keepMediaOnDisk(scenario: Scenario): Scenario {
  const { diskSectors } = scenario.geometry;
  return { ...scenario, media: scenario.media.filter((one) => one.sector + one.count <= diskSectors) };
}
