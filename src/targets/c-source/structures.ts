/**
 * The kernel's structures as windows on the memory of the C code: what the pager stores there the kernel and the views read, and
 * the other way round, with nothing copied. Fields that C cannot see are plain ones.
 */
import type { BlockMap } from '../../kernel/block-map.ts';
import {
  NOT_ANNOUNCED,
  Flight,
  NOCRED,
  Process,
  type Buf,
  type Mount,
  type Page,
  type Ucred,
  type VmObject,
  type VmPager,
  type VnPager,
  type Vnode,
} from '../../kernel/structures.ts';
import type { Transfer } from '../../trace/observer.ts';
import { LAYOUT } from './layout.ts';
import { fromC, toC, type Arena, type CMemory } from './memory.ts';

/** What windows need of each other. */
export interface Windows {
  readonly memory: CMemory;
  readonly pages: Arena<CPage>;
  readonly objects: Arena<CObject>;
  readonly bufs: Arena<CBuf>;
  readonly vnodes: Arena<CVnode>;
  readonly mounts: Arena<CMount>;
  readonly processes: Arena<CProcess>;
  readonly credentials: Arena<CUcred>;
  /** A function that C stored, by its number in the table. */
  callback(index: number): (bp: Buf) => void;
}

/** A window: accessors over `at`. */
export class Window {
  at: number;
  readonly windows: Windows;
  private readonly i32: Int32Array;
  private readonly u32: Uint32Array;
  private readonly u16: Uint16Array;

  constructor(windows: Windows, at: number) {
    this.windows = windows;
    this.at = at;
    this.i32 = windows.memory.i32;
    this.u32 = windows.memory.u32;
    this.u16 = windows.memory.u16;
  }

  int(offset: number): number {
    return this.i32[(this.at + offset) >> 2]!;
  }
  setInt(offset: number, value: number): void {
    this.i32[(this.at + offset) >> 2] = value;
  }
  long(offset: number): number {
    return this.u32[(this.at + offset) >> 2]!;
  }
  short(offset: number): number {
    return this.u16[(this.at + offset) >> 1]!;
  }
  setShort(offset: number, value: number): void {
    this.u16[(this.at + offset) >> 1] = value;
  }
}

const addressOf = (thing: object | null): number => (thing === null ? 0 : (thing as Window).at);

const PAGE = LAYOUT.vm_page;

/** A page. */
export class CPage extends Window {
  readonly frame: number;
  mapped = false;
  writable = false;
  modified = false;
  cutOff = false;
  referenced = false;
  hashNext = -1;
  queue = 0;
  queueNext: Page | null = null;
  queuePrevious: Page | null = null;
  listNext: Page | null = null;
  listPrevious: Page | null = null;

  constructor(windows: Windows, at: number, frame: number) {
    super(windows, at);
    this.frame = frame;
  }

  get object(): VmObject | null {
    return this.windows.objects.find(this.long(PAGE.object));
  }
  set object(value: VmObject | null) {
    this.setInt(PAGE.object, addressOf(value));
  }
  get offset(): number {
    return this.long(PAGE.offset);
  }
  set offset(value: number) {
    this.setInt(PAGE.offset, value);
  }
  get flags(): number {
    return this.short(PAGE.flags);
  }
  set flags(value: number) {
    this.setShort(PAGE.flags, value);
  }
  get wireCount(): number {
    return this.short(PAGE.wire_count);
  }
  set wireCount(value: number) {
    this.setShort(PAGE.wire_count, value);
  }
  get holdCount(): number {
    return this.short(PAGE.hold_count);
  }
  set holdCount(value: number) {
    this.setShort(PAGE.hold_count, value);
  }
  get actCount(): number {
    return this.short(PAGE.act_count);
  }
  set actCount(value: number) {
    this.setShort(PAGE.act_count, value);
  }
  get busy(): number {
    return this.short(PAGE.busy);
  }
  set busy(value: number) {
    this.setShort(PAGE.busy, value);
  }
  get bmapped(): number {
    return this.short(PAGE.bmapped);
  }
  set bmapped(value: number) {
    this.setShort(PAGE.bmapped, value);
  }
  get valid(): number {
    return this.short(PAGE.valid);
  }
  set valid(value: number) {
    this.setShort(PAGE.valid, value);
  }
  get dirty(): number {
    return this.short(PAGE.dirty);
  }
  set dirty(value: number) {
    this.setShort(PAGE.dirty, value);
  }
}

const OBJECT = LAYOUT.vm_object;

/** A memory object. */
export class CObject extends Window {
  readonly id: number;
  alive = false;
  firstPage: Page | null = null;
  lastPage: Page | null = null;
  hashedUnder: VmPager | null = null;
  cached = false;
  announcedSize = NOT_ANNOUNCED;

  constructor(windows: Windows, at: number, id: number) {
    super(windows, at);
    this.id = id;
  }

  get refCount(): number {
    return this.int(OBJECT.ref_count);
  }
  set refCount(value: number) {
    this.setInt(OBJECT.ref_count, value);
  }
  get flags(): number {
    return this.short(OBJECT.flags);
  }
  set flags(value: number) {
    this.setShort(OBJECT.flags, value);
  }
  get pagingInProgress(): number {
    return this.short(OBJECT.paging_in_progress);
  }
  set pagingInProgress(value: number) {
    this.setShort(OBJECT.paging_in_progress, value);
  }
  get pager(): VmPager | null {
    return pagerAt(this.windows, this.long(OBJECT.pager));
  }
  set pager(value: VmPager | null) {
    this.setInt(OBJECT.pager, addressOf(value));
  }
  get pagingOffset(): number {
    return this.long(OBJECT.paging_offset);
  }
  set pagingOffset(value: number) {
    this.setInt(OBJECT.paging_offset, value);
  }
  get size(): number {
    return this.long(OBJECT.object_size);
  }
  set size(value: number) {
    this.setInt(OBJECT.object_size, value);
  }
  get residentPageCount(): number {
    return this.int(OBJECT.resident_page_count);
  }
  set residentPageCount(value: number) {
    this.setInt(OBJECT.resident_page_count, value);
  }
  subtractPagingInProgress(count: number): void {
    this.pagingInProgress = this.pagingInProgress - count;
  }
}

/** The pager at that address, null if there is none. */
export function pagerAt(windows: Windows, address: number): CPager | null {
  const thing = windows.memory.thingAt(address);
  return thing instanceof CPager ? thing : null;
}

const PAGER = LAYOUT.pager;

/** The generic half of a pager. What C leaves as garbage reads as null. */
export class CPager extends Window {
  pgListPrevious: VmPager | null = null;
  listed = false;
  private isFreed = false;

  get pgHandle(): Vnode | null {
    return this.windows.vnodes.find(this.long(PAGER.pg_handle));
  }
  set pgHandle(value: Vnode | null) {
    this.setInt(PAGER.pg_handle, addressOf(value));
  }
  get pgType(): number {
    return this.int(PAGER.pg_type);
  }
  set pgType(value: number) {
    this.setInt(PAGER.pg_type, value);
  }
  get pgData(): VnPager | null {
    const thing = this.windows.memory.thingAt(this.long(PAGER.pg_data));
    return thing instanceof CVnPager ? thing : null;
  }
  set pgData(value: VnPager | null) {
    this.setInt(PAGER.pg_data, addressOf(value));
  }
  get pgListNext(): VmPager | null {
    return pagerAt(this.windows, this.long(PAGER.next));
  }
  set pgListNext(value: VmPager | null) {
    this.setInt(PAGER.next, addressOf(value));
  }
  get freed(): boolean {
    return this.isFreed;
  }
  set freed(value: boolean) {
    this.isFreed = value;
    // the links stay as they were, as in the original
    if (value) this.windows.memory.spoil(this.at + PAGER.pg_handle, PAGER.size - PAGER.pg_handle);
  }
}

const VNPAGER = LAYOUT.vnpager;

/** The vnode half of a pager. */
export class CVnPager extends Window {
  /** Kept by the repaired reference pager only. */
  vnpCuts = 0;
  private isFreed = false;

  get vnpFlags(): number {
    return this.int(VNPAGER.vnp_flags);
  }
  set vnpFlags(value: number) {
    this.setInt(VNPAGER.vnp_flags, value);
  }
  get vnpVp(): Vnode | null {
    return this.windows.vnodes.find(this.long(VNPAGER.vnp_vp));
  }
  set vnpVp(value: Vnode | null) {
    this.setInt(VNPAGER.vnp_vp, addressOf(value));
  }
  get vnpSize(): number {
    return this.long(VNPAGER.vnp_size);
  }
  set vnpSize(value: number) {
    this.setInt(VNPAGER.vnp_size, value);
  }
  get freed(): boolean {
    return this.isFreed;
  }
  set freed(value: boolean) {
    this.isFreed = value;
    if (value) this.windows.memory.spoil(this.at, VNPAGER.size);
  }
}

const BUF = LAYOUT.buf;

/** A buffer header. */
export class CBuf extends Window {
  readonly id: number;
  readonly window: number;
  free = true;
  readonly flight: Flight;
  readonly transfer: Transfer;

  constructor(windows: Windows, at: number, id: number, window: number, transfer: Transfer) {
    super(windows, at);
    this.id = id;
    this.window = window;
    this.transfer = transfer;
    this.flight = new Flight(this, null);
  }

  get bFlags(): number {
    return this.int(BUF.b_flags);
  }
  set bFlags(value: number) {
    this.setInt(BUF.b_flags, value);
  }
  get bData(): number {
    return fromC(this.long(BUF.b_data));
  }
  set bData(value: number) {
    this.setInt(BUF.b_data, toC(value));
  }
  get bBcount(): number {
    return this.int(BUF.b_bcount);
  }
  set bBcount(value: number) {
    this.setInt(BUF.b_bcount, value);
  }
  get bBufsize(): number {
    return this.int(BUF.b_bufsize);
  }
  set bBufsize(value: number) {
    this.setInt(BUF.b_bufsize, value);
  }
  get bResid(): number {
    return this.int(BUF.b_resid);
  }
  set bResid(value: number) {
    this.setInt(BUF.b_resid, value);
  }
  get bError(): number {
    return this.int(BUF.b_error);
  }
  set bError(value: number) {
    this.setInt(BUF.b_error, value);
  }
  get bBlkno(): number {
    return this.int(BUF.b_blkno);
  }
  set bBlkno(value: number) {
    this.setInt(BUF.b_blkno, value);
  }
  get bDirtyoff(): number {
    return this.int(BUF.b_dirtyoff);
  }
  set bDirtyoff(value: number) {
    this.setInt(BUF.b_dirtyoff, value);
  }
  get bDirtyend(): number {
    return this.int(BUF.b_dirtyend);
  }
  set bDirtyend(value: number) {
    this.setInt(BUF.b_dirtyend, value);
  }
  get bVp(): Vnode | null {
    return this.windows.vnodes.find(this.long(BUF.b_vp));
  }
  set bVp(value: Vnode | null) {
    this.setInt(BUF.b_vp, addressOf(value));
  }
  get bIodone(): ((bp: Buf) => void) | null {
    const index = this.int(BUF.b_iodone);
    return index === 0 ? null : this.windows.callback(index);
  }
  set bIodone(value: ((bp: Buf) => void) | null) {
    if (value !== null) throw new Error('only C code stores a completion routine');
    this.setInt(BUF.b_iodone, 0);
  }
  get bProc(): Process | null {
    return this.windows.processes.find(this.long(BUF.b_proc));
  }
  set bProc(value: Process | null) {
    this.setInt(BUF.b_proc, addressOf(value));
  }
  get bRcred(): Ucred | null {
    return credentialAt(this.windows, this.int(BUF.b_rcred));
  }
  set bRcred(value: Ucred | null) {
    this.setInt(BUF.b_rcred, value === NOCRED ? -1 : addressOf(value));
  }
  get bWcred(): Ucred | null {
    return credentialAt(this.windows, this.int(BUF.b_wcred));
  }
  set bWcred(value: Ucred | null) {
    this.setInt(BUF.b_wcred, value === NOCRED ? -1 : addressOf(value));
  }
}

function credentialAt(windows: Windows, address: number): Ucred | null {
  if (address === -1) return NOCRED;
  return address === 0 ? null : windows.credentials.get(address);
}

/** A credential. */
export class CUcred extends Window {
  readonly id: number;

  constructor(windows: Windows, at: number, id: number) {
    super(windows, at);
    this.id = id;
  }

  get crRef(): number {
    return this.short(LAYOUT.ucred.cr_ref);
  }
  set crRef(value: number) {
    this.setShort(LAYOUT.ucred.cr_ref, value);
  }
}

/** A process: all of it is the kernel's but the credential. */
export class CProcess extends Process {
  readonly at: number;

  constructor(windows: Windows, at: number, id: number, credential: CUcred) {
    super(id, credential);
    this.at = at;
    windows.memory.u32[(at + LAYOUT.proc.p_ucred) >> 2] = credential.at;
  }
}

const VNODE = LAYOUT.vnode;

/** A vnode. */
export class CVnode extends Window {
  readonly file: number;
  lockOwner = -1;
  resizer = -1;
  fileSystem = 0;
  size = 0;
  linked = true;
  removed = false;
  opens = 0;
  readonly mapped: VmObject[] = [];
  readonly opened: VmObject[] = [];
  readonly blocks: BlockMap;

  constructor(windows: Windows, at: number, file: number, blocks: BlockMap) {
    super(windows, at);
    this.file = file;
    this.blocks = blocks;
  }

  get vType(): number {
    return this.int(VNODE.v_type);
  }
  set vType(value: number) {
    this.setInt(VNODE.v_type, value);
  }
  get vFlag(): number {
    return this.int(VNODE.v_flag);
  }
  set vFlag(value: number) {
    this.setInt(VNODE.v_flag, value);
  }
  get vMount(): Mount | null {
    return this.windows.mounts.find(this.long(VNODE.v_mount));
  }
  set vMount(value: Mount | null) {
    this.setInt(VNODE.v_mount, addressOf(value));
  }
  get vUsecount(): number {
    return this.int(VNODE.v_usecount);
  }
  set vUsecount(value: number) {
    this.setInt(VNODE.v_usecount, value);
  }
  get vHoldcnt(): number {
    return this.int(VNODE.v_holdcnt);
  }
  set vHoldcnt(value: number) {
    this.setInt(VNODE.v_holdcnt, value);
  }
  get vNumoutput(): number {
    return this.int(VNODE.v_numoutput);
  }
  set vNumoutput(value: number) {
    this.setInt(VNODE.v_numoutput, value);
  }
  get vVmdata(): VmObject | null {
    return this.windows.objects.find(this.long(VNODE.v_vmdata));
  }
  set vVmdata(value: VmObject | null) {
    this.setInt(VNODE.v_vmdata, addressOf(value));
  }
}

/** A mounted file system. */
export class CMount extends Window {
  readonly id: number;
  unmounted = false;

  constructor(windows: Windows, at: number, id: number) {
    super(windows, at);
    this.id = id;
  }

  get fIosize(): number {
    return this.int(LAYOUT.mount.f_iosize);
  }
  set fIosize(value: number) {
    this.setInt(LAYOUT.mount.f_iosize, value);
  }
  get fType(): number {
    return this.int(LAYOUT.mount.f_type);
  }
  set fType(value: number) {
    this.setInt(LAYOUT.mount.f_type, value);
  }
}
