/**
 * Guards what becomes of what is thrown in a run of a pager of one's own: assertions are panics, what JavaScript throws is a trap,
 * both are told with the pager's line, and nobody else's faults are put on the pager.
 */
import assert from 'node:assert/strict';
import { fileURLToPath, pathToFileURL } from 'node:url';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Random } from '../../properties/arbitraries/random.ts';
import { SUITES } from '../../properties/suites/catalogue.ts';
import { BasePager } from '../../src/targets/base-pager.ts';
import { createPagerTarget } from '../../src/targets/reference.ts';
import type { RunResult } from '../../src/targets/target.ts';
import { endOf } from '../../src/targets/thrown.ts';
import { compose, type ComposedObserver } from '../../src/trace/compose.ts';

/** This file, and a line of it. */
const HERE = String.raw`thrown\.test\.ts:\d+: `;

/** A run of a get suite on a pager that does this in getmulti. */
function runOf(
  act: (this: BasePager, page: { valid: number } | null) => void,
  observer: ComposedObserver | null = null,
): RunResult {
  class Throws extends BasePager {
    override *getmulti(...args: Parameters<BasePager['getmulti']>): ReturnType<BasePager['getmulti']> {
      act.call(this, args[1][0]!);
      return yield* super.getmulti(...args);
    }
  }
  const suite = SUITES.find(({ name }) => name === 'get')!;
  const target = createPagerTarget('throws', (kernel) => new Throws(kernel));
  return target.execute(suite.generate(new Random(1)), observer);
}

describe('a pager that throws', () => {
  it.each<[string, 'trap' | 'panic', RegExp, () => void]>([
    ['an assertion of its own', 'panic', /^no block$/, () => assert(false, 'no block')],
    [
      'an assertion with the values in further lines',
      'panic',
      /^Expected values to be strictly equal:$/,
      () => assert.equal(1, 2),
    ],
    [
      'an error',
      'panic',
      /^the tail is lost$/,
      () => {
        throw new Error('the tail is lost');
      },
    ],
    [
      'a null pointer',
      'trap',
      /^null pointer: Cannot set properties of null \(setting 'valid'\)$/,
      () => {
        (null as unknown as { valid: number }).valid = 1;
      },
    ],
    [
      'the page behind the last',
      'trap',
      /^null pointer: Cannot read properties of undefined \(reading 'valid'\)$/,
      () => ([] as { valid: number }[])[3]!.valid,
    ],
    ['what cannot be computed', 'trap', /^RangeError: Invalid count value: -1$/, () => 'x'.repeat(-1)],
  ])('%s', (_, ending, says, act) => {
    const { ending: ended, detail } = runOf(act);
    expect(ended).toBe(ending);
    expect(detail).toMatch(new RegExp(`^${HERE}`));
    expect(detail.replace(new RegExp(`^${HERE}`), '')).toMatch(says);
  });

  it('something that is no error, which knows no line', () => {
    const { ending, detail } = runOf(() => {
      // oxlint-disable-next-line typescript/only-throw-error -- a pager may be JavaScript
      throw 'out of luck';
    });
    expect({ ending, detail }).toEqual({ ending: 'panic', detail: 'the pager threw out of luck' });
  });

  it('the last of the stack', () => {
    const again = (): number => again() + 1;
    const { ending, detail } = runOf(() => void again());
    expect(ending).toBe('trap');
    expect(detail).toBe('the stack is full: the pager calls itself without end');
  });

  it('goes on with the next run as if nothing had been', () => {
    const suite = SUITES.find(({ name }) => name === 'get')!;
    let throws = false;
    class Sometimes extends BasePager {
      override haspage(...args: Parameters<BasePager['haspage']>): ReturnType<BasePager['haspage']> {
        if (throws) assert(false, 'now');
        return super.haspage(...args);
      }
    }
    const target = createPagerTarget('sometimes', (kernel) => new Sometimes(kernel));
    const scenario = suite.generate(new Random(1));
    const before = { ...target.execute(scenario, null) };
    throws = true;
    expect(target.execute(scenario, null).ending).toBe('panic');
    throws = false;
    expect(target.execute(scenario, null)).toEqual(before);
  });
});

it('tells traps and panics that the pager brings about in the kernel with its line', () => {
  const trapped = runOf(function nobodysPage() {
    this.kernel.freePage(64);
  });
  expect(trapped.ending).toBe('trap');
  expect(trapped.detail).toMatch(new RegExp(`^${HERE}address 0x40 is no kernel address$`));
  const panicked = runOf(function panic() {
    this.kernel.panic('getmulti: no such page');
  });
  expect(panicked.ending).toBe('panic');
  expect(panicked.detail).toMatch(new RegExp(`^${HERE}getmulti: no such page$`));
});

it('leaves what an observer throws as it is, in a call of the pager too', () => {
  const observer = compose([
    {
      sleep: () => {
        throw new Error('the oracle is wrong');
      },
    },
  ]);
  expect(() => runOf(() => {}, observer)).toThrow(/^the oracle is wrong$/);
});

describe('a stack', () => {
  const ROOT = fileURLToPath(new URL('../../', import.meta.url));
  const thrown = (...frames: string[]): Error => {
    const error = new TypeError('x is not a function');
    error.stack = ['TypeError: x is not a function', ...frames.map((one) => `    at ${one}`)].join('\n');
    return error;
  };
  const place = (...frames: string[]): string | null => {
    const error = thrown(...frames);
    const end = endOf(error);
    return end === error ? null : (end as Error).message.replace(': TypeError: x is not a function', '');
  };

  it('gives file and line, whatever the folders are called', () => {
    const name = fc.stringMatching(/^[a-z (?):.%@é-]{1,12}$/).filter((one) => !/^[. ]+$/.test(one));
    fc.assert(
      fc.property(fc.array(name, { maxLength: 3 }), fc.nat(9999), fc.boolean(), (folders, line, isUrl) => {
        const path = `/${[...folders.map((one) => one.trim() || 'a'), 'pager.ts'].join('/')}`;
        const where = isUrl ? pathToFileURL(path).href : path;
        expect(place(`P.getmulti (${where}:${line}:7)`)).toBe(`pager.ts:${line}`);
        expect(place(`${where}:${line}:7`)).toBe(`pager.ts:${line}`);
      }),
    );
  });

  it.each([
    ['a library called by the pager', 'p.ts:3', ['f (/x/node_modules/chai/c.js:1:1)', 'P.g (/x/p.ts:3:1)']],
    [
      'the kernel called by the pager',
      'p.ts:3',
      [`Pages.f (${ROOT}src/kernel/pages.ts:9:1)`, 'P.g (/x/p.ts:3:1)'],
    ],
    [
      'the kernel alone, run by a test',
      null,
      [
        `Kernel.run (${ROOT}src/kernel/kernel.ts:9:1)`,
        `PagerTarget.execute (${ROOT}src/targets/reference.ts:9:1)`,
        '/x/pager.test.ts:3:1',
      ],
    ],
    ['the oracle', null, [`Judge.f (${ROOT}properties/judge.ts:9:1)`, 'P.g (/x/p.ts:3:1)']],
    ['nobody whose file is known', null, ['node:internal/x:3:1', 'Array.map (<anonymous>)']],
  ])('of %s', (_, expected, frames) => {
    expect(place(...frames)).toBe(expected);
  });
});
