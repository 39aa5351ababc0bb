/**
 * Makes the windows that stand for the kernel's structures, at their places in the memory of the C code, and writes what C finds
 * there before a run.
 */
import type { StructureMaker } from '../../kernel/structure-maker.ts';
import {
  Buf,
  Counters,
  Mount,
  Page,
  PagerList,
  Ucred,
  VmObject,
  VmPager,
  VnPager,
  Vnode,
} from '../../kernel/structures.ts';
import type { Scenario } from '../../scenario/scenario.ts';
import { LAYOUT } from './layout.ts';
import {
  CBuf,
  CMount,
  CObject,
  CPage,
  CPager,
  CProcess,
  CUcred,
  CVnode,
  CVnPager,
  pagerAt,
  Window,
  type Windows,
} from './structures.ts';

/** Physical address of frame 0, in pages. */
const FIRST_PHYSICAL = 1;

/** Page-out accounting. */
class CCounters extends Window {
  get vVnodein(): number {
    return this.long(LAYOUT.vmmeter.v_vnodein);
  }
  get vVnodepgsin(): number {
    return this.long(LAYOUT.vmmeter.v_vnodepgsin);
  }
  get vVnodeout(): number {
    return this.long(LAYOUT.vmmeter.v_vnodeout);
  }
  get vVnodepgsout(): number {
    return this.long(LAYOUT.vmmeter.v_vnodepgsout);
  }
  /** The memory image is there for that. */
  reset(): void {}
}

/** The tail queue of live pagers, which C keeps. */
class CPagerList extends PagerList {
  private readonly windows: Windows;
  private readonly at: number;

  constructor(windows: Windows, at: number) {
    super();
    this.windows = windows;
    this.at = at;
    Object.defineProperty(this, 'first', {
      get: () => pagerAt(this.windows, this.windows.memory.u32[this.at >> 2]!),
    });
  }
}

// the kernel tells structures apart by their classes
for (const [window, plain] of [
  [CPage, Page],
  [CObject, VmObject],
  [CPager, VmPager],
  [CVnPager, VnPager],
  [CBuf, Buf],
  [CUcred, Ucred],
  [CVnode, Vnode],
  [CMount, Mount],
  [CCounters, Counters],
] as const) {
  const methods = Object.getOwnPropertyDescriptors(Window.prototype);
  const { constructor: _, ...shared } = methods;
  Object.setPrototypeOf(window.prototype, plain.prototype);
  for (const [name, descriptor] of Object.entries(shared))
    Object.defineProperty(window.prototype, name, descriptor);
}

/** Addresses of the module's own variables. */
export interface Variables {
  pageSize: number;
  sectorSize: number;
  allBits: number;
  counters: number;
  pagerList: number;
}

/** Makes windows. `beforeRun` restores the memory. */
export function windowMaker(windows: Windows, variables: Variables, beforeRun: () => void): StructureMaker {
  const { memory, pages, objects, bufs, vnodes, mounts, processes, credentials } = windows;
  const { u32 } = memory;
  return {
    reset({ geometry, threads }: Scenario) {
      beforeRun();
      u32[variables.pageSize >> 2] = geometry.pageSize;
      u32[variables.sectorSize >> 2] = geometry.sectorSize;
      u32[variables.allBits >> 2] = 2 ** (geometry.pageSize / geometry.sectorSize) - 1;
      for (let frame = 0; frame < geometry.frames; frame++)
        u32[(pages.at(frame) + LAYOUT.vm_page.phys_addr) >> 2] = (frame + FIRST_PHYSICAL) * geometry.pageSize;
      for (let i = 0; i <= threads; i++) {
        u32[(processes.at(i) + LAYOUT.proc.p_ucred) >> 2] = credentials.at(i);
        u32[(processes.at(i) + LAYOUT.proc.p_pid) >> 2] = i;
      }
    },
    page: (frame) => (pages.items[frame] = new CPage(windows, pages.at(frame), frame)),
    object: (id) => (objects.items[id] = new CObject(windows, objects.at(id), id)),
    buf: (id, window, transfer) => (bufs.items[id] = new CBuf(windows, bufs.at(id), id, window, transfer)),
    vnode: (file, blocks) =>
      (vnodes.items[file + 1] = new CVnode(windows, vnodes.at(file + 1), file, blocks)),
    mount: (id) => (mounts.items[id] = new CMount(windows, mounts.at(id), id)),
    process: (id) => {
      credentials.items[id] = new CUcred(windows, credentials.at(id), id);
      return (processes.items[id] = new CProcess(windows, processes.at(id), id, credentials.items[id]));
    },
    pager: () => memory.take(LAYOUT.pager.size, new CPager(windows, 0)),
    vnPager: () => memory.take(LAYOUT.vnpager.size, new CVnPager(windows, 0)),
    counters: () => new CCounters(windows, variables.counters),
    pagerList: () => new CPagerList(windows, variables.pagerList),
  };
}
