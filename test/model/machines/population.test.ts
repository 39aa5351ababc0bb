/**
 * Guards that one look-up in the product does what each region does by itself, whatever happens to which subject in which order,
 * that a refusal is told with region and state, and that a new run begins anew.
 */
import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { compile, REFUSED, UNKNOWN } from '../../../model/machines/compile.ts';
import { blockMachine } from '../../../model/machines/block.ts';
import { objectMachine } from '../../../model/machines/object.ts';
import { pageMachine } from '../../../model/machines/page.ts';
import { Population } from '../../../model/machines/population.ts';

const page = compile(pageMachine);

describe.each([page, compile(objectMachine), compile(blockMachine)])('a population of $id', (machine) => {
  const steps = fc.array(fc.tuple(fc.nat(5), fc.nat(machine.events.length - 1)), { maxLength: 60 });
  const population = new Population(machine);

  test('goes where each region goes', () => {
    fc.assert(
      fc.property(steps, (list) => {
        population.reset();
        const states = Array.from({ length: 6 }, () => machine.regions.map(({ initial }) => initial));
        for (const [subject, event] of list) {
          let refused = -1;
          const before = machine.regions.map((_, region) => population.stateOf(subject, region));
          for (const [i, { table }] of machine.regions.entries()) {
            const to = table[states[subject]![i]! * machine.events.length + event]!;
            if (to === REFUSED && refused < 0) refused = i;
            if (to !== REFUSED && to !== UNKNOWN) states[subject]![i] = to;
          }
          expect(population.apply(subject, event)).toBe(refused);
          if (refused >= 0) {
            expect(population.refusal(subject, refused, event)).toEqual({
              region: machine.regions[refused]!.name,
              state: before[refused],
              event: machine.events[event],
            });
          }
          expect(machine.regions.map((_, region) => population.stateOf(subject, region))).toEqual(
            machine.regions.map(({ states: names }, i) => names[states[subject]![i]!]),
          );
        }
      }),
    );
  });

  test('begins with several at once where each begins alone', () => {
    const last = machine.regions.map(({ states }) => states.at(-1)!);
    const product = population.productOf(
      Object.fromEntries(machine.regions.map(({ name }, i) => [name, last[i]!])),
    );
    for (const [given, expected] of [
      [product, last],
      [undefined, machine.regions.map(({ states, initial }) => states[initial]!)],
    ] as const) {
      population.reset();
      population.place(0, product);
      population.placeRun(1, 70, given);
      for (const subject of [1, 35, 70])
        expect(machine.regions.map((_, region) => population.stateOf(subject, region))).toEqual(expected);
      expect(machine.regions.map((_, region) => population.stateOf(0, region))).toEqual(last);
    }
  });

  test('goes with several at once where each goes alone, or does nothing', () => {
    const run = fc.record({
      first: fc.nat(3),
      count: fc.integer({ min: 1, max: 5 }),
      event: fc.nat(machine.events.length - 1),
    });
    const one = new Population(machine);
    fc.assert(
      fc.property(steps, run, (list, { first, count, event }) => {
        one.reset();
        population.reset();
        for (const [subject, each] of list) for (const of of [one, population]) of.apply(subject, each);
        const regions = machine.regions.map((_, i) => i);
        const all = (of: Population): string[] =>
          [0, 1, 2, 3, 4, 5, 6, 7, 8].map((subject) => regions.map((i) => of.stateOf(subject, i)).join());
        const before = all(one);
        const counted = (of: Population): Map<string, number> => {
          const counts = new Map<string, number>();
          of.count(counts);
          return counts;
        };
        const were = counted(one);
        if (one.applyToAlike(first, count, event)) {
          for (let subject = first; subject < first + count; subject++) {
            expect(before[subject]).toBe(before[first]);
            expect(population.apply(subject, event)).toBe(-1);
          }
          expect(all(one)).toEqual(all(population));
          const taken = [...counted(one).values()].reduce((sum, value) => sum + value, 0);
          expect(taken - [...were.values()].reduce((sum, value) => sum + value, 0)).toBe(
            count * takers(before[first]!.split(','), event),
          );
        } else {
          expect(all(one)).toEqual(before);
          expect(counted(one)).toEqual(were);
        }
      }),
    );
  });

  /** How many regions take the event in these states. */
  function takers(states: readonly string[], event: number): number {
    return machine.regions.filter(({ states: names, table }, i) => {
      const to = table[names.indexOf(states[i]!) * machine.events.length + event]!;
      return to !== REFUSED && to !== UNKNOWN;
    }).length;
  }
});

describe('a population', () => {
  it('begins anew after a reset, with subjects it has never seen in their first state', () => {
    const population = new Population(page);
    population.apply(70, page.events.indexOf('ALLOCATE'));
    expect(population.stateOf(70, 0)).toBe('busy');
    population.reset();
    expect([population.stateOf(70, 0), population.stateOf(1000, 0)]).toEqual(['free', 'free']);
  });

  it('counts what each region took in all runs, and what was refused not at all', () => {
    const population = new Population(page);
    const [allocate, free, wakeup] = ['ALLOCATE', 'FREE', 'WAKEUP'].map((name) => page.events.indexOf(name));
    population.apply(3, allocate!);
    population.apply(3, free!);
    population.reset();
    population.apply(4, allocate!);
    population.apply(4, wakeup!);
    population.apply(4, free!);
    const counts = new Map([['transition page FREE in occupancy idle', 10]]);
    population.count(counts);
    expect(counts.get('transition page ALLOCATE in occupancy free')).toBe(2);
    expect(counts.get('transition page WAKEUP in occupancy busy')).toBe(1);
    expect(counts.get('transition page FREE in occupancy idle')).toBe(11);
    expect(counts.get('transition page WAKEUP in occupancy idle')).toBe(0);
    expect(counts.has('transition page FREE in occupancy busy')).toBe(false);
  });

  it('begins a subject in the state that it is placed in, for one run', () => {
    const population = new Population(page);
    const product = population.productOf({ occupancy: 'idle', call: 'offered', transfer: 'writing' });
    population.place(9, product);
    expect([0, 1, 2].map((region) => population.stateOf(9, region))).toEqual(['idle', 'offered', 'writing']);
    expect(population.stateIn(9, 1)).toBe(page.regions[1]!.states.indexOf('offered'));
    population.reset();
    expect([0, 1, 2].map((region) => population.stateOf(9, region))).toEqual(['free', 'none', 'quiet']);
  });

  it('takes no notice of what has no number', () => {
    expect(new Population(page).apply(-1, page.events.indexOf('FREE'))).toBe(-1);
  });
});
