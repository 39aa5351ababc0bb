/**
 * Guards that one bug is told once: failures are put together where only the caller differs, where the scenarios are alike, or
 * where one never came without the other; none is lost, and the order in which they were found makes no difference.
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import OnePagePager from '../../examples/one-page/pager.ts';
import { areAlike, Company, groupFailures, groupsOf } from '../../src/engine/groups.ts';
import { checkPager } from '../../src/index.ts';
import type { ViolationReport } from '../../src/engine/results.ts';
import type { OperationKind } from '../../src/scenario/operations.ts';
import { toldBefore } from '../../src/report/terminal.ts';
import { VIOLATION } from '../support/reports.ts';
import { scenarioOf } from '../support/fakes.ts';

/** A failure of one property in one function, called by one kind of operation. */
function failure(
  property: string,
  kind: OperationKind,
  name: string,
  more: { operations?: OperationKind[]; company?: string[]; size?: number } = {},
): ViolationReport {
  const { operations = [kind], company = [], size } = more;
  const cause = `${property}/${kind}/${name}`;
  const scenario = scenarioOf(...operations);
  // a size of the file that nobody else has keeps scenarios apart
  scenario.files[0]!.size = size ?? Buffer.from(cause).reduce((sum, letter) => sum * 7 + letter, 1);
  return {
    ...VIOLATION,
    property,
    cause,
    operations: operations.length,
    company,
    explanation: { ...VIOLATION.explanation, property, cause, operationKind: kind, function: name },
    scenario,
  };
}

const causes = (violations: readonly ViolationReport[]): string[][] =>
  groupFailures(violations).map(({ first, others }) => [first, ...others].map(({ cause }) => cause));

describe('failures are probably of one bug', () => {
  const get = failure('contents', 'get', 'getmulti');

  it('where only the caller differs', () => {
    expect(causes([get, failure('contents', 'fault', 'getmulti')])).toEqual([
      ['contents/get/getmulti', 'contents/fault/getmulti'],
    ]);
  });

  it('where one page was asked for, or several', () => {
    expect(causes([get, failure('contents', 'getpage', 'getpage')])).toHaveLength(1);
    expect(causes([get, failure('contents', 'putpage', 'putpage')])).toHaveLength(2);
  });

  it('where scenarios are the same but for what is asked for', () => {
    const one = failure('contents', 'open', 'alloc', { size: 7 });
    const other = failure('contents', 'get', 'getmulti', { size: 7 });
    expect(causes([one, other])).toHaveLength(1);
    expect(causes([one, failure('contents', 'get', 'getmulti', { size: 8 })])).toHaveLength(2);
    expect(causes([one, failure('no-trap', 'get', 'getmulti', { size: 7 })])).toHaveLength(2);
  });

  it('where scenarios are equal', () => {
    const one = failure('contents', 'get', 'getmulti', { size: 7 });
    expect(causes([one, failure('no-trap', 'get', 'iodone', { size: 7 })])).toHaveLength(1);
  });

  it('where scenarios are equal but for whether the kernel panics at what is wrong', () => {
    const one = failure('hold-counts', 'get', 'getmulti', { size: 7 });
    const other = failure('no-panic', 'get', 'getmulti', { size: 7 });
    const options = { ...other.scenario.options, diagnostic: true };
    const panics = { ...other, scenario: { ...other.scenario, options } };
    expect(causes([one, panics])).toHaveLength(1);
    const checks = { ...options, faultChecksSize: !options.faultChecksSize };
    expect(causes([one, { ...other, scenario: { ...other.scenario, options: checks } }])).toHaveLength(2);
  });

  it('where one never came without the other, whichever was found first', () => {
    const later = failure('no-trap', 'put', 'putmulti', { company: ['contents/getmulti', 'no-trap/alloc'] });
    const alone = failure('no-trap', 'open', 'alloc');
    expect(causes([get, later])).toHaveLength(1);
    expect(causes([later, get])).toHaveLength(1);
    expect(causes([get, alone])).toHaveLength(2);
    expect(causes([get, alone, later])).toHaveLength(1);
  });

  it('not where both come with something that was never reported itself', () => {
    const company = ['lock-order/open'];
    const one = failure('contents', 'get', 'getmulti', { company });
    expect(causes([one, failure('no-trap', 'open', 'alloc', { company })])).toHaveLength(2);
  });

  it('and the smallest scenario stands for them', () => {
    const long = failure('contents', 'fault', 'getmulti', { operations: ['map', 'fault', 'unmap'] });
    expect(groupFailures([long, get])).toEqual([{ first: get, others: [long], doubtful: [], bugsMax: 1 }]);
    const later = failure('contents', 'close', '-', { company: ['contents/getmulti'] });
    expect(groupFailures([later, get])).toMatchObject([{ first: get, others: [later] }]);
    const sooner = failure('contents', 'read', 'getmulti');
    sooner.explanation.event = 41;
    expect(groupFailures([get, sooner])).toMatchObject([{ first: sooner, others: [get] }]);
  });

  it('in doubt where nothing but company puts them together', () => {
    const fault = failure('contents', 'fault', 'getmulti');
    const holds = failure('hold-counts', 'put', 'putmulti');
    // it never came without either, which says nothing of whether those two are of one bug
    const both = failure('no-trap', 'close', '-', { company: ['contents/getmulti', 'hold-counts/putmulti'] });
    const found = [get, fault, holds, both];
    expect(groupFailures(found)).toEqual([
      { first: get, others: [fault, holds, both], doubtful: [holds, both], bugsMax: 3 },
    ]);
    expect(areAlike(get, fault, found)).toBe(true);
    expect(areAlike(get, holds, found)).toBe(false);
  });
});

const arbitraryFailure = fc
  .record({
    property: fc.constantFrom('contents', 'no-trap', 'hold-counts', 'zero-past-eof'),
    kind: fc.constantFrom<OperationKind>('get', 'fault', 'put', 'open'),
    name: fc.constantFrom('getmulti', 'putmulti', 'alloc', 'iodone'),
    operations: fc.array(fc.constantFrom<OperationKind>('get', 'map', 'open'), {
      minLength: 1,
      maxLength: 4,
    }),
    company: fc.array(fc.constantFrom('contents/getmulti', 'no-trap/putmulti', 'hold-counts/alloc')),
    size: fc.constantFrom(1, 2, 3, undefined),
  })
  .map(({ property, kind, name, operations, company, size }) =>
    failure(property, kind, name, { operations, company, ...(size === undefined ? {} : { size }) }),
  );
const arbitraryFailures = fc.uniqueArray(arbitraryFailure, { selector: ({ cause }) => cause, maxLength: 12 });

const shuffledTwice = arbitraryFailures.chain((found) =>
  fc.tuple(fc.constant(found), fc.shuffledSubarray(found, { minLength: found.length })),
);

describe('groups', () => {
  it('have every cause once, whatever the order in which the failures were found', () => {
    fc.assert(
      fc.property(shuffledTwice, ([found, shuffled]) => {
        const groups = groupFailures(found);
        const sets = (of: typeof groups): Set<string> =>
          new Set(
            of.map(({ first, others }) =>
              [first, ...others]
                .map(({ cause }) => cause)
                .toSorted()
                .join(),
            ),
          );
        expect(sets(groupFailures(shuffled))).toEqual(sets(groups));
        const all = groups.flatMap(({ first, others }) => [first, ...others]);
        expect(new Set(all)).toEqual(new Set(found));
        expect(all).toHaveLength(found.length);
        for (const { first, others } of groups)
          for (const other of others) expect(other.operations).toBeGreaterThanOrEqual(first.operations);
      }),
    );
  });

  it('only grow together when there are more failures', () => {
    fc.assert(
      fc.property(arbitraryFailures, arbitraryFailure, (found, more) => {
        fc.pre(found.every(({ cause }) => cause !== more.cause));
        const together = groupFailures([...found, more]);
        for (const { first, others } of groupFailures(found)) {
          const now = together.filter((group) =>
            [group.first, ...group.others].some((one) => [first, ...others].includes(one)),
          );
          expect(now).toHaveLength(1);
        }
      }),
    );
  });

  it('tell in full what is the first of its group, or smaller than what was told', () => {
    fc.assert(
      fc.property(arbitraryFailures, (found) => {
        const told: ViolationReport[] = [];
        for (const one of found) {
          const before = toldBefore(one, told);
          if (before !== null) {
            expect(told).toContain(before);
            // whose story was told in full when it came
            expect(toldBefore(before, told.slice(0, told.indexOf(before)))).toBeNull();
            expect(before.operations).toBeLessThanOrEqual(one.operations);
          }
          told.push(one);
        }
      }),
    );
  });
});

describe('company', () => {
  it('is what every run that showed the failure has violated too', () => {
    const { explanation: violation } = failure('contents', 'get', 'getmulti');
    const trap = failure('no-trap', 'get', 'iodone').explanation;
    const other = failure('hold-counts', 'put', 'putmulti').explanation;
    const company = new Company(violation);
    expect(company.offences).toEqual([]);
    company.meet([trap, violation, other]);
    expect(company.offences).toEqual(['hold-counts/putmulti', 'no-trap/iodone']);
    company.meet([violation, trap]);
    expect(company.offences).toEqual(['no-trap/iodone']);
    company.meet([violation]);
    company.meet([violation, trap]);
    expect(company.offences).toEqual([]);
  });
});

describe('the pager of the tutorial', () => {
  it('has one bug, though it has many causes', { timeout: 120_000 }, async () => {
    const report = await checkPager({
      pager: OnePagePager,
      suites: ['get', 'mixed'],
      runs: 100,
      maxFailures: 100,
    });
    const groups = groupsOf(report);
    expect(groups).toHaveLength(1);
    const [{ first, others }] = groups as [(typeof groups)[number]];
    expect(first).toMatchObject({ property: 'zero-past-eof', operations: 1 });
    expect(others.length).toBeGreaterThan(2);
  });
});
