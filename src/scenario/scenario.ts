/**
 * The scenario: plain data that fixes one run completely. This file holds its types and nothing else; reading and writing
 * are in `codec.ts`, the operations' arguments in `operations.ts`, the first block maps in `layout.ts`.
 */
import type { OperationKind } from './operations.ts';

/** The version of the file format that this build reads and writes. */
export const SCENARIO_VERSION = 1;

/** Sizes of the simulated machine. All of them are parameters, so that small worlds can be explored. */
export interface Geometry {
  /** Bytes in a page; a power of two, 2 to 16 sectors. */
  pageSize: number;
  /** Bytes in a device sector (`DEV_BSIZE`); a power of two, at least 2. */
  sectorSize: number;
  /** Page frames of memory. */
  frames: number;
  /** Usable physical I/O buffers; 1 and 2 are interesting. */
  pbufs: number;
  /** Pages of kernel address space for temporary maps (`pager_map`). */
  mapPages: number;
  /** Sectors of the disk. */
  diskSectors: number;
  /** How many unreferenced objects are kept. */
  cachedObjects: number;
}

/** What `VOP_BMAP` delivers as the device: the disk, the file's own vnode (as NFS does), or an error for want of a block map. */
export type BlockMapKind = 'disk' | 'network' | 'none';

/** What the block map answers past the last allocated block (kernel-notes 9.3). */
export type PastEnd = 'hole' | 'error' | 'address';

/** A mounted file system; its properties are free combinations, not only those of history (kernel-notes 10). */
export interface FileSystem {
  /** What the block map delivers as the device. */
  blockMap: BlockMapKind;
  /** Bytes in a block (`f_iosize`): a power of two times the sector size. */
  blockSize: number;
  /** What the block map answers past the last allocated block. */
  pastEnd: PastEnd;
  /** Bytes in a fragment, or 0: then even the last block of a file is whole. */
  fragmentSize: number;
  /** Buffers of its files share the object's pages (`VVMIO`). Never true without a block map. */
  sharedBuffers: boolean;
  /** Whether truncation tells the pager before or after the blocks change (kernel-notes 11.5). */
  truncateOrder: 'setsize-first' | 'setsize-last';
  /** What lies on disk between EOF and the end of the last allocated block of a file. */
  tail: 'zeros' | 'pattern';
  /** Whether shrinking a file clears the part of the last block that it keeps. */
  clearsTail: boolean;
  /** Blocks that are written through shared buffers get their places when the buffers are flushed, not before. */
  delayedBlocks: boolean;
}

/** A run of consecutive blocks of a file at consecutive places of the disk. */
export interface Extent {
  /** First logical block. */
  block: number;
  /** Disk address of its first byte, in sectors. */
  sector: number;
  /** How many blocks. */
  count: number;
}

/** A file as it is when the run begins. Its bytes below EOF are `fileStamp(index)`, zeros in holes. */
export interface FileSpec {
  /** Number of its file system. */
  fileSystem: number;
  /** Bytes; may exceed 4 GiB. */
  size: number;
  /** The block map, what it does not mention being holes; absent: every block is there, laid out by `layout.ts`. */
  extents?: Extent[];
}

/**
 * One step. All operations have the same fields, so that they have one shape in memory; `operations.ts` says which of them
 * an operation uses, the others are 0. Every operation means something in every state (design rule 2).
 */
export interface Operation {
  /** Positive, unique in the scenario; exceptions refer to it. */
  id: number;
  /** Number of the process that does it. */
  thread: number;
  /** What is done. */
  kind: OperationKind;
  /** File number, taken modulo the number of files. */
  file: number;
  /** Page number within the file. */
  page: number;
  /** How many pages from `page` on; for `get`, pages wanted after the requested one. */
  count: number;
  /** For `get`: pages wanted before the requested one. */
  before: number;
  /** Byte offset in the file. */
  offset: number;
  /** Bytes. */
  length: number;
  /** Which chunks (sectors) of an absent page are made valid before a direct pager call. */
  valid: number;
  /** Which of them are made dirty. */
  dirty: number;
  /** A second file, a file system or a mode, as the operation says. */
  other: number;
}

/** A kind of moment at which the simulated kernel could go on in more than one way (kernel-notes 16, design section 5). */
export type Choice =
  | 'run'
  | 'interrupt'
  | 'transfer'
  | 'bmap'
  | 'getattr'
  | 'read'
  | 'write'
  | 'update'
  | 'malloc'
  | 'page'
  | 'kmem'
  | 'map'
  | 'pbuf'
  | 'inactive'
  | 'wakeup';

/** How an exception departs from the plain run; `operations.ts` lists which of them fit which choice. */
export type Take =
  | 'run'
  | 'deliver'
  | 'immediate'
  | 'delay'
  | 'sleep'
  | 'spurious'
  | 'resize'
  | 'uncache'
  | 'error'
  | 'short';

/** What exceptions of the settlement name instead of an operation; its thread is 0. */
export const SETTLEMENT = 0;

/**
 * One departure from the plain run, addressed so that it keeps its meaning when something else is removed. An address that
 * is never met is ignored (design rule 3).
 */
export interface Exception {
  /** Id of the operation during which it happens, 0 for the settlement; what the daemon does belongs to the one that woke it. */
  operation: number;
  /** Thread that must be running; the page-out daemon is thread `threads`. */
  thread: number;
  /** The kind of moment. */
  choice: Choice;
  /** File number for choices about a file, 0 otherwise. */
  subject: number;
  /** How many choices of this kind and subject this thread met before, within the operation. */
  ordinal: number;
  /** How it goes on instead. */
  take: Take;
  /**
   * `run`: thread; `deliver`: completions; `delay`: completions that overtake; `resize`: bytes of the file; `short`: sectors
   * (transfer) or bytes missing.
   */
  amount: number;
}

/** Sectors that fail, and go on failing. */
export interface MediaFault {
  /** The first sector that fails. */
  sector: number;
  /** How many. */
  count: number;
  /** Which transfers fail. */
  access: 'read' | 'write' | 'both';
}

/** What the scenario was made for; `replay` uses it, `run` puts its own in its place. */
export interface TargetChoice {
  /** `reference`, or the path of a module. */
  name: string;
  /** Form of the reference pager: the text's behaviour, or all contracts kept. */
  form: 'as-written' | 'repaired';
  /** Repaired form: defects switched on. As-written form: repairs switched on. */
  switches: string[];
}

/** Why a file is kept: the property that it violates, and the cause. */
export interface Expectation {
  /** Id of the property. */
  property: string;
  /** As in a violation. */
  cause: string;
}

/** Choices of the world that are neither geometry nor schedule. */
export interface WorldOptions {
  /** Releasing a hold that is not held panics (kernel-notes 9.1). */
  diagnostic: boolean;
  /** A fault at or past the object's size fails without calling the pager (kernel-notes 16, point 5). */
  faultChecksSize: boolean;
}

/** Plain data that fixes one run completely. */
export interface Scenario {
  /** Of the format: `SCENARIO_VERSION`. */
  version: number;
  /** Sizes of the machine. */
  geometry: Geometry;
  /** Choices of the world. */
  options: WorldOptions;
  /** Mounted file systems, numbered from 0. */
  fileSystems: FileSystem[];
  /** Files, numbered from 0. */
  files: FileSpec[];
  /** Number of processes; operations of one thread run in the order of the list. */
  threads: number;
  /** Steps, in the order in which each thread does its own. */
  operations: Operation[];
  /** Departures in which nothing fails. */
  schedule: Exception[];
  /** Departures in which something fails or falls short. */
  faults: Exception[];
  /** Sectors that cannot be read or written. */
  media: MediaFault[];
  /** What it was made for. */
  target: TargetChoice;
  /** Why it is kept. */
  expect?: Expectation;
}

/** Hard bounds of what a file may ask for, so that a hostile one is refused and never hangs or exhausts the machine. */
export const BOUNDS = {
  /** The longest scenario within the other bounds fits. */
  fileBytes: 5 * 1024 * 1024,
  pageSize: [4, 65536],
  sectorSize: [2, 32768],
  sectorsPerPage: [2, 16],
  frames: [10, 65536],
  memoryBytes: 256 * 1024 * 1024,
  pbufs: [1, 256],
  mapPages: [1, 4096],
  diskBytes: 2 ** 41,
  diskSectors: [16, 2 ** 31 - 1],
  cachedObjects: [0, 1000],
  blockSize: 2 ** 20,
  fileSystems: [1, 8],
  files: [1, 64],
  fileSize: 2 ** 40,
  /** In all files together. */
  extents: 4096,
  threads: [1, 8],
  operations: 20000,
  /** What all operations together may read and write of a disk that is larger: the part that is touched is kept in memory. */
  touchedBytes: 512 * 2 ** 20,
  /** More would make two operations write the same bytes (`PATTERN_LENGTH` stamps, the first of them taken). */
  operationId: 32620,
  /** The longest run of pages that a get or put asks for. */
  runPages: 8,
  /** Schedule and faults together. */
  exceptions: 20000,
  ordinal: 65535,
  media: 1000,
  transferBytes: 2 ** 20,
  switches: 64,
} as const;

/** `other` of an `unmount` of all file systems, as at shutdown: no file system has that number. */
export const ALL_FILE_SYSTEMS = BOUNDS.fileSystems[1];

/** The 4096/512 machine of 1995, with few enough frames that memory can run short. */
export const DEFAULT_GEOMETRY: Geometry = {
  pageSize: 4096,
  sectorSize: 512,
  frames: 64,
  pbufs: 4,
  mapPages: 8,
  diskSectors: 4096,
  cachedObjects: 2,
};

/** The small machine for hunting: two to the sixth bytes a page, eight sectors a page as on the original. */
export const SMALL_GEOMETRY: Geometry = {
  pageSize: 64,
  sectorSize: 8,
  frames: 48,
  pbufs: 4,
  mapPages: 4,
  diskSectors: 2048,
  cachedObjects: 2,
};
