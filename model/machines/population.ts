/**
 * Many subjects that live by one machine: all frames, all pbufs, all objects. The state of a subject in all regions is one
 * number, and an event is one look-up in the product of the regions' tables. An event that is refused leaves the region where
 * it is, so that what comes after is judged by itself.
 */
import { REFUSED, UNKNOWN, type CompiledMachine } from './compile.ts';
import { transitionsOf, type Transition } from './transitions.ts';

/** A region that did not take an event. */
export interface Refusal {
  region: string;
  state: string;
  event: string;
}

/** Number of the product state in which each region is in the given one. */
function numberOf({ regions }: CompiledMachine, states: readonly number[]): number {
  return regions.reduce((number, region, i) => number * region.states.length + states[i]!, 0);
}

/** The states of the regions in a product state. */
function statesOf({ regions }: CompiledMachine, number: number): number[] {
  const states = regions.map(() => 0);
  let rest = number;
  for (let i = regions.length - 1; i >= 0; i--) {
    const { length } = regions[i]!.states;
    states[i] = rest % length;
    rest = Math.floor(rest / length);
  }
  return states;
}

/** States of subjects, by number. */
export class Population {
  readonly machine: CompiledMachine;
  private readonly events: number;
  /** Next product state, and the first region that refuses (-1: none does), by `state * events + event`. */
  private readonly next: Uint8Array;
  private readonly refusing: Int8Array;
  /** How often each event came in each product state, refused or not, since the population was made. */
  private readonly taken: Float64Array;
  private readonly transitions: readonly Transition[];
  private readonly initial: number;
  /** State of each region, by `product state * regions + region`. */
  private readonly parts: Uint8Array;
  private states = new Uint8Array(0);
  /** Subjects from this number on have not been seen since the last reset. */
  private used = 0;

  constructor(machine: CompiledMachine) {
    const { regions, events } = machine;
    const count = regions.reduce((product, { states }) => product * states.length, 1);
    if (count > 256) throw new RangeError(`machine ${machine.id} has ${count} product states, at most 256`);
    this.machine = machine;
    this.events = events.length;
    this.initial = numberOf(
      machine,
      regions.map(({ initial }) => initial),
    );
    this.parts = Uint8Array.from(
      Array.from({ length: count }, (_, state) => statesOf(machine, state)).flat(),
    );
    this.next = new Uint8Array(count * events.length);
    this.refusing = new Int8Array(count * events.length).fill(-1);
    this.taken = new Float64Array(count * events.length);
    this.transitions = transitionsOf(machine);
    for (let state = 0; state < count; state++)
      for (let event = 0; event < events.length; event++) this.enter(state, event);
  }

  private enter(state: number, event: number): void {
    const { machine, events } = this;
    const states = statesOf(machine, state);
    const after = machine.regions.map(({ table }, i) => {
      const to = table[states[i]! * events + event]!;
      if (to === REFUSED && this.refusing[state * events + event] === -1)
        this.refusing[state * events + event] = i;
      return to === REFUSED || to === UNKNOWN ? states[i]! : to;
    });
    this.next[state * events + event] = numberOf(machine, after);
  }

  /** All subjects are in their first state again. */
  reset(): void {
    this.states.fill(this.initial, 0, this.used);
    this.used = 0;
  }

  private see(subject: number): void {
    const had = this.states.length;
    if (subject >= had) {
      const grown = new Uint8Array(Math.max(64, 2 * (subject + 1))).fill(this.initial, had);
      grown.set(this.states);
      this.states = grown;
    }
    this.used = subject + 1;
  }

  /** Number of the product state in which the regions, by name, are in these states. */
  productOf(names: Readonly<Record<string, string>>): number {
    return numberOf(
      this.machine,
      this.machine.regions.map(({ name, states }) => states.indexOf(names[name]!)),
    );
  }

  /** The subject begins in that product state instead of the first. */
  place(subject: number, product: number): void {
    if (subject >= this.used) this.see(subject);
    this.states[subject] = product;
  }

  /** `count` (at least 1) subjects from `first` on, not seen yet, begin in that product state, or in the first. */
  placeRun(first: number, count: number, product = this.initial): void {
    this.see(first + count - 1);
    this.states.fill(product, first, first + count);
  }

  /** Applies an event, by index, in every region. @returns the first region that refused it, -1 if none did */
  apply(subject: number, event: number): number {
    if (subject < 0) return -1;
    if (subject >= this.used) this.see(subject);
    const at = this.states[subject]! * this.events + event;
    this.states[subject] = this.next[at]!;
    this.taken[at]!++;
    return this.refusing[at]!;
  }

  /**
   * Applies an event to `count` (at least 1) subjects from `first` on, if they are all in one state that takes it. @returns
   * whether they are; if not, nothing was done
   */
  applyToAlike(first: number, count: number, event: number): boolean {
    if (first + count > this.used) return false;
    const { states } = this;
    const state = states[first]!;
    const at = state * this.events + event;
    if (this.refusing[at]! >= 0) return false;
    for (let subject = first + 1; subject < first + count; subject++)
      if (states[subject] !== state) return false;
    const next = this.next[at]!;
    for (let subject = first; subject < first + count; subject++) states[subject] = next;
    this.taken[at]! += count;
    return true;
  }

  /** Adds how often each transition was taken, by its name, in all runs. */
  count(into: Map<string, number>): void {
    const { machine, events, taken } = this;
    const counts = new Float64Array(this.transitions.length);
    for (let state = 0; state < taken.length / events; state++) {
      const states = statesOf(machine, state);
      for (const [i, one] of this.transitions.entries())
        if (states[one.region] === one.state) counts[i]! += taken[state * events + one.event]!;
    }
    for (const [i, { name }] of this.transitions.entries())
      into.set(name, (into.get(name) ?? 0) + counts[i]!);
  }

  /** State of a subject in a region, by number. */
  stateIn(subject: number, region: number): number {
    const state = subject >= 0 && subject < this.used ? this.states[subject]! : this.initial;
    return this.parts[state * this.machine.regions.length + region]!;
  }

  /** State of a subject in a region, by name. */
  stateOf(subject: number, region: number): string {
    return this.machine.regions[region]!.states[this.stateIn(subject, region)]!;
  }

  /** Says which region, in which state, refused an event that was just applied. */
  refusal(subject: number, region: number, event: number): Refusal {
    return {
      region: this.machine.regions[region]!.name,
      state: this.stateOf(subject, region),
      event: this.machine.events[event]!,
    };
  }
}
