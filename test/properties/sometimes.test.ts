/**
 * Guards that properties of suites can fail: each has situations that are counted, some suite is asked for them, and a suite that
 * comes to none of those that it declares is told which property that violates.
 */
import { describe, expect, it } from 'vitest';
import { SOMETIMES, sometimesOf, vacuous } from '../../properties/sometimes.ts';
import { SUITES } from '../../properties/suites/catalogue.ts';
import { REACH_NAMES } from '../../properties/suites/situations.ts';
import { formatRemarks } from '../../src/report/terminal.ts';
import { runReport, suiteReport } from '../support/reports.ts';

describe('properties of suites', () => {
  it.each(SOMETIMES.map((one) => [one.id, one] as const))('%s is asked for, and can fail', (id, one) => {
    expect(one.witnesses.filter((name) => !REACH_NAMES.includes(name))).toEqual([]);
    const asked = SUITES.filter(({ reach }) => sometimesOf(reach).includes(one));
    expect(asked.length).toBeGreaterThan(0);
    for (const { reach, runs } of asked) {
      const declared = one.witnesses.filter((name) => reach[name] !== undefined);
      // by the suite's own number of runs
      expect(declared.filter((name) => reach[name]! > runs)).toEqual([]);
      expect(vacuous(reach, declared).map((found) => found.id)).toContain(id);
      expect(vacuous(reach, declared.slice(1)).map((found) => found.id)).not.toContain(id);
    }
  });

  it('are asked of every suite, most of them', () => {
    const least = Math.min(...SUITES.map(({ reach }) => sometimesOf(reach).length));
    expect(least).toBeGreaterThanOrEqual(9);
  });

  it('hold of a suite that comes to all that it declares', () => {
    expect(SUITES.flatMap(({ reach }) => vacuous(reach, []))).toEqual([]);
  });

  it('are told of by name when a suite misses them', () => {
    const missed = suiteReport({
      name: 'get',
      runs: 100,
      reached: [
        { name: 'get of a hole', count: 0, requiredAfter: 100 },
        { name: 'sleep on pool', count: 0, requiredAfter: 500 },
      ],
      notReached: ['get of a hole'],
    });
    const remarks = formatRemarks(runReport({ suites: [missed] })).join('\n');
    expect(remarks).toContain('get did not reach, in 100 runs: get of a hole');
    expect(remarks).toContain('violated sometimes-hole: Sometimes a get meets a hole');
    expect(remarks).not.toContain('sometimes-exhausted');
  });
});
