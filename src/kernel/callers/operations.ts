/**
 * What each operation of a scenario does. Operations are total: each means something in every state, and what cannot be done, or
 * would change nothing, is a no-op (design rule 2). Opening or mapping a file before its first use is implicit.
 */
import { EBUSY, ENOMEM, OBJ_DEAD, VTEXT, VVMIO } from '../../trace/codes.ts';
import { STAMP_OPERATION } from '../../scenario/pattern.ts';
import { ALL_FILE_SYSTEMS, type Operation } from '../../scenario/scenario.ts';
import { Uio } from '../file-access.ts';
import type { Kernel } from '../kernel.ts';
import { VmPager, type Mount, type Page, type Sleeps, type VmObject, type Vnode } from '../structures.ts';
import { OTHER_PROCESS } from '../vnodes.ts';
import { NOOP } from './direct.ts';
import { KERN_SUCCESS } from './fault.ts';

/** How often a store faults before it gives up: the page can be taken away each time. */
const STORE_TRIES = 4;

/** Carries operations out. */
export class Operations {
  private readonly kernel: Kernel;
  private readonly requests: Uio[] = [];

  constructor(kernel: Kernel) {
    this.kernel = kernel;
  }

  /**
   * Does one operation, or hands out the generator that does it: the result is an errno-like number, `NOOP` if nothing was done.
   * Operations that cannot sleep cost no generator.
   */
  run(op: Operation): number | Sleeps<number> {
    switch (op.kind) {
      case 'unmount':
      case 'force-unmount':
        return this.unmount(op.other, op.kind === 'force-unmount');
      case 'reclaim':
        return this.reclaim(op.count);
      case 'nullpager':
        return this.nullPager();
      default:
        return this.onFile(this.file(op.file), op);
    }
  }

  private *reclaim(count: number): Sleeps<number> {
    return (yield* this.kernel.pageout.scan(Math.max(1, count))) > 0 ? 0 : NOOP;
  }

  private file(number: number): Vnode {
    return this.kernel.vnodes.files[number % this.kernel.vnodes.count]!;
  }

  private static usable(vp: Vnode): boolean {
    return (
      vp.vMount !== null &&
      !vp.vMount.unmounted &&
      !vp.removed &&
      (vp.linked || vp.opens > 0 || vp.mapped.length > 0)
    );
  }

  private onFile(vp: Vnode, op: Operation): number | Sleeps<number> {
    switch (op.kind) {
      case 'get':
      case 'getpage':
      case 'put':
      case 'putpage':
      case 'haspage':
      case 'fault':
      case 'store': {
        const { mapped } = vp;
        if (mapped.length === 0) return this.onNewMapping(vp, op);
        return this.onMapping(vp, mapped[mapped.length - 1]!, op);
      }
      case 'open':
        return this.open(vp);
      case 'close':
        return this.close(vp);
      case 'map':
        return this.map(vp, op.other === 1);
      case 'unmap':
        return this.unmap(vp);
      case 'alloc':
        return this.allocate(vp);
      case 'uncache':
        return this.uncache(vp, op.other === 1);
      case 'msync':
        return this.msync(vp, op);
      case 'pageout':
        return this.pageout(vp, op);
      case 'drop':
        return this.drop(vp);
      case 'read':
      case 'write':
        return this.whileOpen(vp, op);
      case 'flush':
        return this.kernel.buffers.flushFile(vp) > 0 ? 0 : NOOP;
      case 'truncate':
      case 'extend':
        return this.resize(vp, op);
      case 'unlink':
        return this.unlink(vp);
      case 'rename':
        return this.rename(vp, this.file(op.other));
      case 'recycle':
        return this.recycle(vp);
      case 'lock':
        return this.lock(vp, op.other === 1);
      case 'unlock':
        return this.unlock(vp, op.other === 1);
      default:
        return NOOP;
    }
  }

  private *map(vp: Vnode, asText: boolean): Sleeps<number> {
    if (!Operations.usable(vp)) return NOOP;
    const object = this.obtain(vp) ?? (yield* this.kernel.threads.blocked<VmObject | false>());
    if (object === false) return NOOP;
    vp.mapped.push(object);
    if (asText) vp.vFlag |= VTEXT;
    return 0;
  }

  /** Operations on a mapping of a file that has none yet. */
  private *onNewMapping(vp: Vnode, op: Operation): Sleeps<number> {
    if (!Operations.usable(vp)) return NOOP;
    const object = this.obtain(vp) ?? (yield* this.kernel.threads.blocked<VmObject | false>());
    if (object === false) return NOOP;
    vp.mapped.push(object);
    const result = this.onMapping(vp, object, op);
    return typeof result === 'number' ? result : yield* result;
  }

  private onMapping(vp: Vnode, object: VmObject, op: Operation): number | Sleeps<number> {
    const { kernel } = this;
    const { pages } = kernel;
    switch (op.kind) {
      case 'get':
        return kernel.direct.get(vp, object, op, false);
      case 'getpage':
        return kernel.direct.get(vp, object, op, true);
      case 'put':
        return kernel.direct.put(vp, object, op, false);
      case 'putpage':
        return kernel.direct.put(vp, object, op, true);
      case 'haspage': {
        const offset = op.page * pages.pageSize;
        if (offset > 0xffffffff || object.pager === null) return NOOP;
        // another thread may unmap the file while the pager is asked
        kernel.objects.reference(object);
        const has = kernel.pagerCalls.haspage(object.pager, offset);
        if (has === null) return this.hasLater(object);
        return kernel.objects.deallocate(object) === null ? this.hadLater(has) : has;
      }
      case 'fault': {
        const offset = op.page * pages.pageSize;
        if (offset > 0xffffffff || offset >= object.size) return NOOP;
        const page = pages.lookup(object, offset);
        if (page === null || !page.mapped || pages.isBusy(page)) return this.touch(object, offset);
        page.referenced = true;
        return NOOP;
      }
      default: {
        const inPage = op.offset % pages.pageSize;
        const offset = op.offset - inPage;
        if (offset > 0xffffffff || offset >= object.size) return NOOP;
        const length = Math.min(Math.max(1, op.length), pages.pageSize - inPage);
        const page = pages.lookup(object, offset);
        if (page === null || !this.storeTo(vp, page, op, inPage, length))
          return this.store(vp, object, op, inPage, length);
        return 0;
      }
    }
  }

  private *hasLater(object: VmObject): Sleeps<number> {
    const has = yield* this.kernel.threads.blocked<number>();
    if (this.kernel.objects.deallocate(object) === null) yield* this.kernel.threads.blocked();
    return has;
  }

  private *hadLater(has: number): Sleeps<number> {
    yield* this.kernel.threads.blocked();
    return has;
  }

  /** A read through a mapping of a page that is not there. */
  private *touch(object: VmObject, offset: number): Sleeps<number> {
    this.kernel.objects.reference(object);
    const result = yield* this.kernel.fault.run(object, offset, false);
    if (this.kernel.objects.deallocate(object) === null) yield* this.kernel.threads.blocked();
    return result;
  }

  /** A write through a mapping of a page that is not there, or not writable. */
  private *store(vp: Vnode, object: VmObject, op: Operation, inPage: number, length: number): Sleeps<number> {
    const { kernel } = this;
    const offset = op.offset - inPage;
    let result = NOOP;
    kernel.objects.reference(object);
    for (let tries = 0; tries < STORE_TRIES; tries++) {
      if (offset >= object.size || vp.mapped.length === 0) break;
      const page = kernel.pages.lookup(object, offset);
      if (page !== null && this.storeTo(vp, page, op, inPage, length)) {
        result = 0;
        break;
      }
      const fault = yield* kernel.fault.run(object, offset, true);
      if (fault !== KERN_SUCCESS) {
        result = fault;
        break;
      }
    }
    if (kernel.objects.deallocate(object) === null) yield* kernel.threads.blocked();
    return result;
  }

  /** The processor's store: false if it would fault. */
  private storeTo(vp: Vnode, page: Page, op: Operation, inPage: number, length: number): boolean {
    const { observer, threads, pages, memory } = this.kernel;
    if (!page.mapped || !page.writable || pages.isBusy(page)) return false;
    const stamp = STAMP_OPERATION + op.id;
    memory.stamp(stamp, op.offset, pages.addressOf(page) + inPage, length);
    page.modified = true;
    page.referenced = true;
    if (observer !== null)
      observer.stored(threads.current!.id, vp.file, page.frame, op.offset, length, stamp);
    return true;
  }

  /** The object that the pager gives for a file, with one reference for the caller; false if none, null when blocked. */
  private obtain(vp: Vnode): VmObject | false | null {
    const { kernel } = this;
    kernel.vnodes.reference(vp);
    const pager = kernel.pagerCalls.alloc(vp, vp.size);
    if (pager !== null && !(pager instanceof VmPager))
      return kernel.threads.defer(this.obtainLater(vp, pager));
    return this.obtained(vp, pager);
  }

  private *obtainLater(vp: Vnode, making: Sleeps<VmPager | null>): Sleeps<VmObject | false> {
    return this.obtained(vp, yield* making) ?? (yield* this.kernel.threads.blocked<VmObject | false>());
  }

  /** The pager has answered: the lookup's own reference goes, alloc's stays with the caller. */
  private obtained(vp: Vnode, pager: VmPager | null): VmObject | false | null {
    const { objects, threads } = this.kernel;
    const object = pager === null ? null : objects.lookup(pager);
    if (object !== null && objects.deallocate(object) === null)
      return threads.defer(this.obtainedLater(vp, object));
    return this.letGoOf(vp, object);
  }

  private *obtainedLater(vp: Vnode, object: VmObject): Sleeps<VmObject | false> {
    const { threads } = this.kernel;
    yield* threads.blocked();
    return this.letGoOf(vp, object) ?? (yield* threads.blocked<VmObject | false>());
  }

  private letGoOf(vp: Vnode, object: VmObject | null): VmObject | false | null {
    const { vnodes, threads } = this.kernel;
    const lives = object !== null && object.alive && (object.flags & OBJ_DEAD) === 0;
    const result = lives ? object : false;
    return vnodes.release(vp) === null ? threads.defer(this.letGoLater(result)) : result;
  }

  private *letGoLater(result: VmObject | false): Sleeps<VmObject | false> {
    yield* this.kernel.threads.blocked();
    return result;
  }

  private unmap(vp: Vnode): number | Sleeps<number> {
    const object = vp.mapped.pop();
    if (object === undefined) return NOOP;
    if (vp.mapped.length === 0) this.removeMappings(object);
    return this.kernel.objects.deallocate(object) ?? this.kernel.threads.blocked<0>();
  }

  private removeMappings(object: VmObject): void {
    const { pages } = this.kernel;
    for (let page = object.firstPage; page !== null; page = page.listNext) if (page.mapped) pages.unmap(page);
  }

  private *open(vp: Vnode): Sleeps<number> {
    if (!Operations.usable(vp) || !vp.linked) return NOOP;
    const { kernel } = this;
    kernel.vnodes.reference(vp);
    if (kernel.fileSystems.of(vp).sharedBuffers) {
      const object = this.obtain(vp) ?? (yield* this.kernel.threads.blocked<VmObject | false>());
      if (object === false) {
        // without it the file would be written past pages that are resident, and shared again by the next open
        if (kernel.vnodes.release(vp) === null) yield* kernel.threads.blocked();
        return ENOMEM;
      }
      vp.opened.push(object);
      vp.vFlag |= VVMIO;
    }
    vp.opens++;
    return 0;
  }

  private *close(vp: Vnode): Sleeps<number> {
    if (vp.opens === 0) return NOOP;
    const { kernel } = this;
    vp.opens--;
    const object = vp.opened.pop();
    if (object !== undefined && kernel.objects.deallocate(object) === null) yield* kernel.threads.blocked();
    if (kernel.vnodes.release(vp) === null) yield* kernel.threads.blocked();
    return 0;
  }

  private *allocate(vp: Vnode): Sleeps<number> {
    if (!Operations.usable(vp)) return NOOP;
    const object = this.obtain(vp) ?? (yield* this.kernel.threads.blocked<VmObject | false>());
    if (object === false) return 0;
    if (this.kernel.objects.deallocate(object) === null) yield* this.kernel.threads.blocked();
    return 0;
  }

  private *uncache(vp: Vnode, lock: boolean): Sleeps<number> {
    const { kernel } = this;
    if (vp.vVmdata === null || vp.vUsecount === 0) return NOOP;
    const locked = lock ? (this.lockFile(vp) ?? (yield* kernel.threads.blocked<boolean>())) : false;
    if (vp.vUsecount > 0 && kernel.pagerCalls.uncache(vp) === null) yield* kernel.threads.blocked();
    if (locked) kernel.resizing.unlock(vp);
    return 0;
  }

  private *msync(vp: Vnode, op: Operation): Sleeps<number> {
    const object = vp.mapped.at(-1);
    if (object === undefined) return NOOP;
    const { kernel } = this;
    const { pageSize } = kernel.pages;
    kernel.objects.reference(object);
    const start = op.page * pageSize;
    const offered = yield* kernel.objects.clean(object, start, start + Math.max(1, op.count) * pageSize);
    if (kernel.objects.deallocate(object) === null) yield* kernel.threads.blocked();
    return offered > 0 ? 0 : NOOP;
  }

  private *pageout(vp: Vnode, op: Operation): Sleeps<number> {
    const { kernel } = this;
    const object = vp.vVmdata;
    const offset = op.page * kernel.pages.pageSize;
    const page = object === null || offset > 0xffffffff ? null : kernel.pages.lookup(object, offset);
    if (object === null || page === null || (object.flags & OBJ_DEAD) !== 0) return NOOP;
    if (kernel.pages.isBusy(page) || page.wireCount > 0) return NOOP;
    kernel.pages.testDirty(page);
    if ((page.valid & page.dirty) === 0) return NOOP;
    kernel.pages.deactivate(page);
    return (yield* kernel.pageout.clean(page, false, null)) > 0 ? 0 : NOOP;
  }

  private *drop(vp: Vnode): Sleeps<number> {
    const object = vp.vVmdata;
    if (object === null || !object.cached) return NOOP;
    yield* this.kernel.objects.giveUp(object);
    return 0;
  }

  private request(): Uio {
    const uio = (this.requests[this.kernel.threads.current!.id] ??= new Uio());
    uio.stamp = -1;
    uio.scratch = -1;
    return uio;
  }

  /** read(2) and write(2): the file stays open meanwhile, whoever closes it. */
  private *whileOpen(vp: Vnode, op: Operation): Sleeps<number> {
    const { kernel } = this;
    if (!Operations.usable(vp) || (vp.opens === 0 && (yield* this.open(vp)) !== 0)) return NOOP;
    const object = vp.opened.at(-1);
    kernel.vnodes.reference(vp);
    if (object !== undefined) kernel.objects.reference(object);
    const result = op.kind === 'read' ? yield* this.read(vp, op) : yield* this.write(vp, op);
    if (object !== undefined && kernel.objects.deallocate(object) === null) yield* kernel.threads.blocked();
    if (kernel.vnodes.release(vp) === null) yield* kernel.threads.blocked();
    return result;
  }

  private *read(vp: Vnode, op: Operation): Sleeps<number> {
    const { kernel } = this;
    if (op.offset >= vp.size) return NOOP;
    const locked = this.lockFile(vp) ?? (yield* kernel.threads.blocked<boolean>());
    const uio = this.request();
    uio.uioOffset = op.offset;
    const length = Math.min(Math.max(1, op.length), kernel.memory.scratchSize);
    uio.uioResid = kernel.fileAccess.requestEnd(op.offset, op.offset + length) - op.offset;
    // every thread has a scratch area of its own
    const start = kernel.threads.current!.id * kernel.memory.scratchSize;
    uio.scratch = start;
    const error = kernel.fileAccess.read(vp, uio) ?? (yield* kernel.threads.blocked<number>());
    const done = uio.uioOffset - op.offset;
    const { observer, threads } = kernel;
    if (error === 0 && done > 0 && observer !== null) {
      observer.delivered(threads.current!.id, vp.file, op.offset, done, kernel.memory.scratchBase + start);
    }
    if (locked) kernel.resizing.unlock(vp);
    return error;
  }

  private *write(vp: Vnode, op: Operation): Sleeps<number> {
    const { kernel } = this;
    const locked = this.lockFile(vp) ?? (yield* kernel.threads.blocked<boolean>());
    const length = Math.min(Math.max(1, op.length), kernel.memory.scratchSize);
    const error = yield* kernel.resizing.write(vp, op.offset, length, STAMP_OPERATION + op.id);
    if (locked) kernel.resizing.unlock(vp);
    return error;
  }

  private *resize(vp: Vnode, op: Operation): Sleeps<number> {
    const { kernel } = this;
    if (!Operations.usable(vp)) return NOOP;
    kernel.vnodes.reference(vp);
    const locked = this.lockFile(vp) ?? (yield* kernel.threads.blocked<boolean>());
    let result = NOOP;
    if (vp.vMount !== null) {
      if (op.kind === 'truncate' && op.length < vp.size) {
        yield* kernel.resizing.shrink(vp, op.length);
        result = 0;
      } else if (op.kind === 'extend' && op.length > vp.size) {
        result = yield* kernel.resizing.grow(vp, op.length);
      } else if (op.length === vp.size) {
        yield* kernel.resizing.keep(vp);
      }
    }
    if (locked) kernel.resizing.unlock(vp);
    if (kernel.vnodes.release(vp) === null) yield* kernel.threads.blocked();
    return result;
  }

  private *unlink(vp: Vnode): Sleeps<number> {
    if (!Operations.usable(vp) || !vp.linked) return NOOP;
    const { kernel } = this;
    kernel.vnodes.reference(vp);
    const locked = this.lockFile(vp) ?? (yield* kernel.threads.blocked<boolean>());
    if (kernel.pagerCalls.uncache(vp) === null) yield* kernel.threads.blocked();
    vp.linked = false;
    if (locked) kernel.resizing.unlock(vp);
    if (kernel.vnodes.release(vp) === null) yield* kernel.threads.blocked();
    return 0;
  }

  private *rename(vp: Vnode, over: Vnode): Sleeps<number> {
    if (vp === over || !Operations.usable(vp) || !vp.linked || vp.fileSystem !== over.fileSystem) return NOOP;
    return yield* this.unlink(over);
  }

  private *unmount(number: number, force: boolean): Sleeps<number> {
    const { kernel } = this;
    if (number === ALL_FILE_SYSTEMS) return yield* this.unmountAll();
    const mount = kernel.fileSystems.mounts[number % kernel.fileSystems.total]!;
    if (mount.unmounted) return NOOP;
    yield* kernel.pagerCalls.umount(mount);
    return this.detach(mount, force);
  }

  /** Shutdown: the pager gives up every object, then goes each file system that nobody uses. */
  private *unmountAll(): Sleeps<number> {
    const { mounts, total } = this.kernel.fileSystems;
    let result = NOOP;
    for (let i = 0; i < total; i++) if (!mounts[i]!.unmounted) result = 0;
    if (result === NOOP) return NOOP;
    yield* this.kernel.pagerCalls.umount(null);
    for (let i = 0; i < total; i++)
      if (!mounts[i]!.unmounted && this.detach(mounts[i]!, false) !== 0) result = EBUSY;
    return result;
  }

  /** The file system goes, unless it is in use and not forced to. */
  private detach(mount: Mount, force: boolean): number {
    const { vnodes } = this.kernel;
    for (let i = 0; i < vnodes.count; i++) {
      const vp = vnodes.files[i]!;
      if (vp.vMount === mount && vp.vUsecount > 0 && !force) return EBUSY;
    }
    mount.unmounted = true;
    for (let i = 0; i < vnodes.count; i++) {
      const vp = vnodes.files[i]!;
      if (vp.vMount === mount) vnodes.disconnect(vp);
    }
    return 0;
  }

  private recycle(vp: Vnode): number {
    if (vp.vMount === null || vp.removed) return NOOP;
    this.kernel.vnodes.disconnect(vp);
    return 0;
  }

  /**
   * `Resizing.lock` for an operation. A process that has locked another file in an operation of its own, and would wait now, lets
   * go of that first: who holds one vnode waits for no other, or two processes would wait for each other.
   */
  private lockFile(vp: Vnode): boolean | null {
    const { vnodes, threads, resizing } = this.kernel;
    if (vnodes.isLocked(vp) && !vnodes.heldBy(vp, threads.current)) this.leave();
    return resizing.lock(vp);
  }

  private *lock(vp: Vnode, other: boolean): Sleeps<number> {
    const { kernel } = this;
    if (kernel.fileSystems.of(vp).blockMap === 'network') return NOOP;
    if (other) {
      if (vp.lockOwner !== -1) return NOOP;
      vp.lockOwner = OTHER_PROCESS;
      return 0;
    }
    return (this.lockFile(vp) ?? (yield* kernel.threads.blocked<boolean>())) ? 0 : NOOP;
  }

  private unlock(vp: Vnode, other: boolean): number {
    const { vnodes, threads } = this.kernel;
    if (other ? vp.lockOwner !== OTHER_PROCESS : !vnodes.heldBy(vp, threads.current)) return NOOP;
    vnodes.unlock(vp);
    return 0;
  }

  /** Null handles and pagers, which every entry must bear (13.2 Q1, 13.5, 13.7, 13.9 Q1). */
  private *nullPager(): Sleeps<number> {
    const { kernel } = this;
    const { pagerCalls } = kernel;
    const pager = pagerCalls.alloc(null, 0);
    if (pager !== null && !(pager instanceof VmPager)) yield* pager;
    yield* pagerCalls.getpage(null, kernel.pages.frames[0]!);
    yield* pagerCalls.putpage(null, null);
    if (pagerCalls.setsize(null, 0) === null) yield* kernel.threads.blocked();
    return 0;
  }

  /** The running thread lets go of the locks it holds: its last act, and before it waits for another one. */
  leave(): void {
    const { vnodes, threads } = this.kernel;
    for (let i = 0; i < vnodes.count; i++) {
      const vp = vnodes.files[i]!;
      if (vnodes.heldBy(vp, threads.current)) vnodes.unlock(vp);
    }
  }

  /** After the last operation: unmaps, closes and gives up everything, so that all data goes where it belongs. */
  *settle(): Sleeps<void> {
    const { kernel } = this;
    const { vnodes, objects, buffers } = kernel;
    for (let i = 0; i < vnodes.count; i++) {
      const vp = vnodes.files[i]!;
      if (vp.lockOwner === OTHER_PROCESS) vnodes.unlock(vp);
      while (vp.mapped.length > 0) {
        const unmapping = this.unmap(vp);
        if (typeof unmapping !== 'number') yield* unmapping;
      }
      while (vp.opens > 0) yield* this.close(vp);
    }
    while (objects.cached.length > 0) yield* objects.giveUp(objects.cached[0]!);
    for (let i = 0; i < vnodes.count; i++) buffers.releaseFile(vnodes.files[i]!);
  }
}
