/**
 * Guards the laws of attribution, on violations that are any combination of defects: the repairs found make the violation go
 * away, and none of several can be spared; what a defect needs is enough to show it, and no part of that is. Without these a
 * hunt would blame the innocent, or never end.
 */
import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { culpritsOf, repairsOf, type Occurs } from '../../src/engine/attribute.ts';

const DEFECTS = ['a', 'b', 'c', 'd', 'e'];

/** A violation that shows when all defects of one of the sets are there, and none that hides it. */
interface Cause {
  together: string[];
  hiddenBy: string[];
}

const occursBy =
  (causes: readonly Cause[]): Occurs =>
  (defects) =>
    causes.some(
      ({ together, hiddenBy }) =>
        together.every((one) => defects.includes(one)) && !hiddenBy.some((one) => defects.includes(one)),
    );

const someDefects = fc.uniqueArray(fc.constantFrom(...DEFECTS), { minLength: 1, maxLength: 3 });

const plain = fc.array(fc.record({ together: someDefects, hiddenBy: fc.constant<string[]>([]) }), {
  minLength: 1,
  maxLength: 3,
});
const hidden = fc.array(
  fc.record({ together: someDefects, hiddenBy: fc.subarray(DEFECTS, { maxLength: 1 }) }),
  { minLength: 1, maxLength: 3 },
);

const less = (gone: readonly string[]): string[] => DEFECTS.filter((one) => !gone.includes(one));

describe('repairs', () => {
  test('make the violation go away', () => {
    fc.assert(
      fc.property(hidden, (causes) => {
        const occurs = occursBy(causes);
        fc.pre(occurs(DEFECTS));
        const repairs = repairsOf(occurs, DEFECTS);
        expect(repairs).not.toEqual([]);
        expect(occurs(less(repairs))).toBe(false);
      }),
    );
  });

  test('cannot be spared, and each of several matters', () => {
    fc.assert(
      fc.property(plain, (causes) => {
        const occurs = occursBy(causes);
        const repairs = repairsOf(occurs, DEFECTS);
        for (const one of repairs) expect(occurs(less(repairs.filter((other) => other !== one)))).toBe(true);
      }),
    );
  });

  it('are none for what happens without any defect', () => {
    expect(repairsOf(() => true, DEFECTS)).toEqual([]);
  });

  it('of one that shows it alone go before one that only prepares the ground', () => {
    const occurs: Occurs = (defects) => defects.includes('b');
    expect(
      repairsOf((defects) => occurs(defects) && (defects.length === 1 || defects.includes('a')), DEFECTS),
    ).toEqual(['b']);
  });
});

describe('what a defect needs', () => {
  test('is enough to show it, and has nothing to spare', () => {
    fc.assert(
      fc.property(plain, (causes) => {
        const occurs = occursBy(causes);
        for (const { defect, needs } of culpritsOf(occurs, DEFECTS)) {
          expect(needs).not.toContain(defect);
          const shows = (others: readonly string[]): boolean =>
            occurs([...others, defect]) && !occurs(others);
          expect(shows(needs)).toBe(true);
          for (const one of needs) expect(shows(needs.filter((other) => other !== one))).toBe(false);
        }
      }),
    );
  });

  it('is nothing where it shows by itself', () => {
    expect(culpritsOf((defects) => defects.includes('c'), DEFECTS)).toEqual([{ defect: 'c', needs: [] }]);
  });
});
