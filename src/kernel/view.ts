/** The view of the simulated kernel: symbolic numbers over its structures. Reading changes nothing but what the disk caches. */
import type { Geometry } from '../scenario/scenario.ts';
import type { View } from '../trace/view.ts';
import { agreeing, copyAcross } from '../trace/bytes.ts';
import type { Kernel } from './kernel.ts';
import type { Page, Vnode, VmObject } from './structures.ts';

/** A bound against lists that run in a circle. */
const LISTED_MAX = 10_000;

/** See `View` for the meaning of each accessor. */
export class KernelView implements View {
  geometry: Geometry;
  private readonly kernel: Kernel;
  /** The kernel's own arrays, which stay the same: most questions are about what is in them. */
  private readonly frames: readonly Page[];
  private readonly all: readonly VmObject[];
  private readonly vnodes: readonly Vnode[];

  constructor(kernel: Kernel, geometry: Geometry) {
    this.kernel = kernel;
    this.frames = kernel.pages.frames;
    this.all = kernel.objects.all;
    this.vnodes = kernel.vnodes.files;
    this.geometry = geometry;
  }

  get files(): number {
    return this.kernel.vnodes.count;
  }
  get threads(): number {
    return this.kernel.threads.total;
  }
  get objects(): number {
    return this.kernel.objects.used;
  }
  get memory(): Uint8Array {
    return this.kernel.memory.bytes;
  }
  pageAddress(frame: number): number {
    return this.kernel.memory.frameBase + frame * this.kernel.pages.pageSize;
  }
  pageFlags(frame: number): number {
    return this.frames[frame]!.flags;
  }
  pageValid(frame: number): number {
    return this.frames[frame]!.valid;
  }
  pageDirty(frame: number): number {
    return this.frames[frame]!.dirty;
  }
  pageBusy(frame: number): number {
    return this.frames[frame]!.busy;
  }
  pageBufferMapped(frame: number): number {
    return this.frames[frame]!.bmapped;
  }
  pageWired(frame: number): number {
    return this.frames[frame]!.wireCount;
  }
  pageHeld(frame: number): number {
    return this.frames[frame]!.holdCount;
  }
  pageQueue(frame: number): number {
    return this.frames[frame]!.queue;
  }
  pageObject(frame: number): number {
    const { object } = this.frames[frame]!;
    return object === null ? -1 : object.id;
  }
  pageIndex(frame: number): number {
    return this.kernel.pages.indexOf(this.frames[frame]!);
  }
  pageModified(frame: number): boolean {
    return this.frames[frame]!.modified;
  }
  lookup(object: number, page: number): number {
    const found = this.kernel.pages.lookup(this.all[object]!, page * this.kernel.pages.pageSize);
    return found === null ? -1 : found.frame;
  }
  fileObject(file: number): number {
    return this.vnodes[file]!.vVmdata?.id ?? -1;
  }
  objectFile(object: number): number {
    return this.all[object]!.pager?.pgHandle?.file ?? -1;
  }
  objectPagingInProgress(object: number): number {
    return this.all[object]!.pagingInProgress;
  }
  objectReferences(object: number): number {
    return this.all[object]!.refCount;
  }
  objectFlags(object: number): number {
    return this.all[object]!.flags;
  }
  objectSize(object: number): number {
    return this.all[object]!.size;
  }
  objectResident(object: number): number {
    return this.all[object]!.residentPageCount;
  }
  objectCached(object: number): boolean {
    return this.all[object]!.cached;
  }
  pbufsFree(): number {
    return this.kernel.pbufs.freeCount;
  }
  pbufMapped(pbuf: number): boolean {
    return this.kernel.pbufs.windowMapped(pbuf);
  }
  pbufBusy(pbuf: number): boolean {
    return !this.kernel.pbufs.headers[pbuf]!.free;
  }
  pbufHeader(pbuf: number, into: Int32Array): void {
    this.kernel.pbufs.header(pbuf, into);
  }
  mapPagesUsed(): number {
    return this.kernel.space.used;
  }
  fileUseCount(file: number): number {
    return this.vnodes[file]!.vUsecount;
  }
  fileHoldCount(file: number): number {
    return this.vnodes[file]!.vHoldcnt;
  }
  fileOutputs(file: number): number {
    return this.vnodes[file]!.vNumoutput;
  }
  fileBuffers(file: number): number {
    return this.kernel.buffers.attachedTo(this.vnodes[file]!);
  }
  diskHoldCount(): number {
    return this.kernel.vnodes.disk.vHoldcnt;
  }
  diskOutputs(): number {
    return this.kernel.vnodes.disk.vNumoutput;
  }
  fileFlags(file: number): number {
    return this.vnodes[file]!.vFlag;
  }
  fileMounted(file: number): boolean {
    return this.vnodes[file]!.vMount !== null;
  }
  fileLockOwner(file: number): number {
    return this.vnodes[file]!.lockOwner;
  }
  fileSize(file: number): number {
    return this.vnodes[file]!.size;
  }
  pagerSize(file: number): number {
    return this.vnodes[file]!.vVmdata?.pager?.pgData?.vnpSize ?? -1;
  }
  pagerType(file: number): number {
    return this.vnodes[file]!.vVmdata?.pager?.pgType ?? -1;
  }
  pagerObject(file: number): number {
    const pager = this.vnodes[file]!.vVmdata?.pager ?? null;
    return pager === null ? -1 : (this.kernel.objects.find(pager)?.id ?? -1);
  }
  memoryHeld(): number {
    return this.kernel.memoryHeld;
  }
  pagersOf(file: number): number {
    let count = 0;
    let pager = this.kernel.boundary.vnodePagerList.first;
    for (let bound = 0; pager !== null && bound < LISTED_MAX; bound++, pager = pager.pgListNext) {
      if (pager.pgHandle?.file === file) count++;
    }
    return count;
  }
  pagerList(into: Int32Array): number {
    let count = 0;
    let pager = this.kernel.boundary.vnodePagerList.first;
    for (; pager !== null && count < LISTED_MAX; count++, pager = pager.pgListNext) {
      if (3 * count + 3 > into.length) continue;
      const vp = pager.pgData?.vnpVp ?? null;
      const object = vp?.vVmdata ?? null;
      into[3 * count] = pager.pgHandle?.file ?? -1;
      into[3 * count + 1] = vp?.file ?? -1;
      into[3 * count + 2] = object !== null && object.pager === pager ? object.id : -1;
    }
    return count;
  }
  bufferDirty(file: number, block: number): boolean {
    return this.kernel.buffers.isDirty(this.vnodes[file]!, block);
  }
  credentialReferences(thread: number): number {
    return this.kernel.threads.processes[thread]!.pUcred.crRef;
  }
  interruptMask(): number {
    return this.kernel.threads.mask;
  }
  counter(which: number): number {
    const { cnt } = this.kernel.boundary;
    if (which === 0) return cnt.vVnodein;
    if (which === 1) return cnt.vVnodepgsin;
    return which === 2 ? cnt.vVnodeout : cnt.vVnodepgsout;
  }
  readDisk(address: number, length: number, into: Uint8Array, at: number): void {
    const { disk, memory } = this.kernel;
    for (let done = 0; done < length;) {
      const from = disk.locate(address + done);
      const piece = Math.min(length - done, disk.room(address + done));
      copyAcross(memory.bytes, from, into, at + done, piece);
      done += piece;
    }
  }
  diskDiffers(address: number, length: number, bytes: Uint8Array, at: number): number {
    const { disk, memory } = this.kernel;
    for (let done = 0; done < length;) {
      const from = disk.locate(address + done);
      const piece = Math.min(length - done, disk.room(address + done));
      // `bytes` may be the machine's own memory, which locate can have replaced by a copy
      const same = agreeing(memory.bytes, from, bytes, at + done, piece);
      if (same < piece) return done + same;
      done += piece;
    }
    return -1;
  }
}
