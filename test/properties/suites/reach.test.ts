/**
 * Guards that no transition of a state machine is forgotten: each is asked of every suite, or says why it is not taken.
 */
import { describe, expect, it } from 'vitest';
import { transitionsOf } from '../../../model/machines/transitions.ts';
import { MACHINES, UNTAKEN } from '../../../properties/machines.ts';
import { SUITES } from '../../../properties/suites/catalogue.ts';
import { UNTAKEN_BY } from '../../../properties/suites/reach.ts';

const NAMES = Object.values(MACHINES).flatMap((machine) => transitionsOf(machine).map(({ name }) => name));

describe('every transition', () => {
  it('has a name of its own', () => {
    expect(NAMES.length).toBeGreaterThan(40);
    expect(new Set(NAMES).size).toBe(NAMES.length);
  });

  it.each(NAMES)('%s is a goal of every suite, or said not to be taken', (name) => {
    for (const suite of SUITES) {
      const reason = UNTAKEN[name] ?? UNTAKEN_BY[suite.name]?.[name];
      expect([suite.name, suite.reach[name] === undefined]).toEqual([suite.name, reason !== undefined]);
    }
  });

  it.each(NAMES)('%s has a way that ends with it, which a suite can tell', (name) => {
    const event = /^transition \w+ (\w+) in /.exec(name)![1];
    for (const { wayTo } of SUITES) expect(wayTo!(name)!.at(-1)).toBe(event);
    expect(SUITES[0]!.wayTo!('call umount')).toBeNull();
  });

  it('that is not taken exists', () => {
    const untaken = [...Object.keys(UNTAKEN), ...Object.values(UNTAKEN_BY).flatMap(Object.keys)];
    expect(untaken.filter((name) => !NAMES.includes(name))).toEqual([]);
    expect(Object.keys(UNTAKEN_BY).filter((name) => !SUITES.some((suite) => suite.name === name))).toEqual(
      [],
    );
  });
});
