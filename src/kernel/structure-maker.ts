/**
 * Who makes the kernel's structures. Plain objects by default; a pager that is not in JavaScript needs them in its own memory,
 * and hands in makers whose structures are windows on it. They have the same fields, and `instanceof` holds for them.
 */
import type { Scenario } from '../scenario/scenario.ts';
import type { Transfer } from '../trace/observer.ts';
import type { BlockMap } from './block-map.ts';
import {
  Buf,
  Counters,
  Mount,
  Page,
  PagerList,
  Process,
  VmObject,
  VmPager,
  VnPager,
  Vnode,
} from './structures.ts';

/** Makes structures. Pages, objects, buffers, vnodes, mounts and processes are made once and reused by later runs. */
export interface StructureMaker {
  /** A run is about to begin: pagers of the last one are gone, and what lies in memory may be wiped. */
  reset(scenario: Scenario): void;
  page(frame: number): Page;
  object(id: number): VmObject;
  buf(id: number, window: number, transfer: Transfer): Buf;
  vnode(file: number, blocks: BlockMap): Vnode;
  mount(id: number): Mount;
  process(id: number): Process;
  pager(): VmPager;
  vnPager(): VnPager;
  counters(): Counters;
  pagerList(): PagerList;
}

/** Plain objects. */
export const PLAIN_STRUCTURES: StructureMaker = {
  reset: () => {},
  page: (frame) => new Page(frame),
  object: (id) => new VmObject(id),
  buf: (id, window, transfer) => new Buf(id, window, transfer),
  vnode: (file, blocks) => new Vnode(file, blocks),
  mount: (id) => new Mount(id),
  process: (id) => new Process(id),
  pager: () => new VmPager(),
  vnPager: () => new VnPager(),
  counters: () => new Counters(),
  pagerList: () => new PagerList(),
};
