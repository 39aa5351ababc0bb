/**
 * The schedule and faults of a scenario, ready to be asked: at a choice point the running thread's operation either has an
 * exception for it or the plain run goes on. Asking costs a few comparisons; only choices that an exception is about are counted.
 */
import type { Choice, Exception, Scenario } from '../scenario/scenario.ts';
import type { Observer } from '../trace/observer.ts';
import type { Process } from './structures.ts';

/** All exceptions of one operation at one kind of choice point, with how often the thread has met it. */
class ChoicePoint {
  readonly thread: number;
  readonly choice: Choice;
  readonly subject: number;
  readonly entries: Exception[] = [];
  met = 0;

  constructor({ thread, choice, subject }: Exception) {
    this.thread = thread;
    this.choice = choice;
    this.subject = subject;
  }

  is(thread: number, choice: Choice, subject: number): boolean {
    return this.choice === choice && this.subject === subject && this.thread === thread;
  }

  meet(): Exception | null {
    const ordinal = this.met++;
    for (const entry of this.entries) if (entry.ordinal === ordinal) return entry;
    return null;
  }
}

/** Exceptions of an operation; none for most. */
type Points = readonly ChoicePoint[];

const NO_POINTS: Points = [];

/** Answers choice points. */
export class Exceptions {
  /** Told of each departure, if anybody watches. */
  observer: Observer | null = null;
  private readonly byOperation = new Map<number, ChoicePoint[]>();
  /** The operation that was asked about last, and its exceptions: most questions are about it. */
  private last = -1;
  private points = NO_POINTS;

  /** Takes over the exceptions of a scenario. */
  reset(scenario: Scenario): void {
    if (this.byOperation.size > 0) this.byOperation.clear();
    this.last = -1;
    this.points = NO_POINTS;
    for (const exception of scenario.schedule) this.add(exception);
    for (const exception of scenario.faults) this.add(exception);
  }

  private add(exception: Exception): void {
    const { operation, thread, choice, subject } = exception;
    let points = this.byOperation.get(operation);
    if (points === undefined) this.byOperation.set(operation, (points = []));
    let point = points.find((one) => one.is(thread, choice, subject));
    if (point === undefined) points.push((point = new ChoicePoint(exception)));
    point.entries.push(exception);
  }

  private of(operation: number): Points {
    if (operation !== this.last) {
      this.last = operation;
      this.points = (this.byOperation.size > 0 ? this.byOperation.get(operation) : undefined) ?? NO_POINTS;
    }
    return this.points;
  }

  /** An operation begins, or the settlement (0): its ordinals count from 0. */
  start(operation: number): void {
    for (const point of this.of(operation)) point.met = 0;
  }

  /** The departure from the plain run at this choice point, or null. A choice about no file has subject 0. */
  at(process: Process | null, choice: Choice, subject: number): Exception | null {
    if (process === null) return null;
    const points = this.of(process.address);
    for (let i = 0; i < points.length; i++) {
      const point = points[i]!;
      if (!point.is(process.id, choice, subject)) continue;
      const met = point.meet();
      if (met !== null) this.observer?.departure(process.id, choice, met.take);
      return met;
    }
    return null;
  }

  /** Whether the operation has any exception of that choice. */
  has(operation: number, choice: Choice): boolean {
    for (const point of this.of(operation)) if (point.choice === choice) return true;
    return false;
  }
}
