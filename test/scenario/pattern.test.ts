/**
 * Guards the bytes of the simulated world: none is zero, and two writers never leave the same eight bytes at one place, so
 * that a wrong byte tells who wrote it. Holds for every stamp that a scenario can have.
 */
import fc from 'fast-check';
import { test } from '@fast-check/vitest';
import { describe, expect, it } from 'vitest';
import {
  PATTERN,
  PATTERN_LENGTH,
  PATTERN_RUN_MAX,
  patternByte,
  patternPhase,
  STAMP_DISK,
  STAMP_FAILED,
  STAMP_FILE,
  STAMP_OPERATION,
  STAMP_POISON,
  STAMP_TAIL,
} from '../../src/scenario/pattern.ts';
import { BOUNDS } from '../../src/scenario/scenario.ts';

/** Runs that are at least so long are told apart. */
const RUN = 8;
const STAMP_MAX = STAMP_OPERATION + BOUNDS.operationId;
const POSITION_MAX = BOUNDS.diskBytes;

describe('the pattern', () => {
  it('has no zero and repeats itself as far as runs go', () => {
    expect(PATTERN).toHaveLength(PATTERN_LENGTH + PATTERN_RUN_MAX);
    expect(PATTERN.every((byte) => byte > 0)).toBe(true);
    expect(PATTERN.every((byte, i) => byte === PATTERN[i % PATTERN_LENGTH])).toBe(true);
  });

  it(`has no run of ${RUN} bytes twice`, () => {
    const runs = new Set<string>();
    for (let at = 0; at < PATTERN_LENGTH; at++) runs.add(PATTERN.subarray(at, at + RUN).join());
    expect(runs.size).toBe(PATTERN_LENGTH);
  });

  it('begins at a phase of its own for every stamp that a scenario can have', () => {
    const phases = new Set<number>();
    for (let stamp = 0; stamp <= STAMP_MAX; stamp++) phases.add(patternPhase(stamp, 0));
    expect(phases.size).toBe(STAMP_MAX + 1);
    // The bound on ids is exactly this one.
    expect(STAMP_MAX + 1).toBe(PATTERN_LENGTH);
  });

  it('has stamps of its own for whatever nobody stored', () => {
    const files = Array.from({ length: BOUNDS.files[1] }, (_, file) => STAMP_FILE + file);
    const stamps = [STAMP_POISON, STAMP_DISK, STAMP_TAIL, STAMP_FAILED, ...files];
    expect(new Set(stamps).size).toBe(stamps.length);
    expect(Math.max(...stamps)).toBeLessThan(STAMP_OPERATION);
  });
});

const stamp = fc.integer({ min: 0, max: STAMP_MAX });
const position = fc.integer({ min: 0, max: POSITION_MAX });

describe('two stamps', () => {
  test.prop([stamp, stamp, position])(`differ within ${RUN} bytes at any place`, (a, b, at) => {
    fc.pre(a !== b);
    const bytes = (which: number): number[] =>
      Array.from({ length: RUN }, (_, i) => patternByte(which, at + i));
    expect(bytes(a)).not.toEqual(bytes(b));
  });

  test.prop([stamp, position, fc.nat({ max: PATTERN_RUN_MAX - 1 })])(
    'are followed through the table by their phase',
    (which, at, distance) => {
      expect(PATTERN[patternPhase(which, at) + distance]).toBe(patternByte(which, at + distance));
    },
  );
});
