/**
 * The state machines of the model as tables, shared by those who feed them with events, those who ask suites for their
 * transitions, and tests; and what is said when one refuses an event.
 */
import type { AnyStateMachine } from 'xstate';
import { blockMachine } from '../model/machines/block.ts';
import { bufferMachine } from '../model/machines/buffer.ts';
import { compile } from '../model/machines/compile.ts';
import { objectMachine } from '../model/machines/object.ts';
import { pageMachine } from '../model/machines/page.ts';
import { waysToTransitions } from '../model/machines/paths.ts';
import type { Population } from '../model/machines/population.ts';
import type { Finding } from './property.ts';

/** The machines as tables. */
export const MACHINES = {
  page: compile(pageMachine),
  buffer: compile(bufferMachine),
  object: compile(objectMachine),
  block: compile(blockMachine),
} as const;

const AUTHORED: readonly AnyStateMachine[] = [pageMachine, bufferMachine, objectMachine, blockMachine];

let ways: ReadonlyMap<string, readonly string[]> | null = null;

/** The shortest path of events that ends with a transition, by its name; null if there is no such transition. Slow. */
export function wayTo(transition: string): readonly string[] | null {
  ways ??= new Map(AUTHORED.flatMap((machine) => [...waysToTransitions(machine)]));
  return ways.get(transition) ?? null;
}

/** Transitions that the machines allow and no suite asks for, and why. They are counted when they are taken all the same. */
export const UNTAKEN: Readonly<Record<string, string>> = {
  'transition page BRING_END in call offered':
    'lawful, but another thread must store to a neighbour and offer it before the get returns: no suite is held to that luck',
  'transition buffer START in transfer moved':
    'lawful without a completion routine; the reference pager has one on each transfer',
  'transition block READ in ownership truncated':
    'lawful; the reference pager asks for addresses anew after each sleep',
  'transition block WRITE in ownership truncated':
    'lawful; the reference pager asks for addresses anew after each sleep',
  'transition block ALLOCATE in ownership truncated':
    'an object must be made while the file shrinks: one run in a thousand',
  'transition block ALLOCATE_TO_OTHER in ownership truncated':
    'an object must be made while the file shrinks, and another file be in want: one run in ten thousand',
  'transition block ALLOCATE in transfer reading':
    'lawful; the reference pager reads only what it holds busy, and truncations wait for that',
  'transition block ALLOCATE_TO_OTHER in transfer reading':
    'lawful; the reference pager reads only what it holds busy, and truncations wait for that',
};

/** Indices of a machine's events, by name. */
export function indicesOf<Event extends string>(machine: {
  events: readonly string[];
}): Record<Event, number> {
  return Object.fromEntries(machine.events.map((name, i) => [name, i])) as Record<Event, number>;
}

/** Takes out of the counts what is not expected to be taken and was not. */
export function forgetUntaken(counts: Map<string, number>): void {
  for (const name of Object.keys(UNTAKEN)) if (counts.get(name) === 0) counts.delete(name);
}

/** What is wrong when the region of a subject has refused an event. */
export function refusalFound(
  population: Population,
  subject: number,
  region: number,
  event: number,
  name: string,
): Finding {
  const refusal = population.refusal(subject, region, event);
  const { events, regions } = population.machine;
  const { states, table } = regions[region]!;
  const takers = states.filter((_, s) => table[s * events.length + event]! >= 0);
  return {
    what: `${name} does not take ${refusal.event} in state ${refusal.state} of ${refusal.region}`,
    expected: `${refusal.event} only in ${takers.join(', ')}`,
    observed: refusal.state,
  };
}
