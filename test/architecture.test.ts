/**
 * Guards the direction of imports. The oracle is worth something only as long as it cannot see the pager it judges,
 * and the kernel and the pager are replaceable only as long as they know nothing of those who drive them.
 */
import { describe, expect, it } from 'vitest';
import { findCycles, findForbiddenImports, findUnreached, partOf, RULES } from './support/architecture.ts';
import { importsOf, readImports, readSource, UNKNOWN_IMPORT } from './support/sources.ts';

const manifest = JSON.parse(readSource('package.json')) as { dependencies: Record<string, string> };
const dependencies = new Set(Object.keys(manifest.dependencies));
const sources = readImports(['src', 'model', 'properties']);

/** What the checker says of one file with one import, in a tree where both exist. */
function judge(file: string, target: string): string[] {
  const files = [
    { file, imports: [target] },
    { file: target, imports: [] },
  ].filter((entry) => RULES[partOf(entry.file)] !== undefined);
  return findForbiddenImports(files, dependencies);
}

describe('the sources', () => {
  it('obey the import rules', () => {
    expect(findForbiddenImports(sources, dependencies)).toEqual([]);
  });

  it('have no cycle between the parts', () => {
    expect(findCycles(sources)).toEqual([]);
  });
});

describe('the import rules', () => {
  it.each([
    ['src/kernel/page.ts', 'src/pager/getpages.ts'],
    ['src/kernel/page.ts', 'model/page.ts'],
    ['src/kernel/page.ts', 'properties/contents.ts'],
    ['src/kernel/page.ts', 'src/engine/run.ts'],
    ['src/kernel/page.ts', 'src/targets/target.ts'],
    ['src/pager/getpages.ts', 'model/page.ts'],
    ['src/pager/getpages.ts', 'properties/contents.ts'],
    ['src/pager/getpages.ts', 'src/engine/run.ts'],
    ['src/pager/getpages.ts', 'src/targets/reference.ts'],
    ['src/pager/getpages.ts', 'src/cli/main.ts'],
    ['model/page.ts', 'src/kernel/page.ts'],
    ['model/page.ts', 'src/pager/getpages.ts'],
    ['model/page.ts', 'src/engine/run.ts'],
    ['properties/contents.ts', 'src/kernel/page.ts'],
    ['properties/contents.ts', 'src/pager/getpages.ts'],
    ['properties/contents.ts', 'src/targets/target.ts'],
    ['src/engine/run.ts', 'src/cli/main.ts'],
    ['src/engine/run.ts', 'src/report/terminal.ts'],
    ['src/engine/run.ts', 'src/kernel/page.ts'],
    ['src/engine/run.ts', 'src/pager/getpages.ts'],
    ['src/engine/run.ts', 'src/targets/reference.ts'],
    ['src/cli/main.ts', 'src/kernel/page.ts'],
    ['src/cli/main.ts', 'src/pager/getpages.ts'],
    ['src/scenario/codec.ts', 'src/kernel/page.ts'],
    ['src/trace/view.ts', 'model/page.ts'],
    ['src/index.ts', 'src/cli/main.ts'],
  ])('forbid that %s imports %s', (file, target) => {
    expect(judge(file, target)).toEqual([
      `${file} imports ${target}: ${partOf(file)} may not import ${partOf(target)}`,
    ]);
  });

  it.each([
    ['src/pager/getpages.ts', 'src/kernel/page.ts'],
    ['src/kernel/page.ts', 'src/trace/observer.ts'],
    ['properties/contents.ts', 'model/page.ts'],
    ['properties/contents.ts', 'src/scenario/scenario.ts'],
    ['properties/suites.ts', 'fast-check'],
    ['src/engine/run.ts', 'src/targets/target.ts'],
    ['src/engine/load.ts', UNKNOWN_IMPORT],
    ['src/engine/workers.ts', 'node:worker_threads'],
    ['src/kernel/disk.ts', 'node:buffer'],
    ['src/cli/main.ts', 'src/targets/reference.ts'],
  ])('allow that %s imports %s', (file, target) => {
    expect(judge(file, target)).toEqual([]);
  });

  it.each([
    ['model/page.ts', UNKNOWN_IMPORT, 'what cannot be read here'],
    ['src/kernel/page.ts', 'node:fs', 'only use Node modules that compute'],
    ['src/cli/main.ts', 'fs', 'node: in front'],
    ['src/engine/run.ts', 'vitest', 'not among the dependencies'],
    ['src/engine/run.ts', '@fast-check/vitest/worker', '@fast-check/vitest is not among the dependencies'],
    ['src/engine/run.ts', 'test/support/sources.ts', 'not part of what is published'],
    ['src/engine/run.ts', '../elsewhere.ts', 'not part of what is published'],
    ['properties/suites.ts', 'pagercheck', 'relative paths'],
    ['model/page.ts', 'src/brandnew/thing.ts', 'model may not import src/brandnew'],
  ])('forbid that %s imports %s (%s)', (file, target, reason) => {
    const [complaint, ...others] = judge(file, target);
    expect(complaint).toContain(`${file} imports ${target}: `);
    expect(complaint).toContain(reason);
    expect(others).toEqual([]);
  });

  it('do not let a new part of the tree go unjudged', () => {
    expect(findForbiddenImports([{ file: 'src/brandnew/a.ts', imports: [] }], dependencies)).toEqual([
      'src/brandnew/a.ts: src/brandnew has no import rule; give it one in test/support/architecture.ts',
    ]);
  });
});

describe('the search for cycles', () => {
  it('finds one over several parts and says which imports make it', () => {
    const files = [
      { file: 'src/a/one.ts', imports: ['src/b/one.ts'] },
      { file: 'src/b/one.ts', imports: ['src/b/two.ts'] },
      { file: 'src/b/two.ts', imports: ['src/c/one.ts'] },
      { file: 'src/c/one.ts', imports: ['src/a/one.ts'] },
    ];
    expect(findCycles(files)).toEqual([
      'src/a -> src/b -> src/c -> src/a (src/a/one.ts -> src/b/one.ts; src/b/two.ts -> src/c/one.ts; ' +
        'src/c/one.ts -> src/a/one.ts)',
    ]);
  });

  it('leaves imports within one part and a diamond alone', () => {
    const files = [
      { file: 'src/a/one.ts', imports: ['src/a/two.ts', 'src/b/one.ts', 'src/c/one.ts'] },
      { file: 'src/a/two.ts', imports: ['src/a/one.ts'] },
      { file: 'src/b/one.ts', imports: ['src/d/one.ts'] },
      { file: 'src/c/one.ts', imports: ['src/d/one.ts'] },
      { file: 'src/d/one.ts', imports: [] },
    ];
    expect(findCycles(files)).toEqual([]);
  });
});

describe('the search for unreached files', () => {
  it('follows imports from the roots, in circles too', () => {
    const files = [
      { file: 'src/index.ts', imports: ['src/a/one.ts', 'fast-check'] },
      { file: 'src/a/one.ts', imports: ['src/a/two.ts'] },
      { file: 'src/a/two.ts', imports: ['src/a/one.ts'] },
      { file: 'src/a/dead.ts', imports: ['src/a/deader.ts'] },
      { file: 'src/a/deader.ts', imports: ['src/a/dead.ts'] },
    ];
    expect(findUnreached(files, ['src/index.ts', 'src/missing.ts'])).toEqual([
      'src/a/dead.ts',
      'src/a/deader.ts',
    ]);
  });
});

describe('reading imports', () => {
  const read = (text: string): readonly string[] => importsOf('src/engine/run.ts', text).imports;

  it.each([
    ["import { a } from '../kernel/page.ts';", 'src/kernel/page.ts'],
    ["import type { A } from '../kernel/page.ts';", 'src/kernel/page.ts'],
    ["import '../kernel/page.ts';", 'src/kernel/page.ts'],
    ["export * from '../kernel/page.ts';", 'src/kernel/page.ts'],
    ["export type { A } from '../kernel/page.ts';", 'src/kernel/page.ts'],
    ["import\n  a\nfrom\n  '../kernel/page.ts';", 'src/kernel/page.ts'],
    ["type A = import('../kernel/page.ts').A;", 'src/kernel/page.ts'],
    ["const a = await import('../kernel/page.ts');", 'src/kernel/page.ts'],
    ['const a = await import(`../kernel/page.ts`);', 'src/kernel/page.ts'],
    ["import a = require('../kernel/page.ts');", 'src/kernel/page.ts'],
    ["const a = import.meta.resolve('../kernel/page.ts');", 'src/kernel/page.ts'],
    ["new Worker(new URL('./worker.ts', import.meta.url));", 'src/engine/worker.ts'],
    ["import { describe } from 'vitest';", 'vitest'],
    ["import a from '@scope/name/sub';", '@scope/name/sub'],
    ['const a = await import(name);', UNKNOWN_IMPORT],
    ['const a = await import(`../kernel/${name}.ts`);', UNKNOWN_IMPORT],
  ])('sees %j', (text, target) => {
    expect(read(text)).toEqual([target]);
  });

  it('sees both branches of a worker that is named differently in the build', () => {
    const text = "new URL(inSource ? './worker.ts' : './worker.js', import.meta.url);";
    expect(read(text)).toEqual(['src/engine/worker.ts']);
  });

  it.each([
    "// import { a } from '../kernel/page.ts';",
    "/* await import('../kernel/page.ts') */",
    'const a = "import { a } from \'../kernel/page.ts\'";',
    "const a = new URL('https://example.org/', 'https://example.org/');",
    "const a = path.resolve('../kernel/page.ts');",
  ])('is not fooled by %j', (text) => {
    expect(read(text)).toEqual([]);
  });
});
