/**
 * Guards, with XState's graph utilities, that no state and no transition of a machine is out of reach, and that the paths which
 * people are told are paths of the tables: each event is taken by every region that knows it, and none is longer than it must be.
 */
import { describe, expect, it } from 'vitest';
import type { AnyStateMachine } from 'xstate';
import { blockMachine } from '../../../model/machines/block.ts';
import { bufferMachine } from '../../../model/machines/buffer.ts';
import { compile } from '../../../model/machines/compile.ts';
import { objectMachine } from '../../../model/machines/object.ts';
import { pageMachine } from '../../../model/machines/page.ts';
import { pathsOf, waysToStates, waysToTransitions } from '../../../model/machines/paths.ts';
import { Population } from '../../../model/machines/population.ts';
import { transitionsOf } from '../../../model/machines/transitions.ts';

const MACHINES: Record<string, AnyStateMachine> = {
  page: pageMachine,
  buffer: bufferMachine,
  object: objectMachine,
  block: blockMachine,
};

describe.each(Object.entries(MACHINES))('paths of %s', (_, machine) => {
  const compiled = compile(machine);

  /** Where the tables lead by these events; fails if any is refused. */
  function follow(events: readonly string[]): Record<string, string> {
    const population = new Population(compiled);
    for (const event of events) expect(population.apply(0, compiled.events.indexOf(event))).toBe(-1);
    return Object.fromEntries(compiled.regions.map(({ name }, i) => [name, population.stateOf(0, i)]));
  }

  it('lead where they say, by events that are taken, and come shortest first', () => {
    const paths = pathsOf(machine);
    for (const { value, events } of paths) expect(follow(events)).toEqual(value);
    const lengths = paths.map(({ events }) => events.length);
    expect(lengths).toEqual(lengths.toSorted((a, b) => a - b));
    expect(lengths.filter((length) => length === 0)).toEqual([0]);
  });

  it('lead to every state', () => {
    const ways = waysToStates(machine);
    const names = compiled.regions.flatMap(({ name, states }) => states.map((state) => `${name} ${state}`));
    expect([...ways.keys()].toSorted()).toEqual(names.toSorted());
  });

  it('lead to every transition, which is taken last', () => {
    const ways = waysToTransitions(machine);
    for (const { name, region, state, event } of transitionsOf(compiled)) {
      const way = ways.get(name);
      expect([name, way]).not.toEqual([name, undefined]);
      expect(way!.at(-1)).toBe(compiled.events[event]);
      const { name: in_, states } = compiled.regions[region]!;
      expect(follow(way!.slice(0, -1))[in_]).toBe(states[state]);
      follow(way!);
    }
  });
});

it('tells how a page is offered while it is busy', () => {
  expect(waysToStates(pageMachine).get('call offered')).toEqual(['ALLOCATE', 'OFFER']);
});
