/**
 * The scenario as it stands in a file, as a schema: names, types and ranges of all fields, and what may be left out. What
 * needs two fields to be judged together is in `check.ts`, the sentences that people read are in `words.ts`. What a left-out
 * field means is part of the format: another default is another version.
 */
import { z } from 'zod';
import { CHOICES, OPERATIONS, OPERATION_KINDS, type Argument, type OperationKind } from './operations.ts';
import {
  ALL_FILE_SYSTEMS,
  BOUNDS,
  DEFAULT_GEOMETRY,
  SCENARIO_VERSION,
  type Choice,
  type Exception,
  type Scenario,
  type Take,
} from './scenario.ts';

/** Longest name of a target, switch or property, and longest cause. */
export const TEXT_MAX = 200;

/**
 * One line without control characters: such a text can be shown on a terminal. Written so that it means the same with and
 * without the flag for Unicode, since editors that use the JSON Schema differ in that.
 */
// oxlint-disable-next-line no-control-regex -- control characters are what it refuses
export const ONE_LINE = /^[^\u0000-\u001f\u007f-\u009f\u2028\u2029\ufeff\ufffe\uffff]+$/;

const text = (what: string): z.ZodString =>
  z
    .string()
    .min(1)
    .max(TEXT_MAX)
    .regex(ONE_LINE)
    .refine((line) => line.isWellFormed())
    .describe(what);

const whole = (low: number, high: number, what: string): z.ZodInt =>
  z.int().min(low).max(high).describe(what);

/** The powers of two of a range, both ends included. */
export function powersOfTwo(low: number, high: number): number[] {
  const powers: number[] = [];
  for (let power = low; power <= high; power *= 2) powers.push(power);
  return powers;
}

const power = (low: number, high: number, what: string): z.ZodLiteral<number> =>
  z.literal(powersOfTwo(low, high)).describe(what);

/** Largest file number, page number and position that an operation may name; `check.ts` knows the page size. */
const FILE_MAX = BOUNDS.files[1] - 1;
const PAGE_MAX = BOUNDS.fileSize / BOUNDS.pageSize[0];

/** What `other` is for the operations that use it. */
export type Other = 'mode' | 'file' | 'fileSystem' | 'fileSystems';

/** The operations with a second argument, and what it is. */
export const OTHER: Partial<Record<OperationKind, Other>> = {
  get: 'mode',
  getpage: 'mode',
  put: 'mode',
  uncache: 'mode',
  map: 'mode',
  rename: 'file',
  unmount: 'fileSystems',
  'force-unmount': 'fileSystem',
  lock: 'mode',
  unlock: 'mode',
};

const OTHER_MAX: Record<Other, number> = {
  mode: 1,
  file: FILE_MAX,
  fileSystem: BOUNDS.fileSystems[1] - 1,
  fileSystems: ALL_FILE_SYSTEMS,
};

/** Largest value of an operation's argument; the smallest is 0. */
export function argumentMax(kind: OperationKind, argument: Argument): number {
  switch (argument) {
    case 'file':
      return FILE_MAX;
    case 'page':
      return PAGE_MAX;
    case 'before':
      return BOUNDS.runPages - 1;
    case 'count':
      if (kind === 'get') return BOUNDS.runPages - 1;
      return kind === 'put' ? BOUNDS.runPages : BOUNDS.frames[1];
    case 'offset':
      return BOUNDS.fileSize;
    case 'length':
      if (kind === 'store') return BOUNDS.pageSize[1];
      return kind === 'read' || kind === 'write' ? BOUNDS.transferBytes : BOUNDS.fileSize;
    case 'valid':
    case 'dirty':
      return 2 ** BOUNDS.sectorsPerPage[1] - 1;
    case 'other':
      return OTHER_MAX[OTHER[kind] ?? 'mode'];
  }
}

const ARGUMENT_MEANING: Record<Argument, string> = {
  file: 'file number, taken modulo the number of files',
  page: 'page number within the file',
  count: 'how many pages',
  before: 'how many pages before the requested one',
  offset: 'byte offset in the file',
  length: 'bytes',
  valid: 'which sectors of an absent page are made valid first; bit 0 is the first sector',
  dirty: 'which of them are made dirty',
  other: 'a second file, a file system (taken modulo their number) or a mode, as the operation says',
};

function operationOf(kind: OperationKind) {
  const shape: Record<string, z.ZodType<number>> = {};
  for (const argument of OPERATIONS[kind].arguments) {
    shape[argument] = whole(0, argumentMax(kind, argument), ARGUMENT_MEANING[argument]).default(0);
  }
  return z
    .strictObject({
      id: whole(1, BOUNDS.operationId, 'unique in the file; exceptions refer to it'),
      thread: whole(0, BOUNDS.threads[1] - 1, 'who does it').default(0),
      do: z.literal(kind),
      ...(shape as Partial<Record<Argument, z.ZodDefault<z.ZodInt>>>),
    })
    .describe(OPERATIONS[kind].does);
}

type OperationSchema = ReturnType<typeof operationOf>;

const operation = z.discriminatedUnion(
  'do',
  OPERATION_KINDS.map(operationOf) as [OperationSchema, ...OperationSchema[]],
);

/** The takes whose `amount` means something, what it is, and its largest value. */
export const AMOUNTS: Partial<Record<Take, { means: string; max: number }>> = {
  run: { means: 'the thread that goes on', max: BOUNDS.threads[1] },
  deliver: { means: 'how many completions are delivered', max: BOUNDS.ordinal },
  delay: { means: 'how many later completions overtake', max: BOUNDS.ordinal },
  resize: { means: 'how many bytes the file has on the server', max: BOUNDS.fileSize },
  short: { means: 'what is missing: sectors of a transfer, else bytes', max: BOUNDS.transferBytes },
};

function exceptionOf(choice: Choice, list: 'schedule' | 'faults') {
  const { does, subject } = CHOICES[choice];
  const takes = CHOICES[choice][list];
  const amounts = takes.flatMap((take) => AMOUNTS[take] ?? []);
  const optional: { subject?: z.ZodDefault<z.ZodInt>; amount?: z.ZodDefault<z.ZodInt> } = {};
  if (subject === 'file') optional.subject = whole(0, FILE_MAX, 'file number').default(0);
  if (amounts.length > 0) {
    const max = Math.max(...amounts.map((amount) => amount.max));
    optional.amount = whole(0, max, amounts.map((amount) => amount.means).join('; ')).default(0);
  }
  return z
    .strictObject({
      operation: whole(
        0,
        BOUNDS.operationId,
        'id of the operation during which it happens, or that woke the daemon; 0: settlement',
      ),
      thread: whole(0, BOUNDS.threads[1], 'the thread that must be running; the daemon comes last').default(
        0,
      ),
      choice: z.literal(choice),
      ordinal: whole(0, BOUNDS.ordinal, 'choices of this kind and subject met before').default(0),
      take: z.enum(takes as [Take, ...Take[]]).describe('how it departs from the plain run'),
      ...optional,
    })
    .describe(does);
}

type ExceptionSchema = ReturnType<typeof exceptionOf>;

const exceptions = (list: 'schedule' | 'faults', what: string) =>
  z
    .array(
      z.discriminatedUnion(
        'choice',
        (Object.keys(CHOICES) as Choice[])
          .filter((choice) => CHOICES[choice][list].length > 0)
          .map((choice) => exceptionOf(choice, list)) as [ExceptionSchema, ...ExceptionSchema[]],
      ),
    )
    .max(BOUNDS.exceptions)
    .default([])
    .describe(what);

const SECTOR_MAX = BOUNDS.diskSectors[1];

const extent = z.strictObject({
  block: whole(0, BOUNDS.fileSize / BOUNDS.sectorSize[0], 'first block of the file'),
  sector: whole(0, SECTOR_MAX, 'its place on the disk, in sectors'),
  count: whole(1, SECTOR_MAX, 'how many blocks'),
});

const file = z.strictObject({
  fileSystem: whole(0, BOUNDS.fileSystems[1] - 1, 'number of the file system in the list above').default(0),
  size: whole(0, BOUNDS.fileSize, 'bytes'),
  extents: z
    .array(extent)
    .max(BOUNDS.extents)
    .optional()
    .describe('where its blocks lie, all others being holes; left out, every block has a place'),
});

const fileSystem = z.strictObject({
  blockMap: z
    .enum(['disk', 'network', 'none'])
    .describe('what the block map delivers: the disk, the file itself (as NFS does), or an error'),
  blockSize: power(BOUNDS.sectorSize[0], BOUNDS.blockSize, 'bytes in a block; at least a sector'),
  pastEnd: z
    .enum(['hole', 'error', 'address'])
    .default('hole')
    .describe('what the block map answers past the last allocated block'),
  fragmentSize: z
    .literal([0, ...powersOfTwo(BOUNDS.sectorSize[0], BOUNDS.blockSize)])
    .default(0)
    .describe(
      'bytes in a fragment of the last block, at least a sector and at most a block; 0: no fragments',
    ),
  sharedBuffers: z
    .boolean()
    .default(false)
    .describe("whether buffers of its files share the object's pages; never without a block map"),
  truncateOrder: z
    .enum(['setsize-first', 'setsize-last'])
    .default('setsize-last')
    .describe('whether truncation tells the pager before or after the blocks change'),
  tail: z
    .enum(['zeros', 'pattern'])
    .default('pattern')
    .describe('what lies on disk between EOF and the end of the last allocated block'),
  clearsTail: z
    .boolean()
    .default(false)
    .describe('whether shrinking a file clears the part of the last block that it keeps'),
  delayedBlocks: z
    .boolean()
    .default(false)
    .describe('whether blocks written through shared buffers get their places only when those are flushed'),
});

const geometry = z.strictObject({
  pageSize: power(...BOUNDS.pageSize, 'bytes in a page, 2 to 16 sectors').default(DEFAULT_GEOMETRY.pageSize),
  sectorSize: power(...BOUNDS.sectorSize, 'bytes in a sector').default(DEFAULT_GEOMETRY.sectorSize),
  frames: whole(...BOUNDS.frames, 'pages of memory').default(DEFAULT_GEOMETRY.frames),
  pbufs: whole(...BOUNDS.pbufs, 'physical I/O buffers').default(DEFAULT_GEOMETRY.pbufs),
  mapPages: whole(...BOUNDS.mapPages, 'pages of kernel address space for temporary maps').default(
    DEFAULT_GEOMETRY.mapPages,
  ),
  diskSectors: whole(...BOUNDS.diskSectors, 'sectors of the disk').default(DEFAULT_GEOMETRY.diskSectors),
  cachedObjects: whole(...BOUNDS.cachedObjects, 'how many unreferenced objects are kept').default(
    DEFAULT_GEOMETRY.cachedObjects,
  ),
});

const options = z.strictObject({
  diagnostic: z.boolean().default(false).describe('releasing a hold that is not held panics'),
  faultChecksSize: z
    .boolean()
    .default(false)
    .describe("a fault at or past the object's size fails without calling the pager"),
});

const media = z.strictObject({
  sector: whole(0, SECTOR_MAX, 'the first sector that fails'),
  count: whole(1, SECTOR_MAX, 'how many sectors').default(1),
  access: z.enum(['read', 'write', 'both']).default('both').describe('which transfers fail'),
});

const target = z.strictObject({
  name: text('reference, or the path of a module').default('reference'),
  form: z
    .enum(['as-written', 'repaired'])
    .default('repaired')
    .describe("form of the reference pager: the seed's text as it is, or all contracts kept"),
  switches: z
    .array(text('name of a defect or repair'))
    .max(BOUNDS.switches)
    .default([])
    .describe('repaired form: defects switched on; as-written form: repairs switched on'),
});

const expectation = z.strictObject({
  property: text('the property that the scenario violates'),
  cause: text('the cause of the violation'),
});

/** The file form of a scenario; what it yields has all fields that have a default. */
export const scenarioFile = z.strictObject({
  version: z.literal(SCENARIO_VERSION).describe('version of this format'),
  target: target.prefault({}).describe('what the scenario was made for; replay uses it'),
  expect: expectation.optional().describe('why the file is kept'),
  geometry: geometry.prefault({}).describe('sizes of the simulated machine'),
  options: options.prefault({}).describe('choices of the world that are neither geometry nor schedule'),
  fileSystems: z
    .array(fileSystem)
    .min(BOUNDS.fileSystems[0])
    .max(BOUNDS.fileSystems[1])
    .describe('mounted file systems, numbered from 0'),
  files: z.array(file).min(BOUNDS.files[0]).max(BOUNDS.files[1]).describe('files, numbered from 0'),
  threads: whole(...BOUNDS.threads, 'number of processes').default(1),
  operations: z
    .array(operation)
    .max(BOUNDS.operations)
    .describe('steps; those of one thread run in the order of the list'),
  schedule: exceptions('schedule', 'where the run departs from the plain one without anything failing'),
  faults: exceptions('faults', 'calls and transfers that fail or fall short'),
  media: z.array(media).max(BOUNDS.media).default([]).describe('sectors that fail, and go on failing'),
});

/** Names of the fields that may stand in a section (undefined: the file itself) or, at a depth of 4, in an entry of an entry. */
export function fieldsAt(section: PropertyKey | undefined, depth: number): string[] {
  switch (section) {
    case undefined:
      return Object.keys(scenarioFile.shape);
    case 'target':
      return Object.keys(target.shape);
    case 'expect':
      return Object.keys(expectation.shape);
    case 'geometry':
      return Object.keys(geometry.shape);
    case 'options':
      return Object.keys(options.shape);
    case 'fileSystems':
      return Object.keys(fileSystem.shape);
    case 'files':
      return Object.keys(depth < 4 ? file.shape : extent.shape);
    case 'schedule':
    case 'faults':
      return ['operation', 'thread', 'choice', 'subject', 'ordinal', 'take', 'amount'];
    case 'media':
      return Object.keys(media.shape);
    default:
      return [];
  }
}

/** One operation of a file, with the arguments that it uses. */
export interface OperationEntry extends Partial<Record<Argument, number>> {
  id: number;
  thread: number;
  do: OperationKind;
}

/** One exception of a file, with a subject and an amount if its choice may have them. */
export interface ExceptionEntry extends Omit<Exception, 'subject' | 'amount'> {
  subject?: number;
  amount?: number;
}

/** A file's contents after the schema has filled in what was left out. */
export interface ScenarioFile extends Omit<Scenario, 'operations' | 'schedule' | 'faults'> {
  operations: OperationEntry[];
  schedule: ExceptionEntry[];
  faults: ExceptionEntry[];
}
