/** A pager whose functions are those of compiled C code. */
import type { Pager } from '../../kernel/pager.ts';
import type { PagerKernel } from '../../kernel/boundary.ts';
import type { Buf, Mount, Page, Sleeps, VmPager, Vnode } from '../../kernel/structures.ts';
import { Arrays } from './arrays.ts';
import type { CFunction, Machine } from './machine.ts';
import { pagerAt } from './structures.ts';

const at = (thing: object | null): number => (thing === null ? 0 : (thing as { at: number }).at);

/** A pager in C. */
export class CSourcePager implements Pager {
  private readonly machine: Machine;
  private readonly kernel: PagerKernel;
  private readonly functions: Readonly<Record<string, CFunction>>;

  constructor(machine: Machine, kernel: PagerKernel) {
    this.machine = machine;
    this.kernel = kernel;
    machine.kernel = kernel;
    const find = (name: string): CFunction => machine.function(`vnode_pager_${name}`);
    this.functions = {
      init: find('init'),
      alloc: find('alloc'),
      dealloc: find('dealloc'),
      getpage: find('getpage'),
      getmulti: find('getmulti'),
      putpage: find('putpage'),
      putmulti: find('putmulti'),
      haspage: find('haspage'),
      setsize: find('setsize'),
      umount: find('umount'),
      uncache: find('uncache'),
    };
  }

  private call(name: string, a = 0, b = 0, c = 0, d = 0, e = 0): Sleeps<number> {
    return this.machine.call(this.functions[name]!, a, b, c, d, e);
  }

  init(): void {
    this.machine.begin(this.functions['init']!, 0, 0, 0, 0, 0);
  }

  *alloc(handle: Vnode | null, size: number, prot: number, offset: number): Sleeps<VmPager | null> {
    const result = yield* this.call('alloc', at(handle), size | 0, prot, offset | 0);
    return pagerAt(this.machine, result);
  }

  *dealloc(pager: VmPager): Sleeps<void> {
    yield* this.call('dealloc', at(pager));
  }

  *getpage(pager: VmPager | null, m: Page, sync: boolean): Sleeps<number> {
    return yield* this.call('getpage', at(pager), at(m), sync ? 1 : 0);
  }

  *getmulti(pager: VmPager, m: Page[], count: number, reqpage: number, sync: boolean): Sleeps<number> {
    const arrays = new Arrays(this.machine, m, count);
    const result = yield* this.call('getmulti', at(pager), arrays.pages, count, reqpage, sync ? 1 : 0);
    arrays.check();
    return result;
  }

  *putpage(pager: VmPager | null, m: Page | null, sync: boolean): Sleeps<number> {
    return yield* this.call('putpage', at(pager), at(m), sync ? 1 : 0);
  }

  *putmulti(pager: VmPager, m: Page[], count: number, sync: boolean, rtvals: Int32Array): Sleeps<number> {
    const arrays = new Arrays(this.machine, m, count);
    const { pages, statuses } = arrays;
    const result = yield* this.call('putmulti', at(pager), pages, count, sync ? 1 : 0, statuses);
    arrays.check();
    arrays.readStatuses(rtvals);
    return result;
  }

  haspage(pager: VmPager, offset: number): boolean | null {
    const { machine } = this;
    const found = machine.begin(this.functions['haspage']!, at(pager), offset | 0, 0, 0, 0);
    return machine.isAsleep ? this.kernel.defer(this.haspageLater(at(pager), offset | 0)) : found !== 0;
  }

  private *haspageLater(pager: number, offset: number): Sleeps<boolean> {
    return (yield* this.machine.rest(this.functions['haspage']!, pager, offset, 0, 0, 0)) !== 0;
  }

  *setsize(vp: Vnode | null, nsize: number): Sleeps<void> {
    yield* this.call('setsize', at(vp), nsize | 0);
  }

  *umount(mp: Mount | null): Sleeps<void> {
    yield* this.call('umount', at(mp));
  }

  *uncache(vp: Vnode): Sleeps<boolean> {
    return (yield* this.call('uncache', at(vp))) !== 0;
  }

  iodone(bp: Buf): void {
    bp.bIodone?.(bp);
  }
}
