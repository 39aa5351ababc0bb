/**
 * The simulated kernel put together: one world that is reset for every scenario and runs it to its settlement. Parts know each
 * other through this class; a pager sees `PagerKernel` only. A run is a pure function of the scenario and the pager.
 */
import type { Ending } from '../trace/codes.ts';
import type { ComposedObserver } from '../trace/compose.ts';
import { SETTLEMENT, type Scenario } from '../scenario/scenario.ts';
import { AddressSpace } from './address-space.ts';
import { PagerKernel } from './boundary.ts';
import { Buffers } from './buffers.ts';
import { FileAccess } from './file-access.ts';
import { Direct } from './callers/direct.ts';
import { Fault } from './callers/fault.ts';
import { Operations } from './callers/operations.ts';
import { Pageout } from './callers/pageout.ts';
import { Resizing } from './callers/resizing.ts';
import { Disk } from './disk.ts';
import { Exceptions } from './exceptions.ts';
import { FileSystems } from './file-systems.ts';
import { Life } from './life.ts';
import { Memory } from './memory.ts';
import { Objects } from './objects.ts';
import { PagerCalls } from './pager-calls.ts';
import type { Pager } from './pager.ts';
import { Pages } from './pages.ts';
import { Pbufs } from './pbufs.ts';
import { PLAIN_STRUCTURES, type StructureMaker } from './structure-maker.ts';
import { Marker, Page, VmObject, Vnode, type Channel, type Sleeps } from './structures.ts';
import { Threads } from './threads.ts';
import { KernelStop } from './trap.ts';
import { KernelView } from './view.ts';
import { Vnodes } from './vnodes.ts';

/** What a run came to; the record is reused. */
export interface WorldResult {
  ending: Ending;
  detail: string;
  operations: number;
  noops: number;
  transfers: number;
}

/** Pages that one thread can have from malloc, calls being nested. */
const HEAP_PAGES = 4;

/** A world. */
export class Kernel {
  /** Makes pages, objects and so on, perhaps in the memory of a pager that is not in JavaScript. */
  readonly make: StructureMaker;
  readonly memory = new Memory();
  readonly exceptions = new Exceptions();
  readonly threads = new Threads(this);
  readonly pages = new Pages(this);
  readonly space = new AddressSpace(this);
  readonly objects = new Objects(this);
  readonly pbufs = new Pbufs(this);
  readonly disk = new Disk(this);
  readonly vnodes: Vnodes;
  readonly fileSystems = new FileSystems(this);
  readonly buffers = new Buffers(this);
  readonly fileAccess = new FileAccess(this);
  readonly fault = new Fault(this);
  readonly pageout = new Pageout(this);
  readonly resizing = new Resizing(this);
  readonly direct = new Direct(this);
  readonly actions = new Operations(this);
  readonly boundary: PagerKernel;
  readonly pagerCalls: PagerCalls;

  readonly poolChannel = new Marker('pool');
  readonly mapChannel = new Marker('map');
  readonly memoryChannel = new Marker('memory');
  readonly daemonChannel = new Marker('daemon');
  /** Somebody waits for a free frame. */
  memoryWanted = false;
  /** Pieces of memory that the pager has from `malloc` and has not freed. */
  memoryHeld = 0;
  faultChecksSize = false;
  /** First frame of the kernel's heap. */
  heapFrame = 0;

  observer: ComposedObserver | null = null;
  /** The observer, if it wants to hear of every call of the pager. */
  calls: ComposedObserver | null = null;

  private view: KernelView | null = null;
  private readonly lives: Life[] = [];
  private readonly result: WorldResult = {
    ending: 'completed',
    detail: '',
    operations: 0,
    noops: 0,
    transfers: 0,
  };

  private readonly endOf: (thrown: unknown) => unknown;

  /**
   * A world for one pager, which is made by the factory over the kernel's boundary. `endOf` makes a stop of the kernel of what is
   * thrown through a run, if it comes of the pager, and returns the rest as it is.
   */
  constructor(
    factory: (kernel: PagerKernel) => Pager,
    make: StructureMaker = PLAIN_STRUCTURES,
    endOf: (thrown: unknown) => unknown = (thrown) => thrown,
  ) {
    this.make = make;
    this.endOf = endOf;
    this.vnodes = new Vnodes(this);
    this.boundary = new PagerKernel(this);
    this.pagerCalls = new PagerCalls(this, factory(this.boundary));
  }

  private reset(scenario: Scenario): void {
    const { geometry } = scenario;
    this.make.reset(scenario);
    // kmem_alloc and malloc take their pages from frames behind those that objects use
    const heapPages = HEAP_PAGES * (scenario.threads + 1);
    this.memory.reset(
      geometry.frames + geometry.mapPages + heapPages,
      geometry.pageSize,
      scenario.threads + 1,
    );
    this.exceptions.reset(scenario);
    this.threads.reset(scenario.threads);
    this.pages.reset(geometry.frames, geometry.pageSize, geometry.sectorSize);
    this.space.reset(geometry.pbufs, geometry.mapPages, heapPages);
    this.heapFrame = geometry.frames + geometry.mapPages;
    this.objects.reset(geometry.cachedObjects);
    this.pbufs.reset(geometry.pbufs);
    this.disk.reset(geometry.sectorSize, geometry.diskSectors, scenario.media);
    this.buffers.reset();
    this.vnodes.reset(scenario);
    this.fileSystems.reset(scenario);
    for (let file = 0; file < this.vnodes.count; file++) {
      const vp = this.vnodes.files[file]!;
      vp.vMount = this.fileSystems.mounts[vp.fileSystem]!;
    }
    this.pageout.reset();
    this.pagerCalls.reset();
    this.boundary.cnt.reset();
    this.memoryWanted = false;
    this.memoryHeld = 0;
    this.faultChecksSize = scenario.options.faultChecksSize;
    this.lives.length = 0;
    if (this.view === null) this.view = new KernelView(this, geometry);
    else this.view.geometry = geometry;
  }

  /**
   * Runs a scenario. Traps, panics and deadlocks of the simulated kernel end the run; other exceptions are the world's own
   * defects.
   */
  run(scenario: Scenario, observer: ComposedObserver | null): WorldResult {
    this.observer = observer;
    this.exceptions.observer = observer;
    this.calls = observer !== null && observer.wantsCalls ? observer : null;
    const { result, threads } = this;
    result.ending = 'completed';
    result.detail = '';
    result.operations = 0;
    result.noops = 0;
    this.reset(scenario);
    observer?.runBegin(this.view!);
    try {
      this.pagerCalls.init();
      threads.start(threads.processes[scenario.threads]!, this.pageout.daemon());
      for (let i = 0; i < scenario.threads; i++) {
        const process = threads.processes[i]!;
        const life = new Life(this, process, scenario.operations);
        this.lives.push(life);
        threads.start(process, life);
      }
      threads.run();
      observer?.settlementBegin();
      threads.processes[0]!.memoryWaits = 0;
      threads.processes[0]!.address = SETTLEMENT;
      this.exceptions.start(SETTLEMENT);
      threads.start(threads.processes[0]!, this.actions.settle());
      threads.run();
      observer?.settled();
    } catch (thrown) {
      this.stopped(this.endOf(thrown));
    }
    for (const life of this.lives) {
      result.operations += life.operations;
      result.noops += life.noops;
    }
    result.transfers = this.disk.transfers;
    observer?.runEnd(result.ending, result.detail);
    return result;
  }

  private stopped(stop: unknown): void {
    const { result } = this;
    if (stop instanceof KernelStop) {
      result.ending = stop.ending;
      result.detail = stop.message;
    } else if (stop instanceof TypeError && stop.message.includes('of null')) {
      // a null pointer was followed
      result.ending = 'trap';
      result.detail = `null pointer: ${stop.message}`;
    } else {
      throw stop;
    }
  }

  /** `M_WAITOK` allocations sleep if the schedule says so. */
  mallocSleeps(): boolean {
    return this.exceptions.at(this.threads.current, 'malloc', 0) !== null;
  }

  *mallocLater<T>(make: () => T): Sleeps<T> {
    yield* this.threads.waitAWhile();
    return make();
  }

  /** `vm_pager_map_page`: an address, or null when it waits for room. */
  mapPage(page: Page): number | null {
    if (this.exceptions.at(this.threads.current, 'map', 0) !== null)
      return this.threads.defer(this.mapPageLater(page, true));
    const kva = this.space.takeMapPage(1);
    if (kva === 0) return this.threads.defer(this.mapPageLater(page, false));
    this.space.enter(kva, page.frame);
    return kva;
  }

  private *mapPageLater(page: Page, waitFirst: boolean): Sleeps<number> {
    if (waitFirst) yield* this.threads.waitAWhile();
    for (;;) {
      const kva = this.space.takeMapPage(1);
      if (kva !== 0) {
        this.space.enter(kva, page.frame);
        return kva;
      }
      if (this.threads.tsleep(this.mapChannel) === null) yield* this.threads.blocked();
    }
  }

  /** `kmem_alloc` of one page: an address with zeroed memory, 0 when the map is full, null when it sleeps. */
  kmemAlloc(): number | null {
    const choice = this.exceptions.at(this.threads.current, 'kmem', 0);
    if (choice === null) return this.kmemNow();
    return choice.take === 'error' ? 0 : this.threads.defer(this.kmemLater());
  }

  private *kmemLater(): Sleeps<number> {
    yield* this.threads.waitAWhile();
    return this.kmemNow();
  }

  private kmemNow(): number {
    const kva = this.space.takeMapPage(2);
    if (kva === 0) return 0;
    const frame = this.pages.count + this.space.mapIndex(kva);
    this.space.enter(kva, frame);
    this.memory.zero(this.memory.frameBase + frame * this.pages.pageSize, this.pages.pageSize);
    return kva;
  }

  /** A thing as messages name it. */
  nameOf(channel: Channel): string {
    if (channel instanceof Page) return this.pages.nameOf(channel);
    if (channel instanceof VmObject) return this.objects.nameOf(channel);
    if (channel instanceof Vnode) return `file ${channel.file}`;
    return '';
  }
}
