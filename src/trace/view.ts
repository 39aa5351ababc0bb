/**
 * What can be read of a target between events. All numbers are symbolic (frames, object and file numbers), so that a target in
 * another memory can offer the same. Reading never changes anything.
 */
import type { Geometry } from '../scenario/scenario.ts';

/** Readable state of a target. Accessors of things that do not exist return -1 or 0, as each says. */
export interface View {
  readonly geometry: Geometry;
  /** Number of files of the scenario. */
  readonly files: number;
  /** Number of threads, the page-out daemon included (it is the last). */
  readonly threads: number;
  /** Number of object numbers in use so far in this run; numbers are reused only after `objectFreed`. */
  readonly objects: number;

  /** Bytes of all frames; may be replaced when the target grows, so read it anew at every event. */
  readonly memory: Uint8Array;
  /** Where a frame's bytes begin in `memory`. */
  pageAddress(frame: number): number;
  pageFlags(frame: number): number;
  pageValid(frame: number): number;
  pageDirty(frame: number): number;
  /** `m->busy`: claims of I/O in progress. */
  pageBusy(frame: number): number;
  /** `m->bmapped`: buffers that map the page. */
  pageBufferMapped(frame: number): number;
  pageWired(frame: number): number;
  /** `m->hold_count`: who keeps the page from being taken for a short time. */
  pageHeld(frame: number): number;
  /** The queue that the page is really on, whatever its flags say: `PG_ACTIVE`, `PG_INACTIVE`, `PG_CACHE`, `PG_FREE`, or 0. */
  pageQueue(frame: number): number;
  /** Object in which the page is tabled, -1 if it is not. */
  pageObject(frame: number): number;
  /** Page number within that object. */
  pageIndex(frame: number): number;
  /** Whether a tracked mapping has the modified bit set. */
  pageModified(frame: number): boolean;
  /** Frame resident at that page of the object, or -1. */
  lookup(object: number, page: number): number;

  /** Object that `v_vmdata` of the file points to, or -1. */
  fileObject(file: number): number;
  /** File whose vnode the object's pager belongs to, or -1. */
  objectFile(object: number): number;
  /** `paging_in_progress`, as the unsigned 16-bit number that it is. */
  objectPagingInProgress(object: number): number;
  objectReferences(object: number): number;
  objectFlags(object: number): number;
  /** Bytes, u32. */
  objectSize(object: number): number;
  objectResident(object: number): number;
  /** On the list of cached objects. */
  objectCached(object: number): boolean;

  pbufsFree(): number;
  /** Whether any page of the pbuf's window is mapped. */
  pbufMapped(pbuf: number): boolean;
  pbufBusy(pbuf: number): boolean;
  /**
   * The fields of the pbuf's header, in the order of `PBUF_FIELDS`; files, processes and credentials by their numbers. Those of a
   * header that is free are all `PBUF_POISON`, unless somebody wrote to it.
   */
  pbufHeader(pbuf: number, into: Int32Array): void;
  /** Pages of the temporary area of pager_map that are taken. */
  mapPagesUsed(): number;

  /** `v_usecount`, `v_holdcnt`, `v_numoutput` of the file's vnode. */
  fileUseCount(file: number): number;
  fileHoldCount(file: number): number;
  fileOutputs(file: number): number;
  /** Buffers of the buffer cache that are attached to the file's vnode; those hold it as pbufs do. */
  fileBuffers(file: number): number;
  /** The same of the disk's vnode. */
  diskHoldCount(): number;
  diskOutputs(): number;
  fileFlags(file: number): number;
  /** False after forced disconnection. */
  fileMounted(file: number): boolean;
  /** Thread that holds the vnode lock, -2 for another process, -1 for nobody. */
  fileLockOwner(file: number): number;
  /** Size in the inode, bytes. */
  fileSize(file: number): number;
  /** Size that the pager believes (`vnp_size`), bytes; -1 if there is no pager or it does not say. */
  pagerSize(file: number): number;
  /** `pg_type` of the pager of the file's object; -1 if there is no pager or it does not say. */
  pagerType(file: number): number;
  /** Object that `vm_object_lookup` would find for that pager: -1 if none, -2 if the target does not say. */
  pagerObject(file: number): number;
  /** Pieces of memory that the pager has from `malloc` and has not freed, -1 if the target does not say. */
  memoryHeld(): number;
  /** Number of live pagers on the pager list of that file, -1 if the target does not say. */
  pagersOf(file: number): number;
  /**
   * The pagers on the pager list, in order, as far as they fit; three numbers of each: the file of its `pg_handle`, that of its
   * `vnp_vp`, and the object that `v_vmdata` of the latter points to if that object's pager is this one; -1 where there is none.
   * Returns how many pagers there are, -1 if the target does not say.
   */
  pagerList(into: Int32Array): number;
  /** Whether the buffer cache holds data of the file's block that has not reached the disk. */
  bufferDirty(file: number, block: number): boolean;
  /** Credential references of a thread. */
  credentialReferences(thread: number): number;
  /** Interrupt mask: 0 nothing, 1 disk, 2 everything. */
  interruptMask(): number;
  /** v_vnodein (0), v_vnodepgsin (1), v_vnodeout (2), v_vnodepgsout (3); u32. */
  counter(which: number): number;

  /** Copies `length` bytes of the disk at byte `address` to `into` at `at`. */
  readDisk(address: number, length: number, into: Uint8Array, at: number): void;
  /** Index of the first of `length` bytes of the disk at `address` that differs from `bytes` at `at`; -1 if none does. */
  diskDiffers(address: number, length: number, bytes: Uint8Array, at: number): number;
}
