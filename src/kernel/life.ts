/**
 * The life of a process: its operations, one after the other. The scheduler steps through it as through a generator; that it is
 * none saves every operation a delegation, and every sleeper a level to wake up through.
 */
import type { Operation } from '../scenario/scenario.ts';
import { NOOP } from './callers/direct.ts';
import type { Kernel } from './kernel.ts';
import type { Process, Sleeps } from './structures.ts';

const ASLEEP: IteratorResult<void, void> = { done: false, value: undefined };
const DONE: IteratorResult<void, void> = { done: true, value: undefined };

/** What a process does in a run. */
export class Life implements Iterator<void, void, void> {
  /** Operations done, and how many of them did nothing. */
  operations = 0;
  noops = 0;
  private readonly kernel: Kernel;
  private readonly process: Process;
  private readonly list: readonly Operation[];
  private at = 0;
  /** The running operation, and what is left of it once it has slept. */
  private operation: Operation | null = null;
  private rest: Sleeps<number> | null = null;

  /** Of `list` those operations that name the process as their thread. */
  constructor(kernel: Kernel, process: Process, list: readonly Operation[]) {
    this.kernel = kernel;
    this.process = process;
    this.list = list;
  }

  /** Goes on until the process sleeps, or has no operation left. */
  next(): IteratorResult<void, void> {
    for (;;) {
      if (this.operation === null) {
        if (!this.take()) return DONE;
        const first = this.kernel.exceptions.at(this.process, 'run', 0);
        if (first !== null) {
          this.kernel.threads.standAside(first.amount);
          return ASLEEP;
        }
      }
      const op = this.operation!;
      const doing = this.rest ?? this.begin(op);
      if (typeof doing === 'number') {
        this.end(op, doing);
      } else {
        const step = doing.next();
        this.rest = doing;
        if (step.done !== true) return ASLEEP;
        this.rest = null;
        this.end(op, step.value);
      }
    }
  }

  /** The next operation; false if there is none, and then the process lets go of its locks. */
  private take(): boolean {
    const { kernel, process, list } = this;
    while (this.at < list.length && list[this.at]!.thread !== process.id) this.at++;
    if (this.at === list.length) {
      process.operation = null;
      process.address = -1;
      kernel.threads.attend(false);
      kernel.actions.leave();
      return false;
    }
    const op = list[this.at++]!;
    this.operation = op;
    process.operation = op;
    process.address = op.id;
    process.memoryWaits = 0;
    kernel.threads.steps = 0;
    kernel.exceptions.start(op.id);
    return true;
  }

  private begin(op: Operation): number | Sleeps<number> {
    const { kernel, process } = this;
    kernel.threads.attend(kernel.exceptions.has(op.id, 'interrupt'));
    if (kernel.observer !== null) kernel.observer.operationBegin(process.id, op);
    return kernel.actions.run(op);
  }

  private end(op: Operation, result: number): void {
    const { observer } = this.kernel;
    const noop = result === NOOP;
    this.operation = null;
    this.operations++;
    if (noop) this.noops++;
    if (observer !== null) observer.operationEnd(this.process.id, op, noop, noop ? 0 : result);
  }
}
