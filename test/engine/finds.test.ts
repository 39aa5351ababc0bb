/**
 * Guards what a hunt keeps: a scenario that shows its defect alone, in few operations, by callers, goes before one that does not,
 * in this order; the file of a better one takes the place of the other, but never of a file that somebody else left there; and a
 * counterexample is not lost because it cannot be written.
 */
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { isBetter, Keeper } from '../../src/engine/finds.ts';
import type { Scenario } from '../../src/scenario/scenario.ts';
import type { OperationKind } from '../../src/scenario/operations.ts';
import { scenarioOf } from '../support/fakes.ts';
import { VIOLATION } from '../support/reports.ts';

const long = (kind: OperationKind, length: number): Scenario =>
  scenarioOf(...Array.from({ length }, () => kind));

describe('of two scenarios', () => {
  it.each([
    [
      'the one that shows it alone',
      { needs: [], scenario: long('get', 9) },
      { needs: ['a'], scenario: long('open', 1) },
    ],
    [
      'the one of few operations',
      { needs: [], scenario: long('get', 6) },
      { needs: [], scenario: long('open', 7) },
    ],
    ['the one of callers', { needs: [], scenario: long('open', 6) }, { needs: [], scenario: long('get', 1) }],
    ['the smaller one', { needs: [], scenario: long('open', 2) }, { needs: [], scenario: long('open', 3) }],
  ])('%s is better', (_, one, other) => {
    expect(isBetter(one, other)).toBe(true);
    expect(isBetter(other, one)).toBe(false);
    expect(isBetter(one, one)).toBe(false);
  });
});

describe('the files', () => {
  let directory = '';
  const { explanation } = VIOLATION;
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'pagercheck-finds-'));
  });
  afterEach(() => {
    rmSync(directory, { recursive: true, force: true });
  });

  it('of a hunt go when a better one comes', () => {
    const keeper = new Keeper(directory);
    const first = keeper.keep('a', long('open', 2), explanation);
    const second = keeper.keep('a', long('open', 1), explanation);
    keeper.supersede(first);
    keeper.supersede(null);
    expect(readdirSync(directory).map((name) => join(directory, name))).toEqual([second]);
  });

  it('of others stay, also those that say the same', () => {
    const file = new Keeper(directory).keep('a', long('open', 2), explanation);
    const keeper = new Keeper(directory);
    expect(keeper.keep('a', long('open', 2), explanation)).toBe(file);
    keeper.supersede(file);
    expect(readdirSync(directory)).toHaveLength(1);
  });

  it('that cannot be written are told of and not missed', () => {
    writeFileSync(join(directory, 'file'), '');
    const keeper = new Keeper(join(directory, 'file'));
    expect(keeper.trouble).toBeNull();
    expect(keeper.keep('a', long('open', 1), explanation)).toBeNull();
    expect(keeper.trouble).toContain(join(directory, 'file'));
    expect(new Keeper(null).keep('a', long('open', 1), explanation)).toBeNull();
  });
});
