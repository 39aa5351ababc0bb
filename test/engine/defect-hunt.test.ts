/**
 * Guards the defect hunt on the reference pager with a few defects: it finds them, and each scenario it keeps shows its defect and
 * nothing without it; two hunts of one seed find the same in the same order; it ends when it is told to, and says why.
 */
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { huntDefects, type HuntOptions } from '../../src/engine/defect-hunt.ts';
import type { HuntReport } from '../../src/engine/hunting.ts';
import { readScenarioFile } from '../../src/engine/scenario-file.ts';
import { isCallerLevel, REPAIRED, Searcher, type SearchRequest } from '../../src/engine/search.ts';
import { catalogueParts } from '../../src/engine/setup.ts';
import { createReferenceTarget, SWITCHES } from '../../src/targets/reference.ts';

const parts = catalogueParts(createReferenceTarget);
const searcher = new Searcher(parts);
const corpus = mkdtempSync(join(tmpdir(), 'pagercheck-hunt-'));

afterAll(() => rmSync(corpus, { recursive: true }));

function options(switches: string[], changes: Partial<HuntOptions> = {}): HuntOptions {
  return {
    parts,
    choice: { name: 'reference', form: 'repaired', switches },
    switches: SWITCHES.map(({ id }) => id),
    suites: ['get', 'size'],
    seed: 1,
    timeMs: 60_000,
    settleMs: null,
    corpus: null,
    search: async (request: SearchRequest) => searcher.search(request),
    ...changes,
  };
}

const DEFECTS = ['setsize-wraps', 'input-error-valid', 'input-sector-tail', 'iodone-sector-tail'];

describe('a hunt', () => {
  it('finds the defects that are there by what callers do, and keeps a scenario of each that shows it alone', async () => {
    const report = await huntDefects(options(DEFECTS, { suites: ['get', 'size', 'large'], corpus }));
    expect(report).toMatchObject({ stopped: 'complete', unknown: [], notFound: [] });
    expect(report.defects.map(({ id }) => id).toSorted()).toEqual(DEFECTS.toSorted());
    expect(readdirSync(corpus)).toHaveLength(new Set(report.defects.map(({ file }) => file)).size);
    for (const { id, reachable, operations, file, scenario, explanation } of report.defects) {
      expect(reachable).toBe('caller');
      expect(isCallerLevel(scenario)).toBe(true);
      expect(operations).toBeLessThanOrEqual(6);
      const kept = readScenarioFile(file!);
      expect(kept.target).toEqual({ name: 'reference', form: 'repaired', switches: [id] });
      expect(searcher.fails(kept, kept.target, explanation)).toBe(true);
      expect(searcher.fails(kept, { ...kept.target, switches: [] }, explanation)).toBe(false);
    }
  });

  it('finds the same again', async () => {
    const bare = ({ defects, unknown, runs, operations }: HuntReport): unknown => ({
      defects: defects.map(({ seconds: _, ...rest }) => rest),
      unknown,
      runs,
      operations,
    });
    const chosen = options(['input-error-valid', 'input-sector-tail'], { suites: ['get'] });
    expect(bare(await huntDefects(chosen))).toEqual(bare(await huntDefects(chosen)));
  });

  it('says what only direct calls reach', async () => {
    const report = await huntDefects(options(['getpage-null-ok'], { suites: ['lifetime'], settleMs: 2500 }));
    expect(report).toMatchObject({
      stopped: 'settled',
      defects: [{ id: 'getpage-null-ok', reachable: 'direct', property: 'null-refused', operations: 1 }],
    });
  });

  it('ends when it is interrupted, and when the time is over', async () => {
    const none = options(['output-stale-address'], { suites: ['get'], timeMs: 1 });
    expect(await huntDefects(none)).toMatchObject({ stopped: 'time' });
    expect(await huntDefects({ ...none, timeMs: 60_000 }, {}, { aborted: true })).toMatchObject({
      stopped: 'interrupted',
    });
  });

  it.each([1, 5, 20, 60, 130, 250, 400, 550])(
    'hears an interrupt between two candidates, after %i of its questions, and keeps what shows',
    async (questions) => {
      let asked = 0;
      let late = 0;
      const signal = {
        get aborted(): boolean {
          return ++asked > questions;
        },
      };
      const counted: typeof parts = {
        ...parts,
        makeTarget: () => {
          const target = parts.makeTarget();
          return {
            ...target,
            execute: (...args) => {
              if (asked > questions) late++;
              return target.execute(...args);
            },
          };
        },
      };
      const chosen = options(DEFECTS, { parts: counted, suites: ['get', 'size', 'large'] });
      const report = await huntDefects(chosen, {}, signal);
      expect(report.stopped).toBe('interrupted');
      // a defect whose scenario was being made smaller is shown, explained and kept as it is
      expect(late).toBeLessThan(12);
      for (const { scenario, explanation } of report.defects)
        expect(searcher.fails(scenario, scenario.target, explanation)).toBe(true);
    },
  );

  it('searches no further after an interrupt', () => {
    const request: SearchRequest = {
      suite: 'get',
      direct: true,
      seed: 1,
      from: 0,
      step: 1,
      runs: 50,
      choice: REPAIRED,
      explained: REPAIRED,
      parents: [],
      wanted: null,
    };
    let asked = 0;
    const signal = {
      get aborted(): boolean {
        return ++asked > 7;
      },
    };
    expect(searcher.search(request, signal)).toMatchObject({ runs: 7, failing: null });
    expect(searcher.search(request, { aborted: false })).toEqual(searcher.search(request));
  });

  const VARIES =
    'varies scenarios of what was found, with it and without, and those that came to what is seldom';
  it(VARIES, { timeout: 240_000 }, async () => {
    const asked: SearchRequest[] = [];
    const signal = { aborted: false };
    const search = async (request: SearchRequest): ReturnType<HuntOptions['search']> => {
      asked.push(request);
      signal.aborted = asked.length > 25;
      return searcher.search(request);
    };
    const switches = ['input-sector-tail', 'input-error-valid', 'output-stale-address'];
    const chosen = options(switches, { suites: ['get'], search, timeMs: Infinity });
    const { defects } = await huntDefects(chosen, {}, signal);
    expect(defects.map(({ id }) => id)).toContain('input-sector-tail');
    const varied = asked.filter(({ parents }) => parents.length > 0);
    const near = varied.filter(({ runs }) => runs === 50);
    expect(near.some(({ explained }) => explained.switches.length === 1)).toBe(true);
    expect(near.some(({ explained }) => explained.switches.length === 0)).toBe(true);
    const seldom = varied.filter(({ runs }) => runs === 200);
    expect(seldom.length).toBeGreaterThan(0);
    expect(asked.some(({ parents, wanted }) => parents.length === 0 && wanted !== null)).toBe(true);
    // what is left out is not asked for
    asked.length = 0;
    signal.aborted = false;
    await huntDefects({ ...chosen, without: ['near', 'seldom'] }, {}, signal);
    expect(asked.filter(({ parents, wanted }) => parents.length > 0 || wanted !== null)).toEqual([]);
  });

  it('keeps what the pager without known defects does as unknown', async () => {
    // a judge that dislikes every run
    const disliking = {
      ...parts,
      makeJudge: (ids: readonly string[]) => {
        const judge = parts.makeJudge(ids, []);
        const violation = {
          property: 'disliked',
          cause: 'disliked/-/-',
          operation: 0,
          operationKind: 'settlement',
          function: '-',
          what: 'nobody likes this',
          expected: 'another',
          observed: 'this',
        };
        return {
          observer: judge.observer,
          begin: (s: Parameters<typeof judge.begin>[0]) => judge.begin(s),
          violations: [violation],
          counts: () => new Map(),
        };
      },
    };
    const own = new Searcher(disliking);
    const report = await huntDefects(
      options(['input-bad'], {
        parts: disliking,
        suites: ['get'],
        settleMs: 1,
        search: async (request) => own.search(request),
      }),
    );
    expect(report.defects).toEqual([]);
    expect(report.unknown).toMatchObject([{ property: 'disliked', operations: 0 }]);
  });

  it('hands on what a search throws', async () => {
    const search = async (): Promise<never> => Promise.reject(new Error('out of order'));
    await expect(huntDefects(options(['input-bad'], { search }))).rejects.toThrow('out of order');
  });
});
