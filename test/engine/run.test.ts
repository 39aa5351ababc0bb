/**
 * Guards the engine on a toy world: that failures are grouped by cause, shrunk and kept; that a seed fixes everything; that
 * interrupts, exceptions and wavering targets lose nothing and hide nothing.
 */
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { writeScenario } from '../../src/engine/corpus.ts';
import type { Listener } from '../../src/engine/hunt.ts';
import { replayScenario } from '../../src/engine/replay.ts';
import type { RunReport } from '../../src/engine/results.ts';
import { allProperties, runSuites, type RunOptions } from '../../src/engine/run.ts';
import { readScenarioFile } from '../../src/engine/scenario-file.ts';
import { seedOfRun } from '../../src/engine/seeds.ts';
import type { Parts } from '../../src/engine/parts.ts';
import { fakeParts, fakeSuite, REPAIRED, scenarioOf } from '../support/fakes.ts';

const GOOD = fakeSuite('good', ['open', 'close', 'read', 'haspage']);
const BAD = fakeSuite('bad', ['open', 'close', 'read', 'unlink']);
const WORSE = fakeSuite('worse', ['open', 'unlink', 'rename', 'map', 'unmap']);

let corpus = '';

beforeEach(() => {
  corpus = mkdtempSync(join(tmpdir(), 'pagercheck-run-'));
});

afterEach(() => {
  rmSync(corpus, { recursive: true, force: true });
});

function optionsOf(parts: Parts, changes: Partial<RunOptions> = {}): RunOptions {
  return {
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
    threads: null,
    ...changes,
  };
}

const run = (parts: Parts, changes: Partial<RunOptions> = {}, listener: Listener = {}): Promise<RunReport> =>
  runSuites(optionsOf(parts, changes), listener);

/** A report without what no seed fixes. */
function timeless(report: RunReport): unknown {
  return JSON.parse(JSON.stringify(report, (key, value: unknown) => (key === 'elapsedMs' ? 0 : value)));
}

describe('a run that holds', () => {
  it('counts runs, operations, no-ops, transfers and what was reached', async () => {
    const report = await run(fakeParts([GOOD]));
    expect(report).toMatchObject({ verdict: 'held', seed: 1, stopped: 'done', notRun: [], internal: null });
    const [suite] = report.suites;
    expect(suite).toMatchObject({ name: 'good', runs: 50, runsPlanned: 50, operations: 500, violations: [] });
    const counts = new Map(suite!.reached.map(({ name, count }) => [name, count]));
    expect(suite!.noops).toBe(counts.get('haspage'));
    expect(suite!.transfers).toBe(counts.get('read'));
    expect(counts.get('rename')).toBe(0);
    expect([...counts.values()].reduce((sum, n) => sum + n)).toBe(500);
    expect(readdirSync(corpus)).toEqual([]);
  });

  it('is fixed by its seed', async () => {
    const [first, second, other] = await Promise.all(
      [1, 1, 2].map((seed) => run(fakeParts([GOOD]), { seed })),
    );
    expect(timeless(second!)).toEqual(timeless(first!));
    expect(timeless({ ...other!, seed: 1 })).not.toEqual(timeless(first!));
  });

  it('runs only the suites that are asked for, in that order', async () => {
    const suites = ['c', 'a', 'b'].map((name) => fakeSuite(name, ['open'], { runs: 3 }));
    const report = await run(fakeParts(suites), { suites: ['b', 'a'] });
    expect(report.suites.map(({ name, runs }) => [name, runs])).toEqual([
      ['b', 3],
      ['a', 3],
    ]);
  });
});

describe('seeds of runs', () => {
  it('depend on seed, suite and index, and on nothing else', () => {
    const seeds = [1, 2].flatMap((seed) =>
      ['a', 'b', 'ab', 'ba'].flatMap((suite) =>
        Array.from({ length: 500 }, (_, i) => seedOfRun(seed, suite, i)),
      ),
    );
    // 4000 draws from 2^32: a birthday pair is unlikely, and a pattern would give many.
    expect(new Set(seeds).size).toBeGreaterThan(3998);
    expect(seedOfRun(1, 'mixed', 0)).toBe(seedOfRun(1, 'mixed', 0));
  });
});

describe('a run that finds something', () => {
  it('reports each cause once, shrunk, explained and kept', async () => {
    const told: string[] = [];
    const report = await run(
      fakeParts([BAD]),
      {},
      {
        shrinking: (suite, violation) => told.push(`shrinking ${suite} ${violation.property}`),
        violation: (suite, found) => told.push(`violation ${suite} ${found.property}`),
      },
    );
    expect(report.verdict).toBe('violated');
    expect(report.suites[0]!.violations).toHaveLength(1);
    const [found] = report.suites[0]!.violations;
    expect(found).toMatchObject({
      property: 'closed-before-unlink',
      cause: 'closed-before-unlink/unlink/-',
      operations: 2,
      operationsBefore: 10,
      reproduced: true,
      fileError: null,
    });
    expect(found!.runs).toBeGreaterThan(5);
    expect(found!.scenario.operations.map((one) => one.kind)).toEqual(['open', 'unlink']);
    expect(found!.explanation.operation).toBe(found!.scenario.operations[1]!.id);
    expect(told).toEqual(['shrinking bad closed-before-unlink', 'violation bad closed-before-unlink']);
    expect(report.suites[0]!.runs).toBe(50);
    const kept = readScenarioFile(found!.file!);
    expect(kept).toEqual(found!.scenario);
    expect(kept.expect).toEqual({ property: found!.property, cause: found!.cause });
    expect(replayScenario(fakeParts([]), kept, ['closed-before-unlink']).verdict).toBe('reproduced');
  });

  it('is fixed by its seed, files included', async () => {
    const first = await run(fakeParts([WORSE]));
    const files = readdirSync(corpus);
    const texts = files.map((file) => readFileSync(join(corpus, file), 'utf8'));
    rmSync(corpus, { recursive: true });
    const second = await run(fakeParts([WORSE]));
    expect(timeless(second)).toEqual(timeless(first));
    expect(readdirSync(corpus)).toEqual(files);
    expect(readdirSync(corpus).map((file) => readFileSync(join(corpus, file), 'utf8'))).toEqual(texts);
  });

  it('ends after enough distinct causes, and says what was not run', async () => {
    const report = await run(fakeParts([BAD, GOOD]), { failuresMax: 1 });
    expect(report).toMatchObject({ verdict: 'violated', stopped: 'max-failures', notRun: ['good'] });
    expect(report.suites[0]!.runs).toBeLessThan(50);
  });

  it('shrinks a cause once, though several suites show it', async () => {
    const again = fakeSuite('again', ['open', 'unlink']);
    const told: string[] = [];
    const report = await run(fakeParts([BAD, again]), {}, { violation: (suite) => told.push(suite) });
    expect(told).toEqual(['bad']);
    expect(report.suites[1]!.violations[0]!.file).toBe(report.suites[0]!.violations[0]!.file);
    expect(readdirSync(corpus)).toHaveLength(1);
  });

  it('judges by the properties that are asked for only', async () => {
    const report = await run(fakeParts([WORSE]), { properties: ['never-renamed'] });
    expect(report.suites[0]!.violations.map((one) => one.property)).toEqual(['never-renamed']);
    expect(report.suites[0]!.properties).toEqual(['never-renamed']);
  });

  it('keeps nothing where nothing is to be kept', async () => {
    const report = await run(fakeParts([BAD]), { corpus: null });
    expect(report.suites[0]!.violations[0]!.file).toBeNull();
  });

  it('reports a violation whose file cannot be written any more', async () => {
    const report = await run(
      fakeParts([BAD]),
      { corpus: join(corpus, 'new') },
      {
        shrinking: () => rmSync(corpus, { recursive: true }),
      },
    );
    expect(report.verdict).toBe('violated');
    const [found] = report.suites[0]!.violations;
    // The directory is simply made again.
    expect(found!.file).toContain('closed-before-unlink');
  });

  it('says when a failure needs what ran before it', async () => {
    const parts = fakeParts([BAD]);
    let targets = 0;
    const makeTarget = parts.makeTarget;
    // The first target fails, later ones never do: as if the first one had kept something from an earlier run.
    parts.makeTarget = () => {
      const target = makeTarget();
      if (targets++ === 0) return target;
      return { ...target, execute: (scenario) => target.execute(scenario, null) };
    };
    const report = await run(parts, { failuresMax: 1 });
    expect(report.suites[0]!.violations[0]).toMatchObject({ reproduced: false, operations: 10 });
  });
});

describe('the corpus', () => {
  const write = (name: string, scenario = scenarioOf('open', 'unlink')): string =>
    writeScenario(corpus, name, scenario, () => 'why');

  it('runs first, under the run’s own target', async () => {
    write('a', {
      ...scenarioOf('open', 'close'),
      target: { name: 'reference', form: 'as-written', switches: [] },
    });
    const order: string[] = [];
    const report = await run(fakeParts([GOOD]), {}, { suiteBegin: (name) => order.push(name) });
    expect(order).toEqual(['corpus', 'good']);
    expect(report.suites[0]).toMatchObject({ name: 'corpus', runs: 1, runsPlanned: 1, operations: 2 });
    expect(report.verdict).toBe('held');
  });

  it('names the file itself when it fails as it says', async () => {
    const expected = { property: 'closed-before-unlink', cause: 'closed-before-unlink/unlink/-' };
    const file = write('a', { ...scenarioOf('open', 'read', 'unlink'), expect: expected });
    const report = await run(fakeParts([BAD]));
    expect(report.suites[0]!.violations).toMatchObject([{ ...expected, file, operations: 3, runs: 1 }]);
    expect(report.suites[1]!.violations[0]!.file).toBe(file);
    expect(readdirSync(corpus)).toHaveLength(1);
  });

  it.each([
    ['in a new way', { expect: { property: 'never-renamed', cause: 'x' } }],
    ['for another target', { target: { name: 'reference', form: 'as-written' as const, switches: [] } }],
  ])('keeps a file of its own for what fails %s', async (_, changes) => {
    const old = write('a', { ...scenarioOf('open', 'read', 'unlink'), ...changes });
    const report = await run(fakeParts([GOOD]));
    const [found] = report.suites[0]!.violations;
    expect(found!.file).not.toBe(old);
    expect(readScenarioFile(found!.file!).target).toEqual(REPAIRED);
    expect(readdirSync(corpus)).toHaveLength(2);
  });

  it('stops everything, before anything runs, when a file is broken', async () => {
    const file = write('a');
    const suites: string[] = [];
    const broken = readFileSync(file, 'utf8').replace('operations:', 'operation:');
    rmSync(file);
    writeFileSync(file, broken);
    await expect(run(fakeParts([GOOD]), {}, { suiteBegin: (name) => suites.push(name) })).rejects.toThrow(
      /a-\w+\.yaml:\d+:\d+: /,
    );
    expect(suites).toEqual([]);
  });
});

describe('what a suite must have reached', () => {
  it('is missed only when enough runs were made', async () => {
    const reach = { rename: 40, open: 1, 'never heard of': 50 };
    const suite = fakeSuite('s', ['open', 'close'], { reach });
    const full = await run(fakeParts([suite]));
    expect(full.verdict).toBe('not-reached');
    expect(full.suites[0]!.notReached.toSorted()).toEqual(['never heard of', 'rename']);
    const short = await run(fakeParts([suite]), { runs: 45 });
    expect(short.suites[0]!.notReached).toEqual(['rename']);
    expect((await run(fakeParts([suite]), { runs: 39 })).verdict).toBe('held');
  });

  it('is only counted where it is not required', async () => {
    const suite = fakeSuite('s', ['open', 'close'], { reach: { rename: 1 } });
    const report = await run(fakeParts([suite]), { requireReach: false });
    expect(report.verdict).toBe('held');
    expect(report.suites[0]!.reached).toContainEqual({ name: 'rename', count: 0, requiredAfter: null });
  });

  it('yields to a violation', async () => {
    const report = await run(fakeParts([fakeSuite('s', ['open', 'unlink'], { reach: { rename: 1 } })]));
    expect(report.verdict).toBe('violated');
    expect(report.suites[0]!.notReached).toEqual(['rename']);
  });
});

describe('an exception in the target', () => {
  const broken = fakeSuite('broken', ['open', 'close', 'recycle', 'map', 'unmap', 'fault']);

  it('ends the run as an internal error and keeps the scenario', async () => {
    const report = await run(fakeParts([broken, GOOD], { throws: true }));
    expect(report).toMatchObject({ verdict: 'internal-error', stopped: 'internal-error', notRun: ['good'] });
    expect(report.internal).toMatchObject({ message: 'the toy broke', suite: 'broken' });
    expect(report.internal!.stack).toContain('TypeError');
    const scenario = readScenarioFile(report.internal!.file!);
    expect(scenario.operations.map((one) => one.kind)).toContain('recycle');
  });

  it('does not hide the violation that was being shrunk', async () => {
    const both = fakeSuite('both', ['open', 'unlink', 'recycle']);
    const parts = fakeParts([both], { throws: true });
    // Only the shrinker's candidates throw: every scenario of the hunt comes with the operations in a harmless order.
    both.generate = () => scenarioOf('open', 'close', 'open', 'unlink', 'read');
    parts.shrink = (scenario, fails) => {
      fails(scenarioOf('recycle'));
      return { scenario, executions: 1 };
    };
    const report = await run(parts);
    expect(report.verdict).toBe('violated');
    expect(report.internal?.message).toBe('the toy broke');
  });

  it.each([
    ['a generator', 'generate'],
    ['coverage', 'coverage'],
  ])('is told apart by where it was thrown: %s', async (_, where) => {
    const explode = (): never => {
      throw new RangeError('out of range');
    };
    const suite = fakeSuite(
      's',
      ['open'],
      where === 'generate' ? { generate: explode } : { coverage: explode },
    );
    const report = await run(fakeParts([suite]));
    expect(report.verdict).toBe('internal-error');
    expect(report.internal!.message).toContain('out of range');
  });
});

describe('stopping early', () => {
  it('keeps what was found until the interrupt', async () => {
    const abort = new AbortController();
    const listener: Listener = { violation: () => abort.abort() };
    const report = await runSuites(optionsOf(fakeParts([BAD, GOOD])), listener, abort.signal);
    expect(report).toMatchObject({ verdict: 'violated', stopped: 'interrupted', notRun: ['good'] });
    expect(readdirSync(corpus)).toHaveLength(1);
  });

  it('is the verdict if nothing was found', async () => {
    const abort = new AbortController();
    let runs = 0;
    const parts = fakeParts([GOOD], {
      before: () => {
        if (++runs === 7) abort.abort();
      },
    });
    const report = await runSuites(optionsOf(parts), {}, abort.signal);
    expect(report).toMatchObject({ verdict: 'interrupted', stopped: 'interrupted' });
    expect(report.suites[0]!.runs).toBe(7);
  });

  it('cuts a shrink short and keeps the smallest so far', async () => {
    const abort = new AbortController();
    const parts = fakeParts([BAD], {});
    const shrink = parts.shrink;
    let asked = 0;
    parts.shrink = (scenario, fails) =>
      shrink(scenario, (candidate) => {
        if (++asked === 3) abort.abort();
        return fails(candidate);
      });
    const report = await runSuites(optionsOf(parts), {}, abort.signal);
    expect(report.suites[0]!.violations).toHaveLength(1);
    expect(report.suites[0]!.violations[0]).toMatchObject({ reproduced: true });
    expect(report.suites[0]!.violations[0]!.operations).toBeGreaterThan(2);
  });

  it('obeys a time limit, shared by the suites', async () => {
    const suites = ['a', 'b'].map((name) => fakeSuite(name, ['open', 'close']));
    const report = await run(fakeParts(suites), { timeMs: 200 });
    expect(report).toMatchObject({ verdict: 'held', stopped: 'time', notRun: [] });
    expect(report.suites.map((suite) => suite.runsPlanned)).toEqual([null, null]);
    expect(report.suites.every((suite) => suite.runs > 0)).toBe(true);
    expect(report.elapsedMs).toBeLessThan(2000);
  });

  it.each([null, 50])(
    'says of which suites it made no run because the time was over (runs: %j)',
    async (runs) => {
      const suites = ['a', 'b', 'c'].map((name) => fakeSuite(name, ['open', 'close']));
      const before = (): void => {
        const until = performance.now() + 60;
        while (performance.now() < until);
      };
      const report = await run(fakeParts(suites, { before }), { timeMs: 30, runs });
      expect(report).toMatchObject({ verdict: 'held', stopped: 'time', notRun: ['b', 'c'] });
      expect(report.suites).toMatchObject([{ name: 'a', runs: 1 }]);
    },
  );

  it('takes runs and time together as whichever comes first', async () => {
    const report = await run(fakeParts([GOOD]), { timeMs: 60_000, runs: 20 });
    expect(report).toMatchObject({ stopped: 'done' });
    expect(report.suites[0]!.runs).toBe(20);
  });

  it('lets the event loop turn', async () => {
    const slow = fakeParts([GOOD], {
      before: () => {
        const until = performance.now() + 5;
        while (performance.now() < until);
      },
    });
    let turns = 0;
    const timer = setInterval(() => turns++, 1);
    let progress = 0;
    await run(slow, {}, { progress: () => progress++ });
    clearInterval(timer);
    expect(turns).toBeGreaterThanOrEqual(2);
    expect(progress).toBeGreaterThanOrEqual(2);
  });
});

describe('the determinism check', () => {
  const suite = fakeSuite('s', ['open', 'close', 'haspage', 'read']);

  it('finds nothing in a target that is deterministic', async () => {
    const report = await run(fakeParts([suite]), { checkDeterminism: true });
    expect(report).toMatchObject({ verdict: 'held' });
    expect(report.suites[0]).toMatchObject({ runs: 50, operations: 500, difference: null });
  });

  it('names the first event that differs, and keeps the scenario', async () => {
    const report = await run(fakeParts([suite, GOOD], { wavers: true }), { checkDeterminism: true });
    expect(report.verdict).toBe('not-deterministic');
    const { difference } = report.suites[0]!;
    expect(difference!.first).toMatch(/message\s+asked 1 times$/);
    expect(difference!.second).toMatch(/message\s+asked \d+ times$/);
    const scenario = readScenarioFile(difference!.file!);
    expect(scenario.operations.map((one) => one.kind)).toContain('haspage');
    expect(report.suites[1]!.runs).toBe(50);
  });

  it('still finds violations', async () => {
    const report = await run(fakeParts([BAD]), { checkDeterminism: true });
    expect(report.suites[0]!.violations).toHaveLength(1);
  });

  it('is refused for a target that does not claim it', async () => {
    const parts = fakeParts([suite]);
    const { makeTarget } = parts;
    parts.makeTarget = () => {
      const target = makeTarget();
      return { ...target, capabilities: { ...target.capabilities, deterministic: false } };
    };
    await expect(run(parts, { checkDeterminism: true })).rejects.toThrow('--check-determinism');
  });
});

describe('a replay', () => {
  const parts = fakeParts([], { panics: true });
  const expected = { property: 'closed-before-unlink', cause: 'closed-before-unlink/unlink/-' };
  const replay = (scenario: ReturnType<typeof scenarioOf>) =>
    replayScenario(parts, scenario, allProperties(parts));

  it.each([
    ['reproduced', { ...scenarioOf('open', 'unlink'), expect: expected }],
    ['held', { ...scenarioOf('open', 'close'), expect: expected }],
    ['differs', { ...scenarioOf('rename'), expect: expected }],
    ['reproduced', scenarioOf('rename')],
    ['held', scenarioOf('open')],
  ] as const)('is %s', (verdict, scenario) => {
    expect(replay(scenario).verdict).toBe(verdict);
  });

  it('reproduces what is expected among other failures', () => {
    const outcome = replay({ ...scenarioOf('rename', 'open', 'unlink'), expect: expected });
    expect(outcome.verdict).toBe('reproduced');
    expect(outcome.reproduced!.property).toBe('closed-before-unlink');
    expect(outcome.violations.map((one) => one.property)).toEqual(['never-renamed', 'closed-before-unlink']);
  });

  it('tells how the run ended', () => {
    expect(replay(scenarioOf('open', 'nullpager')).result).toMatchObject({
      ending: 'panic',
      detail: 'null pager',
    });
  });
});
