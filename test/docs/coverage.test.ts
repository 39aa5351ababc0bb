/**
 * Guards the comparison of docs/coverage.md with what generated scenarios miss, which `npm run coverage:pager` makes, and that
 * what the document names is still in the pager, so that a change of the pager does not wait for that run to be noticed.
 */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { differences, missedBranches, reasonsOf, rowOf, type FileCoverage } from '../../tools/branches.ts';

const SOURCE = [
  'class Output {',
  '  put(a: number, list: number[]): number {',
  '    if (a > (1 + 2) || a < 0) return 0;',
  '    const b = a === 1 ? list.length : this.get(a ?? list[0]);',
  '    return list.map((one) => one && b).length;',
  '  }',
  '}',
].join('\n');

const at = (line: number, column: number | null): { line: number; column: number | null } => ({
  line,
  column,
});

/** A report of `SOURCE`, with the ways that were not gone. */
function reportOf(b: FileCoverage['b']): FileCoverage[] {
  const rest = (line: number, column: number): { start: object; end: object } => ({
    start: at(line, column),
    end: at(line, null),
  });
  return [
    {
      path: '/somewhere/output.ts',
      branchMap: {
        '0': { type: 'if', loc: rest(3, 4), locations: [rest(3, 4), { start: {}, end: {} }] },
        '1': { type: 'binary-expr', loc: rest(3, 8), locations: [rest(3, 8), rest(3, 23)] },
        '2': { type: 'cond-expr', loc: rest(4, 14), locations: [rest(4, 24), rest(4, 38)] },
        '3': { type: 'binary-expr', loc: rest(5, 29), locations: [rest(5, 29), rest(5, 36)] },
      },
      fnMap: {
        '0': { name: 'put', loc: { start: at(2, 2), end: at(6, null) } },
        '1': { name: '(anonymous_1)', loc: { start: at(5, 20), end: at(5, null) } },
      },
      b,
    },
  ];
}

const NONE = { '0': [1, 1], '1': [1, 1], '2': [1, 1], '3': [1, 1] };
const missedOf = (b: FileCoverage['b']): string[] =>
  missedBranches(reportOf({ ...NONE, ...b }), () => SOURCE).map(
    (one) => `${one.file}:${one.line} ${one.function} ${one.branch}`,
  );

describe('what a coverage run missed', () => {
  it('is nothing if every way was gone', () => {
    expect(missedOf({})).toEqual([]);
  });

  it('is told by file, function and its own text', () => {
    expect(missedOf({ '0': [0, 5] })).toEqual(['output.ts:3 put `a > (1 + 2) || a < 0` is never true']);
    expect(missedOf({ '0': [5, 0] })).toEqual(['output.ts:3 put `a > (1 + 2) || a < 0` is never false']);
    expect(missedOf({ '1': [5, 0] })).toEqual(['output.ts:3 put `a < 0` is never reached']);
    expect(missedOf({ '2': [0, 5] })).toEqual(['output.ts:4 put `a === 1` is never true']);
    // a function without a name is part of the one around it
    expect(missedOf({ '3': [5, 0] })).toEqual(['output.ts:5 put `b` is never reached']);
  });

  it('stands in the order of lines', () => {
    expect(missedOf({ '3': [0, 0], '0': [0, 1] }).map((one) => one.split(' ')[0])).toEqual([
      'output.ts:3',
      'output.ts:5',
      'output.ts:5',
    ]);
  });
});

describe('the comparison', () => {
  const missed = missedBranches(reportOf({ ...NONE, '0': [0, 1] }), () => SOURCE);
  const row = rowOf({ ...missed[0]!, why: 'nobody asks' });

  it('is content with a reason for each', () => {
    expect(
      differences(missed, reasonsOf(`| file | function | branch | why |\n|---|---|---|---|\n${row}`)),
    ).toEqual([]);
    expect(differences([], [])).toEqual([]);
  });

  it('asks for a reason, with the row that it goes into', () => {
    const asked = [
      'no scenario reaches line 3 of output.ts, and there is no reason for it:\n' +
        '| `output.ts` | `put` | `a > (1 + 2) \\|\\| a < 0` is never true |  |',
    ];
    expect(differences(missed, [])).toEqual(asked);
    expect(differences(missed, reasonsOf(row.replace('nobody asks', '')))).toEqual(asked);
  });

  it('does not let a reason stand whose branch is reached', () => {
    expect(differences([], reasonsOf(row))).toEqual([
      'there is a reason for what scenarios reach: output.ts put `a > (1 + 2) || a < 0` is never true',
    ]);
  });

  it('wants one reason for each of two that read the same', () => {
    expect(differences([...missed, ...missed], reasonsOf(row))).toHaveLength(1);
    expect(differences([...missed, ...missed], reasonsOf(`${row}\n${row}`))).toEqual([]);
  });
});

describe('docs/coverage.md', () => {
  const reasons = reasonsOf(readFileSync(new URL('../../docs/coverage.md', import.meta.url), 'utf8'));

  it('gives reasons', () => {
    expect(reasons.length).toBeGreaterThan(0);
    expect(reasons.filter(({ why }) => why === '')).toEqual([]);
  });

  it('names functions and branches that the pager has', () => {
    for (const { file, function: name, branch } of reasons) {
      const text = readFileSync(new URL(`../../src/pager/${file}`, import.meta.url), 'utf8');
      expect(text).toMatch(new RegExp(`^ +(?:private )?\\*?${name}\\(`, 'm'));
      const own = /^`(.*)` is never (?:true|false|reached)$/.exec(branch)![1]!;
      expect(text.replaceAll(/\s+/g, ' ')).toContain(own);
    }
  });
});
