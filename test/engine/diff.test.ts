/** Guards the differential suite with two forms of the reference pager: it needs no compiler to agree, to differ and to shrink. */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { SUITES } from '../../properties/suites/catalogue.ts';
import { diffTargets, nothingCompared, type DiffReport } from '../../src/engine/diff.ts';
import { formatDiff, toDiffJson } from '../../src/report/diff.ts';
import { colorsFor } from '../../src/report/colors.ts';
import type { Scenario, TargetChoice } from '../../src/scenario/scenario.ts';
import { createReferenceTarget } from '../../src/targets/reference.ts';

const corpus = mkdtempSync(join(tmpdir(), 'pagercheck-diff-'));
afterAll(() => rmSync(corpus, { recursive: true }));

const REPAIRED: TargetChoice = { name: 'reference', form: 'repaired', switches: [] };

async function diff(
  switches: string[],
  {
    aborted = false,
    first = [],
    form = REPAIRED,
  }: { aborted?: boolean; first?: Scenario[]; form?: TargetChoice } = {},
): Promise<DiffReport> {
  return diffTargets(
    {
      left: { target: createReferenceTarget(), choice: form },
      first,
      right: { target: createReferenceTarget(), choice: { ...REPAIRED, switches } },
      suites: SUITES.filter(({ name }) => name === 'get' || name === 'put'),
      seed: 1,
      runs: 40,
      timeMs: null,
      corpus,
    },
    { aborted },
  );
}

const plain = colorsFor({}, false, {});

describe('the differential suite', () => {
  it('agrees with itself, and counts what it compared', async () => {
    const report = await diff([]);
    expect(report).toMatchObject({ agreed: true, runs: 80, difference: null, coverage: null });
    expect(report.endings).toEqual({ completed: 80 });
    expect(report.operations).toBeGreaterThan(4000);
    expect(report.events).toBeGreaterThan(50_000);
    expect(report.transfersMedian).toBeGreaterThan(10);
    expect(formatDiff(report, plain)).toContain('agreed in all that was compared');
  });

  it('finds a difference, shrinks it and keeps it', async () => {
    const report = await diff(['hold-release-output']);
    const { difference } = report;
    expect(report.agreed).toBe(false);
    expect(difference!.scenario.operations).toHaveLength(1);
    expect(difference!.right).toContain('HOLDRELE');
    expect(difference!.left).not.toContain('HOLDRELE');
    expect(readdirSync(corpus)).toEqual([expect.stringMatching(/^difference-[0-9a-f]{8}\.yaml$/)]);
    expect(formatDiff(report, plain)).toMatch(/the two part at event \d+, in \w+, run \d+\n {2}left /);
    expect(toDiffJson(report, { seed: 1, near: null }).difference).toEqual({
      event: difference!.event,
      left: difference!.left,
      right: difference!.right,
      place: '',
      file: join(corpus, readdirSync(corpus)[0]!),
    });
  });

  it('compares scenarios that it is given as they are, first', async () => {
    const { difference } = await diff(['hold-release-output']);
    const again = await diff(['hold-release-output'], { first: [difference!.scenario] });
    expect(again).toMatchObject({
      runs: 1,
      difference: { ...difference, suite: 'near', operationsBefore: 1 },
    });
    const agreed = await diff([], { first: [difference!.scenario] });
    expect(agreed).toMatchObject({ agreed: true, runs: 81 });
  });

  it('keeps with a difference the command that shows it again, if there is one', async () => {
    const head = ({ difference }: DiffReport): string[] =>
      readFileSync(difference!.file!, 'utf8')
        .split('\n')
        .filter((line) => line.startsWith('#'));
    const file = join(corpus, '[^ ]+');
    const shown = new RegExp(`^# npx pagercheck replay ${file} --verbose$`);
    const event: unknown = expect.stringMatching(/^# Two pagers part at event \d+\.$/);
    // two forms of one pager cannot be named
    expect(head(await diff(['hold-release-output']))).toEqual([event, expect.stringMatching(shown)]);
    const form: TargetChoice = { name: 'old.c', form: 'repaired', switches: [] };
    const again = `diff --left old.c --right reference --pager repaired\\+hold-release-output,input-hole --near ${file}`;
    expect(head(await diff(['hold-release-output', 'input-hole'], { form }))).toEqual([
      event,
      expect.stringMatching(`^# npx pagercheck ${again}$`),
      expect.stringMatching(shown),
    ]);
  });

  it('finds what only the view or the bytes show', async () => {
    const report = await diff(['input-sector-tail', 'output-retry-again']);
    expect(report.agreed).toBe(false);
  });

  it('stops when it is told to', async () => {
    expect(await diff([], { aborted: true })).toMatchObject({ agreed: true, isInterrupted: true, runs: 0 });
  });

  it('is not said to agree where nothing was compared', () => {
    const text = formatDiff({ ...nothingCompared(), isInterrupted: true }, plain);
    expect(text).toContain('compared    0 runs, 0 operations');
    expect(text).toContain('nothing was compared');
    expect(text).not.toContain('agreed');
  });
});
