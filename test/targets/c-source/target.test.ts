/**
 * Guards the C target: faults of C code of every kind end a run and never the harness, errors of the compiler reach the user, and
 * the same scenario gives the same trace again. Needs the compiler; the last part also the original text.
 */
import { describe, expect, it } from 'vitest';
import { SUITES } from '../../../properties/suites/catalogue.ts';
import { catalogueParts } from '../../../src/engine/setup.ts';
import { Searcher } from '../../../src/engine/search.ts';
import type { StopSignal } from '../../../src/engine/control.ts';
import type { HuntListener, HuntReport } from '../../../src/engine/hunting.ts';
import type { Parts } from '../../../src/engine/parts.ts';
import { huntSource, type SourceHuntOptions } from '../../../src/engine/source-hunt.ts';
import { SourceSearcher } from '../../../src/engine/source-search.ts';
import { diffTargets } from '../../../src/engine/diff.ts';
import { compareTargets } from '../../../src/engine/determinism.ts';
import { operation } from '../../../src/scenario/operations.ts';
import {
  SCENARIO_VERSION,
  SMALL_GEOMETRY,
  type Scenario,
  type TargetChoice,
} from '../../../src/scenario/scenario.ts';
import { compile, compileText, type Compiled } from '../../../src/targets/c-source/compile.ts';
import { CSourceTarget } from '../../../src/targets/c-source/target.ts';
import { CSourceError } from '../../../src/targets/c-source/tools.ts';
import { createReferenceTarget, SWITCHES } from '../../../src/targets/reference.ts';
import { canCompile, canCompileOriginal, ORIGINAL, tinyPager } from '../../support/c-source.ts';

const SLOW_MS = 120_000;

/** One fault at a page of a file. */
function oneFault(page = 0): Scenario {
  return {
    version: SCENARIO_VERSION,
    geometry: SMALL_GEOMETRY,
    options: { diagnostic: false, faultChecksSize: false },
    fileSystems: [
      {
        blockMap: 'disk',
        blockSize: 64,
        pastEnd: 'hole',
        fragmentSize: 0,
        sharedBuffers: false,
        truncateOrder: 'setsize-last',
        tail: 'zeros',
        clearsTail: false,
        delayedBlocks: false,
      },
    ],
    files: [{ fileSystem: 0, size: 64 * 20 }],
    threads: 1,
    operations: [operation(1, 0, 'fault', { page })],
    schedule: [],
    faults: [],
    media: [],
    target: { name: 'tiny.c', form: 'repaired', switches: [] },
  };
}

async function target(text: string): Promise<CSourceTarget> {
  return new CSourceTarget('tiny.c', await compileText(text, 'tiny.c'));
}

/** What C code can do wrong, how the run ends, and what is said. */
const FAULTS = [
  ['a null pointer', 'pager = NULL; return pager->pg_type;', 'trap', /tiny\.c:\d+: null pointer/],
  ['a wild pointer', 'return *(int *)0xdeadbee0;', 'trap', /out of bounds/],
  ['an uninitialised pointer', 'return *wild;', 'trap', /tiny\.c:\d+: wild pointer 0xffffffff/],
  ['a division by zero', 'count = 0; return 1 / count;', 'trap', /tiny\.c:\d+: division by 0/],
  [
    'an index',
    'array[count + 7] = 1; return array[0];',
    'trap',
    /tiny\.c:\d+: index \d+, which is out of bounds/,
  ],
  [
    'a page behind those passed',
    'return m[count]->valid;',
    'trap',
    /tiny\.c:\d+: wild pointer .* outside of an array/,
  ],
  [
    'a page before those passed',
    'return m[-1]->valid;',
    'trap',
    /tiny\.c:\d+: wild pointer .* outside of an array/,
  ],
  [
    'such a page for the kernel',
    'vm_page_free(m[count]);',
    'trap',
    /\(read outside of an array.*\) is no page/,
  ],
  [
    'a page put behind those passed',
    'm[count] = m[0]; return VM_PAGER_ERROR;',
    'trap',
    /^m\[\d\] was written, outside of the \d .* tiny\.c:\d+$/,
  ],
  ['a deep recursion', 'return deep(1);', 'trap', /stack overflow/],
  ['a recursion without locals', 'return deeper(1);', 'trap', /stack overflow/],
  ['an endless loop', 'for (;;) count++;', 'bound', /the code loops/],
  ['an endless loop of calls', 'for (;;) splx(splbio());', 'bound', /calls into the kernel/],
  ['a panic', 'panic("count is %d", count / 100);', 'panic', /^count is 0$/],
  ['a page that is none', 'vm_page_free((vm_page_t)pager);', 'trap', /is no page/],
  ['a sleep for ever', 'for (;;) tsleep(pager, PVM, "ever", 0);', 'deadlock', /waits for pager/],
  ['a thing freed twice', 'free(thing, M_TEMP); free(thing, M_TEMP);', 'trap', /free of what was not/],
  ['a page written by its address', '*(char *)getpbuf()->b_data = 1;', 'trap', /out of bounds/],
] as const;

describe.skipIf(!canCompile)('a pager in C', { timeout: SLOW_MS }, () => {
  it('ends the run when it does something wrong, and the next run begins anew', async () => {
    const helpers = `
int deep(int n) { int a[64]; a[0] = n; return deep(n + 1) + a[0]; }
int deeper(int n) { return deeper(n + 1) * deeper(n); }`;
    const cases = FAULTS.map(([, body], page) => `\tcase ${page}: ${body}`).join('\n');
    const body = `int *wild, array[2]; void *thing = malloc(8, M_TEMP, M_WAITOK);
\tswitch ((int)(m[reqpage]->offset / PAGE_SIZE)) {
${cases}
\t}`;
    const tiny = await target(tinyPager(body, helpers));
    for (let again = 0; again < 2; again++) {
      for (const [page, [name, , ending, detail]] of FAULTS.entries()) {
        const result = tiny.execute(oneFault(page), null);
        expect(`${name}: ${result.ending}`).toBe(`${name}: ${ending}`);
        expect(result.detail).toMatch(detail);
        // a violation shows both: what was observed, and where the target was
        const line = /tiny\.c:\d+/.exec(result.detail);
        if (line !== null) expect(`${name}: ${line[0]}`).toBe(`${name}: ${tiny.source.lastCall()?.place}`);
      }
    }
  });

  it('traps when it writes statuses outside of those that it was given', async () => {
    const loop = 'while (c-- > 0) rtvals[c]';
    const outside = [2, -1, 11, -4];
    const text = tinyPager('return VM_PAGER_ERROR;').replace(
      loop,
      `static int outside[] = { ${outside.join()} };\n\trtvals[outside[m[0]->offset / PAGE_SIZE]] = 0;\n\t${loop}`,
    );
    const tiny = await target(text);
    for (const [page, index] of outside.entries()) {
      const scenario = oneFault();
      scenario.operations = [operation(1, 0, 'put', { page, count: 2, valid: 0xff, dirty: 0xff })];
      expect(tiny.execute(scenario, null)).toMatchObject({
        ending: 'trap',
        detail: expect.stringMatching(
          `^rtvals\\[${index}\\] was written, outside of the 2 that were passed; noticed before the first call into the kernel$`,
        ) as unknown,
      });
    }
  });

  it('reads the same wherever it reads, whatever ran before', async () => {
    const helpers =
      'int fill(int n) { int a[64], i; for (i = 0; i < 64; i++) a[i] = n; return n == 0 ? a[5] : fill(n - 1) + a[n]; }';
    const body = `	int i, sum = 0, *thing = malloc(8, M_TEMP, M_WAITOK);
	if (m[reqpage]->offset == 0)
		for (i = 0; i < 20; i++) sum += fill(i) + *(int *)malloc(8, M_TEMP, M_WAITOK);
	for (i = -500; i < 500; i++) sum += (&i)[i * 4] + thing[i];
	printf("%d", sum);`;
    const text = tinyPager(body, helpers);
    const used = await target(text);
    for (const asleep of [true, false]) {
      const scenario = oneFault();
      if (asleep)
        scenario.schedule = [
          { operation: 1, thread: 0, choice: 'malloc', subject: 0, ordinal: 9, take: 'sleep', amount: 0 },
        ];
      expect(used.execute(scenario, null).ending).toBe('completed');
      expect(compareTargets(used, await target(text), oneFault(3))).toBeNull();
    }
  });

  it('may fail without ending the run, and says which lines it executed', async () => {
    const tiny = await target(tinyPager('if (count > 100)\n\t\treturn 77;'));
    expect(tiny.execute(oneFault(), null).ending).toBe('completed');
    const { linesReached, lines, branchesReached, branches } = await tiny.coverage();
    expect(lines.length).toBeGreaterThan(linesReached.length);
    expect(branches).toBeGreaterThan(branchesReached);
  });

  it('gives the same trace again, sleeps included', async () => {
    const body =
      'int i;\n\tfor (i = 0; i < 3; i++) { void *p = malloc(100, M_TEMP, M_WAITOK); bzero(p, 100); free(p, M_TEMP); }';
    const text = tinyPager(body);
    const scenario = oneFault();
    scenario.schedule = [
      { operation: 1, thread: 0, choice: 'malloc', subject: 0, ordinal: 4, take: 'sleep', amount: 0 },
    ];
    const first = await target(text);
    expect(compareTargets(first, await target(text), scenario)).toBeNull();
    expect(compareTargets(first, first, scenario)).toBeNull();
  });

  it.each([
    ['no C at all', 'int x = ;', /^tiny\.c:1:9: error: expected expression/],
    ['an include that does not exist', '#include <sys/nothing.h>', /'sys\/nothing\.h' file not found/],
  ])('that is %s is told in the words of the compiler', async (_name, text, words) => {
    await expect(compileText(text, 'tiny.c')).rejects.toThrow(words);
  });

  const whole = tinyPager('frobnicate(m);');
  it.each([
    ['without anything', ' \n', 'is empty; give the C text of a pager'],
    ['of bytes', 'int x;\0', 'is no text; give the C text of a pager'],
    [
      'without functions',
      '/* caf\u00e9 \ufffd */\n\f',
      'does not define vnode_pager_list, vnode_pager_init, vnode_pager_alloc, vnode_pager_dealloc, vnode_pager_getpage, ' +
        'vnode_pager_getmulti, vnode_pager_putpage, vnode_pager_putmulti, vnode_pager_haspage, vnode_pager_setsize, ' +
        'vnode_pager_umount, vnode_pager_uncache, which a pager must',
    ],
    [
      'with a function that the shim lacks',
      whole,
      'uses frobnicate, which neither it nor the simulated kernel defines',
    ],
    [
      'with a function that the shim lacks, and without one of its own',
      whole.replace('int vnode_pager_getpage', 'int other'),
      'does not define vnode_pager_getpage, which a pager must; ' +
        'uses frobnicate, which neither it nor the simulated kernel defines',
    ],
  ])('%s is told in one line', async (_name, text, words) => {
    await expect(compileText(text, 'tiny.c')).rejects.toThrow(new CSourceError(`tiny.c: ${words}`));
  });
});

/** Hunts in a text beside the as-written form, in the suite of gets unless another is named. */
async function huntIn(
  compiled: Compiled,
  changes: Partial<SourceHuntOptions>,
  listener: HuntListener = {},
  signal?: StopSignal,
): Promise<{ report: HuntReport; parts: Parts }> {
  const choice: TargetChoice = { name: compiled.name, form: 'repaired', switches: [] };
  const parts = catalogueParts(() => new CSourceTarget(compiled.name, compiled));
  const referenceParts = catalogueParts(createReferenceTarget);
  const searcher = new SourceSearcher(parts, referenceParts, choice);
  const options: SourceHuntOptions = {
    parts,
    referenceParts,
    choice,
    form: { name: 'reference', form: 'as-written', switches: [] },
    switches: SWITCHES.map(({ id }) => id),
    suites: ['get'],
    seed: 1,
    timeMs: 1,
    settleMs: null,
    corpus: null,
    search: async (request) => searcher.search(request),
  };
  return { report: await huntSource({ ...options, ...changes }, listener, signal), parts };
}

describe.skipIf(!canCompileOriginal)('the original text', { timeout: SLOW_MS }, () => {
  it('does exactly what the as-written form does', async () => {
    const right = new CSourceTarget('vnode_pager.c', await compile(ORIGINAL));
    const report = await diffTargets(
      {
        left: {
          target: createReferenceTarget(),
          choice: { name: 'reference', form: 'as-written', switches: [] },
        },
        right: { target: right, choice: { name: 'vnode_pager.c', form: 'repaired', switches: [] } },
        suites: SUITES,
        seed: 3,
        runs: 60,
        timeMs: null,
        corpus: null,
      },
      { aborted: false },
    );
    expect(report.difference).toBeNull();
    expect(report.operations).toBeGreaterThan(30_000);
    expect(report.transfersMedian).toBeGreaterThan(5);
    expect(report.coverage!.linesReached.length).toBeGreaterThan(660);
  });

  it('is hunted in, and every scenario of a defect fails on it', async () => {
    const { report, parts } = await huntIn(await compile(ORIGINAL), { suites: ['get', 'put'], timeMs: 5000 });
    expect(report.unknown).toEqual([]);
    expect(report.defects.length).toBeGreaterThan(0);
    const checker = new Searcher(parts);
    for (const { scenario, explanation } of report.defects)
      expect(checker.fails(scenario, report.target, explanation)).toBe(true);
  });

  it('is seen to have a repair when one line of it is mended, and not said to have that defect', async () => {
    const { lines } = await compile(ORIGINAL);
    // the release of a hold that nobody took, in input of large blocks
    const text = lines.map((line, i) => (i + 1 === 961 ? '' : line)).join('\n');
    const signal = { aborted: false };
    const { report } = await huntIn(
      await compileText(text, 'mended.c'),
      { timeMs: 60_000 },
      { repaired: () => (signal.aborted = true) },
      signal,
    );
    expect(report.repaired).toEqual(['hold-release-input']);
    expect(report.notFound).not.toContain('hold-release-input');
    expect(report.defects.map(({ id }) => id)).not.toContain('hold-release-input');
    expect(report.unknown).toEqual([]);
  });

  it('is not taken for what it is not when it does all in its own way, and does not seem to hold', async () => {
    const { lines } = await compile(ORIGINAL);
    // calls without an effect, in haspage, input and output
    const places = [305, 726, 1160];
    const text = lines.flatMap((line, i) => (places.includes(i + 1) ? [line, 'splx(splbio());'] : [line]));
    const { report } = await huntIn(await compileText(text.join('\n'), 'own.c'), { timeMs: 4000 });
    expect(report.repaired).toEqual([]);
    expect(report.alike).toContain('page-contents');
    expect(report.defects.length + report.unknown.length).toBeGreaterThan(0);
  });

  it('is a difference as soon as one line of it changes', async () => {
    const compiled = await compile(ORIGINAL);
    const text = compiled.lines
      .map((line, i) => (i + 1 === 880 ? line.replace('- 1;', '- 2;') : line))
      .join('\n');
    const right = new CSourceTarget('m.c', await compileText(text, 'm.c'));
    const report = await diffTargets(
      {
        left: {
          target: createReferenceTarget(),
          choice: { name: 'reference', form: 'as-written', switches: [] },
        },
        right: { target: right, choice: { name: 'm.c', form: 'repaired', switches: [] } },
        suites: SUITES,
        seed: 1,
        runs: 10,
        timeMs: null,
        corpus: null,
      },
      { aborted: false },
    );
    expect(report.difference).toMatchObject({ place: 'm.c:895', scenario: { operations: [{}] } });
    expect(report.difference!.left).toMatch(/pmap_qenter \d+ 1/);
    expect(report.difference!.right).toMatch(/pmap_qenter \d+ 2/);
  });
});
