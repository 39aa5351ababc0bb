/**
 * The kernel's structures, with the fields that kernel-notes 3.1, 5.1, 6.1, 7.1 and 9.1 name. Plain fields, read and written by
 * pager and kernel alike, as in the original; what may be done with them is up to the modules around.
 */
import type { Operation } from '../scenario/scenario.ts';
import type { Transfer } from '../trace/observer.ts';
import type { BlockMap } from './block-map.ts';
import { trap } from './trap.ts';

/** A page frame (`struct vm_page`). `offset` is u32 bytes; `valid` and `dirty` have one bit per sector. */
export class Page {
  /** Number of the frame; its bytes begin at `frame * pageSize` of the memory. */
  readonly frame: number;
  /** Object that the page is tabled in; stale after a free, as in the original. */
  object: VmObject | null = null;
  /** Byte offset in the object, a multiple of a page. */
  offset = 0;
  /** `PG_` flags. */
  flags = 0;
  /** Above 0: wired, on no queue. */
  wireCount = 0;
  /** Short-term holds: above 0 it is neither freed nor deactivated by the daemon. */
  holdCount = 0;
  /** Usage count of the daemon. */
  actCount = 0;
  /** Claims of the buffer cache, and of puts that lend a page; above 0 others wait as for `PG_BUSY`. */
  busy = 0;
  /** Buffers of the cache that map the page. */
  bmapped = 0;
  /** A truncation cut it off while buffers mapped it, and the last of them gave it up while it was busy. */
  cutOff = false;
  /** Sectors that hold the bytes of the file, lowest bit first. */
  valid = 0;
  /** Sectors that may differ from the disk. */
  dirty = 0;
  /** Tracked (user) mapping: present, writable, modified bit, referenced bit (kernel-notes 4.1). */
  mapped = false;
  /** The mapping allows stores. */
  writable = false;
  /** The mapping was stored through since this was last cleared. */
  modified = false;
  /** The mapping was used since this was last cleared. */
  referenced = false;
  /** Frame number of the next page in the same hash bucket, -1 at the end. */
  hashNext = -1;
  /** Flag of the queue that it is really on, 0 if none: `flags` may be changed by a pager, this only by the queue. */
  queue = 0;
  /** Neighbours on the paging queue. */
  queueNext: Page | null = null;
  /** See `queueNext`. */
  queuePrevious: Page | null = null;
  /** Neighbours among the pages of the object. */
  listNext: Page | null = null;
  /** See `listNext`. */
  listPrevious: Page | null = null;

  constructor(frame: number) {
    this.frame = frame;
  }
}

/** No change of size is under way that a pager was told of first: more than any size. */
export const NOT_ANNOUNCED = Number.MAX_SAFE_INTEGER;

/** A memory object (`struct vm_object`). `size` is u32 bytes; `pagingInProgress` is an unsigned 16-bit count. */
export class VmObject {
  /** Number in traces; used again when the object is gone. */
  readonly id: number;
  /** Allocated and not freed; the address of a freed object must not be used. */
  alive = false;
  /** Counted references; the cache's is none. */
  refCount = 0;
  /** `OBJ_` flags. */
  flags = 0;
  /** Claims that forbid destruction; reaching 0 is to be followed by a wakeup of the object. */
  pagingInProgress = 0;
  /** Its backing store. */
  pager: VmPager | null = null;
  /** Always 0 for files. */
  pagingOffset = 0;
  /** Bytes, a multiple of a page. */
  size = 0;
  /** Pages tabled. */
  residentPageCount = 0;
  /** Ends of the list of its pages. */
  firstPage: Page | null = null;
  /** See `firstPage`. */
  lastPage: Page | null = null;
  /** Key in the pager-keyed hash, or null when unhashed. */
  hashedUnder: VmPager | null = null;
  /** On the list of cached objects. */
  cached = false;
  /** Size that its pager was told of before the file has it, while such a change is under way; or `NOT_ANNOUNCED`. */
  announcedSize = NOT_ANNOUNCED;

  constructor(id: number) {
    this.id = id;
  }

  /** Subtracts claims as the 16-bit counter of the original does. */
  subtractPagingInProgress(count: number): void {
    this.pagingInProgress = (this.pagingInProgress - count) & 0xffff;
  }
}

/** The generic half of a pager (`struct pager`). Freed: `pgData` and `pgHandle` null, so that use after free traps. */
export class VmPager {
  /** The vnode. */
  pgHandle: Vnode | null = null;
  /** `PG_VNODE` (1) once it is made. */
  pgType = 0;
  /** The private half. */
  pgData: VnPager | null = null;
  /** Tail queue link; stale after removal, as in the original. */
  pgListNext: VmPager | null = null;
  /** See `pgListNext`. */
  pgListPrevious: VmPager | null = null;
  /** On `vnode_pager_list`. */
  listed = false;
  /** Given back; use of it traps. */
  freed = false;
}

/** The vnode half (`struct vnpager`). `vnpSize` is the file's size as the pager knows it, u32 bytes. */
export class VnPager {
  /** Not used. */
  vnpFlags = 0;
  /** The file. */
  vnpVp: Vnode | null = null;
  /** Size of the file in bytes as the pager knows it, u32: what gets and puts must obey as EOF. */
  vnpSize = 0;
  /** Not in the original: how often the file became shorter while its object was being terminated. */
  vnpCuts = 0;
  /** Given back; use of it traps. */
  freed = false;
}

/** A credential; only its references matter. */
export class Ucred {
  readonly id: number;
  crRef = 1;

  constructor(id: number) {
    this.id = id;
  }
}

/** "No credential": distinct from null (kernel-notes 1.2). */
export const NOCRED = new Ucred(-1);

/** A buffer header (`struct buf`). Byte counts are signed 32-bit, `bBlkno` is in sectors, `bData` a kernel address. */
export class Buf {
  /** Number in the pool. */
  readonly id: number;
  /** First address of the header's own window; it depends on the page size. */
  window: number;
  /** `B_` flags. */
  bFlags = 0;
  /** Kernel address of the data; at first that of the window. */
  bData = 0;
  /** Bytes to transfer; the driver may lower it at the end of the disk. */
  bBcount = 0;
  /** Bytes of memory behind the buffer. */
  bBufsize = 0;
  /** Bytes that were not transferred. */
  bResid = 0;
  /** An errno, if `B_ERROR` is set. */
  bError = 0;
  /** Place on the device in sectors; on the network, in sectors of the file. */
  bBlkno = 0;
  /** First byte that a network write sends, counted in the buffer. */
  bDirtyoff = 0;
  /** End of what a network write sends. */
  bDirtyend = 0;
  /** Vnode that the transfer is addressed to (`pbgetvp`). */
  bVp: Vnode | null = null;
  /** Completion routine, called if `B_CALL` is set. */
  bIodone: ((bp: Buf) => void) | null = null;
  /** Process that asks. */
  bProc: Process | null = null;
  /** Credential for reading; `relpbuf` lets go of it. */
  bRcred: Ucred | null = NOCRED;
  /** Credential for writing; `relpbuf` lets go of it. */
  bWcred: Ucred | null = NOCRED;
  /** On the free list. */
  free = true;
  /** The kernel's: its completion to come. */
  readonly flight: Flight;
  /** The kernel's: what observers are told of it. */
  readonly transfer: Transfer;

  constructor(id: number, window: number, transfer: Transfer) {
    this.id = id;
    this.window = window;
    this.transfer = transfer;
    this.flight = new Flight(this, null);
  }
}

/** Something that will happen by itself: a transfer that finishes, or a call that stops waiting. */
export class Flight {
  readonly buf: Buf | null;
  readonly process: Process | null;
  /** Order of completion; ties by `sequence`. */
  due = 0;
  sequence = 0;
  flying = false;
  /** How it will end, decided when it starts. */
  fails = false;
  shortBy = 0;

  constructor(buf: Buf | null, process: Process | null) {
    this.buf = buf;
    this.process = process;
  }
}

/** A mounted file system; `fIosize` is `mnt_stat.f_iosize` in bytes. */
export class Mount {
  /** Number of the file system in the scenario. */
  readonly id: number;
  /** Bytes in a block. */
  fIosize = 0;
  /** `MOUNT_UFS` or `MOUNT_NFS`. */
  fType = 0;
  /** Unmounted; nothing is found on it any more. */
  unmounted = false;

  constructor(id: number) {
    this.id = id;
  }
}

/** A vnode together with the inode behind it. `file` is the file's number, -1 for the disk. */
export class Vnode {
  /** Number of the file in the scenario, -1 for the disk. */
  readonly file: number;
  /** `VREG`, or `VBLK` for the disk. */
  vType = 0;
  /** `VTEXT`, `VVMIO` and their like. */
  vFlag = 0;
  /** Its file system; null once it was disconnected by force, which may happen whenever the pager sleeps. */
  vMount: Mount | null = null;
  /** Counted references; a live pager has one of them. */
  vUsecount = 0;
  /** Buffers attached to it. */
  vHoldcnt = 0;
  /** Writes started and not finished; who starts one raises it, the end of the transfer lowers it. */
  vNumoutput = 0;
  /** The memory object, set by alloc and cleared by dealloc. */
  vVmdata: VmObject | null = null;
  /** Thread that holds the lock, -1 nobody, -2 another process. */
  lockOwner = -1;
  /** Thread that is changing the size of a file on a network file system, -1 if none; VOP_LOCK does not exist there. */
  resizer = -1;
  /** The file system it belongs to, also after it was disconnected. */
  fileSystem = 0;
  /** Size in the inode, bytes; up to 2^40. */
  size = 0;
  /** It has a name. */
  linked = true;
  /** Blocks freed, inode gone. */
  removed = false;
  /** Open files of all processes. */
  opens = 0;
  /** The object of each mapping, one reference each. */
  readonly mapped: VmObject[] = [];
  /** Objects of open files whose buffers share the pages, one reference each. */
  readonly opened: VmObject[] = [];
  /** Where its blocks lie; the kernel's, a pager asks `vopBmap`. */
  readonly blocks: BlockMap;

  constructor(file: number, blocks: BlockMap) {
    this.file = file;
    this.blocks = blocks;
  }
}

/** The tail queue of live pagers (`struct pagerlst`). Removed elements keep stale links, as in the original. */
export class PagerList {
  first: VmPager | null = null;
  last: VmPager | null = null;

  /** `TAILQ_INIT`. */
  init(): void {
    this.first = null;
    this.last = null;
  }

  /** `TAILQ_INSERT_TAIL`. */
  insertTail(pager: VmPager): void {
    pager.pgListNext = null;
    pager.pgListPrevious = this.last;
    if (this.last === null) this.first = pager;
    else this.last.pgListNext = pager;
    this.last = pager;
    pager.listed = true;
  }

  /** `TAILQ_REMOVE`; a pager that is not on the list traps. */
  remove(pager: VmPager): void {
    if (!pager.listed) trap('TAILQ_REMOVE of a pager that is not on the list');
    if (pager.pgListPrevious === null) this.first = pager.pgListNext;
    else pager.pgListPrevious.pgListNext = pager.pgListNext;
    if (pager.pgListNext === null) this.last = pager.pgListPrevious;
    else pager.pgListNext.pgListPrevious = pager.pgListPrevious;
    pager.listed = false;
  }
}

/** Page-out accounting (`struct vmmeter cnt`). */
export class Counters {
  /** Page-in operations that did I/O. */
  vVnodein = 0;
  /** Pages paged in. */
  vVnodepgsin = 0;
  /** Page-out operations. */
  vVnodeout = 0;
  /** Pages paged out. */
  vVnodepgsout = 0;

  reset(): void {
    this.vVnodein = 0;
    this.vVnodepgsin = 0;
    this.vVnodeout = 0;
    this.vVnodepgsout = 0;
  }
}

/** Anything whose address is slept on. */
export type Channel = Page | VmObject | VmPager | Buf | Vnode | Ucred | Marker;

/** A channel without a structure of its own: the pool, the map, free memory, the daemon. */
export class Marker {
  readonly kind: 'pool' | 'map' | 'memory' | 'daemon' | 'call' | 'pager';

  constructor(kind: Marker['kind']) {
    this.kind = kind;
  }
}

/** A process in the kernel. One per thread of the scenario, and the page-out daemon. */
export class Process {
  readonly id: number;
  readonly pUcred: Ucred;
  state: 'runnable' | 'sleeping' | 'done' = 'done';
  channel: Channel | null = null;
  /** Waits for `v_numoutput` rather than for the vnode. */
  waitsForOutput = false;
  /** Interrupt mask to restore when it runs again. */
  mask = 0;
  /** Sleeping without work to do is lawful (the page-out daemon). */
  permanent = false;
  body: Iterator<void, void, void> | null = null;
  /** What blocked calls go on with, innermost first; see `Threads.defer`. */
  readonly continuations: Generator<void, unknown, void>[] = [];
  operation: Operation | null = null;
  /**
   * Id of the operation that its exceptions are addressed by: its own; the daemon's is that of who woke it; 0 in the settlement,
   * -1 with none.
   */
  address = -1;
  readonly flight: Flight;
  /** How often the running operation waited for memory. */
  memoryWaits = 0;
  /** Thread preferred when this one gives up the processor, or -1. */
  successor = -1;

  constructor(id: number, credential = new Ucred(id)) {
    this.id = id;
    this.pUcred = credential;
    this.flight = new Flight(null, this);
  }
}

/** A generator that yields whenever its thread sleeps. */
export type Sleeps<T> = Generator<void, T, void>;
