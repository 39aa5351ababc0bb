/**
 * Guards the hunt in a text that cannot be repaired, with a form of the reference pager in the text's place, so that it needs no
 * compiler: what it attributes shows on the text and goes away with the repair, what the reference does not do is unknown, and
 * what is known is not reported again.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { Random } from '../../properties/arbitraries/random.ts';
import { SUITES } from '../../properties/suites/catalogue.ts';
import type { HuntReport } from '../../src/engine/hunting.ts';
import { readScenarioFile } from '../../src/engine/scenario-file.ts';
import { isCallerLevel, Searcher } from '../../src/engine/search.ts';
import { catalogueParts } from '../../src/engine/setup.ts';
import { huntSource, type SourceHuntOptions } from '../../src/engine/source-hunt.ts';
import { SourceSearcher } from '../../src/engine/source-search.ts';
import type { TargetChoice } from '../../src/scenario/scenario.ts';
import { createReferenceTarget, SWITCHES } from '../../src/targets/reference.ts';
import type { Target } from '../../src/targets/target.ts';

const parts = catalogueParts(createReferenceTarget);
const checker = new Searcher(parts);
const corpus = mkdtempSync(join(tmpdir(), 'pagercheck-source-hunt-'));

afterAll(() => rmSync(corpus, { recursive: true }));

const pager = (...switches: string[]): TargetChoice => ({ name: 'reference', form: 'repaired', switches });

function options(
  text: TargetChoice,
  form: TargetChoice,
  changes: Partial<SourceHuntOptions> = {},
): SourceHuntOptions {
  const searcher = new SourceSearcher(parts, parts, text);
  return {
    parts,
    referenceParts: parts,
    choice: text,
    form,
    switches: SWITCHES.map(({ id }) => id),
    suites: ['get', 'size', 'large'],
    seed: 1,
    timeMs: 60_000,
    settleMs: null,
    corpus: null,
    search: async (request) => searcher.search(request),
    ...changes,
  };
}

const DEFECTS = ['setsize-wraps', 'input-error-valid', 'input-sector-tail', 'iodone-sector-tail'];

describe('a hunt in text', () => {
  it('attributes what the text does wrong, in scenarios that fail on the text', async () => {
    const text = pager(...DEFECTS);
    const report = await huntSource(options(text, text, { corpus }));
    expect(report).toMatchObject({ stopped: 'complete', unknown: [], notFound: [], target: text });
    expect(report.defects.map(({ id }) => id).toSorted()).toEqual(DEFECTS.toSorted());
    for (const { id, operations, file, scenario, explanation } of report.defects) {
      expect(isCallerLevel(scenario)).toBe(true);
      expect(operations).toBeLessThanOrEqual(6);
      const kept = readScenarioFile(file!);
      expect(kept.target).toEqual(text);
      expect(kept.expect).toEqual({ property: explanation.property, cause: explanation.cause });
      expect(checker.fails(kept, text, explanation)).toBe(true);
      const others = DEFECTS.filter((one) => one !== id);
      expect(checker.fails(kept, pager(...others), explanation)).toBe(false);
    }
  });

  it('finds the same again', async () => {
    const bare = ({ defects, unknown, runs, operations }: HuntReport): unknown => ({
      defects: defects.map(({ seconds: _, ...rest }) => rest),
      unknown,
      runs,
      operations,
    });
    const text = pager('input-error-valid', 'input-sector-tail');
    const once = await huntSource(options(text, text));
    expect(bare(await huntSource(options(text, text)))).toEqual(bare(once));
  });

  it('tells what no known defect does, one violation of each property, and nothing else', async () => {
    const text = pager('input-error-valid', 'setsize-wraps', 'hold-release-input');
    const known = SWITCHES.map(({ id }) => id).filter((id) => id !== 'setsize-wraps');
    const form = pager('input-error-valid', 'hold-release-input');
    const report = await huntSource(options(text, form, { switches: known, settleMs: 6000 }));
    expect(report.defects.map(({ id }) => id).toSorted()).toEqual([
      'hold-release-input',
      'input-error-valid',
    ]);
    expect(report.unknown.length).toBeGreaterThan(0);
    const properties = report.unknown.map(({ property }) => property);
    expect(new Set(properties).size).toBe(properties.length);
    for (const { parted, scenario, explanation } of report.unknown) {
      expect(parted).toBe(true);
      expect(scenario.operations.length).toBeLessThanOrEqual(8);
      expect(checker.fails(scenario, text, explanation)).toBe(true);
      expect(checker.fails(scenario, form, explanation)).toBe(false);
      expect(checker.fails(scenario, pager('setsize-wraps'), explanation)).toBe(true);
    }
  });

  it('finds a defect in the text although the form that it is given has it repaired', async () => {
    const text = pager('input-error-valid', 'setsize-wraps');
    const report = await huntSource(options(text, pager('input-error-valid')));
    expect(report).toMatchObject({ stopped: 'complete', unknown: [], repaired: [], notFound: [] });
    expect(report.defects.map(({ id }) => id).toSorted()).toEqual(['input-error-valid', 'setsize-wraps']);
  });

  it.each([
    // where nearly all are repaired, one repair alone often leads no further
    [0.1, 3],
    [0.3, 3],
    [0.6, 4],
  ])(
    'tells the defects of a text with some of many, %d of them, from its repairs',
    async (share, seed) => {
      const random = new Random(seed);
      const all = SWITCHES.map(({ id }) => id);
      const text = all.filter(() => random.next() < share * 2 ** 32);
      const form: TargetChoice = { name: 'reference', form: 'as-written', switches: [] };
      const signal = { aborted: false };
      const report = await huntSource(
        options(pager(...text), form, { suites: SUITES.map(({ name }) => name), timeMs: 150_000 }),
        {
          progress: ({ defects, repaired }) => {
            // most of both, or nothing is shown
            const gone = all.length - text.length;
            if (2 * defects.length > text.length && 4 * repaired.length > 3 * gone) signal.aborted = true;
          },
        },
        signal,
      );
      expect(report.stopped).toBe('interrupted');
      expect(report.unknown.map(({ cause }) => cause)).toEqual([]);
      expect(report.defects.filter(({ id }) => !text.includes(id))).toEqual([]);
      expect(report.repaired.filter((id) => text.includes(id))).toEqual([]);
    },
    180_000,
  );

  it('takes a repair back that the text does not have everywhere', async () => {
    const mended = pager('hold-release-output');
    const written = pager('hold-release-output', 'hold-release-input');
    const half = (): Target => {
      const target = createReferenceTarget();
      const execute: Target['execute'] = (scenario, observer) => {
        // where there is little to do it is mended
        const choice = scenario.operations.length < 75 ? mended : written;
        return target.execute({ ...scenario, target: choice }, observer);
      };
      return { name: target.name, capabilities: target.capabilities, execute };
    };
    const textParts = catalogueParts(half);
    const searcher = new SourceSearcher(textParts, parts, written);
    const learned: string[] = [];
    const report = await huntSource(
      {
        ...options(written, written, { suites: ['mixed'] }),
        parts: textParts,
        search: async (request) => searcher.search(request),
      },
      { repaired: (id) => learned.push(id) },
    );
    expect(learned).toEqual(['hold-release-input']);
    expect(report.defects.map(({ id }) => id)).toContain('hold-release-input');
    expect(report.repaired).toEqual([]);
    expect(report.unknown).toEqual([]);
  });

  it('sees what the text has repaired, and does not blame it for what another defect does alike', async () => {
    const text = pager('hold-release-input-small', 'input-error-valid');
    const form = pager('hold-release-input-small', 'hold-release-input', 'input-error-valid', 'input-short');
    const report = await huntSource(options(text, form, { suites: ['get', 'faults'] }));
    expect(report).toMatchObject({ stopped: 'complete', unknown: [], notFound: [] });
    expect(report.repaired.toSorted()).toEqual(['hold-release-input', 'input-short']);
    expect(report.defects.map(({ id }) => id).toSorted()).toEqual([
      'hold-release-input-small',
      'input-error-valid',
    ]);
  });

  it('does not claim a defect that another one hides: the text does nothing that shows it', async () => {
    const text = pager('input-hole', 'address-hole');
    const report = await huntSource(options(text, text, { suites: ['get'], settleMs: 3000 }));
    expect(report).toMatchObject({ stopped: 'settled', unknown: [], notFound: ['input-hole'] });
    expect(report.defects.map(({ id }) => id)).toEqual(['address-hole']);
  });

  it('ends when it is interrupted, when the time is over, and when a search throws', async () => {
    const text = pager('input-bad');
    const none = options(text, text, { suites: ['get'], timeMs: 1 });
    expect(await huntSource(none)).toMatchObject({ stopped: 'time' });
    const hour = { ...none, timeMs: 3_600_000 };
    expect(await huntSource(hour, {}, { aborted: true })).toMatchObject({ stopped: 'interrupted' });
    const search = async (): Promise<never> => Promise.reject(new Error('out of order'));
    await expect(huntSource({ ...none, search })).rejects.toThrow('out of order');
  });
});
