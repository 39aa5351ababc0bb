/**
 * Guards the library: what one's own tests call. A correct pager holds, wrong requests are refused with the names that exist,
 * counterexamples can be kept, read and replayed.
 */
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, describe, expect, it, vi } from 'vitest';
import OnePagePager from '../examples/one-page/pager.ts';
import {
  assertPager,
  BasePager,
  checkPager,
  definePagerTarget,
  defineReferenceTarget,
  formatScenario,
  groupsOf,
  PagerCheckError,
  parseScenario,
  properties,
  replay,
  suites,
  UsageError,
  type CheckOptions,
  type FailureGroup,
  type PagerFactory,
  type RunReport,
  type Scenario,
} from '../src/index.ts';
import { scenarioOf } from './support/fakes.ts';

const FUNCTIONS = 'init alloc dealloc getpage putpage putmulti haspage setsize umount uncache iodone'.split(
  ' ',
);
const base: PagerFactory = (kernel) => new BasePager(kernel);
const buggy: PagerFactory = (kernel) => new OnePagePager(kernel);
const asyncPager = (): unknown => ({
  ...Object.fromEntries(FUNCTIONS.map((name) => [name, () => {}])),
  getmulti: async () => 0,
});
const EASY = { suites: ['get'], properties: ['paging-in-progress-below-zero'], runs: 30 };

const directories: string[] = [];

afterEach(() => {
  for (const directory of directories.splice(0)) rmSync(directory, { recursive: true, force: true });
});

describe('checkPager', () => {
  it('reports what was run', async () => {
    const report = await checkPager({ pager: base, ...EASY });
    expect(report).toMatchObject({ verdict: 'held', seed: 1, target: { name: 'pager' } });
    expect(report.suites).toMatchObject([{ name: 'get', runs: 30, violations: [] }]);
  });

  it.each([
    [{ suites: ['gte'] }, 'checkPager: there is no suite "gte"; did you mean get?'],
    [{ properties: ['zero-past-eol'] }, 'did you mean zero-past-eof?'],
    [{ suites: 'get' }, `checkPager: suites: "get" is not a list of names; write ['NAME', ...]`],
    [{ suites: [7] }, 'checkPager: suites: the list is not a list of names'],
    [{ suites: [] }, 'checkPager: suites: the list names nothing, and nothing would be run; leave it away'],
    [{ properties: [] }, 'checkPager: properties: the list names nothing, '],
    [{ runs: 0 }, 'checkPager: runs: 0 is not a whole number from 1 to 1000000000'],
    [{ runs: -1 }, 'checkPager: runs: -1 is not'],
    [{ runs: 1.5 }, 'checkPager: runs: 1.5 is not'],
    [{ runs: NaN }, 'checkPager: runs: NaN is not'],
    [{ runs: '5' }, 'checkPager: runs: "5" is not'],
    [{ seed: -1 }, 'checkPager: seed: -1 is not a whole number from 0 to 4294967295'],
    [{ seed: 'abc' }, 'checkPager: seed: "abc" is not'],
    [{ maxFailures: 0 }, 'checkPager: maxFailures: 0 is not a whole number from 1 to 1000'],
    [{ time: '1' }, 'checkPager: time: "1" is not a time; write it as 30s, 10m or 2h'],
    [{ time: 30 }, 'checkPager: time: 30 is not a time'],
    [{ checkDeterminism: 1 }, 'checkPager: checkDeterminism: 1 is neither true nor false'],
    [{ jobs: 65 }, 'checkPager: jobs: 65 is not a whole number from 1 to 64'],
    [{ jobs: 2 }, 'checkPager: jobs: what makes the pager cannot be sent to other threads; give its module'],
    [{ name: '' }, 'checkPager: name: "" is not a name'],
    [
      { name: 'reference' },
      'checkPager: name: reference is the pager that comes with pagercheck; choose another',
    ],
    [{ corpus: '' }, 'checkPager: corpus: "" is not the path of a directory'],
    [{ near: '' }, 'checkPager: near: "" is not the path of a directory or a file'],
    [{ signal: new AbortController() }, 'checkPager: signal: the object has no aborted'],
    [{ maxFailure: 3 }, 'checkPager: there is no option "maxFailure"; did you mean maxFailures?'],
    [{ pager: undefined }, 'checkPager: there is no pager; write pager: (kernel) => new MyPager(kernel)'],
    [
      { pager: './x.ts' },
      'checkPager: pager is not a function; write pager: (kernel) => new MyPager(kernel), or give its module, ' +
        "pager: new URL('./my-pager.ts', import.meta.url)",
    ],
    [{ pager: () => 7 }, 'checkPager: pager makes no pager; write pager: (kernel) => '],
    [{ pager: () => ({ init: () => {} }) }, 'checkPager: its pager lacks alloc, dealloc, getpage and more; '],
    [{ pager: asyncPager }, 'checkPager: getmulti must be a generator (*getmulti); it is async'],
  ])('refuses %j', async (options, message) => {
    const failure = checkPager({ pager: base, ...options } as unknown as CheckOptions);
    await expect(failure).rejects.toThrow(message);
    await expect(failure).rejects.toBeInstanceOf(UsageError);
  });

  it('refuses what is no options at all', async () => {
    await expect(checkPager(base as unknown as CheckOptions)).rejects.toThrow(
      'checkPager: takes an object; ',
    );
  });

  it('takes a class as well', async () => {
    expect((await checkPager({ pager: BasePager, ...EASY })).verdict).toBe('held');
  });

  it.each([
    ['getmulti', () => 0, 'getmulti must be a generator (*getmulti); it returned a number'],
    ['getmulti', async () => 0, 'getmulti must be a generator (*getmulti); it is async'],
    ['getmulti', () => Promise.resolve(0), 'getmulti must be a generator (*getmulti); it returned a Promise'],
    ['dealloc', () => {}, 'dealloc must be a generator (*dealloc); it returned undefined'],
    [
      'haspage',
      () => Promise.resolve(true),
      'haspage must be a plain function or a generator (*haspage); it returned a Promise',
    ],
  ])('says what %s must be: %s', async (name, method, message) => {
    const pager: PagerFactory = (kernel) => Object.assign(new BasePager(kernel), { [name]: method });
    await expect(assertPager({ pager, ...EASY })).rejects.toThrow(message);
  });

  it('keeps counterexamples where it is told, and runs them first', async () => {
    const corpus = mkdtempSync(join(tmpdir(), 'pagercheck-index-'));
    directories.push(corpus);
    const options = { pager: buggy, name: 'buggy', properties: ['zero-past-eof'], maxFailures: 1, corpus };
    const first = await checkPager(options);
    const [file] = readdirSync(corpus);
    expect(first.suites[0]!.violations[0]!.file).toBe(join(corpus, file!));
    const second = await checkPager(options);
    expect(second.suites[0]).toMatchObject({
      name: 'corpus',
      runs: 1,
      violations: [{ file: join(corpus, file!) }],
    });
    const text = readFileSync(join(corpus, file!), 'utf8');
    const how = 'replay(parseScenario(readFileSync(FILE), FILE).scenario, PAGER) in the program of buggy';
    expect(text).toContain(`\n# ${join(corpus, file!)}: ${how}\n`);
    expect(new PagerCheckError(first).message).toContain(`\n  ${join(corpus, file!)}: ${how}`);
    const read = parseScenario(text, file!);
    expect(read.problems).toBeUndefined();
    expect(replay(read.scenario!, buggy).verdict).toBe('reproduced');
    expect(() => replay(read.scenario!)).toThrow('hand its pager to replay');
  });

  it('runs variations of the scenarios of a directory', async () => {
    const near = mkdtempSync(join(tmpdir(), 'pagercheck-index-'));
    directories.push(near);
    await expect(checkPager({ pager: base, ...EASY, near })).rejects.toThrow(
      /^checkPager: near: there are no scenarios in /,
    );
    writeFileSync(join(near, 'one.yaml'), formatScenario(scenarioOf('unlink')));
    const report = await checkPager({ pager: base, ...EASY, near });
    expect(report).toMatchObject({ verdict: 'held', near });
    const plain = await checkPager({ pager: base, ...EASY });
    expect(report.suites[0]!.operations).toBeLessThan(plain.suites[0]!.operations / 2);
  });

  it('names a corpus that cannot be used as it is called here', async () => {
    await expect(checkPager({ pager: base, ...EASY, corpus: '/dev/null/x' })).rejects.toThrow(
      /^checkPager: corpus: cannot read /,
    );
  });

  it('can be stopped', async () => {
    const report = await checkPager({ pager: base, ...EASY, signal: AbortSignal.abort() });
    expect(report).toMatchObject({ verdict: 'interrupted', stopped: 'interrupted' });
  });

  it('makes an exception in the pager a report, not a crash', async () => {
    class Broken extends BasePager {
      override haspage(): boolean {
        throw new TypeError('not written yet');
      }
    }
    const options = { suites: ['get'], runs: 20, seed: 1, maxFailures: 1 };
    const report = await checkPager({ pager: (kernel) => new Broken(kernel), ...options });
    expect(report).toMatchObject({
      verdict: 'violated',
      suites: [{ violations: [{ property: 'no-trap', operations: 1 }] }],
    });
    const failure = assertPager({ pager: (kernel) => new Broken(kernel), ...options });
    await expect(failure).rejects.toThrow(
      / {2}observed {3}index\.test\.ts:\d+: TypeError: not written yet\n/,
    );
  });

  it('shows the scenario of an internal error, if no corpus keeps it', async () => {
    class Broken extends BasePager {
      override getmulti(): ReturnType<BasePager['getmulti']> {
        return 0 as unknown as ReturnType<BasePager['getmulti']>;
      }
    }
    const failure = assertPager({ pager: (kernel) => new Broken(kernel), ...EASY });
    await expect(failure).rejects.toThrow(
      /^internal error in get, run 0: getmulti must be a generator [^]*\n {2}in this scenario, which no corpus keeps:\n\n? {4}version: 1\n/m,
    );
  });
});

describe('replay', () => {
  it.each([
    [
      'x.yaml',
      'replay: "x.yaml" is no scenario; of a file, give parseScenario(readFileSync(FILE), FILE).scenario',
    ],
    [undefined, 'replay: undefined is no scenario; '],
    [null, 'replay: null is no scenario; '],
    [parseScenario('version: 1', 'x.yaml'), 'replay: the object is no scenario; '],
    [{ ...scenarioOf('open'), threads: 0 }, 'replay: the scenario is wrong: threads: '],
    [
      { ...scenarioOf('open'), threads: 0, media: [7] },
      /^replay: the scenario is wrong: .+ \(and \d more: checkScenario lists them\)$/,
    ],
  ])('refuses %j', (scenario, message) => {
    const replayed = (): unknown => replay(scenario as Scenario, base);
    expect(replayed).toThrow(message);
    expect(replayed).toThrow(UsageError);
  });
});

describe('a module', () => {
  const ONE_PAGE = new URL('../examples/one-page/pager.ts', import.meta.url);

  /** A module in a directory of its own, which is also the corpus. */
  function moduleOf(body: string): { url: URL; corpus: string } {
    const corpus = mkdtempSync(join(tmpdir(), 'pagercheck-module-'));
    directories.push(corpus);
    const path = join(corpus, 'pager.ts');
    writeFileSync(path, body);
    return { url: pathToFileURL(path), corpus };
  }

  it('is checked in a thread, or in several, as its class is here', async () => {
    const options = { suites: ['get', 'put'], runs: 40, seed: 3, maxFailures: 2 };
    const bare = ({ target: _, ...report }: RunReport): unknown =>
      JSON.parse(
        JSON.stringify(report, (key, value: unknown) =>
          key === 'elapsedMs' || key === 'target' ? undefined : value,
        ),
      );
    const here = await checkPager({ pager: OnePagePager, ...options });
    expect(here.verdict).toBe('violated');
    for (const jobs of [1, 2]) {
      const there = await checkPager({ pager: ONE_PAGE, jobs, ...options });
      expect(there.target.name).toBe('examples/one-page/pager.ts');
      expect(bare(there)).toEqual(bare(here));
    }
  });

  it('is told the story of as its class is', async () => {
    const options = { suites: ['get'], properties: ['zero-past-eof'], maxFailures: 1 };
    const messageOf = async (pager: CheckOptions['pager']): Promise<string> =>
      assertPager({ pager, ...options }).then(
        () => '',
        (thrown: unknown) => (thrown as Error).message.replaceAll(/^ +target: .*\n/gm, ''),
      );
    const message = await messageOf(ONE_PAGE);
    expect(message).toContain('how it came to that');
    expect(message).toBe(await messageOf(OnePagePager));
  });

  it('that loops without calling the kernel is given up, with its scenario', async () => {
    const { url, corpus } = moduleOf(`import { BasePager } from 'pagercheck';
      export default class Loops extends BasePager {
        override haspage(): boolean { for (;;); }
      }`);
    vi.stubEnv('PAGERCHECK_PATIENCE', '2');
    try {
      const report = await checkPager({ pager: url, corpus, ...EASY });
      expect(report).toMatchObject({ verdict: 'internal-error', stopped: 'internal-error' });
      expect(report.internal!.message).toContain('the pager under test loops');
      const text = readFileSync(report.internal!.file!, 'utf8');
      expect(parseScenario(text, report.internal!.file!).problems).toBeUndefined();
      await expect(assertPager({ pager: url, corpus, ...EASY })).rejects.toThrow(
        'the pager under test loops',
      );
    } finally {
      vi.unstubAllEnvs();
    }
  });

  it('can be stopped', async () => {
    const report = await checkPager({ pager: ONE_PAGE, ...EASY, signal: AbortSignal.abort() });
    expect(report).toMatchObject({ verdict: 'interrupted' });
  });

  it('that cannot be used is refused', async () => {
    const empty = moduleOf('export const nothing = 1;');
    await expect(checkPager({ pager: empty.url, ...EASY })).rejects.toThrow(
      /^checkPager: pager: .*pager\.ts: has no default export; write export default/,
    );
    await expect(checkPager({ pager: new URL('none.ts', empty.url), ...EASY })).rejects.toThrow(
      /^checkPager: pager: there is no module .*none\.ts$/,
    );
    await expect(checkPager({ pager: new URL('https://localhost/x.ts'), ...EASY })).rejects.toThrow(
      'checkPager: pager: https://localhost/x.ts is not a file',
    );
    await expect(checkPager({ pager: new URL('.', empty.url), ...EASY })).rejects.toThrow(
      /^checkPager: pager: there is no module .*pagercheck-module-/,
    );
    await expect(checkPager({ pager: new URL('file://elsewhere/x.ts'), ...EASY })).rejects.toThrow(
      'checkPager: pager: file://elsewhere/x.ts is not a file here: ',
    );
    await expect(checkPager({ pager: ONE_PAGE, name: 'mine', ...EASY })).rejects.toThrow(
      'checkPager: name: a module is called by its path; leave name away',
    );
  });

  it('is taken by the URL of another class too, as test environments with a browser have', async () => {
    const { href, protocol, host, pathname } = ONE_PAGE;
    const pager = { href, protocol, host, hostname: '', pathname } as URL;
    const report = await checkPager({ pager, suites: ['get'], runs: 1, signal: AbortSignal.abort() });
    expect(report.target.name).toBe('examples/one-page/pager.ts');
  });
});

describe('how long and how', () => {
  it('takes a time in the place of a number of runs', async () => {
    const report = await checkPager({ pager: base, suites: ['get', 'put'], time: '1s' });
    expect(report).toMatchObject({ verdict: 'held', stopped: 'time' });
    expect(report.suites.map(({ runsPlanned }) => runsPlanned)).toEqual([null, null]);
  });

  it('compares two executions of each scenario', async () => {
    let counter = 0;
    const wavers: PagerFactory = (kernel) => {
      const pager = new BasePager(kernel);
      const honest = pager.haspage.bind(pager);
      return Object.assign(pager, {
        haspage: (...args: Parameters<typeof honest>) => ++counter % 7 !== 0 && honest(...args),
      });
    };
    const options = { pager: wavers, ...EASY, checkDeterminism: true };
    expect((await checkPager(options)).verdict).toBe('not-deterministic');
    expect((await checkPager({ ...options, pager: base })).verdict).toBe('held');
  });
});

describe('assertPager', () => {
  it('passes a pager that holds', async () => {
    expect((await assertPager({ pager: base, ...EASY })).verdict).toBe('held');
  });
});

describe('the message of a pager that does not hold', () => {
  it('has scenarios that can be pasted into a file', async () => {
    const failure: unknown = await assertPager({
      pager: OnePagePager,
      properties: ['zero-past-eof'],
      maxFailures: 1,
    }).catch((thrown: unknown) => thrown);
    const { message, report } = failure as PagerCheckError;
    const text = /(^ {4}version: 1\n(?: {4}.*\n)+)/m.exec(message)![1]!;
    const { target: _, expect: __, ...world } = report.suites[0]!.violations[0]!.scenario;
    const read = parseScenario(text, 'pasted.yaml');
    expect(read.problems).toBeUndefined();
    expect(read.scenario).toMatchObject(world);
  });

  it('tells the story of a bug once, and what else it is seen as', async () => {
    const options = { pager: buggy, suites: ['get'], properties: ['zero-past-eof'], runs: 60 };
    const failure: unknown = await assertPager(options).catch((thrown: unknown) => thrown);
    const { message, report } = failure as PagerCheckError;
    const [{ first, others }] = groupsOf(report) as [FailureGroup];
    expect(others.length).toBeGreaterThan(0);
    expect(message.split('how it came to that')).toHaveLength(2);
    for (const { cause } of others)
      expect(message).toContain(`  cause      ${cause}\n  like       ${first.cause}: `);
  });
});

describe('targets', () => {
  it.each([
    ['a pager of one’s own', definePagerTarget('mine', base)],
    ['the reference pager', defineReferenceTarget()],
  ])('of %s execute scenarios', (_, target) => {
    const scenario: Scenario = scenarioOf('map', 'fault', 'unmap');
    expect(target.execute(scenario, null)).toMatchObject({ ending: 'completed', operations: 3, noops: 0 });
  });

  it('built on the base behave like the reference pager, transfer by transfer', () => {
    const scenario = scenarioOf('map', 'fault', 'store', 'msync', 'unmap');
    const reference = { ...defineReferenceTarget().execute(scenario, null) };
    expect(definePagerTarget('mine', base).execute(scenario, null)).toEqual(reference);
  });
});

describe('what there is to choose from', () => {
  it('is listed', () => {
    expect(suites.map(({ name }) => name)).toContain('mixed');
    expect(properties.map(({ id }) => id)).toContain('zero-past-eof');
    expect(suites.every(({ does }) => does.length > 0)).toBe(true);
  });
});

describe('scenarios', () => {
  it('are written and read', () => {
    const scenario = scenarioOf('open', 'close');
    expect(parseScenario(formatScenario(scenario, 'a comment'), 'x.yaml').scenario).toEqual(scenario);
  });
});
