/**
 * What monitors have in common that charge what is taken, given and counted to the thread that did it: whoever runs is charged,
 * and told to look before another does. What is looked at is theirs.
 */
import { THREADS_MAX } from '../model/calls.ts';
import { Watcher } from './watcher.ts';

/** Calls of one thread within each other that are told apart. */
export const DEPTH_MAX = 16;

/** A monitor that knows who runs. */
export abstract class ThreadWatcher extends Watcher {
  /** The thread that is charged. */
  protected current = 0;

  protected override reset(): void {
    this.current = 0;
  }

  /** Another thread goes on: as long as nobody else runs there is nothing to be told apart. */
  protected switchTo(thread: number): void {
    if (thread === this.current || !this.isThread(thread)) return;
    this.leave(this.current);
    this.current = thread;
    this.enter(thread);
  }

  /** Whether there can be a thread of that number. */
  protected isThread(thread: number): boolean {
    return thread >= 0 && thread < THREADS_MAX;
  }

  /** The thread gives way: what happened until now is of its doing. */
  protected abstract leave(thread: number): void;

  /** The thread goes on: what it finds is not of its doing. */
  protected enter(_thread: number): void {}

  operationBegin(thread: number): void {
    this.switchTo(thread);
  }

  resume(thread: number): void {
    this.switchTo(thread);
  }
}
