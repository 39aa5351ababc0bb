/**
 * Guards what people see of a run: table, failures, remarks and verdict, word for word; that it fits into 100 columns, and that
 * colour adds nothing that the words do not say.
 */
import picocolors from 'picocolors';
import { describe, expect, it } from 'vitest';
import { areAlike } from '../../src/engine/groups.ts';
import type { RunReport, ViolationReport } from '../../src/engine/results.ts';
import { colorsFor, NO_COLORS, type Colors } from '../../src/report/colors.ts';
import {
  formatGroups,
  formatLike,
  formatNeverReached,
  formatRemarks,
  formatTable,
  formatVerdict,
  formatViolation,
  NOT_PROVED,
  toldBefore,
} from '../../src/report/terminal.ts';
import { count, duration, share, thousands, wrap } from '../../src/report/words.ts';
import { scenarioOf } from '../support/fakes.ts';
import { runReport, suiteReport, VIOLATION } from '../support/reports.ts';

const PAINTED = picocolors.createColors(true);

const violated = runReport({
  verdict: 'violated',
  stopped: 'max-failures',
  target: { name: 'reference', form: 'repaired', switches: ['setsize-wraps', 'input-bad'] },
  suites: [
    suiteReport({ name: 'corpus', runs: 3, runsPlanned: 3, reached: [], operations: 0, elapsedMs: 3.21 }),
    suiteReport({ runs: 812, violations: [VIOLATION], elapsedMs: 612 }),
  ],
  notRun: ['small-blocks', 'network'],
});

const troubled = runReport({
  verdict: 'internal-error',
  stopped: 'internal-error',
  suites: [
    suiteReport({
      notReached: ['call umount', 'transition page FREE in call none'],
      ways: { 'transition page FREE in call none': ['ALLOCATE', 'WAKEUP', 'FREE'] },
      endings: { completed: 19_000, trap: 990, panic: 10, deadlock: 0, bound: 0 },
      difference: { run: 7, event: 41, first: 'one line of a trace', second: '', file: 'corpus/x.yaml' },
    }),
  ],
  internal: {
    message: 'cannot read properties of undefined',
    stack: 'at somewhere',
    suite: 'mixed',
    run: 9,
    file: 'corpus/internal-error-0123abcd.yaml',
    scenario: null,
  },
});

const FETCHED: ViolationReport = {
  ...VIOLATION,
  cause: 'zero-past-eof/get/getmulti',
  operations: 3,
  file: 'corpus/zero-past-eof-4567cdef.yaml',
  explanation: { ...VIOLATION.explanation, cause: 'zero-past-eof/get/getmulti', operationKind: 'get' },
};
const UNLIKE: ViolationReport = {
  ...VIOLATION,
  property: 'no-trap',
  cause: 'no-trap/get/iodone',
  operations: 7,
  file: null,
  fileError: 'the disk is full',
  explanation: { ...VIOLATION.explanation, property: 'no-trap', function: 'iodone' },
  scenario: scenarioOf('get', 'put'),
};
const COMES_WITH_IT: ViolationReport = {
  ...UNLIKE,
  property: 'hold-counts',
  cause: 'hold-counts/put/putmulti',
  company: ['no-trap/iodone'],
  explanation: { ...UNLIKE.explanation, property: 'hold-counts', function: 'putmulti' },
  scenario: scenarioOf('put', 'put', 'put'),
};
const seenInManyWays = runReport({
  verdict: 'violated',
  suites: [suiteReport({ violations: [VIOLATION, FETCHED, UNLIKE, COMES_WITH_IT] })],
});

/** All that `run` prints about a report. */
function everything(report: RunReport, colors: Colors): string {
  const told: ViolationReport[] = [];
  const failures = report.suites.flatMap((suite) =>
    suite.violations.map((found) => {
      const before = toldBefore(found, told);
      told.push(found);
      return before === null
        ? formatViolation(found, suite.name, colors)
        : formatLike(found, suite.name, before.cause, areAlike(before, found, told), colors);
    }),
  );
  return [
    ...failures.flatMap((text) => [text, '']),
    formatTable(report, colors),
    '',
    ...formatNeverReached(report),
    ...formatGroups(report, colors),
    ...formatRemarks(report),
    formatVerdict(report, colors),
    NOT_PROVED,
  ].join('\n');
}

describe('a run on the terminal', () => {
  it.each([
    ['held', runReport()],
    ['violated', violated],
    ['violated in many ways', seenInManyWays],
    ['in trouble', troubled],
    [
      'interrupted',
      runReport({ verdict: 'interrupted', stopped: 'interrupted', suites: [suiteReport({ runs: 12 })] }),
    ],
    ['timed', runReport({ stopped: 'time', suites: [suiteReport({ runsPlanned: null })] })],
    [
      'timed too short',
      runReport({ stopped: 'time', suites: [suiteReport({ runs: 1 })], notRun: ['large'] }),
    ],
  ])('reads like this when it is %s', (_, report) => {
    expect(`\n${everything(report, NO_COLORS)}\n`).toMatchSnapshot();
  });

  it.each([
    ['held', runReport()],
    ['violated', violated],
    ['violated in many ways', seenInManyWays],
    ['in trouble', troubled],
  ])('fits into 100 columns and says the same in colour when it is %s', (_, report) => {
    const plain = everything(report, NO_COLORS);
    const painted = everything(report, PAINTED);
    expect(painted).not.toBe(plain);
    // oxlint-disable-next-line no-control-regex -- the very characters that are to be taken away
    expect(painted.replaceAll(/\u001b\[\d+m/g, '')).toBe(plain);
    expect(plain.split('\n').filter((line) => line.length > 100)).toEqual([]);
  });

  it('tells a failure that was not kept, and one that does not stand alone', () => {
    const text = formatViolation(
      { ...VIOLATION, file: null, fileError: 'the disk is full', reproduced: false, operationsBefore: 2 },
      'mixed',
      NO_COLORS,
    );
    expect(text).toContain('not kept: the disk is full');
    expect(text).toContain('runs are not independent of each other');
    expect(text).toContain('  2 operations:\n');
  });
});

describe('colour', () => {
  const terminal = { isTTY: true };
  it.each([
    [terminal, true, {}, true],
    [{}, true, {}, false],
    [terminal, false, {}, false],
    [terminal, true, { NO_COLOR: '1' }, false],
    [terminal, true, { NO_COLOR: '' }, true],
    [terminal, true, { TERM: 'dumb' }, false],
    [{}, true, { FORCE_COLOR: '1' }, true],
    [{}, true, { FORCE_COLOR: '0' }, false],
    [{}, false, { FORCE_COLOR: '1' }, false],
    [{}, true, { FORCE_COLOR: '1', NO_COLOR: '1' }, false],
  ])('on %j wanted %s with %j is %s', (stream, wanted, environment, isOn) => {
    expect(colorsFor(stream, wanted, environment).isColorSupported).toBe(isOn);
  });
});

describe('numbers', () => {
  it('read the same everywhere', () => {
    expect([0, 999, 1000, 1234567].map(thousands)).toEqual(['0', '999', '1,000', '1,234,567']);
    expect([count(1, 'run'), count(2000, 'run'), count(0, 'property', 'properties')]).toEqual([
      '1 run',
      '2,000 runs',
      '0 properties',
    ]);
    expect([share(1, 8), share(0, 0)]).toEqual(['12.5 %', '-']);
    expect([0, 4, 9994, 9999, 119_900, 245_000].map(duration)).toEqual([
      '0.00 s',
      '0.00 s',
      '9.99 s',
      '10.0 s',
      '119.9 s',
      '4 min 05 s',
    ]);
  });

  it('wrap without losing a word', () => {
    const prose = 'one two three '.repeat(20) + 'x'.repeat(70);
    const lines = wrap(prose, 40);
    expect(lines.join(' ')).toBe(prose);
    expect(lines.slice(0, -1).every((line) => line.length <= 40)).toBe(true);
  });
});
