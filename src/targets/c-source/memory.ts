/**
 * The memory of the C code: its own data, a stack for each process, room for what sleeps, an arena for each kind of structure,
 * and a heap whose cells are never used twice in a run, so that what was freed stays recognisable.
 */
import { BOUNDS } from '../../scenario/scenario.ts';
import { KernelStop, trap } from '../../kernel/trap.ts';
import { LAYOUT } from './layout.ts';

/** Kernel addresses as C sees them begin here; no memory is behind them, so that following one is a fault. */
export const KERNEL_BASE = 0xc0000000;
/** Bytes of a stack. */
export const STACK_BYTES = 32 * 1024;
/** Bytes that the frames of one sleeping call may need. */
export const SLEEP_BYTES = 8 * 1024;
/** Calls that may sleep at one time, all processes together. */
const SLEEPS_MAX = 128;
/** One stack for each process and the page-out daemon, and one for interrupts. */
const STACKS = BOUNDS.threads[1] + 2;
/** Heap cells are all of one size; larger things take several. */
const CELL_BYTES = 64;
/** Things that a thread may have from malloc. */
const CELLS = 1 << 17;
/** Garbage in new things and in freed ones: no address. */
const GARBAGE = 0xff;

/** What lies before and behind the arrays that C is given: no address, and odd, so that following it is a fault at once. */
export const OUTSIDE = 0xbad0bad1;

/** Arenas and how many structures each can hold. */
const ARENAS = [
  ['page', LAYOUT.vm_page.size, BOUNDS.frames[1]],
  ['object', LAYOUT.vm_object.size, 1 << 16],
  ['buf', LAYOUT.buf.size, BOUNDS.pbufs[1]],
  ['vnode', LAYOUT.vnode.size, BOUNDS.files[1] + 1],
  ['mount', LAYOUT.mount.size, BOUNDS.fileSystems[1]],
  ['proc', LAYOUT.proc.size, BOUNDS.threads[1] + 1],
  ['ucred', 4, BOUNDS.threads[1] + 1],
] as const;

type ArenaName = (typeof ARENAS)[number][0];

/** Room for structures of one kind, by number. */
export class Arena<T> {
  readonly base: number;
  readonly size: number;
  readonly capacity: number;
  readonly items: T[] = [];
  private readonly name: string;

  constructor(name: string, base: number, size: number, capacity: number) {
    this.name = name;
    this.base = base;
    this.size = size;
    this.capacity = capacity;
  }

  /** Address of a structure. */
  at(index: number): number {
    if (index >= this.capacity) throw new KernelStop('bound', `more than ${this.capacity} of ${this.name}`);
    return this.base + index * this.size;
  }

  /** The structure at that address, null if there is none. */
  find(address: number): T | null {
    if (address === 0) return null;
    const index = ((address >>> 0) - this.base) / this.size;
    return this.items[index] ?? null;
  }

  /** The structure that C gave to a function. */
  get(address: number): T {
    const found = this.find(address);
    if (found === null) trap(`${what(address)} is no ${this.name}`);
    return found;
  }
}

/** An address in messages. */
export const shownAddress = (address: number): string =>
  `0x${(address >>> 0).toString(16)}${address >>> 0 === OUTSIDE ? ' (read outside of an array that was passed)' : ''}`;

const what = (address: number): string => (address === 0 ? 'a null pointer' : shownAddress(address));

/** Memory and its parts. */
export class CMemory {
  readonly u8: Uint8Array;
  readonly u16: Uint16Array;
  readonly i32: Int32Array;
  readonly u32: Uint32Array;
  private readonly arenas = new Map<ArenaName, Arena<unknown>>();
  private readonly heapBase: number;
  private readonly heapEnd: number;
  private heapNext: number;
  /** Things by cell. */
  private readonly things: unknown[] = [];
  private readonly stacks: number;
  private readonly sleeps: number;
  private readonly sleepsFree: number[] = [];
  /** How many were ever taken at one time in this run. */
  private sleepsUsed = 0;
  /** The module's data as it is before a run. */
  private readonly dataFrom: number;
  private image: Uint8Array;

  constructor(buffer: ArrayBuffer, dataFrom: number, dataEnd: number) {
    this.u8 = new Uint8Array(buffer);
    this.u16 = new Uint16Array(buffer);
    this.i32 = new Int32Array(buffer);
    this.u32 = new Uint32Array(buffer);
    this.dataFrom = dataFrom;
    this.image = this.u8.slice(dataFrom, dataEnd);
    let at = (dataEnd + 15) & ~15;
    const take = (bytes: number): number => {
      const from = at;
      at = (at + bytes + 15) & ~15;
      return from;
    };
    this.stacks = take(STACKS * STACK_BYTES);
    this.sleeps = take(SLEEPS_MAX * SLEEP_BYTES);
    for (const [name, size, capacity] of ARENAS)
      this.arenas.set(name, new Arena(name, take(size * capacity), size, capacity));
    this.heapBase = take(0);
    this.heapNext = this.heapBase;
    this.heapEnd = this.heapBase + CELLS * CELL_BYTES;
    if (this.heapEnd > this.u8.length) throw new Error('the memory of C code is too small for its parts');
  }

  /** The arena of a kind of structure. */
  arena<T>(name: ArenaName): Arena<T> {
    return this.arenas.get(name) as Arena<T>;
  }

  /**
   * Everything that was used as before the first run, also what C reads by mistake; what is in `kept` (address, length) stays.
   * `stacks` is how many were used.
   */
  reset(kept: readonly [number, number], stacks: number): void {
    const [address, length] = kept;
    const reached = this.u8.slice(address, address + length);
    this.u8.set(this.image, this.dataFrom);
    this.u8.set(reached, address);
    for (const { base, size, items } of this.arenas.values())
      this.u8.fill(0, base, base + size * items.length);
    this.u8.fill(0, this.stacks, this.stacks + stacks * STACK_BYTES);
    this.u8.fill(0, this.sleeps, this.sleeps + this.sleepsUsed * SLEEP_BYTES);
    this.u8.fill(0, this.heapBase, this.heapNext);
    this.heapNext = this.heapBase;
    this.things.length = 0;
    this.sleepsFree.length = 0;
    this.sleepsUsed = 0;
    for (let i = SLEEPS_MAX - 1; i >= 0; i--) this.sleepsFree.push(i);
  }

  /** Top of the stack of a process; -1 is the one of interrupts. */
  stackTop(process: number): number {
    return this.stacks + (process + 2) * STACK_BYTES;
  }

  /** Room for the frames of a call that sleeps. */
  takeSleep(): number {
    const free = this.sleepsFree.pop();
    if (free === undefined) throw new KernelStop('bound', `more than ${SLEEPS_MAX} calls sleep`);
    this.sleepsUsed = Math.max(this.sleepsUsed, free + 1);
    return this.sleeps + free * SLEEP_BYTES;
  }

  returnSleep(address: number): void {
    this.sleepsFree.push((address - this.sleeps) / SLEEP_BYTES);
  }

  /** Room on the heap, filled with garbage; `thing` is what will be found there. */
  take<T extends { at: number }>(bytes: number, thing: T): T {
    const cells = Math.ceil(bytes / CELL_BYTES);
    const address = this.heapNext;
    this.heapNext += cells * CELL_BYTES;
    if (this.heapNext > this.heapEnd) throw new KernelStop('bound', 'more memory than malloc has');
    this.u8.fill(GARBAGE, address, this.heapNext);
    this.things[(address - this.heapBase) / CELL_BYTES] = thing;
    thing.at = address;
    return thing;
  }

  /** What was allocated at that address, null if nothing was. */
  thingAt(address: number): unknown {
    if (address === 0) return null;
    return this.things[((address >>> 0) - this.heapBase) / CELL_BYTES] ?? null;
  }

  /** Garbage over a thing that was freed. */
  spoil(address: number, bytes: number): void {
    this.u8.fill(GARBAGE, address, address + bytes);
  }

  /** A string of C. */
  text(address: number): string {
    let end = address >>> 0;
    while (end < this.u8.length && this.u8[end] !== 0) end++;
    return Buffer.from(this.u8.subarray(address >>> 0, end)).toString('latin1');
  }
}

/** A kernel address for C; 0 stays 0. */
export function toC(kva: number): number {
  return kva === 0 ? 0 : kva + KERNEL_BASE;
}

/** A kernel address from C; what is none stays as it is. */
export function fromC(address: number): number {
  const unsigned = address >>> 0;
  return unsigned >= KERNEL_BASE ? unsigned - KERNEL_BASE : unsigned;
}
