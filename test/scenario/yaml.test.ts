/**
 * Guards the reading of untrusted text: it never throws, always says where, takes little time, and what it accepts is what
 * the YAML library reads in it. The last matters because most lines of a scenario never reach the library.
 */
import fc from 'fast-check';
import { test } from '@fast-check/vitest';
import { parse } from 'yaml';
import { describe, expect, it } from 'vitest';
import { formatScenario, parseScenario, type Problem } from '../../src/scenario/codec.ts';
import { BOUNDS } from '../../src/scenario/scenario.ts';
import { readYaml, type YamlText } from '../../src/scenario/yaml.ts';
import { scenarioArbitrary } from './arbitrary-scenario.ts';

/** What mutations insert: pieces that mean something to YAML, and some that look like entries. */
const PIECES = [
  ' ',
  '  ',
  '\n',
  '\r\n',
  '\t',
  '- ',
  '-',
  ': ',
  ':',
  ', ',
  ',',
  '{',
  '}',
  '[',
  ']',
  '{ ',
  ' }',
  '#',
  ' # note',
  '\n# note\n',
  '"',
  "'",
  '\\',
  '|\n',
  '>\n  ',
  '? ',
  '&a ',
  '*a',
  '!a ',
  '%YAML 1.1\n',
  '---\n',
  '...\n',
  '<<',
  '__proto__',
  'null',
  'true',
  '~',
  '0x1F',
  '0o7',
  '017',
  '-1',
  '1.5',
  '1e3',
  '.inf',
  '.nan',
  '99999999999999999999',
  'id: 7',
  '- { id: 7 }',
  '  - { id: 7, do: get }\n',
  '\n  - { a: b }',
  '\0',
  '\uffff',
  '\ufeff',
  '\ud800',
  'é',
  '\u0085',
  '\u202e',
  '\u2028',
] as const;

const piece = fc.oneof(
  { weight: 9, arbitrary: fc.constantFrom(...PIECES) },
  { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 4 }) },
);

interface Mutation {
  at: number;
  removes: number;
  inserts: string;
}

const mutation: fc.Arbitrary<Mutation> = fc.record({
  at: fc.nat(),
  removes: fc.oneof(fc.constant(0), fc.nat({ max: 12 })),
  inserts: fc.oneof(piece, fc.constant('')),
});

/** Texts of valid scenarios, then changed in up to four places. */
const mutated: fc.Arbitrary<string> = fc
  .tuple(scenarioArbitrary, fc.array(mutation, { maxLength: 4 }))
  .map(([scenario, mutations]) => {
    let text = formatScenario(scenario);
    for (const { at, removes, inserts } of mutations) {
      const from = at % (text.length + 1);
      text = text.slice(0, from) + inserts + text.slice(from + removes);
    }
    return text;
  });

/** Texts made of nothing but such pieces. */
const pieced: fc.Arbitrary<string> = fc
  .array(fc.oneof({ weight: 5, arbitrary: piece }, { weight: 1, arbitrary: fc.constant('a') }), {
    maxLength: 40,
  })
  .map((pieces) => pieces.join(''));

/** Every problem is about a place of the text, on one line, in characters that can be shown. */
function expectUsable(problems: readonly Problem[], text: string): void {
  expect(problems.length).toBeGreaterThan(0);
  expect(problems.length).toBeLessThanOrEqual(20);
  const lines = text.replace(/^\ufeff/, '').split('\n');
  for (const { line, column, path, message } of problems) {
    expect(line).toBeGreaterThanOrEqual(1);
    expect(line).toBeLessThanOrEqual(lines.length);
    expect(column).toBeGreaterThanOrEqual(1);
    expect(column).toBeLessThanOrEqual(lines[line - 1]!.length + 1);
    expect(path + message).toMatch(/^[^\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]+$/u);
    expect(message.length).toBeLessThan(300);
  }
}

/** Compares with the library, which knows neither our placeholders nor our bounds. */
function expectAsLibrary(text: string): void {
  const read = readYaml(text);
  if (read.problems !== undefined) return;
  const library: unknown = parse(text, {
    version: '1.2',
    schema: 'core',
    merge: false,
    uniqueKeys: true,
    logLevel: 'silent',
  });
  expect(positiveZeros(read.yaml.data)).toEqual(positiveZeros(library));
}

function positiveZeros(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(positiveZeros);
  if (typeof value === 'object' && value !== null) {
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, positiveZeros(inner)]));
  }
  return value === 0 ? 0 : value;
}

describe('any text', () => {
  test.prop([fc.oneof(mutated, pieced, fc.string({ unit: 'binary' }))], { numRuns: 400 })(
    'is a scenario or has problems that people can use',
    (text) => {
      const result = parseScenario(text, 'test.yaml');
      if (result.problems !== undefined) expectUsable(result.problems, text);
    },
  );

  test.prop([fc.uint8Array({ maxLength: 400 })])('may be any bytes', (bytes) => {
    expect(parseScenario(bytes, 'test.yaml').problems?.length).toBeGreaterThan(0);
  });

  test.prop([fc.oneof(mutated, pieced)], { numRuns: 400 })(
    'means what the YAML library reads in it',
    expectAsLibrary,
  );
});

describe('a line that looks like an entry', () => {
  it.each([
    ['in a quoted text', 'a: "x\n  - { id: 1 }\n  y"\n'],
    ['in a plain text', 'a: x\n  - { id: 1 }\n'],
    ['in a block text', 'a: |\n  - { id: 1 }\n'],
    ['in brackets', 'a: [\n  - { id: 1 }\n]\n'],
  ])('is not taken for one %s', (_, text) => {
    expect(readYaml(text).problems).toHaveLength(1);
  });

  it.each([
    '- { id: 1 }',
    '-  { id: 1 }',
    '- {id: 1,do: get}',
    '- { id: 1, do: get } # note',
    '- { id: 1, do: get }# note',
    '- { id: 1, do: get, }',
    '- { id: 0x1F, do: 007 }',
    '- { id: 12345678901234567, do: a b }',
    '- { id: true, null: get }',
    '- { id: 1, id: 2 }',
    '- { id: 1 } }',
    '- { id: -1 }',
    '- { id: 1.5 }',
    '- { id:1 }',
    '- { }',
    '- { id }',
    'a:\n- { id: 1 }\n-  { id: 2 }',
    'a:\n  - { id: 1 }\n   - { id: 2 }',
    'a:\n    - { id: 1 }\n  - { id: 2 }',
    'a: 1\n  - { id: 1 }',
    '- a\n- { id: 1 }\n- [b]',
    '- { id: 1 }\nb: 1',
    '- - { id: 1 }',
    '- { id: 1 }\r\n- { id: 2 }\r\n',
  ])('means what it means to the library: %j', expectAsLibrary);
});

const HEAD =
  'version: 1\nfileSystems:\n  - { blockMap: disk, blockSize: 8192 }\nfiles:\n  - { size: 20000 }\n';
const ENTRY = '  - { id: 1, do: get }\n';

/** Pieces that are cheap to write and dear to read, and how often they fit. */
const HOSTILE: [name: string, begin: string, piece: string, size?: number][] = [
  ['open brackets', '', '['],
  ['open braces', '', '{a: '],
  ['brackets', '', '[]'],
  ['commas', '[', ','],
  ['items', '[', 'a, '],
  ['items without commas', '[', '"a""b"'],
  ['fields', '{', 'a: 1, '],
  ['dashes', '', '- '],
  ['colons', '', ': '],
  ['questions', '', '? '],
  ['anchors', '', '&a '],
  ['aliases', 'a: &a 1\nb: [', '*a, '],
  ['tags', '', '! '],
  ['directives', '', '%YAML 1.2\n'],
  ['documents', '', '---\n'],
  ['comments', '', '#\n'],
  ['empty lines', '', '\n'],
  ['blanks', '', ' '],
  ['tabs', 'a:', '\t'],
  ['quotes', '"', '\\"'],
  ['single quotes', '', "''"],
  ['a block text', 'a: |\n', ' x\n'],
  ['a long word', '', 'x'],
  ['a long number', 'version: ', '9'],
  ['a long comment', '#', 'x'],
  ['a text that hides behind a comment', 'a: "\n#", [', '[], '],
  ['errors', '', '}\n'],
  ['byte order marks', '', '\ufeff'],
  ['zeros', '', '\0'],
  ['entries', `${HEAD}operations:\n`, ENTRY],
  ['entries just within the bound', `${HEAD}operations:\n`, ENTRY, 45_000 * ENTRY.length],
  ['a long entry', '  - { a: 1', ', a: 1'],
  ['wrong entries', `${HEAD}operations:\n`, '  - { id: 99999, do: get, aa: 1, ab: 1, ac: 1 }\n', 900_000],
];

describe('hostile texts', () => {
  // Each is refused in well under two seconds where this was written; the limit leaves room for a loaded machine.
  it.each(HOSTILE)('of %s are refused before long', { timeout: 90_000 }, (_, begin, repeated, size) => {
    for (const most of [size ?? 4 * 1024 * 1024, 130_000]) {
      const text = begin + repeated.repeat(Math.floor((most - begin.length) / repeated.length));
      const { problems } = parseScenario(text, 'test.yaml');
      expect(problems?.length).toBeGreaterThan(0);
    }
  });

  it('that nest by indentation are refused', () => {
    const text = Array.from({ length: 500 }, (_, i) => `${' '.repeat(i)}a:\n`).join('');
    expect(readYaml(text).problems).toMatchObject([
      { line: 10, message: expect.stringContaining('nested') as string },
    ]);
  });

  it('that are too long are refused unread', () => {
    const message = `longer than ${BOUNDS.fileBytes} bytes`;
    const text = '#'.repeat(BOUNDS.fileBytes + 1);
    expect(parseScenario(text, '').problems?.[0]?.message).toContain(message);
    expect(parseScenario(new Uint8Array(BOUNDS.fileBytes + 1), '').problems?.[0]?.message).toContain(message);
  });
});

describe('places', () => {
  const text = [
    'version: 1',
    'geometry:',
    '  frames: 20',
    'operations:',
    '  - { id: 1, do: get }',
    '  -  {   id: 2,',
    '       do: get }',
    'files: []',
  ].join('\n');
  const { yaml } = readYaml(text) as { yaml: YamlText };

  it.each([
    [['version'], false, '1:10'],
    [['version'], true, '1:1'],
    [['geometry', 'frames'], false, '3:11'],
    [['geometry', 'frames'], true, '3:3'],
    [['geometry', 'pbufs'], false, '3:3'],
    [['operations', 0], false, '5:5'],
    [['operations', 0, 'do'], false, '5:18'],
    [['operations', 0, 'do'], true, '5:14'],
    [['operations', 0, 'page'], false, '5:5'],
    [['operations', 1], false, '6:6'],
    [['operations', 1, 'do'], false, '7:12'],
    [['operations', 1, 'id'], true, '6:10'],
    [['operations', 2], false, '5:3'],
    [['nothing'], false, '1:1'],
    [[], false, '1:1'],
  ])('of %j (its key: %j) is %s', (path, atKey, place) => {
    const { line, column } = yaml.locate(path, atKey);
    expect(`${line}:${column}`).toBe(place);
  });
});
