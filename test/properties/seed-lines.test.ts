/**
 * Guards that every contract leads to lines of the text of 1994, that these are there, and that a source is read and shown with
 * them. The text is no part of this project; where it is not at ../shared/seed, what is said of it is not compared with it.
 */
import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { PROPERTIES } from '../../properties/catalogue.ts';
import {
  clausesOf,
  formatLines,
  INVARIANTS,
  linesOf,
  SECTIONS,
  SEED_LINES,
  sourceText,
  type Lines,
} from '../../properties/seed-lines.ts';
import { ORIGINAL } from '../support/c-source.ts';

const hasOriginal = existsSync(ORIGINAL);
if (!hasOriginal) console.log('skipped: lines of the original text, which is not at ../shared/seed');

const FUNCTIONS = Object.values(SECTIONS).flat();
const TABLE: Lines[] = [
  ...FUNCTIONS.map((one) => one.lines),
  ...Object.values(INVARIANTS).flatMap((one) => one.lines),
];

/** What is wrong with ranges: not within the text, or empty. */
function outside(lines: readonly Lines[]): Lines[] {
  return lines.filter(([first, last]) => !(first >= 1 && first <= last && last <= SEED_LINES));
}

describe('the table', () => {
  it('has every section of the contracts and every invariant', () => {
    expect(Object.keys(SECTIONS)).toEqual(Array.from({ length: 12 }, (_, i) => `13.${i + 1}`));
    expect(Object.keys(INVARIANTS)).toEqual(Array.from({ length: 21 }, (_, i) => `G${i + 1}`));
    expect(Object.values(SECTIONS).every((functions) => functions.length > 0)).toBe(true);
    expect(Object.values(INVARIANTS).every(({ lines }) => lines.length > 0)).toBe(true);
  });

  it('stays within the text, in order', () => {
    expect(outside(TABLE)).toEqual([]);
    expect(outside([[5, 4]])).toHaveLength(1);
    expect(outside([[1, SEED_LINES + 1]])).toHaveLength(1);
    for (const { lines } of Object.values(INVARIANTS)) {
      const firsts = lines.map(([first]) => first);
      expect(firsts).toEqual(firsts.toSorted((a, b) => a - b));
    }
  });
});

describe.skipIf(!hasOriginal)('the original text', () => {
  const text = hasOriginal ? readFileSync(ORIGINAL, 'utf8').trimEnd().split('\n') : [];
  /** Names of functions by the line that defines them: at the left margin, with its arguments' names. */
  const defined = new Map(
    text.flatMap((line, i) => {
      const name = /^(vnode_pager_\w+)\([^;]*\)$/.exec(line)?.[1];
      return name === undefined ? [] : [[i + 1, name] as const];
    }),
  );

  it('has as many lines', () => {
    expect(text).toHaveLength(SEED_LINES);
  });

  it('defines each function where the table says, and ends it there', () => {
    for (const { name, lines } of FUNCTIONS) {
      expect(`${lines[0]}: ${defined.get(lines[0])}`).toBe(`${lines[0]}: ${name}`);
      expect(text.indexOf('}', lines[0] - 1) + 1).toBe(lines[1]);
    }
  });

  it('has no function that no section is about', () => {
    const named = new Set(FUNCTIONS.map(({ name }) => name));
    expect([...defined.values()].filter((name) => !named.has(name))).toEqual([]);
  });

  it('has code at both ends of all lines that are cited', () => {
    const cited = [
      ...TABLE,
      ...PROPERTIES.flatMap(({ source }) => clausesOf(source).flatMap(({ lines }) => lines)),
    ];
    const isCode = (line: number): boolean => !/^\s*(\/?\*.*)?$/.test(text[line - 1]!);
    expect(cited.flat().filter((line) => !isCode(line))).toEqual([]);
  });
});

describe('a source', () => {
  it('of each property leads to lines within the text', () => {
    for (const { id, source } of PROPERTIES) {
      expect(`${id}: ${formatLines(linesOf(source))}`).toMatch(/: \d/);
      expect(outside(clausesOf(source).flatMap(({ lines }) => lines))).toEqual([]);
    }
  });

  it('is read clause by clause, each with lines of its own or none', () => {
    expect(clausesOf('13.4 Q1, Q3-Q5 (641-642, 788), P2, G16, 7.3')).toEqual([
      { section: '13.4', clauses: 'Q1', lines: [] },
      {
        section: '13.4',
        clauses: 'Q3-Q5',
        lines: [
          [641, 642],
          [788, 788],
        ],
      },
      { section: '13.4', clauses: 'P2', lines: [] },
      { section: 'G16', clauses: '', lines: [] },
      { section: '7.3', clauses: '', lines: [] },
    ]);
    expect(() => clausesOf('13.4 and more')).toThrow('what is 13.4 and more?');
  });

  it('leads to its own lines, else to those of the table, in order and none twice', () => {
    expect(linesOf('13.6 Q9 (1320-1324), 13.1')).toEqual([
      [118, 121],
      [1320, 1324],
    ]);
    // within a function, or next to it, lines add nothing
    expect(linesOf('13.12, G4, 13.12 Q3 (567-568)')).toEqual([
      [525, 568],
      [923, 923],
    ]);
    expect(linesOf('7.3, 13.4 P2')).toEqual([]);
  });

  it('is shown with the lines that it does not say itself', () => {
    expect(sourceText('13.1, 13.5')).toBe('13.1, 13.5; lines 118-121, 253-266');
    expect(sourceText('13.6 Q9 (1320-1324)')).toBe('13.6 Q9 (1320-1324)');
    expect(sourceText('13.4 Q7 (920-923), G4')).toBe('13.4 Q7 (920-923), G4; lines 558-560');
    expect(sourceText('9.2')).toBe('9.2');
  });
});
