/**
 * One processor, processes that keep it until they sleep, and interrupts (kernel-notes 2). Choice points are who runs next, when
 * finished transfers interrupt, and in which order they finish; the plain run takes the lowest number, interrupts only when
 * nothing can run, and finishes in order. What finishes (a disk transfer) is the business of the handler that it is given.
 */
import type { ChannelKind } from '../trace/codes.ts';
import type { Kernel } from './kernel.ts';
import {
  Buf,
  Flight,
  Marker,
  Page,
  Process,
  VmObject,
  VmPager,
  Vnode,
  type Channel,
  type Sleeps,
} from './structures.ts';
import { KernelStop, trap } from './trap.ts';

/** Interrupt masks: nothing masked, disk masked, everything masked. */
export const SPL0 = 0;
export const SPLBIO = 1;
export const SPLHIGH = 2;

/** Calls of a pager into the kernel within one operation, after which it is held to loop. */
const STEPS_MAX = 200_000;

/** Pages, objects and so on as a trace names them. */
export function channelKind(channel: Channel, waitsForOutput: boolean): ChannelKind {
  if (channel instanceof Page) return 'page';
  if (channel instanceof Buf) return 'buf';
  if (channel instanceof VmObject) return 'object';
  if (channel instanceof Vnode) return waitsForOutput ? 'output' : 'vnode';
  if (channel instanceof VmPager) return 'pager';
  if (channel instanceof Marker) return channel.kind;
  return 'call';
}

/** Number of the thing slept on, within its kind. */
export function channelId(channel: Channel): number {
  if (channel instanceof Page) return channel.frame;
  if (channel instanceof Buf || channel instanceof VmObject || channel instanceof Process) return channel.id;
  if (channel instanceof Vnode) return channel.file;
  return 0;
}

/** The scheduler. */
export class Threads {
  readonly processes: Process[] = [];
  /** `curproc`: the running process; in a handler whoever was interrupted, null when idle. */
  current: Process | null = null;
  /** Current interrupt mask (`cpl`). */
  mask = SPL0;
  /** Depth of interrupt handlers. */
  interruptLevel = 0;
  private attentive = false;
  /** Calls into the kernel since the operation began; a bound against endless loops. */
  steps = 0;
  /** As long as there are no more steps than this, a call into the kernel is nothing else: see `watchedStep`. */
  quietSteps = STEPS_MAX;
  private count = 0;
  /** The first `flying` are under way. */
  private readonly flights: Flight[] = [];
  private flying = 0;
  private sequence = 0;
  private readonly waiting = new Marker('call');
  private readonly kernel: Kernel;

  constructor(kernel: Kernel) {
    this.kernel = kernel;
  }

  /** `count` processes and the page-out daemon, nothing in flight. */
  reset(count: number): void {
    this.count = count + 1;
    while (this.processes.length < this.count)
      this.processes.push(this.kernel.make.process(this.processes.length));
    for (let i = 0; i < this.count; i++) {
      const process = this.processes[i]!;
      process.state = 'done';
      process.channel = null;
      process.mask = SPL0;
      process.permanent = false;
      process.body = null;
      if (process.continuations.length > 0) process.continuations.length = 0;
      process.operation = null;
      process.address = -1;
      process.successor = -1;
      process.flight.flying = false;
      process.pUcred.crRef = 1;
    }
    for (let i = 0; i < this.flying; i++) this.flights[i]!.flying = false;
    this.flying = 0;
    this.sequence = 0;
    this.current = null;
    this.mask = SPL0;
    this.interruptLevel = 0;
    this.attend(false);
    this.steps = 0;
  }

  /** Number of threads, the daemon (the last) included. */
  get total(): number {
    return this.count;
  }

  /** Transfers and waits under way. */
  get inFlight(): number {
    return this.flying;
  }

  /** Starts a process. */
  start(process: Process, body: Iterator<void, void, void>): void {
    process.body = body;
    process.state = 'runnable';
    process.mask = SPL0;
  }

  /**
   * What a call returns that really has to sleep: null, with the rest of the call kept for `blocked`. A caller writes
   * `call() ?? (yield* blocked())`, so that a call that does not sleep costs a plain call. A call made of calls defers in turn:
   * its rest begins by going on with the inner one.
   */
  defer(rest: Generator<void, unknown, void>): null {
    const { current } = this;
    if (current === null) trap('a call that sleeps, without a process');
    current.continuations.push(rest);
    return null;
  }

  /** Goes on with the call that returned null. */
  blocked<T>(): Sleeps<T> {
    const rest = this.current!.continuations.pop();
    if (rest === undefined) trap('waiting for a call that did not block');
    return rest as Sleeps<T>;
  }

  /**
   * `tsleep`: gives up the processor until `wakeup` of that address. Returns 0, or null when another process must run first
   * (see `defer`). While nobody else can run, interrupts are taken here and no process is switched.
   */
  tsleep(channel: Channel): 0 | null {
    const current = this.current;
    if (current === null || this.interruptLevel > 0) trap('tsleep at interrupt level');
    this.fallAsleep(current, channel);
    if (this.count > 2 || this.processes[this.count - 1]!.state === 'runnable') {
      if (this.otherRunnable(current)) return this.defer(this.sleepOn());
    }
    while (this.flying > 0) {
      this.idleOnce();
      if (this.otherRunnable(current)) return this.defer(this.sleepOn());
      // wakeup made it runnable
      if (current.state === 'runnable') {
        this.resumed(current, channel);
        return 0;
      }
    }
    return this.defer(this.sleepOn());
  }

  private fallAsleep(current: Process, channel: Channel): void {
    const { observer } = this.kernel;
    if (observer !== null) {
      observer.sleep(current.id, channelKind(channel, current.waitsForOutput), channelId(channel));
    }
    current.state = 'sleeping';
    current.channel = channel;
    current.mask = this.mask;
    const choice = this.kernel.exceptions.at(current, 'run', 0);
    current.successor = choice === null ? -1 : choice.amount;
    this.mask = SPL0;
  }

  /**
   * A `tsleep` that ends before what is waited for has happened, because a channel is an address that is used for several
   * conditions (kernel-notes 2.3): whoever sleeps tests again. Others may run first; nothing that is under way ends.
   */
  sleepInVain(channel: Channel): null {
    const current = this.current;
    if (current === null || this.interruptLevel > 0) trap('tsleep at interrupt level');
    this.fallAsleep(current, channel);
    current.state = 'runnable';
    return this.defer(this.sleepOn());
  }

  private *sleepOn(): Sleeps<0> {
    const current = this.current!;
    const channel = current.channel!;
    yield;
    this.resumed(current, channel);
    return 0;
  }

  private resumed(current: Process, channel: Channel): void {
    current.channel = null;
    this.mask = current.mask;
    const { observer } = this.kernel;
    if (observer !== null) {
      observer.resume(current.id, channelKind(channel, current.waitsForOutput), channelId(channel));
    }
  }

  private otherRunnable(current: Process): boolean {
    for (let i = 0; i < this.count; i++) {
      const process = this.processes[i]!;
      if (process !== current && process.state === 'runnable') return true;
    }
    return false;
  }

  /** `wakeup`: every process that sleeps on exactly that address becomes runnable. */
  wakeup(channel: Channel): void {
    let any = false;
    for (let i = 0; i < this.count; i++) {
      const process = this.processes[i]!;
      if (process.channel === channel && process.state === 'sleeping') {
        process.state = 'runnable';
        any = true;
      }
    }
    const { observer } = this.kernel;
    if (any && observer !== null) observer.wakeup(channelKind(channel, false), channelId(channel));
  }

  /** Whether anybody sleeps there. */
  sleepsOn(channel: Channel): boolean {
    for (let i = 0; i < this.count; i++) {
      const process = this.processes[i]!;
      if (process.channel === channel && process.state === 'sleeping') return true;
    }
    return false;
  }

  /** Something goes under way; `delay` others that start later may overtake it. */
  launch(flight: Flight, delay: number): void {
    if (flight.flying) trap('a buffer is started while it is in flight');
    flight.flying = true;
    flight.sequence = this.sequence++;
    flight.due = flight.sequence + delay;
    this.flights[this.flying++] = flight;
  }

  /** The next thing under way happens. False if nothing is under way. */
  private finishNext(): boolean {
    const { flights } = this;
    if (this.flying === 0) return false;
    let next = 0;
    for (let i = 1; i < this.flying; i++) {
      const a = flights[i]!;
      const b = flights[next]!;
      if (a.due < b.due || (a.due === b.due && a.sequence < b.sequence)) next = i;
    }
    const flight = flights[next]!;
    this.flying--;
    for (let i = next; i < this.flying; i++) flights[i] = flights[i + 1]!;
    flight.flying = false;
    if (flight.buf !== null) this.interrupt(flight.buf);
    else flight.process!.state = 'runnable';
    return true;
  }

  private interrupt(buf: Buf): void {
    const saved = this.mask;
    this.interruptLevel++;
    this.mask = SPLBIO;
    this.kernel.disk.finish(buf);
    this.interruptLevel--;
    this.mask = saved;
    const { observer } = this.kernel;
    if (observer !== null) observer.interruptEnd(buf.transfer);
  }

  /** The processor idles until something happens. */
  private idleOnce(): boolean {
    if (this.flying === 0) return false;
    const running = this.current;
    this.current = null;
    this.mask = SPL0;
    const { observer } = this.kernel;
    if (observer !== null) observer.idle();
    const any = this.finishNext();
    this.current = running;
    return any;
  }

  /** Whether the running operation wants to be asked about interrupts at calls. */
  attend(attentive: boolean): void {
    this.attentive = attentive;
    this.quietSteps = attentive || this.kernel.calls !== null ? 0 : STEPS_MAX;
  }

  /** A call into the kernel, or splx: the moment for finished transfers to interrupt, if the schedule says so. */
  private opportunity(): void {
    if (this.mask !== SPL0 || this.interruptLevel > 0 || this.flying === 0) return;
    const choice = this.kernel.exceptions.at(this.current, 'interrupt', 0);
    if (choice === null) return;
    for (let i = Math.max(1, choice.amount); i > 0 && this.flying > 0; i--) this.finishNext();
  }

  /** The running process waits for something that happens by itself (a network answer, memory); others may run. */
  *waitAWhile(): Sleeps<0> {
    const current = this.current!;
    this.launch(current.flight, 0);
    const { observer } = this.kernel;
    if (observer !== null) observer.sleep(current.id, 'call', 0);
    current.state = 'sleeping';
    current.channel = this.waiting;
    current.mask = this.mask;
    current.successor = this.kernel.exceptions.at(current, 'run', 0)?.amount ?? -1;
    this.mask = SPL0;
    yield;
    current.channel = null;
    this.mask = current.mask;
    if (observer !== null) observer.resume(current.id, 'call', 0);
    return 0;
  }

  /** The running process is about to stop here: it stays runnable and lets `thread` go first. */
  standAside(thread: number): void {
    const current = this.current!;
    current.mask = this.mask;
    current.successor = thread;
  }

  /** Who runs next: the one that the last wished for, else the lowest number; null if nobody can. */
  private choose(last: Process | null): Process | null {
    if (last !== null && last.successor >= 0) {
      const wished = this.processes[last.successor % this.count]!;
      last.successor = -1;
      if (wished.state === 'runnable') return wished;
    }
    for (let i = 0; i < this.count; i++)
      if (this.processes[i]!.state === 'runnable') return this.processes[i]!;
    return null;
  }

  /** Runs until every process is done or asleep for ever by design, and nothing is in flight. */
  run(): void {
    let last: Process | null = null;
    for (;;) {
      const process = this.choose(last);
      if (process === null) {
        if (this.idleOnce()) continue;
        if (this.kernel.vnodes.otherProcessUnlocks()) continue;
        const stuck = this.processes
          .slice(0, this.count)
          .filter((p) => p.state === 'sleeping' && !p.permanent);
        if (stuck.length === 0) return;
        throw new KernelStop('deadlock', stuck.map((p) => this.describe(p)).join('; '));
      }
      this.current = process;
      this.mask = process.mask;
      this.attend(this.kernel.exceptions.has(process.address, 'interrupt'));
      if (process.body!.next().done === true) process.state = 'done';
      process.mask = process.state === 'done' ? SPL0 : process.mask;
      this.current = null;
      last = process;
    }
  }

  private describe(process: Process): string {
    const { channel } = process;
    const name = process.id === this.count - 1 ? 'the page-out daemon' : `thread ${process.id}`;
    if (channel === null) return `${name} waits`;
    const kind = channelKind(channel, process.waitsForOutput);
    const thing = this.kernel.nameOf(channel);
    // some names begin with what they are
    const what = thing.startsWith(`${kind} `) ? [thing] : [kind, thing];
    return `${name} waits for ${what.filter((word) => word !== '').join(' ')}`;
  }

  /** Raises the mask; returns what it was. */
  raise(to: number): number {
    const old = this.mask;
    if (to > old) this.mask = to;
    return old;
  }

  /** `splx`: sets the mask; what became deliverable may interrupt before it returns. */
  restore(mask: number): void {
    this.mask = mask;
    if (this.attentive) this.opportunity();
  }

  /** A step that is more than a count: interrupts may come at it, or endless loops that call the kernel end here. */
  watchedStep(): void {
    if (this.steps > STEPS_MAX)
      throw new KernelStop('bound', `${STEPS_MAX} calls into the kernel within one operation`);
    if (this.attentive) this.opportunity();
  }
}
