/**
 * The arrays that a call passes to C, in front of its frames: pages, and statuses of a put. The compiler does not know how long
 * they are, so words before and behind hold what is no address, the same in every run, and are looked at when the call returns.
 */
import type { Page } from '../../kernel/structures.ts';
import { trap } from '../../kernel/trap.ts';
import { RTVAL_UNSET } from '../../trace/codes.ts';
import { RUN_MAX } from '../../trace/observer.ts';
import type { Machine } from './machine.ts';
import { OUTSIDE } from './memory.ts';

/** Words before and behind each array. */
const MARGIN = 4;
/** Where the arrays begin, in words. */
const PAGES = MARGIN;
const STATUSES = PAGES + RUN_MAX + 2 * MARGIN;
const WORDS = STATUSES + RUN_MAX + MARGIN;

/** Bytes that the arrays of a call take. */
export const ARRAY_BYTES = 4 * WORDS;

/** As a word of the memory, which is signed. */
const WORD_OUTSIDE = OUTSIDE | 0;

/** The arrays of one call. */
export class Arrays {
  /** Addresses of the first page and the first status. */
  readonly pages: number;
  readonly statuses: number;
  private readonly machine: Machine;
  private readonly count: number;

  /** Passes pages, and room for the status of each. */
  constructor(machine: Machine, m: readonly Page[], count: number) {
    const { i32 } = machine.memory;
    const area = machine.argumentArea();
    const from = area >> 2;
    i32.fill(WORD_OUTSIDE, from, from + WORDS);
    for (let i = 0; i < count; i++) {
      i32[from + PAGES + i] = (m[i] as unknown as { at: number }).at;
      i32[from + STATUSES + i] = RTVAL_UNSET;
    }
    this.machine = machine;
    this.count = count;
    this.pages = area + 4 * PAGES;
    this.statuses = area + 4 * STATUSES;
  }

  /** Looks whether C wrote outside, which ends the run. */
  check(): void {
    this.checkOne('m', this.pages);
    this.checkOne('rtvals', this.statuses);
  }

  private checkOne(name: string, address: number): void {
    const { machine, count } = this;
    const { i32 } = machine.memory;
    const first = address >> 2;
    for (let i = -MARGIN; i < RUN_MAX + MARGIN; i++) {
      if (i === 0) i = count;
      if (i32[first + i] === WORD_OUTSIDE) continue;
      trap(
        `${name}[${i}] was written, outside of the ${count} that were passed; noticed ${machine.whereabouts}`,
      );
    }
  }

  /** The statuses that C wrote. */
  readStatuses(rtvals: Int32Array): void {
    const { i32 } = this.machine.memory;
    for (let i = 0; i < this.count; i++) rtvals[i] = i32[(this.statuses >> 2) + i]!;
  }
}
