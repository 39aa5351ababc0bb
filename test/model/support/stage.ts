/**
 * A stage for doctored traces: a small world that can be read like a target and that emits whatever a test tells it to, right or
 * wrong. It knows nothing of a kernel; each method changes a few fields and emits the event that goes with them.
 */
import { layoutOf } from '../../../src/scenario/layout.ts';
import { operation, type OperationKind } from '../../../src/scenario/operations.ts';
import {
  patternByte,
  STAMP_DISK,
  STAMP_FILE,
  STAMP_OPERATION,
  STAMP_POISON,
  STAMP_TAIL,
} from '../../../src/scenario/pattern.ts';
import type { Scenario } from '../../../src/scenario/scenario.ts';
import {
  OBJ_CANPERSIST,
  PBUF_POISON,
  PG_ACTIVE,
  PG_BUSY,
  PG_CACHE,
  PG_FREE,
  PG_INACTIVE,
  PG_TABLED,
  RTVAL_UNSET,
  type ChannelKind,
  type Ending,
  type PagerFunction,
} from '../../../src/trace/codes.ts';
import { RUN_MAX, type Observer, type PagerCall, type Transfer } from '../../../src/trace/observer.ts';
import type { View } from '../../../src/trace/view.ts';
import { ALL, PAGE, SECTOR } from './scene.ts';

interface FakePage {
  flags: number;
  valid: number;
  dirty: number;
  busy: number;
  modified: boolean;
  object: number;
  index: number;
  /** The queue that it is on; -1 is that of its flags. */
  queue: number;
  wired: number;
  held: number;
  bufferMapped: number;
}

interface FakeObject {
  file: number;
  pip: number;
  references: number;
  flags: number;
  size: number;
  cached: boolean;
}

interface FakeFile {
  object: number;
  size: number;
  pagerSize: number;
  flags: number;
  holds: number;
  outputs: number;
  uses: number;
  lock: number;
  mounted: boolean;
  pagers: number;
  /** File to whose vnode its pager belongs instead of its own. */
  vnode?: number;
  pagerType: number;
  isHashed: boolean;
  buffers: number;
  dirtyBlocks: Set<number>;
}

const noPage = (): FakePage => ({
  flags: PG_FREE,
  valid: 0,
  dirty: 0,
  busy: 0,
  modified: false,
  object: -1,
  index: -1,
  queue: -1,
  wired: 0,
  bufferMapped: 0,
  held: 0,
});

/** The world, and the one who tells of it. */
export class Stage implements View {
  readonly scenario: Scenario;
  readonly geometry: Scenario['geometry'];
  readonly files: number;
  readonly threads: number;
  readonly memory: Uint8Array;
  readonly disk: Uint8Array;
  readonly pages: FakePage[] = [];
  readonly objectList: FakeObject[] = [];
  readonly fileList: FakeFile[] = [];
  readonly map: Map<number, number>[] = [];
  freePbufs: number;
  /** With fields of headers that somebody wrote to, by their index in `PBUF_FIELDS`. */
  readonly pbufs: { busy: boolean; mapped: boolean; written?: Record<number, number> }[] = [];
  mapPages = 0;
  mask = 0;
  diskHolds = 0;
  /** Whether it says which object is hashed under a pager. */
  saysLookup = true;
  /** Whether it shows the list of pagers. */
  saysPagers = true;
  /** Pieces of memory that the pager has. */
  held = 0;
  diskWrites = 0;
  readonly counted = [0, 0, 0, 0];
  /** Whether gets and puts are counted as they should be; a test that counts otherwise says no. */
  countsByItself = true;
  /** Whether the calls of an operation meet the faults that the scenario has for it. */
  meetsFaults = true;
  private readonly carried = new Set<number>();
  /** What `resident_page_count` says too many. */
  residentError = 0;
  readonly credentials: number[] = [];
  private readonly started = new Map<number, Transfer>();
  observer!: Observer;

  constructor(scenario: Scenario) {
    this.scenario = scenario;
    this.geometry = scenario.geometry;
    this.files = scenario.files.length;
    this.threads = scenario.threads + 1;
    const { frames, pageSize, diskSectors, sectorSize, pbufs } = scenario.geometry;
    this.memory = new Uint8Array(frames * pageSize + 1024);
    this.disk = Uint8Array.from({ length: diskSectors * sectorSize }, (_, i) => patternByte(STAMP_DISK, i));
    for (let i = 0; i < frames; i++) this.pages.push(noPage());
    this.freePbufs = pbufs;
    for (let i = 0; i < pbufs; i++) this.pbufs.push({ busy: false, mapped: false });
    for (let i = 0; i < this.threads; i++) this.credentials.push(1);
    this.layOut();
  }

  private layOut(): void {
    const { extents } = layoutOf(this.scenario);
    for (const [file, spec] of this.scenario.files.entries()) {
      const { blockSize, tail } = this.scenario.fileSystems[spec.fileSystem]!;
      const map = new Map<number, number>();
      for (const extent of extents[file]!) {
        for (let i = 0; i < extent.count; i++) {
          const sector = extent.sector + (i * blockSize) / SECTOR;
          map.set(extent.block + i, sector);
          for (let b = 0; b < blockSize; b++) {
            const position = (extent.block + i) * blockSize + b;
            const past = tail === 'zeros' ? 0 : patternByte(STAMP_TAIL, position);
            this.disk[sector * SECTOR + b] =
              position < spec.size ? patternByte(STAMP_FILE + file, position) : past;
          }
        }
      }
      this.map.push(map);
      this.fileList.push({
        object: -1,
        size: spec.size,
        pagerSize: -1,
        flags: 0,
        holds: 0,
        outputs: 0,
        uses: 1,
        lock: -1,
        mounted: true,
        pagers: 0,
        pagerType: 1,
        isHashed: true,
        buffers: 0,
        dirtyBlocks: new Set(),
      });
    }
  }

  /** Attaches those who watch, and begins the run. */
  begin(observer: Observer): this {
    this.observer = observer;
    observer.runBegin(this);
    return this;
  }

  // --- reading (View) ---

  get objects(): number {
    return this.objectList.length;
  }
  pageAddress(frame: number): number {
    return frame * PAGE;
  }
  pageFlags(frame: number): number {
    return this.pages[frame]!.flags;
  }
  pageValid(frame: number): number {
    return this.pages[frame]!.valid;
  }
  pageDirty(frame: number): number {
    return this.pages[frame]!.dirty;
  }
  pageBusy(frame: number): number {
    return this.pages[frame]!.busy;
  }
  pageBufferMapped(frame: number): number {
    return this.pages[frame]!.bufferMapped;
  }
  pageWired(frame: number): number {
    return this.pages[frame]!.wired;
  }
  pageHeld(frame: number): number {
    return this.pages[frame]!.held;
  }
  pageQueue(frame: number): number {
    const page = this.pages[frame]!;
    return page.queue < 0 ? page.flags & (PG_ACTIVE | PG_INACTIVE | PG_CACHE | PG_FREE) : page.queue;
  }
  pageObject(frame: number): number {
    return this.pages[frame]!.object;
  }
  pageIndex(frame: number): number {
    return this.pages[frame]!.index;
  }
  pageModified(frame: number): boolean {
    return this.pages[frame]!.modified;
  }
  lookup(object: number, page: number): number {
    return this.pages.findIndex((one) => one.object === object && one.index === page);
  }
  fileObject(file: number): number {
    return this.fileList[file]!.object;
  }
  objectFile(object: number): number {
    return this.objectList[object]?.file ?? -1;
  }
  objectPagingInProgress(object: number): number {
    return this.objectList[object]!.pip & 0xffff;
  }
  objectReferences(object: number): number {
    return this.objectList[object]!.references;
  }
  objectFlags(object: number): number {
    return this.objectList[object]!.flags;
  }
  objectSize(object: number): number {
    return this.objectList[object]!.size;
  }
  objectResident(object: number): number {
    return this.pages.filter((one) => one.object === object).length + this.residentError;
  }
  objectCached(object: number): boolean {
    return this.objectList[object]!.cached;
  }
  pbufsFree(): number {
    return this.freePbufs;
  }
  pbufMapped(pbuf: number): boolean {
    return this.pbufs[pbuf]!.mapped;
  }
  pbufBusy(pbuf: number): boolean {
    return this.pbufs[pbuf]!.busy;
  }
  pbufHeader(pbuf: number, into: Int32Array): void {
    const { busy, written = {} } = this.pbufs[pbuf]!;
    for (let i = 0; i < into.length; i++) into[i] = written[i] ?? (busy ? 0 : PBUF_POISON);
  }
  mapPagesUsed(): number {
    return this.mapPages;
  }
  fileUseCount(file: number): number {
    return this.fileList[file]!.uses;
  }
  fileHoldCount(file: number): number {
    return this.fileList[file]!.holds;
  }
  fileBuffers(file: number): number {
    return this.fileList[file]!.buffers;
  }
  fileOutputs(file: number): number {
    return this.fileList[file]!.outputs;
  }
  diskHoldCount(): number {
    return this.diskHolds;
  }
  diskOutputs(): number {
    return this.diskWrites;
  }
  fileFlags(file: number): number {
    return this.fileList[file]!.flags;
  }
  fileMounted(file: number): boolean {
    return this.fileList[file]!.mounted;
  }
  fileLockOwner(file: number): number {
    return this.fileList[file]!.lock;
  }
  fileSize(file: number): number {
    return this.fileList[file]!.size;
  }
  pagerSize(file: number): number {
    return this.fileList[file]!.pagerSize;
  }
  pagerType(file: number): number {
    return this.fileList[file]!.pagerType;
  }
  pagerObject(file: number): number {
    const { object, isHashed } = this.fileList[file]!;
    if (!this.saysLookup) return -2;
    return isHashed ? object : -1;
  }
  memoryHeld(): number {
    return this.held;
  }
  pagersOf(file: number): number {
    return this.fileList[file]!.pagers;
  }
  pagerList(into: Int32Array): number {
    if (!this.saysPagers) return -1;
    const listed = this.fileList.flatMap(({ pagers, object, vnode }, file) =>
      Array.from({ length: pagers }, () => [file, vnode ?? file, vnode === undefined ? object : -1]),
    );
    into.set(listed.flat().slice(0, into.length));
    return listed.length;
  }
  bufferDirty(file: number, block: number): boolean {
    return this.fileList[file]!.dirtyBlocks.has(block);
  }
  credentialReferences(thread: number): number {
    return this.credentials[thread]!;
  }
  interruptMask(): number {
    return this.mask;
  }
  counter(which: number): number {
    return this.counted[which]!;
  }
  readDisk(address: number, length: number, into: Uint8Array, at: number): void {
    into.set(this.disk.subarray(address, address + length), at);
  }
  diskDiffers(address: number, length: number, bytes: Uint8Array, at: number): number {
    for (let i = 0; i < length; i++) if (this.disk[address + i] !== bytes[at + i]) return i;
    return -1;
  }

  // --- telling ---

  /** A thread begins operation `id` of a kind. */
  operation(id: number, kind: OperationKind = 'fault', thread = 0): void {
    this.observer.operationBegin(thread, operation(id, thread, kind));
  }

  /** The file gets an object and a pager. */
  object(file: number): number {
    const number = this.objectList.length;
    const size = Math.ceil(this.fileList[file]!.size / PAGE) * PAGE;
    this.objectList.push({ file, pip: 0, references: 1, flags: OBJ_CANPERSIST, size, cached: false });
    Object.assign(this.fileList[file]!, { object: number, pagerSize: this.fileList[file]!.size, pagers: 1 });
    this.observer.objectCreated(number);
    return number;
  }

  /** The object is terminated. */
  dropObject(object: number): void {
    const { file } = this.objectList[object]!;
    Object.assign(this.fileList[file]!, { object: -1, pagerSize: -1, pagers: 0 });
    this.observer.objectFreed(object);
  }

  /** Kernel code claims or gives back. */
  claim(object: number, count: number, thread = 0): void {
    this.objectList[object]!.pip += count;
    if (count > 0) this.observer.claim(thread, object, count);
    else this.observer.release(thread, object, -count);
  }

  /** A busy page of poison. */
  allocate(object: number, index: number, thread = 0): number {
    const frame = this.pages.findIndex((one) => one.object < 0);
    this.pages[frame] = { ...noPage(), flags: PG_BUSY | PG_TABLED, object, index };
    for (let i = 0; i < PAGE; i++)
      this.memory[frame * PAGE + i] = patternByte(STAMP_POISON, frame * PAGE + i);
    this.observer.pageAllocated(thread, frame, object, index);
    return frame;
  }

  /** A resident page becomes busy. */
  busy(frame: number, thread = 0): void {
    this.pages[frame]!.flags |= PG_BUSY;
    this.observer.pageBusied(thread, frame);
  }

  /** PAGE_WAKEUP. */
  wakeup(frame: number): void {
    this.pages[frame]!.flags &= ~PG_BUSY;
    this.observer.pageWakeup(frame);
  }

  /** vm_page_free. */
  free(frame: number): void {
    this.observer.pageFreed(frame);
    this.pages[frame] = noPage();
  }

  /** Puts a page on the inactive queue. */
  deactivate(frame: number): void {
    this.pages[frame]!.flags |= PG_INACTIVE;
  }

  /** The bytes that a reader of the page must see, from the disk by the map of the stage. */
  fileBytes(file: number, index: number): Uint8Array {
    const { blockSize } = this.scenario.fileSystems[this.scenario.files[file]!.fileSystem]!;
    return Uint8Array.from({ length: PAGE }, (_, b) => {
      const position = index * PAGE + b;
      const sector = this.map[file]!.get(Math.floor(position / blockSize));
      if (position >= this.fileList[file]!.size || sector === undefined) return 0;
      return this.disk[sector * SECTOR + (position % blockSize)]!;
    });
  }

  /** Fills a page as it should be and makes it valid. */
  fill(frame: number, mask = ALL): void {
    const page = this.pages[frame]!;
    const bytes = this.fileBytes(this.objectList[page.object]!.file, page.index);
    for (let b = 0; b < PAGE; b++)
      if (((mask >> (b / SECTOR)) & 1) === 1) this.memory[frame * PAGE + b] = bytes[b]!;
    page.valid |= mask;
  }

  /** A store through a mapping by operation `id`; the page becomes dirty. */
  store(frame: number, from: number, length: number, id = 2): void {
    const page = this.pages[frame]!;
    const position = page.index * PAGE + from;
    const stamp = STAMP_OPERATION + id;
    for (let b = 0; b < length; b++) this.memory[frame * PAGE + from + b] = patternByte(stamp, position + b);
    for (let b = 0; b < length; b++) page.dirty |= 1 << Math.floor((from + b) / SECTOR);
    this.observer.stored(0, this.objectList[page.object]!.file, frame, position, length, stamp);
  }

  /** Brings a page's bytes below EOF to the disk, by the map of the stage. */
  save(frame: number, mask = ALL): void {
    const page = this.pages[frame]!;
    const { file } = this.objectList[page.object]!;
    const { blockSize } = this.scenario.fileSystems[this.scenario.files[file]!.fileSystem]!;
    for (let b = 0; b < PAGE; b++) {
      const position = page.index * PAGE + b;
      const sector = this.map[file]!.get(Math.floor(position / blockSize));
      if (((mask >> (b / SECTOR)) & 1) === 0 || position >= this.fileList[file]!.size || sector === undefined)
        continue;
      this.disk[sector * SECTOR + (position % blockSize)] = this.memory[frame * PAGE + b]!;
    }
  }

  /** Announces a pager call. */
  call(name: PagerFunction, fields: Partial<PagerCall> & { run?: number[] } = {}): PagerCall {
    const { run = [], ...rest } = fields;
    const first = run.length > 0 ? this.pages[run[0]!]! : undefined;
    const object = first?.object ?? -1;
    const call: PagerCall = {
      thread: 0,
      function: name,
      operation: operation(1, 0, 'fault'),
      file: object < 0 ? 0 : this.objectFile(object),
      object,
      count: run.length,
      reqpage: 0,
      page: first?.index ?? 0,
      frames: new Int32Array(RUN_MAX),
      rtvals: new Int32Array(RUN_MAX).fill(RTVAL_UNSET),
      size: 0,
      result: 0,
      locked: false,
      ...rest,
    };
    call.frames.set(run);
    if (run.length > 0) this.carried.clear();
    this.observer.pagerCall(call);
    if (this.meetsFaults) this.meet(call);
    return call;
  }

  /** The faults of the scenario that are addressed to the call happen in it. */
  private meet(call: PagerCall): void {
    for (const { operation: id, thread, choice, take } of this.scenario.faults)
      if (id === call.operation.id && thread === call.thread) this.observer.departure(thread, choice, take);
  }

  /** It returns. */
  return(call: PagerCall, result = 0, rtvals: number[] = []): void {
    call.result = result;
    call.rtvals.set(rtvals);
    if (this.countsByItself && call.count > 0 && this.carried.size > 0) {
      const first = call.function.startsWith('put') ? 2 : 0;
      this.counted[first]! += 1;
      this.counted[first + 1]! += this.carried.size;
      this.carried.clear();
    }
    this.observer.pagerReturn(call);
  }

  /** A transfer of consecutive frames is started; by default all their bytes, at the place of the first on the disk. */
  transfer(frames: number[], fields: Partial<Transfer> = {}): Transfer {
    const page = this.pages[frames[0] ?? -1];
    const file = page === undefined ? -1 : this.objectFile(page.object);
    const { blockSize } = this.scenario.fileSystems[this.scenario.files[Math.max(0, file)]!.fileSystem]!;
    const position = (page?.index ?? 0) * PAGE;
    const sector = file < 0 ? undefined : this.map[file]!.get(Math.floor(position / blockSize));
    const eof = file < 0 ? 0 : this.fileList[file]!.size;
    const left = Math.ceil((eof - position) / SECTOR) * SECTOR;
    const byteCount = Math.min(frames.length * PAGE, left);
    const transfer: Transfer = {
      pbuf: 0,
      thread: 0,
      file,
      device: 'disk',
      write: false,
      async: false,
      block: (sector ?? -1) + (position % blockSize) / SECTOR,
      byteCount,
      bufferSize: byteCount,
      dirtyOffset: 0,
      dirtyEnd: 0,
      pageOffset: 0,
      frames: Int32Array.from(frames),
      frameCount: frames.length,
      failed: false,
      error: 0,
      resid: 0,
      ...fields,
    };
    if (transfer.write) this.diskWrites++;
    for (const frame of frames) this.carried.add(frame);
    this.started.set(transfer.pbuf, transfer);
    this.observer.transferStart(transfer);
    return transfer;
  }

  /** The last transfer of a pbuf. */
  transferOf(pbuf: number): Transfer {
    return this.started.get(pbuf)!;
  }

  /** It ends and interrupts. */
  finish(transfer: Transfer, during: () => void = () => {}): void {
    this.observer.transferEnd(transfer);
    if (transfer.write) this.diskWrites--;
    const call = this.call('iodone', { thread: -1, file: transfer.file, size: transfer.pbuf });
    during();
    this.return(call);
    this.observer.interruptEnd(transfer);
  }

  sleep(thread = 0, channel: ChannelKind = 'buf', id = 0): void {
    this.observer.sleep(thread, channel, id);
  }

  resume(thread = 0, channel: ChannelKind = 'buf', id = 0): void {
    this.observer.resume(thread, channel, id);
  }

  /** A page brought in as it should be: claim, allocate, get, transfer, un-busy. The frame stays resident and valid. */
  fault(object: number, index: number): number {
    this.claim(object, 1);
    const frame = this.allocate(object, index);
    const call = this.call('getmulti', { run: [frame] });
    const transfer = this.transfer([frame]);
    this.sleep();
    this.observer.idle();
    this.fill(frame);
    this.finish(transfer);
    this.resume();
    this.return(call);
    this.deactivate(frame);
    this.wakeup(frame);
    this.claim(object, -1);
    return frame;
  }

  /** Resident dirty pages put as they should be. */
  put(
    object: number,
    run: number[],
    statuses: number[] = run.map(() => 0),
    ending: Partial<Transfer> = {},
  ): void {
    this.claim(object, run.length);
    for (const frame of run) this.busy(frame);
    const call = this.call('putmulti', { run });
    const transfer = this.transfer(run, { write: true });
    this.sleep();
    this.observer.idle();
    for (const [i, frame] of run.entries()) if (statuses[i] === 0) this.save(frame);
    this.finish(Object.assign(transfer, ending));
    this.resume();
    for (const [i, frame] of run.entries()) if (statuses[i] === 0) this.pages[frame]!.dirty = 0;
    this.return(call, statuses[0], statuses);
    for (const frame of run) this.wakeup(frame);
    this.claim(object, -run.length);
  }

  /** setsize as it should be for one resident page at most; the inode changes first. */
  resize(file: number, size: number): void {
    const one = this.fileList[file]!;
    one.size = size;
    this.observer.resized(file, size);
    this.setsize(file, size);
  }

  /** The pager's half of it. */
  setsize(file: number, size: number): void {
    const one = this.fileList[file]!;
    const call = this.call('setsize', { file, size });
    const old = one.pagerSize;
    if (one.object >= 0 && size < old) {
      for (const [frame, page] of this.pages.entries()) {
        if (page.object !== one.object) continue;
        if (page.index * PAGE >= size) this.free(frame);
        else
          for (let b = Math.max(0, size - page.index * PAGE); b < PAGE; b++)
            this.memory[frame * PAGE + b] = 0;
      }
    }
    if (one.object >= 0) {
      one.pagerSize = size;
      this.objectList[one.object]!.size = Math.ceil(size / PAGE) * PAGE;
    }
    this.return(call);
  }

  /** Everything was given up: objects go, pages first. `during` is what goes wrong meanwhile. */
  settle(during: () => void = () => {}): void {
    this.observer.settlementBegin();
    // everything is closed
    for (const one of this.fileList) one.uses = 0;
    for (const [frame, page] of this.pages.entries()) if (page.object >= 0) this.free(frame);
    for (const object of this.objectList.keys())
      if (this.fileList[this.objectList[object]!.file]!.object === object) this.dropObject(object);
    during();
    this.observer.settled();
    this.end();
  }

  end(ending: Ending = 'completed', detail = ''): void {
    this.observer.runEnd(ending, detail);
  }
}
