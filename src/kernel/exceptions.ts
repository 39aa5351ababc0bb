/**
 * The schedule and faults of a scenario, ready to be asked: at a choice point the running thread's operation either has an
 * exception for it or the plain run goes on. Asking costs one comparison where the operation has none.
 */
import type { Choice, Exception, Scenario } from '../scenario/scenario.ts';
import type { Process } from './structures.ts';

/** Exceptions of one operation, with the counters of the choices met so far. */
class OperationExceptions {
  readonly entries: Exception[] = [];
  private readonly met = new Map<string, number>();

  start(): void {
    this.met.clear();
  }

  find(thread: number, choice: Choice, subject: number): Exception | null {
    const key = `${thread} ${choice} ${subject}`;
    const ordinal = this.met.get(key) ?? 0;
    this.met.set(key, ordinal + 1);
    for (const entry of this.entries) {
      if (
        entry.ordinal === ordinal &&
        entry.choice === choice &&
        entry.subject === subject &&
        entry.thread === thread
      ) {
        return entry;
      }
    }
    return null;
  }
}

/** Answers choice points. */
export class Exceptions {
  private readonly byOperation = new Map<number, OperationExceptions>();

  /** Takes over the exceptions of a scenario. */
  reset(scenario: Scenario): void {
    if (this.byOperation.size > 0) this.byOperation.clear();
    for (const exception of scenario.schedule) this.add(exception);
    for (const exception of scenario.faults) this.add(exception);
  }

  private add(exception: Exception): void {
    let of = this.byOperation.get(exception.operation);
    if (of === undefined) this.byOperation.set(exception.operation, (of = new OperationExceptions()));
    of.entries.push(exception);
  }

  /** An operation begins, or the settlement (0): its ordinals count from 0. */
  start(operation: number): void {
    if (this.byOperation.size > 0) this.byOperation.get(operation)?.start();
  }

  /** The departure from the plain run at this choice point, or null. A choice about no file has subject 0. */
  at(process: Process | null, choice: Choice, subject: number): Exception | null {
    if (this.byOperation.size === 0 || process === null) return null;
    return this.byOperation.get(process.address)?.find(process.id, choice, subject) ?? null;
  }

  /** Whether the operation has any exception of that choice. */
  has(operation: number, choice: Choice): boolean {
    if (this.byOperation.size === 0) return false;
    return this.byOperation.get(operation)?.entries.some((entry) => entry.choice === choice) ?? false;
  }
}
