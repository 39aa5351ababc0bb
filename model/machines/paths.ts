/**
 * Shortest paths through a machine, by XState's graph utilities: by which events each state of each region is reached, and each
 * transition taken, when no region refuses any of them. Slow; for people and tests.
 */
import type { AnyStateMachine } from 'xstate';
import { getShortestPaths } from 'xstate/graph';
import { compile, REFUSED, type CompiledMachine } from './compile.ts';
import { transitionsOf } from './transitions.ts';

/** States of the regions by name. */
type Value = Readonly<Record<string, string>>;

/** Where a path leads, and by which events. */
export interface Path {
  value: Value;
  events: readonly string[];
}

function isTaken({ regions, events }: CompiledMachine, value: Value, event: string): boolean {
  return regions.every(
    ({ name, states, table }) =>
      table[states.indexOf(value[name]!) * events.length + events.indexOf(event)] !== REFUSED,
  );
}

/** A shortest path to each combination of states that can be reached, shorter ones first. */
export function pathsOf(machine: AnyStateMachine): Path[] {
  const compiled = compile(machine);
  const paths = getShortestPaths(machine, {
    events: (snapshot) =>
      compiled.events
        .filter((event) => isTaken(compiled, snapshot.value as Value, event))
        .map((type) => ({ type })),
  });
  return paths
    .map(({ state, steps }) => ({
      value: state.value as Value,
      // the first step is the machine's own beginning
      events: steps.slice(1).map((step) => (step.event as { type: string }).type),
    }))
    .toSorted((a, b) => a.events.length - b.events.length);
}

/** The shortest path of events to each state, by `region state`. */
export function waysToStates(machine: AnyStateMachine): Map<string, readonly string[]> {
  const ways = new Map<string, readonly string[]>();
  for (const { value, events } of pathsOf(machine))
    for (const [region, state] of Object.entries(value))
      if (!ways.has(`${region} ${state}`)) ways.set(`${region} ${state}`, events);
  return ways;
}

/** The shortest path of events that ends with each transition, by the transition's name. */
export function waysToTransitions(machine: AnyStateMachine): Map<string, readonly string[]> {
  const compiled = compile(machine);
  const paths = pathsOf(machine);
  const ways = new Map<string, readonly string[]>();
  for (const { name, region, state, event } of transitionsOf(compiled)) {
    const { name: in_, states } = compiled.regions[region]!;
    const last = compiled.events[event]!;
    const path = paths.find(({ value }) => value[in_] === states[state] && isTaken(compiled, value, last));
    if (path !== undefined) ways.set(name, [...path.events, last]);
  }
  return ways;
}
