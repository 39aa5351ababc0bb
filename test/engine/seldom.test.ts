/**
 * Guards what a hunt remembers of seldom situations: the rarest are named, scenarios of them come by turns, the newest first, and
 * those of what has become common do not come any more.
 */
import { describe, expect, it } from 'vitest';
import { Seldom } from '../../src/engine/seldom.ts';
import { scenarioOf } from '../support/fakes.ts';

const counts = (entries: Record<string, number>): Map<string, number> => new Map(Object.entries(entries));

describe('seldom situations', () => {
  it('are those that came in the fewest runs', () => {
    const seldom = new Seldom();
    const many = Object.fromEntries(Array.from({ length: 30 }, (_, i) => [`s${i + 10}`, i + 1]));
    seldom.add(counts(many), new Map());
    expect(seldom.names()).toEqual(Array.from({ length: 24 }, (_, i) => `s${i + 10}`));
    seldom.add(counts({ s10: 100 }), new Map());
    expect(seldom.names()).not.toContain('s10');
  });

  it('have their scenarios varied by turns', () => {
    const seldom = new Seldom();
    const [a, b, c] = [scenarioOf('open'), scenarioOf('close'), scenarioOf('read')];
    expect(seldom.isEmpty).toBe(true);
    expect(seldom.next()).toEqual([]);
    seldom.add(counts({ x: 1, y: 2 }), new Map([['x', a]]));
    seldom.add(counts({ y: 1 }), new Map([['y', b]]));
    seldom.add(counts({ y: 1 }), new Map([['y', c]]));
    expect(seldom.isEmpty).toBe(false);
    expect([seldom.next(), seldom.next(), seldom.next()]).toEqual([[a], [c, b], [a]]);
  });

  it('keep no scenario of what is common by now, and few of each', () => {
    const seldom = new Seldom();
    const common = Object.fromEntries(Array.from({ length: 24 }, (_, i) => [`s${i}`, 5]));
    seldom.add(counts({ ...common, x: 1 }), new Map([['x', scenarioOf('open')]]));
    expect(seldom.next()).toHaveLength(1);
    seldom.add(counts({ x: 100 }), new Map());
    expect(seldom.next()).toEqual([]);
    for (let i = 0; i < 9; i++) seldom.add(counts({ s1: 0 }), new Map([['s1', scenarioOf('read')]]));
    expect(seldom.next()).toHaveLength(4);
  });
});
