/**
 * State machines authored in XState, as tables for the hot path: each region a table of states by events, so that an event is
 * one look-up a region. Equal to XState's own transition function, which a test holds it to; what XState would ignore is told
 * apart here into events that a region does not know and events that its state refuses.
 */
import type { AnyStateMachine } from 'xstate';

/** The region does not declare the event: it stays where it is. */
export const UNKNOWN = -1;
/** The region declares the event and its state does not take it. */
export const REFUSED = -2;

/** One parallel region. */
export interface Region {
  name: string;
  states: readonly string[];
  /** Index of the first state. */
  initial: number;
  /** Next state by `state * events + event`, `UNKNOWN` or `REFUSED`. */
  table: Int8Array;
}

/** A machine as tables. */
export interface CompiledMachine {
  id: string;
  /** Names of all events, whose indices stand in the tables. */
  events: readonly string[];
  regions: readonly Region[];
}

type StateNode = AnyStateMachine['root'];

/** The target of the only transition that a state node has for an event, by its name; null if there is none. */
function targetOf(node: StateNode, event: string): string | null {
  const [transition] = node.transitions.get(event) ?? [];
  return transition?.target?.[0]?.key ?? null;
}

function regionOf(node: StateNode, events: readonly string[]): Region {
  const states = Object.keys(node.states);
  const nodes = states.map((name) => node.states[name]!);
  const table = new Int8Array(states.length * events.length).fill(UNKNOWN);
  for (const [e, event] of events.entries()) {
    const isKnown = nodes.some((state) => state.transitions.has(event));
    if (!isKnown) continue;
    for (const [s, state] of nodes.entries()) {
      const target = targetOf(state, event);
      table[s * events.length + e] = target === null ? REFUSED : states.indexOf(target);
    }
  }
  const first = node.initial.target[0]!.key;
  return { name: node.key, states, initial: states.indexOf(first), table };
}

/** Compiles a machine of flat parallel regions without guards or actions: the only kind that the model has. */
export function compile(machine: AnyStateMachine): CompiledMachine {
  const { root } = machine;
  const events = [
    ...new Set(
      Object.values(root.states).flatMap((region) =>
        Object.values(region.states).flatMap((state) => state.ownEvents as string[]),
      ),
    ),
  ];
  return {
    id: root.key,
    events,
    regions: Object.values(root.states).map((region) => regionOf(region, events)),
  };
}
