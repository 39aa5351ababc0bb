/**
 * Guards the first thing that a user tries: a small pager of one's own with a plausible bug is found at once, explained in words
 * that name the bug, and held once the bug is gone.
 */
import { readFileSync } from 'node:fs';
import { stripTypeScriptTypes } from 'node:module';
import { describe, expect, it } from 'vitest';
import OnePagePager from '../../examples/one-page/pager.ts';
import { assertPager, checkPager, PagerCheckError, replay, type PagerFactory } from '../../src/index.ts';

const source = readFileSync(new URL('../../examples/one-page/pager.ts', import.meta.url), 'utf8');
const pager: PagerFactory = (kernel) => new OnePagePager(kernel);
const ZERO = { properties: ['zero-past-eof'], runs: 200, maxFailures: 1 };

describe('the one-page pager', () => {
  it('is as small as the documentation says', () => {
    expect(source.split('\n').length).toBeLessThanOrEqual(46);
  });

  it('is found to be wrong in under a second', async () => {
    // What is loaded and compiled only once is not the hunt's.
    await checkPager({ pager, suites: ['get'], runs: 1 });
    // Processor time: other tests on the same machine must not make this one fail.
    const before = process.cpuUsage();
    const report = await checkPager({ pager, ...ZERO });
    const { user, system } = process.cpuUsage(before);
    expect((user + system) / 1000).toBeLessThan(1000);
    expect(report.verdict).toBe('violated');
    const [found] = report.suites[0]!.violations;
    expect(found!.operations).toBeLessThanOrEqual(2);
    expect(replay(found!.scenario, pager).verdict).toBe('reproduced');
    expect(
      replay({ ...found!.scenario, target: { name: 'reference', form: 'repaired', switches: [] } }).verdict,
    ).toBe('held');
  });

  it('fails in a test with an explanation', async () => {
    const error = await assertPager({ pager, name: 'one-page', ...ZERO }).then(
      () => null,
      (thrown: unknown) => thrown,
    );
    expect(error).toBeInstanceOf(PagerCheckError);
    const { message } = error as PagerCheckError;
    expect(message).toMatch(/^violated: 1 distinct failure in \d+ runs?/);
    expect(message).toContain('what lay on disk past the end of the file');
    expect(message).toMatch(/operations:\n {6}- \{ id: 1, do: \w+/);
  });

  it('keeps every contract once its line is mended, as the tutorial says', { timeout: 120_000 }, async () => {
    const mended = source
      .replace(/const end = Math\.ceil.*;/, 'const end = vnp.vnpSize - page.offset;')
      .replaceAll("'pagercheck'", `'${new URL('../../src/index.ts', import.meta.url).href}'`);
    const { default: Mended } = (await import(
      `data:text/javascript,${encodeURIComponent(stripTypeScriptTypes(mended))}`
    )) as { default: typeof OnePagePager };
    const report = await checkPager({ pager: (kernel) => new Mended(kernel), runs: 600 });
    expect(report.suites.flatMap(({ violations }) => violations.map(({ cause }) => cause))).toEqual([]);
  });
});
