/**
 * Guards that every situation and every transition is listed with its count in each suite, that what was missed is marked, that
 * the list fits into 100 columns however large the counts are, and what is summed up of each state machine.
 */
import { describe, expect, it } from 'vitest';
import type { SuiteReport } from '../../src/engine/results.ts';
import { NO_COLORS } from '../../src/report/colors.ts';
import { formatMachines, formatReached } from '../../src/report/reached.ts';
import { runReport, suiteReport } from '../support/reports.ts';

const TAKEN = 'transition page WAKEUP in call offered';
const UNTAKEN = 'transition page BUSY in call none';

function suite(name: string, factor: number, changes: Partial<SuiteReport> = {}): SuiteReport {
  return suiteReport({
    name,
    reached: [
      { name: 'call getmulti', count: 5000 * factor, requiredAfter: 100 },
      { name: 'sleep on a pool of one', count: 0, requiredAfter: 100 },
      { name: TAKEN, count: 3 * factor, requiredAfter: 100 },
      { name: UNTAKEN, count: 0, requiredAfter: null },
      { name: 'transition buffer START in transfer quiet', count: factor, requiredAfter: 100 },
    ],
    ...changes,
  });
}

describe('what was reached', () => {
  it('is listed in full, suite beside suite', () => {
    const report = runReport({
      suites: [
        suiteReport({ name: 'corpus', reached: [] }),
        suite('get', 1),
        suite('exhaustion', 2, { notReached: ['sleep on a pool of one'] }),
      ],
    });
    expect(formatReached(report, NO_COLORS).split('\n')).toEqual([
      'situation                 get  exhaustion',
      'call getmulti           5,000      10,000',
      'sleep on a pool of one      0         0 !',
      '',
      'transition                      get  exhaustion',
      'page WAKEUP in call offered       3           6',
      'page BUSY in call none            0           0',
      'buffer START in transfer quiet    1           2',
    ]);
  });

  it('fits into 100 columns, with every suite and every name', () => {
    const names = Array.from({ length: 10 }, (_, i) => `suite${i}`);
    for (const factor of [1, 1e5]) {
      const text = formatReached(runReport({ suites: names.map((name) => suite(name, factor)) }), NO_COLORS);
      expect(text.split('\n').filter((line) => line.length > 100)).toEqual([]);
      for (const name of names) expect(text.split(name)).toHaveLength(3);
    }
  });

  it('is nothing where nothing was counted, and has no transitions where nobody judged them', () => {
    const none = suiteReport({ reached: [] });
    expect(formatReached(runReport({ suites: [none] }), NO_COLORS)).toBe('');
    expect(formatReached(runReport(), NO_COLORS)).not.toContain('transition');
    expect(formatMachines(runReport())).toEqual([]);
  });

  it('is summed up for each machine', () => {
    expect(formatMachines(runReport({ suites: [suite('get', 1), suite('put', 1000)] }))).toEqual([
      'transitions taken: page 1 of 2, 3,003 times; buffer 1 of 1, 1,001 times',
    ]);
  });
});
