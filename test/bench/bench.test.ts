/**
 * Guards the benchmark: it runs, its JSON has the documented shape, its measuring is by turns and its median is one. Figures are
 * not judged here: a test that hangs on the machine's mood is none.
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { median, race } from '../../bench/measure.ts';
import { draw, spread, TURN } from '../../bench/worlds.ts';
import { checkScenario } from '../../src/scenario/codec.ts';
import { createReferenceTarget } from '../../src/targets/reference.ts';
import { environment, ROOT } from '../support/command.ts';
import { fakeSuite } from '../support/fakes.ts';

const directory = mkdtempSync(join(tmpdir(), 'pagercheck-bench-'));

afterAll(() => {
  rmSync(directory, { recursive: true, force: true });
});

const rate = z.number().positive();
const costs = z.array(z.strictObject({ size: z.number().int(), bareNs: rate, checkedNs: rate })).min(2);
const numbers = z.array(z.number().int());
const schema = z.strictObject({
  format: z.literal(1),
  bare: rate,
  checked: rate,
  floor: rate,
  generated: rate,
  small: z.strictObject({ bare: rate, checked: rate }),
  operationsPerScenario: rate,
  noopShare: z.number().min(0).max(1),
  ratios: z.strictObject({ checkedCost: rate, bareToFloor: rate, checkedToFloor: rate }),
  lengths: costs,
  scenario: z.strictObject({ bareNs: z.number(), checkedNs: z.number() }),
  files: costs,
  memoryMiB: rate,
  node: z.string(),
  settings: z.strictObject({
    seed: z.number().int(),
    scenarios: z.number().int(),
    rounds: z.number().int(),
    warmups: z.number().int(),
    lengths: numbers,
    pages: numbers,
    work: z.number().int(),
  }),
});

describe('the benchmark', () => {
  it('prints its figures and writes the documented JSON', () => {
    const file = join(directory, 'bench.json');
    const argv = [join(ROOT, 'bench/main.ts'), '--tiny', '--json', file];
    const out = execFileSync(process.execPath, argv, {
      encoding: 'utf8',
      cwd: directory,
      env: environment(),
    });
    for (const line of [
      /^bare +[\d,]+\/s/m,
      /^checked +[\d,]+\/s/m,
      /^floor +[\d,]+\/s/m,
      /^peak memory \d+ MiB/m,
    ]) {
      expect(out).toMatch(line);
    }
    const result = schema.parse(JSON.parse(readFileSync(file, 'utf8')));
    expect(result.ratios.checkedCost).toBeCloseTo(result.bare / result.checked);
    const documentation = readFileSync(join(ROOT, 'docs/json.md'), 'utf8');
    const keys = [...Object.keys(schema.shape), ...Object.keys(schema.shape.settings.shape)];
    expect(keys.filter((key) => !documentation.includes(`\`${key}\``))).toEqual([]);
  });
});

describe('measuring', () => {
  it('goes by turns, and leaves warm-ups out', () => {
    const order: string[] = [];
    const contender = (name: 'a' | 'b') => ({ name, round: () => order.push(name) });
    const rates = race([contender('a'), contender('b')], 2, 1);
    expect(order.join('')).toBe('ababab');
    expect(rates.a).toBeGreaterThan(0);
    expect(rates.b).toBeGreaterThan(0);
  });

  it('takes a value that was measured', () => {
    expect(median([5, 1, 3])).toBe(3);
    expect(median([4, 1, 3, 2])).toBe(2);
    expect(median([7])).toBe(7);
  });
});

describe('what is measured', () => {
  it.each([
    [8, 10],
    [80, 100],
    [8000, 10_000],
  ])('is a scenario that a file could hold: %i pages, %i operations', (pages, length) => {
    const scenario = spread(pages, length);
    expect(scenario.operations).toHaveLength(length);
    expect(checkScenario(scenario)).toEqual([]);
  });

  it.each([
    [64, TURN],
    [64, 10 * TURN],
    [8, 3 * TURN],
    [8000, 8 * TURN],
    [8000, 30 * TURN],
  ])('does the same work an operation: %i pages, %i operations', (pages, length) => {
    const { operations, noops, transfers } = createReferenceTarget().execute(spread(pages, length), null);
    expect({ operations, noops, transfers }).toEqual({ operations: length, noops: 0, transfers: length / 2 });
  });

  it('is drawn by seed, as the hunt would', () => {
    const suite = fakeSuite('s', ['open', 'close', 'read']);
    expect(draw(suite, 1, 3)).toEqual(draw(suite, 1, 3));
    expect(draw(suite, 1, 3)).not.toEqual(draw(suite, 2, 3));
    const some = draw(suite, 1, 2, ({ operations }) => operations[0]!.kind === 'open');
    expect(some.map(({ operations }) => operations[0]!.kind)).toEqual(['open', 'open']);
  });
});
