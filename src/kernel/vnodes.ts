/**
 * Vnodes: references, holds, locks that record their owner, attributes, forced disconnection (kernel-notes 9). The vnode of the
 * disk is one of them. What a vnode's last reference sets off (truncation of an unlinked file) is started here.
 */
import { EIO, VBLK, VREG } from '../trace/codes.ts';
import type { Scenario } from '../scenario/scenario.ts';
import { BlockMap } from './block-map.ts';
import type { Kernel } from './kernel.ts';
import type { Process, Sleeps, Vnode } from './structures.ts';
import { panic, trap } from './trap.ts';

/** `lockOwner` of a vnode that a process outside the scenario has locked. */
export const OTHER_PROCESS = -2;

/** A 64-bit size, as VOP_GETATTR delivers it. */
export interface Attributes {
  vaSize: number;
}

/** All vnodes of the machine. */
export class Vnodes {
  /** One per file of the scenario. */
  readonly files: Vnode[] = [];
  readonly disk: Vnode;
  count = 0;
  private diagnostic = false;
  private readonly kernel: Kernel;

  constructor(kernel: Kernel) {
    this.kernel = kernel;
    this.disk = kernel.make.vnode(-1, new BlockMap());
  }

  reset(scenario: Scenario): void {
    this.count = scenario.files.length;
    this.diagnostic = scenario.options.diagnostic;
    this.disk.vType = VBLK;
    this.disk.vUsecount = 1;
    this.disk.vHoldcnt = 0;
    this.disk.vNumoutput = 0;
    this.disk.vFlag = 0;
    for (let file = 0; file < this.count; file++) {
      const vp = (this.files[file] ??= this.kernel.make.vnode(file, new BlockMap()));
      vp.vType = VREG;
      vp.vFlag = 0;
      vp.vUsecount = 0;
      vp.vHoldcnt = 0;
      vp.vNumoutput = 0;
      vp.vVmdata = null;
      vp.lockOwner = -1;
      vp.resizer = -1;
      vp.fileSystem = scenario.files[file]!.fileSystem;
      vp.vMount = this.kernel.fileSystems.mounts[vp.fileSystem] ?? null;
      vp.size = scenario.files[file]!.size;
      vp.linked = true;
      vp.removed = false;
      vp.opens = 0;
      if (vp.mapped.length > 0) vp.mapped.length = 0;
      if (vp.opened.length > 0) vp.opened.length = 0;
    }
  }

  /** `VREF`. */
  reference(vp: Vnode): void {
    vp.vUsecount++;
  }

  /** `vrele`: the last reference may remove an unlinked file, which sleeps. 0, or null when blocked. */
  release(vp: Vnode): 0 | null {
    const { kernel } = this;
    if (kernel.exceptions.at(kernel.threads.current, 'inactive', Math.max(0, vp.file)) !== null) {
      return kernel.threads.defer(this.releaseAfterAWhile(vp));
    }
    return this.drop(vp);
  }

  private *releaseAfterAWhile(vp: Vnode): Sleeps<0> {
    yield* this.kernel.threads.waitAWhile();
    return this.drop(vp) ?? (yield* this.kernel.threads.blocked<0>());
  }

  private drop(vp: Vnode): 0 | null {
    if (--vp.vUsecount < 0) panic('vrele: v_usecount is below zero');
    if (vp.vUsecount > 0 || vp.linked || vp.removed) return 0;
    return this.kernel.threads.defer(this.kernel.resizing.inactive(vp));
  }

  /** `HOLDRELE`. Without the diagnostic option the count may go below zero. */
  releaseHold(vp: Vnode): void {
    vp.vHoldcnt--;
    if (this.diagnostic && vp.vHoldcnt < 0) panic('holdrele: v_holdcnt is below zero');
  }

  /** `VOP_ISLOCKED`: whether anybody holds the lock; network file systems never say so. */
  isLocked(vp: Vnode): boolean {
    return vp.lockOwner !== -1 && this.kernel.fileSystems.of(vp).blockMap !== 'network';
  }

  /** Whether the process holds the lock. */
  heldBy(vp: Vnode, process: Process | null): boolean {
    return process !== null && vp.lockOwner === process.id;
  }

  /** `VOP_LOCK`: sleeps until the lock is free. 0, or null when blocked. */
  lock(vp: Vnode): 0 | null {
    if (this.kernel.fileSystems.of(vp).blockMap === 'network') return 0;
    const { current } = this.kernel.threads;
    if (current === null) trap('VOP_LOCK without a process');
    if (vp.lockOwner === current.id) panic(`VOP_LOCK: file ${vp.file} is locked by the caller already`);
    if (vp.lockOwner === -1) {
      vp.lockOwner = current.id;
      return 0;
    }
    return this.kernel.threads.defer(this.lockSlowly(vp, current));
  }

  private *lockSlowly(vp: Vnode, process: Process): Sleeps<0> {
    const { threads } = this.kernel;
    while (vp.lockOwner !== -1) if (threads.tsleep(vp) === null) yield* threads.blocked();
    vp.lockOwner = process.id;
    return 0;
  }

  /** `VOP_UNLOCK`, by whomever. */
  unlock(vp: Vnode): void {
    if (this.kernel.fileSystems.of(vp).blockMap === 'network') return;
    if (vp.lockOwner === -1) {
      if (this.diagnostic) panic(`VOP_UNLOCK: file ${vp.file} is not locked`);
      return;
    }
    vp.lockOwner = -1;
    this.kernel.threads.wakeup(vp);
  }

  /** Nothing can go on: a process outside the scenario that holds a lock somebody waits for lets go of it. */
  otherProcessUnlocks(): boolean {
    for (let i = 0; i < this.count; i++) {
      const vp = this.files[i]!;
      if (vp.lockOwner === OTHER_PROCESS && this.kernel.threads.sleepsOn(vp)) {
        this.unlock(vp);
        return true;
      }
    }
    return false;
  }

  /** `VOP_GETATTR`: an errno, or null when it sleeps. */
  getAttributes(vp: Vnode, into: Attributes): number | null {
    const { kernel } = this;
    const choice = kernel.exceptions.at(kernel.threads.current, 'getattr', vp.file);
    if (choice === null) return this.attributes(vp, into);
    if (choice.take === 'error') return EIO;
    if (choice.take === 'resize')
      return kernel.threads.defer(this.attributesOfServer(vp, into, choice.amount));
    return kernel.threads.defer(this.attributesAfterAWhile(vp, into));
  }

  /** The server has made the file longer or shorter: the pager is told before anybody has the attributes. */
  private *attributesOfServer(vp: Vnode, into: Attributes, size: number): Sleeps<number> {
    yield* this.kernel.resizing.follow(vp, size);
    return this.attributes(vp, into);
  }

  private *attributesAfterAWhile(vp: Vnode, into: Attributes): Sleeps<number> {
    yield* this.kernel.threads.waitAWhile();
    return this.attributes(vp, into);
  }

  private attributes(vp: Vnode, into: Attributes): number {
    if (vp.vMount === null) return EIO;
    into.vaSize = vp.size;
    return 0;
  }

  /** `VOP_UPDATE`: an errno, or null when it sleeps. The inode is not on the disk. */
  update(vp: Vnode): number | null {
    const { kernel } = this;
    const choice = kernel.exceptions.at(kernel.threads.current, 'update', vp.file);
    if (choice === null) return vp.vMount === null ? EIO : 0;
    return choice.take === 'error' ? EIO : kernel.threads.defer(this.updateAfterAWhile());
  }

  private *updateAfterAWhile(): Sleeps<number> {
    yield* this.kernel.threads.waitAWhile();
    return 0;
  }

  /** `vgone`: buffers are flushed, then the vnode is dead; a pager survives on it. */
  disconnect(vp: Vnode): void {
    if (vp.vMount === null) return;
    this.kernel.buffers.flushFile(vp);
    this.kernel.buffers.discardFrom(vp, 0);
    vp.vMount = null;
    const { observer } = this.kernel;
    if (observer !== null) observer.disconnected(vp.file);
  }
}
