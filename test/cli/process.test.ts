/**
 * Guards what only a process of its own shows: exit codes, signals, pipes that close early, pagers that throw, loop or waver.
 * Whatever happens, what was found is kept.
 */
import { execFile, spawn } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { HUNT_JSON } from '../../src/report/hunt-json.ts';
import { RUN_JSON, type RunJson } from '../../src/report/json.ts';
import { environment, ROOT, spawned, start } from '../support/command.ts';

let project = '';
let number = 0;
let json = '';
let corpus = '';

const module = (name: string, body: string): void => {
  writeFileSync(
    join(project, name),
    `import { BasePager } from 'pagercheck';\nimport type { Page, Sleeps, VmPager } from 'pagercheck';\n` +
      `export default class P extends BasePager {\n${body}\n}\n`,
  );
};

beforeAll(() => {
  project = mkdtempSync(join(tmpdir(), 'pagercheck-process-'));
  writeFileSync(join(project, 'package.json'), '{ "type": "module" }');
  module('plain.ts', '');
  module(
    'throws.ts',
    `  override *getmulti(_p: VmPager, m: Page[]): Sleeps<number> {\n    return (undefined as unknown as Page[])[m.length]!.valid;\n  }`,
  );
  module(
    'returns.ts',
    `  override getmulti(): Sleeps<number> {\n    return 0 as unknown as Sleeps<number>;\n  }`,
  );
  module('exits.ts', `  override *getmulti(): Sleeps<number> {\n    process.exit(0);\n  }`);
  module('loops.ts', `  override *getmulti(): Sleeps<number> {\n    for (let i = 0; ; i++);\n  }`);
  module(
    'wavers.ts',
    `  private calls = 0;\n  override *getmulti(p: VmPager, m: Page[], n: number, r: number, s: boolean): Sleeps<number> {\n` +
      `    this.kernel.printf(\`call \${++this.calls}\`);\n    return yield* super.getmulti(p, m, n, r, s);\n  }`,
  );
  writeFileSync(join(project, 'buggy.ts'), readFileSync(join(ROOT, 'examples/one-page/pager.ts')));
});

afterAll(() => {
  rmSync(project, { recursive: true, force: true });
});

beforeEach(() => {
  number += 1;
  json = `out-${number}.json`;
  corpus = `corpus-${number}`;
});

const run = (...argv: string[]): ReturnType<typeof spawned> =>
  spawned(['run', '--json', json, '--corpus', corpus, ...argv], { cwd: project });
const written = (): RunJson => RUN_JSON.parse(JSON.parse(readFileSync(join(project, json), 'utf8')));
const kept = (): string[] => readdirSync(join(project, corpus));

/** A property that a correct base keeps and that costs little. */
const EASY = ['--suite', 'get', '--property', 'paging-in-progress-below-zero'];

describe('exit codes', () => {
  it('0: held', async () => {
    const { code, out, err } = await run('--target', 'plain.ts', '--runs', '20', ...EASY);
    expect({ code, err }).toEqual({ code: 0, err: '' });
    expect(out).toMatch(/^held: no property was violated in 20 runs and [\d,]+ operations \(seed 1\)$/m);
    expect(written()).toMatchObject({ verdict: 'held', suites: [{ name: 'get', runs: 20, violations: [] }] });
  });

  it('1: violated, and reproduced by replay with what is printed; 6: fails differently', async () => {
    const found = await run('--target', 'buggy.ts', '--property', 'zero-past-eof', '--max-failures', '1');
    expect(found.code).toBe(1);
    const [violation] = written().suites[0]!.violations;
    expect(violation).toMatchObject({ property: 'zero-past-eof', reproduced: true });
    const printed = /^ {2}npx pagercheck (replay (\S+))$/m.exec(found.out)!;
    expect(printed[2]).toBe(violation!.file);
    const replayed = await spawned(printed[1]!.split(' '), { cwd: project });
    expect(replayed.code).toBe(1);
    expect(replayed.out).toMatch(/^reproduced: zero-past-eof$/m);
    expect(replayed.out).toContain(violation!.what.slice(0, 40));

    const file = join(project, violation!.file!);
    writeFileSync(file, readFileSync(file, 'utf8').replace(/cause: [^\s,}]+/, 'cause: another'));
    const differs = await spawned(['replay', '--quiet', violation!.file!], { cwd: project });
    expect(differs.code).toBe(6);
    expect(differs.out).toMatch(
      /^fails differently: expected zero-past-eof \[another\], found .*zero-past-eof/,
    );
  });

  it('2: wrong usage', async () => {
    expect(await spawned(['run', '--seed', 'x'])).toMatchObject({ code: 2, out: '' });
  });

  it('2: a checkout in which a package is missing, with what to do', async () => {
    const bare = join(project, 'bare');
    mkdirSync(join(bare, 'bin'), { recursive: true });
    mkdirSync(join(bare, 'src/cli'), { recursive: true });
    writeFileSync(join(bare, 'package.json'), '{ "type": "module" }');
    writeFileSync(join(bare, 'bin/pagercheck.js'), readFileSync(join(ROOT, 'bin/pagercheck.js')));
    writeFileSync(join(bare, 'src/cli/main.ts'), "export { main } from 'no-such-package';\n");
    const { code, err } = await shell('node bare/bin/pagercheck.js list');
    expect({ code, err }).toEqual({
      code: 2,
      err: 'pagercheck: the package no-such-package is missing: run npm ci\n',
    });
  });

  it('2: a checkout in which a package is missing that a command needs; help is there without it', async () => {
    const part = join(project, 'part');
    for (const name of ['package.json', 'bin', 'src', 'model', 'properties'])
      cpSync(join(ROOT, name), join(part, name), { recursive: true });
    for (const name of ['commander', 'picocolors'])
      cpSync(join(ROOT, 'node_modules', name), join(part, 'node_modules', name), { recursive: true });
    const helped = await shell('node part/bin/pagercheck.js list --help');
    expect(helped).toMatchObject({ code: 0, err: '' });
    const { code, out, err } = await shell('node part/bin/pagercheck.js list');
    expect({ code, out }).toEqual({ code: 2, out: '' });
    expect(err).toMatch(/^pagercheck: the package \S+ is missing: run npm ci\n$/);
  });

  it('1: a pager of one’s own that throws, with its line, shrunk and replayed as any failure', async () => {
    const { code, out } = await run('--target', 'throws.ts', '--suite', 'get', '--max-failures', '1');
    expect(code).toBe(1);
    expect(out).toMatch(/^ {2}observed {3}throws\.ts:5: null pointer: Cannot read properties of undefined/m);
    const [violation] = written().suites[0]!.violations;
    expect(violation).toMatchObject({ property: 'no-trap', operations: 1, reproduced: true });
    const replayed = await spawned(['replay', violation!.file!], { cwd: project });
    expect(replayed.code).toBe(1);
    expect(replayed.out).toMatch(/^reproduced: no-trap \(the run ended early: trap, throws\.ts:5: /m);
  });

  it('3: a function of a pager of one’s own that is of the wrong kind, with its scenario', async () => {
    const { code, out } = await run('--target', 'returns.ts', '--suite', 'get');
    expect(code).toBe(3);
    expect(out).toMatch(
      /^internal error in get, run \d+: getmulti must be a generator \(\*getmulti\); it returned a number$/m,
    );
    expect(written()).toMatchObject({ verdict: 'internal-error', stopped: 'internal-error' });
    const [file] = kept();
    expect(written().internal!.file).toBe(join(corpus, file!));
    const replayed = await spawned(['replay', join(corpus, file!)], { cwd: project });
    expect(replayed.code).toBe(3);
    expect(replayed.err).toContain('pagercheck: internal error: getmulti must be a generator');
  });

  it('3: a pager that loops for ever, with its scenario', async () => {
    const { code, out } = await spawned(
      ['run', '--json', json, '--corpus', corpus, '--target', 'loops.ts', '--suite', 'get'],
      { cwd: project, env: { PAGERCHECK_PATIENCE: '2' } },
    );
    expect(code).toBe(3);
    expect(out).toMatch(/a run has not ended after 2 s: the pager under test loops at loops\.ts:5$/m);
    const [file] = kept();
    expect(written().internal!.file).toBe(join(corpus, file!));
    const replayed = await spawned(['replay', join(corpus, file!)], {
      cwd: project,
      env: { PAGERCHECK_PATIENCE: '2' },
    });
    expect(replayed.code).toBe(3);
    expect(replayed.err).toMatch(
      /^pagercheck: internal error: a run has not ended after 2 s: .* loops at loops\.ts:5$/m,
    );
  });

  it('3: a pager that ends the thread, with its scenario', async () => {
    const { code, out } = await run('--target', 'exits.ts', '--suite', 'get');
    expect(code).toBe(3);
    expect(out).toMatch(/^internal error in get, run \d+: the thread .* called process\.exit$/m);
    expect(written().internal!.file).toBe(join(corpus, kept()[0]!));
  });

  it.each([
    ['loops.ts', /a run has not ended after 2 s: the pager under test loops at loops\.ts:5/],
    ['returns.ts', /getmulti must be a generator/],
    ['exits.ts', /something in it called process\.exit/],
  ])('3: a comparison with a pager that breaks (%s), with its scenario', async (name, message) => {
    const { code, out, err } = await spawned(
      ['diff', '--right', name, '--suite', 'get', '--runs', '2', '--corpus', corpus],
      { cwd: project, env: { PAGERCHECK_PATIENCE: '2' } },
    );
    expect(code).toBe(3);
    expect(out).not.toMatch(/agreed/);
    const [file] = kept();
    expect(err.split('\n')[0]).toMatch(message);
    expect(err.split('\n')[0]).toContain(join(corpus, file!));
  });

  it('5: a pager that is not deterministic, with the first event that differs', async () => {
    const { code, out } = await run('--target', 'wavers.ts', '--check-determinism', '--runs', '5', ...EASY);
    expect(code).toBe(5);
    expect(out).toMatch(/two executions of one scenario differ from event \d+ on:/);
    expect(out).toMatch(/first: {3}.* message\s+call \d+$/m);
    expect(written()).toMatchObject({ verdict: 'not-deterministic' });
    expect(kept()[0]).toMatch(/^not-deterministic-/);
  });

  it('0: the reference pager is deterministic', async () => {
    const { code } = await run('--check-determinism', '--runs', '10', ...EASY);
    expect(code).toBe(0);
  });
});

describe('several jobs', () => {
  const timeless = (text: string): string =>
    text.replaceAll(/ *(\d+\.\d\d? s|\d+ min \d\d s)/g, ' TIME').replaceAll(/"elapsedMs": [\d.]+/g, 'TIME');

  it.each([
    ['a pager that fails', 1, ['--target', 'buggy.ts', '--property', 'zero-past-eof', '--suite', 'get,put']],
    ['the repaired pager', 0, ['--suite', 'size,threads']],
  ])('print, write and keep of %s what one does', async (_, exit, argv) => {
    const common = [...argv, '--runs', '120', '--max-failures', '2'];
    mkdirSync(join(project, corpus));
    const one = await run(...common);
    expect(one.code).toBe(exit);
    const [written1, kept1] = [timeless(readFileSync(join(project, json), 'utf8')), kept()];
    rmSync(join(project, corpus), { recursive: true });
    mkdirSync(join(project, corpus));
    const two = await run(...common, '--jobs', '2');
    // on a loaded machine one of them may last so long that it tells how far it is
    const told = ({ code, out, err }: typeof one): unknown => [
      code,
      timeless(out),
      err.replaceAll(/^\S+: [\d,]+ of .* after .*\n/gm, ''),
    ];
    expect(told(two)).toEqual(told(one));
    expect(timeless(readFileSync(join(project, json), 'utf8'))).toBe(written1);
    expect(kept()).toEqual(kept1);
  });

  it.each([
    ['cannot be run', 'returns.ts', /^internal error in get, run \d+: getmulti must be a generator/m],
    ['loops', 'loops.ts', /a run has not ended after 3 s: the pager under test loops at loops\.ts:5$/m],
    ['ends its thread', 'exits.ts', /^internal error in get, run \d+: the thread .* called process\.exit$/m],
  ])('keep the scenario in which a pager %s', async (_, target, message) => {
    const { code, out } = await spawned(
      ['run', '--json', json, '--corpus', corpus, '--jobs', '2', '--target', target, '--suite', 'get'],
      { cwd: project, env: { PAGERCHECK_PATIENCE: '3' } },
    );
    expect(code).toBe(3);
    expect(out).toMatch(message);
    expect(kept()).toHaveLength(1);
    expect(written().internal!.file).toBe(join(corpus, kept()[0]!));
  });

  it.each(['plain.ts', 'loops.ts'])('stop on an interrupt: %s', async (target) => {
    const { child, outcome } = start(
      [
        'run',
        '--json',
        json,
        '--corpus',
        corpus,
        '--target',
        target,
        '--jobs',
        '2',
        '--time',
        '10m',
        ...EASY,
      ],
      { cwd: project },
    );
    await appears(child, /corpus-/);
    setTimeout(() => child.kill('SIGINT'), 2000);
    expect((await outcome).code).toBe(130);
    expect(written()).toMatchObject({ verdict: 'interrupted', stopped: 'interrupted' });
  });

  it('share a time', async () => {
    const { code } = await run('--target', 'plain.ts', '--jobs', '2', '--time', '3s', ...EASY);
    expect(code).toBe(0);
    expect(written()).toMatchObject({ stopped: 'time', suites: [{ name: 'get', runsPlanned: null }] });
    expect(written().suites[0]!.runs).toBeGreaterThan(100);
  });
});

/** Waits until the text appears on one of the streams. */
async function appears(child: ReturnType<typeof start>['child'], text: RegExp): Promise<void> {
  return new Promise((resolve) => {
    let all = '';
    for (const stream of [child.stdout!, child.stderr!]) {
      stream.on('data', (chunk: Buffer) => {
        all += chunk.toString();
        if (text.test(all)) resolve();
      });
    }
  });
}

describe('an interrupt', () => {
  const ENDLESS = ['--runs', '100000000', '--max-failures', '1000'];

  it.each(['SIGINT', 'SIGTERM'] as const)('by %s ends with 130 when nothing was found', async (signal) => {
    const { child, outcome } = start(
      ['run', '--json', json, '--corpus', corpus, '--target', 'plain.ts', ...ENDLESS, ...EASY],
      { cwd: project },
    );
    await appears(child, /corpus-/);
    setTimeout(() => child.kill(signal), 700);
    const { code, out, err } = await outcome;
    expect(code).toBe(130);
    expect(err).toContain('interrupted: stopping after this run');
    expect(out).toMatch(/^interrupted: no property was violated in /m);
    expect(written()).toMatchObject({ verdict: 'interrupted', stopped: 'interrupted' });
  });

  it.each(['SIGTERM', 'SIGHUP'] as const)(
    'by %s is passed on to the Node of the checkout',
    async (signal) => {
      // as under a Node that is too old, under which the launcher starts another
      const old = `Object.defineProperty(process, 'versions', { value: { ...process.versions, node: '20.0.0' } });`;
      const argv = ['run', '--json', json, '--corpus', corpus, '--target', 'plain.ts', ...ENDLESS, ...EASY];
      const child = spawn(
        process.execPath,
        [
          '--import',
          `data:text/javascript,${encodeURIComponent(old)}`,
          join(ROOT, 'bin/pagercheck.js'),
          ...argv,
        ],
        { cwd: project, env: environment() },
      );
      const ended = new Promise((resolve) => {
        child.on('exit', (code, by) => resolve(code ?? by));
      });
      await appears(child, /corpus-/);
      setTimeout(() => child.kill(signal), 700);
      expect(await ended).toBe(130);
      expect(written()).toMatchObject({ verdict: 'interrupted' });
    },
  );

  it('keeps what was found', async () => {
    const { child, outcome } = start(
      [
        'run',
        '--json',
        json,
        '--corpus',
        corpus,
        '--target',
        'buggy.ts',
        '--property',
        'zero-past-eof',
        ...ENDLESS,
      ],
      { cwd: project },
    );
    await appears(child, /npx pagercheck replay/);
    child.kill('SIGINT');
    const { code, out } = await outcome;
    expect(code).toBe(1);
    expect(out).toContain('interrupted; what was found until then is kept');
    const { verdict, stopped, suites } = written();
    expect({ verdict, stopped }).toEqual({ verdict: 'violated', stopped: 'interrupted' });
    expect(suites[0]!.violations.map((one) => one.file!.replace(`${corpus}/`, '')).toSorted()).toEqual(
      kept(),
    );
  });

  it('that comes twice at once, as to a process group and by its launcher, keeps it too', async () => {
    const { child, outcome } = start(
      ['run', '--json', json, '--corpus', corpus, '--target', 'buggy.ts', ...ENDLESS],
      { cwd: project },
    );
    await appears(child, /npx pagercheck replay/);
    child.kill('SIGINT');
    setTimeout(() => child.kill('SIGINT'), 50);
    const { code, out } = await outcome;
    expect(code).toBe(1);
    expect(out).toContain('interrupted; what was found until then is kept');
    expect(written()).toMatchObject({ verdict: 'violated', stopped: 'interrupted' });
  });

  it('is obeyed even by a pager that loops', async () => {
    const { child, outcome } = start(
      ['run', '--json', json, '--corpus', corpus, '--target', 'loops.ts', '--suite', 'get'],
      { cwd: project },
    );
    await appears(child, /corpus-/);
    setTimeout(() => child.kill('SIGINT'), 700);
    expect((await outcome).code).toBe(130);
    expect(written()).toMatchObject({ verdict: 'interrupted' });
  });

  it('a second time ends at once', async () => {
    const { child, outcome } = start(['run', '--corpus', corpus, '--target', 'loops.ts', '--suite', 'get'], {
      cwd: project,
    });
    await appears(child, /corpus-/);
    setTimeout(() => child.kill('SIGINT'), 700);
    await appears(child, /interrupted: stopping/);
    setTimeout(() => child.kill('SIGINT'), 600);
    expect((await outcome).code).toBe(130);
  });
});

/** Runs a line of bash in the project; `pagercheck` is the command. */
async function shell(line: string): Promise<{ code: number; out: string; err: string }> {
  const launcher = join(ROOT, 'bin/pagercheck.js');
  const script = `set -o pipefail; pagercheck() { '${process.execPath}' '${launcher}' "$@"; }; ${line}`;
  return new Promise((resolve) => {
    execFile('bash', ['-c', script], { cwd: project, env: environment() }, (error, out, err) => {
      const code = typeof error?.code === 'number' ? error.code : 0;
      resolve({ code, out, err });
    });
  });
}

describe('a pipe that closes early', () => {
  it('does not end the run, nor lose its verdict and its files', async () => {
    const { code, out, err } = await shell(
      `pagercheck run --target buggy.ts --property zero-past-eof --max-failures 2 --json ${json} --corpus ${corpus} | head -c 1`,
    );
    expect({ code, err, length: out.length }).toEqual({ code: 1, err: '', length: 1 });
    expect(written()).toMatchObject({ verdict: 'violated' });
    expect(kept().length).toBeGreaterThan(0);
  });

  it.each(['list', 'gen', 'gen | tee gen.yaml', 'list --help'])('is no error for %s', async (line) => {
    expect(await shell(`pagercheck ${line} | head -c 1 > /dev/null`)).toMatchObject({ code: 0, err: '' });
  });

  it('is no error for a long trace', async () => {
    await shell('pagercheck gen --suite mixed --seed 3 > long.yaml');
    const { err } = await shell('pagercheck replay --verbose long.yaml | head -2');
    expect(err).toBe('');
  });
});

describe('an output that cannot be written', () => {
  const FULL = 'pagercheck: standard output cannot be written: the disk is full; ';

  it.each(['list suites', '--help', 'gen', 'defects -q'])(
    'is told and is the exit code: %s',
    async (line) => {
      const { code, err } = await shell(`pagercheck ${line} > /dev/full`);
      expect(code).toBe(2);
      expect(err).toMatch(new RegExp(`^${FULL}[^\n]+\n$`));
    },
  );

  it('does not keep the JSON from being written', async () => {
    const { code, err } = await shell(
      `pagercheck run -q --target plain.ts --runs 5 --json ${json} --corpus ${corpus} ${EASY.join(' ')} > /dev/full`,
    );
    expect({ code, lines: err.split('\n').length }).toEqual({ code: 2, lines: 2 });
    expect(written()).toMatchObject({ verdict: 'held' });
  });

  it('comes after a violation, which is told as well', async () => {
    const { code, err } = await shell(
      `pagercheck run --target buggy.ts --property zero-past-eof --max-failures 1 --json ${json} --corpus ${corpus} > /dev/full`,
    );
    expect(code).toBe(1);
    expect(err).toContain(FULL);
    expect(kept()).toHaveLength(1);
  });

  it('and errors that cannot be written change nothing', async () => {
    expect(await shell('pagercheck run --seed x 2> /dev/full')).toMatchObject({ code: 2 });
  });

  it('leaves no part of it behind, and a counterexample that is not kept is told', async () => {
    // no file may grow, as on a full disk
    const { code, out, err } = await shell(
      `ulimit -f 0; pagercheck run -q --target buggy.ts --property zero-past-eof --max-failures 1 --json ${json} --corpus ${corpus}`,
    );
    expect(code).toBe(1);
    expect(out).toMatch(/^violated zero-past-eof\S* in get, run \d+, 1 operation; not kept: [^\n]+$/m);
    expect(err).toMatch(/^pagercheck: --json: \S+ could not be written: /);
    expect(readdirSync(project).filter((name) => name.includes(json))).toEqual([]);
    expect(kept()).toEqual([]);
  });
});

describe('pipes', () => {
  it('by name carry a scenario to whoever asks for it', async () => {
    await shell('mkfifo named.yaml');
    const { code } = await shell('(pagercheck gen --seed 7 > named.yaml &) ; pagercheck validate named.yaml');
    expect(code).toBe(0);
  });

  it('carry a scenario from gen to replay', async () => {
    const { code, out } = await shell('pagercheck gen --seed 7 | pagercheck replay /dev/stdin --quiet');
    expect(out).toMatch(/^(held|reproduced|fails differently): /);
    expect([0, 1]).toContain(code);
  });

  it('can take the JSON on standard output', async () => {
    const { out } = await shell(
      `pagercheck run --quiet --json /dev/stdout --target plain.ts --runs 5 --corpus ${corpus} ${EASY.join(' ')} | cat`,
    );
    const text = out.slice(out.indexOf('{'));
    expect(RUN_JSON.parse(JSON.parse(text))).toMatchObject({ verdict: 'held' });
  });
});

describe('new', () => {
  it('writes a pager that can be run at once, and overwrites nothing', { timeout: 240_000 }, async () => {
    expect((await spawned(['new', 'mine'], { cwd: project })).code).toBe(0);
    expect(readdirSync(join(project, 'mine')).toSorted()).toEqual(['README.md', 'pager.test.ts', 'pager.ts']);
    const { code, out } = await run('--target', 'mine/pager.ts', '--runs', '800');
    expect(out).toMatch(/^held: no property was violated in 8,000 runs /m);
    expect(code).toBe(0);
    writeFileSync(join(project, 'mine/pager.ts'), 'mine');
    const again = await spawned(['new', 'mine'], { cwd: project });
    expect(again.code).toBe(2);
    expect(again.err).toContain('mine/pager.ts exists already');
    expect(readFileSync(join(project, 'mine/pager.ts'), 'utf8')).toBe('mine');
    mkdirSync(join(project, 'half'));
    writeFileSync(join(project, 'half/README.md'), 'mine');
    expect((await spawned(['new', 'half'], { cwd: project })).code).toBe(2);
    expect(readdirSync(join(project, 'half'))).toEqual(['README.md']);
  });

  it('takes any name of a directory', async () => {
    for (const name of ['a$$b', "it's", 'st*/ar', 'with space', '-dash']) {
      const { code, out } = await spawned(['new', '--', name], { cwd: project });
      expect(code).toBe(0);
      const next = /^next: npx pagercheck (run --target .*)$/m.exec(out)![1]!;
      const held = await shell(`pagercheck ${next} --runs 1 --corpus ${corpus} ${EASY.join(' ')}`);
      expect({ name, code: held.code, err: held.err }).toEqual({ name, code: 0, err: '' });
    }
  });
});

describe('a run with the same seed', () => {
  it('prints and writes the same, times aside', async () => {
    const argv = ['--target', 'buggy.ts', '--property', 'zero-past-eof', '--runs', '30', '--suite', 'get'];
    const timeless = (text: string): string =>
      text.replaceAll(/\d+\.\d\d? s|\d+ min \d\d s/g, 'TIME').replaceAll(/"elapsedMs": [\d.]+/g, 'TIME');
    const first = await run(...argv);
    const firstJson = readFileSync(join(project, json), 'utf8');
    rmSync(join(project, corpus), { recursive: true });
    const second = await run(...argv);
    expect(timeless(second.out)).toBe(timeless(first.out));
    expect(timeless(readFileSync(join(project, json), 'utf8'))).toBe(timeless(firstJson));
  });

  it('gives the same trace whatever the time zone, the language and the compiler do', async () => {
    await shell('pagercheck gen --suite mixed --seed 5 > same.yaml');
    const replay = 'replay --verbose same.yaml';
    const foreign = 'TZ=Asia/Kathmandu LC_ALL=tr_TR.UTF-8 LANG=tr_TR.UTF-8';
    const traces = await Promise.all(
      [
        `pagercheck ${replay}`,
        `${foreign} pagercheck ${replay}`,
        `'${process.execPath}' --no-opt --stack-size=900 '${join(ROOT, 'bin/pagercheck.js')}' ${replay}`,
      ].map((line) => shell(line)),
    );
    expect(traces[0]!.out.length).toBeGreaterThan(10_000);
    expect(new Set(traces.map(({ out }) => out)).size).toBe(1);
  });
});

describe('a hunt', () => {
  it('writes a scenario of what it finds, and ends with 1', async () => {
    const { code, out } = await spawned(
      ['hunt', '--pager', 'repaired+input-sector-tail', '--suite', 'get', '--corpus', corpus, '--json', json],
      { cwd: project },
    );
    expect(code).toBe(1);
    const { defects, stopped } = HUNT_JSON.parse(JSON.parse(readFileSync(join(project, json), 'utf8')));
    expect({ ids: defects.map(({ id }) => id), stopped }).toEqual({
      ids: ['input-sector-tail'],
      stopped: 'complete',
    });
    expect(out).toContain(`replay ${defects[0]!.file}`);
    expect((await spawned(['replay', defects[0]!.file!], { cwd: project })).code).toBe(1);
  });

  it('that is interrupted before it has begun ends with 130, and writes that it found nothing', async () => {
    const { child, outcome } = start(['hunt', '--time', '10m', '--corpus', corpus, '--json', json], {
      cwd: project,
    });
    await appears(child, /10 min/);
    child.kill('SIGINT');
    const { code, out } = await outcome;
    expect(code).toBe(130);
    expect(out).toContain('interrupted');
    const report = HUNT_JSON.parse(JSON.parse(readFileSync(join(project, json), 'utf8')));
    expect(report).toMatchObject({ stopped: 'interrupted', defects: [], unknown: [], runs: 0 });
    expect(report.notFound.length).toBeGreaterThan(60);
  });

  it('that is interrupted keeps what it has', async () => {
    const { child, outcome } = start(['hunt', '--time', '10m', '--corpus', corpus, '--json', json], {
      cwd: project,
    });
    let isTold = false;
    child.stderr!.on('data', (chunk: Buffer) => {
      // a second signal would end it at once
      if (isTold || !chunk.toString().includes('hold-')) return;
      isTold = true;
      child.kill('SIGINT');
    });
    expect((await outcome).code).toBe(1);
    const { defects, stopped } = HUNT_JSON.parse(JSON.parse(readFileSync(join(project, json), 'utf8')));
    expect(stopped).toBe('interrupted');
    expect(kept().length).toBeGreaterThanOrEqual(defects.length);
    expect(defects).not.toEqual([]);
  });
});
