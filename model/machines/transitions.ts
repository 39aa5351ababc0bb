/**
 * Names of the transitions of a machine, as reports and suites call them: one for each state of each region and each event that
 * it takes. What it refuses, and what it does not know, is no transition.
 */
import type { CompiledMachine } from './compile.ts';

/** A transition of one region. */
export interface Transition {
  /** `transition page WAKEUP in call brought`. */
  name: string;
  region: number;
  state: number;
  event: number;
}

/** What all their names begin with. */
export const TRANSITION = 'transition';

/** All transitions of a machine, region by region. */
export function transitionsOf({ id, events, regions }: CompiledMachine): Transition[] {
  return regions.flatMap(({ name, states, table }, region) =>
    states.flatMap((from, state) =>
      events.flatMap((taken, event) =>
        table[state * events.length + event]! < 0
          ? []
          : [{ name: `${TRANSITION} ${id} ${taken} in ${name} ${from}`, region, state, event }],
      ),
    ),
  );
}
