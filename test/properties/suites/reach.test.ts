/**
 * Guards that no transition of a state machine is forgotten: each is asked of every suite, or says why it is not taken.
 */
import { describe, expect, it } from 'vitest';
import { transitionsOf } from '../../../model/machines/transitions.ts';
import { MACHINES, UNTAKEN } from '../../../properties/machines.ts';
import { SUITES } from '../../../properties/suites/catalogue.ts';

const NAMES = Object.values(MACHINES).flatMap((machine) => transitionsOf(machine).map(({ name }) => name));

describe('every transition', () => {
  it('has a name of its own', () => {
    expect(NAMES.length).toBeGreaterThan(40);
    expect(new Set(NAMES).size).toBe(NAMES.length);
  });

  it.each(NAMES)('%s is a goal of every suite, or said not to be taken', (name) => {
    const asking = SUITES.filter(({ reach }) => reach[name] !== undefined).map((suite) => suite.name);
    expect(asking).toEqual(UNTAKEN[name] === undefined ? SUITES.map((suite) => suite.name) : []);
  });

  it('that is not taken exists', () => {
    expect(Object.keys(UNTAKEN).filter((name) => !NAMES.includes(name))).toEqual([]);
  });
});
