/**
 * Guards runs near given scenarios: that variations of exactly those are drawn, that a seed fixes them, that what is kept in the
 * same directory meanwhile changes nothing, and that neither threads nor the tool's own demands on a suite get in the way.
 */
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Random } from '../../properties/arbitraries/random.ts';
import { SUITES } from '../../properties/suites/catalogue.ts';
import { hunt } from '../../src/cli/hunter.ts';
import type { RunRequest } from '../../src/cli/request.ts';
import { UsageError } from '../../src/engine/errors.ts';
import { diffTargets } from '../../src/engine/diff.ts';
import { readNear, suitesNear } from '../../src/engine/near.ts';
import { seedOfRun } from '../../src/engine/seeds.ts';
import { formatScenario } from '../../src/engine/scenario-file.ts';
import type { RunReport } from '../../src/engine/results.ts';
import { parseScenario } from '../../src/scenario/codec.ts';
import type { TargetChoice } from '../../src/scenario/scenario.ts';
import { createReferenceTarget } from '../../src/targets/reference.ts';
import { command, type Outcome } from '../support/command.ts';
import { fakeSuite, REPAIRED, scenarioOf } from '../support/fakes.ts';

let directory = '';

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'pagercheck-near-'));
});

afterEach(() => {
  rmSync(directory, { recursive: true, force: true });
});

const put = (name: string, text: string): void => writeFileSync(join(directory, name), text);

describe('the scenarios that are varied', () => {
  it('are those of the directory, by name', () => {
    put('b.yaml', formatScenario(scenarioOf('unlink')));
    put('a.yaml', formatScenario(scenarioOf('open')));
    put('notes.txt', 'no scenario');
    const near = readNear(directory);
    expect(near.path).toBe(directory);
    expect(near.scenarios.map(({ operations }) => operations[0]!.kind)).toEqual(['open', 'unlink']);
  });

  it('are the one of a file, whatever its name', () => {
    put('found.txt', formatScenario(scenarioOf('unlink')));
    const near = readNear(join(directory, 'found.txt'));
    expect(near.path).toBe(join(directory, 'found.txt'));
    expect(near.scenarios.map(({ operations }) => operations[0]!.kind)).toEqual(['unlink']);
    expect(() => readNear(join(directory, 'found.txt/a.yaml'))).toThrow(/^--near: cannot read /);
  });

  it('must be there', () => {
    const error = (text: string): UsageError => new UsageError(`--near: ${text}`);
    expect(() => readNear(directory)).toThrow(
      error(`there are no scenarios in ${directory}; name a directory with .yaml files`),
    );
    const missing = join(directory, 'nowhere');
    expect(() => readNear(missing)).toThrow(
      error(`there is no ${missing}; name a directory with scenarios, or one of them`),
    );
  });

  it('must all be scenarios', () => {
    put('a.yaml', formatScenario(scenarioOf('open')));
    put('b.yaml', 'version: 1\nthreads: many\n');
    expect(() => readNear(directory)).toThrow(UsageError);
    expect(() => readNear('/dev/null')).toThrow(/^--near: \/dev\/null is neither a directory nor a file; /);
  });
});

describe('suites near scenarios', () => {
  const scenarios = [scenarioOf('open', 'close'), scenarioOf('map', 'unmap')];
  const near = { path: 'd', scenarios };

  it('are the suites themselves where there is nothing to vary', () => {
    expect(suitesNear(SUITES, null)).toBe(SUITES);
  });

  it('draw variations of each of them, and nothing else', () => {
    const [suite] = suitesNear([fakeSuite('fake', ['read'])], near);
    const random = new Random(7);
    const parents = new Set<number>();
    for (let run = 0; run < 40; run++) {
      const { operations } = suite!.generate(random);
      const parent = scenarios.findIndex((one) => one.operations[0]!.kind === operations[0]!.kind);
      expect(operations.slice(0, 2)).toEqual(scenarios[parent]!.operations);
      expect(operations.map(({ kind }) => kind).slice(2)).toEqual(['read']);
      parents.add(parent);
    }
    expect(parents).toEqual(new Set([0, 1]));
  });

  it('are all that they were otherwise', () => {
    for (const [i, suite] of suitesNear(SUITES, near).entries()) {
      const { generate: _, ...rest } = suite;
      expect(SUITES[i]).toMatchObject(rest);
    }
  });
});

describe('runs near scenarios', () => {
  /** A scenario that stores into a page and puts it: what the sector behind EOF holds then is near. */
  const parent = scenarioOf('store', 'pageout');

  const request = (changes: Partial<RunRequest>): RunRequest => ({
    choice: REPAIRED,
    seed: 5,
    near: { path: 'scenarios', scenarios: [parent] },
    suites: ['put', 'threads'],
    properties: [],
    runs: 100,
    timeMs: null,
    failuresMax: 10,
    corpus: null,
    checkDeterminism: false,
    requireReach: true,
    switches: [],
    jobs: 1,
    ...changes,
  });
  const run = (changes: Partial<RunRequest> = {}): Promise<RunReport> =>
    hunt(request(changes), {}, { aborted: false });
  const timeless = (report: RunReport): unknown =>
    JSON.parse(JSON.stringify(report, (key, value: unknown) => (key === 'elapsedMs' ? 0 : value)));

  it('are fixed by the seed, whoever makes them, and need not reach what the suites draw from nothing', async () => {
    const one = await run();
    expect(one).toMatchObject({ verdict: 'held', near: 'scenarios', seed: 5 });
    expect(timeless(await run({ jobs: 2 }))).toEqual(timeless(one));
    expect(timeless(await run({ seed: 6 }))).not.toEqual(timeless(one));
    const plain = await run({ near: null });
    expect(plain.near).toBeNull();
    // variations of two operations are shorter than what is drawn from nothing
    expect(one.suites[0]!.operations).toBeLessThan(plain.suites[0]!.operations / 2);
  });

  it('draw the same although counterexamples are kept where the scenarios are', async () => {
    put('a.yaml', formatScenario(parent));
    const choice: TargetChoice = { name: 'reference', form: 'as-written', switches: [] };
    const changes = { near: readNear(directory), choice, suites: ['put'], runs: 20, failuresMax: 100 };
    const first = await run(changes);
    const kept = await run({ ...changes, corpus: directory });
    expect(kept.verdict).toBe('violated');
    expect(readdirSync(directory).length).toBeGreaterThan(1);
    const drawn = ({ suites }: RunReport): unknown => suites.find(({ name }) => name === 'put')!.operations;
    expect(drawn(kept)).toEqual(drawn(first));
  });

  it('leave what is varied as it is, also where they are compared', async () => {
    const choice = { target: createReferenceTarget(), choice: REPAIRED };
    const small = { ...parent, geometry: { ...parent.geometry, pbufs: 1, mapPages: 1 } };
    const pools: number[] = [];
    await diffTargets(
      {
        left: choice,
        right: { ...choice, target: createReferenceTarget() },
        suites: suitesNear(SUITES, { path: 'd', scenarios: [small] }).slice(0, 1),
        asDrawn: true,
        seed: 1,
        runs: 20,
        timeMs: null,
        corpus: null,
        watch: ({ geometry }) => void pools.push(geometry.pbufs),
      },
      { aborted: false },
    );
    // some variations have another pool
    expect(pools.filter((pbufs) => pbufs === 1).length).toBeGreaterThan(10);
    expect(small.geometry).toEqual({ ...parent.geometry, pbufs: 1, mapPages: 1 });
  });

  it('can be compared, and printed as a file that says where it comes from and names no pager of theirs', async () => {
    const file = join(directory, 'it is.yaml');
    const choice: TargetChoice = { name: 'reference', form: 'as-written', switches: ['alloc-race'] };
    writeFileSync(file, formatScenario({ ...parent, target: choice }));
    const compare = (...argv: string[]): Promise<Outcome> =>
      command(
        'diff',
        '--right',
        'reference',
        '--runs',
        '5',
        '--suite',
        'put',
        '--corpus',
        directory,
        ...argv,
      );
    const near = await compare('--near', file);
    expect(near).toMatchObject({ code: 0, err: '' });
    expect(near.out).toContain(`seed 1; near the 1 scenario of ${file}\n`);
    const compared = ({ out }: Outcome): string => /^compared.*$/m.exec(out)![0];
    expect(compared(near)).not.toEqual(compared(await compare()));

    const { code, out } = await command('gen', '--suite', 'put', '--near', file);
    expect(code).toBe(0);
    expect(out).toContain(`# pagercheck gen --suite put --seed 1 --near '${file}'\n`);
    const { scenario } = parseScenario(out, 'printed');
    const first = suitesNear(SUITES, readNear(file))
      .find(({ name }) => name === 'put')!
      .generate(new Random(seedOfRun(1, 'put', 0)));
    expect(formatScenario(scenario!)).toBe(formatScenario({ ...first, target: REPAIRED }));
    expect(scenario!.target).toEqual(REPAIRED);
    expect(scenario!.operations.map(({ kind }) => kind)).toEqual(
      expect.arrayContaining(['store', 'pageout']),
    );
  });
});
