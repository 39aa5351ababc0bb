/**
 * Style as a test: what reviewers would otherwise have to say again and again. It judges every TypeScript file that git
 * tracks or would track, so a file counts from the moment it is written. The judges are shown untidy texts first.
 */
import { describe, expect, it } from 'vitest';
import { findUnreached } from './support/architecture.ts';
import { listFiles, readImports, readSource } from './support/sources.ts';
import {
  COLUMNS_MAX,
  findHeadProblems,
  findLeftovers,
  findOutsideWorld,
  findOversize,
  findSkippedTests,
  LINES_MAX,
} from './support/tidiness.ts';

type Judge = (file: string, text: string) => string[];

const PUBLISHED = ['src', 'model', 'properties'];
/** What takes part in a run or judges it: the same scenario must give the same trace everywhere. */
const DETERMINISTIC = ['src/kernel', 'src/pager', 'src/scenario', 'src/trace', 'model', 'properties'];

function judgeAll(folders: readonly string[], judge: Judge): string[] {
  return listFiles(folders).flatMap((file) => judge(file, readSource(file)));
}

describe('the sources', () => {
  it('are found', () => {
    expect(listFiles(PUBLISHED).length).toBeGreaterThan(0);
  });

  it('start with a head comment of at least one sentence', () => {
    expect(judgeAll(PUBLISHED, findHeadProblems)).toEqual([]);
  });

  it('hold no notes to oneself', () => {
    expect(judgeAll(PUBLISHED, findLeftovers)).toEqual([]);
  });

  it('keep lines and files to a readable size', () => {
    expect(judgeAll(PUBLISHED, findOversize)).toEqual([]);
  });

  it('let nothing from outside into a run', () => {
    expect(judgeAll(DETERMINISTIC, findOutsideWorld)).toEqual([]);
  });

  it('hold no dead file: a public entry, the benchmark or an example reaches each', () => {
    const files = readImports([...PUBLISHED, 'bench', 'examples']);
    const examples = files.map(({ file }) => file).filter((file) => file.startsWith('examples/'));
    const roots = ['src/index.ts', 'src/cli/main.ts', 'bench/main.ts', ...examples];
    expect(findUnreached(files, roots).filter((file) => !file.startsWith('bench/'))).toEqual([]);
  });
});

describe('the tests', () => {
  it('are all switched on', () => {
    expect(judgeAll(['test'], findSkippedTests)).toEqual([]);
  });
});

describe('the judges', () => {
  const complaints = (judge: Judge, text: string): string[] =>
    judge('a.ts', text).map((complaint) => complaint.replace(/^a\.ts:/, ''));

  it.each([
    ['const a = 1;\n', '1: does not start with a head comment /** ... */'],
    ['// Says something here.\n', '1: does not start with a head comment /** ... */'],
    ['/* Says something here now. */\n', '1: does not start with a head comment /** ... */'],
    [
      "import a from 'a';\n/** Says something here now. */\n",
      '1: does not start with a head comment /** ... */',
    ],
    ['/** */\n', '1: the head comment holds no full sentence'],
    ['/** Page tables */\n', '1: the head comment holds no full sentence'],
    ['/**\n * @module pages\n */\n', '1: the head comment holds no full sentence'],
    ['/** Pages. */\n', '1: the head comment holds no full sentence'],
  ])('want a head comment that says something: %j', (text, complaint) => {
    expect(complaints(findHeadProblems, text)).toEqual([complaint]);
  });

  it.each([
    '/** Says what this file does. */\n',
    '/**\n * Says what this file does,\n * over two lines.\n */\nconst a = 1;\n',
    '/**\n * `vnode.ts` holds the vnodes of a world; see also a.b.c for more\n * than that. And so on\n */\n',
    '#!/usr/bin/env node\n/** Starts the command line. */\n',
  ])('accept a head comment like %j', (text) => {
    expect(complaints(findHeadProblems, text)).toEqual([]);
  });

  it('find notes to oneself', () => {
    const note = ['TO', 'DO'].join('');
    expect(complaints(findLeftovers, `a;\n// ${note}: later\nconst x${note}s = 1;\n`)).toEqual([
      `2: ${note} was left behind`,
    ]);
  });

  it('find long lines and files', () => {
    const fits = 'é'.repeat(COLUMNS_MAX);
    expect(complaints(findOversize, `${fits}\n${fits}!\n`)).toEqual(['2: 131 columns, more than 130']);
    expect(complaints(findOversize, 'a;\n'.repeat(LINES_MAX))).toEqual([]);
    expect(complaints(findOversize, 'a;\n'.repeat(LINES_MAX + 1))).toEqual(['600: 601 lines, more than 600']);
  });

  it.each([
    ['const a = Date.now();', 'Date reaches outside the run'],
    ['const a = new Date();', 'Date reaches outside the run'],
    ['const a = Math.random();', 'Math.random is not repeatable'],
    ['setTimeout(() => {}, 1);', 'setTimeout reaches outside the run'],
    ['const a = performance.now();', 'performance reaches outside the run'],
    ['const a = globalThis.performance;', 'globalThis.performance reaches outside the run'],
    ['const { now } = Date;', 'Date reaches outside the run'],
    ['const a = { performance };', 'performance reaches outside the run'],
    ['const a = process.hrtime.bigint();', 'process reaches outside the run'],
    ['function f(process: A) { g(process); } h(process);', 'process reaches outside the run'],
    ['{ const process = 1; } h(process);', 'process reaches outside the run'],
    ['a.localeCompare(b);', "localeCompare asks the platform's language data"],
  ])('find the outside world in %j', (text, complaint) => {
    expect(complaints(findOutsideWorld, `\n${text}\n`)).toEqual([`2: ${complaint}`]);
  });

  it.each([
    '// Date.now() and Math.random() are forbidden here',
    "const a = 'setTimeout';",
    'const a = Math.max(1, 2);',
    'const a = file.Date + levels.process;',
    'interface A { process: number; performance(): void }',
    'const a = { process: 1 };',
    'const { process: a } = levels;',
    'const { process } = levels; f(process, { process });',
    'function f(process: A) { return () => process.name; }',
    'for (const process of list) f(process);',
    "import { process } from './process.ts'; process.run();",
    'f(g(process)); function process() {}',
  ])('find no outside world in %j', (text) => {
    expect(complaints(findOutsideWorld, text)).toEqual([]);
  });

  it.each([
    ["it.only('a', () => {});", 'it.only was left behind'],
    ["describe.skip('a', () => {});", 'describe.skip was left behind'],
    ["test.concurrent.skip('a', () => {});", 'test.skip was left behind'],
    ["it.skip.each([1])('a', () => {});", 'it.skip was left behind'],
  ])('find the switched-off test in %j', (text, complaint) => {
    expect(complaints(findSkippedTests, text)).toEqual([`1: ${complaint}`]);
  });

  it.each([
    "it.skipIf(missing)('a', () => {});",
    "it('a', ({ skip }) => skip());",
    'context.skip();',
    'options.only;',
    '// it.only',
  ])('find no switched-off test in %j', (text) => {
    expect(complaints(findSkippedTests, text)).toEqual([]);
  });
});
