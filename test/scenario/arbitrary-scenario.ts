/**
 * Arbitrary valid scenarios: everything that the schema and the checks allow, without asking whether a run of it would be
 * interesting. Numbers are small or at the ends of their ranges, extents interleave and follow fragments closely, texts hold
 * whatever a line can hold. Each draw is built to be valid, so nothing is thrown away.
 */
import fc from 'fast-check';
import { firstSector, layoutOf, sectorsOfBlock } from '../../src/scenario/layout.ts';
import { CHOICES, OPERATION_KINDS, OPERATIONS, operation } from '../../src/scenario/operations.ts';
import {
  BOUNDS,
  SCENARIO_VERSION,
  type Choice,
  type Exception,
  type Extent,
  type FileSpec,
  type FileSystem,
  type Geometry,
  type MediaFault,
  type Operation,
  type Scenario,
  type TargetChoice,
} from '../../src/scenario/scenario.ts';
import { AMOUNTS, argumentMax, TEXT_MAX } from '../../src/scenario/schema.ts';

/** A whole number of a range, often near its ends. */
function whole(low: number, high: number): fc.Arbitrary<number> {
  const few = Math.min(high, low + 8);
  return fc.oneof(
    { weight: 5, arbitrary: fc.integer({ min: low, max: few }) },
    { weight: 1, arbitrary: fc.constant(high) },
    { weight: 2, arbitrary: fc.maxSafeInteger().map((n) => low + (Math.abs(n) % (high - low + 1))) },
  );
}

/** `unit` times a power of two, at most `high`. */
function doubled(unit: number, high: number): fc.Arbitrary<number> {
  const most = Math.log2(high / unit);
  return fc.integer({ min: 0, max: Math.min(8, most) }).map((shift) => unit * 2 ** shift);
}

const geometryArbitrary: fc.Arbitrary<Geometry> = fc
  .tuple(fc.integer({ min: 1, max: 12 }), fc.integer({ min: 1, max: 4 }))
  .chain(([sectorShift, ratioShift]) => {
    const sectorSize = 2 ** sectorShift;
    const pageSize = sectorSize * 2 ** ratioShift;
    const framesMax = Math.min(BOUNDS.frames[1], BOUNDS.memoryBytes / pageSize);
    return fc.record({
      pageSize: fc.constant(pageSize),
      sectorSize: fc.constant(sectorSize),
      frames: whole(BOUNDS.frames[0], framesMax),
      pbufs: whole(...BOUNDS.pbufs),
      mapPages: whole(...BOUNDS.mapPages),
      // Files decide.
      diskSectors: fc.constant(0),
      cachedObjects: whole(...BOUNDS.cachedObjects),
    });
  });

function fileSystemArbitrary({ sectorSize }: Geometry): fc.Arbitrary<FileSystem> {
  return doubled(sectorSize, BOUNDS.blockSize).chain((blockSize) =>
    fc.constantFrom('disk', 'network', 'none' as const).chain((blockMap) =>
      fc.record({
        blockMap: fc.constant(blockMap),
        blockSize: fc.constant(blockSize),
        pastEnd: fc.constantFrom('hole', 'error', 'address'),
        fragmentSize: fc.oneof(fc.constant(0), doubled(sectorSize, blockSize)),
        sharedBuffers: blockMap === 'none' ? fc.constant(false) : fc.boolean(),
        truncateOrder: fc.constantFrom('setsize-first', 'setsize-last'),
        tail: fc.constantFrom('zeros', 'pattern'),
        clearsTail: fc.boolean(),
        delayedBlocks: fc.boolean(),
      }),
    ),
  );
}

/** A run of blocks of a file, before it has a place. */
interface Piece {
  skippedBlocks: number;
  count: number;
  skippedSectors: number;
  /** Decides where in the list of the file's extents it stands. */
  rank: number;
}

interface FileDraw {
  fileSystem: number;
  /** Bytes, unless the file ends in its last piece. */
  size: number;
  endsInPieces: boolean;
  pieces: Piece[] | undefined;
}

const pieceArbitrary: fc.Arbitrary<Piece> = fc.record({
  skippedBlocks: fc.oneof(
    { weight: 3, arbitrary: fc.constant(0) },
    { weight: 2, arbitrary: fc.integer({ min: 1, max: 5 }) },
    { weight: 1, arbitrary: fc.integer({ min: 6, max: 2 ** 17 }) },
  ),
  count: fc.oneof(fc.constant(1), fc.integer({ min: 1, max: 20 })),
  skippedSectors: fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 40 })),
  rank: fc.nat(),
});

function fileArbitrary(fileSystems: number): fc.Arbitrary<FileDraw> {
  return fc.record({
    fileSystem: fc.nat({ max: fileSystems - 1 }),
    size: fc.oneof(fc.nat({ max: 300 }), fc.nat({ max: 100_000 })),
    endsInPieces: fc.boolean(),
    pieces: fc.option(fc.array(pieceArbitrary, { maxLength: 7 }), { nil: undefined }),
  });
}

/** Gives the pieces of all files places, in turn, so that files interleave. */
function place(
  draws: readonly FileDraw[],
  shape: Pick<Scenario, 'geometry' | 'fileSystems'>,
  start: number,
): FileSpec[] {
  const ranks: [rank: number, extent: Extent][][] = draws.map(() => []);
  const files = draws.map(({ fileSystem, size, endsInPieces, pieces }): FileSpec => {
    if (pieces === undefined) return { fileSystem, size };
    const { blockSize } = shape.fileSystems[fileSystem]!;
    const blocks = pieces.reduce((sum, piece) => sum + piece.skippedBlocks + piece.count, 0);
    return {
      fileSystem,
      size: endsInPieces ? Math.max(0, blocks * blockSize - (size % blockSize)) : size,
      extents: [],
    };
  });
  let sector = firstSector(shape.geometry) + start;
  const reached = draws.map(() => 0);
  const rounds = Math.max(...draws.map((draw) => draw.pieces?.length ?? 0));
  for (let round = 0; round < rounds; round++) {
    for (const [i, draw] of draws.entries()) {
      const piece = draw.pieces?.[round];
      if (piece === undefined) continue;
      const block = reached[i]! + piece.skippedBlocks;
      reached[i] = block + piece.count;
      sector += piece.skippedSectors;
      ranks[i]!.push([piece.rank, { block, sector, count: piece.count }]);
      const blockSectors = shape.fileSystems[draw.fileSystem]!.blockSize / shape.geometry.sectorSize;
      const last = sectorsOfBlock({ ...shape, files }, draw.fileSystem, files[i]!.size, reached[i] - 1);
      // What a last block in fragments leaves over goes to the next piece.
      sector += (piece.count - 1) * blockSectors + last;
    }
  }
  for (const [i, file] of files.entries()) {
    if (file.extents === undefined) continue;
    file.extents = ranks[i]!.toSorted((a, b) => a[0] - b[0]).map(([, extent]) => extent);
  }
  return files;
}

function operationArbitrary(geometry: Geometry, threads: number): fc.Arbitrary<Operation> {
  const sectors = geometry.pageSize / geometry.sectorSize;
  return fc.constantFrom(...OPERATION_KINDS).chain((kind) => {
    const args: Record<string, fc.Arbitrary<number>> = {};
    for (const argument of OPERATIONS[kind].arguments) {
      let max = argumentMax(kind, argument);
      if (argument === 'page') max = BOUNDS.fileSize / geometry.pageSize;
      if (argument === 'valid' || argument === 'dirty') max = 2 ** sectors - 1;
      args[argument] = whole(0, max);
    }
    return fc
      .tuple(whole(1, BOUNDS.operationId), fc.nat({ max: threads - 1 }), fc.record(args))
      .map(([id, thread, record]) => operation(id, thread, kind, record));
  });
}

interface ExceptionDraw {
  list: 'schedule' | 'faults';
  exception: Exception;
}

function exceptionArbitrary(threads: number, files: number): fc.Arbitrary<ExceptionDraw> {
  const places = (Object.keys(CHOICES) as Choice[]).flatMap((choice) =>
    (['schedule', 'faults'] as const).flatMap((list) =>
      CHOICES[choice][list].map((take) => ({ choice, list, take })),
    ),
  );
  return fc.constantFrom(...places).chain(({ choice, list, take }) => {
    const amountMax = take === 'run' ? threads : (AMOUNTS[take]?.max ?? 0);
    return fc
      .record({
        operation: whole(0, BOUNDS.operationId),
        thread: fc.nat({ max: threads }),
        choice: fc.constant(choice),
        subject: fc.nat({ max: CHOICES[choice].subject === 'file' ? files - 1 : 0 }),
        ordinal: whole(0, BOUNDS.ordinal),
        take: fc.constant(take),
        amount: whole(0, amountMax),
      })
      .map((exception) => ({ list, exception }));
  });
}

function addressOf({ exception }: ExceptionDraw): string {
  const { operation: id, thread, choice, subject, ordinal } = exception;
  return `${id} ${thread} ${choice} ${subject} ${ordinal}`;
}

const mediaArbitrary: fc.Arbitrary<MediaFault> = fc.record({
  sector: whole(0, BOUNDS.diskSectors[1]),
  count: whole(1, BOUNDS.diskSectors[1]),
  access: fc.constantFrom('read', 'write', 'both'),
});

/** Texts that a target, a switch or a cause may be: names, words that YAML takes for something else, any characters. */
export const textArbitrary: fc.Arbitrary<string> = fc.oneof(
  fc.stringMatching(/^[A-Za-z./_-]{1,12}( [a-z0-9.:#-]{1,6}){0,3}$/),
  fc.constantFrom(
    'true',
    'null',
    '~',
    '0x10',
    '12',
    '1e3',
    '.inf',
    '- a',
    'a: b',
    'a #b',
    '#',
    '"',
    "'",
    '[',
    '{}',
    '&a',
  ),
  fc.constantFrom(
    '*a',
    '!a',
    '|',
    '>',
    '%',
    '@',
    '`',
    '---',
    '...',
    '<<',
    '=',
    '? a',
    ' a ',
    'a,b',
    '\\',
    '\ud83d\ude00',
    'ä',
  ),
  fc
    .string({ unit: 'grapheme', minLength: 1, maxLength: 20 })
    .map((text) => text.replaceAll(/[\p{Cc}\p{Zl}\p{Zp}\p{Cs}\ufeff\ufffe\uffff]/gu, '-').slice(0, TEXT_MAX)),
);

const targetArbitrary: fc.Arbitrary<TargetChoice> = fc.record({
  name: fc.oneof(fc.constant('reference'), textArbitrary),
  form: fc.constantFrom('as-written', 'repaired'),
  switches: fc.uniqueArray(textArbitrary, { maxLength: 4 }),
});

/** Any valid scenario of moderate length. */
export const scenarioArbitrary: fc.Arbitrary<Scenario> = geometryArbitrary.chain((machine) =>
  fc
    .record({
      fileSystems: fc.array(fileSystemArbitrary(machine), { minLength: 1, maxLength: 3 }),
      threads: fc.integer({ min: 1, max: BOUNDS.threads[1] }),
      options: fc.record({ diagnostic: fc.boolean(), faultChecksSize: fc.boolean() }),
      start: fc.oneof(fc.constant(0), fc.nat({ max: 2 ** 20 })),
      spare: fc.nat({ max: 1000 }),
    })
    .chain(({ fileSystems, threads, options, start, spare }) =>
      fc.array(fileArbitrary(fileSystems.length), { minLength: 1, maxLength: 4 }).chain((draws) => {
        const files = place(draws, { geometry: machine, fileSystems }, start);
        const { firstFree } = layoutOf({ geometry: machine, fileSystems, files });
        const geometry = { ...machine, diskSectors: Math.max(BOUNDS.diskSectors[0], firstFree + spare) };
        return fc
          .record(
            {
              version: fc.constant(SCENARIO_VERSION),
              operations: fc.uniqueArray(operationArbitrary(geometry, threads), {
                selector: (one) => one.id,
                maxLength: 12,
              }),
              exceptions: fc.uniqueArray(exceptionArbitrary(threads, files.length), {
                selector: addressOf,
                maxLength: 8,
              }),
              media: fc.array(mediaArbitrary, { maxLength: 3 }),
              target: targetArbitrary,
              expect: fc.record({ property: textArbitrary, cause: textArbitrary }),
            },
            { requiredKeys: ['version', 'operations', 'exceptions', 'media', 'target'] },
          )
          .map(({ exceptions, ...rest }): Scenario => ({
            ...rest,
            geometry,
            options,
            fileSystems,
            files,
            threads,
            schedule: exceptions.filter((one) => one.list === 'schedule').map((one) => one.exception),
            faults: exceptions.filter((one) => one.list === 'faults').map((one) => one.exception),
          }));
      }),
    ),
);
