/**
 * One instance of compiled C code. A process runs on a stack of its own; a call that really sleeps unwinds the C frames (by
 * binaryen's asyncify) back to the generator that entered C, which waits and then lets the frames be rebuilt. Faults of the
 * code, of whatever kind, end the run as traps do.
 */
import type { PagerKernel } from '../../kernel/boundary.ts';
import type { Buf, Sleeps } from '../../kernel/structures.ts';
import { KernelStop, trap } from '../../kernel/trap.ts';
import { ARRAY_BYTES } from './arrays.ts';
import type { Compiled } from './compile.ts';
import type { Variables } from './maker.ts';
import { SLEEP_BYTES, STACK_BYTES, CMemory, type Arena } from './memory.ts';
import { makeImports } from './imports.ts';
import { wasm, type WasmGlobal, type WasmTable } from './wasm.ts';
import type { CBuf, CMount, CObject, CPage, CProcess, CUcred, CVnode, Windows } from './structures.ts';

/** What asyncify does at the moment. */
const NORMAL = 0;
const UNWINDING = 1;
const REWINDING = 2;

/** Steps of control flow in C between two entries, after which it is held to loop. */
const STEPS_MAX = 20_000_000;

/** A function of the C code; all parameters and results are 32 bits wide, those that it does not have are ignored. */
export type CFunction = (a: number, b: number, c: number, d: number, e: number) => number;

interface Exports extends Record<string, unknown> {
  memory: { readonly buffer: ArrayBuffer };
  __stack_pointer: WasmGlobal;
  __indirect_function_table: WasmTable;
  __set_stack_limits(top: number, end: number): void;
  asyncify_start_unwind(area: number): void;
  asyncify_stop_unwind(): void;
  asyncify_start_rewind(area: number): void;
  asyncify_stop_rewind(): void;
  asyncify_get_state(): number;
}

/** An instance. */
export class Machine implements Windows {
  readonly memory: CMemory;
  readonly pages: Arena<CPage>;
  readonly objects: Arena<CObject>;
  readonly bufs: Arena<CBuf>;
  readonly vnodes: Arena<CVnode>;
  readonly mounts: Arena<CMount>;
  readonly processes: Arena<CProcess>;
  readonly credentials: Arena<CUcred>;
  readonly variables: Variables;
  private readonly compiled: Compiled;
  private readonly exports: Exports;
  private readonly stackPointer: WasmGlobal;
  private readonly callbacks: ((bp: Buf) => void)[] = [];
  private readonly lineAt: number;
  /** Like `line`, for the completion routine that was left last. */
  completionLine = 0;
  /** How many completion routines have run. */
  completions = 0;
  private readonly stepsAt: number;
  private readonly curprocAt: number;
  private readonly reachedAt: number;
  private readonly reachedLength: number;
  private boundary: PagerKernel | null = null;

  private state = NORMAL;
  /** By process plus one: where the next entry's frames begin, which is below those that sleep. */
  private readonly tops: number[] = [];
  private limit = 0;
  private interrupts = 0;
  private area = 0;
  private convert: (result: never) => number = Number;
  private result = 0;

  constructor(compiled: Compiled) {
    this.compiled = compiled;
    const module = new wasm.Module(compiled.wasm);
    const instance = new wasm.Instance(module, { kernel: makeImports(this) });
    this.exports = instance.exports as Exports;
    const address = (name: string): number => (this.exports[name] as WasmGlobal).value as number;
    this.stackPointer = this.exports.__stack_pointer;
    this.lineAt = address('pc_line');
    this.stepsAt = address('pc_steps');
    this.curprocAt = address('curproc');
    this.variables = {
      pageSize: address('pc_page_size'),
      sectorSize: address('pc_sector_size'),
      allBits: address('pc_all_bits'),
      counters: address('cnt'),
      pagerList: address('vnode_pager_list'),
    };
    // data begins behind the linker's stack, which is not used
    this.memory = new CMemory(this.exports.memory.buffer, 65536, address('__heap_base'));
    this.reachedAt = this.memory.u32[address('pc_reached') >> 2]!;
    this.reachedLength = this.memory.u32[address('pc_reached_end') >> 2]! - this.reachedAt;
    this.pages = this.memory.arena('page');
    this.objects = this.memory.arena('object');
    this.bufs = this.memory.arena('buf');
    this.vnodes = this.memory.arena('vnode');
    this.mounts = this.memory.arena('mount');
    this.processes = this.memory.arena('proc');
    this.credentials = this.memory.arena('ucred');
  }

  /** The kernel that the code calls. */
  get kernel(): PagerKernel {
    return this.boundary!;
  }
  set kernel(boundary: PagerKernel) {
    this.boundary = boundary;
  }

  /** A function by its C name. */
  function(name: string): CFunction {
    return this.exports[name] as CFunction;
  }

  /** Line of the last call into the kernel, by the function that runs or was left last; 0 if it has made none yet. */
  get line(): number {
    return this.memory.i32[this.lineAt >> 2]!;
  }

  /** Also set by a check of undefined behaviour, which is further than the last call into the kernel. */
  set line(line: number) {
    this.memory.i32[this.lineAt >> 2] = line;
  }

  /** `file:line` of the last call into the kernel, or of the undefined behaviour that ended the run. */
  get place(): string {
    return `${this.compiled.name}:${this.line}`;
  }

  /** Where it is, behind a word for what happened there. */
  get whereabouts(): string {
    return this.line === 0 ? 'before the first call into the kernel' : `after ${this.place}`;
  }

  /** What ends a run that takes too many steps. */
  loops(): KernelStop {
    return new KernelStop('bound', `the code loops, ${this.whereabouts}`);
  }

  /** Whether each step of control flow was executed since the instance was made, by its word: not 0 if so. */
  get reached(): Uint32Array {
    return this.memory.u32.subarray(this.reachedAt >> 2, (this.reachedAt + this.reachedLength) >> 2);
  }

  /** A new run: memory as at first, nobody inside. */
  reset(): void {
    const { exports } = this;
    if (exports.asyncify_get_state() === UNWINDING) exports.asyncify_stop_unwind();
    if (exports.asyncify_get_state() === REWINDING) exports.asyncify_stop_rewind();
    this.state = NORMAL;
    this.interrupts = 0;
    // the first is that of interrupts
    this.memory.reset([this.reachedAt, this.reachedLength], Math.max(1, this.tops.length));
    this.tops.length = 0;
  }

  private topOf(process: number): number {
    return (this.tops[process + 1] ??= this.memory.stackTop(process));
  }

  private get currentProcess(): number {
    return this.boundary!.curproc?.id ?? -1;
  }

  /** Where the arrays are that a call passes: on the stack in front of its frames. */
  argumentArea(): number {
    return this.topOf(this.currentProcess) - ARRAY_BYTES;
  }

  private enter(process: number, sp: number): void {
    this.stackPointer.value = sp;
    this.setLimit(this.memory.stackTop(process));
    const { i32 } = this.memory;
    i32[this.stepsAt >> 2] = STEPS_MAX;
    i32[this.curprocAt >> 2] = process < 0 ? 0 : this.processes.at(process);
  }

  private setLimit(top: number): void {
    this.limit = top;
    this.exports.__set_stack_limits(top, top - STACK_BYTES);
  }

  /**
   * Calls a C function for the running process. If it sleeps, `isAsleep` is true afterwards, and the caller goes on with
   * `rest`.
   */
  begin(fn: CFunction, a: number, b: number, c: number, d: number, e: number): number {
    const process = this.currentProcess;
    this.enter(process, this.topOf(process) - ARRAY_BYTES);
    this.line = 0;
    return this.invoke(fn, a, b, c, d, e);
  }

  get isAsleep(): boolean {
    return this.state === UNWINDING;
  }

  /** Calls a C function. */
  *call(fn: CFunction, a: number, b: number, c: number, d: number, e: number): Sleeps<number> {
    const result = this.begin(fn, a, b, c, d, e);
    return this.state === NORMAL ? result : yield* this.rest(fn, a, b, c, d, e);
  }

  /** The rest of a call that sleeps. */
  *rest(fn: CFunction, a: number, b: number, c: number, d: number, e: number): Sleeps<number> {
    const process = this.currentProcess;
    const top = this.topOf(process);
    const { exports } = this;
    for (;;) {
      exports.asyncify_stop_unwind();
      this.state = NORMAL;
      const { area, convert, line } = this;
      const sp = this.stackPointer.value as number;
      this.tops[process + 1] = sp & ~15;
      const value = yield* this.boundary!.blocked<never>();
      this.tops[process + 1] = top;
      this.enter(process, sp);
      this.line = line;
      this.result = convert(value);
      this.area = area;
      this.state = REWINDING;
      exports.asyncify_start_rewind(area);
      const result = this.invoke(fn, a, b, c, d, e);
      if (!this.isAsleep) return result;
    }
  }

  /** Whether a kernel function is entered again to go on after a sleep. */
  get isResuming(): boolean {
    return this.state === REWINDING;
  }

  /** The result of a kernel function that slept. */
  resume(): number {
    this.exports.asyncify_stop_rewind();
    this.state = NORMAL;
    this.memory.returnSleep(this.area);
    return this.result;
  }

  /** A kernel function has blocked; `convert` makes its result one for C. */
  sleep<T>(convert: (result: T) => number): number {
    if (this.interrupts > 0) trap(`${this.place}: a call that sleeps, at interrupt level`);
    const area = this.memory.takeSleep();
    this.memory.i32[area >> 2] = area + 8;
    this.memory.i32[(area >> 2) + 1] = area + SLEEP_BYTES;
    this.area = area;
    this.convert = convert;
    this.state = UNWINDING;
    this.exports.asyncify_start_unwind(area);
    return 0;
  }

  callback(index: number): (bp: Buf) => void {
    return (this.callbacks[index] ??= (bp) => this.interrupt(index, (bp as unknown as CBuf).at));
  }

  /** Calls a completion routine, on the stack of interrupts, whatever runs at the moment. */
  private interrupt(index: number, bp: number): void {
    const table = this.exports.__indirect_function_table;
    const fn = index < table.length ? (table.get(index) as CFunction | null) : null;
    if (fn === null) trap(`b_iodone is 0x${index.toString(16)}, which is no function`);
    const { limit, line } = this;
    const sp = this.stackPointer.value as number;
    const { i32 } = this.memory;
    const curproc = i32[this.curprocAt >> 2]!;
    this.interrupts++;
    this.enter(-1, this.memory.stackTop(-1) - ARRAY_BYTES);
    const { curproc: running } = this.boundary!;
    i32[this.curprocAt >> 2] = running === null ? 0 : this.processes.at(running.id);
    this.line = 0;
    this.invoke(fn, bp, 0, 0, 0, 0);
    this.interrupts--;
    i32[this.curprocAt >> 2] = curproc;
    this.completionLine = this.line;
    this.completions++;
    this.line = line;
    this.stackPointer.value = sp;
    if (limit !== 0) this.setLimit(limit);
  }

  private invoke(fn: CFunction, a: number, b: number, c: number, d: number, e: number): number {
    try {
      return fn(a, b, c, d, e);
    } catch (thrown) {
      if (thrown instanceof wasm.RuntimeError) {
        const said = thrown.message === 'unreachable' ? 'stack overflow' : thrown.message;
        throw new KernelStop('trap', `${said}, ${this.whereabouts}`);
      }
      if (thrown instanceof RangeError && thrown.message.includes('call stack')) {
        throw new KernelStop('trap', `stack overflow, ${this.whereabouts}`);
      }
      throw thrown;
    }
  }
}
