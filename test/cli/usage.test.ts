/**
 * Guards what is said to wrong usage and wrong input: one line that names what, where and what to do; exit code 2; and nothing
 * written, run or overwritten.
 */
import { execFileSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { formatScenario } from '../../src/engine/scenario-file.ts';
import { SWITCHES } from '../../src/targets/reference.ts';
import { canCompile, tinyPager } from '../support/c-source.ts';
import { command } from '../support/command.ts';
import { scenarioOf } from '../support/fakes.ts';

let directory = '';
const inside = (name: string): string => join(directory, name);

beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'pagercheck-usage-'));
  mkdirSync(inside('empty'));
  writeFileSync(inside('plain.txt'), 'plain');
  writeFileSync(inside('broken.yaml'), 'version: 1\nthreads: many\n');
  writeFileSync(inside('good.yaml'), formatScenario(scenarioOf('open')));
  const named = scenarioOf('open');
  writeFileSync(
    inside('switch.yaml'),
    formatScenario({ ...named, target: { ...named.target, switches: ['setsize-wrap'] } }),
  );
  writeFileSync(
    inside('property.yaml'),
    formatScenario({ ...named, expect: { property: 'zero-past-eol', cause: 'x' } }),
  );
  writeFileSync(
    inside('foreign.yaml'),
    formatScenario({ ...named, target: { name: '/etc/passwd', form: 'repaired', switches: [] } }),
  );
  writeFileSync(
    inside('program.yaml'),
    formatScenario({ ...named, target: { name: 'pager', form: 'repaired', switches: [] } }),
  );
  writeFileSync(
    inside('text.yaml'),
    formatScenario({ ...named, target: { name: '../seed/x.c', form: 'repaired', switches: [] } }),
  );
  const several = { ...named.target, switches: ['setsize-wrap', 'hold-get', 'input-hole'] };
  mkdirSync(inside('unknown'));
  writeFileSync(
    inside('unknown/several.yaml'),
    formatScenario({ ...named, target: several, expect: { property: 'zero-past-eol', cause: 'x' } }),
  );
  mkdirSync(inside('scenarios'));
  writeFileSync(inside('scenarios/good.yaml'), formatScenario(named));
  writeFileSync(inside('elsewhere.txt'), formatScenario(named));
  symlinkSync(inside('elsewhere.txt'), inside('scenarios/linked.yaml'));
  symlinkSync(inside('scenarios'), inside('linked-scenarios'));
  symlinkSync(inside('scenarios/good.yaml'), inside('linked.json'));
  symlinkSync(inside('nowhere'), inside('dangling'));
  writeFileSync(
    inside('own.yaml'),
    formatScenario({ ...named, target: { name: 'pager.ts', form: 'repaired', switches: [] } }),
  );
  mkdirSync(inside('directory.c'));
  mkdirSync(inside('pipes'));
  execFileSync('mkfifo', [inside('pipes/a.yaml'), inside('pipe.c')]);
  writeFileSync(inside('no-default.ts'), 'export const pager = 1;\n');
  writeFileSync(inside('enum.ts'), 'enum A { B }\nexport default (): number => A.B;\n');
  writeFileSync(inside('throws.ts'), "throw new Error('not today');\n");
  writeFileSync(inside('syntax.ts'), '\nexport default (kernel) => {\n');
  writeFileSync(inside('imports.ts'), "import './missing.ts';\nexport default () => null;\n");
  writeFileSync(inside('nothing.ts'), 'export default () => null;\n');
  writeFileSync(inside('factory.ts'), "export default () => { throw new Error('no\\npager'); };\n");
  writeFileSync(inside('partial.ts'), 'export default class { init() {} }\n');
  symlinkSync(inside('partial.ts'), inside('linked.ts'));
  writeFileSync(
    inside('async.ts'),
    "import { BasePager } from 'pagercheck';\nexport default class extends BasePager { async putmulti() {} }\n",
  );
});

afterAll(() => {
  rmSync(directory, { recursive: true, force: true });
});

/** What is said, with the temporary directory left out. */
async function said(...argv: string[]): Promise<{ code: number | null; out: string; err: string }> {
  const { code, out, err } = await command(...argv.map((arg) => arg.replace('@', directory)));
  // a message may name the file from where the tests run
  return { code, out, err: err.replaceAll(directory, '@').replaceAll(relative('', directory), '@') };
}

describe('one line about', () => {
  it.each([
    ['an unknown command', ['rum']],
    ['an unknown option', ['run', '--sed', '1']],
    ['an option without its value', ['run', '--seed']],
    ['an argument too many', ['list', 'suites', 'targets']],
    ['a missing argument', ['replay']],
    ['a suite that does not exist', ['run', '--suite', 'mixt']],
    ['a property that does not exist', ['run', '--property', 'zero-pat-eof']],
    ['a property that is nowhere near', ['run', '--property', 'xyzzy']],
    ['no suite at all', ['run', '--suite', '']],
    ['a property of suites', ['run', '--property', 'sometimes-hole', '--corpus', '@/new']],
    ['no property at all', ['run', '--property', ' , ']],
    ['an empty corpus path', ['run', '--corpus', '']],
    ['an empty output path', ['run', '--json', '']],
    ['an output that the corpus would take for a scenario', ['run', '--corpus', '@', '--json', '@/out.yaml']],
    ['a form that does not exist', ['run', '--pager', 'as-writen']],
    ['a switch that does not exist', ['run', '--pager', 'repaired+setsize-wrap']],
    ['a switch that is missing', ['run', '--pager', 'repaired+']],
    ['a seed that is no number', ['run', '--seed', '1e3']],
    ['a seed that is too large', ['gen', '--seed', '4294967296']],
    ['no runs', ['run', '--runs', '0']],
    ['a time without a unit', ['run', '--time', '30']],
    ['no time', ['run', '--time', '0s']],
    ['a list that does not exist', ['list', 'suits']],
    ['nothing that could be set up', ['setup', 'compiler']],
    ['a target that does not exist', ['run', '--target', '@/nowhere.ts']],
    ['a target that is a directory', ['run', '--target', '@/empty']],
    ['a form for a pager of one’s own', ['run', '--target', '@/nothing.ts', '--pager', 'repaired']],
    ['a module without a default export', ['run', '--target', '@/no-default.ts', '--corpus', '@/new']],
    ['a module that throws', ['run', '--target', '@/throws.ts', '--corpus', '@/new']],
    ['a module that makes no pager', ['run', '--target', '@/nothing.ts', '--corpus', '@/new']],
    ['a module whose factory throws', ['run', '--target', '@/factory.ts', '--corpus', '@/new']],
    ['a module whose pager is incomplete', ['run', '--target', '@/partial.ts', '--corpus', '@/new']],
    ['a module that imports what is not there', ['run', '--target', '@/imports.ts', '--corpus', '@/new']],
    ['a module that is no module', ['run', '--target', '@/plain.txt', '--corpus', '@/new']],
    ['a corpus that is a file', ['run', '--corpus', '@/plain.txt']],
    ['a corpus that cannot be made', ['run', '--corpus', '/proc/corpus']],
    ['a corpus with a broken file', ['run', '--corpus', '@']],
    ['an output that is a directory', ['run', '--json', '@/empty']],
    ['an output in no directory', ['run', '--json', '@/nowhere/out.json']],
    ['a corpus with a pipe', ['run', '--corpus', '@/pipes']],
    ['a corpus with unknown names', ['run', '--corpus', '@/unknown']],
    ['nothing to vary', ['run', '--near', '@/empty', '--corpus', '@/new']],
    ['nothing to vary, for want of a directory', ['run', '--near', '@/nowhere', '--corpus', '@/new']],
    ['a file to vary that is none', ['run', '--near', '@/plain.txt', '--corpus', '@/new']],
    [
      'an output in place of the directory of what is varied',
      ['run', '--near', '@/scenarios', '--json', '@/scenarios'],
    ],
    ['an output in place of what is varied', ['run', '--near', '@/good.yaml', '--json', '@/good.yaml']],
    ['a comparison near nothing', ['diff', '--right', 'reference', '--near', '@/empty', '--corpus', '@/new']],
    [
      'a comparison whose output is among what is varied',
      ['diff', '--right', 'reference', '--near', '@/scenarios', '--json', '@/scenarios/a.yaml'],
    ],
    ['a scenario near a broken one', ['gen', '--near', '@/broken.yaml']],
    ['a broken scenario to vary', ['run', '--near', '@', '--corpus', '@/new']],
    ['an output among what is varied', ['run', '--near', '@/scenarios', '--json', '@/scenarios/a.yaml']],
    ['a corpus that is a link to nowhere', ['run', '--corpus', '@/dangling']],
    ['an output in the place of the module', ['run', '--target', '@/partial.ts', '--json', '@/partial.ts']],
    ['an output in its place by a link', ['run', '--target', '@/linked.ts', '--json', '@/partial.ts']],
    [
      'an output in the corpus by a link',
      ['run', '--corpus', '@/scenarios', '--json', '@/linked-scenarios/a.yaml'],
    ],
    [
      'an output that is a link into the corpus',
      ['run', '--corpus', '@/scenarios', '--json', '@/linked.json'],
    ],
    ['an output that the corpus links to', ['hunt', '--corpus', '@/scenarios', '--json', '@/elsewhere.txt']],
    ['a list of defects in the corpus', ['defects', '--json', 'corpus/of-no-test.yaml']],
    ['an empty path of C text', ['run', '--target', 'c', '--source', '']],
    ['C text that is not there', ['run', '--target', 'c', '--source', '@/nowhere.c']],
    ['C text that is a directory', ['run', '--target', 'c', '--source', '@/directory.c']],
    ['C text that is a pipe', ['run', '--target', 'c', '--source', '@/pipe.c']],
    ['two C texts', ['run', '--target', 'c', '--source', 'x.c', '--source', 'y.c']],
    ['C text by its own name that is not there', ['run', '--target', '@/nowhere.c']],
    ['C text by its own name that is a directory', ['hunt', '--target', '@/directory.c']],
    ['C text by its own name, and another', ['run', '--target', '@/directory.c', '--source', 'x.c']],
    ['C text as one side that is not there', ['diff', '--left', '@/nowhere.c', '--right', 'reference']],
    ['a hunt in a module', ['hunt', '--target', '@/nothing.ts']],
    ['a module with an async function', ['run', '--target', '@/async.ts', '--corpus', '@/new']],
    ['a scenario of no name', ['replay', '']],
    ['a form of a pager of one’s own', ['replay', '--pager', 'as-written', '@/own.yaml']],
    ['a form that does not exist, for a file', ['replay', '--pager', 'as-writen', '@/good.yaml']],
    ['C text for the reference pager', ['replay', '--source', 'x.c', '@/good.yaml']],
    ['both a form and C text', ['replay', '--pager', 'repaired', '--source', 'x.c', '@/good.yaml']],
    ['a scenario of two suites', ['gen', '--suite', 'get', '--suite', 'put']],
    ['a scenario that is not there', ['replay', '@/nowhere.yaml']],
    ['a scenario that is a directory', ['replay', '@/empty']],
    ['a scenario that is C text', ['replay', '@/nowhere.c']],
    ['a scenario that is a module', ['replay', '@/enum.ts']],
    ['a scenario whose C text is not here', ['replay', '@/text.yaml']],
    ['a scenario that is broken', ['replay', '@/broken.yaml']],
    ['a scenario with an unknown switch', ['replay', '@/switch.yaml']],
    ['a scenario with an unknown property', ['replay', '@/property.yaml']],
    ['a scenario that names foreign code', ['replay', '@/foreign.yaml']],
    ['a scenario about a pager that only a program has', ['replay', '@/program.yaml']],
    ['a hunt in a pager without defects', ['hunt', '--pager', 'repaired']],
    [
      'a hunt in a pager in which all is repaired',
      ['hunt', '--pager', `as-written+${SWITCHES.map(({ id }) => id).join()}`],
    ],
    ['a hunt without an end', ['hunt', '--time', 'forever']],
    ['a settling that is no time', ['hunt', '--settle', '5']],
    ['a hunt whose corpus is a file', ['hunt', '--corpus', '@/plain.txt']],
    ['a hunt in no suite', ['hunt', '--suite', 'gett']],
    ['a new directory without a name', ['new', '']],
    ['a new directory that is a file', ['new', '@/plain.txt']],
    ['a comparison in a suite that does not exist', ['diff', '--right', 'reference', '--suite', 'mixt']],
    ['a comparison with a module that throws', ['diff', '--right', '@/throws.ts', '--corpus', '@/new']],
    ['a comparison in no suite', ['diff', '--right', 'reference', '--suite', '']],
    ['a comparison whose corpus is a file', ['diff', '--right', 'reference', '--corpus', '@/plain.txt']],
    ['a comparison with an empty output path', ['diff', '--right', 'reference', '--json', '']],
    ['a comparison with C text that neither side runs', ['diff', '--right', 'reference', '--source', 'x.c']],
    ['a comparison with C text that is not named', ['diff']],
    [
      'a comparison whose output takes the place of a side',
      ['diff', '--left', '@/partial.ts', '--right', 'reference', '--json', '@/linked.ts'],
    ],
    [
      'a comparison with a form for neither side',
      ['diff', '--left', '@/nothing.ts', '--right', '@/nothing.ts', '--pager', 'repaired'],
    ],
  ])('%s', async (_, argv) => {
    const { code, out, err } = await said(...argv);
    expect(code).toBe(2);
    expect(err).toMatch(/^pagercheck: [^\n]+\n$/);
    expect(err).toMatchSnapshot();
    expect(out).toBe('');
    expect(readdirSync(inside('empty'))).toEqual([]);
  });
});

describe('a directory in which no file can be made', () => {
  it.skipIf(!existsSync('/proc/self'))('is not said to be missing', async () => {
    const { code, err } = await said('run', '--json', '/proc/out.json', '--corpus', '@/new');
    expect(code).toBe(2);
    expect(err).toMatch(
      /^pagercheck: --json: cannot write to \/proc\/out\.json: (?!there is no directory)[^\n]+\n$/,
    );
  });
});

describe('a patience that cannot be had', () => {
  it.each(['abc', '-1', '0', '1e9', '604801', 'Infinity'])('is wrong usage: %s', async (seconds) => {
    vi.stubEnv('PAGERCHECK_PATIENCE', seconds);
    for (const argv of [['run'], ['replay', '@/good.yaml'], ['diff', '--right', 'reference']]) {
      expect(await said(...argv)).toEqual({
        code: 2,
        out: '',
        err:
          `pagercheck: PAGERCHECK_PATIENCE: "${seconds}" is not a number of seconds, more than 0 and at most 604800; ` +
          `set it to one, or unset it\n`,
      });
    }
    vi.unstubAllEnvs();
  });

  it.each(['', '604800', '0.5'])('is not %j', async (seconds) => {
    vi.stubEnv('PAGERCHECK_PATIENCE', seconds);
    expect(await said('replay', '--quiet', '@/good.yaml')).toMatchObject({ code: 0, err: '' });
    vi.unstubAllEnvs();
  });
});

describe('replay on the file’s own target', () => {
  it('takes another form of the reference pager', async () => {
    const { code, out } = await said('replay', '--pager', 'as-written+input-hole', '@/good.yaml');
    expect(code).toBe(0);
    expect(out).toContain('1 operation on reference, as-written+input-hole\n');
  });

  it.skipIf(!canCompile)('takes another C text', async () => {
    writeFileSync(inside('one.c'), tinyPager('return VM_PAGER_FAIL;'));
    writeFileSync(inside('two.c'), tinyPager('return VM_PAGER_ERROR;'));
    const target = { name: inside('one.c'), form: 'repaired', switches: [] } as const;
    writeFileSync(
      inside('one.yaml'),
      formatScenario({ ...scenarioOf('open'), target: { ...target, switches: [] } }),
    );
    const replayed = await said('replay', '--source', '@/two.c', '@/one.yaml');
    expect(replayed.out.replaceAll(directory, '@')).toMatch(/1 operation on \S*@\/two\.c\n/);
    expect((await said('replay', '--source', '@/two.c', '--pager', 'repaired', '@/one.yaml')).code).toBe(2);
  });
});

describe('replay of a file that expects nothing', () => {
  it('tells what it was kept for', async () => {
    const head = 'Two pagers part at event 4.\nnpx pagercheck diff --near x.yaml';
    const editors = '# yaml-language-server: $schema=x.json\n';
    writeFileSync(inside('kept.yaml'), editors + formatScenario(scenarioOf('open'), head));
    const { out } = await said('replay', '@/kept.yaml');
    expect(out.split('\n').slice(1, 4)).toEqual([...head.split('\n').map((line) => `  ${line}`), '']);
    expect((await said('replay', '--quiet', '@/kept.yaml')).out).not.toContain('Two pagers');
  });
});

describe('diff', () => {
  it.each([
    ['says where both sides are the same', ['--right', 'reference'], true],
    ['does not where they are not', ['--right', '@/whole.ts'], false],
  ])('%s', async (_, argv, isSame) => {
    writeFileSync(
      inside('whole.ts'),
      "import { BasePager } from 'pagercheck';\nexport default class extends BasePager {}\n",
    );
    const { out } = await said(
      'diff',
      '--quiet',
      ...argv,
      '--runs',
      '1',
      '--suite',
      'get',
      '--corpus',
      '@/new-diff',
    );
    expect(out.includes('both sides are the same pager')).toBe(isSame);
  });
});

describe('C text', () => {
  it
    .skipIf(!canCompile)
    .each([
      [['run', '--target', '@/bad.c']],
      [['run', '--target', 'c', '--source', '@/bad.c']],
      [['hunt', '--target', '@/bad.c']],
      [['diff', '--left', '@/bad.c', '--right', 'reference']],
      [['diff', '--source', '@/bad.c']],
      [['replay', '@/bad.yaml']],
    ])('that does not compile is told by its path, before anything is begun: %j', async (argv) => {
    writeFileSync(inside('bad.c'), 'int x = ;');
    const target = { name: inside('bad.c'), form: 'repaired', switches: [] } as const;
    writeFileSync(
      inside('bad.yaml'),
      formatScenario({ ...scenarioOf('open'), target: { ...target, switches: [] } }),
    );
    const { code, out, err } = await said(...argv);
    expect({ code, out }).toEqual({ code: 2, out: '' });
    expect(err).toMatch(/^pagercheck: @\/bad\.c:1:9: error: expected expression\n/);
  });

  it.skipIf(!canCompile)('is run, compared and hunted in by its own name', async () => {
    writeFileSync(inside('named.c'), tinyPager('return VM_PAGER_FAIL;'));
    const few = ['--suite', 'get', '--corpus', '@/named-corpus'];
    const ran = await said('run', '--target', '@/named.c', '--runs', '1', ...few);
    expect(ran).toMatchObject({ code: 1, err: '' });
    expect(ran.out.replaceAll(directory, '@')).toMatch(/^target \S*@\/named\.c; /);
    const compared = await said('diff', '--left', '@/named.c', '--right', '@/named.c', '--runs', '1', ...few);
    expect(compared).toMatchObject({ code: 0, err: '' });
    expect(compared.out).toContain('both sides are the same pager');
    const hunted = await said('hunt', '--quiet', '--target', '@/named.c', '--time', '1s', ...few);
    expect(hunted).toMatchObject({ code: 1 });
  });

  it.skipIf(!canCompile).each([['run'], ['hunt'], ['diff']])(
    'is not overwritten by the JSON of %s',
    async (name) => {
      const text = tinyPager('return VM_PAGER_FAIL;');
      writeFileSync(inside('kept.c'), text);
      const target = name === 'diff' ? [] : ['--target', 'c'];
      const argv = [name, ...target, '--source', '@/kept.c', '--json', '@/kept.c', '--corpus', '@/new'];
      const { code, err } = await said(...argv);
      expect(code).toBe(2);
      expect(err).toBe(
        'pagercheck: --json: @/kept.c is read by this command and would be overwritten; name another file\n',
      );
      expect(readFileSync(inside('kept.c'), 'utf8')).toBe(text);
    },
  );
});

describe('a module in TypeScript that cannot be stripped', () => {
  it.each([
    ['enum.ts', /@\/enum\.ts(:1)?: .*erased/],
    ['syntax.ts', /@\/syntax\.ts(:\d+)?: /],
  ])('%s is told in one line', async (name, message) => {
    const { code, err } = await said('run', '--target', `@/${name}`, '--corpus', '@/new');
    expect(code).toBe(2);
    expect(err).toMatch(message);
    expect(err.trimEnd().split('\n')).toHaveLength(1);
  });
});

describe('validate', () => {
  it('says of every file whether it is valid', async () => {
    const { code, out, err } = await said(
      'validate',
      '@/good.yaml',
      '@/broken.yaml',
      '@/property.yaml',
      '@/nowhere.yaml',
    );
    expect(code).toBe(2);
    expect(out.replaceAll(directory, '@')).toBe('@/good.yaml: valid (1 operation)\n');
    expect(err).toMatchSnapshot();
  });

  it('tells of all names that do not exist', async () => {
    const { code, out, err } = await said('validate', '@/unknown/several.yaml', '');
    expect({ code, out }).toEqual({ code: 2, out: '' });
    expect(err).toMatchSnapshot();
  });

  it('is silent about good news when it is told to be', async () => {
    expect(await said('validate', '--quiet', '@/good.yaml')).toEqual({ code: 0, out: '', err: '' });
  });
});

describe('help', () => {
  it('is there for nothing at all, as wrong usage', async () => {
    const { code, out } = await said();
    expect(code).toBe(2);
    expect(out).toContain('Usage: pagercheck');
  });

  it.each([
    [[]],
    [['run']],
    [['hunt']],
    [['defects']],
    [['replay']],
    [['diff']],
    [['gen']],
    [['validate']],
    [['list']],
    [['setup']],
    [['new']],
  ])('of %j fits into 100 columns', async (argv: string[]) => {
    const { code, out, err } = await said(...argv, '--help');
    expect({ code, err }).toEqual({ code: 0, err: '' });
    expect(out).toMatchSnapshot();
    expect(out.split('\n').filter((line) => line.length > 100)).toEqual([]);
  });

  it('documents every option and command', async () => {
    const documentation = readFileSync(new URL('../../docs/command-line.md', import.meta.url), 'utf8');
    const { out } = await said('run', '--help');
    const options = [...out.matchAll(/ (--[a-z-]+)/g)].map((match) => match[1]!);
    const undocumented = options.filter((option) => option !== '--help' && !documentation.includes(option));
    expect(undocumented).toEqual([]);
  });
});
