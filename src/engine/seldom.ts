/**
 * What the runs of a hunt came to seldom, and scenarios that did. Whoever draws variations of these comes there more often than
 * one who draws from nothing. All of it follows from the results in the order in which they are added.
 */
import type { Scenario } from '../scenario/scenario.ts';

/** So many of the situations count as seldom. */
const SELDOM = 24;

/** Scenarios kept of each. */
const KEPT = 4;

/** Counts situations, and keeps scenarios of the rarest. */
export class Seldom {
  private readonly runs = new Map<string, number>();
  private readonly kept = new Map<string, Scenario[]>();
  private readonly turns = new Map<string, number>();

  /** Adds what runs that were drawn from nothing came to. */
  add(reached: ReadonlyMap<string, number>, shown: ReadonlyMap<string, Scenario>): void {
    for (const [name, runs] of reached) this.runs.set(name, (this.runs.get(name) ?? 0) + runs);
    for (const [name, scenario] of shown)
      this.kept.set(name, [scenario, ...(this.kept.get(name) ?? [])].slice(0, KEPT));
  }

  /** The situations that came in the fewest runs, but in some. */
  names(): string[] {
    return [...this.runs]
      .toSorted(([a, x], [b, y]) => x - y || (a < b ? -1 : 1))
      .slice(0, SELDOM)
      .map(([name]) => name);
  }

  get isEmpty(): boolean {
    return this.kept.size === 0;
  }

  /** Scenarios of the rare situation whose turn it is. */
  next(): readonly Scenario[] {
    const [name] = this.names()
      .filter((one) => this.kept.has(one))
      .toSorted((a, b) => (this.turns.get(a) ?? 0) - (this.turns.get(b) ?? 0));
    if (name === undefined) return [];
    this.turns.set(name, (this.turns.get(name) ?? 0) + 1);
    return this.kept.get(name)!;
  }
}
