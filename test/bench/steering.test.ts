/**
 * Guards the comparison of steered and plain runs: it runs, its JSON has the documented shape, and both ways are given as much to do.
 * Whether steering helps is not judged here.
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { z } from 'zod';
import { REACH_NAMES } from '../../properties/suites/situations.ts';
import { environment, ROOT } from '../support/command.ts';

const directory = mkdtempSync(join(tmpdir(), 'pagercheck-steering-'));

afterAll(() => {
  rmSync(directory, { recursive: true, force: true });
});

const count = z.number().int().nonnegative();
const counts = z.record(z.string(), count);
const schema = z.strictObject({
  format: z.literal(1),
  settings: z.strictObject({ seeds: z.array(count), explored: count, hunted: count }),
  explorations: z.array(z.strictObject({ seed: count, plain: counts, steered: counts })),
  hunts: z.array(
    z.strictObject({
      seed: count,
      without: z.array(z.string()),
      found: count,
      after: z.array(count),
      runs: count,
      operations: count,
    }),
  ),
});

it('compares as many operations of both, and writes the documented JSON', () => {
  const file = join(directory, 'steering.json');
  const argv = [join(ROOT, 'bench/steering.ts'), '--tiny', '--ways', 'near', '--json', file];
  const out = execFileSync(process.execPath, argv, { encoding: 'utf8', cwd: directory, env: environment() });
  const { settings, explorations, hunts } = schema.parse(JSON.parse(readFileSync(file, 'utf8')));
  expect(explorations.map(({ seed }) => seed)).toEqual(settings.seeds);
  for (const { plain, steered } of explorations) {
    // the first turn of every suite is plain in both
    expect(Object.keys(plain).length).toBeGreaterThan(REACH_NAMES.length / 2);
    expect(Object.keys(steered).length).toBeGreaterThan(REACH_NAMES.length / 2);
    expect(plain).not.toEqual(steered);
  }
  expect(hunts.map(({ without }) => without)).toEqual([['seldom']]);
  for (const { found, after, operations } of hunts) {
    expect(after.length).toBe(found);
    expect(found).toBeGreaterThan(0);
    expect(operations).toBeGreaterThanOrEqual(settings.hunted);
  }
  expect(out).toContain('hunts in the pager as written');
});
