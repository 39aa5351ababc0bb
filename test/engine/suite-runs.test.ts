/**
 * Guards that a run whose suites are run by several threads reports what one thread reports, in the same order, whoever is slow:
 * counts, failures, files, ends by a number of failures, exceptions, wavering targets.
 */
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Parts } from '../../src/engine/parts.ts';
import type { RunReport } from '../../src/engine/results.ts';
import { runSuites, type RunOptions } from '../../src/engine/run.ts';
import { RangeMaker, ThreadEnded, type RangeRequest, type Threads } from '../../src/engine/suite-runs.ts';
import { fakeParts, fakeSuite, REPAIRED } from '../support/fakes.ts';

const GOOD = fakeSuite('good', ['open', 'close', 'read', 'haspage'], { runs: 333 });
const BAD = fakeSuite('bad', ['open', 'close', 'read', 'read', 'read', 'read', 'read', 'unlink'], {
  runs: 400,
});
const WORSE = fakeSuite('worse', ['open', 'close', 'read', 'map', 'unmap', 'unlink', 'rename'], {
  runs: 250,
});
const BROKEN = fakeSuite('broken', [...Array<'open'>(100).fill('open'), 'close', 'recycle'], { runs: 400 });

let corpus = '';

beforeEach(() => {
  corpus = mkdtempSync(join(tmpdir(), 'pagercheck-ranges-'));
});

afterEach(() => {
  rmSync(corpus, { recursive: true, force: true });
});

const NEVER = { aborted: false };

/** Threads of which the first is the slowest; what they answer is copied, as between real threads. */
function slowFirst(parts: Parts, count: number, asked: RangeRequest[] = []): Threads {
  const makers = Array.from({ length: count }, () => new RangeMaker(parts));
  let turn = 0;
  return {
    count,
    make: async (request) => {
      asked.push(request);
      const which = turn++ % count;
      await delay(which === 0 ? 4 : 0);
      return structuredClone(makers[which]!.make(structuredClone(request), () => {}, NEVER));
    },
  };
}

function run(
  parts: Parts,
  threads: Threads | null,
  changes: Partial<RunOptions> = {},
  signal?: AbortSignal,
): Promise<RunReport> {
  rmSync(corpus, { recursive: true, force: true });
  mkdirSync(corpus);
  const options: RunOptions = {
    parts,
    choice: REPAIRED,
    seed: 1,
    near: null,
    suites: [],
    properties: [],
    runs: null,
    timeMs: null,
    failuresMax: 10,
    corpus,
    checkDeterminism: false,
    requireReach: true,
    switches: [],
    threads,
    ...changes,
  };
  return runSuites(options, {}, signal);
}

/** A report and the files beside it, without what no seed fixes. */
function timeless(report: RunReport): unknown {
  const files = readdirSync(corpus).map((file) => readFileSync(join(corpus, file), 'utf8'));
  const text = JSON.stringify({ report, files }, (key, value: unknown) =>
    key === 'elapsedMs' || key === 'stack' ? 0 : value,
  );
  return JSON.parse(text);
}

describe('several threads', () => {
  it.each([
    ['what holds', [GOOD, fakeSuite('other', ['open', 'read'], { runs: 7 })], {}, 'held'],
    ['what fails, suite after suite', [BAD, WORSE, GOOD], {}, 'violated'],
    ['the first failure of many', [GOOD, WORSE], { failuresMax: 1 }, 'violated'],
    ['a suite that misses what it must reach', [{ ...GOOD, reach: { rename: 333 } }], {}, 'not-reached'],
    ['a check of determinism', [GOOD, WORSE], { checkDeterminism: true }, 'violated'],
    ['a number of runs that is no multiple of a range', [BAD], { runs: 97 }, 'violated'],
  ] as const)('report of %s what one reports', async (_, suites, changes, verdict) => {
    const parts = fakeParts(suites);
    const one = await run(parts, null, changes);
    expect(one.verdict).toBe(verdict);
    const expected = timeless(one);
    for (const count of [1, 3]) {
      expect(timeless(await run(parts, slowFirst(parts, count), changes))).toEqual(expected);
    }
  });

  it('keep the scenario in which something throws, and count the runs before it', async () => {
    const parts = fakeParts([BROKEN, GOOD], { throws: true });
    const one = await run(parts, null);
    expect(one).toMatchObject({ verdict: 'internal-error', notRun: ['good'] });
    expect(one.internal!.run).toBeGreaterThan(0);
    const expected = timeless(one);
    const three = await run(parts, slowFirst(parts, 3));
    expect(timeless(three)).toEqual(expected);
    expect(three.internal!.stack).toContain('TypeError');
  });

  it('find the first run that wavers', async () => {
    const parts = fakeParts([GOOD], { wavers: true });
    const report = await run(parts, slowFirst(parts, 2), { checkDeterminism: true });
    expect(report.verdict).toBe('not-deterministic');
    const { run: first, file } = report.suites[0]!.difference!;
    expect(first).toBe((await run(parts, null, { checkDeterminism: true })).suites[0]!.difference!.run);
    expect(file).toContain('not-deterministic-');
    expect(readdirSync(corpus)).toHaveLength(1);
  });

  it('make every run once where nothing fails, and ahead of what was heard', async () => {
    const parts = fakeParts([GOOD]);
    const asked: RangeRequest[] = [];
    await run(parts, slowFirst(parts, 3, asked));
    expect(asked.map(({ first }) => first)).toEqual(asked.map((_, i) => i * 32));
    expect(asked.reduce((sum, { runs }) => sum + runs, 0)).toBe(333);
  });

  it('make again what is left of a range after a new cause only', async () => {
    const parts = fakeParts([BAD]);
    const asked: RangeRequest[] = [];
    const { suites } = await run(parts, slowFirst(parts, 3, asked));
    expect(suites[0]!.violations).toHaveLength(1);
    expect(suites[0]!.violations[0]!.runs).toBeGreaterThan(10);
    const again = asked.filter(({ first }) => first % 32 !== 0);
    expect(again.length).toBeGreaterThan(0);
    // as many as were asked for before the cause was known
    expect(again.length).toBeLessThanOrEqual(9);
  });

  it('tell which run ended one of them', async () => {
    const parts = fakeParts([GOOD, BAD]);
    const threads: Threads = {
      count: 2,
      make: () => Promise.reject(new ThreadEnded('the thread ended', 17)),
    };
    const report = await run(parts, threads);
    expect(report).toMatchObject({ verdict: 'internal-error', notRun: ['bad'] });
    expect(report.internal).toMatchObject({ message: 'the thread ended', suite: 'good', run: 17 });
    expect(report.internal!.file).toContain('internal-error-');
  });

  it('tell no run if one of them ended before its first', async () => {
    const parts = fakeParts([GOOD]);
    const threads: Threads = {
      count: 2,
      make: () => Promise.reject(new ThreadEnded('the thread ended', -1)),
    };
    const report = await run(parts, threads);
    expect(report.suites[0]!.runs).toBe(0);
    expect(report.internal).toMatchObject({ message: 'the thread ended', suite: 'good', run: 0, file: null });
  });

  it('are asked for a range of each suite that is begun, however short the time', async () => {
    const parts = fakeParts([GOOD, fakeSuite('late', ['open'])]);
    const { make } = slowFirst(parts, 2);
    const threads: Threads = {
      count: 2,
      make: async (request) => {
        await new Promise((done) => {
          setTimeout(done, 60);
        });
        return make(request);
      },
    };
    const report = await run(parts, threads, { timeMs: 0.001 });
    expect(report).toMatchObject({ verdict: 'held', stopped: 'time', notRun: ['late'] });
    expect(report.suites).toMatchObject([{ name: 'good', runs: 32 }]);
  });

  it('stop when they are told to, with what was counted until then', async () => {
    const abort = new AbortController();
    const parts = fakeParts([GOOD, BAD]);
    const { make } = slowFirst(parts, 2);
    let ranges = 0;
    const threads: Threads = {
      count: 2,
      make: (request) => {
        if (++ranges === 9) abort.abort();
        return make(request);
      },
    };
    const report = await run(parts, threads, {}, abort.signal);
    expect(report).toMatchObject({ verdict: 'interrupted', stopped: 'interrupted', notRun: ['bad'] });
    expect(report.suites[0]!.runs % 32).toBe(0);
    expect(report.suites[0]!.operations).toBe(10 * report.suites[0]!.runs);
  });
});

describe('a maker of ranges', () => {
  const request: RangeRequest = {
    suite: 'good',
    properties: GOOD.properties,
    seed: 1,
    choice: REPAIRED,
    checkDeterminism: false,
    first: 0,
    runs: 20,
    known: [],
  };

  it('tells what each range reached, and not what was reached before it', () => {
    const maker = new RangeMaker(fakeParts([GOOD]));
    const both = new RangeMaker(fakeParts([GOOD])).make({ ...request, runs: 40 }, () => {}, NEVER).reached;
    const first = maker.make(request, () => {}, NEVER).reached;
    const second = maker.make({ ...request, first: 20 }, () => {}, NEVER).reached;
    for (const [name, count] of both) expect(first.get(name)! + second.get(name)!).toBe(count);
  });

  it('ends before the next run when it is told to stop', () => {
    const signal = { aborted: false };
    const onRun = (n: number): void => {
      signal.aborted = n === 4;
    };
    const { counted } = new RangeMaker(fakeParts([GOOD])).make(request, onRun, signal);
    expect(counted.runs).toBe(5);
  });

  it('goes on with a new world after something was thrown', () => {
    const parts = fakeParts([GOOD, BROKEN], { throws: true });
    const maker = new RangeMaker(parts);
    const broken = maker.make({ ...request, suite: 'broken', runs: 400 }, () => {}, NEVER);
    expect(broken.thrown).toMatchObject({ message: 'the toy broke' });
    expect(broken.counted.runs).toBeGreaterThan(0);
    const fresh = new RangeMaker(parts).make(request, () => {}, NEVER);
    expect(maker.make(request, () => {}, NEVER)).toEqual(fresh);
  });
});
