/**
 * Claims of paging in progress: the count that keeps an object alive.
 *
 * Verified: an object's count equals the claims that kernel code took and did not give back, plus one for each asynchronous
 * transfer under way; it never passes below zero; an object is freed only when it is zero. Between the claim for an asynchronous
 * transfer and its start the count may be one ahead.
 *
 * Not verified: that whoever waits for zero is woken (no-deadlock), and claims that are taken and given back between two looks.
 */
import type { PagerCall } from '../src/trace/observer.ts';
import type { Property } from './property.ts';
import { Watcher } from './watcher.ts';

const EQUAL = 'paging-in-progress';
const NEGATIVE = 'paging-in-progress-below-zero';
const FREED = 'object-freed-unclaimed';

/** From here on the unsigned 16-bit count has passed below zero. */
const WRAPPED = 0x8000;

class PagingInProgress extends Watcher {
  pagerReturn(call: PagerCall): void {
    const { claims } = this.model;
    if (call.function === 'haspage') return;
    if (call.function === 'iodone') {
      const object = claims.completedObject;
      if (object >= 0 && claims.objectBirth(object) !== 0)
        this.judge(object, 'after the completion of an asynchronous transfer');
    } else if (call.object >= 0 && claims.objectBirth(call.object) !== 0) {
      this.judge(call.object, `when ${call.function} returned`);
    }
  }

  sleep(thread: number): void {
    const frame = this.model.calls.top(thread);
    if (frame === null) return;
    const { object } = frame.call!;
    if (object >= 0 && this.model.claims.objectBirth(object) !== 0) this.judge(object, 'when a thread slept');
  }

  idle(): void {
    const { objects } = this.model.claims;
    for (let i = 0; i < objects.length; i++) this.judge(objects[i]!, 'when nothing could run');
  }

  objectFreed(object: number): void {
    const count = this.view.objectPagingInProgress(object);
    if (count === 0) return;
    this.report(FREED, () => ({
      what: `object ${object} was freed with claims of paging in progress`,
      expected: '0',
      observed: `${count}`,
    }));
  }

  private judge(object: number, when: string): void {
    const { claims } = this.model;
    const count = this.view.objectPagingInProgress(object);
    const outstanding = claims.outstanding(object);
    if (count === outstanding) return;
    if (count >= WRAPPED) {
      this.report(NEGATIVE, () => ({
        what: `the count of ${this.objectName(object)} has passed below zero ${when}`,
        expected: `${outstanding}`,
        observed: `${count}`,
      }));
    } else if (count > outstanding && count <= outstanding + claims.readers(object)) {
      return;
    }
    this.report(EQUAL, () => ({
      what: `the count of ${this.objectName(object)} is not that of its outstanding claims ${when}`,
      expected: `${outstanding}`,
      observed: `${count}`,
    }));
  }
}

const monitor = (): PagingInProgress => new PagingInProgress();

/** Properties of `paging_in_progress`. */
export const PAGING_IN_PROGRESS: readonly Property[] = [
  {
    id: EQUAL,
    kind: 'always',
    statement: 'paging_in_progress equals the outstanding claims, and is zero when nothing is in progress.',
    source: 'G4, 5.4, 13.4 Q7 (923), 13.6 Q5',
    observes:
      'the object of a pager call when it returns or sleeps, of an asynchronous transfer when it completed, all when idle',
    doesNotVerify:
      'a claim too many while a get of the object has not returned; wakeups at zero (last-claim-wakes)',
    monitor,
  },
  {
    id: NEGATIVE,
    kind: 'always',
    statement: 'paging_in_progress never passes below zero.',
    source: 'G4, 5.1',
    observes: 'the unsigned 16-bit count, where paging-in-progress looks',
    doesNotVerify: 'a count too small that is still positive (paging-in-progress)',
    monitor,
  },
  {
    id: FREED,
    kind: 'always',
    statement: 'An object is freed only when nobody claims paging in progress.',
    source: '5.3, 13.3 Q1-Q2 (221-229)',
    observes: 'objects when they are freed',
    doesNotVerify: 'use after the free (no-trap)',
    monitor,
  },
];
